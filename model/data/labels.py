"""From values of a label raster to class indices."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..contract.card import ClassInfo
from ..contract.errors import BadInput

IGNORE = 255  #: index of pixels whose class is not known
UNKNOWN = np.int32(-1)  #: label value where the raster has none; typed, so that it never wraps into a byte's range
NEW = "new:"
#: of the chip cache, which `data.chips` writes and `training.chipset` reads
CACHE_VERSION, CACHE_INDEX = 1, "index.json"
ROLES = ("train", "validation", "test")
_HINT = 'A class map is {"label value": "new:NAME" | "ignore"}.'
_PALETTE = (  # Okabe and Ito's colours, told apart by the colour-blind, then darker and lighter ones
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999",
    "#8c5f00", "#1d5f86", "#00543d", "#93890d", "#003a5c", "#7a3600", "#7d3a60", "#444444",
)  # fmt: skip


@dataclass(frozen=True)
class ClassMap:
    """classes: in the order of the network's outputs. indices: label value -> class index or IGNORE."""

    classes: tuple[ClassInfo, ...]
    indices: dict[int, int]

    def __call__(self, values: np.ndarray, where: str) -> np.ndarray:
        """Return class indices (h,w) uint8 of label values (h,w); `where` names the file in messages.

        Raises BadInput for a value that the map does not name.
        """
        out = np.full(values.shape, IGNORE, np.uint8)
        for value in np.unique(values).tolist():
            if value == UNKNOWN:
                continue
            if value not in self.indices:
                known = ", ".join(map(str, sorted(self.indices)))
                raise BadInput(
                    f"{where} holds label value {value}; the class map names {known}.", "Add it, perhaps as 'ignore'."
                )
            out[values == value] = self.indices[value]
        return out


def of_classes(classes: tuple[ClassInfo, ...]) -> ClassMap:
    """Return the map of rasters whose values are the class ids themselves; 255 is ignored unless it is one."""
    return ClassMap(classes, {IGNORE: IGNORE, **{info.id: index for index, info in enumerate(classes)}})


def of_values(values: Iterable[int]) -> ClassMap:
    """Return the map that makes every value but 255, which is ignored, a class of its own, named after it."""
    names = {value: "" if value == IGNORE else f"Class {value}" for value in set(values) - {UNKNOWN}}
    return _named(dict(sorted(names.items())))


def read(path: str) -> ClassMap:
    """Return the map in a JSON file. A class's id is the lowest label value that means it. Raises BadInput."""
    try:
        raw = json.loads(Path(path).read_text(encoding="utf-8"))
        pairs = {int(value): str(target) for value, target in raw.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(f"Class map {path} cannot be read ({error}).", _HINT) from None
    for value, target in pairs.items():
        if target != "ignore" and not (target.startswith(NEW) and target[len(NEW) :].strip()):
            raise BadInput(f"Class map {path}: label value {value} means {target!r}.", _HINT)
    names = {value: "" if target == "ignore" else target[len(NEW) :].strip() for value, target in pairs.items()}
    return _named(dict(sorted(names.items())))


def _named(names: dict[int, str]) -> ClassMap:
    """Return the map of rising label value -> class name, '' = ignore. Raises BadInput."""
    found: dict[str, int] = {}
    indices = {}
    for value, name in names.items():
        if name:
            found.setdefault(name, value)
            indices[value] = list(found).index(name)
        else:
            indices[value] = IGNORE
    if not 2 <= len(found) <= IGNORE:
        raise BadInput(f"The labels name {len(found)} classes; 2 to {IGNORE} are needed.", _HINT)
    if not all(0 <= value < IGNORE for value in found.values()):
        raise BadInput(f"Class ids must be 0 to {IGNORE - 1}; the labels hold others.", "Renumber the label raster.")
    classes = tuple(
        ClassInfo(value, name, _PALETTE[i % len(_PALETTE)]) for i, (name, value) in enumerate(found.items())
    )
    return ClassMap(classes, indices)
