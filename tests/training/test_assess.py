"""`evaluate` from the command line: the report, and what is refused."""

import json
import re
import shutil

import numpy as np
import pyogrio
import pytest
import random_model
import rasters
import shapely

from sgma_qgis.model.__main__ import main
from sgma_qgis.model.training import assess as assess_module

HEIGHT, WIDTH = 120, 100


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a random model, RGB and NIR of one place, and the model's own map of it."""
    folder = tmp_path_factory.mktemp("place")
    random_model.make(folder / "model", keys=("rgb", "nir"))
    rasters.rgb(folder / "rgb.tif", HEIGHT, WIDTH)
    rasters.write(folder / "nir.tif", rasters.read(rasters.rgb(folder / "other.tif", HEIGHT, WIDTH, seed=5))[:1])
    layers = ["--rgb", folder / "rgb.tif", "--nir", folder / "nir.tif", "--device", "cpu"]
    words = ["segment", "--model", folder / "model", *layers, "--backend", "torch", "--output", folder / "map.tif"]
    assert main([str(word) for word in words]) == 0
    return folder


@pytest.fixture
def evaluate(place, capsys, tmp_path):
    """Run evaluate(*words) on RGB and NIR with their map as reference; return (exit code, report or None, stderr)."""

    def run(*words, layers=("rgb", "nir"), reference="map.tif", output="report.json"):
        given = [word for key in layers for word in (f"--{key}", place / f"{key}.tif")]
        given += ["--reference", place / reference] if reference else []
        words = ["--model", place / "model", *given, "--output", tmp_path / output, "--device", "cpu", *words]
        code = main(["evaluate", *map(str, words)])
        file = tmp_path / output
        report = json.loads(file.read_text()) if file.suffix == ".json" and file.exists() else None
        return code, report, capsys.readouterr().err

    return run


def test_a_model_agrees_with_its_own_map_and_the_report_has_its_form(evaluate):
    code, report, _ = evaluate()
    assert code == 0
    assert [row["sensors"] for row in report["combinations"]] == [["rgb"], ["nir"], ["rgb", "nir"]]
    every = report["combinations"][-1]
    assert every["miou"] == 1.0
    assert set(every["iou"].values()) == set(every["f1"].values()) == {1.0}
    assert every["pixels"] == np.sum(every["confusion"]) == HEIGHT * WIDTH
    miou = [row["miou"] for row in report["combinations"]]
    assert report["average"] == pytest.approx(np.mean(miou), abs=1e-5)
    assert (report["top1"], report["last1"]) == (1.0, min(miou))
    assert set(report["expected"]) == {"0.05", "0.1", "0.2"}
    assert report["expected"]["0.05"] > report["expected"]["0.2"]
    assert report["intervals"]["last1"][0] <= report["last1"] <= report["intervals"]["last1"][1]
    assert {row["weights"] for row in report["ablations"]} == {"uniform", "shuffled"}
    assert 0 <= every["ece"] <= 1
    assert sum(count for count, _, _ in every["reliability"]["card"]) == HEIGHT * WIDTH


def test_only_what_is_at_hand(evaluate):
    _, report, _ = evaluate("--combinations", "current")
    assert [row["sensors"] for row in report["combinations"]] == [["rgb", "nir"]]
    assert report["expected"] is None
    _, report, _ = evaluate(layers=("nir",))
    assert [row["sensors"] for row in report["combinations"]] == [["nir"]]
    assert report["expected"]["0.1"] == report["average"] == report["last1"]
    assert report["ablations"] == []  # nothing to weigh


def test_only_the_area_counts(evaluate):
    x, y = rasters.ORIGIN
    _, report, _ = evaluate("--extent", f"{x},{y - 20},{x + 25},{y}")
    assert report["combinations"][-1]["pixels"] == 40 * 50
    assert report["combinations"][-1]["miou"] == 1.0  # tiles lie where they lie for the whole


def test_the_report_says_where_it_was_measured(evaluate):
    x, y = rasters.ORIGIN
    _, report, _ = evaluate("--extent", f"{x},{y - 20},{x + 25},{y}")
    assert report["data"]["area"] == "extent 500000,5299980,500025,5300000"
    assert set(report["data"]["layers"]) == {"rgb", "nir"}


