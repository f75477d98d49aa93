"""Property 43 (round trip; refusal of another card) and everything that a stranger's package may get wrong."""

import dataclasses
import json
import pickle

import pytest
import safetensors.torch
import torch

from sgma_qgis.model.contract.card import parse, to_json
from sgma_qgis.model.contract.errors import BadModel
from sgma_qgis.model.nn import fusion as fusions
from sgma_qgis.model.nn.build import build, dump, load


@pytest.fixture
def package(make_card):
    card = make_card()
    network = build(card).eval()
    return card, network, dump(network, card)


def example(card, size=32):
    inputs = {stats.key: torch.rand(1, len(stats.bands), size, size) * 200 for stats in card.modalities}
    return inputs, torch.ones(1, len(card.modalities), dtype=torch.bool)


def with_stats(card, index=0, **fields):
    rows = list(card.modalities)
    rows[index] = dataclasses.replace(rows[index], **fields)
    return dataclasses.replace(card, modalities=tuple(rows))


@pytest.mark.parametrize("fusion", fusions.BY_NAME)
def test_options_named_by_their_defaults_build_what_no_options_build(fusion, make_card):
    plain = make_card("small", fusion)
    named = dataclasses.replace(plain, network=dataclasses.replace(plain.network, options=fusions.defaults(fusion)))
    inputs = example(plain)
    logits = []
    for card in (plain, named):
        torch.manual_seed(0)
        with torch.no_grad():
            logits.append(build(card).eval()(*inputs).logits)
    assert torch.equal(*logits)
    assert set(fusions.defaults(fusion)) == set(fusions.BY_NAME[fusion].OPTIONS)


@pytest.mark.parametrize("backbone", ["small", "pvt_v2_b0"])
@pytest.mark.parametrize("fusion", ["semantic_guided", "mean"])
def test_43_round_trip_reproduces_every_bit(backbone, fusion, make_card):
    card = make_card(backbone, fusion)
    network = build(card).eval()
    again = load(card, dump(network, card), "w")
    assert not again.training and again.keys == card.keys
    with torch.no_grad():
        args = example(card)
        assert torch.equal(network(*args).logits, again(*args).logits)


def test_half_precision_is_half_the_size_and_loads_as_float32(package):
    card, network, full = package
    half = dump(network, card, half=True)
    assert len(half) < 0.6 * len(full)
    again = load(card, half, "w")
    assert {p.dtype for p in again.parameters()} == {torch.float32}
    args = example(card)
    with torch.no_grad():
        torch.testing.assert_close(again(*args).logits, network(*args).logits, rtol=0.02, atol=0.02)


def test_43_scaling_comes_from_the_card_and_must_match_the_weights(package):
    card, _, weights = package
    with pytest.raises(BadModel, match="modality rgb with mean"):
        load(with_stats(card, mean=(1.0, 2.0, 3.0)), weights, "w")
    with pytest.raises(BadModel, match="modality dsm with unit ndsm, the card says dsm"):
        load(with_stats(card, 1, unit="dsm"), weights, "w")


def test_43_band_order_modalities_and_classes_must_match(package, make_card):
    card, _, weights = package
    with pytest.raises(BadModel, match="modality rgb with bands .*'red', 'green', 'blue'.*'blue', 'green', 'red'"):
        load(with_stats(card, bands=("blue", "green", "red")), weights, "w")
    with pytest.raises(BadModel, match="made for modalities .*'rgb', 'dsm'.*'rgb', 'dsm', 'sar'"):
        load(make_card(keys=("rgb", "dsm", "sar")), weights, "w")
    swapped = dataclasses.replace(card, classes=card.classes[::-1])
    with pytest.raises(BadModel, match="made for classes"):
        load(swapped, weights, "w")
    with pytest.raises(BadModel, match="network with fusion semantic_guided, the card says mean"):
        load(make_card(fusion="mean"), weights, "w")


def test_43_weights_fit_the_card_that_was_written_and_read_again(package):
    card = with_stats(package[0], low=(0, 0, 0), std=(0.1 + 0.2, 1 / 3, 7))
    load(parse(to_json(card), "card.json"), dump(package[1], card), "w")


