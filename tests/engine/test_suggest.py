"""`suggest`: squares where a model is unsure or its sensors disagree, not all in one place, none on labels."""

import json
import math

import numpy as np
import pyogrio
import pytest
import random_model
import rasterio
import rasters
import shapely
import torch

from sgma_qgis.model.contract.errors import BadInput, Cancelled
from sgma_qgis.model.contract.job import Area, Source
from sgma_qgis.model.contract.learning import SuggestJob
from sgma_qgis.model.contract.wire import job_from_dict, job_to_dict
from sgma_qgis.model.engine import suggest as module
from sgma_qgis.model.engine.picking import pick, reasons
from sgma_qgis.model.engine.scoring import Square, squares
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.jobs import execute

SIDE = 320  # pixels of 0.5 m
X, Y = rasters.ORIGIN


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    rasters.rgb(folder / "rgb.tif", SIDE, SIDE)
    rasters.write(folder / "nir.tif", rasters.read(rasters.rgb(folder / "o.tif", SIDE, SIDE, seed=5))[:1])
    random_model.make(folder / "model", keys=("rgb", "nir"))
    return folder


@pytest.fixture
def suggest(place, cli, tmp_path):
    def run(*words, layers=("rgb", "nir"), output="s.gpkg"):
        given = [word for key in layers for word in (f"--{key}", place / f"{key}.tif")]
        path = tmp_path / output
        return cli("suggest", "--model", place / "model", *given, "--output", path, "--device", "cpu", "--json", *words)

    return run


def boxes(path):
    meta, _, wkb, columns = pyogrio.raw.read(path)
    return dict(zip(meta["fields"], columns)), shapely.from_wkb(wkb)


def test_ranked_squares_with_a_reason(suggest, tmp_path):
    code, result, err = suggest("--count", "6", "--size", "16")
    assert code == 0, err
    columns, shapes = boxes(tmp_path / "s.gpkg")
    assert list(columns["rank"]) == [1, 2, 3, 4, 5, 6] == [row["rank"] for row in result["places"]]
    assert list(columns["reason"]) == [row["reason"] for row in result["places"]]
    assert all("unsure between " in text or "RGB and NIR disagree" in text for text in columns["reason"])
    assert ((columns["uncertainty"] > 0) & (columns["uncertainty"] <= 1)).all()
    assert ((columns["disagreement"] > 0) & (columns["disagreement"] <= 1)).all()
    assert np.allclose(columns["score"], (columns["uncertainty"] + columns["disagreement"]) / 2, atol=1e-4)
    assert np.allclose(shapely.area(shapes), 16 * 16)
    assert len({shape.wkb for shape in shapes}) == 6
    assert [list(shape.bounds) for shape in shapes] == [row["bounds"] for row in result["places"]]
    assert all(
        b[0] >= X and b[3] <= Y and b[2] <= X + SIDE / 2 and b[1] >= Y - SIDE / 2 for b in shapely.bounds(shapes)
    )
    assert (result["size_m"], result["output"]) == (pytest.approx(16, rel=1e-3), str(tmp_path / "s.gpkg"))
    assert "UTM zone 32N" in result["crs"]
    assert [path.name for path in tmp_path.iterdir()] == ["s.gpkg"]
    assert suggest()[0] == 2  # a file that is there is not replaced unasked
    assert suggest("--overwrite")[0] == 0


def test_one_sensor_can_be_unsure_but_not_disagree(suggest):
    _, result, _ = suggest("--size", "16", layers=("nir",))
    assert all(row["disagreement"] == 0 and row["score"] == row["uncertainty"] for row in result["places"])
    assert all(row["reason"].startswith("unsure between ") for row in result["places"])


