"""Previews and explanations show what the run gives; differences are counted right."""

import os
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import rasters
import shapely

from sgma_qgis.model.contract.errors import BadInput, Cancelled
from sgma_qgis.model.contract.job import (
    Area,
    CheckJob,
    DifferenceJob,
    ExplainJob,
    Options,
    Outputs,
    PreviewJob,
    SegmentJob,
    Source,
)
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.engine import runner, scenes
from sgma_qgis.model.engine.backends import torch_backend
from sgma_qgis.model.engine.check import check
from sgma_qgis.model.engine.difference import difference
from sgma_qgis.model.engine.explain import explain
from sgma_qgis.model.engine.preview import preview
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.feedback import JobFeedback

X, Y = rasters.ORIGIN
ROLES = ("classes", "confidence", "availability", "trust")


def test_statistics_written_beside_an_input_do_not_end_a_run(model, tmp_path):
    rgb = rasters.rgb(tmp_path / "rgb.tif", 1100, 200)
    options = Options(device="cpu", backend="torch")
    job = SegmentJob((Source("rgb", str(rgb)),), model, Outputs(str(tmp_path / "map.tif")), options=options)
    stopped = JobFeedback("test", lambda event: stopped.cancel() if event.type == "block" else None)
    with pytest.raises(Cancelled):
        segment(job, stopped)
    statistics = "<PAMRasterBand band='1'><Metadata><MDI key='STATISTICS_MEAN'>7</MDI></Metadata></PAMRasterBand>"
    (tmp_path / "rgb.tif.aux.xml").write_text(f"<PAMDataset>{statistics}</PAMDataset>")
    assert segment(job, feedback()).tiles_resumed > 0


def feedback():
    return JobFeedback("test", lambda event: None)


def outputs(folder):
    folder.mkdir(exist_ok=True)
    return Outputs(**{role: str(folder / f"{role}.tif") for role in ROLES})


def area_file(folder):
    """Two polygons, one with a slanted side, as GeoPackage."""
    import pyogrio

    shapes = [
        shapely.Polygon([(X + 4, Y - 6), (X + 130, Y - 20), (X + 120, Y - 90), (X + 10, Y - 95)]),
        shapely.box(X + 135, Y - 60, X + 148, Y - 50),
    ]
    path = folder / "area.gpkg"
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(shapes), field_data=[], fields=[], geometry_type="Polygon", crs=rasters.CRS
    )
    return str(path)