def test_titles_colours_and_a_hash_may_change(package):
    card, _, weights = package
    classes = tuple(dataclasses.replace(c, color="#123456") for c in card.classes)
    load(dataclasses.replace(card, title="Other", classes=classes, weights_sha256="f" * 64), weights, "w")


@pytest.mark.parametrize("junk", [b"", b"\x08", pickle.dumps({"a": 1}), b"\xff" * 64, b"PK\x03\x04" + bytes(100)])
def test_bytes_that_are_not_safetensors_are_refused(junk, package):
    with pytest.raises(BadModel, match="w is not a safetensors file of ours"):
        load(package[0], junk, "w")


@pytest.mark.parametrize("cut", [0.1, 0.9])
def test_a_cut_file_is_refused(cut, package):
    card, _, weights = package
    with pytest.raises(BadModel, match="not a safetensors"):
        load(card, weights[: int(len(weights) * cut)], "w")


def changed(package, change):
    card, _, weights = package
    tensors = safetensors.torch.load(weights)
    metadata = json.loads(weights[8 : 8 + int.from_bytes(weights[:8], "little")])["__metadata__"]
    change(tensors, metadata)
    return card, safetensors.torch.save(tensors, metadata=metadata), "w"


def first_value_nan(tensors, metadata):
    tensors["head.classify.bias"][0] = float("nan")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t, m: t.pop("head.classify.bias"), r"lacks tensor head.classify.bias \(1 missing"),
        (lambda t, m: t.update(evil=torch.zeros(1)), "has tensor evil, which"),
        (
            lambda t, m: t.update({"head.classify.bias": torch.zeros(9)}),
            r"head.classify.bias has shape \[9\], not \[4\]",
        ),
        (lambda t, m: t.update({"head.classify.bias": torch.zeros(4, dtype=torch.int8)}), "has type torch.int8"),
        (first_value_nan, "head.classify.bias holds values that are not finite"),
        (lambda t, m: m.pop("classes"), "do not say which classes"),
        (lambda t, m: m.update(classes="{{{"), "not a safetensors file of ours"),
        (lambda t, m: m.update(network="[]"), r"made for network \[\]"),
    ],
)
def test_damaged_weights_are_named(change, message, package):
    with pytest.raises(BadModel, match=message):
        load(*changed(package, change))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"backbone": "vgg"}, "no backbone 'vgg'; known are small, pvt_v2_b0, pvt_v2_b2, resnet50"),
        ({"fusion": "magic"}, "no fusion 'magic'; known are semantic_guided, mean"),
        ({"options": {"heads": [1] * 4}}, "'heads'; semantic_guided knows: proto_norm, rp_residual, even_share"),
        ({"fusion": "mean", "options": {"proto_norm": "softmax"}}, "mean knows: none"),
        ({"options": {"proto_norm": "batch"}}, "proto_norm is 'batch'; possible are 'softmax', 'mean', 'none'"),
        ({"options": {"proto_norm": {"a": 1}}}, "proto_norm is"),
        ({"options": {"rp_residual": 1}}, "rp_residual is 1; possible are False, True"),
        ({"head": 4096}, "head_channels is 4096, not 8 to 1024"),
        ({"classes": 1025}, "1025 classes; at most 1024"),
    ],
)
def test_cards_that_cannot_be_built_are_refused(fields, message, make_card):
    with pytest.raises(BadModel, match=message):
        build(make_card(**fields))


def test_options_reach_the_fusion(make_card):
    network = build(make_card(options={"proto_norm": "none", "rp_residual": True}))
    assert {(stage.proto_norm, stage.rp_residual) for stage in network.fusion.stages} == {("none", True)}


def test_bands_named_red_green_blue_are_shown_to_the_encoder(make_card):
    bands = ("coastal", "Blue", "Green", "Red", "nir")
    values = (0.0,) * 5
    card = with_stats(make_card(), bands=bands, low=values, mean=values, high=(1.0,) * 5, std=(1.0,) * 5)
    weight = build(card).adapters["rgb"].project.weight[..., 0, 0]
    assert weight.argmax(1).tolist() == [3, 2, 1] and weight.sum() == 3


def test_the_same_weights_give_the_same_bytes(make_card):
    card = make_card()
    network = build(card)
    assert len({dump(network, card) for _ in range(8)}) == 1
