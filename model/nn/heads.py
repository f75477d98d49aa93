"""The segmentation head."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from .norm import GroupNorm


class MlpHead(nn.Module):
    """SegFormer's head (Xie et al., 2021): project every stage, bring it to stride 4, fuse, classify.

    Its "linear per stage, upsample, concatenate, 1x1" is linear and bilinear weights sum to 1, so it equals one
    projection per stage, then upsampling, then a sum: the same set of functions at a quarter of the cost.
    GroupNorm instead of BatchNorm: full and single-sensor batches differ, and fine-tuning batches are small.
    """

    def __init__(self, channels: Sequence[int], *, classes: int, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.project = nn.ModuleList(nn.Conv2d(before, width, 1, bias=i == 0) for i, before in enumerate(channels))
        self.norm = GroupNorm(math.gcd(32, width), width)
        self.dropout = nn.Dropout2d(dropout)
        self.classify = nn.Conv2d(width, classes, 1)

    def forward(self, fused: Sequence[Tensor]) -> Tensor:
        """Four maps (B,C_i,H_i,W_i) -> logits (B,K,H_1,W_1)."""
        return self.classify(self.dropout(self.hidden(fused)))

    def hidden(self, fused: Sequence[Tensor]) -> Tensor:
        """Four maps (B,C_i,H_i,W_i) -> what the classes are told from, (B,width,H_1,W_1)."""
        x = self.project[0](fused[0])
        for project, part in zip(self.project[1:], fused[1:]):
            x = x + F.interpolate(project(part), size=x.shape[-2:], mode="bilinear", align_corners=False)
        return F.relu(self.norm(x))
