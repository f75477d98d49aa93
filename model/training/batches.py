"""Crops of chips and their batches, the same for the same (seed, epoch, step)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..contract.card import ModalityStats
from . import augment
from .augment import Geometry
from .dataset import Batch, Crops

if TYPE_CHECKING:
    from .chipset import Chips

_TRIES = 8  # places tried in a chip until one has data
Pair = tuple[np.ndarray, np.ndarray]  # gain and offset, (C,) each
_Sample = tuple  # values by key, valid (M,c,c), labels (c,c), affine by key


def epoch_steps(count: int, batch: int) -> int:
    """Return batches an epoch: one crop of every chip."""
    return -(-count // batch)


def epoch(chips: Chips, stats: tuple[ModalityStats, ...], crops: Crops, number: int) -> Iterator[Batch]:
    """Yield the batches of epoch `number`: one crop of every chip, in random order."""
    order = np.random.default_rng((crops.seed, number)).permutation(len(chips))
    for step in range(epoch_steps(len(chips), crops.batch)):
        rng = np.random.default_rng((crops.seed, number, step))
        chosen = order[step * crops.batch : (step + 1) * crops.batch]
        samples = [_of_chip(chips, stats, crops, int(i), rng) for i in chosen]
        samples = [sample for sample in samples if sample is not None]
        if samples:
            yield collate(samples, stats)


def sample(
    values: Mapping[str, np.ndarray],
    valid: np.ndarray,
    labels: np.ndarray,
    affine: Mapping[str, Pair],
    geometry: Geometry,
    stats: tuple[ModalityStats, ...],
    side: int,
    rng: np.random.Generator,
) -> _Sample | None:
    """Return what `collate` takes: a crop, turned and resized to `side`, with a radiometry of its own.

    values: key -> (C,S,S), a sensor without data may be left out. valid: (M,S,S). labels: (S,S). affine: from values
    to the card's unit; nothing = they are in it. None when no pixel is valid.
    """
    found, there, maps = {}, [], {}
    for m, row in enumerate(stats):
        if row.key in values:
            found[row.key], one = augment.image(geometry, values[row.key], valid[m], side)
        else:
            found[row.key] = np.zeros((len(row.bands), side, side), np.float32)
            one = np.zeros((side, side), bool)
        there.append(one)
        gain, offset = augment.jitter(rng, row)  # drawn for absent sensors, too: draws must not depend on the data
        if row.key in affine:
            own_gain, own_offset = affine[row.key]
            gain, offset = gain * own_gain, gain * own_offset + offset
        maps[row.key] = (gain, offset)
    there = np.stack(there)
    if not there.any():
        return None
    return found, there, augment.mask_uncovered(augment.labels(geometry, labels, side), there), maps


def collate(samples: list[_Sample], stats: tuple[ModalityStats, ...]) -> Batch:
    """Return samples as a batch."""
    values, valid, labels, affine = zip(*samples)
    return Batch(
        {row.key: _stacked([part[row.key] for part in values]) for row in stats},
        _stacked(valid),
        _stacked(labels),
        {
            row.key: tuple(_stacked([part[row.key][i].astype(np.float32) for part in affine]) for i in (0, 1))
            for row in stats
        },
    )


def _stacked(arrays: Sequence[np.ndarray]) -> torch.Tensor:
    return torch.from_numpy(np.stack(arrays))


def _of_chip(
    chips: Chips, stats: tuple[ModalityStats, ...], crops: Crops, index: int, rng: np.random.Generator
) -> _Sample | None:
    """Return a crop of a chip; None when no place with data was found."""
    geometry = None
    for _ in range(_TRIES):
        geometry = augment.draw(rng, chips.side, crops.side, crops.scales)
        if geometry.cut(chips.valid[index]).any():
            break
    values = {key: part[index] for key, part in chips.values.items()}
    return sample(values, chips.valid[index], chips.labels[index], {}, geometry, stats, crops.side, rng)
