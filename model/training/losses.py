"""Losses. Shapes: B samples, K classes, H x W pixels; labels are class indices, IGNORE where nothing is known."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..data.labels import IGNORE

MOST_WEIGHT = 50.0  # of a rare class against the commonest


def cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return the mean over labelled pixels; 0 with zero gradients when there is none.

    logits: (B,K,H,W). labels: (B,H,W) integers 0..K-1 or IGNORE. weights: (K,), how much a pixel of each class counts.
    """
    labels = labels.long()
    known = labels != IGNORE
    counted = known.sum() if weights is None else (weights[labels.masked_fill(~known, 0)] * known).sum()
    # a plain mean would be 0 / 0 = NaN on a batch without labels
    total = F.cross_entropy(logits, labels, weights, ignore_index=IGNORE, reduction="sum")
    return total / counted.clamp(min=torch.finfo(torch.float32).tiny)


def class_weights(counts: np.ndarray, kind: str) -> Tensor | None:
    """Return how much a pixel of each class counts, float32 (K,): None for kind "none", else 1 / share.

    counts: labelled pixels of each class, (K,). The classes that there are weigh 1 in the mean over classes, and none
    more than MOST_WEIGHT times the commonest: a handful of wrong labels must not rule the training.
    """
    if kind == "none":
        return None
    there = counts > 0
    weights = np.where(there, counts[there].max() / np.maximum(counts, 1), 1.0).clip(max=MOST_WEIGHT)
    return torch.from_numpy(weights / weights[there].mean()).float()


def soft_dice(logits: Tensor, labels: Tensor) -> Tensor:
    """Return 1 - Dice, the mean over the classes that the batch's labels show; 0 with zero gradients when none.

    Each such class counts the same, however few its pixels. Arguments as in cross_entropy.
    """
    labels = labels.long()
    known = labels != IGNORE
    truth = F.one_hot(labels.masked_fill(~known, 0), logits.shape[1]).movedim(-1, 1) * known[:, None]
    chances = logits.softmax(1) * known[:, None]
    over = (0, 2, 3)
    count = truth.sum(over)
    dice = 2 * (chances * truth).sum(over) / (chances.sum(over) + count).clamp(min=1e-6)
    shown = count > 0
    return ((1 - dice) * shown).sum() / shown.sum().clamp(min=1)


def distillation(logits: Tensor, wanted: Tensor, where: Tensor) -> Tensor:
    """Return KL(wanted || logits), both logits (B,K,H,W), the mean over the pixels `where`, bool (B,H,W); 0 if none."""
    distance = F.kl_div(logits.log_softmax(1), wanted.log_softmax(1), reduction="none", log_target=True).sum(1)
    return (distance * where).sum() / where.sum().clamp(min=1)
