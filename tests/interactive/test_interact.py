"""The warm session: an overlay of the view, features kept, memory bounded, faults in words."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from painted import LEFT, PIXEL, RIGHT, SIDE, X, Y, line, write_strokes
from rasters import read, rgb

from sgma_qgis.model.contract.errors import BadInput, Cancelled, OutputFailed
from sgma_qgis.model.contract.job import InteractJob, Source, Stroke
from sgma_qgis.model.contract.wire import job_from_dict, job_to_dict
from sgma_qgis.model.data.grid import Window
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.interactive import interact as module
from sgma_qgis.model.interactive import session as session_module
from sgma_qgis.model.interactive.fit import MOST_ROWS
from sgma_qgis.model.interactive.session import Session
from sgma_qgis.model.interactive.tiles import TileMaker
from sgma_qgis.model.jobs import execute

CRS = "EPSG:32632"


def stroke(shape, name):
    return Stroke(name, shape.wkt)


def view(col, row, width, height):
    return (X + PIXEL * col, Y - PIXEL * (row + height), X + PIXEL * (col + width), Y - PIXEL * row)


WHOLE = view(0, 0, SIDE, SIDE)
BOTH = (stroke(LEFT, "dark"), stroke(RIGHT, "bright"))


def run(job):
    """Run a job as it travels to the worker."""
    return execute(json.loads(json.dumps(job_to_dict(job))), JobFeedback("test", lambda event: None))


def job(layers, out, shown=WHOLE, strokes=BOTH, model="none", **more):
    sources = tuple(Source(key, str(path)) for key, path in layers.items())
    return InteractJob(sources, model, shown, CRS, str(out), strokes, CRS, **more)


@pytest.fixture
def made(monkeypatch):
    """The tiles that are made while a test runs."""
    found = []
    make = TileMaker.make
    monkeypatch.setattr(TileMaker, "make", lambda self, *at: found.append(at) or make(self, *at))
    monkeypatch.setattr(module, "_warm", module._Warm())
    return found


def test_a_job_travels_and_comes_back(layers, tmp_path):
    sent = job(layers, tmp_path / "o.tif")
    assert job_from_dict(json.loads(json.dumps(job_to_dict(sent)))) == sent


@pytest.mark.parametrize("base", ["none", "model"])
def test_the_overlay_is_the_map_of_the_whole_area(layers, model, tmp_path, made, cli, base):
    name = model if base == "model" else "none"
    result = run(job(layers, tmp_path / "o.tif", model=name))
    assert result["pixels"]["dark"] > 100
    assert [info["name"] for info in result["classes"]] == ["bright", "dark"]
    assert result["model"] == ("random" if base == "model" else "")
    path = write_strokes(tmp_path / "s.gpkg", [(LEFT, "dark"), (RIGHT, "bright")])
    argv = ["segment", "--model", name, "--strokes", path, "--output", tmp_path / "map.tif"]
    for key, file in layers.items():
        argv += [f"--{key}", file]
    assert cli(*argv)[0] == 0
    with rasterio.open(tmp_path / "o.tif") as file:
        classes, confidence = file.read()
        assert file.nodata == 255
        assert file.transform.c == X
    assert (classes[160:] == 255).all()
    assert (classes == read(tmp_path / "map.tif")[0]).mean() > 0.999
    assert confidence[:160].max() <= 100


def test_features_are_computed_once_and_strokes_change_the_map(layers, tmp_path, made):
    out = tmp_path / "o.tif"
    run(job(layers, out))
    computed = len(made)
    first = read(out)[0]
    run(job(layers, out, strokes=(*BOTH, stroke(line((95, 100), (105, 140)), "edge"))))
    assert len(made) == computed
    assert set(np.unique(read(out)[0])) == {0, 1, 2, 255}
    run(job(layers, out))
    assert np.array_equal(read(out)[0], first)


def test_a_part_of_the_view_shows_what_the_whole_shows(layers, tmp_path, made):
    whole, part = tmp_path / "whole.tif", tmp_path / "part.tif"
    run(job(layers, whole))
    run(job(layers, part, view(37, 21, 90, 80)))
    with rasterio.open(part) as file:
        left, top = round((file.transform.c - X) / PIXEL), round((Y - file.transform.f) / PIXEL)
        found = file.read(1)
    expected = read(whole)[0][top : top + found.shape[0], left : left + found.shape[1]]
    assert (left, top) == (36, 20)
    assert (found == expected)[8:-8, 8:-8].all()


def test_without_strokes_the_view_is_prepared_only(layers, tmp_path, made):
    out = tmp_path / "o.tif"
    result = run(job(layers, out, strokes=()))
    assert result["overlay"] == ""
    assert not out.exists()
    computed = len(made)
    run(job(layers, out))
    assert len(made) == computed


def test_memory_stays_within_its_bound_whatever_is_panned_over(tmp_path, made, monkeypatch):
    monkeypatch.setattr(module, "LEAST_KEPT_MB", 12)
    monkeypatch.setattr(module, "WORKER_MB", 1024)
    wide = {"rgb": rgb(tmp_path / "wide.tif", 300, 3000)}
    kept = []
    for col in range(0, 3000, 250):
        run(job(wide, tmp_path / "o.tif", view(col, 0, 250, 250)))
        kept.append(module._warm.session._tiles.size)
    assert max(kept) <= 12 << 20
    assert kept[-1] > 6 << 20
    assert len(made) >= 12


def taken(view):
    """Return the bytes of a view's tensors."""
    parts = (view.values, view.known, view.context, view.valid)
    return sum(part.numel() * part.element_size() for part in parts)


