"""Areas of a class map that reach over several strips: their rings and figures are held until they are whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .components import Components
from .outlines import Chains


@dataclass(frozen=True)
class Finished:
    """Whole areas. points, offsets, owners: their rings, as `outlines.polygons` takes them; owners index the others.

    values (n,): their class. figures (F,n): sums over their pixels.
    """

    points: np.ndarray
    offsets: np.ndarray
    owners: np.ndarray
    values: np.ndarray
    figures: np.ndarray


class _Open:
    """An area that goes on in the next strip, and what it has so far."""

    __slots__ = ("value", "figures", "rings", "into")

    def __init__(self, value: int, figures: np.ndarray) -> None:
        self.value, self.figures = value, figures
        self.rings: list[np.ndarray] = []
        self.into: _Open | None = None

    def current(self) -> _Open:
        """Return the area that this one turned out to be a part of."""
        area = self
        while area.into is not None:
            area = area.into
        return area

    def take(self, other: _Open) -> None:
        """Make another area a part of this one."""
        self.figures = self.figures + other.figures
        self.rings += other.rings
        other.rings = []
        other.into = self


@dataclass
class _Chain:
    """An outline that comes up from the next strip at column `head` and goes back down at column `tail`."""

    head: int
    tail: int
    points: np.ndarray


class Stitcher:
    """Takes strips from top to bottom; hands areas on as soon as they are whole."""

    def __init__(self) -> None:
        self._edge = np.zeros(0, np.int32)  # labels of the last row of the strip before
        self._open: dict[int, _Open] = {}  # by such labels
        self._chains: list[_Chain] = []

    def add(self, chains: Chains, found: Components, figures: np.ndarray) -> Finished:
        """Take the next strip and return the areas that end in it.

        found: components of the strip with the last row of the strip above on top. figures (F,count): sums over
        pixels of each component, without that row.
        """
        values = found.values()
        parts = self._parts(found, values, figures)
        labels = found.at(*chains.pixels)
        self._join(chains, labels, parts)
        lengths = np.diff(chains.offsets)
        here = np.ones(found.count, bool)
        here[list(parts)] = False
        closed = np.arange(len(labels)) >= len(chains.heads)
        for index in np.flatnonzero(closed & ~here[labels]):
            ring = chains.points[chains.offsets[index] : chains.offsets[index + 1]]
            parts[int(labels[index])].current().rings.append(ring.copy())
        whole = closed & here[labels]
        ended = self._turn(found, parts)
        rings = [ring for area in ended for ring in area.rings]
        numbers = np.repeat(np.arange(len(ended)) + found.count, [len(area.rings) for area in ended])
        owners = np.concatenate([labels[whole], numbers])
        kept, owners = np.unique(owners, return_inverse=True)
        ring_lengths = np.concatenate([lengths[whole], [len(ring) for ring in rings]])
        return Finished(
            np.concatenate([chains.points[np.repeat(whole, lengths)], *rings]),
            np.concatenate([[0], np.cumsum(ring_lengths)]).astype(np.int64),
            owners,
            np.concatenate([values, [area.value for area in ended]])[kept],
            np.column_stack([figures, *(area.figures for area in ended)])[:, kept],
        )

    def _parts(self, found: Components, values: np.ndarray, figures: np.ndarray) -> dict[int, _Open]:
        """Return the areas, by label, that came from above or go on below, and add the strip's figures to them."""
        parts: dict[int, _Open] = {}
        top = found.at(0, slice(None))
        if self._edge.size:
            pairs = np.unique(self._edge.astype(np.int64) * found.count + top)
            for before, label in zip(*(part.tolist() for part in np.divmod(pairs, found.count))):
                if values[label] < 0:
                    continue
                area = self._open[before].current()
                other = parts[label].current() if label in parts else area
                if other is not area:
                    area.take(other)
                parts[label] = area
        for label in np.unique(found.at(-1, slice(None))).tolist():
            if values[label] >= 0 and label not in parts:
                parts[label] = _Open(int(values[label]), np.zeros(len(figures)))
        for label, area in parts.items():
            area = area.current()
            area.figures = area.figures + figures[:, label]
        return parts

    def _join(self, chains: Chains, labels: np.ndarray, parts: dict[int, _Open]) -> None:
        """Join the strip's open pieces with the chains from above: to rings, or to chains that go on below."""
        before = self._chains
        count = len(chains.heads)
        pieces = [chains.points[chains.offsets[i] : chains.offsets[i + 1]] for i in range(count)]
        pieces += [chain.points for chain in before]
        entering = {col: index for index, (top, col) in enumerate(chains.heads) if top}
        climbing = {chain.head: count + index for index, chain in enumerate(before)}
        following = [climbing[col] if top else -1 for top, col in chains.tails]
        following += [entering[chain.tail] for chain in before]
        self._chains = []
        seen = bytearray(len(pieces))
        heads = [index for index, (top, _) in enumerate(chains.heads) if not top]
        for first in [*heads, *range(count)]:
            path, index = [], first
            while index >= 0 and not seen[index]:
                seen[index] = 1
                path.append(index)
                index = following[index]
            if not path:
                continue
            joined = np.concatenate([pieces[step] for step in path])
            if index < 0:
                tail = chains.tails[path[-1]][1]
                self._chains.append(_Chain(chains.heads[first][1], tail, joined))
            else:
                parts[int(labels[first])].current().rings.append(joined)

    def _turn(self, found: Components, parts: dict[int, _Open]) -> list[_Open]:
        """Make the strip's last row the edge; return the areas that do not reach it."""
        self._edge = found.at(-1, slice(None))
        below = np.unique(self._edge).tolist()
        self._open = {label: parts[label].current() for label in below if label in parts}
        going_on = {id(area) for area in self._open.values()}
        ended = {id(area.current()): area.current() for area in parts.values()}
        return [area for key, area in ended.items() if key not in going_on]
