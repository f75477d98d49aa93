"""What training asks of its data, wherever it comes from: `chipset.ChipSet` has it in memory maps.

B samples, M modalities, C bands, K classes, c side of a crop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from ..contract.card import ClassInfo, ModalityStats
from ..nn.adapters import Affine
from .metrics import Sensors

Tell = Callable[[int, int], None]  #: called with (samples done, samples)


@dataclass(frozen=True)
class Crops:
    """How crops are taken: side in pixels, crops a batch, range of relative ground resolutions, seed."""

    side: int
    batch: int
    scales: tuple[float, float]
    seed: int


@dataclass(frozen=True)
class Batch:
    """values: key -> float32 (B,C,c,c), anything where not valid. valid: bool (B,M,c,c). labels: uint8 (B,c,c).

    affine: key -> (gain, offset), each (B,C), from values to the card's unit, radiometric jitter included.
    """

    values: dict[str, Tensor]
    valid: Tensor
    labels: Tensor
    affine: dict[str, Affine]

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        return self._map(lambda part: part.to(device))

    def split(self, count: int) -> list[Batch]:
        """Return the samples in `count` batches of almost equal size, none empty."""
        edges = np.linspace(0, len(self), min(count, len(self)) + 1).round().astype(int)
        return [self._map(lambda part, cut=slice(a, b): part[cut]) for a, b in zip(edges, edges[1:])]

    def take(self, index: Tensor) -> Batch:
        """Return the samples `index`, int64 on the batch's device."""
        return self._map(lambda part: part[index])

    def _map(self, change: Callable[[Tensor], Tensor]) -> Batch:
        return Batch(
            {key: change(part) for key, part in self.values.items()},
            change(self.valid),
            change(self.labels),
            {key: tuple(change(part) for part in pair) for key, pair in self.affine.items()},
        )


@dataclass(frozen=True)
class Part:
    """Samples to measure on. values: key -> (B,C,H,W) as stored. valid: bool (B,M,H,W). labels: uint8 (B,H,W).

    affine: key -> (gain, offset), (C,) or (B,C), from stored values to the card's unit; a key may be left out where
    they are in it. blocks: which block of the bootstrap a pixel belongs to, integers that broadcast to (B,H,W).
    """

    values: dict[str, Tensor]
    valid: Tensor
    labels: Tensor
    affine: dict[str, Affine]
    blocks: Tensor

    def to(self, device: torch.device) -> Part:
        """Return the samples on a device."""
        return Part(
            {key: part.to(device) for key, part in self.values.items()},
            self.valid.to(device),
            self.labels.to(device),
            {key: tuple(side.to(device) for side in pair) for key, pair in self.affine.items()},
            self.blocks.to(device),
        )


class TrainingData(Protocol):
    """Labelled samples by role: "train", perhaps "validation" and "test" (`data.labels.ROLES`).

    classes      in the order of the network's outputs
    modalities   in the order of the M axis; of data made for a starting model, its own rows (bands, unit, scaling)
                 where it knows the sensor with that many bands
    gsd          least, typical, greatest ground metres a pixel that the model is for
    summary      JSON, for the card: what the data is, by role
    fingerprint  the same text means the same samples, so that a training can be continued
    """

    classes: tuple[ClassInfo, ...]
    modalities: tuple[ModalityStats, ...]
    gsd: tuple[float, float, float]
    summary: dict[str, Any]

    @property
    def fingerprint(self) -> str:
        """Return a digest of all that the samples depend on."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the roles that have labelled samples."""

    def steps(self, batch: int) -> int:
        """Return how many batches an epoch has."""

    def epoch(self, crops: Crops, number: int) -> Iterator[Batch]:
        """Yield the batches of epoch `number` of role train, augmented: a function of (seed, epoch, step) alone.

        Every sample has a valid pixel in some modality, and no label where it has none. At most `steps` batches.
        """

    def complete(self, side: int, most: int) -> Iterator[Part]:
        """Yield crops of role train that have every modality, not augmented, `side` pixels or fewer, at most `most`.

        Spread evenly over the data, in a fixed order.
        """

    def parts(self, role: str, most: int | None = None, tell: Tell | None = None) -> Iterator[Part]:
        """Yield the samples of a role, not augmented, in a fixed order; at most `most`, spread evenly over them."""

    def labelled(self, role: str) -> int:
        """Return how many pixels of a role have a label."""

    def available(self) -> set[Sensors]:
        """Return the combinations of sensors that the samples of role train have."""

    def class_counts(self) -> np.ndarray:
        """Return how many pixels of role train each class has, int64 (K,)."""
