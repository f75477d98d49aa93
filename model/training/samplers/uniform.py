"""Uniform modality dropout: every proper subset of what a sample has is equally likely."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Uniform:
    """Subsets are drawn with probability 1 / (2^m - 2) of a sample's m modalities: never none, never all.

    All of them is what the full path sees.
    """

    name = "uniform"

    def probabilities(self, robustness: Sequence[Tensor], there: Sequence[Tensor]) -> Tensor:
        """Return each modality's share of what samples see, float32 (B,M): equal for all that are there."""
        available = _available(there).float()
        count = available.sum(1, keepdim=True)
        return available / count.clamp(min=1) * (count > 1)

    def draw(self, robustness: Sequence[Tensor], there: Sequence[Tensor], generator: torch.Generator) -> Tensor:
        """Return what each sample sees, bool (B,M). `generator` lives on the CPU."""
        available = _available(there).cpu()
        subset = torch.zeros_like(available)
        for row, have in zip(subset, available):
            places = have.nonzero()[:, 0]
            if len(places) > 1:
                # the numbers 1 .. 2^m - 2 in binary are the proper non-empty subsets
                number = int(torch.randint(1, 2 ** len(places) - 1, (1,), generator=generator))
                row[places] = torch.tensor([bool(number >> bit & 1) for bit in range(len(places))])
        return subset.to(there[0].device)


def _available(there: Sequence[Tensor]) -> Tensor:
    return torch.stack([data.flatten(2).any(2) for data in there]).any(0)
