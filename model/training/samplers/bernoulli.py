"""Independent modality dropout: each sensor is dropped with the same chance, the empty set is rejected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..drawing import View, dropped, everything
from ..metrics import Sensors
from ..options import option


@dataclass(frozen=True)
class Bernoulli:
    """P(S) = (1-p)^|S| p^(M-|S|) / (1 - p^M), p = drop."""

    name: ClassVar[str] = "bernoulli"
    keeps_whole: ClassVar[bool] = True
    uses_robustness: ClassVar[bool] = False
    measures: ClassVar[bool] = False

    drop: float = option(0.2, "chance that a sensor is dropped", least=0.0, most=0.95)

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return all subsets."""
        return everything(keys)

    def weights(self, view: View) -> Tensor:
        """Return (1,B,S)."""
        return dropped(view, self.scenarios(view.keys), self.drop)