@pytest.mark.parametrize("base", ["none", "model"])
def test_views_of_any_size_count_in_the_bound(tmp_path, made, monkeypatch, model, base):
    monkeypatch.setattr(module, "LEAST_KEPT_MB", 40)
    monkeypatch.setattr(module, "WORKER_MB", 1024)
    wide = {"rgb": rgb(tmp_path / "wide.tif", 500, 2000)}
    sizes = set()
    for number, (width, height) in enumerate([(250, 250), (600, 320), (40, 40), (500, 500), (1000, 180)] * 2):
        shown = view(150 * number, 0, width, height)
        run(job(wide, tmp_path / "o.tif", shown, model=model if base == "model" else "none"))
        warm = module._warm
        assert warm.session._tiles.size + taken(warm.view) <= 40 << 20
        sizes.add(warm.session._tiles.size)
    assert min(sizes) < max(sizes)
    with pytest.raises(BadInput, match="MB of memory are enough for 0.[1-9] million"):
        run(job(wide, tmp_path / "o.tif", view(0, 0, 2000, 500), model=model if base == "model" else "none"))
    assert run(job(wide, tmp_path / "o.tif", view(0, 0, 60, 60)))["overlay"]


def test_a_view_mapped_in_strips_is_the_view_mapped_at_once(layers, model, tmp_path, made, monkeypatch):
    run(job(layers, tmp_path / "whole.tif", model=model))
    monkeypatch.setattr(module, "STRIP_PIXELS", 1)  # 32 rows
    run(job(layers, tmp_path / "strips.tif", model=model))
    whole, strips = read(tmp_path / "whole.tif"), read(tmp_path / "strips.tif")
    assert (whole[0] == strips[0]).mean() > 0.9999  # sums in another order
    assert np.abs(whole[1].astype(int) - strips[1]).max() <= 1


def test_large_polygons_are_thinned_and_a_stroke_beside_them_still_counts(layers, tmp_path, made, monkeypatch):
    field, spot = shapely.box(X + 1, Y - 79, X + 48, Y - 1), line((150.5, 40), (150.5, 60))
    result = run(job(layers, tmp_path / "o.tif", strokes=(stroke(field, "dark"), stroke(spot, "bright"))))
    assert result["pixels"]["dark"] > 12_000
    ((_, sample),) = module._warm.session._samples.values()
    assert len(sample.rows) == MOST_ROWS
    counts = np.bincount(sample.rows.classes)
    assert counts[0] == result["pixels"]["bright"] < 100
    inner = read(tmp_path / "o.tif")[0][:150]
    assert (inner[:, :90] == 1).mean() > 0.95
    assert (inner[:, 110:] == 0).mean() > 0.9


