"""Modality dropout that ramps up: all sensors first, then more and more of them dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ..drawing import View, dropped, everything
from ..metrics import Sensors
from ..options import option


@dataclass(frozen=True)
class Curriculum:
    """Each sensor is dropped with chance p = drop * min(done / ramp, 1); the empty set is rejected."""

    name: ClassVar[str] = "curriculum"
    keeps_whole: ClassVar[bool] = True
    uses_robustness: ClassVar[bool] = False
    measures: ClassVar[bool] = False

    drop: float = option(0.5, "chance that a sensor is dropped, after the ramp", least=0.0, most=0.95)
    ramp: float = option(0.2, "share of the training until then", least=0.01, most=1.0)

    def rate(self, done: float) -> float:
        """Return p at a share 0..1 of the training."""
        return self.drop * min(done / self.ramp, 1.0)

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return all subsets."""
        return everything(keys)

    def weights(self, view: View) -> Tensor:
        """Return (1,B,S)."""
        return dropped(view, self.scenarios(view.keys), self.rate(view.done))
