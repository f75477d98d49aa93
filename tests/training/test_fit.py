"""`train` from the command line and as a job: a model goes on from another one on real files; what cannot be used."""

import json

import numpy as np
import pytest
import random_model
import rasters

from sgma_qgis.model.__main__ import main
from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import SAMPLERS, TrainJob
from sgma_qgis.model.contract.messages import Example, Metrics
from sgma_qgis.model.contract.store import open_package
from sgma_qgis.model.contract.wire import job_from_dict, job_to_dict
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.jobs import execute
from sgma_qgis.model.nn import build
from sgma_qgis.model.training import samplers
from sgma_qgis.model.training.recipe import Recipe

SIDE = 256
FEW = ("--epochs", "1", "--crop", "32", "--batch", "4", "--threads", "1", "--device", "cpu")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A base model of RGB and DSM; layers, one of them of a sensor it does not know; labels that follow from them."""
    folder = tmp_path_factory.mktemp("place")
    random_model.make(folder / "base", keys=("rgb", "dsm"))
    coarse = np.random.default_rng(0).integers(0, 2, (SIDE // 16, SIDE // 16))
    truth = coarse.repeat(16, 0).repeat(16, 1)
    noise = np.random.default_rng(1).integers(0, 30, (3, SIDE, SIDE))
    rasters.write(folder / "rgb.tif", (40 + 150 * truth + noise).astype(np.uint8))
    rasters.write(folder / "nir.tif", (200 - 150 * truth + noise[0]).astype(np.uint8))
    rasters.write(folder / "labels.tif", truth.astype(np.uint8) + 1)
    rasters.write(folder / "one.tif", np.ones((SIDE, SIDE), np.uint8))
    (folder / "map.json").write_text(json.dumps({"1": "new:Vine", "2": 2}))
    return folder


def train(place, output, *words, base="base", layers=("rgb", "nir"), labels="labels.tif"):
    given = [word for key in layers for word in (f"--{key}", str(place / f"{key}.tif"))]
    given += ["--labels", str(place / labels)] if labels else []
    base = str(place / base) if (place / base).is_dir() else base
    return main(["train", "--base", base, "--output", str(output), *given, *FEW, *map(str, words)])


def test_a_model_goes_on_with_a_new_class_and_a_new_sensor(place, tmp_path, capsys):
    code = train(place, tmp_path / "My model", "--class-map", place / "map.json", "--gsd", "0.3,0.5,1", "--json")
    out, err = capsys.readouterr()
    assert code == 0, err
    result = json.loads(out.splitlines()[-1])
    found = open_package(tmp_path / "My model")
    card = found.card
    assert (result["id"], card.id) == ("my-model", "my-model")
    assert card.keys == ("rgb", "nir")
    assert [info.name for info in card.classes] == [*random_model.CLASSES, "Vine"]
    assert card.stats("rgb") == open_package(place / "base").card.stats("rgb")
    assert "NIR is new to it and starts as a copy of RGB" in err
    assert "has no DSM" in err
    assert card.provenance["base"]["strategy"] == "adapters"
    assert "--class-map" in card.provenance["command"]
    assert set(card.trained_on) == {("rgb",), ("nir",), ("rgb", "nir")}
    build.load(card, found.weights(), "here")
    assert result["areas"] == str(tmp_path / "My model.areas.gpkg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["My model", "My model.areas.gpkg"]  # nothing else


def test_a_job_trains_as_the_command_does_and_tells_its_measures(place, tmp_path):
    job = TrainJob(
        str(place / "base"),
        str(tmp_path / "m"),
        sources=(Source("rgb", str(place / "rgb.tif")),),
        labels=str(place / "labels.tif"),
        strategy="head",
        gsd=(0.3, 0.5, 1.0),
        recipe={"epochs": 2, "crop": 64, "batch": 4, "least_steps": 0},
    )
    assert job_from_dict(json.loads(json.dumps(job_to_dict(job)))) == job
    events = []
    result = execute(job_to_dict(job), JobFeedback("a", events.append))
    assert [event.epoch for event in events if isinstance(event, Metrics)] == [0, 1, 2]
    assert {event.path for event in events if isinstance(event, Example)} == {str(tmp_path / "m.part" / "example.png")}
    assert (result["epochs"], result["areas"]) == (2, str(tmp_path / "m.areas.gpkg"))
    assert 0 <= result["epoch"] <= 2
    assert result["output"] == str(tmp_path / "m")
    recipe = open_package(tmp_path / "m").card.provenance["recipe"]
    assert (recipe["epochs"], recipe["least_steps"], recipe["scales"]) == (2, 0, [0.6, 2.0])


@pytest.mark.parametrize(
    ("words", "options", "match"),
    [
        ((), {"layers": ("nir",)}, "takes RGB + DSM; the data has NIR only"),
        ((), {"base": "nowhere"}, "neither an installed model"),
        ((), {"labels": "one.tif"}, "1 class"),
        ((), {"labels": ""}, "--labels"),
        (("--strategy", "knees"), {}, "--strategy knees"),
        (("--tile", "100"), {}, "tile"),
        (("--scenes", "s.json"), {}, "one of the two"),
        (("--distil", "1"), {}, "--distil compares classes"),
    ],
)
def test_bad_input_is_one_sentence_and_writes_nothing(place, tmp_path, capsys, words, options, match):
    assert train(place, tmp_path / "m", *words, **options) == 2
    err = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error")]
    assert len(err) == 1
    assert match in err[0]
    assert list(tmp_path.iterdir()) == []


def test_the_samplers_that_screens_offer_are_known():
    assert SAMPLERS[0] == Recipe().sampler
    assert set(SAMPLERS) <= set(samplers.BY_NAME)


def test_a_fresh_start_that_cannot_begin_keeps_the_checkpoint(place, tmp_path):
    (tmp_path / "m.part").mkdir()
    kept = tmp_path / "m.part" / "checkpoint.safetensors"
    kept.write_bytes(b"of an earlier training")
    assert train(place, tmp_path / "m", "--no-resume", labels="one.tif") == 2
    assert kept.read_bytes() == b"of an earlier training"


def dry_job(place, output, **more):
    sources = tuple(Source(key, str(place / f"{key}.tif")) for key in ("rgb", "nir"))
    recipe = {"epochs": 7, "crop": 32, "batch": 4, "least_steps": 0}
    return TrainJob(
        str(place / "base"), str(output), sources, str(place / "labels.tif"), gsd=(0.3, 0.5, 1.0), recipe=recipe,
        dry_run=True, **more,
    )  # fmt: skip


def test_a_dry_run_tells_what_is_needed_and_writes_nothing(place, tmp_path, feedback):
    result = execute(job_to_dict(dry_job(place, tmp_path / "new" / "m")), feedback)
    assert list(tmp_path.iterdir()) == []
    assert (result["epochs"], result["batch"], result["pieces"]) == (7, 4, 1)
    assert result["classes"] == ["Class 1", "Class 2"]
    assert set(result["roles"]) == {"train", "validation", "test"}
    assert set(result["roles"]["train"]) == set(result["classes"])
    assert result["memory_bytes"] > 50e6
    assert 0 < result["step_s"] < result["epoch_s"] < result["total_s"]
    assert result["epoch_steps"] * result["step_s"] == pytest.approx(result["epoch_s"], rel=0.9)
    assert result["total_s"] >= 6 * result["epoch_steps"] * result["step_s"]
    assert isinstance(result["warnings"], list)


def test_a_dry_run_can_be_cancelled(place, tmp_path):
    def tell(event):
        if getattr(event, "stage", "") == "rehearse" and event.done:
            feedback.cancel()

    feedback = JobFeedback("a", tell)
    with pytest.raises(Cancelled):
        execute(job_to_dict(dry_job(place, tmp_path / "m")), feedback)
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_by_the_command_line(place, tmp_path, capsys):
    assert train(place, tmp_path / "m", "--dry-run", "--gsd", "0.3,0.5,1") == 0
    out = capsys.readouterr().out
    assert "steps an epoch" in out
    assert list(tmp_path.iterdir()) == []


def test_the_end_tells_classes_and_which_epoch_was_kept(place, tmp_path, capsys):
    assert train(place, tmp_path / "m", "--gsd", "0.3,0.5,1") == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("IoU by class, rgb+nir:")
    assert [line.split()[:2] for line in lines[at + 1 : at + 3]] == [["Class", "1"], ["Class", "2"]]
    assert any(line.startswith("Weights of epoch ") and "of 1 (validation 0." in line for line in lines)


def test_areas_that_somebody_keeps_are_not_replaced_by_proposed_ones(place, tmp_path, capsys):
    kept = tmp_path / "m.areas.gpkg"
    kept.write_bytes(b"edited by hand")
    assert train(place, tmp_path / "m", "--gsd", "0.3,0.5,1") == 2
    assert "m.areas.gpkg is there already" in capsys.readouterr().err
    assert kept.read_bytes() == b"edited by hand"
    assert [path.name for path in tmp_path.iterdir()] == ["m.areas.gpkg"]


def test_where_nothing_is_held_out_no_areas_are_kept(place, tmp_path, capsys):
    small = tmp_path / "small"
    for name in ("rgb", "nir", "labels"):
        rasters.write(small / f"{name}.tif", rasters.read(place / f"{name}.tif")[:, :48, :48])
    base = ("--base", place / "base", "--gsd", "0.3,0.5,1", "--crop", "48")
    assert train(small, tmp_path / "m", *base) == 0
    out, err = capsys.readouterr()
    assert "too close together" in err
    assert "Weights of epoch 1 of 1 (no validation data)" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "small"]
