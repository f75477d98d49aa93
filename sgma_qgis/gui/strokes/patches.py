"""Connected patches of equal pixels in a raster of bytes, as runs: no numbers library, quick enough for a view."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from qgis.core import QgsGeometry, QgsRectangle

NODATA = 255
_RUN = re.compile(rb"(.)\1*", re.DOTALL)


@dataclass(frozen=True)
class Run:
    """Neighbours in a row of one value: columns left to right, right not included."""

    row: int
    left: int
    right: int
    value: int


@dataclass(frozen=True)
class Picture:
    """A raster of bytes, row after row, and where its upper left corner and its pixels lie in its CRS."""

    data: bytes
    width: int
    height: int
    x: float
    y: float
    dx: float
    dy: float

    def place(self, x: float, y: float) -> Tuple[int, int]:
        """Return (row, column) of a point, which may lie outside."""
        return int((self.y - y) // self.dy), int((x - self.x) // self.dx)

    def holds(self, row: int, col: int) -> bool:
        """Return whether there is such a pixel."""
        return 0 <= row < self.height and 0 <= col < self.width

    def cut(self, top: int, left: int, bottom: int, right: int) -> Optional[Picture]:
        """Return rows and columns up to and with the last ones, as far as they are there; None = none is."""
        top, left = max(top, 0), max(left, 0)
        bottom, right = min(bottom, self.height - 1), min(right, self.width - 1)
        if top > bottom or left > right:
            return None
        rows = (self.data[row * self.width + left : row * self.width + right + 1] for row in range(top, bottom + 1))
        x, y = self.x + left * self.dx, self.y - top * self.dy
        return Picture(b"".join(rows), right + 1 - left, bottom + 1 - top, x, y, self.dx, self.dy)

    def rectangle(self, run: Run, rows: int = 1) -> QgsRectangle:
        """Return the ground of a run, repeated in so many rows."""
        top = self.y - run.row * self.dy
        return QgsRectangle(self.x + run.left * self.dx, top - rows * self.dy, self.x + run.right * self.dx, top)


def patches(picture: Picture, values: Sequence[int] = ()) -> List[List[Run]]:
    """Return the patches of these values, or of all but NODATA; pixels touch by their sides."""
    wanted = frozenset(values) if values else frozenset(range(256)) - {NODATA}
    runs: List[Run] = []
    parent: List[int] = []

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    above: List[int] = []
    for row in range(picture.height):
        line = picture.data[row * picture.width : (row + 1) * picture.width]
        here: List[int] = []
        for found in _RUN.finditer(line):
            if found[0][0] in wanted:
                here.append(len(runs))
                parent.append(len(runs))
                runs.append(Run(row, found.start(), found.end(), found[0][0]))
        for upper, lower in _touching(runs, above, here):
            parent[root(lower)] = root(upper)
        above = here
    joined: Dict[int, List[Run]] = {}
    for i, run in enumerate(runs):
        joined.setdefault(root(i), []).append(run)
    return list(joined.values())


def _touching(runs: List[Run], above: List[int], here: List[int]) -> Iterator[Tuple[int, int]]:
    """Yield the pairs of runs of equal value of two rows that have a column in common."""
    i = 0
    for lower in here:
        while i < len(above) and runs[above[i]].right <= runs[lower].left:
            i += 1
        j = i
        while j < len(above) and runs[above[j]].left < runs[lower].right:
            if runs[above[j]].value == runs[lower].value:
                yield above[j], lower
            j += 1


def pixels(patch: List[Run]) -> int:
    """Return how many pixels a patch has."""
    return sum(run.right - run.left for run in patch)


def outline(picture: Picture, patch: List[Run]) -> QgsGeometry:
    """Return the ground of a patch, in the picture's CRS."""
    stacks: List[Tuple[Run, int]] = []
    last: Dict[Tuple[int, int], int] = {}  # columns -> index of the stack that ended in the row above
    for run in patch:  # in the order of rows
        columns = (run.left, run.right)
        at = last.get(columns)
        if at is not None and stacks[at][0].row + stacks[at][1] == run.row:
            stacks[at] = (stacks[at][0], stacks[at][1] + 1)
        else:
            last[columns] = len(stacks)
            stacks.append((run, 1))
    boxes = [QgsGeometry.fromRect(picture.rectangle(run, rows)) for run, rows in stacks]
    return QgsGeometry.unaryUnion(boxes)
