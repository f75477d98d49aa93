"""Resampling as pure functions of position: what a grid pixel gets never depends on the window it is read in.

GDAL's warper is not used: its kernels depend on the window, and it has traps with nodata, NaN and masks.
"""

from __future__ import annotations

import numpy as np

from . import crs as crs_tools
from .grid import Affine6, Grid, Window

_NODE_STEP = 16  # grid pixels between exactly transformed nodes; a parabola over so short a way is flat
_ALIGNED = 1e-3  # layer pixels: a smaller shift over the whole grid is no shift
_EDGE = 1e-6  # layer pixels: rounding forgiven at the rim of a layer
_HALF = 0.5 - 1e-6


class PixelMap:
    """Maps centres of grid pixels to pixel coordinates (u along columns, v along rows) of a raster.

    u = 0 is the raster's left edge, u = 0.5 the centre of its first column. Coordinates are float64; where the two CRSs
    differ they are interpolated between nodes anchored to the grid, so they are the same in every window.
    """

    def __init__(self, grid: Grid, crs: str, transform: Affine6) -> None:
        self.grid = grid
        self._inverse = invert(transform)
        self._transformer = None if crs_tools.same(grid.crs, crs) else crs_tools.transformer(grid.crs, crs)
        a, b, c, d, e, f = grid.transform
        ia, ib, ic, id_, ie, if_ = self._inverse
        self._affine = (
            (ia * a + ib * d, ia * b + ib * e, ia * c + ib * f + ic),
            (id_ * a + ie * d, id_ * b + ie * e, id_ * c + ie * f + if_),
        )

    @property
    def separable(self) -> bool:
        """Tell whether u depends on the column only and v on the row only."""
        return self._transformer is None and self._affine[0][1] == 0 and self._affine[1][0] == 0

    def offset(self, width: int, height: int) -> tuple[int, int] | None:
        """Return (row, col) to add to a grid pixel's for the raster's, when pixels coincide all over it, else None.

        width, height: the raster's sides in pixels.
        """
        if not self.separable:
            return None
        (du, _, u0), (_, dv, v0) = self._affine
        shifts = []
        for step, start, length in ((dv, v0, height), (du, u0, width)):
            first, last = -start / step, (length - start) / step  # the raster's edges in grid pixels
            if abs(first - round(first)) > _ALIGNED or abs(last - round(first) - length) > _ALIGNED:
                return None
            shifts.append(-round(first))
        return (shifts[0], shifts[1])

    def axes(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return u of each column (w,) and v of each row (h,). Only for separable maps."""
        (du, _, u0), (_, dv, v0) = self._affine
        cols = np.arange(window.col, window.col + window.width) + 0.5
        rows = np.arange(window.row, window.row + window.height) + 0.5
        return du * cols + u0, dv * rows + v0

    def coordinates(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return u and v (h,w) of the window's pixel centres; not finite where the place has no coordinates."""
        cols = np.arange(window.col, window.col + window.width) + 0.5
        rows = np.arange(window.row, window.row + window.height) + 0.5
        if self._transformer is None:
            (du, eu, u0), (ev, dv, v0) = self._affine
            return du * cols[None] + eu * rows[:, None] + u0, ev * cols[None] + dv * rows[:, None] + v0
        node_cols, left, along = _nodes(cols)
        node_rows, top, down = _nodes(rows)
        u, v = self._exact(node_cols[None], node_rows[:, None])
        return tuple(_between(nodes, left, along, top, down) for nodes in (u, v))

    def places(self, cols: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return exact u and v (len(rows), len(cols)) of the centres of the grid's pixels at those columns and rows."""
        return self._exact(cols[None] + 0.5, rows[:, None] + 0.5)

    def scale(self, col: float, row: float) -> tuple[float, float]:
        """Return how many raster pixels one grid pixel spans along u and along v, at a place of the grid."""
        u, v = self._exact(np.array([col, col + 1, col]), np.array([row, row, row + 1]))
        return float(np.hypot(u[1] - u[0], u[2] - u[0])), float(np.hypot(v[1] - v[0], v[2] - v[0]))

    def _exact(self, cols: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        cols, rows = np.broadcast_arrays(cols, rows)
        a, b, c, d, e, f = self.grid.transform
        x, y = a * cols + b * rows + c, d * cols + e * rows + f
        if self._transformer is not None:
            x, y = self._transformer.transform(x, y)
        a, b, c, d, e, f = self._inverse
        return a * x + b * y + c, d * x + e * y + f


def invert(transform: Affine6) -> Affine6:
    """Return the affine that undoes `transform`."""
    a, b, c, d, e, f = transform
    det = a * e - b * d
    ia, ib, id_, ie = e / det, -b / det, -d / det, a / det
    return (ia, ib, -(ia * c + ib * f), id_, ie, -(id_ * c + ie * f))


def needed(u: np.ndarray, v: np.ndarray, width: int, height: int) -> Window | None:
    """Return the raster window that bilinear sampling at (u, v) touches, or None when all places lie outside."""
    inside_u, inside_v = _within(u, width), _within(v, height)
    if u.shape == v.shape and u.ndim == 2:
        inside_u = inside_v = inside_u & inside_v
    if not inside_u.any() or not inside_v.any():
        return None
    u, v = u[inside_u], v[inside_v]
    left, top = max(int(np.floor(u.min() - 0.5)), 0), max(int(np.floor(v.min() - 0.5)), 0)
    right = min(int(np.floor(u.max() - 0.5)) + 2, width)
    bottom = min(int(np.floor(v.max() - 0.5)) + 2, height)
    left, top = min(left, width - 1), min(top, height - 1)
    return Window(left, top, max(right - left, 1), max(bottom - top, 1))


def bilinear(
    values: np.ndarray, weight: np.ndarray, u: np.ndarray, v: np.ndarray, source: Window, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return values (C,h,w) float32 and validity (h,w) at raster coordinates.

    values: (C,n,m) float32, 0 where weight is 0. weight: (n,m) float32, the valid share of each pixel. source: the
    window both were read from, in a raster of size (width, height). u, v: (h,w) each, or (w,) and (h,) when
    separable. A place outside the raster is not valid; the rim is extended by its own pixels. Values are means over
    valid neighbours; a place is valid when at least half of the weight is.
    """
    separable = u.ndim == 1
    inside = (
        _within(v, size[1])[:, None] & _within(u, size[0])[None]
        if separable
        else _within(u, size[0]) & _within(v, size[1])
    )
    column = _neighbours(u, size[0], source.col, source.width)
    row = _neighbours(v, size[1], source.row, source.height)
    sample = _sample_axes if separable else _sample_points
    whole = bool((weight == 1).all())
    out = sample(values if whole else values * weight, row, column)
    if whole:
        valid = inside
    else:
        share = sample(weight[None], row, column)[0]
        valid = inside & (share >= _HALF)
        # Only pixels with a gap beside them are divided, so that gaps elsewhere in the window change nothing here.
        gap = sample((weight != 1).astype(np.float32)[None], row, column)[0] > 0
        out = np.where(gap & valid, out / np.where(valid, share, 1), out)
    out *= valid
    return out, valid


def nearest(
    values: np.ndarray, valid: np.ndarray, u: np.ndarray, v: np.ndarray, source: Window, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return values (C,h,w) in their dtype and validity (h,w) of the pixels that hold the places u, v (h,w).

    A place between two pixels, as on every grid twice as coarse, goes to the right or lower one, whatever the rounding.
    """
    inside = _within(u, size[0]) & _within(v, size[1])
    col = np.clip(np.floor(np.where(inside, u, 0) + _EDGE).astype(np.int64) - source.col, 0, source.width - 1)
    row = np.clip(np.floor(np.where(inside, v, 0) + _EDGE).astype(np.int64) - source.row, 0, source.height - 1)
    out_valid = inside & valid[row, col]
    return values[:, row, col] * out_valid, out_valid


def block_mean(values: np.ndarray, valid: np.ndarray, factors: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return means (C,n,m) float32 of blocks of (rows, columns) and the valid share (n,m) float32 of each block.

    values: (C,h,w), 0 where not valid; valid: (h,w). The last block of a side may be cut: its share counts what exists.
    """
    ky, kx = factors
    bands, height, width = values.shape
    n, m = -(-height // ky), -(-width // kx)
    pad = ((0, 0), (0, n * ky - height), (0, m * kx - width))
    total = _block_sum(np.pad(values, pad), factors)
    count = _block_sum(np.pad(valid[None], pad), factors)[0]
    rows = np.minimum(np.arange(1, n + 1) * ky, height) - np.arange(n) * ky
    columns = np.minimum(np.arange(1, m + 1) * kx, width) - np.arange(m) * kx
    mean = total / np.maximum(count, 1)
    return mean.astype(np.float32), (count / (rows[:, None] * columns[None])).astype(np.float32)


def _block_sum(values: np.ndarray, factors: tuple[int, int]) -> np.ndarray:
    """Return sums (C,n,m) float64 of blocks of (C,h,w); rows first, along memory, which is several times quicker."""
    (ky, kx), (bands, height, width) = factors, values.shape
    rows = values.reshape(bands, height // ky, ky, width).sum(axis=2, dtype=np.float64)
    return sum(rows[:, :, k::kx] for k in range(kx))


def _within(x: np.ndarray, length: int) -> np.ndarray:
    return (x >= -_EDGE) & (x < length - _EDGE)


def _nodes(centres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return node positions covering the centres, the index of the node before each, and the fraction of the way."""
    before = np.floor(centres / _NODE_STEP)
    nodes = np.arange(before[0], before[-1] + 2) * _NODE_STEP
    return nodes, (before - before[0]).astype(np.int64), centres / _NODE_STEP - before


def _between(nodes: np.ndarray, left: np.ndarray, along: np.ndarray, top: np.ndarray, down: np.ndarray) -> np.ndarray:
    # Not finite nodes make the places beside them not finite: outside every layer, which is what they are.
    with np.errstate(invalid="ignore"):
        across = nodes[:, left] * (1 - along) + nodes[:, left + 1] * along
        return across[top] * (1 - down)[:, None] + across[top + 1] * down[:, None]


def _neighbours(x: np.ndarray, length: int, start: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the indices, in the read window, of the two pixels around each place, and the second's share."""
    x = np.where(_within(x, length), x, 0.5) - 0.5
    first = np.floor(x)
    share = (x - first).astype(np.float32)
    first = first.astype(np.int64)
    indices = (np.clip(np.clip(i, 0, length - 1) - start, 0, count - 1) for i in (first, first + 1))
    return (*indices, share)


def _sample_axes(values: np.ndarray, row: tuple, column: tuple) -> np.ndarray:
    (i0, i1, down), (j0, j1, along) = row, column
    across = values[:, :, j0] * (1 - along) + values[:, :, j1] * along
    return across[:, i0] * (1 - down)[:, None] + across[:, i1] * down[:, None]


def _sample_points(values: np.ndarray, row: tuple, column: tuple) -> np.ndarray:
    (i0, i1, down), (j0, j1, along) = row, column
    flat, width = values.reshape(len(values), -1), values.shape[2]
    upper = flat[:, i0 * width + j0] * (1 - along) + flat[:, i0 * width + j1] * along
    lower = flat[:, i1 * width + j0] * (1 - along) + flat[:, i1 * width + j1] * along
    return upper * (1 - down) + lower * down
