"""Fusions that benchmarks.evidence tries beside the product's own."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from sgma_qgis.model.nn import fusion
from sgma_qgis.model.nn.fusion.semantic_guided import LOW, SemanticGuided


class CharmLite(nn.Module):
    """CHARM's first fusion (methods, 5.1) without its projector: a 1x1 score a modality, softmax, weighted sum.

    Scores start at 0: it begins as the mean. heads: groups of channels with scores of their own.
    """

    name = "charm_lite"
    OPTIONS = {"heads": (1, 8)}

    def __init__(self, channels: Sequence[int], *, modalities: int, classes: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.stages = nn.ModuleList(
            nn.ModuleList(_zero(nn.Conv2d(width, heads, 1)) for _ in range(modalities)) for width in channels
        )
        self.all = tuple(range(modalities))

    def forward(
        self, features: Sequence[Tensor], present: Sequence[Tensor], modalities: Sequence[int] | None = None
    ) -> tuple[list[Tensor], list[Tensor]]:
        fused, robustness = [], []
        for scorers, stage, there in zip(self.stages, features, present):
            clean = stage.masked_fill(~there[:, :, None], 0.0)
            slots = zip(self.all if modalities is None else modalities, clean.unbind(1))
            scores = torch.stack([scorers[m](part) for m, part in slots], 1).masked_fill(~there[:, :, None], LOW)
            share = scores.softmax(1) * there[:, :, None]  # (B,M,h,H,W)
            fused.append((clean.unflatten(2, (self.heads, -1)) * share[:, :, :, None]).sum(1).flatten(1, 2))
            robustness.append(share.mean(2))
        return fused, robustness


class Skip(nn.Module):
    """Semantic-guided fusion beside the features' mean weighted by its own robustness; it begins as that mean.

    fused = sum_m r_m f_m + scale * SGF, scale (C,) starting at 0.
    """

    name = "sgf_skip"
    OPTIONS = {"rp_residual": (False, True)}

    def __init__(self, channels: Sequence[int], *, modalities: int, classes: int, rp_residual: bool = False) -> None:
        super().__init__()
        self.guided = SemanticGuided(
            channels, modalities=modalities, classes=classes, rp_residual=rp_residual, even_share=0.0
        )
        self.scale = nn.ParameterList(nn.Parameter(torch.zeros(width, 1, 1)) for width in channels)

    def forward(
        self, features: Sequence[Tensor], present: Sequence[Tensor], modalities: Sequence[int] | None = None
    ) -> tuple[list[Tensor], list[Tensor]]:
        guided, robustness = self.guided(features, present, modalities)
        fused = [
            (part.masked_fill(~there[:, :, None], 0.0) * share[:, :, None]).sum(1) + scale * more
            for part, there, share, scale, more in zip(features, present, robustness, self.scale, guided)
        ]
        return fused, robustness


def _zero(conv: nn.Conv2d) -> nn.Conv2d:
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.bias)
    return conv


def register() -> None:
    """Make them known to cards."""
    fusion.BY_NAME.update({kind.name: kind for kind in (CharmLite, Skip)})
