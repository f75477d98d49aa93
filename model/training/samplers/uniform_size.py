"""Uniform over the number of sensors, then over the subsets of that size (AnySeg's way): more singles, more of all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..drawing import View, even, everything
from ..metrics import Sensors


@dataclass(frozen=True)
class UniformSize:
    """P(S) = 1 / (M binom(M, |S|))."""

    name: ClassVar[str] = "uniform_size"
    keeps_whole: ClassVar[bool] = False
    uses_robustness: ClassVar[bool] = False
    measures: ClassVar[bool] = False

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return all subsets."""
        return everything(keys)

    def weights(self, view: View) -> Tensor:
        """Return (1,B,S)."""
        m = len(view.keys)
        return even(view, torch.tensor([1 / (m * math.comb(m, len(part))) for part in self.scenarios(view.keys)]))
