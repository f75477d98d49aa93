"""What fine-tuning may change: property 44, on whole packages."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load

from sgma_qgis.model.contract.card import ClassInfo
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.store import open_package
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn import build, lora
from sgma_qgis.model.training import package, strategies
from sgma_qgis.model.training.command import Naming, train_package
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.start import Start
from tests.training.scenes import make_card, make_set

RECIPE = Recipe(epochs=2, crop=32, batch=4, rate=4e-3, averaging=0.5, checks=1)


@pytest.fixture
def base(tmp_path):
    chips = make_set(counts=(1, 0, 0))
    torch.manual_seed(7)
    card = replace(make_card(chips), id="base", title="Base", attribution="Somebody.")
    package.write(tmp_path / "base", card, build.build(card))
    return open_package(tmp_path / "base")


def tuned(base, strategy, folder, chips=None, recipe=RECIPE, said=None):
    chips = chips or make_set(counts=(8, 2, 2))
    feedback = JobFeedback("test", lambda event: said.append(getattr(event, "text", "")) if said is not None else None)
    train_package(
        chips, folder, naming=Naming("tiny", "Tiny"), spec=base.card.network, tile=64, recipe=recipe,
        device=torch.device("cpu"), command="", feedback=feedback, start=Start(base, strategy=strategy),
    )  # fmt: skip
    return open_package(folder)


@pytest.mark.parametrize(
    ("strategy", "changed", "kept"),
    [
        ("head", {"head"}, {"adapters", "backbone", "fusion"}),
        ("adapters", {"adapters", "backbone", "fusion", "head"}, set()),
        ("all", {"adapters", "backbone", "fusion", "head"}, set()),
    ],
)
def test_what_a_strategy_changes(base, tmp_path, strategy, changed, kept):
    found = tuned(base, strategy, tmp_path / "m")
    before, after = load(base.weights()), load(found.weights())
    assert before.keys() == after.keys()
    parts = {name.split(".")[0] for name, value in after.items() if not torch.equal(value, before[name])}
    assert parts == changed
    assert not parts & kept
    assert found.card.provenance["base"] == {
        "id": "base", "weights_sha256": base.card.weights_sha256, "strategy": strategy
    }  # fmt: skip
    build.load(found.card, found.weights(), "here")


def test_adapters_change_frozen_layers_by_a_low_rank_only(base, tmp_path, monkeypatch):
    monkeypatch.setattr(lora.add, "__defaults__", (2, ()))
    found = tuned(base, "adapters", tmp_path / "m")
    before, after = load(base.weights()), load(found.weights())
    moved = 0
    for name, value in after.items():
        if (name.startswith("backbone.") or ".robust." in name) and name.endswith("weight") and value.dim() > 1:
            change = (value - before[name]).flatten(1)
            assert torch.linalg.matrix_rank(change, atol=1e-5) <= 2, name
            moved += bool(change.abs().max() > 1e-5)
        if name.startswith("fusion.stages.0.robust") and name.endswith("bias"):
            assert torch.equal(value, before[name])
    assert moved > 10


def test_adapters_leave_the_scores_as_they_are_until_trained(base):
    chips = make_set(counts=(2, 0, 0))
    network = build.load(base.card, base.weights(), "here")
    values = {key: torch.from_numpy(part) for key, part in chips.roles["train"].values.items()}
    valid = torch.from_numpy(chips.roles["train"].valid)
    wanted = network(values, valid).logits
    strategies.apply(network, "adapters")
    assert torch.equal(network(values, valid).logits, wanted)
    learns = {name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad}
    assert learns == {"adapters", "backbone", "fusion", "head"}
    frozen = [name for name, p in network.named_parameters() if not p.requires_grad]
    assert any("parametrizations.weight.original" in name for name in frozen)
    assert not any("projectors" in name or "csf" in name or "norm" in name for name in frozen)


def test_new_classes_and_distillation(base, tmp_path):
    chips = make_set(counts=(8, 2, 2))
    names = ("class 2", "Vine", "class 0")
    chips = replace(chips, classes=tuple(ClassInfo(k, name, "#102030") for k, name in enumerate(names)))
    said = []
    found = tuned(base, "adapters", tmp_path / "m", chips, replace(RECIPE, distil=0.5), said)
    assert [info.name for info in found.card.classes] == list(names)
    assert any("2 of the new model's 3 classes start with" in text and "Vine" in text for text in said)
    assert len(found.card.calibration) == 7
    assert found.card.attribution == ""  # naming is the caller's
    other = replace(chips, classes=tuple(ClassInfo(k, name, "#102030") for k, name in enumerate(("a", "b", "class 0"))))
    with pytest.raises(BadInput, match="--distil.*'base'.*1 of them"):
        tuned(base, "all", tmp_path / "n", other, replace(RECIPE, distil=0.5))


def test_data_that_cannot_be_used(base, tmp_path):
    chips = make_set(counts=(4, 2, 0))
    chips.roles["validation"].labels[:] = 255
    with pytest.raises(BadInput, match="no label in the data of role 'validation'"):
        tuned(base, "head", tmp_path / "m", chips)
    chips = make_set(counts=(4, 0, 0))
    chips.roles["train"].labels[:] = 1
    with pytest.raises(BadInput, match="one class only, class 1"):
        tuned(base, "head", tmp_path / "m", chips)
    assert not (tmp_path / "m").exists()
