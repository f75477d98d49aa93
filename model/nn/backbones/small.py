"""Our own encoder for training from nothing on little data: plain residual 3x3 convolutions.

Without ImageNet weights and at equal wall time it beats PVT-v2-b0 and ResNet-18 on small data (methods section 9).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from ...contract.errors import BadInput
from ..norm import GroupNorm

WIDTHS = (32, 48, 64, 96)
DEPTHS = (2, 2, 2, 1)


class Residual(nn.Module):
    """(N,C,H,W) -> same: two 3x3 convolutions with GroupNorm beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = _conv(channels, channels)
        nn.init.zeros_(self.second[1].weight)  # each block starts as the identity

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class Small(nn.Module):
    """(N,3,H,W) -> four maps at strides 4, 8, 16, 32. About 0.55 M weights at the default widths."""

    def __init__(self, widths: Sequence[int] = WIDTHS, depths: Sequence[int] = DEPTHS) -> None:
        super().__init__()
        self.out_channels = tuple(widths)
        self.stem = nn.Sequential(_conv(3, widths[0] * 3 // 4, stride=2), nn.ReLU())
        before = (widths[0] * 3 // 4, *widths)
        self.stages = nn.ModuleList(
            nn.Sequential(_conv(before[i], width, stride=2), nn.ReLU(), *(Residual(width) for _ in range(depths[i])))
            for i, width in enumerate(widths)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def build(*, pretrained: bool = False) -> Small:
    """Return the encoder. Raises BadInput for pretrained=True: it has no ImageNet weights."""
    if pretrained:
        raise BadInput(
            "Backbone 'small' has no ImageNet weights.",
            "Train it from nothing, or choose pvt_v2_b0, pvt_v2_b2 or resnet50.",
        )
    return Small()


def _conv(before: int, after: int, stride: int = 1) -> nn.Sequential:
    # groups of 8 channels or fewer; GroupNorm, because batches are small and their sensors vary
    groups = next(g for g in (8, 6, 4, 3, 2, 1) if after % g == 0)
    return nn.Sequential(nn.Conv2d(before, after, 3, stride, 1, bias=False), GroupNorm(groups, after))
