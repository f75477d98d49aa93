"""`export`: chips that read as the layers do, in the areas of one role, and a manifest that trains."""

import json

import numpy as np
import pyogrio
import pytest
import rasterio
import rasters
import shapely

from sgma_qgis.model.__main__ import main
from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import ExportJob
from sgma_qgis.model.contract.wire import job_from_dict, job_to_dict
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.jobs import execute
from sgma_qgis.model.nn.fusion import defaults

X, Y = rasters.ORIGIN
HEIGHT, WIDTH = 160, 320


def box(left, top, right, bottom):
    """Return a box in metres from the layers' upper left corner."""
    return shapely.box(X + left, Y - bottom, X + right, Y - top)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    rows, cols = np.mgrid[:HEIGHT, :WIDTH]
    rgb = np.stack([rows, cols % 256, (rows + cols) % 256]).astype(np.uint8)
    rasters.write(folder / "rgb.tif", rgb)
    nir = (rows + 2 * cols + 1).astype(np.uint16)
    nir[:, :40] = 0
    rasters.write(folder / "nir.tif", nir, nodata=0)
    heights = 100 + 5.0 * ((rows // 20 + cols // 20) % 2)
    rasters.write(folder / "dsm.tif", heights.astype(np.float32))
    labels = ((rows // 20 + cols // 20) % 2 + 1).astype(np.uint8)
    labels[:, 300:] = 0
    rasters.write(folder / "labels.tif", labels, nodata=0)
    shapes = [box(0, 0, 100, 80), box(112, 0, 160, 40), box(112, 40, 160, 80)]
    roles = np.array(["train", "validation", "test"], object)
    wkb = np.array(shapely.to_wkb(shapes), object)
    pyogrio.raw.write(folder / "areas.gpkg", wkb, [roles], ["role"], geometry_type="Polygon", crs=rasters.CRS)
    wood = np.array(["Wood", "Field"], object)
    wkb = np.array(shapely.to_wkb([box(0, 0, 60, 80), box(60, 0, 160, 80)]), object)
    pyogrio.raw.write(folder / "drawn.gpkg", wkb, [wood], ["kind"], geometry_type="Polygon", crs=rasters.CRS)
    return folder


def job(place, output, labels="labels.tif", areas="areas.gpkg", **more):
    layers = tuple(Source(key, str(place / f"{key}.tif")) for key in ("rgb", "nir", "dsm"))
    areas = str(place / areas) if areas else ""
    return ExportJob(layers, str(place / labels), str(output), areas=areas, **{"tile_size": 64, **more})


def run(wanted):
    return execute(json.loads(json.dumps(job_to_dict(wanted))), JobFeedback("a", lambda event: None))


def test_chips_hold_what_the_layers_hold(place, tmp_path):
    wanted = job(place, tmp_path / "chips")
    assert job_from_dict(json.loads(json.dumps(job_to_dict(wanted)))) == wanted
    result = run(wanted)
    folder = tmp_path / "chips"
    rows = json.loads((folder / "manifest.json").read_text())
    assert result["chips"] == {"train": 9, "validation": 1, "test": 1}
    assert result["left_out"] == {"crossing": 4, "unlabelled": 0}
    assert {row["role"] for row in rows} == {"train", "validation", "test"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chips"]
    whole = {key: rasters.read(place / f"{key}.tif") for key in ("rgb", "nir", "labels")}
    for row in rows:
        with rasterio.open(folder / row["labels"]) as file:
            left, top = round((file.transform.c - X) / 0.5), round((Y - file.transform.f) / 0.5)
            there = np.s_[top : top + 64, left : left + 64]
            assert file.crs.to_epsg() == 32632
            labels, bounds = file.read(1), file.bounds
        inside = np.ones((64, 64), bool)
        if row["role"] == "train":
            inside[:, max(200 - left, 0) :] = False
        if row["role"] != "test":
            expected = np.where(inside & (whole["labels"][0][there] > 0), whole["labels"][0][there], 255)
            assert np.array_equal(labels, expected)
        for key in ("rgb", "nir"):
            if key not in row:
                assert left + 64 <= 40
                continue
            with rasterio.open(folder / row[key]) as file:
                assert file.bounds == bounds
                valid = file.read_masks(1) > 0
                pixels = file.read()
            truth = whole[key][(slice(None), *there)]
            assert np.array_equal(valid, truth[0] > 0 if key == "nir" else np.ones_like(valid))
            assert np.array_equal(pixels[:, valid], truth[:, valid])
        assert (row["rgb_bands"], row["rgb_unit"]) == ([1, 2, 3], "dn8")
        assert row["dsm_unit"] == "ndsm"
        heights = rasters.read(folder / row["dsm"])
        assert -1 <= heights.min() < 1 < heights.max() < 8  # above the ground, not above the sea
    assert json.loads((folder / "class_map.json").read_text()) == {
        "1": "new:Class 1 #e69f00",
        "2": "new:Class 2 #56b4e9",
    }


def test_the_manifest_trains(place, tmp_path, capsys):
    result = run(job(place, tmp_path / "chips", labels="drawn.gpkg", class_field="kind"))
    assert result["classes"] == ["Field", "Wood"]
    words = ["train", "--base", "small", "--scenes", result["manifest"], "--class-map", result["class_map"]]
    words += [
        "--gsd",
        "0.3,0.5,1",
        "--epochs",
        "1",
        "--crop",
        "32",
        "--batch",
        "4",
        "--threads",
        "1",
        "--device",
        "cpu",
    ]
    assert main([*words, "--output", str(tmp_path / "m"), "--json"]) == 0
    out = capsys.readouterr().out
    trained = json.loads(out.splitlines()[-1])
    assert set(trained["accuracy"]) == {"rgb", "nir", "dsm", "rgb+nir", "rgb+dsm", "nir+dsm", "rgb+nir+dsm"}
    card = json.loads((tmp_path / "m" / "card.json").read_text())
    assert [info["name"] for info in card["classes"]] == ["Field", "Wood"]
    assert card["network"]["options"] == defaults("semantic_guided")  # a later change of them changes no model


def test_areas_are_proposed_and_kept(place, tmp_path):
    result = run(job(place, tmp_path / "chips", areas="", tile_size=32))
    assert result["areas"] == str(tmp_path / "chips" / "areas.gpkg")
    meta, _, _, (roles,) = pyogrio.raw.read(result["areas"])
    assert set(result["chips"]) <= set(roles)
    assert result["chips"]["train"] > 0


def test_chips_larger_than_the_scene_are_told(place, tmp_path):
    result = run(job(place, tmp_path / "chips", areas="", tile_size=192))
    assert "The scene has 320 x 160 pixels: chips of 192 reach beyond it and are empty there." in result["warnings"]
    assert result["chips"] == {"train": 2}  # and that all of it trains is told, too
    assert any("all of them train" in text for text in result["warnings"])
    assert not any("reach beyond" in text for text in run(job(place, tmp_path / "fit"))["warnings"])


def test_a_stride_makes_chips_overlap(place, tmp_path):
    assert run(job(place, tmp_path / "a"))["chips"]["train"] == 9
    assert run(job(place, tmp_path / "b", stride=32))["chips"]["train"] == 24


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("--tile-size", "8"), "--tile-size 8"),
        (("--stride", "0"), "--stride 0"),
        (("--labels", ""), "--labels"),
        (
            ("--tile-size", "320"),
            "No chip of 320 pixels can be cut from a scene of 320 x 160 pixels: each lies in areas",
        ),
        (("--output", "full"), "holds files already"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(place, tmp_path, capsys, monkeypatch, words, match):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    given = ["--rgb", place / "rgb.tif", "--labels", place / "labels.tif", "--areas", place / "areas.gpkg"]
    given += ["--output", "chips", *words]
    assert main(["export", *map(str, given)]) == 2
    assert match in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_cancel_leaves_nothing(place, tmp_path):
    def tell(event):
        if getattr(event, "stage", "") == "export":  # its first event: quick machines tell no other before the last
            feedback.cancel()

    feedback = JobFeedback("a", tell)
    with pytest.raises(Cancelled):
        execute(job_to_dict(job(place, tmp_path / "chips")), feedback)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken(place, tmp_path, capsys):
    (tmp_path / "chips").mkdir()
    words = ["--rgb", place / "rgb.tif", "--labels", place / "labels.tif", "--areas", place / "areas.gpkg"]
    assert main([str(word) for word in ("export", *words, "--output", tmp_path / "chips", "--tile-size", "64")]) == 0
    assert "train" in capsys.readouterr().out
    assert (tmp_path / "chips" / "manifest.json").exists()


def test_folders_of_others_beside_it_stay(place, tmp_path):
    """A training that writes to the same name keeps its checkpoint in NAME.part."""
    (tmp_path / "chips.part").mkdir()
    (tmp_path / "chips.part" / "checkpoint.safetensors").write_bytes(b"of a training")
    run(job(place, tmp_path / "chips"))
    assert (tmp_path / "chips.part" / "checkpoint.safetensors").read_bytes() == b"of a training"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chips", "chips.part"]
