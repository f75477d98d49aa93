"""Batches of crops, the same for the same (seed, epoch, step)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..contract.card import ModalityStats
from . import augment
from .dataset import Batch, Crops

if TYPE_CHECKING:
    from .chipset import Chips

_TRIES = 8  # places tried in a chip until one has data


def epoch_steps(count: int, batch: int) -> int:
    """Return batches an epoch: one crop of every chip."""
    return -(-count // batch)


def epoch(chips: Chips, stats: tuple[ModalityStats, ...], crops: Crops, number: int) -> Iterator[Batch]:
    """Yield the batches of epoch `number`: one crop of every chip, in random order."""
    order = np.random.default_rng((crops.seed, number)).permutation(len(chips))
    for step in range(epoch_steps(len(chips), crops.batch)):
        rng = np.random.default_rng((crops.seed, number, step))
        chosen = order[step * crops.batch : (step + 1) * crops.batch]
        samples = [_sample(chips, stats, crops, int(i), rng) for i in chosen]
        samples = [sample for sample in samples if sample is not None]
        if samples:
            yield _collate(samples, stats)


def _sample(
    chips: Chips, stats: tuple[ModalityStats, ...], crops: Crops, index: int, rng: np.random.Generator
) -> tuple | None:
    """Return (values by key, valid (M,c,c), labels (c,c), affine by key), or None when no place with data was found."""
    geometry = None
    for _ in range(_TRIES):
        geometry = augment.draw(rng, chips.side, crops.side, crops.scales)
        if geometry.cut(chips.valid[index]).any():
            break
    values, valid, affine = {}, [], {}
    for m, row in enumerate(stats):
        values[row.key], there = augment.image(
            geometry, chips.values[row.key][index], chips.valid[index, m], crops.side
        )
        valid.append(there)
        affine[row.key] = augment.jitter(rng, row)
    valid = torch.stack(valid)
    if not valid.any():
        return None
    labels = augment.labels(geometry, chips.labels[index], crops.side)
    return values, valid, augment.mask_uncovered(labels, valid), affine


def _collate(samples: list[tuple], stats: tuple[ModalityStats, ...]) -> Batch:
    values, valid, labels, affine = zip(*samples)
    return Batch(
        {row.key: torch.stack([part[row.key] for part in values]) for row in stats},
        torch.stack(valid),
        torch.stack(labels),
        {
            row.key: tuple(torch.from_numpy(np.stack([part[row.key][i] for part in affine])).float() for i in (0, 1))
            for row in stats
        },
    )
