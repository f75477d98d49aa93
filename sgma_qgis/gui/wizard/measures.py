"""How a training goes, epoch by epoch: what the engine tells, as dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Optional, Tuple


@dataclass(frozen=True)
class Score:
    """Validation of one combination of sensors; iou by class name. Fractions 0..1."""

    sensors: Tuple[str, ...]
    miou: float
    iou: Dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """One epoch; epoch 0 is the model that the training starts from. None where nothing was measured."""

    epoch: int
    step: int = 0
    loss: Optional[float] = None
    miou: Optional[float] = None
    scores: Tuple[Score, ...] = ()


def measure(epoch: int, step: int, values: Dict[str, Any]) -> Measure:
    """Return what `contract.messages.Metrics` tells."""
    scores = tuple(
        Score(tuple(row["sensors"]), float(row["miou"]), {str(k): float(v) for k, v in row["iou"].items()})
        for row in values.get("combinations", ())
    )
    return Measure(epoch, step, values.get("loss"), values.get("miou"), scores)


def from_checkpoint(rows: Iterable[Dict[str, Any]]) -> List[Measure]:
    """Return what an interrupted training had told: {epoch, step, values} each."""
    return [measure(int(row["epoch"]), int(row["step"]), row["values"]) for row in rows]


def from_history(rows: Iterable[Dict[str, Any]]) -> List[Measure]:
    """Return the checks that a card tells: the mean over combinations alone."""
    found: List[Measure] = []
    for row in rows:
        found = added(found, measure(int(row["epoch"]), int(row.get("step", 0)), row))
    return found


def added(history: List[Measure], new: Measure) -> List[Measure]:
    """Return the history with one more; of the same epoch, the one that tells more stays."""
    rows = {row.epoch: row for row in history}
    old = rows.get(new.epoch)
    if old is None or new.scores or not old.scores:
        rows[new.epoch] = new
    return [rows[epoch] for epoch in sorted(rows)]


def best(history: Iterable[Measure]) -> Optional[Measure]:
    """Return the first of the best validations; None without any."""
    checked = [row for row in history if row.miou is not None]
    return max(checked, key=lambda row: row.miou) if checked else None