def test_squares_that_touch_labels_and_ground_outside_the_area_are_left_out(suggest, tmp_path):
    drawn, inside = shapely.box(X, Y - 80, X + 70, Y), shapely.box(X, Y - 160, X + 120, Y)
    for name, shape in (("drawn", drawn), ("area", inside)):
        wkb = np.array(shapely.to_wkb([shape]), object)
        pyogrio.raw.write(tmp_path / f"{name}.gpkg", wkb, [], [], geometry_type="Polygon", crs=rasters.CRS)
    words = ("--exclude", tmp_path / "drawn.gpkg", "--area", tmp_path / "area.gpkg", "--size", "16", "--count", "500")
    _, result, _ = suggest(*words)
    shapes = [shapely.box(*row["bounds"]) for row in result["places"]]
    assert shapes
    assert not any(shape.intersects(drawn) for shape in shapes)
    assert all(shapely.area(shapely.intersection(shape, inside)) >= 128 for shape in shapes)


def test_where_all_is_left_out_that_is_the_reason(suggest, tmp_path):
    wkb = np.array(shapely.to_wkb([shapely.box(X - 10, Y - SIDE, X + SIDE, Y + 10)]), object)
    pyogrio.raw.write(tmp_path / "all.gpkg", wkb, [], [], geometry_type="Polygon", crs=rasters.CRS)
    code, _, err = suggest("--exclude", tmp_path / "all.gpkg", "--size", "16")
    assert code == 2
    assert "No square of 16 m holds data and lies clear of the polygons to leave out (--exclude)." in err
    assert "Leave out less" in err


