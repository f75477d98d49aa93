"""Resampling as pure functions of position: what a grid pixel gets never depends on the window it is read in.

GDAL's warper is not used: its kernels depend on the window, and it has traps with nodata, NaN and masks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import crs as crs_tools
from .grid import Affine6, Grid, Window

_NODE_STEP = 16  # grid pixels between exactly transformed nodes; a parabola over so short a way is flat
_ALIGNED = 1e-3  # layer pixels: a smaller shift over the whole grid is no shift
_EDGE = 1e-6  # layer pixels: rounding forgiven at the rim of a layer
_SNAP = 2.0**20  # parts of a pixel that tell places apart: halves and wholes stay such after rounding
_HALF = 0.5 - 1e-6
_LOOK_UP = "wrap"  # numpy's quickest mode of `take`; no index is beyond the end
_STRIP = 64  # rows resampled at a time: what they need stays in the processor's cache


# Rows of places, values (C,r,w) float32 there, and which of them count (r,w) or None: all.
Sampled = tuple[slice, np.ndarray, np.ndarray | None]


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

    def sampling(self, window: Window, blocks: tuple[int, int] = (1, 1)) -> Axes | Mesh:
        """Return where the window's pixel centres fall, counted in blocks of (rows, columns) raster pixels."""
        down, across = blocks
        cols = np.arange(window.col, window.col + window.width) + 0.5
        rows = np.arange(window.row, window.row + window.height) + 0.5
        if self.separable:
            (du, _, u0), (_, dv, v0) = self._affine
            # The cheap way first where it makes less of the dear one, which gathers along memory.
            return Axes((du * cols + u0) / across, (dv * rows + v0) / down, lines_first=abs(dv) > down)
        node_cols, left, along = _nodes(cols)
        node_rows, top, below = _nodes(rows)
        u, v = self._exact(node_cols[None], node_rows[:, None])
        with np.errstate(invalid="ignore"):  # beside a node without coordinates, places have none: outside every layer
            across_u, across_v = (Taps(left, along, 1).lerp(nodes) for nodes in (u / across, v / down))
        return Mesh(across_u, across_v, top, below[:, None])

    def coordinates(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return u and v (h,w) of the window's pixel centres; not finite where the place has no coordinates."""
        return self.sampling(window).coordinates(slice(0, window.height))

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


class Axes:
    """Places (h,w) of which columns share u and rows share v, as on grids of one CRS."""

    def __init__(self, u: np.ndarray, v: np.ndarray, lines_first: bool) -> None:
        """u: (w,), v: (h,), float64. lines_first: interpolate along v, then along u; the same in every window."""
        self._lines_first = lines_first
        self._u, self._v = np.round(u * _SNAP) / _SNAP, np.round(v * _SNAP) / _SNAP
        self.height = len(v)

    def coordinates(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Return u and v (r,w) of some rows of places."""
        return tuple(np.broadcast_arrays(self._u[None], self._v[rows, None]))

    def needed(self, size: tuple[int, int]) -> Window | None:
        """Return the window, of a raster of (width, height), that sampling touches; None: all places lie outside."""
        return needed(self._u, self._v, *size)

    def sample(self, framed: np.ndarray, source: Window, size: tuple[int, int]) -> Iterator[Sampled]:
        """Yield bilinear means, for strips of rows of places, of a framed window of a raster of (width, height)."""
        inside_u, inside_v = _within(self._u, size[0]), _within(self._v, size[1])
        everywhere = inside_u.all() and inside_v.all()
        column, along = _neighbours(np.where(inside_u, self._u, source.col + 0.5), source.col)
        row, down = _neighbours(np.where(inside_v, self._v, source.row + 0.5), source.row)
        column = Taps(column, along, 2)
        for rows in strips(self.height):
            first, last = row[rows].min(), row[rows].max() + 2
            line = Taps(row[rows] - first, down[rows, None], 1)
            values = framed[:, first:last]
            for taps in (line, column) if self._lines_first else (column, line):
                values = taps.lerp(values)
            yield rows, values, None if everywhere else inside_v[rows, None] & inside_u


class Mesh:
    """Places (h,w) anywhere, interpolated between rows of nodes."""

    def __init__(self, u: np.ndarray, v: np.ndarray, top: np.ndarray, down: np.ndarray) -> None:
        """u, v: (n,w) float64 on rows of nodes. top: (h,) the node row above each row; down: (h,1) the way below it."""
        self._nodes, self._top, self._down = (u, v), top, down
        self.height = len(top)
        self._whole = False  # all places lie inside the raster asked about

    def coordinates(self, rows: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return u and v (r,w) of some rows of places; not finite where the place has no coordinates."""
        with np.errstate(invalid="ignore"):
            taps = Taps(self._top[rows], self._down[rows], 0)
            return tuple(taps.lerp(nodes) for nodes in self._nodes)

    def needed(self, size: tuple[int, int]) -> Window | None:
        """Return the window, of a raster of (width, height), that sampling touches; None: all places lie outside."""
        # Between two rows of nodes coordinates rise or fall evenly: the outermost lie beside nodes or on the rim.
        turns = np.flatnonzero(np.diff(self._top))
        u, v = self.coordinates(np.unique([0, *turns, *(turns + 1), self.height - 1]))
        self._whole = bool(_within(u, size[0]).all() and _within(v, size[1]).all())
        if not self._whole:
            u, v = self.coordinates(slice(0, self.height))
        return needed(u, v, *size, slack=_EDGE)

    def sample(self, framed: np.ndarray, source: Window, size: tuple[int, int]) -> Iterator[Sampled]:
        """Yield what Axes.sample does. `needed` must have been asked for this size."""
        width = framed.shape[2]
        bands = framed.reshape(len(framed), -1)
        for rows in strips(self.height):
            u, v = self.coordinates(rows)
            inside = None
            if not self._whole:
                inside = _within(u, size[0]) & _within(v, size[1])
                u, v = np.where(inside, u, source.col + 0.5), np.where(inside, v, source.row + 0.5)
            column, along = _neighbours(u, source.col)
            row, down = _neighbours(v, source.row)
            row *= width
            row += column
            out = np.empty((len(framed), *u.shape), np.float32)
            for band, values in zip(bands, out):
                upper, step, lower, lower_step = (band[on:].take(row, mode=_LOOK_UP) for on in (0, 1, width, width + 1))
                step -= upper
                step *= along
                upper += step
                lower_step -= lower
                lower_step *= along
                lower += lower_step
                lower -= upper
                lower *= down
                np.add(upper, lower, out=values)
            yield rows, out, inside


def invert(transform: Affine6) -> Affine6:
    """Return the affine that undoes `transform`."""
    a, b, c, d, e, f = transform
    det = a * e - b * d
    ia, ib, id_, ie = e / det, -b / det, -d / det, a / det
    return (ia, ib, -(ia * c + ib * f), id_, ie, -(id_ * c + ie * f))


def needed(u: np.ndarray, v: np.ndarray, width: int, height: int, slack: float = 0.0) -> Window | None:
    """Return the raster window that bilinear sampling at (u, v) touches, or None when all places lie outside.

    slack: how far beyond u and v places may lie, in pixels.
    """
    inside_u, inside_v = _within(u, width), _within(v, height)
    if u.shape == v.shape and u.ndim == 2:
        inside_u = inside_v = inside_u & inside_v
    if not inside_u.any() or not inside_v.any():
        return None
    u, v = u[inside_u], v[inside_v]
    left, top = (max(int(np.floor(x.min() - slack - 0.5)), 0) for x in (u, v))
    right = min(int(np.floor(u.max() + slack - 0.5)) + 2, width)
    bottom = min(int(np.floor(v.max() + slack - 0.5)) + 2, height)
    left, top = min(left, width - 1), min(top, height - 1)
    return Window(left, top, max(right - left, 1), max(bottom - top, 1))


def frame(bands: int, source: Window) -> tuple[np.ndarray, np.ndarray]:
    """Return an empty frame (C+1,h+2,w+2) float32 for a window's values, their weight and a margin, and its inside."""
    whole = np.empty((bands + 1, source.height + 2, source.width + 2), np.float32)
    return whole, whole[:, 1:-1, 1:-1]


def bilinear(
    framed: np.ndarray, gaps: bool, places: Axes | Mesh, source: Window, size: tuple[int, int]
) -> Iterator[Sampled]:
    """Yield values and validity for strips of rows of places.

    framed: a `frame` whose inside holds values multiplied by weight and, where there are gaps, the weight in its last
    band: the valid share of each pixel. source: the window it was made for, as `places.needed` returned it, in a raster
    of size (width, height). A place outside the raster is not valid; the rim is extended by its own pixels. Values are
    means over valid neighbours; a place is valid when at least half of the weight is. They may be views: not to be
    written to.
    """
    framed = framed if gaps else framed[:-1]
    framed[:, 0], framed[:, -1] = framed[:, 1], framed[:, -2]
    framed[:, :, 0], framed[:, :, -1] = framed[:, :, 1], framed[:, :, -2]
    for rows, out, valid in places.sample(framed, source, size):
        if gaps:
            out, share = out[:-1], out[-1]
            if share.min() < 1:
                full = share >= _HALF
                valid = full if valid is None else valid & full
                # Beside no gap the share is exactly 1, so that gaps elsewhere in the window change nothing here.
                out = out / np.where(valid, share, 1)
        yield rows, out if valid is None else out * valid, valid


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


def block_mean(values: np.ndarray, valid: np.ndarray, factors: tuple[int, int], out: np.ndarray) -> bool:
    """Write means of blocks of (rows, columns) times valid share, then valid shares, to out (C+1,n,m) float32.

    values: (C,h,w), 0 where not valid; valid: (h,w). The last block of a side may be cut: its share counts what exists.
    Returns whether there are gaps; without, no shares are written.
    """
    ky, kx = factors
    (height, width), (_, n, m) = valid.shape, out.shape
    rows = np.minimum(np.arange(1, n + 1) * ky, height) - np.arange(n) * ky
    columns = np.minimum(np.arange(1, m + 1) * kx, width) - np.arange(m) * kx
    size = (rows[:, None] * columns).astype(np.float32)
    np.divide(_block_sum(values, factors), size, out=out[:-1], casting="same_kind")
    gaps = not valid.all()
    if gaps:
        np.divide(_block_sum(valid[None], factors)[0], size, out=out[-1], casting="same_kind")
    return gaps


def _block_sum(values: np.ndarray, factors: tuple[int, int]) -> np.ndarray:
    """Return sums (C,n,m) of blocks of (C,h,w), in the type that `_sum_type` says; rows first, along memory."""
    (ky, kx), (bands, height, width) = factors, values.shape
    pad_y, pad_x = -height % ky, -width % kx
    if pad_y or pad_x:
        values = np.pad(values, ((0, 0), (0, pad_y), (0, pad_x)))
    lines = values.reshape(bands, -1, ky, width + pad_x).sum(axis=2, dtype=_sum_type(values.dtype, ky))
    total = lines[:, :, ::kx].astype(_sum_type(values.dtype, ky * kx))
    for k in range(1, kx):
        total += lines[:, :, k::kx]
    return total


def _sum_type(dtype: np.dtype, count: int) -> np.dtype:
    """Return the smallest type that holds the sum of so many values exactly; float64 for floats and 64 bit."""
    if dtype.kind == "b":
        return np.min_scalar_type(count)
    if dtype.kind == "f" or dtype.itemsize == 8:  # no type of whole numbers holds sums of the longest
        return np.dtype(np.float64)
    info = np.iinfo(dtype)
    return np.promote_types(np.min_scalar_type(info.max * count), np.min_scalar_type(info.min * count))


def _within(x: np.ndarray, length: int) -> np.ndarray:
    return (x >= -_EDGE) & (x < length - _EDGE)


def _nodes(centres: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return node positions covering the centres, the index of the node before each, and the fraction of the way."""
    before = np.floor(centres / _NODE_STEP)
    nodes = np.arange(before[0], before[-1] + 2) * _NODE_STEP
    return nodes, (before - before[0]).astype(np.int64), centres / _NODE_STEP - before


class Taps:
    """Linear interpolation along one axis, at the same places in every array."""

    def __init__(self, first: np.ndarray, share: np.ndarray, axis: int) -> None:
        """first: (k,). share: the way from it to the next, shaped to fit the result. axis: of the values."""
        self._first, self._share, self._axis = first, share, axis
        start, stop = int(first[0]), int(first[-1]) + 1
        even = stop - start == len(first) and (first[1:] - first[:-1] == 1).all()
        self._start = start if even else None
        self._between = share.any()

    def lerp(self, values: np.ndarray) -> np.ndarray:
        """Return the values at the places; maybe a view. Where both neighbours are one value, so is it, to the bit."""
        one = self._pick(values, 0)
        if not self._between:
            return one
        step = self._pick(values, 1) - one
        step *= self._share
        step += one
        return step

    def _pick(self, values: np.ndarray, on: int) -> np.ndarray:
        if self._start is None:
            return values.take(self._first + on, axis=self._axis, mode=_LOOK_UP)
        start = self._start + on  # a slice is several times quicker
        return values[(slice(None),) * self._axis + (slice(start, start + len(self._first)),)]


def strips(height: int) -> Iterator[slice]:
    """Return slices that cut so many rows into parts that fit the processor's cache."""
    return (slice(start, min(start + _STRIP, height)) for start in range(0, height, _STRIP))


def _neighbours(x: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the index, in a frame, of the pixel before each place, and the next one's share. x is overwritten.

    start: of the frame's window.
    """
    x -= 0.5
    first = np.floor(x)
    x -= first
    first -= start - 1
    return first.astype(np.intp), x.astype(np.float32)
