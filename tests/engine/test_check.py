"""A check tells what a run would find and need, and which layers it could not use."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import rasters
import shapely

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Area, CheckJob, Options, Outputs, SegmentJob, Source
from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.data.registration import Offset
from sgma_qgis.model.engine import pace
from sgma_qgis.model.engine.check import _told, check
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.feedback import JobFeedback

X, Y = rasters.ORIGIN


def feedback():
    return JobFeedback("test", lambda event: None)


@pytest.fixture(scope="module")
def layers(tmp_path_factory):
    """A picture of 400 x 300 pixels, and layers that are each wrong in another way."""
    folder = tmp_path_factory.mktemp("layers")
    far = (X + 90_000, Y)
    (folder / "broken.tif").write_bytes(b"no TIFF")
    return {
        "rgb": rasters.rgb(folder / "rgb.tif", 300, 400),
        "half": rasters.write(folder / "nir.tif", np.full((300, 200), 80, np.uint8)),
        "far": rasters.write(folder / "far.tif", np.full((50, 50), 5, np.float32), origin=far),
        "empty": rasters.write(folder / "empty.tif", np.full((2, 50, 50), -99, np.float32), res=4.0, nodata=-99),
        "broken": folder / "broken.tif",
    }


def job(model, layers, **slots):
    sources = tuple(Source(key, str(layers[name])) for key, name in slots.items())
    return CheckJob(sources, model, tolerant=True)


def test_states_of_layers_that_a_run_could_not_use(model, layers):
    found = check(job(model, layers, rgb="rgb", nir="half", dsm="far", sar="empty"), feedback())
    states = {key: row["state"] for key, row in found["states"].items()}
    assert states == {"rgb": "used", "nir": "partial", "dsm": "no_overlap", "sar": "all_nodata"}
    assert found["states"]["nir"]["coverage"] == pytest.approx(0.5, abs=0.02)
    assert "far.tif" in found["states"]["dsm"]["text"]
    assert [layer["modality"] for layer in found["layers"]] == ["rgb", "nir"]
    assert (found["grid"]["width"], found["grid"]["height"]) == (400, 300)


def test_what_a_model_warns_of_itself_is_told_after_what_is_wrong_here(layers):
    found = check(job("town-demo", layers, rgb="rgb"), feedback())
    assert found["warnings"][-1].startswith("town-demo: Trained on generated towns, not on pictures of the world")


def test_files_that_cannot_be_read(model, layers):
    found = check(job(model, layers, rgb="rgb", dsm="broken"), feedback())
    assert {key: row["state"] for key, row in found["states"].items()} == {"rgb": "used", "dsm": "unusable"}
    assert "broken.tif" in found["states"]["dsm"]["text"]


def test_nothing_that_can_be_used(model, layers):
    found = check(job(model, layers, dsm="broken"), feedback())
    assert (found["grid"], found["tiles"], found["layers"]) == (None, None, [])
    assert found["states"]["dsm"]["state"] == "unusable"
    only = replace(job(model, layers, sar="empty"), area=Area())
    assert check(only, feedback())["states"]["sar"]["state"] == "all_nodata"


def test_what_is_wrong_with_the_job_itself_is_an_error(model, layers):
    ask = replace(job(model, layers, rgb="rgb"), area=Area(polygons="/none.gpkg"))
    with pytest.raises(BadInput, match="none.gpkg"):
        check(ask, feedback())
    with pytest.raises(BadInput, match="does not overlap"):
        check(replace(job(model, layers, rgb="rgb", dsm="far"), tolerant=False), feedback())


@pytest.mark.parametrize("roles", [(), ("polygons",), ("classes", "depth")])
def test_rasters_that_no_run_writes_are_refused(model, layers, roles):
    with pytest.raises(BadInput, match="A check was asked for"):
        check(replace(job(model, layers, rgb="rgb"), roles=roles), feedback())


def test_tiles_in_the_area_out_of_all(model, layers, tmp_path):
    import pyogrio

    whole = check(job(model, layers, rgb="rgb"), feedback())["tiles"]
    assert whole["run"] == whole["total"] == 12
    shapes = [shapely.box(X + 2, Y - 20, X + 20, Y - 2), shapely.box(X + 190, Y - 149, X + 199, Y - 140)]
    path = tmp_path / "area.gpkg"
    pyogrio.raw.write(
        path, geometry=shapely.to_wkb(shapes), field_data=[], fields=[], geometry_type="Polygon", crs=rasters.CRS
    )
    ask = replace(job(model, layers, rgb="rgb"), area=Area(polygons=str(path)))
    assert check(ask, feedback())["tiles"] == {"run": 2, "total": 12}
    outputs = Outputs(str(tmp_path / "map.tif"))
    run = segment(SegmentJob(ask.sources, model, outputs, ask.area, Options(device="cpu")), feedback())
    assert run.tiles_run == 2
    ask = replace(ask, area=Area(extent=(X, Y - 30, X + 30, Y)))
    assert check(ask, feedback())["tiles"] == {"run": 1, "total": 12}


def test_needs_and_time_of_earlier_runs(model, layers, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(pace, "LEAST_TILES", 1)
    options = Options(device="cpu", backend="torch", threads=1)
    ask = replace(job(model, layers, rgb="rgb"), options=options, roles=("classes", "trust"))
    found = check(ask, feedback())
    assert (found["tiles_per_s"], found["eta_s"]) == (None, None)
    assert 100e6 < found["estimate"]["memory_bytes"] < 5e9
    more = check(replace(ask, options=replace(options, batch=8)), feedback())
    assert more["estimate"]["memory_bytes"] > found["estimate"]["memory_bytes"]
    assert (
        found["estimate"]["disk_bytes"] > check(replace(ask, roles=("classes",)), feedback())["estimate"]["disk_bytes"]
    )
    segment(SegmentJob(ask.sources, model, Outputs(str(tmp_path / "map.tif")), options=options), feedback())
    found = check(ask, feedback())
    assert found["tiles_per_s"] > 0
    assert found["eta_s"] == pytest.approx(found["tiles"]["run"] / found["tiles_per_s"])
    (tmp_path / "data" / "cache" / "pace.json").write_text("{ broken")
    assert check(ask, feedback())["tiles_per_s"] is None


@pytest.mark.parametrize(
    ("east", "said"),
    [
        (0.5, "SAR lies on RGB: 0.5 m apart, less than a pixel."),
        (1.3, "SAR may lie 1.3 m off RGB: shifts below 1.5 m cannot be told."),
        (3.0, "SAR seems to lie 3.0 pixels off RGB (3.0 m to the east and 0.0 m to the north)"),
    ],
)
def test_how_far_sensors_lie_apart_in_words(east, said):
    scene = SimpleNamespace(grid=Grid(rasters.CRS, (1.0, 0.0, X, 0.0, -1.0, Y), 100, 100))
    assert _told(Offset("sar", "rgb", east, 0.0, 1.0, 9, 1.5), scene)["text"].startswith(said)


def test_sensors_that_lie_apart_are_warned_of(model, tmp_path):
    picture = rasters.read(rasters.rgb(tmp_path / "rgb.tif", 300, 400))
    moved = rasters.write(tmp_path / "nir.tif", picture[:1], origin=(X + 1.5, Y - 1.0))
    sources = (Source("rgb", str(tmp_path / "rgb.tif")), Source("nir", str(moved)))
    found = check(CheckJob(sources, model), feedback())
    (row,) = found["registration"]
    assert (row["key"], row["reference"], row["measurable"], row["warning"]) == ("nir", "rgb", True, True)
    assert (row["dx_px"], row["dy_px"]) == (pytest.approx(3, abs=0.2), pytest.approx(2, abs=0.2))
    assert row["offset_m"] == pytest.approx(1.8, abs=0.1)
    assert row["text"].startswith("NIR seems to lie 3.6 pixels off RGB (1.5 m to the east and 1.0 m to the south)")
    assert row["text"] in found["warnings"]
    flat = rasters.write(tmp_path / "flat.tif", np.full((300, 400), 9, np.uint8))
    (row,) = check(CheckJob((sources[0], Source("nir", str(flat))), model), feedback())["registration"]
    assert (row["measurable"], row["warning"], row["offset_px"]) == (False, False, None)
