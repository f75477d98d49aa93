"""PVT-v2 encoders (Wang et al., 2022) as timm builds them. LayerNorm only, so sensors can share a batch."""

from __future__ import annotations

from torch import Tensor, nn

from .. import timm_loader


class PVT(nn.Module):
    """(N,3,H,W) -> four maps at strides 4, 8, 16, 32."""

    def __init__(self, name: str, *, pretrained: bool) -> None:
        super().__init__()
        self.encoder = timm_loader.create(name, pretrained=pretrained)
        self.out_channels = tuple(self.encoder.feature_info.channels())

    def forward(self, x: Tensor) -> list[Tensor]:
        return self.encoder(x)


def build(name: str, *, pretrained: bool = False) -> PVT:
    """Return encoder `name` (pvt_v2_b0, pvt_v2_b2). Raises BadInput when pretrained weights cannot be had."""
    return PVT(name, pretrained=pretrained)
