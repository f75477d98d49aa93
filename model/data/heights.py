"""Height above a local ground, found in a surface model as a pure function of position.

The plane is cut into square blocks anchored to multiples of their size in the CRS. A block's value is a low percentile
of the heights on an anchored lattice inside it. An opening over blocks takes off buildings and woods: the highest of
all plates that fit below the values, each tilted like the land around it, so that slopes stay whole up to the rim of
the data. What a pixel gets depends on nothing but where it is: tile, area and preview see the same height.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .grid import Bounds, Grid, Window
from .warp import Taps, strips

LATTICE = 16  # samples along a block's side
_PERCENTILE = 0.05
_REACH = 4  # blocks each way of a plate: an object narrower than 9 blocks is taken off
_STEPS = np.arange(-_REACH, _REACH + 1)
_LAG = 2  # blocks each way between which the land's tilt is taken
_MARGIN = 2 * _REACH + _LAG  # blocks around a place that decide about it
_PATCH = 32  # blocks along a side of the cached patches
_CACHED = 256  # patches kept: 256 * 32 * 32 blocks of 8 bytes


class OnLattice(Protocol):
    """A surface model read on a lattice."""

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return heights (1,h,w) and valid (h,w)."""

    def heights_under(self, window: Window) -> np.ndarray:
        """Return the valid heights (N,) of the model's own pixels under and right beside the window."""


class LocalGround:
    """Ground heights under one surface model. Threads may share it; each brings a reader of its own."""

    def __init__(self, crs: str, block: float, bounds: Bounds) -> None:
        """Prepare; nothing is read yet. block: side in units of `crs`. bounds: the layer's, in `crs`."""
        self.block = block
        step = block / LATTICE
        self.lattice = Grid(crs, (step, 0.0, 0.0, 0.0, -step, 0.0), 1, 1)
        self._lows, self._grounds = _Patches(), _Patches()
        self._first = (int(np.floor(-bounds[3] / block)), int(np.floor(bounds[0] / block)))
        self._last = (int(np.floor(-bounds[1] / block)), int(np.floor(bounds[2] / block)))

    def at(self, grid: Grid, window: Window, wanted: np.ndarray, layer: OnLattice) -> np.ndarray:
        """Return ground heights (h,w) float32 at the window's pixel centres.

        wanted: (h,w) bool; where a wanted place has no ground, as beside a strip too narrow for the lattice, the low
        percentile of the layer's own pixels in its block is taken. Other places of unknown ground are NaN.
        layer: the surface model on `self.lattice`.
        """
        a, _, c, _, e, f = grid.transform
        x = (c + a * (np.arange(window.col, window.col + window.width) + 0.5)) / self.block - 0.5
        y = -(f + e * (np.arange(window.row, window.row + window.height) + 0.5)) / self.block - 0.5
        left, top = int(np.floor(x.min())), int(np.floor(y.min()))
        right, bottom = int(np.floor(x.max())) + 1, int(np.floor(y.max())) + 1
        make = partial(self._open, layer)
        ground = self._grounds.get(top, left, bottom - top + 1, right - left + 1, make)
        known = np.isfinite(ground)
        if known.all():
            return _between(ground, x - left, y - top)
        total = _between(np.where(known, ground, 0.0), x - left, y - top)
        share = _between(known, x - left, y - top)  # exactly 1 where all is known around
        with np.errstate(invalid="ignore", divide="ignore"):
            out = np.where(share > 0, total / share, np.float32(np.nan))
        missing = wanted & (share == 0)
        if missing.any():
            i, j = np.nonzero(missing)
            blocks = np.stack([np.floor(y + 0.5)[i], np.floor(x + 0.5)[j]], axis=1).astype(np.int64)
            blocks, which = np.unique(blocks, axis=0, return_inverse=True)
            reach = math.ceil(2 * max(abs(a), abs(e)) * LATTICE / self.block)  # all that a pixel may be made of
            lows = np.array([_own_low(layer, row, col, reach) for row, col in blocks.tolist()])
            out[missing] = lows[which.ravel()]
        return out

    def _open(self, layer: OnLattice, row: int, col: int) -> np.ndarray:
        """Return ground at the block centres of a patch (_PATCH,_PATCH) float64, NaN where unknown."""
        side = _PATCH + 2 * _MARGIN
        low = self._lows.get(row - _MARGIN, col - _MARGIN, side, side, partial(self._read_lows, layer))
        down, across = _tilt(low)
        low = low[_LAG:-_LAG, _LAG:-_LAG]
        inner = slice(_REACH, -_REACH)
        plates = _plates(np.where(np.isnan(low), np.inf, low), down, across)
        plates[np.isnan(low[inner, inner])] = -np.inf  # over a gap only a roof might hold the plate
        ground = _highest(plates, down, across)
        return np.where(np.isinf(ground), np.nan, ground) + _slope_bias(down[inner, inner], across[inner, inner])

    def _read_lows(self, layer: OnLattice, row: int, col: int) -> np.ndarray:
        """Return low percentiles (_PATCH,_PATCH) of the blocks of a patch, NaN where a block has no valid sample."""
        out = np.full((_PATCH, _PATCH), np.nan)
        # Only blocks that the layer can touch are read.
        top, bottom = max(row, self._first[0]), min(row + _PATCH, self._last[0] + 1)
        left, right = max(col, self._first[1]), min(col + _PATCH, self._last[1] + 1)
        if top >= bottom or left >= right:
            return out
        rows, cols = bottom - top, right - left
        values, valid = layer.read(Window(left * LATTICE, top * LATTICE, cols * LATTICE, rows * LATTICE))
        heights = values[0] if valid.all() else np.where(valid, values[0], np.inf)
        heights = heights.reshape(rows, LATTICE, cols, LATTICE).transpose(0, 2, 1, 3).reshape(rows, cols, -1)
        heights.sort(axis=2)
        count = np.isfinite(heights).sum(axis=2)
        index = (_PERCENTILE * np.maximum(count - 1, 0)).astype(np.int64)
        low = np.take_along_axis(heights, index[..., None], axis=2)[..., 0]
        out[top - row : bottom - row, left - col : right - col] = np.where(count, low, np.nan)
        return out


