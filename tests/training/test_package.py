"""Property 43 for packages that training writes; the decision bias; importing without GDAL."""

import errno
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.store import open_package
from sgma_qgis.model.nn import build
from sgma_qgis.model.training import bias, command, package
from sgma_qgis.model.training.command import Naming, train_package
from sgma_qgis.model.training.evaluate import evaluate
from sgma_qgis.model.training.loop import Outcome
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.scenarios import TABLE_FILE, read_table
from tests.training.scenes import KEYS, make_card, make_set

NAMING = Naming("tiny-test", "A test", data="synthetic", licence="CC0-1.0", attribution="nobody", description="Tiny.")
RECIPE = Recipe(epochs=1, crop=32, batch=4, checks=1)


def train_tiny(folder, feedback, chips=None, **kwargs):
    chips = chips or make_set()
    card = make_card(chips)
    options = {
        "naming": NAMING, "spec": card.network, "tile": 64, "recipe": RECIPE,
        "device": torch.device("cpu"), "command": "train me", "feedback": feedback,
    }  # fmt: skip
    return train_package(chips, folder, **{**options, **kwargs})


def test_package_round_trip(tmp_path, feedback):
    chips = make_set()
    result = train_tiny(tmp_path / "tiny-test", feedback, chips)
    found = open_package(tmp_path / "tiny-test")
    card = found.card
    network = build.load(card, found.weights(), "here")
    measured = evaluate(network, chips.parts("test"))
    assert len(card.accuracy) == len(measured) == 7
    for row in card.accuracy:
        assert row.data == "synthetic"
        assert row.split == "test"
        assert row.miou == pytest.approx(measured[row.sensors].miou, abs=1e-4)
        assert set(row.iou) <= {info.name for info in card.classes}
    assert (card.id, card.title, card.licence, card.attribution) == ("tiny-test", "A test", "CC0-1.0", "nobody")
    assert card.provenance["command"] == "train me"
    assert card.provenance["data_fingerprint"]
    recipe = card.provenance["recipe"]
    assert (recipe["seed"], recipe["epochs"], card.provenance["threads"]) == (0, 1, 1)
    assert "minutes" not in recipe
    assert len(card.trained_on) == 7
    assert result["last1"] <= result["average"] <= result["top1"]
    assert set(result["accuracy"]) == {"+".join(row.sensors) for row in card.accuracy}
    assert sorted(path.name for path in (tmp_path / "tiny-test").iterdir()) == ["card.json", "weights.safetensors"]


def test_the_card_names_the_combinations_that_were_practised(tmp_path, feedback):
    train_tiny(tmp_path / "m", feedback, recipe=replace(RECIPE, sampler_options=("alone=1",)))
    assert set(open_package(tmp_path / "m").card.trained_on) == {("rgb",), ("nir",), ("dsm",), KEYS}


def test_measured_scenarios_lie_beside_the_model(tmp_path, feedback):
    recipe = replace(RECIPE, sampler="latent_scenario", sampler_options=("plausible=rgb,rgb+dsm",))
    chips = make_set(counts=(4, 0, 0))
    train_tiny(tmp_path / "m", feedback, chips, recipe=recipe)
    table = read_table(tmp_path / "m" / TABLE_FILE)
    assert (table.keys, table.scenarios) == (KEYS, (("rgb",), ("rgb", "dsm")))
    card = open_package(tmp_path / "m").card
    assert set(card.trained_on) == {("rgb",), ("rgb", "dsm"), KEYS}
    assert card.provenance["recipe"]["sampler_options"] == ["plausible=rgb,rgb+dsm"]
    train_tiny(tmp_path / "m", feedback, chips)
    assert not (tmp_path / "m" / TABLE_FILE).exists()


def test_without_test_chips_the_card_claims_nothing_and_says_so(tmp_path, feedback):
    train_tiny(tmp_path / "m", feedback, make_set(counts=(4, 0, 0)))
    assert open_package(tmp_path / "m").card.accuracy == ()
    assert any("no test data" in text for text in feedback.warnings)


def test_a_card_that_would_be_refused_costs_no_training(tmp_path, feedback):
    with pytest.raises(BadInput, match="'id'"):
        train_tiny(tmp_path / "m", feedback, naming=replace(NAMING, id="Not An Id"))
    assert not (tmp_path / "m").exists()


def test_a_folder_that_cannot_be_written_costs_no_training(tmp_path, feedback, monkeypatch):
    monkeypatch.setattr(command, "train", lambda *_: pytest.fail("trained"))
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "m"):
        with pytest.raises(BadInput, match="cannot be written"):
            train_tiny(folder, feedback)


