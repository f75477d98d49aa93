"""Reading a chip cache, the folder that `data.chips` writes. numpy only.

S is the side of a chip, N the number of chips of a role; arrays may have room for more than N.

index.json         version, N by role, gsd, classes, modalities with statistics, a summary of the data
ROLE.KEY.npy       (N,C,S,S) values in the card's unit, 0 where not valid; ROLE = train, validation, test
ROLE.valid.npy     (N,M,S,S) bool, which pixels of which modality are data; an absent sensor is all False
ROLE.labels.npy    (N,S,S) uint8 class indices, 255 = ignore
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..contract.card import ClassInfo, ModalityStats
from ..contract.errors import BadInput
from ..data.labels import CACHE_INDEX, CACHE_VERSION, ROLES


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


@dataclass(frozen=True)
class ChipSet:
    """A chip cache: what a network needs to know of the data, and the chips of each role that has any."""

    classes: tuple[ClassInfo, ...]
    modalities: tuple[ModalityStats, ...]
    gsd: tuple[float, float, float]
    roles: dict[str, Chips]
    summary: dict[str, Any]


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
