"""Sizes, errors, re-fusing a subset, trust, training, and the graph that a compiled backend gets."""

import copy

import pytest
import torch

from sgma_qgis.model.nn.network import _tokens

EXACT = {"rtol": 0, "atol": 1e-9}
ALL = torch.ones(2, 3, dtype=torch.bool)


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (33, 5), (64, 96), (50, 65)])
def test_41_any_size_works_and_every_pixel_gets_scores(size, make_network, make_inputs):
    network, (height, width) = make_network(), size
    out = network(make_inputs(2, height, width), ALL)
    assert out.logits.shape == (2, 4, height, width)
    assert torch.isfinite(out.logits).all()
    for stride, stage in zip((4, 8, 16, 32), out.robustness):
        assert stage.shape == (2, 3, -(-height // stride), -(-width // stride))
        torch.testing.assert_close(stage.sum(1), torch.ones_like(stage[:, 0]), **EXACT)


def test_41_padding_by_the_caller_equals_padding_inside(make_network, make_inputs):
    network, inputs = make_network(), make_inputs(2, 50, 65)
    valid = torch.ones(2, 3, 50, 65, dtype=torch.bool)
    padded = {key: torch.nn.functional.pad(x, (0, 31, 0, 14), value=9.0) for key, x in inputs.items()}
    whole = network(padded, torch.nn.functional.pad(valid, (0, 31, 0, 14)))
    assert torch.equal(network(inputs, valid).logits, whole.logits[..., :50, :65])


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.int16, torch.float32])
def test_stored_dtypes_go_in_as_they_are(dtype, make_network, make_inputs):
    network, present = make_network().float(), torch.tensor([[True, True, True], [True, False, True]])
    inputs = {key: x.to(torch.int32).to(dtype) for key, x in make_inputs().items()}
    out = network(inputs, present)
    assert out.logits.dtype == torch.float32
    expected = network({key: x.to(torch.float32) for key, x in inputs.items()}, present)
    assert torch.equal(out.logits, expected.logits)


def test_a_covered_pixel_lies_in_a_token_with_data():
    coverage = torch.tensor([[0.6, 0.5, 0.0], [0.4, 0.4, 0.0], [0.1, 0.3, 0.3], [0.0, 0.0, 0.0]]).T.view(1, 3, 2, 2)
    expected = [[True, True, False], [True, True, False], [False, True, True], [False, False, False]]
    assert _tokens(coverage).flatten(2)[0].T.tolist() == expected


def test_one_valid_pixel_is_enough(make_network, make_inputs):
    network = make_network()
    valid = torch.zeros(1, 3, 64, 64, dtype=torch.bool)
    valid[0, 1, 40, 21] = True
    out = network(make_inputs(1), valid)
    assert [stage[0, 1].sum().item() for stage in out.robustness] == [1, 1, 1, 1]
    trust = network.trust(out.robustness, valid)
    assert trust[0, :, 40, 21].tolist() == [0, 1, 0]
    assert trust.sum() == 1


def test_trust_is_a_share_over_the_modalities_of_the_pixel(make_network, make_inputs):
    network = make_network()
    valid = torch.rand(2, 3, 50, 65) > 0.3
    valid[0, :, 0, 0] = False
    valid[0, :, 3, 3], valid[0, 2, 3, 3] = False, True
    trust = network.trust(network(make_inputs(2, 50, 65), valid).robustness, valid)
    assert trust.shape == valid.shape
    assert (trust >= 0).all() and (trust[~valid] == 0).all()
    torch.testing.assert_close(trust.sum(1), valid.any(1).to(trust.dtype), rtol=0, atol=1e-6)


