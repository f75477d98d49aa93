"""Properties 1-9: what is absent has no influence at all, on the whole network."""

import math

import pytest
import torch

from sgma_qgis.model.nn.fusion import BY_NAME

EXACT = {"rtol": 0, "atol": 1e-9}
NAMES = list(BY_NAME)
PRESENT = torch.tensor([[True, False, True], [False, True, False]])

pytestmark = pytest.mark.parametrize("fusion", NAMES)


def close(left, right):
    for a, b in zip((left.logits, *left.robustness), (right.logits, *right.robustness)):
        torch.testing.assert_close(a, b, **EXACT)


def equal(left, right):
    pairs = zip((left.logits, *left.robustness), (right.logits, *right.robustness))
    return all(torch.equal(a, b) for a, b in pairs)


def validity(present=PRESENT):
    """Per pixel: all of what is present, but for ragged corners."""
    valid = present[..., None, None].expand(-1, -1, 64, 64).clone()
    valid[:, 0, :20, :50] = False
    valid[:, 2, 33:, 10:] = False
    return valid


def test_01_robustness_sums_to_one_over_what_is_there(fusion, make_network, make_inputs):
    out = make_network(fusion)(make_inputs(), PRESENT)
    for stage in out.robustness:
        torch.testing.assert_close(stage.sum(1), torch.ones_like(stage[:, 0]), **EXACT)
        assert (stage >= 0).all() and (stage[~PRESENT] == 0).all()


@pytest.mark.parametrize("value", [1e6, math.nan, math.inf])
@pytest.mark.parametrize("training", [False, True])
def test_02_09_an_absent_modality_changes_no_bit(value, training, fusion, make_network, make_inputs):
    network, inputs = make_network(fusion).train(training), make_inputs()
    spoiled = {key: x.clone() for key, x in inputs.items()}
    spoiled["dsm"][0], spoiled["rgb"][1], spoiled["sar"][1] = value, value, value
    torch.manual_seed(1)  # dropout draws the same in both
    before = network(inputs, PRESENT)
    torch.manual_seed(1)
    assert equal(before, network(spoiled, PRESENT))


def test_03_an_absent_slot_equals_no_slot(fusion, make_network, make_inputs):
    network, inputs = make_network(fusion), make_inputs()
    present = torch.tensor([[True, False, True]] * 2)
    whole = network(inputs, present)
    close(whole, network({key: inputs[key] for key in ("rgb", "sar")}, present))
    smaller = make_network(fusion, keys=("rgb", "sar"))
    weights = {
        name.replace("projectors.2", "projectors.1"): value
        for name, value in network.state_dict().items()
        if "projectors.1." not in name and "adapters.dsm." not in name
    }
    smaller.load_state_dict(weights)
    part = smaller({key: inputs[key] for key in ("rgb", "sar")}, torch.ones(2, 2, dtype=torch.bool))
    torch.testing.assert_close(whole.logits, part.logits, **EXACT)


def test_04_no_gradient_reaches_what_is_absent(fusion, make_network, make_inputs):
    network, inputs = make_network(fusion), make_inputs()
    for x in inputs.values():
        x.requires_grad_()
    present = torch.tensor([[True, False, True], [True, False, False]])
    network(inputs, present).logits.square().sum().backward()
    assert inputs["dsm"].grad is None or not inputs["dsm"].grad.any()
    assert not inputs["sar"].grad[1].any() and inputs["sar"].grad[0].any()
    for name, parameter in network.named_parameters():
        if "projectors.1." in name:
            assert parameter.grad is None or not parameter.grad.any()


def test_05_order_of_modalities_does_not_matter(fusion, make_network, make_inputs):
    network, inputs, valid = make_network(fusion), make_inputs(), validity(torch.ones_like(PRESENT))
    order = [2, 0, 1]
    other = make_network(fusion, keys=tuple(network.keys[m] for m in order))
    weights = {}
    for name, value in network.state_dict().items():
        for new, old in enumerate(order):
            if f"projectors.{old}." in name:
                name = name.replace(f"projectors.{old}.", f"projectors.{new}.")
                break
        weights[name] = value
    other.load_state_dict(weights)
    left, right = network(inputs, valid), other(inputs, valid[:, order])
    torch.testing.assert_close(left.logits, right.logits, **EXACT)
    for a, b in zip(left.robustness, right.robustness):
        torch.testing.assert_close(a[:, order], b, **EXACT)


def test_06_samples_do_not_influence_one_another(fusion, make_network, make_inputs):
    network, inputs = make_network(fusion), make_inputs(batch=4)
    present = torch.cat((PRESENT, PRESENT.flip(0)))
    valid = torch.cat((validity(PRESENT), validity(PRESENT.flip(0))))
    gain = {key: (torch.rand(4, x.shape[1]) + 0.5, torch.rand(4, x.shape[1])) for key, x in inputs.items()}
    for mask in (present, valid):
        whole = network(inputs, mask, gain)
        for b in range(4):
            one = slice(b, b + 1)
            single = network(
                {key: x[one] for key, x in inputs.items()},
                mask[one],
                {key: (a[one], c[one]) for key, (a, c) in gain.items()},
            )
            torch.testing.assert_close(whole.logits[one], single.logits, **EXACT)
            for a, c in zip(whole.robustness, single.robustness):
                torch.testing.assert_close(a[one], c, **EXACT)


def test_07_empty_sets(fusion, make_network, make_inputs):
    network, inputs = make_network(fusion), make_inputs()
    with pytest.raises(ValueError, match="sample 1 has no valid pixel in any modality"):
        network(inputs, torch.tensor([[True, False, False], [False, False, False]]))
    valid = validity()
    valid[:, :, 32:, 32:] = False
    out = network(inputs, valid)
    assert torch.isfinite(out.logits).all()
    for stride, stage in zip((4, 8, 16, 32), out.robustness):
        assert (stage[:, :, 32 // stride :, 32 // stride :] == 0).all()
    assert (network.trust(out.robustness, valid)[:, :, 32:, 32:] == 0).all()


def test_08a_values_of_invalid_pixels_change_no_bit(fusion, make_network, make_inputs):
    network, inputs, valid = make_network(fusion), make_inputs(), validity()
    before = network(inputs, valid)
    for value in (1e6, math.nan, -math.inf):
        spoiled = {
            key: torch.where(valid[:, m, None], inputs[key], torch.tensor(value)) for m, key in enumerate(network.keys)
        }
        assert equal(before, network(spoiled, valid))


def test_08c_valid_nowhere_equals_absent(fusion, make_network, make_inputs):
    network, inputs = make_network(fusion), make_inputs()
    valid = torch.ones(2, 3, 64, 64, dtype=torch.bool)
    valid[:, 1] = False
    assert equal(network(inputs, valid), network(inputs, torch.tensor([[True, False, True]] * 2)))


@pytest.mark.parametrize("training", [False, True])
def test_09_only_available_pairs_are_encoded(training, fusion, make_network, make_inputs):
    network = make_network(fusion).train(training)
    batches = []
    network.backbone.register_forward_hook(lambda module, args, out: batches.append(tuple(args[0].shape)))
    network(make_inputs(), PRESENT)
    assert batches == [(int(PRESENT.sum()), 3, 64, 64)]
