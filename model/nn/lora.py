"""Low-rank adapters (LoRA, Hu et al., 2022, arXiv 2106.09685): W + B A beside a frozen W.

They are parametrizations of a layer's `weight`, not layers of their own, so code that reads the weight (the folded
attention of SGF) sees the sum as well; `merge` leaves ordinary layers with the sum as their weight.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

RANK = 8  # of B A, times a scale of 1 (methods 5.3: rank 4 to 8, alpha = rank)


class LowRank(nn.Module):
    """W (O,I,...) -> W + B A, with A (r,I...) random and B (O,r) zero at first: no effect until it is trained."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        rows, columns = weight.shape[0], weight[0].numel()
        rank = min(rank, rows, columns)
        self.a = nn.Parameter(torch.empty(rank, columns, dtype=weight.dtype, device=weight.device))
        self.b = nn.Parameter(torch.zeros(rows, rank, dtype=weight.dtype, device=weight.device))
        nn.init.kaiming_uniform_(self.a, a=math.sqrt(5))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + (self.b @ self.a).view_as(weight)


def add(module: nn.Module, rank: int = RANK, without: Collection[nn.Module] = ()) -> None:
    """Give every linear layer and ungrouped convolution within `module` an adapter; their own weights are frozen.

    Convolutions of any size: encoders like `small` have no attention and no 1x1 convolution. without: layers that get
    none.
    """
    for layer in [layer for layer in _layers(module) if layer not in without]:
        layer.weight.requires_grad_(False)
        parametrize.register_parametrization(layer, "weight", LowRank(layer.weight, rank))


def merge(module: nn.Module) -> None:
    """Turn adapters within `module` into ordinary weights."""
    for layer in module.modules():
        if parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight")


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    for layer in module.modules():
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.groups == 1):
            yield layer
