"""Confidence that means what it says: reliability, expected calibration error, temperatures.

A temperature divides the logits before the softmax (Guo et al., ICML 2017). It never changes the class.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

BINS = 15  # of confidence, of equal width
_RANGE = (0.05, 20.0)  # temperatures looked at
_STEPS = 40  # halvings of the range: far below what the data can tell


def reliability(logits: Tensor, truth: Tensor, temperature: float) -> np.ndarray:
    """Return (BINS,3) float64: pixels, sum of their confidences, and hits, by confidence.

    logits: (n,K). truth: (n,) class indices. Such tables add up over batches.
    """
    top, predicted = logits.float().max(1)
    confidence = 1 / ((logits.float() - top[:, None]) / temperature).exp().sum(1)
    bins = (confidence * BINS).long().clamp(max=BINS - 1)
    columns = (torch.ones_like(confidence), confidence, (predicted == truth).float())
    table = [torch.bincount(bins, column.double(), BINS) for column in columns]
    return torch.stack(table, 1).cpu().numpy()


def ece(table: np.ndarray) -> float:
    """Return the expected calibration error of a reliability table: mean |share of hits - confidence| over pixels."""
    return float(np.abs(table[:, 2] - table[:, 1]).sum() / max(table[:, 0].sum(), 1))


def fit_temperature(logits: np.ndarray, truth: np.ndarray, prior: float = 0.0) -> float:
    """Return the temperature with the least cross-entropy for logits (n,K) and class indices (n,); 1 without any.

    prior: how many pixels the belief that 1 is right counts as much as, a Gamma density of 1 / temperature. The sum is
    convex in 1 / temperature: the root of its slope is found by halving. The ends of the range are kept where every
    pixel is right, or confidence means nothing, and there is no prior.
    """
    if not len(truth):
        return 1.0
    z = torch.from_numpy(np.ascontiguousarray(logits)).float()
    own = float(z.gather(1, torch.from_numpy(truth.astype(np.int64))[:, None]).mean())
    weight = prior / len(truth)
    low, high = (float(np.log(t)) for t in _RANGE)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        mean = float(((z * np.exp(-middle)).softmax(1) * z).sum(1).mean())
        if mean - own + weight * (1 - np.exp(middle)) > 0:  # too sure of itself
            low = middle
        else:
            high = middle
    return round(float(np.exp((low + high) / 2)), 4)
