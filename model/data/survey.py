"""How much of which label there is where: labels counted in the cells of a grid, read once, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..contract.errors import BadInput
from ..feedback import JobFeedback
from .grid import Grid, Window
from .labels import IGNORE, ClassMap
from .reference import Labels, distinct

BLOCK = 256  # side of the blocks that labels and layers are read in; places of crops are drawn by block
_CELLS = 256  # cells a side, about: as fine as areas need to be drawn
_FINEST = 8  # pixels a cell at least
_MANY = 1000  # different values: no classes, but a picture or heights


@dataclass(frozen=True)
class Survey:
    """counts: label value -> labelled pixels (R,C) int32 by cell of `cell` x `cell` pixels. The grid's, row-major."""

    cell: int
    shape: tuple[int, int]
    counts: dict[object, np.ndarray]

    def by_class(self, class_map: ClassMap, where: str) -> np.ndarray:
        """Return labelled pixels (R,C,K) int64 by cell and class. Raises BadInput for a value that the map lacks."""
        out = np.zeros((*self.shape, len(class_map.classes)), np.int64)
        for value, counts in self.counts.items():
            index = class_map.index(value, where)
            if index != IGNORE:
                out[..., index] += counts
        return out


def survey(labels: Labels, feedback: JobFeedback) -> Survey:
    """Count the labels on their grid. Raises BadInput where they cannot be read, or are too many to be classes."""
    grid = labels.grid
    cell = _FINEST
    while cell < BLOCK and max(grid.width, grid.height) / cell > _CELLS:
        cell *= 2
    shape = (-(-grid.height // cell), -(-grid.width // cell))
    found: dict[int, np.ndarray] = {}
    every = list(blocks(grid))
    for number, window in enumerate(every):
        feedback.progress("labels", number, len(every))
        if not labels.touches(window):
            continue
        codes = labels.read(window)
        top, left = window.row // cell, window.col // cell  # blocks start with a cell
        rows, cols = np.arange(window.height) // cell, np.arange(window.width) // cell
        size = (int(rows[-1]) + 1, int(cols[-1]) + 1)
        place = (rows * size[1])[:, None] + cols[None]
        for code in distinct(codes):
            if code not in found:
                if len(found) == _MANY:
                    raise BadInput(
                        f"{labels.source.name} holds more than {_MANY} different values: these are no classes.",
                        "Give a file of classes.",
                    )
                found[code] = np.zeros(shape, np.int32)
            one = np.bincount(place[codes == code], minlength=size[0] * size[1]).reshape(size)
            found[code][top : top + size[0], left : left + size[1]] += one.astype(np.int32)
    feedback.progress("labels", len(every), len(every))
    counts: dict[object, np.ndarray] = {}
    for code, table in sorted(found.items()):
        value = labels.value(code)
        counts[value] = counts[value] + table if value in counts else table
    return Survey(cell, shape, counts)


def blocks(grid: Grid) -> Iterator[Window]:
    """Yield the grid's blocks, row by row; the last ones are cut at its edge."""
    for row in range(0, grid.height, BLOCK):
        for col in range(0, grid.width, BLOCK):
            yield Window(col, row, min(BLOCK, grid.width - col), min(BLOCK, grid.height - row))
