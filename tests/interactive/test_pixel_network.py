"""The head on pixels: availability, subsets, smoothing within edges, and its place in a package."""

import hashlib
from dataclasses import replace

import pytest
import random_model
import torch

from sgma_qgis.model.contract.card import Card, ClassInfo, NetworkSpec, PixelHead, parse, to_json
from sgma_qgis.model.contract.errors import BadModel
from sgma_qgis.model.nn.build import build, dump, load
from sgma_qgis.model.nn.pixels import smooth

KEYS = ("rgb", "nir", "dsm", "sar")


def card(base_classes):
    spec = NetworkSpec("small", "semantic_guided", 16) if base_classes else NetworkSpec("none", "none", 8)
    return Card(
        "demo", "Demo", tuple(ClassInfo(i, f"class {i}", "#112233") for i in range(3)), random_model.stats(),
        replace(spec, pixels=PixelHead(16, base_classes)), (0.1, 0.5, 2.0), 128, "weights.safetensors", "0" * 64,
    )  # fmt: skip


@pytest.fixture(params=[0, 5], ids=["pixels alone", "with a network"])
def network(request):
    torch.manual_seed(0)
    made = build(card(request.param)).eval()
    with torch.no_grad():  # statistics as a fit would find them
        made.mean.fill_(100.0)
        made.std.fill_(50.0)
    return made


def scene(seed=0, side=48):
    generator = torch.Generator().manual_seed(seed)
    inputs = {
        "rgb": torch.randint(0, 255, (1, 3, side, side), generator=generator, dtype=torch.uint8),
        "nir": torch.randint(0, 255, (1, 1, side, side), generator=generator, dtype=torch.uint8),
        "sar": torch.randn(1, 2, side, side, generator=generator),
    }
    present = torch.ones(1, 4, side, side, dtype=torch.bool)
    present[:, KEYS.index("dsm")] = False
    return inputs, present


@torch.inference_mode()
def test_what_is_not_valid_changes_no_bit(network):
    inputs, present = scene()
    present[:, 1, :20] = False
    before = network(inputs, present).logits
    inputs["nir"] = inputs["nir"].float()
    inputs["nir"][:, :, :20] = float("nan")
    assert torch.equal(network(inputs, present).logits, before)


@torch.inference_mode()
def test_a_subset_is_as_if_the_others_were_absent(network):
    inputs, present = scene()
    features = network.encode(inputs, present)
    fused, _ = network.fuse(features, torch.tensor([[True, False, False, True]]))
    present[:, 1] = False
    alone = network({key: inputs[key] for key in ("rgb", "sar")}, present).logits
    assert torch.allclose(network.decode(fused, features.size), alone, atol=1e-4)


@torch.inference_mode()
def test_logits_are_logarithms_of_probabilities_and_trust_sums_to_one(network):
    inputs, present = scene()
    prediction = network(inputs, present)
    assert prediction.logits.shape == (1, 3, 48, 48)
    assert torch.allclose(prediction.logits.exp().sum(1), torch.ones(1, 48, 48), atol=1e-4)
    assert torch.allclose(network.trust(prediction.robustness, present).sum(1), torch.ones(1, 48, 48))


def test_smoothing_stays_within_edges_and_takes_nothing_from_nodata():
    guide = torch.zeros(1, 1, 40, 40)
    guide[..., 20:] = 6.0
    sharp = torch.stack([(guide[0, 0] == 0).float(), (guide[0, 0] > 0).float()])[None]
    valid = torch.ones(1, 1, 40, 40)
    assert torch.allclose(smooth(sharp, guide, valid), sharp, atol=1e-4)
    noisy = (sharp + 0.4 * torch.randn(sharp.shape, generator=torch.Generator().manual_seed(0))).clamp(0, 1)
    noisy = noisy / noisy.sum(1, keepdim=True).clamp(min=1e-6)
    wrong = (noisy.argmax(1) != sharp.argmax(1)).float().mean()
    left = (smooth(noisy, guide, valid).argmax(1) != sharp.argmax(1)).float().mean()
    assert left < 0.3 * wrong
    holes = valid.clone()
    holes[..., 10:15, :] = 0
    spoilt = noisy.clone()
    spoilt[..., 10:15, :] = 0.5
    kept = holes.bool().expand_as(noisy)
    assert torch.equal(smooth(noisy, guide, holes)[kept], smooth(spoilt, guide, holes)[kept])


@pytest.mark.parametrize("base_classes", [0, 5])
def test_a_package_keeps_it(base_classes):
    made = card(base_classes)
    assert parse(to_json(made), "card") == made
    torch.manual_seed(1)
    network = build(made).eval()
    data = dump(network, made)
    back = load(made, data, "weights")
    assert hashlib.sha256(dump(back, made)).digest() == hashlib.sha256(data).digest()
    other = replace(made, network=replace(made.network, pixels=PixelHead(17, base_classes)))
    with pytest.raises(BadModel, match="pixels"):
        load(other, data, "weights")
    plain = replace(made, network=NetworkSpec("small", "semantic_guided", 16))
    with pytest.raises(BadModel, match="made for network"):
        load(plain, data, "weights")


@pytest.mark.parametrize("pixels, words", [({"hidden": 0}, "hidden"), ("yes", "network.pixels")])
def test_a_wrong_card_is_refused(pixels, words):
    import json

    raw = json.loads(to_json(card(0)))
    raw["network"]["pixels"] = pixels
    with pytest.raises(BadModel, match=words):
        parse(json.dumps(raw), "card")