@pytest.fixture(scope="module")
def town(tmp_path_factory, model):
    """A run over three sensors of different resolution and extent, within polygons; its job and its folder."""
    folder = tmp_path_factory.mktemp("town")
    rng = np.random.default_rng(1)
    rgb = rasters.rgb(folder / "rgb.tif", 200, 300, nodata=0)
    heights = 100 + rng.random((80, 90)).astype(np.float32) * 20 + np.arange(90, dtype=np.float32)[None]
    dsm = rasters.write(folder / "dsm.tif", heights, res=1.25)  # ends before the picture does
    sar = rasters.write(folder / "sar.tif", rng.normal(-12, 4, (2, 12, 20)).astype(np.float32), res=8.0)
    sources = (
        Source("rgb", str(rgb)),
        Source("dsm", str(dsm), unit="dsm"),
        Source("sar", str(sar), unit="db"),
    )
    job = SegmentJob(sources, model, outputs(folder / "run"), Area(area_file(folder)), Options(device="cpu"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "BACKENDS", [row for row in runner.BACKENDS if row.name == "torch"])
        segment(job, feedback())
    return job, folder


def shown(job, folder, view, crs=rasters.CRS):
    wanted = PreviewJob(job.sources, job.model, outputs(folder), view, crs, job.area, job.options)
    return preview(wanted, feedback())


@pytest.mark.parametrize(
    "view",
    [
        (X + 30.2, Y - 70.1, X + 95.9, Y - 20.3),  # inside, off the lattice
        (X + 100, Y - 400, X + 400, Y - 40),  # hangs out of the map; no DSM in its east
        (X + 140, Y - 58, X + 142, Y - 55),  # smaller than a tile, where no DSM is at all
    ],
)
def test_a_preview_is_a_cut_of_the_run(town, tmp_path, view):
    job, folder = town
    result = shown(job, tmp_path / "view", view)
    a, _, c, _, _, f = result.grid["transform"]
    col, row = round((c - X) / a), round((Y - f) / a)
    for role in ROLES:
        with rasterio.open(job.outputs.paths()[role]) as file:
            west, north = round((file.transform.c - X) / a), round((Y - file.transform.f) / a)
            whole = file.read()
        part = rasters.read(tmp_path / "view" / f"{role}.tif")
        height, width = part.shape[1:]
        assert np.array_equal(whole[:, row - north : row - north + height, col - west : col - west + width], part), role
    left, bottom, right, top = view
    assert (width, height) == (
        min(np.ceil((right - X) / a), west + whole.shape[2]) - np.floor((left - X) / a),
        min(np.ceil((Y - bottom) / a), north + whole.shape[1]) - np.floor((Y - top) / a),
    )


def test_a_view_in_another_crs_and_one_that_misses(town, tmp_path):
    job, _ = town
    with rasterio.open(job.outputs.classes) as file:
        bounds = rasterio.warp.transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    result = shown(job, tmp_path / "view", bounds, "EPSG:4326")
    assert np.array_equal(rasters.read(tmp_path / "view" / "classes.tif"), rasters.read(job.outputs.classes))
    assert result.class_area_m2 == pytest.approx(segment_areas(job))
    with pytest.raises(BadInput, match="outside the area"):
        shown(job, tmp_path / "off", (X + 4000, Y - 10, X + 4010, Y))
    assert not (tmp_path / "off" / "classes.tif").exists()


def segment_areas(job):
    import json
    from pathlib import Path

    return json.loads(Path(job.outputs.classes).with_suffix(".run.json").read_text())["result"]["class_area_m2"]


def test_plans_are_kept_until_a_file_changes(town, tmp_path, monkeypatch):
    job, _ = town
    made = []
    monkeypatch.setattr(scenes, "_kept", type(scenes._kept)())
    monkeypatch.setattr(scenes, "plan", lambda *rest, real=scenes.plan: made.append(1) or real(*rest))
    view = (X + 30, Y - 50, X + 31, Y - 49)
    shown(job, tmp_path / "a", view)
    shown(job, tmp_path / "b", view)
    assert len(made) == 1
    os.utime(job.sources[0].path)
    shown(job, tmp_path / "c", view)
    assert len(made) == 2
    for number in range(scenes.MOST_KEPT + 2):
        options = Options(resolution=0.5 + number / 10)
        scenes.planned(job.sources, find(job.model), job.area, options, lambda: None)
    assert len(scenes._kept) == scenes.MOST_KEPT


def test_a_changed_surface_model_gets_a_new_ground(town, tmp_path, monkeypatch):
    job, folder = town
    monkeypatch.setattr(scenes, "_kept", type(scenes._kept)())
    dsm = tmp_path / "dsm.tif"
    rasters.write(dsm, np.full((80, 90), 100, np.float32), res=1.25)
    job = replace(job, sources=(job.sources[0], Source("dsm", str(dsm), unit="dsm")))
    why = ExplainJob(job.sources, job.model, (X + 50.3, Y - 50.3), rasters.CRS, job.area, job.options)
    assert heights(explain(why, feedback())) == [0.0]
    changed = np.full((80, 90), 300, np.float32)
    changed[39:42, 39:42] = 310
    rasters.write(dsm, changed, res=1.25)
    assert heights(explain(why, feedback()))[0] == pytest.approx(10, abs=0.5)


def heights(answer):
    return next(row["values"] for row in answer["sensors"] if row["key"] == "dsm")


@pytest.mark.parametrize("place", [(30.3, 40.1), (61.0, 48.2), (125.2, 40.7), (140.1, 55.1)])
def test_an_explanation_agrees_with_the_rasters(town, place):
    job, _ = town
    x, y = X + place[0], Y - place[1]
    answer = explain(ExplainJob(job.sources, job.model, (x, y), rasters.CRS, job.area, job.options), feedback())
    found = {}
    for role in ROLES:
        with rasterio.open(job.outputs.paths()[role]) as file:
            found[role] = next(file.sample([(x, y)])).tolist()
    assert not answer["nodata"]
    assert [answer["class"]["id"]] == found["classes"]
    assert [answer["confidence"]] == found["confidence"]
    assert answer["probabilities"][0]["id"] == answer["class"]["id"]
    assert sum(row["percent"] for row in answer["probabilities"]) == pytest.approx(100, abs=0.1)
    bits = {"rgb": 1, "nir": 2, "dsm": 4, "sar": 8}
    present = {row["key"]: row["present"] for row in answer["sensors"]}
    assert [sum(bits[key] for key, there in present.items() if there)] == found["availability"]
    assert [row["trust"] or 0 for row in answer["sensors"]] == found["trust"]
    assert present["dsm"] == (place[0] < 112)
    assert not present["nir"]
    assert (answer["pixel"]["x"], answer["pixel"]["y"]) == (
        pytest.approx(x, abs=0.26),
        pytest.approx(y, abs=0.26),
    )


def test_an_explanation_tells_the_values(town):
    job, _ = town
    x, y = X + 30.3, Y - 40.1
    answer = explain(ExplainJob(job.sources, job.model, (x, y), rasters.CRS, job.area, job.options), feedback())
    rows = {row["key"]: row for row in answer["sensors"]}
    with rasterio.open(job.sources[0].path) as file:
        assert rows["rgb"]["values"] == next(file.sample([(x, y)])).tolist()
    assert (rows["rgb"]["unit"], rows["dsm"]["unit"], rows["sar"]["unit"]) == ("dn8", "ndsm", "db")
    assert -40 < rows["sar"]["values"][0] < 20
    assert not rows["nir"]["given"]
    assert answer["text"].endswith("from RGB + DSM + SAR.")
    assert (rows["rgb"]["read"], rows["rgb"]["read_unit"]) == (rows["rgb"]["values"], "dn8")


def test_an_explanation_tells_what_the_model_reads_of_values_that_were_mapped(town):
    job, _ = town
    sources, at = (replace(job.sources[0], unit="reflectance10000"),), (X + 30.3, Y - 40.1)
    answer = explain(ExplainJob(sources, job.model, at, rasters.CRS, job.area, job.options), feedback())
    (layer,) = check(CheckJob(sources, job.model), feedback())["layers"]
    row = answer["sensors"][0]
    assert layer["gain"][0] != 1 and (row["unit"], row["read_unit"]) == ("reflectance10000", "dn8")
    mapped = np.multiply(row["values"], layer["gain"]) + layer["offset"]
    assert row["read"] == pytest.approx(mapped.tolist(), abs=1e-3) and row["read"] != row["values"]


def test_nothing_to_explain(town):
    job, _ = town
    ask = ExplainJob(job.sources, job.model, (X + 133, Y - 55), rasters.CRS, job.area, job.options)
    answer = explain(ask, feedback())  # between the polygons
    assert answer["nodata"]
    assert (answer["class"], answer["probabilities"]) == (None, [])
    with pytest.raises(BadInput, match="outside the map"):
        explain(replace(ask, point=(X - 50, Y)), feedback())


def test_differences(tmp_path):
    one = np.array([[0, 0, 1, 1], [2, 2, 255, 255]], np.uint8).repeat(300, 0).repeat(300, 1)
    other = np.array([[0, 1, 1, 1], [0, 255, 255, 1]], np.uint8).repeat(300, 0).repeat(300, 1)
    first = rasters.write(tmp_path / "a.tif", one, res=2.0, nodata=255)
    second = rasters.write(tmp_path / "b.tif", other, res=2.0, nodata=255)
    told = difference(DifferenceJob(str(first), str(second), str(tmp_path / "d.tif")), feedback())
    block = 300 * 300 * 4
    assert told["changed_percent"] == 40.0
    assert told["compared_m2"] == pytest.approx(5 * block, rel=2e-3)  # the ellipsoid is not the map
    assert told["only_first_m2"] == pytest.approx(block, rel=2e-3)
    assert told["only_second_m2"] == pytest.approx(block, rel=2e-3)
    assert {(row["from"], row["to"]) for row in told["changes"]} == {(0, 1), (2, 0)}
    expected = np.array([[0, 1, 0, 0], [1, 255, 255, 255]]).repeat(300, 0).repeat(300, 1)
    assert np.array_equal(rasters.read(tmp_path / "d.tif")[0], expected)


def test_a_coarser_map_is_compared_by_its_nearest_pixels(tmp_path):
    one = np.array([[0, 0], [1, 1]], np.uint8).repeat(4, 0).repeat(4, 1)
    other = np.array([[0, 1], [1, 255]], np.uint8).repeat(2, 0).repeat(2, 1)
    first = rasters.write(tmp_path / "a.tif", one, res=1.0, nodata=255)
    second = rasters.write(tmp_path / "b.tif", other, res=2.0, nodata=255)
    difference(DifferenceJob(str(first), str(second), str(tmp_path / "d.tif")), feedback())
    expected = np.array([[0, 1], [0, 255]], np.uint8).repeat(4, 0).repeat(4, 1)
    assert np.array_equal(rasters.read(tmp_path / "d.tif")[0], expected)


def test_maps_that_cannot_be_compared(tmp_path):
    first = rasters.write(tmp_path / "a.tif", np.zeros((100, 100), np.uint8), res=2.0, nodata=255)
    far = rasters.write(tmp_path / "b.tif", np.zeros((20, 20), np.uint8), res=2.0, nodata=255, origin=(X + 290, Y))
    with pytest.raises(BadInput, match="do not overlap"):
        difference(DifferenceJob(str(first), str(far), str(tmp_path / "d.tif")), feedback())
    floats = rasters.write(tmp_path / "c.tif", np.zeros((20, 20), np.float32), res=2.0)
    heights = np.arange(10_000, dtype=np.uint16).reshape(100, 100)
    wrong = [floats]
    wrong += [
        rasters.write(tmp_path / f"{n}.tif", array, res=2.0)
        for n, array in enumerate((heights, -5 - heights.astype(np.int32), heights * np.uint32(100_000)))
    ]
    for path in wrong:
        with pytest.raises(BadInput, match=f"{path.name} is not a map of classes"):
            difference(DifferenceJob(str(first), str(path), str(tmp_path / "d.tif")), feedback())
    assert not (tmp_path / "d.tif").exists()


def test_the_network_is_loaded_once(town, tmp_path, monkeypatch):
    job, _ = town
    loaded = []
    monkeypatch.setattr(torch_backend, "_networks", type(torch_backend._networks)())
    monkeypatch.setattr(torch_backend, "load", lambda *rest, real=torch_backend.load: loaded.append(1) or real(*rest))
    for name in ("a", "b"):
        shown(job, tmp_path / name, (X + 30, Y - 50, X + 31, Y - 49))
    assert len(loaded) == 1
