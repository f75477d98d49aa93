"""Property 44: no effect at first, merge equals unmerged, frozen weights stay."""

import copy

import pytest
import torch
from torch import nn

from sgma_qgis.model.nn import lora


def test_no_effect_until_it_is_trained(make_network, make_inputs):
    network = make_network()
    inputs, valid = make_inputs(), torch.ones(2, 3, dtype=torch.bool)
    plain = copy.deepcopy(network)(inputs, valid).logits
    lora.add(network, rank=3)
    assert torch.equal(network(inputs, valid).logits, plain)


def test_merge_equals_unmerged_and_leaves_an_ordinary_network(make_network, make_inputs):
    network = make_network()
    names = set(network.state_dict())
    inputs, valid = make_inputs(), torch.ones(2, 3, dtype=torch.bool)
    plain = network(inputs, valid).logits
    lora.add(network)
    for name, parameter in network.named_parameters():
        if name.endswith("0.b"):
            with torch.no_grad():
                parameter.add_(0.1 * torch.randn_like(parameter))
    wanted = network(inputs, valid).logits
    assert not torch.allclose(wanted, plain, atol=1e-3)
    lora.merge(network)
    assert set(network.state_dict()) == names
    torch.testing.assert_close(network(inputs, valid).logits, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("layer", [nn.Linear(12, 5), nn.Conv2d(4, 6, 1), nn.Conv2d(4, 6, 3, padding=1)])
def test_only_the_factors_learn_and_a_copy_is_independent(layer):
    own = layer.weight.detach().clone()
    lora.add(layer, rank=2)
    assert {name for name, p in layer.named_parameters() if p.requires_grad} - {"bias"} == {
        "parametrizations.weight.0.a",
        "parametrizations.weight.0.b",
    }
    other = copy.deepcopy(layer)
    optimizer = torch.optim.SGD([p for p in layer.parameters() if p.requires_grad], 0.1)
    shape = (3, 12) if isinstance(layer, nn.Linear) else (3, 4, 8, 8)
    for _ in range(2):
        optimizer.zero_grad()
        layer(torch.randn(shape)).square().sum().backward()
        optimizer.step()
    assert torch.equal(layer.parametrizations.weight.original, own)
    assert not torch.equal(layer.weight, own)
    assert torch.equal(other.weight, own)
    change = (layer.weight - own).flatten(1)
    assert torch.linalg.matrix_rank(change) <= 2


def test_depthwise_kernels_are_left_alone():
    module = nn.Sequential(nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 4, 1))
    lora.add(module)
    assert "0.weight" in module.state_dict()
    assert "1.weight" not in module.state_dict()
