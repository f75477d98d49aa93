"""Scores from whole-set confusion matrices, per combination of sensors.

K classes; a confusion matrix is int64 (K,K), rows = truth, columns = prediction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..data.labels import IGNORE

FAILURES = (0.05, 0.1, 0.2)  # chances that a sensor is missing, for the expected mIoU
Sensors = tuple[str, ...]


@dataclass(frozen=True)
class Scores:
    """Fractions 0..1. iou and f1 by class index; a class in neither truth nor prediction is left out of all."""

    miou: float
    iou: dict[int, float]
    f1: dict[int, float]


def confusion(truth: np.ndarray, prediction: np.ndarray, classes: int) -> np.ndarray:
    """Return the matrix of two arrays of class indices of one shape; pixels whose truth is IGNORE do not count."""
    known = truth != IGNORE
    pairs = truth[known].astype(np.int64) * classes + prediction[known]
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def scores(matrix: np.ndarray) -> Scores:
    """Return the scores of one confusion matrix; mIoU is 0 when nothing was labelled."""
    hit = np.diag(matrix).astype(float)
    rows, columns = matrix.sum(1), matrix.sum(0)
    seen = np.flatnonzero(rows + columns)
    iou = {int(k): float(hit[k] / (rows[k] + columns[k] - hit[k])) for k in seen}
    f1 = {int(k): float(2 * hit[k] / (rows[k] + columns[k])) for k in seen}
    return Scores(float(np.mean(list(iou.values()))) if iou else 0.0, iou, f1)


def subsets(keys: Sensors) -> tuple[Sensors, ...]:
    """Return the 2^M - 1 non-empty combinations, small ones first, each in the order of `keys`."""
    return tuple(part for size in range(1, len(keys) + 1) for part in combinations(keys, size))


def summary(miou: Mapping[Sensors, float], keys: Sensors) -> dict[str, object]:
    """Return {average, top1, last1, expected} of mIoU by combination.

    average: plain mean. last1: the worst. expected: per chance p that a sensor is missing, independently, the mean
    over combinations S weighted with p^(M-|S|) (1-p)^|S|, given that at least one is there.
    """
    values = list(miou.values())
    return {
        "average": float(np.mean(values)),
        "top1": max(values),
        "last1": min(values),
        "expected": {str(p): expected(miou, keys, p) for p in FAILURES},
    }


def expected(miou: Mapping[Sensors, float], keys: Sensors, failure: float) -> float:
    """Return the expected mIoU when each sensor is missing with chance `failure`."""
    weights = np.array([failure ** (len(keys) - len(part)) * (1 - failure) ** len(part) for part in miou])
    return float((weights * np.array(list(miou.values()))).sum() / weights.sum())
