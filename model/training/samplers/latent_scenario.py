"""Latent-space guided scenario sampling (LGSS): sets of sensors by how far they move the fused latent.

Distortion -> utility -> kernel smoothing over scenarios -> z-score -> tempered softmax, mixed with uniform.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from ...contract.errors import BadInput
from ..drawing import View, even, everything
from ..metrics import Sensors
from ..options import option
from ..scenarios import Distortion, ScenarioTable, read_table

_RAW_SIGMA = 1.0
_FLAT = 1e-6  # a spread below this share of the mean is none


@dataclass(frozen=True)
class LatentScenario:
    """Scenarios that change the latent more are drawn more often, or less often with prefer=low.

    At the published constants the smoothing changes next to nothing, and chances stay within .09 to .28 for three
    sensors (methods 3.2). form "relative" divides distortions by the latent's mean square and takes the median gap
    between them as the kernel's width, so that the scale of features does not matter; "raw" has
    neither, and smooths distortions far below the kernel's width to nothing: uniform.
    """

    name: ClassVar[str] = "latent_scenario"
    keeps_whole: ClassVar[bool] = False
    uses_robustness: ClassVar[bool] = False
    measures: ClassVar[bool] = True

    prefer: str = option("high", "scenarios of high or of low distortion", choices=("high", "low"))
    form: str = option("relative", "relative to the latent's mean square, or raw", choices=("relative", "raw"))
    sigma: float = option(0.0, "width of the kernel; 0 = 1 if raw, else the median gap", least=0.0)
    ridge: float = option(1e-3, "how much to smooth; 0 = not", least=0.0)
    tau: float = option(0.5, "inverse temperature of the softmax", least=0.0)
    gamma: float = option(0.5, "share of the softmax in the mixture with uniform", least=0.0, most=1.0)
    plausible: str = option("all", "scenarios to draw from, as rgb,rgb+dsm")
    chips: int = option(256, "crops to measure on, at most", least=1)
    refresh: int = option(0, "measure again every so many epochs, as training from nothing needs; 0 = once", least=0)
    table: str = option("", "start with this file's probabilities instead of measuring")

    def scenarios(self, keys: Sensors) -> tuple[Sensors, ...]:
        """Return the plausible subsets, in the order of all subsets. Raises BadInput for sensors that are not known."""
        if self.plausible == "all":
            return everything(keys)
        asked = [word.split("+") for word in self.plausible.split(",")]
        for word in asked:
            unknown = [key for key in word if key not in keys]
            if unknown:
                raise BadInput(
                    f"Option plausible={self.plausible} names {unknown[0]!r}; sensors are {', '.join(keys)}.",
                    f"For example plausible={'+'.join(keys)},{keys[0]}.",
                )
        return tuple(part for part in everything(keys) if any(set(part) == set(word) for word in asked))

    def due(self, epoch: int) -> bool:
        """Return whether to measure at the start of an epoch."""
        if epoch == 0:
            return not self.table
        return self.refresh > 0 and epoch % self.refresh == 0

    def stored(self, keys: Sensors) -> ScenarioTable:
        """Return the table of option `table`. Raises BadInput when it is not one of these scenarios."""
        found = read_table(Path(self.table))
        wanted = self.scenarios(keys)
        if found.keys != tuple(keys) or found.scenarios != wanted:
            raise BadInput(
                f"{self.table} is of the scenarios {_named(found.scenarios)}; this training has {_named(wanted)}.",
                "Leave option table out, or give the sensors and option plausible of that training.",
            )
        return found

    def weigh(self, keys: Sensors, found: Distortion) -> ScenarioTable:
        """Return the table of probabilities for measured distortions of `scenarios(keys)`."""
        scale = 1.0 if self.form == "raw" else max(found.mean_square, torch.finfo(torch.float64).tiny)
        distortion = torch.tensor(found.mean, dtype=torch.float64) / scale
        utility = distortion if self.prefer == "high" else -distortion
        width = self.sigma or (_RAW_SIGMA if self.form == "raw" else _median_gap(distortion))
        smoothed = smooth(utility, kernel(distortion, width), self.ridge)
        # smoothing pulls lone distortions more towards 0 than crowded ones: no difference may come from that alone
        score = torch.zeros_like(smoothed) if _flat(utility) else standardised(smoothed)
        probability = mixed(score, self.tau, self.gamma)
        return ScenarioTable(
            keys=tuple(keys),
            scenarios=self.scenarios(keys),
            distortion=tuple(distortion.tolist()),
            error=tuple(error / scale for error in found.error),
            utility=tuple(utility.tolist()),
            smoothed=tuple(smoothed.tolist()),
            score=tuple(score.tolist()),
            probability=tuple(probability.tolist()),
            chips=found.chips,
            form=self.form,
            prefer=self.prefer,
            sigma=width,
        )

    def weights(self, view: View) -> Tensor:
        """Return the table's probabilities, (1,B,S)."""
        return even(view, torch.tensor(view.table.probability))


def kernel(distortion: Tensor, sigma: float) -> Tensor:
    """Return K (S,S): scenarios of like distortion are near."""
    gap = distortion[:, None] - distortion[None]
    return torch.exp(-(gap**2) / (2 * sigma**2))


def smooth(utility: Tensor, near: Tensor, ridge: float) -> Tensor:
    """Return K (K + ridge I)^-1 u: kernel ridge regression at its own points; u itself when ridge is 0."""
    if ridge == 0:
        return utility
    factor = torch.linalg.cholesky(near + ridge * torch.eye(len(utility), dtype=utility.dtype))
    return near @ torch.cholesky_solve(utility[:, None], factor)[:, 0]


def standardised(x: Tensor) -> Tensor:
    """Return z-scores, population spread; zeros when there is none to speak of beside the mean."""
    return torch.zeros_like(x) if _flat(x) else (x - x.mean()) / x.std(correction=0)


def mixed(score: Tensor, tau: float, gamma: float) -> Tensor:
    """Return (1 - gamma) / S + gamma softmax(tau score), which sums to 1."""
    return (1 - gamma) / len(score) + gamma * (tau * score).softmax(0)


def _flat(x: Tensor) -> bool:
    return bool(x.std(correction=0) <= _FLAT * max(float(x.mean().abs()), torch.finfo(x.dtype).tiny))


def _median_gap(distortion: Tensor) -> float:
    """Return the median of the distances between distortions that are not 0; 1 when all are."""
    gaps = torch.pdist(distortion[:, None]) if len(distortion) > 1 else distortion.new_zeros(0)
    gaps = gaps[gaps > 0]
    return float(gaps.median()) if len(gaps) else 1.0


def _named(scenarios: tuple[Sensors, ...]) -> str:
    return ",".join("+".join(part) for part in scenarios)
