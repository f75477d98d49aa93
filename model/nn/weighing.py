"""The place in a fusion where its weights can be looked at or replaced."""

from __future__ import annotations

from torch import nn


class Weighing(nn.Identity):
    """A fusion hands its learned weights (B,M,N,...) through one of these, a stage each.

    They are 0 where a modality is absent and sum to 1 over M where any is there. A forward hook may replace them:
    `training.ablation` asks what they are worth. Fusions without learned weights have none.
    """
