"""Losses. Shapes: B samples, K classes, H x W pixels; labels are class indices, IGNORE where nothing is known."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from ..data.labels import IGNORE


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over labelled pixels; 0 with zero gradients when there is none.

    logits: (B,K,H,W). labels: (B,H,W) integers 0..K-1 or IGNORE.
    """
    labels = labels.long()
    known = (labels != IGNORE).sum()
    # a plain mean would be 0 / 0 = NaN on a batch without labels
    return F.cross_entropy(logits, labels, ignore_index=IGNORE, reduction="sum") / known.clamp(min=1)
