"""Uniform modality dropout: every subset of what a sample has is equally likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..drawing import View, even, everything
from ..metrics import Sensors


@dataclass(frozen=True)
class Uniform:
    """P(S) = 1 / (2^M - 1)."""

    name: ClassVar[str] = "uniform"
    keeps_whole: ClassVar[bool] = False
    uses_robustness: ClassVar[bool] = False
    measures: ClassVar[bool] = False

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return all subsets."""
        return everything(keys)

    def weights(self, view: View) -> Tensor:
        """Return (1,B,S), all equal."""
        return even(view, torch.ones(len(self.scenarios(view.keys))))
