"""The largest connected areas of each value of a raster, found strip by strip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .components import Components, components, roots
from .grid import Window


@dataclass(frozen=True)
class Patch:
    """Pixels of one value that hang together by their edges. window: the least that holds them."""

    value: int
    pixels: int
    window: Window


@dataclass(frozen=True)
class _Areas:
    """Areas as columns, (N,) each; right and bottom lie behind the last pixel."""

    value: np.ndarray
    pixels: np.ndarray
    left: np.ndarray
    top: np.ndarray
    right: np.ndarray
    bottom: np.ndarray

    def at(self, index: np.ndarray) -> _Areas:
        """Return some of them."""
        return _Areas(*(column[index] for column in vars(self).values()))

    def joined(self, other: _Areas) -> _Areas:
        """Return these and then the others."""
        return _Areas(*(np.concatenate(pair) for pair in zip(vars(self).values(), vars(other).values())))

    def grouped(self, group: np.ndarray, count: int) -> _Areas:
        """Return the areas of `count` groups; group: (N,), of each area."""
        far = np.iinfo(np.int64).max
        out = [np.full(count, fill, np.int64) for fill in (-1, 0, far, far, 0, 0)]
        ways = (np.maximum, np.add, np.minimum, np.minimum, np.maximum, np.maximum)
        for way, column, found in zip(ways, vars(self).values(), out):
            way.at(found, group, column)
        return _Areas(*out)


def largest(strips: Iterable[np.ndarray], most: int) -> dict[int, list[Patch]]:
    """Return at most `most` of the largest areas of each value, by value, the largest first.

    strips: (h,w) int32 from top to bottom, negative where there is nothing. Memory holds one of them and the areas that
    reach its last row.
    """
    best: dict[int, list[Patch]] = {}
    none = np.zeros(0, np.int64)
    going_on, place, above, top = _Areas(none, none, none, none, none, none), none, none, 0
    for values in strips:
        height, width = values.shape
        if not top:
            place, above = np.full(width, -1), np.full(width, -1, np.int32)
        framed = np.full((height + 1, width + 2), -1, np.int32)
        framed[0, 1:-1], framed[1:, 1:-1] = above, values
        found = components(framed)
        areas = _areas(found, width + 2, top).joined(going_on)
        met = place >= 0
        group = roots(len(areas.value), found.at(0, slice(1, -1))[met], (found.count + place[met]).astype(np.int32))
        areas = areas.grouped(group, len(areas.value))
        last = np.where(values[-1] >= 0, group[found.at(height, slice(1, -1))], -1)
        open_ones = np.unique(last[last >= 0])
        ended = areas.pixels > 0
        ended[open_ones] = False
        _keep(best, areas.at(np.flatnonzero(ended)), most)
        going_on = areas.at(open_ones)
        place = np.where(last >= 0, np.searchsorted(open_ones, last), -1)
        above, top = values[-1].copy(), top + height
    _keep(best, going_on, most)
    return best


def _areas(found: Components, width: int, top: int) -> _Areas:
    """Return the areas of a framed strip whose first row, below the frame's, is row `top`; that row itself counts."""
    rows, cols = np.divmod(found.starts, width)
    mapped = np.flatnonzero((found.value_of_run >= 0) & (rows > 0))
    rows, cols, lengths = rows[mapped] - 1 + top, cols[mapped] - 1, found.lengths[mapped]
    runs = _Areas(found.value_of_run[mapped], lengths, cols, rows, cols + lengths, rows + 1)
    return runs.grouped(found.label_of_run[mapped], found.count)


def _keep(best: dict[int, list[Patch]], areas: _Areas, most: int) -> None:
    """Add areas that have ended to the largest of their value."""
    for value in np.unique(areas.value).tolist():
        index = np.flatnonzero(areas.value == value)
        index = index[np.argsort(-areas.pixels[index], kind="stable")[:most]]
        rows = zip(*(column.tolist() for column in vars(areas.at(index)).values()))
        patches = [Patch(v, n, Window(left, up, right - left, low - up)) for v, n, left, up, right, low in rows]
        best[value] = sorted([*best.get(value, []), *patches], key=lambda patch: -patch.pixels)[:most]