def test_no_model_is_written_among_files_of_a_person(tmp_path, feedback, monkeypatch):
    monkeypatch.setattr(command, "train", lambda *_: pytest.fail("trained"))
    (tmp_path / "notes.txt").touch()
    with pytest.raises(BadInput, match="holds other files and no model"):
        train_tiny(tmp_path, feedback)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    "files", [(), ("weights.safetensors",), ("card.json.part", "weights.safetensors.part"), ("card.json", "notes.txt")]
)
def test_a_folder_of_a_model_may_take_another_also_after_a_broken_writing(tmp_path, files):
    for name in files:
        (tmp_path / name).touch()
    package.check_place(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(files)


def test_a_folder_that_is_lost_meanwhile_is_no_traceback(tmp_path):
    card = make_card(make_set(counts=(1, 0, 0)))
    (tmp_path / "m").touch()
    with pytest.raises(BadInput, match="cannot be written"):
        package.write(tmp_path / "m", card, build.build(card))


def test_writing_again_replaces_the_package(tmp_path):
    chips = make_set(counts=(1, 0, 0))
    card = make_card(chips)
    first = package.write(tmp_path, card, build.build(card))
    second = package.write(tmp_path, card, build.build(card))
    assert first.weights_sha256 != second.weights_sha256
    assert open_package(tmp_path).card == second


@pytest.mark.parametrize("full", ["weights.safetensors.part", "card.json.part"])
def test_a_disk_that_fills_up_leaves_the_older_model(tmp_path, monkeypatch, full):
    card = make_card(make_set(counts=(1, 0, 0)))
    first = package.write(tmp_path, card, build.build(card))
    names, write = sorted(tmp_path.iterdir()), package._write

    def writes(path, data):
        write(path, data[:10] if path.name == full else data)
        if path.name == full:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(package, "_write", writes)
    with pytest.raises(BadInput, match="No space left"):
        package.write(tmp_path, card, build.build(card))
    assert sorted(tmp_path.iterdir()) == names
    found = open_package(tmp_path)
    assert found.card == first
    build.load(found.card, found.weights(), "here")


def test_decision_bias_finds_a_rare_class():
    """Scores that underrate a rare class: the shift lifts its IoU well, and leaves good scores alone."""
    rng = np.random.default_rng(0)
    truth = (rng.random(4000) < 0.1).astype(np.uint8)
    evidence = np.where(truth, 2.0, 0.0) + rng.normal(size=4000)
    logits = np.stack([np.full(4000, 3.0), evidence], 1).astype(np.float32)
    shift = bias._search([(logits, truth)])
    assert 0.8 < shift[1] - shift[0] < 2.5
    before, after = ((logits + s).argmax(1) for s in (np.zeros(2), np.array(shift)))

    def iou(found):
        return (found & truth).sum() / (found | truth).sum()

    assert iou(after) > iou(before) + 0.15
    perfect = np.stack([1.0 - 2.0 * truth, 2.0 * truth - 1.0], 1).astype(np.float32)
    assert bias._search([(perfect, truth)]) == [0.0, 0.0]


@pytest.mark.parametrize(("pixels", "share"), [(2048, 0.17), (10_000, 0.5), (5_000_000, 0.998)])
def test_few_pixels_move_the_decision_less(monkeypatch, pixels, share):
    chips = make_set(counts=(1, 2, 0))
    monkeypatch.setattr(type(chips), "labelled", lambda *_: pixels)
    monkeypatch.setattr(bias, "_search", lambda _: [1.0, -1.0, 0.0])
    network = build.build(make_card(chips))
    before = network.head.classify.bias.detach().clone()
    shift = bias.tune(network, chips, 0)
    assert shift == pytest.approx([share, -share, 0], abs=1e-3)
    torch.testing.assert_close(network.head.classify.bias.detach() - before, torch.tensor(shift))


def test_the_classifier_starts_at_the_shares_of_the_classes():
    chips = make_set(counts=(4, 0, 0))
    network = build.build(make_card(chips))
    bias.start_at_shares(network, chips.class_counts())
    shares = np.bincount(chips.roles["train"].labels.ravel(), minlength=3) / chips.roles["train"].labels.size
    np.testing.assert_allclose(network.head.classify.bias.detach().softmax(0), shares, atol=1e-3)


def test_training_imports_without_gdal():
    code = (
        "import sys; sys.modules['rasterio'] = None; sys.modules['pyproj'] = None;"
        "import sgma_qgis.model.training.command, sgma_qgis.model.training.chipset"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("best", "pixels", "words"), [(0, 5000, "has brought nothing"), (2, 40, "40 labelled pixels")])
def test_a_choice_of_weights_that_means_little_is_warned_of(feedback, best, pixels, words):
    data = SimpleNamespace(names=("train", "validation"), labelled=lambda role: pixels)
    command._warn_of_choice(Outcome(None, best_epoch=best, epochs=3), data, feedback)
    assert [words in text for text in feedback.warnings] == [True]


def test_a_sound_choice_of_weights_is_not_warned_of(feedback):
    data = SimpleNamespace(names=("train", "validation"), labelled=lambda role: 1000)
    command._warn_of_choice(Outcome(None, best_epoch=1, epochs=3), data, feedback)
    assert not feedback.warnings
