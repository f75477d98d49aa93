"""ResNet encoders (He et al., 2016) as timm builds them, reduced to PVT-v2-b2's widths.

SGF on ResNet-50's own 256..2048 channels would cost 63 M weights (methods 2.3), hence the 1x1 reduction.
"""

from __future__ import annotations

from torch import Tensor, nn

from .. import timm_loader

WIDTHS = (64, 128, 320, 512)


class ResNet(nn.Module):
    """(N,3,H,W) -> four maps at strides 4, 8, 16, 32 of 64, 128, 320, 512 channels.

    BatchNorm always uses its stored statistics: those of one batch would mix sensors of very different distributions.
    """

    def __init__(self, name: str, *, pretrained: bool) -> None:
        super().__init__()
        self.encoder = timm_loader.create(name, pretrained=pretrained)
        self.reduce = nn.ModuleList(
            nn.Conv2d(before, after, 1) for before, after in zip(self.encoder.feature_info.channels(), WIDTHS)
        )
        self.out_channels = WIDTHS

    def train(self, mode: bool = True) -> ResNet:
        """As nn.Module.train, but BatchNorm layers stay in evaluation mode."""
        super().train(mode)
        for module in self.encoder.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x: Tensor) -> list[Tensor]:
        return [reduce(part) for reduce, part in zip(self.reduce, self.encoder(x))]


def build(name: str, *, pretrained: bool = False) -> ResNet:
    """Return encoder `name`. Raises BadInput when pretrained weights cannot be had."""
    return ResNet(name, pretrained=pretrained)
