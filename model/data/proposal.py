"""A proposal of areas: spatial blocks with a gap, so that every role has its share of every class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from .areas import Areas, of_polygons
from .grid import Grid, Window

_SHARES = (  # of the labels of every class, tried in turn until the labels allow for it
    {"train": 0.7, "validation": 0.15, "test": 0.15},
    {"train": 0.8, "validation": 0.2},
)
_ACROSS = (1, 2, 3, 4, 5, 6, 8, 10, 12)  # blocks along a side that are tried
_TRAIN = 3  # times as much as for another role counts what training has
_LEAST_TRAIN, _LEAST_HELD = 0.4, 0.04  # of a class's labels, on average
_NONE = -1


@dataclass(frozen=True)
class Proposal:
    """areas: by role; train alone where labels are too close together for more. shares: of the labels, (roles, K)."""

    areas: Areas
    shares: dict[str, np.ndarray]


def propose(counts: np.ndarray, cell: int, grid: Grid, gap: int) -> Proposal:
    """Return areas for labels counted by cell and class, (R,C,K); cells are `cell` pixels wide.

    Squares of every size that makes sense are dealt out to the roles class by class; cells of one role nearer than
    `gap` pixels to another's are nobody's. The best layout is taken: that in which every role has most of its share of
    every class. Training has every class and at least 40 % of the labels of a class, on average, the others two classes
    and 4 %; where that cannot be had, there are fewer roles. Deterministic.
    """
    top, left, part = _labelled(counts)
    distance = -(-gap // cell)
    for shares in _SHARES:
        best, best_score = None, 0.0
        for down in _ACROSS:
            for across in _ACROSS:
                if down <= part.shape[0] and across <= part.shape[1] and down * across >= len(shares):
                    roles = _layout(part, (down, across), shares, distance)
                    score = _score(part, roles, shares)
                    if score > best_score + 1e-9:
                        best, best_score = roles, score
        if best is not None:
            return _proposal(best, tuple(shares), part, (top, left), cell, grid)
    return _proposal(np.zeros(part.shape[:2], int), ("train",), part, (top, left), cell, grid)


def _labelled(counts: np.ndarray) -> tuple[int, int, np.ndarray]:
    """Return the cells around all labels: first row, first column, counts."""
    rows, cols = (np.flatnonzero(counts.any((axis, 2))) for axis in (1, 0))
    return int(rows[0]), int(cols[0]), counts[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def _layout(part: np.ndarray, blocks: tuple[int, int], shares: dict[str, float], distance: int) -> np.ndarray:
    """Return the role of each cell (R,C), by its place in `shares`; _NONE = nobody's."""
    starts = [-(-np.arange(count) * length // count) for length, count in zip(part.shape, blocks)]
    down, across = (np.arange(length) * count // length for length, count in zip(part.shape, blocks))
    table = np.add.reduceat(np.add.reduceat(part, starts[0], 0), starts[1], 1).reshape(-1, part.shape[2])
    block = down[:, None] * blocks[1] + across[None]
    dealt = _deal(table, list(shares.values()))
    roles = dealt[block]
    for held in range(len(shares) - 1, 0, -1):  # test first: what is near it is neither training nor validation
        near = _dilated(roles == held, distance)
        roles[near & (roles < held)] = _NONE
    return roles


def _deal(table: np.ndarray, shares: list[float]) -> np.ndarray:
    """Return the role of each block (N,) of which `table` (N,K) has the labels; all roles but the first are dealt.

    Greedy: the block that brings a role nearest to its share of every class, as long as one does.
    """
    whole = table.sum(0)
    relative = table[:, whole > 0] / whole[whole > 0]
    roles = np.zeros(len(table), int)
    for role in range(len(shares) - 1, 0, -1):
        have = np.zeros(relative.shape[1])
        while True:
            free = np.flatnonzero((roles == 0) & relative.any(1))
            if len(free) < 2:
                break
            off = ((have + relative[free] - shares[role]) ** 2).sum(1)
            place = int(off.argmin())
            if off[place] >= ((have - shares[role]) ** 2).sum():
                break
            roles[free[place]] = role
            have += relative[free[place]]
    return roles


def _dilated(mask: np.ndarray, distance: int) -> np.ndarray:
    """Return the cells that are `distance` cells or fewer from one of the mask, along either side."""
    out = mask
    for axis in (0, 1):
        padded = np.pad(out, [(distance, distance) if axis == side else (0, 0) for side in (0, 1)])
        total = np.cumsum(np.insert(padded.astype(np.int32), 0, 0, axis), axis)
        length = out.shape[axis]
        high, low = np.arange(length) + 2 * distance + 1, np.arange(length)
        out = np.take(total, high, axis) > np.take(total, low, axis)
    return out


def _score(part: np.ndarray, roles: np.ndarray, shares: dict[str, float]) -> float:
    """Return how well a layout does, above 0; 0 = it does not do: see `propose`."""
    whole = part.sum((0, 1))
    there = whole > 0
    score = 0.0
    for role, share in enumerate(shares.values()):
        have = part[roles == role].sum(0)[there]
        least = _LEAST_HELD if role else _LEAST_TRAIN
        if (have > 0).sum() < 2 or (have / whole[there]).mean() < least or not (role or have.all()):
            return 0.0
        reached = np.minimum(have / whole[there] / share, 1.0)
        score += (reached.mean() + reached.min()) * (_TRAIN if role == 0 else 1)
    return score


def _proposal(
    roles: np.ndarray, names: tuple[str, ...], part: np.ndarray, corner: tuple[int, int], cell: int, grid: Grid
) -> Proposal:
    polygons, shares, whole = {}, {}, np.maximum(part.sum((0, 1)), 1)
    for role, name in enumerate(names):
        shares[name] = part[roles == role].sum(0) / whole
        polygons[name] = shapely.get_parts(shapely.union_all(_boxes(roles == role, corner, cell, grid)))
    return Proposal(of_polygons(polygons, grid), shares)


def _boxes(mask: np.ndarray, corner: tuple[int, int], cell: int, grid: Grid) -> np.ndarray:
    """Return the runs of cells of each row as boxes in the grid's CRS."""
    found = []
    for row, line in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
        for first, last in zip(edges[::2].tolist(), edges[1::2].tolist()):
            cells = Window((corner[1] + first) * cell, (corner[0] + row) * cell, (last - first) * cell, cell)
            found.append(shapely.box(*grid.window_bounds(cells.intersection(grid.window))))
    return np.array(found)