def test_strokes_in_more_tiles_than_are_looked_at_are_told(tmp_path, made, monkeypatch):
    monkeypatch.setattr(session_module, "MOST_TILES", 3)
    monkeypatch.setattr(session_module, "FULL_TILES", 1)
    wide = {"rgb": rgb(tmp_path / "wide.tif", 300, 2000)}
    strokes = [stroke(line((100 + 256 * n, 20), (100 + 256 * n, 120)), "ab"[n % 2]) for n in range(6)]
    few = run(job(wide, tmp_path / "o.tif", view(0, 0, 250, 250), tuple(strokes[:2])))
    assert few["warnings"] == []
    most = {sample.most for _, sample in module._warm.session._samples.values()}
    assert most == {MOST_ROWS // 2}
    many = run(job(wide, tmp_path / "o.tif", view(0, 0, 250, 250), tuple(strokes)))
    (told,) = many["warnings"]
    assert "lie in 6 squares of 256 x 256 pixels; the 3 of them that were painted last" in told
    session = module._warm.session
    last = [place for n in (2, 4, 5) for place in session.maker.touching(Window(100 + 256 * n, 20, 1, 1))]
    assert sorted(session._samples) == last


def test_a_stroke_that_comes_while_the_map_is_made_stops_it(layers, tmp_path, made, monkeypatch):
    run(job(layers, tmp_path / "o.tif"))
    feedback = JobFeedback("test", lambda event: None)
    fitted = Session.fitted

    def interrupted(*given):
        found = fitted(*given)
        feedback.cancel()
        return found

    monkeypatch.setattr(Session, "fitted", interrupted)
    with pytest.raises(Cancelled):
        execute(json.loads(json.dumps(job_to_dict(job(layers, tmp_path / "late.tif")))), feedback)
    assert not list(tmp_path.glob("*late*"))
    monkeypatch.setattr(Session, "fitted", fitted)
    assert run(job(layers, tmp_path / "late.tif"))["overlay"]


def test_another_model_or_a_changed_file_opens_another_session(layers, model, tmp_path, made):
    run(job(layers, tmp_path / "o.tif"))
    first = module._warm.session
    run(job(layers, tmp_path / "o.tif", model=model))
    assert module._warm.session is not first
    copies = {"rgb": tmp_path / "copy.tif"}
    copies["rgb"].write_bytes(Path(layers["rgb"]).read_bytes())
    run(job(copies, tmp_path / "o.tif"))
    second = module._warm.session
    rgb(copies["rgb"], 192, 192, seed=9)
    run(job(copies, tmp_path / "o.tif"))
    assert module._warm.session is not second


@pytest.mark.parametrize(
    "change, words",
    [
        ({"strokes": (stroke(LEFT, "a"),)}, "one class only"),
        ({"strokes": (stroke(shapely.Point(0, 0), "a"), stroke(shapely.Point(1, 0), "b"))}, "outside the layers"),
        ({"shown": view(900, 900, 50, 50)}, "The view lies outside the layers"),
        ({"shown": (X, Y, X, Y)}, "is not xmin,ymin,xmax,ymax"),
        ({"model": "nothing"}, "is not installed"),
        ({"out": "o.png"}, "must end in .tif"),
    ],
)
def test_faults_are_told_in_words_and_the_next_stroke_works(layers, tmp_path, made, change, words):
    out = tmp_path / change.pop("out", "o.tif")
    with pytest.raises(BadInput, match=words):
        run(job(layers, out, **change))
    assert run(job(layers, tmp_path / "o.tif"))["overlay"]


def test_a_view_larger_than_the_layers_shows_the_layers(layers, tmp_path, made):
    run(job(layers, tmp_path / "o.tif", view(-500, -500, 2000, 2000)))
    assert read(tmp_path / "o.tif").shape == (2, SIDE, SIDE)


def test_layers_that_are_gone_and_a_folder_that_is_not_there(layers, tmp_path, made):
    with pytest.raises(BadInput, match="does not exist|cannot be"):
        run(job({"rgb": tmp_path / "gone.tif"}, tmp_path / "o.tif"))
    with pytest.raises(OutputFailed, match="could not be written"):
        run(job(layers, tmp_path / "no" / "o.tif"))