def _own_low(layer: OnLattice, row: int, col: int, reach: int) -> float:
    """Return the low percentile of the layer's own pixels in a block and `reach` lattice steps around it."""
    side = LATTICE + 2 * reach
    heights = np.sort(layer.heights_under(Window(col * LATTICE - reach, row * LATTICE - reach, side, side)))
    return float(heights[int(_PERCENTILE * (heights.size - 1))]) if heights.size else math.nan


class _Patches:
    """Values of blocks, made in square patches when first asked for; the least recently used are forgotten.

    Threads may share them: one makes a patch while the others that want any wait, so that none is made twice.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, row: int, col: int, rows: int, cols: int, make: Callable[[int, int], np.ndarray]) -> np.ndarray:
        """Return the values (rows,cols) float64 of blocks from (row, col).

        make: returns the values (_PATCH,_PATCH) of the patch whose first block is (row, col).
        """
        out = np.empty((rows, cols))
        for i in range(row // _PATCH * _PATCH, row + rows, _PATCH):
            for j in range(col // _PATCH * _PATCH, col + cols, _PATCH):
                top, left = max(i, row), max(j, col)
                bottom, right = min(i + _PATCH, row + rows), min(j + _PATCH, col + cols)
                part = self._patch(i, j, make)[top - i : bottom - i, left - j : right - j]
                out[top - row : bottom - row, left - col : right - col] = part
        return out

    def _patch(self, row: int, col: int, make: Callable[[int, int], np.ndarray]) -> np.ndarray:
        key = (row, col)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            patch = make(row, col)
            self._kept[key] = patch
            if len(self._kept) > _CACHED:
                self._kept.popitem(last=False)
            return patch


def _plates(low: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return how high a plate centred on each block, tilted by down and across a block, can rise below all lows.

    low: larger than the others by _REACH on every side.
    """
    rows, cols = down.shape
    beside = sliding_window_view(low, cols, axis=1)  # (row, step across, col)
    tilt = across[:, None] * _STEPS[:, None]
    plates = np.full(down.shape, np.inf)
    for step in _STEPS:
        below = (beside[_REACH + step : _REACH + step + rows] - tilt).min(axis=1) - down * step
        np.minimum(plates, below, out=plates)
    return plates


def _highest(plates: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return the highest plate over each block, smaller than the plates by _REACH on every side."""
    rows, cols = (side - 2 * _REACH for side in plates.shape)
    tilt = sliding_window_view(across, cols, axis=1) * -_STEPS[:, None]  # (row, step to the centre, col)
    below = sliding_window_view(plates + down * _STEPS[:, None, None], cols, axis=2)  # (step down, row, step, col)
    highest = np.full((rows, cols), -np.inf)
    for step, raised in zip(_STEPS, below):
        part = slice(_REACH - step, _REACH - step + rows)
        np.maximum(highest, (raised[part] + tilt[part]).max(axis=1), out=highest)
    return highest


def _tilt(low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the land's rise per block down and across, each smaller than `low` by _REACH + _LAG on every side.

    Medians over a plate of differences between blocks 2 * _LAG apart: edges of roofs are few, land is everywhere.
    """
    near, far = slice(_LAG, -_LAG), 2 * _LAG
    down = (low[far:, near] - low[:-far, near]) / far
    across = (low[near, far:] - low[near, :-far]) / far
    return _window_median(down), _window_median(across)


def _window_median(values: np.ndarray) -> np.ndarray:
    """Return running medians over 2 * _REACH + 1 blocks each way, NaN ignored; 0 where all are NaN."""
    windows = sliding_window_view(values, (_STEPS.size, _STEPS.size))
    windows = windows.reshape(*windows.shape[:2], -1)
    windows.sort(axis=2)  # NaN last
    if np.isfinite(values).all():
        return windows[..., _STEPS.size**2 // 2]
    middle = np.maximum(np.isfinite(windows).sum(axis=2) - 1, 0) // 2
    return np.nan_to_num(np.take_along_axis(windows, middle[..., None], axis=2)[..., 0])


def _slope_bias(down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return how far the low percentile of a block tilted so lies below its centre, >= 0."""
    place = (np.arange(LATTICE) + 0.5) / LATTICE - 0.5
    index = int(_PERCENTILE * (LATTICE * LATTICE - 1))
    # From the low corner, the sample (i, j) has (i + 1) * (j + 1) samples no higher: most are too high to be the one.
    i, j = np.nonzero(np.outer(np.arange(LATTICE) + 1, np.arange(LATTICE) + 1) <= index + 1)
    plane = np.abs(down)[..., None] * place[i] + np.abs(across)[..., None] * place[j]
    plane.sort(axis=2)
    return -plane[..., index]


def _between(nodes: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return nodes (n,m) interpolated at columns x (w,) and rows y (h,), float32 (h,w)."""
    j, i = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    across = Taps(j, x - j, 1).lerp(nodes.astype(np.float64))
    out = np.empty((len(y), len(x)), np.float32)
    for rows in strips(len(y)):
        out[rows] = Taps(i[rows], (y - i)[rows, None], 0).lerp(across)
    return out
