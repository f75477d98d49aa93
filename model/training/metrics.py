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
    return confusions(truth[known], prediction[known], np.zeros(int(known.sum()), np.int64), 1, classes)[0]


def confusions(truth: np.ndarray, prediction: np.ndarray, block: np.ndarray, blocks: int, classes: int) -> np.ndarray:
    """Return a matrix a block, (blocks,K,K), of pixels given as class indices and block numbers, each (n,)."""
    pairs = (block.astype(np.int64) * classes + truth) * classes + prediction
    return np.bincount(pairs, minlength=blocks * classes * classes).reshape(blocks, classes, classes)


def scores(matrix: np.ndarray) -> Scores:
    """Return the scores of one confusion matrix; mIoU is 0 when nothing was labelled."""
    iou, f1 = _per_class(matrix.astype(float))
    seen = np.flatnonzero(np.isfinite(iou))
    return Scores(float(mean_iou(matrix)), {int(k): float(iou[k]) for k in seen}, {int(k): float(f1[k]) for k in seen})


def mean_iou(matrices: np.ndarray) -> np.ndarray:
    """Return the mIoU (...) of confusion matrices (...,K,K): the mean over classes in truth or prediction, else 0."""
    iou, _ = _per_class(matrices.astype(float))
    seen = np.isfinite(iou)
    return np.where(seen, iou, 0.0).sum(-1) / seen.sum(-1).clip(1)


def _per_class(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return IoU and F1, each (...,K), of float matrices (...,K,K); NaN for classes in neither truth nor prediction."""
    hit = np.diagonal(matrices, axis1=-2, axis2=-1)
    both = matrices.sum(-1) + matrices.sum(-2)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is meant
        return hit / (both - hit), 2 * hit / both


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
        "expected": {str(p): float(expected(miou, keys, p)) for p in FAILURES},
    }


def expected(miou: Mapping[Sensors, float | np.ndarray], keys: Sensors, failure: float) -> float | np.ndarray:
    """Return the expected mIoU when each sensor is missing with chance `failure`; elementwise for arrays."""
    weights = np.array([failure ** (len(keys) - len(part)) * (1 - failure) ** len(part) for part in miou])
    return np.tensordot(weights / weights.sum(), np.array(list(miou.values())), 1)
