"""The control: the mean over the modalities that are there (AnySeg's baseline). No weights of its own."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class Mean(nn.Module):
    """Every available modality counts the same: robustness = 1 / number available."""

    name = "mean"
    OPTIONS: dict[str, tuple] = {}
    PER_SENSOR: tuple[str, ...] = ()
    PER_CLASS: tuple[str, ...] = ()

    def __init__(self, channels: Sequence[int], *, modalities: int, classes: int) -> None:
        super().__init__()

    def forward(
        self, features: Sequence[Tensor], present: Sequence[Tensor], modalities: Sequence[int] | None = None
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Shapes and guarantees are those of the fusion contract; `modalities` makes no difference to a mean."""
        fused, robustness = [], []
        for stage, there in zip(features, present):
            share = there.to(stage.dtype) / there.sum(1, keepdim=True).clamp(min=1)
            clean = stage.masked_fill(~there[:, :, None], 0.0)  # by selection: 0 * NaN would be NaN
            fused.append((clean * share[:, :, None]).sum(1))
            robustness.append(share)
        return fused, robustness