def test_the_size_follows_the_scene(suggest):
    assert suggest()[1]["size_m"] == pytest.approx(320 // 6 / 2, rel=1e-3)


def test_a_model_of_one_class_and_small_tiles(place, suggest, tmp_path, monkeypatch):
    monkeypatch.setattr(random_model, "CLASSES", ("tree",))
    monkeypatch.setattr(random_model, "COLORS", ("#117733",))
    random_model.make(tmp_path / "one", keys=("rgb", "nir"))
    code, _, err = suggest("--model", tmp_path / "one")
    assert code == 2
    assert "knows one class only" in err
    monkeypatch.undo()
    random_model.make(tmp_path / "small", keys=("rgb", "nir"), tile=64)
    small = ("--model", tmp_path / "small")
    assert suggest(*small, "--size", "16")[0] == 0
    assert "the model looks at 64 at a time" in suggest(*small, "--size", "200", "--overwrite")[2]


@pytest.mark.parametrize(
    ("words", "output", "match"),
    [
        (("--size", "1e308"), "s.gpkg", "the model looks at 64 at a time"),
        (("--size", "200"), "s.gpkg", "the model looks at 64 at a time"),
        (("--size", "-1"), "s.gpkg", "above 0"),
        (("--count", "0"), "s.gpkg", "--count 0"),
        ((), "s.shp", ".gpkg"),
        ((), "nowhere/s.gpkg", "cannot be written"),
        (("--exclude", "missing.gpkg"), "s.gpkg", "--exclude"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(suggest, tmp_path, words, output, match):
    code, _, err = suggest(*words, output=output)
    assert code == 2
    assert match in err
    assert list(tmp_path.iterdir()) == []


def test_a_layer_is_not_replaced_by_squares(place, tmp_path):
    file = tmp_path / "rgb.gpkg"
    with rasterio.open(place / "rgb.tif") as layer:
        form = {name: layer.profile[name] for name in ("width", "height", "count", "dtype", "crs", "transform")}
        with rasterio.open(file, "w", driver="GPKG", **form) as copy:
            copy.write(layer.read())
    before = file.read_bytes()
    with pytest.raises(BadInput, match="is also an input"):
        job = SuggestJob((Source("rgb", str(file)),), str(place / "model"), str(file))
        execute(job_to_dict(job), JobFeedback("a", lambda event: None))
    assert file.read_bytes() == before


def test_a_gap_in_one_sensor_and_a_cancel(place, tmp_path):
    nir = rasters.read(place / "nir.tif")[0]
    nir[:, :200] = 0
    rasters.write(tmp_path / "nir.tif", nir, nodata=0)
    sources = (Source("rgb", str(place / "rgb.tif")), Source("nir", str(tmp_path / "nir.tif"), nodata=0))
    job = SuggestJob(sources, str(place / "model"), str(tmp_path / "s.gpkg"), 200, 16.0, area=Area())
    assert job_from_dict(json.loads(json.dumps(job_to_dict(job)))) == job
    result = execute(job_to_dict(job), JobFeedback("a", lambda event: None))
    left = [row for row in result["places"] if row["bounds"][2] < X + 100]
    assert left and all(row["disagreement"] == 0 for row in left)
    assert any(row["disagreement"] > 0 for row in result["places"])

    feedback = JobFeedback("a", lambda event: feedback.cancel())
    (tmp_path / "s.gpkg").unlink()
    with pytest.raises(Cancelled):
        execute(job_to_dict(job), feedback)
    assert not (tmp_path / "s.gpkg").exists()


def test_what_is_kept_does_not_grow(place, tmp_path, monkeypatch):
    """The best squares are the same however few are kept at a time."""
    sources = (Source("rgb", str(place / "rgb.tif")),)
    job = SuggestJob(sources, str(place / "model"), str(tmp_path / "s.gpkg"), 1, 8.0)
    first = execute(job_to_dict(job), JobFeedback("a", lambda event: None))["places"]
    monkeypatch.setattr(module, "_KEPT", 1)
    assert execute(job_to_dict(job), JobFeedback("a", lambda event: None))["places"] == first


# --- scores ------------------------------------------------------------------------------------------------------


def test_scores_of_known_probabilities():
    sure = torch.tensor([1.0, 0.0, 0.0])[:, None, None].expand(3, 4, 8).clone()
    every = sure.clone()
    every[:, :, 4:] = torch.tensor([0.0, 0.5, 0.5])[:, None, None]  # between the second and the third class
    other = torch.tensor([0.0, 1.0, 0.0])[:, None, None].expand(3, 4, 8)
    there = torch.ones(4, 8, dtype=torch.bool)
    there[:, 2] = False
    both = {"rgb": torch.ones(4, 8, dtype=torch.bool), "nir": there}
    left, right = squares(every, {"rgb": sure, "nir": other}, both, torch.ones(4, 8, dtype=torch.bool), 4, (8, 20))
    assert (left.row, left.col, right.row, right.col) == (8, 20, 8, 24)
    assert left.uncertainty == pytest.approx(0, abs=1e-6)
    assert right.uncertainty == pytest.approx(math.log(2) / math.log(3), abs=1e-5)
    assert right.between == (1, 2)
    # RGB says what all say, NIR the opposite: the mean of 0 and 1, where both have data
    assert left.disagreement == pytest.approx(0.5 * 3 / 4, abs=1e-5)
    assert left.sensors == ("rgb", "nir")
    assert np.allclose(left.mix, [1, 0, 0])
    assert np.allclose(right.mix, [0, 0.5, 0.5])


def test_squares_with_little_to_look_at_are_left_out():
    counted = torch.zeros(4, 12, dtype=torch.bool)
    counted[:2, :4], counted[:1, 4:8] = True, True
    every = torch.full((2, 4, 12), 0.5)
    found = list(squares(every, {}, {}, counted, 4, (0, 0)))
    assert [(square.row, square.col) for square in found] == [(0, 0)]
    assert found[0].uncertainty == pytest.approx(1.0)
    assert found[0].score == found[0].uncertainty


def made(row, col, score, mix=(0.5, 0.5), sensors=("rgb", "nir"), apart=None):
    return Square(row, col, score, score if apart is None else apart, np.array(mix), (0, 1), sensors)


def test_the_second_is_not_beside_the_first_and_shows_something_else():
    first, beside, far, other = made(0, 0, 0.9), made(0, 10, 0.89), made(900, 0, 0.6), made(0, 900, 0.5, (1.0, 0.0))
    assert pick([far, beside, other, first], 3, 10) == [first, other, far]
    assert pick([first], 5, 10) == [first]
    assert pick([], 5, 10) == []


def test_reasons_tell_what_stands_out():
    low = [made(0, i, 0.1) for i in range(8)]
    unsure, apart, both = made(1, 0, 0.8, apart=0.0), made(2, 0, 0.0, apart=0.8), made(3, 0, 0.8)
    found = [*low, unsure, apart, both]
    assert reasons([unsure, apart, both], found, ["road", "roof"]) == [
        "unsure between road and roof", "RGB and NIR disagree", "unsure between road and roof; RGB and NIR disagree",
    ]  # fmt: skip