def test_a_reference_that_was_trained_on_is_told(evaluate, place, tmp_path):
    card = json.loads((place / "model" / "card.json").read_text())
    card["provenance"] = {"data": {"train": {"labels": str(place / "map.tif")}}}
    shutil.copytree(place / "model", tmp_path / "own")
    (tmp_path / "own" / "card.json").write_text(json.dumps(card))
    assert "trained on labels of this file" in evaluate("--model", tmp_path / "own")[2]
    assert "trained on labels" not in evaluate()[2]


def test_a_model_of_strokes_is_measured_too(evaluate, place, tmp_path):
    x, y = rasters.ORIGIN
    features = [
        {
            "type": "Feature",
            "properties": {"class": name},
            "geometry": {"type": "LineString", "coordinates": [[x + 5, y - top], [x + 45, y - top - 10]]},
        }
        for name, top in (("Field", 5), ("Wood", 35))
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}
    strokes = tmp_path / "strokes.geojson"
    strokes.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    made = ["segment", "--model", "none", "--rgb", place / "rgb.tif", "--strokes", strokes, "--class-field", "class"]
    made += [
        "--save-model",
        tmp_path / "own",
        "--output",
        tmp_path / "own.tif",
        "--device",
        "cpu",
        "--backend",
        "torch",
    ]
    assert main([str(word) for word in made]) == 0
    assert main([str(word) for word in made]) == 2  # a model that is there is not replaced unasked
    assert main([str(word) for word in [*made, "--overwrite"]]) == 0
    code, report, _ = evaluate("--model", tmp_path / "own", "--reference", tmp_path / "own.tif", layers=("rgb",))
    assert code == 0
    assert report["combinations"][0]["miou"] > 0.95
    assert report["ablations"] == []


