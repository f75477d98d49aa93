"""Reports of accuracy as `sgma:evaluate` writes them: kept beside the model, compared before and after."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from ...model.contract.modality import in_order
from .reliability_view import Reliability

BEFORE, AFTER = "before", "after"
IOU, F1 = "iou", "f1"  #: scores of a class


@dataclass(frozen=True)
class Row:
    """One combination of sensors. iou, f1 by class name. interval: of the mIoU, 95 %, where there is one."""

    sensors: Tuple[str, ...]
    miou: float
    iou: Dict[str, float]
    f1: Dict[str, float]
    interval: Optional[Tuple[float, float]] = None

    def by_class(self, score: str) -> Dict[str, float]:
        """Return IOU or F1 by class name."""
        return self.f1 if score == F1 else self.iou

    def mean(self, score: str) -> float:
        """Return the mean of IOU or F1 over the classes that were measured; 0 without any."""
        return self.miou if score == IOU else sum(self.f1.values()) / max(1, len(self.f1))


@dataclass(frozen=True)
class Place:
    """Errors that lie together. reference, mapped: class names. bounds: (xmin, ymin, xmax, ymax)."""

    reference: str
    mapped: str
    pixels: int
    bounds: Tuple[float, float, float, float]


@dataclass(frozen=True)
class Report:
    """What was measured of one model. classes: (name, colour). confusion, reliability: with all sensors together.

    places: the largest errors first; their bounds are in `crs`.
    """

    sha256: str
    classes: Tuple[Tuple[str, str], ...]
    rows: Tuple[Row, ...]
    confusion: Tuple[Tuple[int, ...], ...]
    reliability: Reliability
    places: Tuple[Place, ...]
    crs: str
    warnings: Tuple[str, ...]

    @property
    def every(self) -> Row:
        """The row of all sensors together."""
        return max(self.rows, key=lambda row: len(row.sensors))


def path_of(output: str, name: str) -> str:
    """Return where the report of BEFORE or AFTER lies, beside the model."""
    path = Path(output)
    return str(path.with_name(f"{path.name}.{name}.json"))


def read(path: str, name: str) -> Optional[Report]:
    """Return a report's file; None when there is none, or it is none of ours. name: of its curve of reliability."""
    try:
        return made(json.loads(Path(path).read_text(encoding="utf-8")), name)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def made(raw: Dict[str, Any], name: str) -> Report:
    """Return a report from its JSON form."""
    spread = (raw.get("intervals") or {}).get("miou") or [None] * len(raw["combinations"])
    rows = tuple(
        Row(
            in_order(row["sensors"]),
            float(row["miou"]),
            dict(row["iou"]),
            dict(row["f1"]),
            tuple(interval) if interval else None,
        )
        for row, interval in zip(raw["combinations"], spread)
    )
    every = max(raw["combinations"], key=lambda row: len(row["sensors"]))
    bins = tuple(tuple(float(part) for part in row) for row in every["reliability"]["card"])
    return Report(
        sha256=raw["model"]["sha256"],
        classes=tuple((info["name"], info["color"]) for info in raw["classes"]),
        rows=rows,
        confusion=tuple(tuple(int(count) for count in row) for row in every["confusion"]),
        reliability=Reliability(name, bins, float(every["ece"])),
        places=tuple(
            Place(place["reference"], place["mapped"], int(place["pixels"]), tuple(place["bounds"]))
            for place in raw.get("places") or ()
        ),
        crs=raw.get("crs") or "",
        warnings=tuple(raw.get("warnings") or ()),
    )


def shared(before: Optional[Report], after: Report) -> List[str]:
    """Return the classes that both were measured on."""
    if before is None:
        return []
    known = {name for row in before.rows for name in row.iou}
    return [name for name, _ in after.classes if name in known and any(name in row.iou for row in after.rows)]


def change(before: Optional[Report], row: Row, name: str, score: str = IOU) -> Tuple[Optional[float], Optional[float]]:
    """Return a class's score before and after, by the sensors of a row; None where it was not measured."""
    old = next((other for other in before.rows if other.sensors == row.sensors), None) if before else None
    return (old.by_class(score).get(name) if old else None), row.by_class(score).get(name)


def mean_change(
    before: Optional[Report], row: Row, names: List[str], score: str = IOU
) -> Tuple[Optional[float], Optional[float]]:
    """Return the means over the classes that both know, before and after, by the sensors of a row."""
    pairs = [change(before, row, name, score) for name in names]
    known = [(old, new) for old, new in pairs if old is not None and new is not None]
    if not known:
        return None, None
    return sum(old for old, _ in known) / len(known), sum(new for _, new in known) / len(known)
