"""Minimum mapping unit: areas that are too small take the class of a neighbour, without a second copy of the raster.

The rule: of all areas (equal class, 4 neighbours) smaller than the minimum the smallest goes first, of equal ones that
which begins first in raster order. It takes the class with which it has the longest border (ties: the lower class),
nodata not counted, and becomes one area with those neighbours; and so on until no area is too small. An area
that has no neighbour stays. So nothing becomes a hole, and what is large enough never changes.

An area's turn can come before the whole raster is known: as soon as it has ended and every neighbour that is still too
small comes after it, for its border can no longer change before its turn. So the result does not depend on
the strips, and memory holds the areas near the last row that are still too small and, of strips above that they reach
or keep waiting, where the small areas lie. That is little unless most of a map is smaller than the minimum.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

import numpy as np

from .components import Components, components

_NOTHING = -1


def sieved(
    read: Callable[[int], np.ndarray], count: int, least: int, check: Callable[[], None] = lambda: None
) -> Iterator[np.ndarray]:
    """Yield strips (h,w) int32 in order, areas of fewer than `least` pixels replaced.

    read: returns strip `index` of `count`, negative where there is no class; called twice for each.
    check: called before each decision; raises when the caller wants to stop.
    """
    sieve = _Sieve(least)
    waiting: list[_Strip] = []
    done = 0
    for index in range(count):
        waiting.append(sieve.add(read(index)))
        sieve.settle(index == count - 1, check)
        while waiting and not waiting[0].undecided:
            yield waiting.pop(0).painted(read(done))
            done += 1


class _Strip:
    """Which classes the small areas of a strip get. undecided: how many have none yet."""

    def __init__(self, found: Components, small: np.ndarray, width: int) -> None:
        of_small = small[found.label_of_run]
        rows, cols = np.divmod(found.starts[of_small], width + 2)
        self._starts = rows * width + cols - 1
        self._lengths = found.lengths[of_small]
        labels = np.flatnonzero(small)
        self._areas = np.searchsorted(labels, found.label_of_run[of_small])
        self.classes = found.values()[labels]  # of the small areas, in the order of their labels
        self.undecided = len(labels)

    def painted(self, values: np.ndarray) -> np.ndarray:
        """Return the strip with the classes found."""
        ends = np.cumsum(self._lengths)
        pixels = np.arange(ends[-1] if ends.size else 0)
        pixels += np.repeat(self._starts - ends + self._lengths, self._lengths)
        values.reshape(-1)[pixels] = np.repeat(self.classes[self._areas], self._lengths)
        return values


class _Area:
    """An area that is too small as far as it is known. borders: pixel edges with other areas, by their number."""

    __slots__ = ("size", "value", "first", "borders", "members", "open")

    def __init__(self, size: int, value: int, first: int, member: tuple[_Strip, int]) -> None:
        self.size, self.value, self.first = size, value, first
        self.borders: dict[int, int] = {}
        self.members = [member]
        self.open = False


def _large(value: int) -> int:
    """Return the number that stands for all areas of a class that are large enough."""
    return -2 - value


class _Sieve:
    """Areas that are too small, numbered from 0; `_large` numbers stand for the others."""

    def __init__(self, least: int) -> None:
        self._least = least
        self._areas: dict[int, _Area] = {}
        self._became: dict[int, int] = {}  # numbers that went into others since the last strip
        self._next = 0
        self._row = 0
        self._edge: tuple[np.ndarray, np.ndarray] | None = None  # numbers and values of the last row

    def add(self, values: np.ndarray) -> _Strip:
        """Take the next strip (h,w); return what will know the classes of its small areas."""
        height, width = values.shape
        framed = np.full((height, width + 2), -1, np.int32)
        framed[:, 1:-1] = values
        found = components(framed)
        sizes = found.total(found.lengths).astype(np.int64)
        classes = found.values()
        small = (classes >= 0) & (sizes < self._least)
        strip = _Strip(found, small, width)
        numbers = np.where(classes < 0, _NOTHING, _large(classes.astype(np.int64)))
        labels = np.flatnonzero(small)
        numbers[labels] = self._next + np.arange(len(labels))
        firsts = np.full(found.count, framed.size)
        np.minimum.at(firsts, found.label_of_run, found.starts)
        firsts += self._row * (width + 2)
        for place, label in enumerate(labels.tolist()):
            area = _Area(int(sizes[label]), int(classes[label]), int(firsts[label]), (strip, place))
            self._areas[self._next + place] = area
        self._next += len(labels)
        self._border_inside(framed, found, numbers)
        self._meet(numbers[found.at(0, slice(None))], framed[0])
        self._turn(numbers[found.at(-1, slice(None))], framed[-1])
        self._row += height
        return strip

    def settle(self, last: bool, check: Callable[[], None]) -> None:
        """Decide all areas whose turn has come."""
        if last:
            for area in self._areas.values():
                area.open = False
        turn = [(area.size, area.first, number) for number, area in self._areas.items() if not area.open]
        heapq.heapify(turn)
        while turn:
            check()
            size, first, number = heapq.heappop(turn)
            area = self._areas.get(number)
            if area is None or (area.size, area.first) != (size, first) or area.open or self._must_wait(area):
                continue
            kept = self._decide(number, area)
            if kept is not None:
                area = self._areas[kept]
                heapq.heappush(turn, (area.size, area.first, kept))

    def _must_wait(self, area: _Area) -> bool:
        for number in area.borders:
            if number >= 0:
                other = self._areas[number]
                if other.size < area.size or (other.size == area.size and (other.open or other.first < area.first)):
                    return True
        return False

    def _decide(self, number: int, area: _Area) -> int | None:
        """Give an area its neighbours' class; return the number of what it became if that is still too small."""
        if not area.borders:
            self._finish(number, area.value)
            return None
        tally: dict[int, int] = {}
        for other, length in area.borders.items():
            value = self._areas[other].value if other >= 0 else _large(other)
            tally[value] = tally.get(value, 0) + length
        area.value = min(tally, key=lambda value: (-tally[value], value))
        joined = [other for other in area.borders if other >= 0 and self._areas[other].value == area.value]
        if _large(area.value) in area.borders:
            for one in [number, *joined]:
                self._finish(one, area.value)
            return None
        for other in joined:
            number = self._unite(number, other)
        return number if number >= 0 else None

    def _unite(self, one: int, other: int) -> int:
        """Make two numbers of one class one; return it."""
        if one == other:
            return one
        if one < 0 or other < 0:
            for number in (one, other):
                if number >= 0:
                    self._finish(number, self._areas[number].value)
            return min(one, other)
        if len(self._areas[one].borders) < len(self._areas[other].borders):
            one, other = other, one
        area, gone = self._areas[one], self._areas.pop(other)
        self._became[other] = one
        area.size += gone.size
        area.first = min(area.first, gone.first)
        area.open |= gone.open
        area.members += gone.members
        area.borders.pop(other, None)
        gone.borders.pop(one, None)
        for number, length in gone.borders.items():
            area.borders[number] = area.borders.get(number, 0) + length
            if number >= 0:
                theirs = self._areas[number].borders
                theirs[one] = theirs.get(one, 0) + theirs.pop(other)
        if area.size >= self._least:
            self._finish(one, area.value)
            return _large(area.value)
        return one

    def _finish(self, number: int, value: int) -> None:
        """Note the class of an area that is large enough now, or has no neighbours."""
        area = self._areas.pop(number)
        self._became[number] = _large(value)
        for other, length in area.borders.items():
            if other >= 0:
                theirs = self._areas[other].borders
                del theirs[number]
                theirs[_large(value)] = theirs.get(_large(value), 0) + length
        for strip, place in area.members:
            strip.classes[place] = value
            strip.undecided -= 1

    def _current(self, number: int) -> int:
        while number in self._became:
            number = self._became[number]
        return number

    def _border(self, one: np.ndarray, other: np.ndarray) -> None:
        """Count borders between areas (n,) that lie side by side, one pixel edge each."""
        counted = (one != _NOTHING) & (other != _NOTHING) & ((one >= 0) | (other >= 0))
        for a, b, length in zip(*_pairs(one[counted], other[counted])):
            a, b = self._current(a), self._current(b)
            for mine, theirs in ((a, b), (b, a)):
                if mine >= 0:
                    borders = self._areas[mine].borders
                    borders[theirs] = borders.get(theirs, 0) + length

    def _border_inside(self, framed: np.ndarray, found: Components, numbers: np.ndarray) -> None:
        of_run = numbers[found.label_of_run]
        self._border(of_run[:-1], of_run[1:])  # the frame keeps runs of different rows apart
        rows, cols = np.nonzero((framed[1:] != framed[:-1]) & (framed[1:] >= 0) & (framed[:-1] >= 0))
        self._border(of_run[found.run_of[rows, cols]], of_run[found.run_of[rows + 1, cols]])

    def _meet(self, numbers: np.ndarray, values: np.ndarray) -> None:
        """Join the first row of a strip to the last row of the one before."""
        if self._edge is None:
            return
        above, values_above = self._edge
        same = (values == values_above) & (values >= 0)
        self._border(above[~same], numbers[~same])
        for one, other, _ in zip(*_pairs(above[same], numbers[same])):
            self._unite(self._current(one), self._current(other))

    def _turn(self, numbers: np.ndarray, values: np.ndarray) -> None:
        """Make the last row of a strip the edge: areas in it are open."""
        present, place = np.unique(numbers, return_inverse=True)
        present = np.array([self._current(number) for number in present.tolist()], np.int64)
        self._edge = present[place], values.copy()
        for area in self._areas.values():
            area.open = False
        self._became.clear()
        for number in present.tolist():
            if number >= 0:
                self._areas[number].open = True


def _pairs(one: np.ndarray, other: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    """Return the different pairs of numbers (n,), whichever comes first, and how often each occurs."""
    if not one.size:
        return [], [], []
    lowest = min(one.min(), other.min())
    span = max(one.max(), other.max()) - lowest + 1
    codes, counts = np.unique(
        (np.minimum(one, other) - lowest) * span + np.maximum(one, other) - lowest, return_counts=True
    )
    return (codes // span + lowest).tolist(), (codes % span + lowest).tolist(), counts.tolist()
