"""Modality-aware sampling (MAS) of SGMA (IEEE TGRS 2026, arXiv 2603.02505): the fragile sensors train most often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..drawing import View, everything, masks
from ..metrics import Sensors
from ..options import option

LEAST = 1e-4  # a smaller share of fusion weight counts as this: its inverse stays finite, also in half precision


@dataclass(frozen=True)
class ModalityAware:
    """One modality a sample, with probability by inverse robustness, or a larger set.

    Per token the shares are inverted and normalised over the modalities that are there, then averaged over tokens
    (not the other way round), then over stages. per_batch averages the chances over samples, too, and draws once;
    samples that lack what was drawn draw from what they have. alone = 1 is the published MAS; below, larger sets are
    drawn too, all alike likely: with single modalities alone, two sensors that were never practised together came out
    worse than the better one of them (docs/evidence.md).
    """

    name: ClassVar[str] = "modality_aware"
    keeps_whole: ClassVar[bool] = False
    uses_robustness: ClassVar[bool] = True
    measures: ClassVar[bool] = False

    per_batch: bool = option(False, "one draw for the batch instead of one a sample")
    per_stage: bool = option(False, "one draw a stage instead of the same modality at all four")
    alone: float = option(0.5, "share of draws that are one modality; the others are larger sets", least=0.05, most=1.0)

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return the single modalities, and all other subsets where these are drawn, too."""
        return tuple((key,) for key in keys) if self.alone == 1 else everything(keys)

    def weights(self, view: View) -> Tensor:
        """Return s, (L,R,M), which sums to 1, or (L,R,S) with larger sets."""
        stages = [_stage(share.detach(), data) for share, data in zip(view.robustness, view.there)]
        s = torch.stack(stages) if self.per_stage else sum(stages)[None]
        s = s / s.sum(-1, keepdim=True).clamp(min=torch.finfo(s.dtype).tiny)
        s = s.mean(1, keepdim=True) if self.per_batch else s
        if self.alone == 1:
            return s
        single = masks(view.keys, self.scenarios(view.keys)).sum(1) == 1
        weights = s.new_full((*s.shape[:2], len(single)), (1 - self.alone) / max(int((~single).sum()), 1))
        weights[..., single.to(s.device)] = self.alone * s
        return weights


def _stage(share: Tensor, data: Tensor) -> Tensor:
    """Return s of one stage (B,M): inverse shares, normalised per token, averaged over tokens with any data.

    1/r normalised = softmax(-log r) = SoftMin of the attention scores (exact for one head).
    """
    scores = -share.float().clamp(min=LEAST).log()
    scores = scores.masked_fill(~data, torch.finfo(scores.dtype).min)
    inverse = scores.softmax(1) * data  # absent modalities have share 0, yet must not be the likeliest
    return inverse.flatten(2).sum(2) / data.any(1).flatten(1).sum(1, keepdim=True).clamp(min=1)
