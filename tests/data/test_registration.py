"""Shifts between sensors are found to a fraction of a pixel, and not where there is nothing to be found."""

import math
import shutil

import numpy as np
import pytest
import random_model
import rasterio
import rasters
from rasterio.transform import Affine

from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.data.plan import plan
from sgma_qgis.model.data.registration import offsets, shift_of
from sgma_qgis.model.data.town import make_scene


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "random"
    random_model.make(folder)
    return find(str(folder)).card


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The four sensors of a generated town, each a file of 0.5 m."""
    folder, scene = tmp_path_factory.mktemp("town"), make_scene(7, 400, 500, 0.5)
    paths = {}
    for key, array in (("rgb", scene.rgb), ("nir", scene.nir), ("dsm", scene.dsm), ("sar", scene.sar)):
        array = np.asarray(array)
        array = array if array.ndim == 3 else array[None]
        paths[key] = rasters.write(folder / f"{key}.tif", array)
    return paths


def moved(path, east, south, folder):
    """Return a copy of a raster that lies so many metres further."""
    out = folder / path.name
    shutil.copy(path, out)
    with rasterio.open(out, "r+") as file:
        file.transform = Affine.translation(east, -south) * file.transform
    return str(out)


def found(card, *sources, area=None):
    return offsets(plan(sources, card, area or Area(), Options()), lambda: None)


@pytest.mark.parametrize(("east", "south"), [(0.0, 0.0), (1.15, -0.6), (-3.3, 2.05)])
@pytest.mark.parametrize(("key", "unit", "close"), [("nir", "dn8", 0.1), ("dsm", "dsm", 0.45)])
def test_a_shifted_layer(town, card, tmp_path, key, unit, close, east, south):
    (offset,) = found(
        card, Source("rgb", str(town["rgb"])), Source(key, moved(town[key], east, south, tmp_path), unit=unit)
    )
    assert (offset.key, offset.reference) == (key, "rgb")
    assert offset.measurable
    assert offset.east == pytest.approx(east, abs=close)
    assert offset.south == pytest.approx(south, abs=close)
    assert offset.quality > 0.3
    assert offset.precision == pytest.approx(0.5 if key == "dsm" else 0.15, rel=0.01)


def test_a_coarser_layer_is_compared_at_its_own_resolution(town, card, tmp_path):
    with rasterio.open(town["rgb"]) as file:
        means = file.read().reshape(3, 100, 4, 125, 4).mean((2, 4)).mean(0)
    coarse = rasters.write(tmp_path / "a" / "nir.tif", means.round().astype(np.uint8), res=2.0)
    (offset,) = found(
        card, Source("rgb", str(town["rgb"])), Source("nir", moved(coarse, 2.6, 1.0, tmp_path), unit="dn8")
    )
    assert (offset.east, offset.south) == (pytest.approx(2.6, abs=0.4), pytest.approx(1.0, abs=0.4))
    assert offset.precision == pytest.approx(0.6, rel=0.01)


def test_a_shift_of_radar(town, card, tmp_path):
    (offset,) = found(card, Source("rgb", str(town["rgb"])), Source("sar", moved(town["sar"], 4.0, -3.0, tmp_path)))
    assert math.dist((offset.east, offset.south), (4.0, -3.0)) < offset.precision == pytest.approx(0.75, rel=0.01)


def test_gaps_do_not_decide(town, card, tmp_path):
    with rasterio.open(town["nir"]) as file:
        values = file.read()
    values[:, 100:140, 60:420] = 0
    holes = rasters.write(tmp_path / "a" / "nir.tif", values, nodata=0)
    (offset,) = found(
        card, Source("rgb", str(town["rgb"])), Source("nir", moved(holes, 1.15, 0.0, tmp_path), unit="dn8")
    )
    assert (offset.east, offset.south) == (pytest.approx(1.15, abs=0.15), pytest.approx(0, abs=0.15))


def test_nothing_in_common_is_not_measurable(town, card, tmp_path):
    rng = np.random.default_rng(0)
    noise = rasters.write(tmp_path / "nir.tif", rng.integers(0, 255, (400, 500), dtype=np.uint8))
    flat = rasters.write(tmp_path / "dsm.tif", np.full((400, 500), 3, np.float32))
    offs = found(
        card,
        *(Source("rgb", str(town["rgb"])), Source("nir", str(noise), unit="dn8")),
        Source("dsm", str(flat), unit="ndsm"),
    )
    assert [offset.measurable for offset in offs] == [False, False]
    assert math.isnan(offs[0].metres)


def test_false_alarms_are_rare():
    """300 pairs of windows that have nothing in common, smooth as edges of pictures are."""
    rng = np.random.default_rng(1)

    def texture():
        image = rng.normal(size=(64, 64)).astype(np.float32)
        spectrum = np.fft.rfft2(image)
        spectrum /= 1 + 40 * np.hypot(np.fft.fftfreq(64)[:, None], np.fft.rfftfreq(64)[None])
        return np.fft.irfft2(spectrum, s=(64, 64)).astype(np.float32)

    alarms = sum(shift_of([(texture(), texture()) for _ in range(3)])[0] is not None for _ in range(100))
    assert alarms <= 2


def test_small_overlaps_and_single_files(town, card, tmp_path):
    with rasterio.open(town["nir"]) as file:
        values = file.read()[:, :50, :50]
    small = rasters.write(tmp_path / "nir.tif", values)
    (offset,) = found(card, Source("rgb", str(town["rgb"])), Source("nir", str(small), unit="dn8"))
    assert (offset.measurable, offset.windows) == (False, 0)
    one = str(town["rgb"])
    assert found(card, Source("rgb", one), Source("nir", one, (1,), "dn8")) == []


@pytest.mark.parametrize("place", ["urban_77055_627760", "rural_48465_663263"])
def test_real_infrared_lies_on_its_picture(shared_data, card, tmp_path, place):
    folder = shared_data / "ign_rgbn_lidar" / place
    for east, south in ((0.0, 0.0), (1.0, -0.7)):
        (offset,) = found(
            card,
            Source("rgb", str(folder / "rgb.tif")),
            Source("nir", moved(folder / "nir.tif", east, south, tmp_path), unit="dn8"),
        )
        assert (offset.east, offset.south) == (pytest.approx(east, abs=0.1), pytest.approx(south, abs=0.1))
        assert offset.quality > 0.8
