"""Starting one network from another: classes by name, sensors by key or nearness, bands by name or evenly."""

from dataclasses import replace

import pytest
import torch

from sgma_qgis.model.contract.card import ClassInfo, ModalityStats
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.nn import build
from sgma_qgis.model.nn.inherit import carried, inherit, project


def network(card):
    made = build.build(card).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return made


def start(card, base_card):
    base, new = network(base_card), build.build(card).eval()
    said = " ".join(inherit(new, card, base, base_card))
    return base, new, said


def classes(*names):
    return tuple(ClassInfo(i, name, "#00ff00") for i, name in enumerate(names))


@pytest.mark.parametrize("fusion", ["semantic_guided", "mean"])
def test_the_same_card_gives_the_same_network(make_card, make_inputs, fusion):
    card = make_card(fusion=fusion)
    base, new, _ = start(card, card)
    for name, value in base.state_dict().items():
        assert torch.equal(new.state_dict()[name], value), name


def test_classes_go_by_name_new_ones_start_from_the_mean(make_card):
    base_card = replace(make_card(), classes=classes("Water", "Tree", "Street", "Roof"))
    card = replace(make_card(), classes=classes("tree", "Vine", "Water"))
    base, new, said = start(card, base_card)
    ours, theirs = new.head.classify, base.head.classify
    assert torch.equal(ours.weight[[0, 2]], theirs.weight[[1, 0]])
    assert torch.equal(ours.bias[[0, 2]], theirs.bias[[1, 0]])
    torch.testing.assert_close(ours.weight[1], theirs.weight.mean(0))
    torch.testing.assert_close(ours.bias[1], theirs.bias.mean())
    for a, b in zip(new.fusion.stages, base.fusion.stages):
        assert torch.equal(a.csf.weight, b.csf.weight[[1, 2, 0]])  # the new one takes over a class that is left out
    assert carried(card, base_card) == [(0, 1), (2, 0)]
    assert "2 of the new model's 3 classes start with" in said
    assert "Vine" in said
    assert "left out: Street, Roof" in said


def test_more_new_classes_than_spare_prototypes_stay_apart(make_card):
    _, new, _ = start(replace(make_card(), classes=classes("a", "b", "c", "d", "e", "f")), make_card())
    for stage in new.fusion.stages:
        assert torch.unique(stage.csf.weight, dim=0).shape[0] == 6


def test_sensors_go_by_key_new_ones_are_copies_of_the_nearest(make_card, make_inputs):
    """Fed with what it was copied from, the new sensor gives the old one's map."""
    base_card = make_card(keys=("rgb", "sar"))
    nir = ModalityStats("nir", ("nir",), "dn8", (0.0,), (200.0,), (90.0,), (40.0,))
    rgb, sar = base_card.modalities
    card = replace(base_card, modalities=(rgb, nir, sar))
    base, new, said = start(card, base_card)
    assert "NIR is new to it and starts as a copy of RGB" in said
    grey = 200 * torch.rand(2, 1, 64, 64)
    there = torch.tensor([[True, False]] * 2)
    wanted = base({"rgb": grey.expand(-1, 3, -1, -1)}, there).logits
    found = new({"nir": grey}, torch.tensor([[False, True, False]] * 2)).logits
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-4)
    both = make_inputs(keys=("rgb", "sar"))
    wanted = base(both, torch.ones(2, 2, dtype=torch.bool)).logits
    found = new(both, torch.tensor([[True, False, True]] * 2)).logits
    assert torch.equal(found, wanted)
    alone = replace(base_card, modalities=(sar,))
    _, _, said = start(alone, base_card)
    assert "has no RGB" in said


def test_a_model_without_any_of_the_sensors_is_refused(make_card):
    with pytest.raises(BadInput, match="takes RGB; the data has DSM only"):
        start(make_card(keys=("dsm",)), make_card(keys=("rgb",)))


@pytest.mark.parametrize(
    ("old", "new", "known"),
    [
        (("red", "green", "blue"), ("nir",), False),
        (("red", "green", "blue"), ("red", "green", "blue", "edge"), True),
        (("red", "green", "blue"), ("green", "edge"), True),
        (("red", "green", "blue"), ("Red",), True),
        (("VV", "VH"), ("VV",), True),
        (("height",), ("a", "b", "c"), False),
    ],
)
def test_a_picture_of_equal_bands_looks_the_same(old, new, known):
    weight = torch.randn(3, len(old), 1, 1)
    made = project(weight, old, new, known=known)
    assert made.shape == (3, len(new), 1, 1)
    torch.testing.assert_close(made.sum(1), weight.sum(1))
    if len(new) == 4:
        assert torch.equal(made[:, :3], weight)
        assert not made[:, 3].any()  # nothing is left for a band that the base does not know
