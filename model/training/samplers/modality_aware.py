"""Modality-aware sampling (MAS) of SGMA (IEEE TGRS 2026, arXiv 2603.02505): the fragile sensors train most often."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

LEAST = 1e-4  # a smaller share of fusion weight counts as this: its inverse stays finite, also in half precision


class ModalityAware:
    """One modality a sample, the same at all stages, with probability by inverse robustness.

    Per token the shares are inverted and normalised over the modalities that are there, then averaged over tokens
    (not the other way round), then over stages.
    """

    name = "modality_aware"

    def probabilities(self, robustness: Sequence[Tensor], there: Sequence[Tensor]) -> Tensor:
        """Return s, float32 (B,M); arguments as in the sampler contract."""
        total = sum(_stage(share.detach(), data) for share, data in zip(robustness, there))
        available = torch.stack([data.flatten(2).any(2) for data in there]).any(0)
        total = total * (available.sum(1, keepdim=True) > 1)
        return total / total.sum(1, keepdim=True).clamp(min=torch.finfo(total.dtype).tiny)

    def draw(self, robustness: Sequence[Tensor], there: Sequence[Tensor], generator: torch.Generator) -> Tensor:
        """Return what each sample sees, bool (B,M): one modality or none. `generator` lives on the CPU."""
        weights = self.probabilities(robustness, there).cpu()
        takes_part = weights.sum(1) > 0
        chosen = torch.multinomial(weights + ~takes_part[:, None], 1, generator=generator)
        subset = torch.zeros_like(weights, dtype=torch.bool).scatter_(1, chosen, True)
        return (subset & takes_part[:, None]).to(there[0].device)


def _stage(share: Tensor, data: Tensor) -> Tensor:
    """Return s of one stage (B,M): inverse shares, normalised per token, averaged over tokens with any data.

    1/r normalised = softmax(-log r) = SoftMin of the attention scores (exact for one head).
    """
    scores = -share.float().clamp(min=LEAST).log()
    scores = scores.masked_fill(~data, torch.finfo(scores.dtype).min)
    inverse = scores.softmax(1) * data  # absent modalities have share 0, yet must not be the likeliest
    return inverse.flatten(2).sum(2) / data.any(1).flatten(1).sum(1, keepdim=True).clamp(min=1)
