"""Height above the local ground."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data.grid import Window
from sgma_qgis.model.data.heights import LocalGround
from sgma_qgis.model.data.raster import LayerReader


@pytest.fixture
def above(planned, make_card, paint):
    """Return a function (dsm) -> (heights, plan) read over the whole raster of 0.5 m pixels."""
    card = make_card(gsd=(0.1, 0.5, 10.0))

    def read(dsm, **more):
        plan = planned(
            {"dsm": Source("dsm", paint("dsm.tif", dsm.astype("float32"), pixel=0.5), unit="dsm")}, card, **more
        )
        with LayerReader(plan.layers[0], plan.grid) as reader:
            values, valid = reader.read(plan.grid.window)
        assert valid.all()
        return values[0], plan

    return read


def places(side):
    return np.meshgrid(np.arange(side) * 0.5, np.arange(side) * 0.5)


def test_a_plain_has_no_height(above):
    heights, _ = above(np.full((300, 300), 812.5))
    assert np.abs(heights).max() < 1e-4


@pytest.mark.parametrize("slope", [(0.1, 0.0), (-0.3, 0.2), (0.0, -0.5)])
def test_an_even_slope_has_no_height(above, slope):
    x, y = places(500)
    heights, _ = above(100 + slope[0] * x + slope[1] * y)
    assert np.abs(heights[16:-16, 16:-16]).max() < 0.1
    assert np.abs(heights).max() < 8 * np.abs(slope).sum()  # the blocks on the rim are cut


def test_a_house_and_a_tree_stand_on_a_slope(above):
    x, y = places(500)
    ground = 100 + 0.1 * x - 0.05 * y
    dsm = ground.copy()
    dsm[200:260, 220:290] = ground[200:260, 220:290] + 9  # 30 m by 35 m
    dsm[330:340, 200:210] += 15
    heights, _ = above(dsm)
    np.testing.assert_allclose(heights[200:260, 220:290], 9, atol=0.7)
    np.testing.assert_allclose(heights[330:340, 200:210], 15, atol=0.7)
    np.testing.assert_allclose(heights[270:320, 210:300], 0, atol=0.7)


def test_tile_area_and_preview_see_the_same_height(above, planned, make_card):
    rng = np.random.default_rng(1)
    x, y = places(400)
    dsm = 50 + 3 * np.sin(x / 40) + 0.05 * y + np.kron(rng.random((20, 20)) > 0.7, np.ones((20, 20))) * 8
    heights, plan = above(dsm)
    with LayerReader(plan.layers[0], plan.grid) as reader:
        tile, _ = reader.read(Window(133, 71, 64, 96))
    assert (tile[0] == heights[71:167, 133:197]).all()
    area = Area(extent=(500100.0, 4999850.0, 500150.0, 4999900.0))
    part = planned({"dsm": plan.layers[0].source}, make_card(gsd=(0.1, 0.5, 10.0)), area=area)
    with LayerReader(part.layers[0], part.grid) as reader:
        values, _ = reader.read(part.grid.window)
    np.testing.assert_allclose(values[0], heights[200:300, 200:300], atol=1e-4)
    preview = planned({"dsm": plan.layers[0].source}, make_card(gsd=(0.1, 0.5, 10.0)), options=Options(resolution=2.0))
    with LayerReader(preview.layers[0], preview.grid) as reader:
        values, _ = reader.read(preview.grid.window)
    np.testing.assert_allclose(values[0], heights.reshape(100, 4, 100, 4).mean((1, 3)), atol=0.05)


def test_few_cached_blocks_are_enough(above, monkeypatch):
    rng = np.random.default_rng(1)
    dsm = 50 + rng.random((400, 400)) * 5
    heights, plan = above(dsm)
    monkeypatch.setattr("sgma_qgis.model.data.heights._CACHED", 1)
    with LayerReader(plan.layers[0], plan.grid) as reader:
        again, _ = reader.read(plan.grid.window)
    assert (again[0] == heights).all()


def test_readers_of_one_layer_share_its_ground(above, monkeypatch):
    dsm = 50 + np.random.default_rng(1).random((400, 400)) * 5
    heights, plan = above(dsm)
    made, make = [], LocalGround._open
    monkeypatch.setattr(LocalGround, "_open", lambda self, *where: made.append(where[1:]) or make(self, *where))

    def read(row):
        with LayerReader(plan.layers[0], plan.grid) as reader:
            return reader.read(Window(0, row, 400, 50))[0][0]

    with LayerReader(plan.layers[0], plan.grid), ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(read, range(0, 400, 50)))
    assert (np.concatenate(parts) == heights).all()
    assert len(made) == len(set(made)) > 1
    read(0)  # all readers were closed: the file may have changed
    assert len(made) > len(set(made))


def test_nodata_is_no_ground(planned, make_card, paint):
    dsm = np.full((300, 300), 100, "float32")
    dsm[:, 100:150] = -9999
    dsm[20:40, 20:40] = np.nan
    path = paint("dsm.tif", dsm, pixel=0.5, nodata=-9999)
    plan = planned({"dsm": path}, make_card(gsd=(0.1, 0.5, 10.0)))
    assert plan.layers[0].source.unit == "dsm"
    with LayerReader(plan.layers[0], plan.grid) as reader:
        values, valid = reader.read(plan.grid.window)
    assert (valid == (np.isfinite(dsm) & (dsm > 0))).all()
    assert np.abs(values[0]).max() < 1e-4


def test_feet_become_metres(planned, make_card, paint):
    dsm = np.full((300, 300), 1000, "float32")
    dsm[100:120, 100:120] += 30
    plan = planned({"dsm": Source("dsm", paint("dsm.tif", dsm), unit="dsm_ft")}, make_card(gsd=(0.1, 1.0, 10.0)))
    with LayerReader(plan.layers[0], plan.grid) as reader:
        values, _ = reader.read(plan.grid.window)
    np.testing.assert_allclose(values[0, 100:120, 100:120], 30 * 0.3048, atol=0.01)


def test_a_height_model_is_left_as_it_is(planned, make_card, paint, noise):
    heights = noise(100, 100, dtype="float32", low=0, high=20)
    plan = planned({"dsm": Source("dsm", paint("a.tif", heights), unit="ndsm")}, make_card())
    with LayerReader(replace(plan.layers[0]), plan.grid) as reader:
        values, _ = reader.read(plan.grid.window)
    assert (values[0] == heights).all()


def test_a_strip_that_the_lattice_misses_stays_valid(planned, make_card, paint, noise):
    dsm = np.full((400, 1), 100, "float32")
    dsm[50:60] = 109
    rgb = paint("rgb.tif", noise(3, 400, 100), pixel=0.2)
    strip = paint("strip.tif", dsm, pixel=0.2, origin=(500000.4, 5000000.0))
    card = make_card(gsd=(0.1, 1.0, 10.0))
    plan = planned({"rgb": rgb, "dsm": Source("dsm", strip, unit="dsm")}, card)
    with LayerReader(plan.layers[1], plan.grid) as reader:
        values, valid = reader.read(plan.grid.window)
        piece, piece_valid = reader.read(Window(0, 37, 20, 41))
    assert valid[:, 2].all()
    assert valid.sum() == 400
    np.testing.assert_allclose(values[0, :, 2], np.where(dsm[:, 0] > 100, 9, 0), atol=1e-4)
    assert (piece == values[:, 37:78, :20]).all()
    assert (piece_valid == valid[37:78, :20]).all()


@pytest.mark.parametrize("offset", np.arange(0, 1, 0.11))
@pytest.mark.parametrize("resolution", [0.2, 0.27, 3.0, 40.0])
def test_what_is_valid_has_a_height(planned, make_card, paint, noise, offset, resolution):
    card, options = make_card(gsd=(0.1, 1.0, 50.0)), Options(resolution=resolution)
    dsm = np.full((200, 300), -9999, "float32")
    dsm[:, 150] = 77
    dsm[40, :] = 78
    path = paint("thin.tif", dsm, pixel=0.2, origin=(500000.0 + offset, 5000000.0 - offset), nodata=-9999)
    lone = paint("lone.tif", np.full((200, 1), 77, "float32"), pixel=0.2, origin=(500000.0 + offset, 5000000.0))
    for file in (path, lone):
        plan = planned({"dsm": Source("dsm", file, unit="dsm")}, card, options=options)
        with LayerReader(plan.layers[0], plan.grid) as reader:
            values, valid = reader.read(plan.grid.window)
        heights = replace(plan.layers[0], ground_block=0.0)
        with LayerReader(heights, plan.grid) as reader:
            assert (valid == reader.read(plan.grid.window)[1]).all()
        assert np.abs(values).max() <= 1
