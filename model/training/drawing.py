"""What samplers look at, and the one place that draws: restricted to what a sample has, never empty.

B samples, M modalities, S scenarios (sets of modalities).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from .metrics import Sensors, subsets
from .scenarios import ScenarioTable


@dataclass(frozen=True)
class View:
    """What a sampler may look at.

    keys        the modalities, in the order of the M axis
    available   bool (B,M), what each sample has natively: any pixel of data; at least one a sample
    robustness  per stage (B,M,h,w), share of fusion weight with all that is available, 0 where absent; empty for
                samplers that do not use it
    there       per stage bool (B,M,h,w), tokens that count as data; empty like robustness
    done        share of the training that is over, 0..1
    table       the measured scenarios; None for samplers that do not measure
    """

    keys: Sensors
    available: Tensor
    robustness: Sequence[Tensor] = ()
    there: Sequence[Tensor] = ()
    done: float = 0.0
    table: ScenarioTable | None = None


class Sampler(Protocol):
    """A frozen dataclass; its fields are its options (`options.py`).

    keeps_whole: a draw may be all a sample has, even beside a path that sees all of it; then the sample has no
    sampled term in this step. uses_robustness, measures: whether `View.robustness` or `View.table` is needed; one that
    measures also has `chips`, `due`, `stored` and `weigh`, as LatentScenario has.
    """

    name: ClassVar[str]
    keeps_whole: ClassVar[bool]
    uses_robustness: ClassVar[bool]
    measures: ClassVar[bool]

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return the S sets that may be drawn from a sample that has everything. Raises BadInput for unknown keys."""

    def weights(self, view: View) -> Tensor:
        """Return how likely each scenario is before restriction, float32 (L,R,S), >= 0, of any sum.

        L: 1, or the number of stages: then each stage has a set of its own. R: B, or 1 for one draw a batch.
        """


def chances(sampler: Sampler, view: View, *, beside_whole: bool) -> Tensor:
    """Return how likely each scenario is for each sample, float32 (L,B,S) on the CPU.

    Only scenarios within what a sample has count, and they are made to sum to 1. beside_whole: another path of the
    step sees all that the sample has, so this set is left out unless the sampler keeps it. All 0 where no scenario is
    left: such a sample sees all it has.
    """
    weights = sampler.weights(view).cpu()
    weights = weights * _allowed(sampler, view, beside_whole)
    return weights / weights.sum(-1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)


def draw(sampler: Sampler, view: View, generator: torch.Generator, *, beside_whole: bool) -> tuple[Tensor, ...]:
    """Return what each sample sees, bool (B,M): one for all stages, or one a stage. `generator` lives on the CPU.

    Never a modality that the sample lacks, never none.
    """
    weights = sampler.weights(view).cpu()
    # the largest of chance / exponential noise is a draw by chance; noise shared by a batch gives one draw for it,
    # and samples that lack what was drawn take the next best
    noise = torch.empty_like(weights).exponential_(generator=generator)
    race = torch.where(_allowed(sampler, view, beside_whole), weights / noise, torch.zeros(()))
    best, chosen = race.max(-1)
    sets = masks(view.keys, sampler.scenarios(view.keys))[chosen]
    sets = torch.where(best[..., None] > 0, sets, view.available.cpu())
    return tuple(part.to(view.available.device) for part in sets)


@lru_cache(maxsize=16)
def masks(keys: Sensors, scenarios: tuple[Sensors, ...]) -> Tensor:
    """Return scenarios as bool (S,M)."""
    return torch.tensor([[key in scenario for key in keys] for scenario in scenarios])


@lru_cache(maxsize=4)
def everything(keys: Sensors) -> tuple[Sensors, ...]:
    """Return all 2^M - 1 scenarios."""
    return subsets(keys)


def even(view: View, weights: Tensor) -> Tensor:
    """Return the same weights (S,) for every sample, drawn for each: (1,B,S)."""
    return weights.float().expand(1, len(view.available), -1)


def dropped(view: View, scenarios: Sequence[Sensors], p: float) -> Tensor:
    """Return (1,B,S) weights of scenarios when each sensor is dropped with chance p on its own."""
    m = len(view.keys)
    return even(view, torch.tensor([(1 - p) ** len(part) * p ** (m - len(part)) for part in scenarios]))


def _allowed(sampler: Sampler, view: View, beside_whole: bool) -> Tensor:
    """Return which scenarios a sample may draw, bool (B,S)."""
    sets = masks(view.keys, sampler.scenarios(view.keys))
    available = view.available.cpu()[:, None]
    allowed = ~(sets & ~available).any(2)
    if beside_whole and not sampler.keeps_whole:
        allowed &= ~(sets == available).all(2)
    return allowed