def test_the_page_stands_alone(evaluate, tmp_path):
    code, _, _ = evaluate(output="report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 0
    assert "<script" not in page
    assert set(re.findall(r'(?:src|href)="([a-z]+:)', page)) == {"data:"}
    for words in ("RGB + NIR", "Reliability diagram", "What is taken for what", "Examples", "1/M", "building"):
        assert words in page
    assert list(tmp_path.iterdir()) == [tmp_path / "report.html"]


def test_scenes_of_a_manifest_and_temperatures_of_its_validation_scenes(place, evaluate, tmp_path):
    scene = {"rgb": str(place / "rgb.tif"), "nir": str(place / "nir.tif"), "labels": str(place / "map.tif")}
    alone = {key: value for key, value in scene.items() if key != "nir"}
    rows = [scene | {"role": "test"}, alone | {"role": "test"}, scene | {"role": "validation"}]
    (tmp_path / "scenes.json").write_text(json.dumps(rows))
    code, report, err = evaluate("--scenes", tmp_path / "scenes.json", layers=(), reference="")
    assert code == 0
    pixels = {"+".join(row["sensors"]): row["pixels"] for row in report["combinations"]}
    assert pixels == {"rgb": 2 * HEIGHT * WIDTH, "nir": HEIGHT * WIDTH, "rgb+nir": HEIGHT * WIDTH}
    assert "Not every combination was measured on the same pixels" in err
    every = report["combinations"][-1]["calibration"]
    assert every["fitted"]["temperature"] < 1  # the map agrees with itself: more confidence is due
    assert every["fitted"]["ece"] < every["raw"]["ece"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"output": "report.pdf"}, "must end in .json or .html"),
        ({"layers": ()}, "on one of the two"),
        ({"reference": ""}, "Layers need a reference"),
        ({"reference": "none.tif"}, "does not exist"),
        ({"reference": "far.tif"}, "does not overlap the layers"),
        ({"reference": "nir.tif"}, "which is no class of the model"),
        ({"layers": ("rgb", "dsm")}, "does not know DSM"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(place, evaluate, tmp_path, options, words):
    far = (rasters.ORIGIN[0] + 9000, rasters.ORIGIN[1])
    rasters.write(place / "far.tif", np.zeros((20, 20), np.uint8), origin=far)
    rasters.write(place / "dsm.tif", np.zeros((20, 20), np.float32))
    code, _, err = evaluate(**options)
    assert code == 2
    assert words in err
    assert len(err.strip().splitlines()) <= 3
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_not_replaced_by_half_of_one(evaluate, tmp_path, monkeypatch):
    (tmp_path / "report.json").write_text('{"kept": 1}')

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(assess_module.Path, "replace", full)
    code, report, err = evaluate()
    assert (code, report) == (2, {"kept": 1})
    assert "No space left" in err


def test_files_that_are_read_are_not_replaced(evaluate, place, tmp_path):
    scene = {"rgb": str(place / "rgb.tif"), "nir": str(place / "nir.tif"), "labels": str(place / "map.tif")}
    file = tmp_path / "report.json"
    for text, words, more in (
        (json.dumps([scene | {"role": "test"}]), ("--scenes", file), {"layers": (), "reference": ""}),
        (json.dumps({str(i): i for i in range(5)}), ("--class-map", file), {}),
    ):
        file.write_text(text)
        code, _, err = evaluate(*words, **more)
        assert code == 2
        assert "report.json (--output) is also an input" in err
        assert file.read_text() == text
    shutil.copy(place / "map.tif", tmp_path / "truth.tif")
    err = evaluate("--reference", tmp_path / "truth.tif", "--errors", tmp_path / "truth.tif", output="other.json")[2]
    assert "(--errors) is also an input" in err
    assert np.array_equal(rasters.read(tmp_path / "truth.tif"), rasters.read(place / "map.tif"))


def areas(path, *rows):
    """Write (role, xmin, ymin, xmax, ymax in metres from the layers' upper left corner) as areas."""
    x, y = rasters.ORIGIN
    boxes = [shapely.box(x + left, y - bottom, x + right, y - top) for _, left, top, right, bottom in rows]
    roles = np.array([row[0] for row in rows], object)
    wkb = np.array(shapely.to_wkb(boxes), object)
    pyogrio.raw.write(path, wkb, [roles], ["role"], geometry_type="Polygon", crs=rasters.CRS)
    return path


def test_only_the_areas_of_one_role_count(evaluate, tmp_path):
    file = areas(tmp_path / "areas.gpkg", ("test", 0, 0, 25, 20), ("validation", 30, 0, 40, 10))
    code, report, _ = evaluate("--areas", file)
    assert code == 0
    assert report["combinations"][-1]["pixels"] == 40 * 50
    assert report["data"]["area"] == f"test areas of {file}"
    assert evaluate("--areas", file, "--role", "validation")[1]["combinations"][-1]["pixels"] == 20 * 20
    held = areas(tmp_path / "held.gpkg", ("train", 0, 0, 25, 20), ("validation", 30, 0, 40, 10))
    assert "It holds train and validation: choose one with --role" in evaluate("--areas", held)[2]
    code, _, err = evaluate("--areas", file, "--role", "train")
    assert code == 2
    assert "no polygon of role 'train'" in err
    assert "must be one of train, validation, test" in evaluate("--areas", file, "--role", "holdout")[2]
    assert "is of areas, and none are given" in evaluate("--role", "train")[2]
    scenes = evaluate("--scenes", tmp_path / "s.json", "--areas", file, layers=(), reference="")[2]
    assert "--areas goes with layers" in scenes


@pytest.mark.parametrize("proposed", [True, False])
def test_ground_that_the_training_held_out_is_measured_without_a_word(evaluate, place, tmp_path, proposed):
    shutil.copytree(place / "model", tmp_path / "own")
    file = areas(
        tmp_path / ("own.areas.gpkg" if proposed else "a.gpkg"), ("test", 0, 0, 25, 20), ("train", 30, 0, 40, 9)
    )
    card = json.loads((place / "model" / "card.json").read_text())
    train = {"labels": str(place / "map.tif"), "areas": "proposed" if proposed else str(file)}
    card["provenance"] = {"data": {"train": train}}
    (tmp_path / "own" / "card.json").write_text(json.dumps(card))
    own = ("--model", tmp_path / "own")
    assert "trained on labels" not in evaluate(*own, "--areas", file)[2]
    assert "trained on labels" in evaluate(*own, "--areas", file, "--role", "train")[2]
    copied = areas(tmp_path / "copied.gpkg", ("test", 0, 0, 25, 20))  # as QGIS hands on what is no file
    assert "trained on labels" not in evaluate(*own, "--areas", copied)[2]
    other = areas(tmp_path / "other.gpkg", ("test", 0, 0, 35, 20))
    assert "trained on labels" in evaluate(*own, "--areas", other)[2]


@pytest.mark.parametrize("train", ["text", None, [], {"labels": 3}])
def test_a_card_may_say_anything_of_its_training(evaluate, place, tmp_path, train):
    card = json.loads((place / "model" / "card.json").read_text())
    card["provenance"] = {"data": {"train": train}}
    shutil.copytree(place / "model", tmp_path / "own")
    (tmp_path / "own" / "card.json").write_text(json.dumps(card))
    assert evaluate("--model", tmp_path / "own")[0] == 0


def test_areas_of_the_training_that_cannot_be_read_any_more(evaluate, place, tmp_path):
    (tmp_path / "old.gpkg").write_text("spoilt")
    card = json.loads((place / "model" / "card.json").read_text())
    train = {"labels": str(place / "map.tif"), "areas": str(tmp_path / "old.gpkg")}
    card["provenance"] = {"data": {"train": train}}
    shutil.copytree(place / "model", tmp_path / "own")
    (tmp_path / "own" / "card.json").write_text(json.dumps(card))
    file = areas(tmp_path / "areas.gpkg", ("test", 0, 0, 25, 20))
    code, _, err = evaluate("--model", tmp_path / "own", "--areas", file)
    assert code == 0
    assert "trained on labels of this file" in err


def test_mistakes_have_a_raster_and_places(evaluate, place, tmp_path):
    truth = rasters.read(place / "map.tif")[0]
    wrong = truth.copy()
    wrong[10:40, 20:60] = 4
    wrong[100:110, 5:9] = 4
    truth_there = np.unique(truth[wrong != truth])
    rasters.write(tmp_path / "wrong.tif", wrong)
    file = tmp_path / "errors.tif"
    code, report, err = evaluate("--reference", tmp_path / "wrong.tif", "--errors", file)
    assert code == 0, err
    both = rasters.read(file)
    assert both.dtype == np.uint8
    assert np.array_equal(both, [wrong, truth, wrong != truth])
    matrix = np.array(report["combinations"][-1]["confusion"])
    rows = report["places"]
    assert {row["reference"] for row in rows} == {random_model.CLASSES[4]}
    assert {row["mapped"] for row in rows} == {random_model.CLASSES[k] for k in truth_there}
    for name in {row["mapped"] for row in rows}:
        patches = [row["pixels"] for row in rows if row["mapped"] == name]
        assert patches == sorted(patches, reverse=True)
        assert len(patches) <= 5
        assert sum(patches) <= matrix[4, random_model.CLASSES.index(name)]
    x, y = rasters.ORIGIN
    west, south, east, north = rows[0]["bounds"]
    assert x + 2.5 <= west < east <= x + 30
    assert y - 55 <= south < north <= y - 5
    assert "WGS 84 / UTM zone 32N" in report["crs"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["errors.tif", "report.json", "wrong.tif"]


def test_mistakes_that_cannot_be_written(evaluate, place, tmp_path):
    assert "must end in .tif" in evaluate("--errors", tmp_path / "e.png")[2]
    assert "also an input" in evaluate("--errors", place / "rgb.tif")[2]
    code, _, err = evaluate("--errors", tmp_path / "nowhere" / "e.tif")
    assert code == 1
    assert "cannot be written" in err
    assert list(tmp_path.iterdir()) == []


def test_no_room_for_temporary_files(evaluate, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    code, _, err = evaluate()
    assert code == 1
    assert "A temporary raster cannot be written" in err


def test_a_class_map_may_name_classes(evaluate, place, tmp_path):
    """A file serves any model that has classes of these names, whatever their ids."""
    rasters.write(tmp_path / "other.tif", rasters.read(place / "map.tif")[0] + 10)
    names = json.dumps({str(10 + i): name for i, name in enumerate(random_model.CLASSES)})
    words = ("--reference", tmp_path / "other.tif", "--class-map", names, "--errors", tmp_path / "e.tif")
    code, report, err = evaluate(*words)
    assert code == 0, err
    assert report["combinations"][-1]["miou"] == 1.0
    assert report["places"] == []
    *both, wrong = rasters.read(tmp_path / "e.tif")
    assert np.array_equal(both, rasters.read(place / "map.tif").repeat(2, 0))
    assert not wrong[both[0] != 255].any()