def test_trust_where_a_pixels_sensors_have_no_weight_is_even(make_network):
    robustness = [torch.eye(3)[0].view(1, 3, 1, 1).expand(1, 3, 32 // s, 32 // s) for s in (4, 8, 16, 32)]
    valid = torch.tensor([False, True, True]).view(1, 3, 1, 1).expand(1, 3, 32, 32)
    trust = make_network().trust(robustness, valid)
    assert trust[0, :, 5, 5].tolist() == [0, 0.5, 0.5]


def test_24_a_subset_is_fused_again_without_encoding_again(make_network, make_inputs):
    network, inputs = make_network(), make_inputs(batch=4)
    present = torch.tensor([[True, True, True], [True, True, False], [False, True, True], [True, True, True]])
    subset = torch.tensor([[False, True, False], [True, False, True], [False, True, True], [True, False, True]])
    calls = []
    network.backbone.register_forward_hook(lambda *_: calls.append(1))
    features = network.encode(inputs, present)
    fused, robustness = network.fuse(features, subset)
    assert len(calls) == 1
    direct = network(inputs, present & subset)
    torch.testing.assert_close(network.decode(fused, features.size), direct.logits, **EXACT)
    for a, b in zip(robustness, direct.robustness):
        torch.testing.assert_close(a, b, **EXACT)
    full = network.decode(network.fuse(features)[0], features.size)
    torch.testing.assert_close(full, network(inputs, present).logits, **EXACT)


def test_what_is_projected_once_fuses_as_if_projected_again(make_network, make_inputs):
    network, inputs = make_network(), make_inputs(batch=3)
    features = network.encode(inputs, torch.ones(3, 3, dtype=torch.bool))
    subset = torch.tensor([[False, True, False], [True, False, True], [True, True, True]])
    projected = network.project(features)
    calls = []
    for stage in network.fusion.stages:
        for projector in stage.projectors:
            projector.register_forward_hook(lambda *_: calls.append(1))
    again = network.fuse(features, subset, projected)
    assert not calls
    for a, b in zip(again, network.fuse(features, subset)):
        for mine, other in zip(a, b):
            torch.testing.assert_close(mine, other, **EXACT)


def test_tokens_that_count_only_where_others_are_left_out_are_projected_again(make_network, make_inputs):
    """A token that two sensors cover a little is data of the better one, or of the other where that is left out."""
    network, inputs = make_network(), make_inputs(batch=1)
    height, width = next(iter(inputs.values())).shape[-2:]
    present = torch.ones(1, 3, height, width, dtype=torch.bool)
    present[:, :, :4, :4] = False
    present[:, 0, :1, :3] = present[:, 1, :1, :2] = True
    features = network.encode(inputs, present)
    subset = torch.tensor([[False, True, True]])
    again, plain = network.fuse(features, subset, network.project(features)), network.fuse(features, subset)
    for a, b in zip(again, plain):
        for mine, other in zip(a, b):
            torch.testing.assert_close(mine, other, **EXACT)
    calls = []
    network.fusion.stages[0].projectors[1].register_forward_hook(lambda *_: calls.append(1))
    network.fuse(features, subset, network.project(features))
    assert len(calls) == 2


def test_samples_that_differ_are_not_projected_once(make_network, make_inputs):
    network, inputs = make_network(), make_inputs(batch=2)
    assert network.project(network.encode(inputs, torch.tensor([[True, True, True], [True, False, True]]))) is None


def test_a_subset_that_leaves_nothing_is_refused(make_network, make_inputs):
    network = make_network()
    features = network.encode(make_inputs(), torch.tensor([[True, True, False], [True, False, False]]))
    with pytest.raises(ValueError, match="sample 1 is left with no modality"):
        network.fuse(features, torch.tensor([[False, True, False]] * 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"leave": "dsm"}, "dsm is present but not among the inputs"),
        ({"add": "lidar"}, "unknown modality lidar; this network knows rgb, dsm, sar"),
        ({"present": torch.ones(2, 2, dtype=torch.bool)}, "present must be bool"),
        ({"present": torch.ones(2, 3)}, "present must be bool"),
        ({"present": torch.ones(2, 3, 8, 8, dtype=torch.bool)}, "present must be bool"),
        ({"shrink": "sar"}, "one \\(B,H,W\\)"),
        ({"leave": "all"}, "one or more tensors"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(change, message, make_network, make_inputs):
    inputs = make_inputs()
    if change.get("leave"):
        inputs = {k: x for k, x in inputs.items() if change["leave"] not in (k, "all")}
    if change.get("add"):
        inputs[change["add"]] = inputs["dsm"]
    if change.get("shrink"):
        inputs[change["shrink"]] = inputs[change["shrink"]][..., :-1]
    with pytest.raises(ValueError, match=message):
        make_network()(inputs, change.get("present", ALL))


@pytest.mark.parametrize("fusion", ["semantic_guided", "mean"])
def test_two_path_training_lowers_the_loss(fusion, make_network, make_inputs):
    network, inputs = make_network(fusion).float().train(), make_inputs(height=32, width=32)
    target = (inputs["rgb"][:, 0] > 110).long()
    optimiser = torch.optim.AdamW(network.parameters(), 1e-2)
    losses = []
    for _ in range(12):
        features = network.encode(inputs, ALL)
        paths = [network.fuse(features)[0], network.fuse(features, torch.tensor([[True, False, False]] * 2))[0]]
        logits = network.decode([torch.cat(parts) for parts in zip(*paths)], features.size)
        loss = torch.nn.functional.cross_entropy(logits, target.repeat(2, 1, 1))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert all(torch.isfinite(p).all() for p in network.parameters())


def test_bf16_autocast_gives_float32_scores(make_network, make_inputs):
    network, inputs = make_network().float(), make_inputs()
    valid = torch.rand(2, 3, 64, 64) > 0.2
    with torch.no_grad():
        exact = network(inputs, valid)
        with torch.autocast("cpu", torch.bfloat16):
            rough = network(inputs, valid)
    assert rough.logits.dtype == torch.float32
    assert (rough.logits - exact.logits).abs().max() < 0.2 * exact.logits.abs().max()
    for stage in rough.robustness:
        torch.testing.assert_close(stage.sum(1), torch.ones_like(stage[:, 0]), rtol=0, atol=0.02)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::torch.jit.TracerWarning")
def test_a_traced_graph_keeps_masks_batch_and_size_inside(make_network, make_inputs):
    network = make_network().float()

    class Fixed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network = copy.deepcopy(network)

        def forward(self, rgb, sar, present):
            return self.network({"rgb": rgb, "sar": sar}, present).logits

    def example(batch, size, holes):
        inputs = make_inputs(batch, size, size)
        valid = torch.rand(batch, 3, size, size) > holes
        valid[:, 1] = False
        return inputs["rgb"], inputs["sar"], valid

    with torch.no_grad():
        traced = torch.jit.trace(Fixed().eval(), example(1, 64, 0.0), check_trace=False)
        for args in (example(3, 64, 0.5), example(2, 128, 0.2)):
            expected = network({"rgb": args[0], "sar": args[1]}, args[2]).logits
            torch.testing.assert_close(traced(*args), expected, rtol=1e-4, atol=1e-4)
