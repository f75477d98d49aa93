"""Height above a local ground, found in a surface model as a pure function of position.

The plane is cut into square blocks anchored to multiples of their size in the CRS. A block's value is a low percentile
of the heights on an anchored lattice inside it; a grey opening over blocks takes off buildings and woods. What a pixel
gets depends on nothing but where it is: tile, area and preview see the same height.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from .grid import Bounds, Grid, Window

LATTICE = 16  # samples along a block's side
_PERCENTILE = 0.05
_REACH = 4  # blocks each way in the opening's window: an object narrower than 9 blocks is taken off
_PATCH = 32  # blocks along a side of the cached patches
_CACHED = 256  # patches kept: 256 * 32 * 32 blocks of 8 bytes

Read = Callable[[Window], tuple[np.ndarray, np.ndarray]]


class LocalGround:
    """Ground heights under one surface model. Not for use by two threads at once."""

    def __init__(self, open_lattice: Callable[[Grid], Read], crs: str, block: float, bounds: Bounds) -> None:
        """Prepare; nothing is read yet.

        open_lattice: returns a `read(window)` -> heights (1,h,w), valid (h,w) of the layer on a given grid.
        block: side in units of `crs`. bounds: the layer's, in `crs`.
        """
        self.block = block
        step = block / LATTICE
        self._read = open_lattice(Grid(crs, (step, 0.0, 0.0, 0.0, -step, 0.0), 1, 1))
        self._patches: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        self._first = (int(np.floor(-bounds[3] / block)), int(np.floor(bounds[0] / block)))
        self._last = (int(np.floor(-bounds[1] / block)), int(np.floor(bounds[2] / block)))
        sides = (min(last - first + 1, 2 * _REACH + 1) for first, last in zip(self._first, self._last))
        self._enough = -(-int(np.prod(list(sides))) // 3)

    def at(self, grid: Grid, window: Window) -> np.ndarray:
        """Return ground heights (h,w) float32 at the window's pixel centres; NaN where nothing is known nearby."""
        a, _, c, _, e, f = grid.transform
        x = (c + a * (np.arange(window.col, window.col + window.width) + 0.5)) / self.block - 0.5
        y = -(f + e * (np.arange(window.row, window.row + window.height) + 0.5)) / self.block - 0.5
        left, top = int(np.floor(x.min())), int(np.floor(y.min()))
        right, bottom = int(np.floor(x.max())) + 1, int(np.floor(y.max())) + 1
        ground = self._ground(top, left, bottom - top + 1, right - left + 1)
        known = np.isfinite(ground)
        total = _between(np.where(known, ground, 0.0), x - left, y - top)
        share = _between(known.astype(np.float64), x - left, y - top)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(share > 0, np.where(share == 1, total, total / share), np.nan).astype(np.float32)

    def _ground(self, row: int, col: int, rows: int, cols: int) -> np.ndarray:
        """Return ground at block centres (rows,cols) float64, NaN where unknown."""
        margin = 2 * _REACH + 1
        low = self._lows(row - margin, col - margin, rows + 2 * margin, cols + 2 * margin)
        count = _window_sum(np.isfinite(low).astype(np.float64))
        eroded = _filter(low, np.fmin)
        # A window hanging over the rim of the data may hold nothing but a roof: it must be filled well enough.
        opened = _filter(np.where(count >= self._enough, eroded, np.nan), np.fmax)
        inner = slice(_REACH, -_REACH)
        opened = np.where(np.isfinite(opened), opened, eroded[inner, inner])
        return (opened + _slope_bias(opened))[1:-1, 1:-1]

    def _lows(self, row: int, col: int, rows: int, cols: int) -> np.ndarray:
        """Return the low percentiles (rows,cols) of blocks, NaN where a block has no valid sample."""
        out = np.full((rows, cols), np.nan)
        for i in range(row // _PATCH, (row + rows - 1) // _PATCH + 1):
            for j in range(col // _PATCH, (col + cols - 1) // _PATCH + 1):
                top, left = max(i * _PATCH, row), max(j * _PATCH, col)
                bottom, right = min((i + 1) * _PATCH, row + rows), min((j + 1) * _PATCH, col + cols)
                patch = self._patch(i, j)
                part = patch[top - i * _PATCH : bottom - i * _PATCH, left - j * _PATCH : right - j * _PATCH]
                out[top - row : bottom - row, left - col : right - col] = part
        return out

    def _patch(self, i: int, j: int) -> np.ndarray:
        if (i, j) in self._patches:
            self._patches.move_to_end((i, j))
            return self._patches[i, j]
        out = np.full((_PATCH, _PATCH), np.nan)
        # Only blocks that the layer can touch are read.
        top, bottom = max(i * _PATCH, self._first[0]), min((i + 1) * _PATCH, self._last[0] + 1)
        left, right = max(j * _PATCH, self._first[1]), min((j + 1) * _PATCH, self._last[1] + 1)
        if top < bottom and left < right:
            rows, cols = bottom - top, right - left
            window = Window(left * LATTICE, top * LATTICE, cols * LATTICE, rows * LATTICE)
            values, valid = self._read(window)
            heights = np.where(valid, values[0], np.inf).reshape(rows, LATTICE, cols, LATTICE)
            heights = np.sort(heights.transpose(0, 2, 1, 3).reshape(rows, cols, -1), axis=2)
            count = np.isfinite(heights).sum(axis=2)
            index = np.floor(_PERCENTILE * np.maximum(count - 1, 0)).astype(np.int64)
            low = np.take_along_axis(heights, index[..., None], axis=2)[..., 0]
            out[top - i * _PATCH : bottom - i * _PATCH, left - j * _PATCH : right - j * _PATCH] = np.where(
                count, low, np.nan
            )
        self._patches[i, j] = out
        if len(self._patches) > _CACHED:
            self._patches.popitem(last=False)
        return out


def _slope_bias(ground: np.ndarray) -> np.ndarray:
    """Return what the low percentile of a block on an even slope lies below the block's centre (rows,cols), >= 0."""
    pad = np.pad(ground, 1, mode="edge")
    with np.errstate(invalid="ignore"):
        down, across = (pad[2:, 1:-1] - pad[:-2, 1:-1]) / 2, (pad[1:-1, 2:] - pad[1:-1, :-2]) / 2
    down, across = np.nan_to_num(down), np.nan_to_num(across)
    place = (np.arange(LATTICE) + 0.5) / LATTICE - 0.5
    plane = down[..., None, None] * place[:, None] + across[..., None, None] * place
    index = int(_PERCENTILE * (LATTICE * LATTICE - 1))
    return -np.sort(plane.reshape(*ground.shape, -1), axis=2)[..., index]


def _filter(values: np.ndarray, pick: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the running fmin or fmax over 2 * _REACH + 1 blocks each way, NaN ignored; _REACH smaller on each side."""
    side = 2 * _REACH + 1
    for axis in (0, 1):
        length = values.shape[axis] - 2 * _REACH
        shifted = [np.take(values, range(k, k + length), axis=axis) for k in range(side)]
        values = pick.reduce(np.stack(shifted), axis=0)
    return values


def _window_sum(values: np.ndarray) -> np.ndarray:
    side = 2 * _REACH + 1
    for axis in (0, 1):
        length = values.shape[axis] - 2 * _REACH
        values = sum(np.take(values, range(k, k + length), axis=axis) for k in range(side))
    return values


def _between(nodes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return nodes (n,m) interpolated at columns x (w,) and rows y (h,), float64 (h,w)."""
    j, i = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    along, down = x - j, (y - i)[:, None]
    across = nodes[:, j] * (1 - along) + nodes[:, j + 1] * along
    return across[i] * (1 - down) + across[i + 1] * down
