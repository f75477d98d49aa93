"""Reading a chip cache, the folder that `data.chips` writes.

S is the side of a chip, N the number of chips of a role; arrays may have room for more than N.

index.json         version, N by role, gsd, classes, modalities with statistics, a summary of the data
ROLE.KEY.npy       (N,C,S,S) values in the card's unit, 0 where not valid; ROLE = train, validation, test
ROLE.valid.npy     (N,M,S,S) bool, which pixels of which modality are data; an absent sensor is all False
ROLE.labels.npy    (N,S,S) uint8 class indices, 255 = ignore
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..contract.card import ClassInfo, ModalityStats
from ..contract.errors import BadInput
from ..data.labels import CACHE_INDEX, CACHE_VERSION, IGNORE, ROLES
from ..data.spread import spread
from . import batches
from .dataset import Batch, Crops, Part, Tell
from .metrics import Sensors

_TOGETHER = 4  # chips measured at a time


@dataclass(frozen=True)
class Chips:
    """All chips of one role, mapped from disk. values: key -> (N,C,S,S). valid: (N,M,S,S). labels: (N,S,S)."""

    values: dict[str, np.ndarray]
    valid: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def side(self) -> int:
        """Return S."""
        return self.labels.shape[-1]

    def available(self) -> np.ndarray:
        """Return which chip has any data of which modality, bool (N,M)."""
        return np.array([chip.any((1, 2)) for chip in self.valid]).reshape(len(self), self.valid.shape[1])

    def labelled(self) -> int:
        """Return how many pixels have a label."""
        return sum(int((chip != IGNORE).sum()) for chip in self.labels)

    def parts(self, together: int = _TOGETHER, most: int | None = None, tell: Tell | None = None) -> Iterator[Part]:
        """Yield chips, `together` at a time; each is a block. At most `most`, spread evenly."""
        chosen = spread(range(len(self)), most)
        for start in range(0, len(chosen), together):
            index = chosen[start : start + together]
            yield self._part(index, np.s_[...], np.arange(start, start + len(index)))
            if tell is not None:
                tell(start + len(index), len(chosen))

    def complete(self, side: int, most: int) -> Iterator[Part]:
        """Yield the central `side` pixels of at most `most` of the chips that have every modality there."""
        start = max(self.side - side, 0) // 2
        cut = (..., slice(start, start + side), slice(start, start + side))
        chosen = spread([i for i in range(len(self)) if self.valid[i][cut].any((1, 2)).all()], most)
        for place in range(0, len(chosen), _TOGETHER):
            index = chosen[place : place + _TOGETHER]
            yield self._part(index, cut, np.arange(place, place + len(index)))

    def _part(self, index: list[int], cut: Any, blocks: np.ndarray) -> Part:
        def stacked(array: np.ndarray) -> Tensor:
            return torch.from_numpy(np.stack([array[i][cut] for i in index]))

        values = {key: stacked(array) for key, array in self.values.items()}
        return Part(values, stacked(self.valid), stacked(self.labels), {}, torch.from_numpy(blocks)[:, None, None])


@dataclass(frozen=True)
class ChipSet:
    """A chip cache: what a network needs to know of the data, and the chips of each role that has any.

    Its methods are those of `dataset.TrainingData`.
    """

    classes: tuple[ClassInfo, ...]
    modalities: tuple[ModalityStats, ...]
    gsd: tuple[float, float, float]
    roles: dict[str, Chips]
    summary: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the roles that have chips."""
        return tuple(self.roles)

    @cached_property
    def fingerprint(self) -> str:
        """Return a digest of what the chips hold."""
        classes = [[info.id, info.name] for info in self.classes]  # a colour changes no weight
        facts = [classes, [asdict(row) for row in self.modalities], self.gsd]
        digest = hashlib.sha256(json.dumps(facts).encode())
        for role, chips in self.roles.items():
            digest.update(f"{role} {len(chips)}".encode())
            for array in (*chips.values.values(), chips.valid, chips.labels):
                for chip in array:
                    digest.update(np.ascontiguousarray(chip).data)
        return digest.hexdigest()

    def steps(self, batch: int) -> int:
        """Return how many batches show every training chip once."""
        return batches.epoch_steps(len(self.roles["train"]), batch)

    def epoch(self, crops: Crops, number: int) -> Iterator[Batch]:
        """Yield one crop of every training chip, in random order."""
        return batches.epoch(self.roles["train"], self.modalities, crops, number)

    def complete(self, side: int, most: int) -> Iterator[Part]:
        """Yield the middles of training chips that have every modality there."""
        return self.roles["train"].complete(side, most)

    def parts(self, role: str, most: int | None = None, tell: Tell | None = None) -> Iterator[Part]:
        """Yield the chips of a role; each is a block."""
        return self.roles[role].parts(most=most, tell=tell)

    def labelled(self, role: str) -> int:
        """Return how many pixels of a role have a label."""
        return self.roles[role].labelled()

    def available(self) -> set[Sensors]:
        """Return the combinations of sensors that the training chips have."""
        keys = [row.key for row in self.modalities]
        found = {tuple(key for key, there in zip(keys, row) if there) for row in self.roles["train"].available()}
        return found - {()}

    def class_counts(self) -> np.ndarray:
        """Return how many training pixels each class has, int64 (K,)."""
        counts = np.zeros(IGNORE + 1, np.int64)
        for chip in self.roles["train"].labels:
            counts += np.bincount(chip.ravel(), minlength=len(counts))
        return counts[: len(self.classes)]


def open_chips(folder: Path) -> ChipSet:
    """Return the cache in `folder`. Raises BadInput when it is not a complete one."""
    try:
        index = json.loads((folder / CACHE_INDEX).read_text(encoding="utf-8"))
        if index["version"] != CACHE_VERSION:
            raise BadInput(f"Chip cache {folder} has version {index['version']}.", "Make it again.")
        keys = [row["key"] for row in index["modalities"]]
        return ChipSet(
            classes=tuple(ClassInfo(**row) for row in index["classes"]),
            modalities=tuple(
                ModalityStats(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})
                for row in index["modalities"]
            ),
            gsd=tuple(index["gsd"]),
            roles={role: _chips(folder, role, keys, index["chips"][role]) for role in ROLES if role in index["chips"]},
            summary=index["summary"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{folder} is not a complete chip cache ({error!r}).", "Make it again.") from None


def _chips(folder: Path, role: str, keys: list[str], count: int) -> Chips:
    def mapped(name: str) -> np.ndarray:
        return np.load(folder / f"{role}.{name}.npy", mmap_mode="r", allow_pickle=False)[:count]

    chips = Chips({key: mapped(key) for key in keys}, mapped("valid"), mapped("labels"))
    side = chips.side
    shapes = [(count, len(keys), side, side) == chips.valid.shape]
    shapes += [(count, side, side) == (len(part), *part.shape[2:]) for part in chips.values.values()]
    if not all(shapes):
        raise ValueError(f"arrays of role {role} do not fit together")
    return chips
