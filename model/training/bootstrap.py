"""How far scores would move with other places: a bootstrap over blocks, since neighbouring pixels err together.

N blocks, K classes, R resamples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .metrics import FAILURES, Sensors, expected, mean_iou

RESAMPLES = 1000
LEVEL = 0.95
LEAST_BLOCKS = 8  # with fewer, resampling says nothing


def resampled(matrices: Mapping[Sensors, np.ndarray], seed: int = 0) -> dict[Sensors, np.ndarray] | None:
    """Return the mIoU (R,) of every combination from its matrices (N,K,K); None with fewer than LEAST_BLOCKS blocks.

    A resample draws N blocks with replacement, the same ones for every combination, so that differences between
    combinations can be taken resample by resample. Only blocks with labelled pixels are drawn.
    """
    used = sum(part.sum((1, 2)) for part in matrices.values()) > 0
    count = int(used.sum())
    if count < LEAST_BLOCKS:
        return None
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(float)
    found = {}
    for sensors, part in matrices.items():
        classes = part.shape[-1]
        sums = draws @ part[used].reshape(count, -1).astype(float)
        found[sensors] = mean_iou(sums.reshape(RESAMPLES, classes, classes))
    return found


def interval(values: np.ndarray) -> tuple[float, float]:
    """Return the middle LEVEL of resampled values (R,)."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def intervals(draws: Mapping[Sensors, np.ndarray], keys: Sensors) -> dict[str, Any]:
    """Return the intervals of {average, top1, last1, expected, miou: one a combination, in order} of `resampled`."""
    table = np.array(list(draws.values()))
    return {
        "average": interval(table.mean(0)),
        "top1": interval(table.max(0)),
        "last1": interval(table.min(0)),
        "expected": {str(p): interval(expected(draws, keys, p)) for p in FAILURES},
        "miou": [interval(row) for row in table],
    }
