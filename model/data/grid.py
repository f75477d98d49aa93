"""Pixel grids, windows and tiles: integer geometry, no I/O.

Transforms are row-major affine 6-tuples (a, b, c, d, e, f): x = a * col + b * row + c, y = d * col + e * row + f.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Affine6 = tuple[float, float, float, float, float, float]
Bounds = tuple[float, float, float, float]  # xmin, ymin, xmax, ymax

LATTICE = 16  # tiles start on multiples of it: off them, neighbouring tiles agree less (docs/tiling.md)
STEP = 32  # the coarsest stride of every backbone: a window's sides are multiples of it
_SNAP_TOLERANCE = 1e-3  # of a pixel: an extent typed with rounded digits gains no row or column


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels; may stick out of its grid."""

    col: int
    row: int
    width: int
    height: int

    def intersection(self, other: Window) -> Window | None:
        """Return the common pixels, or None."""
        col, row = max(self.col, other.col), max(self.row, other.row)
        right = min(self.col + self.width, other.col + other.width)
        bottom = min(self.row + self.height, other.row + other.height)
        return Window(col, row, right - col, bottom - row) if right > col and bottom > row else None

    def within(self, other: Window) -> tuple[slice, slice]:
        """Return where its pixels lie in an array (rows, columns) of another window that holds it."""
        top, left = self.row - other.row, self.col - other.col
        return slice(top, top + self.height), slice(left, left + self.width)


@dataclass(frozen=True)
class Grid:
    """A north-up pixel grid: `crs` as WKT, `transform` row-major, sides in pixels."""

    crs: str
    transform: Affine6
    width: int
    height: int

    @property
    def bounds(self) -> Bounds:
        """Return (xmin, ymin, xmax, ymax) in CRS units."""
        return self.window_bounds(self.window)

    @property
    def window(self) -> Window:
        """Return the window of the whole grid."""
        return Window(0, 0, self.width, self.height)

    @property
    def resolution(self) -> float:
        """Return the side of a pixel in CRS units (geometric mean of width and height)."""
        return math.sqrt(abs(self.transform[0] * self.transform[4]))

    def window_transform(self, window: Window) -> Affine6:
        """Return the transform of the window's own pixels."""
        a, b, c, d, e, f = self.transform
        return (a, b, c + a * window.col + b * window.row, d, e, f + d * window.col + e * window.row)

    def window_bounds(self, window: Window) -> Bounds:
        """Return (xmin, ymin, xmax, ymax) of a window in CRS units."""
        a, _, c, _, e, f = self.transform
        left, right = c + a * window.col, c + a * (window.col + window.width)
        top, bottom = f + e * window.row, f + e * (window.row + window.height)
        return (min(left, right), min(top, bottom), max(left, right), max(top, bottom))


@dataclass(frozen=True)
class Tile:
    """One square of work: its place in the table of tiles and its pixels."""

    row: int
    col: int
    window: Window


def snap(bounds: Bounds, origin: tuple[float, float], pixel: tuple[float, float], crs: str) -> Grid:
    """Return the smallest grid that covers `bounds` and whose pixel edges fall on the lattice of `origin`.

    origin: (x, y) of any pixel corner. pixel: (width, height), both positive, in CRS units.
    """
    (x0, y0), (dx, dy) = origin, pixel
    left = math.floor((bounds[0] - x0) / dx + _SNAP_TOLERANCE)
    right = math.ceil((bounds[2] - x0) / dx - _SNAP_TOLERANCE)
    top = math.floor((y0 - bounds[3]) / dy + _SNAP_TOLERANCE)
    bottom = math.ceil((y0 - bounds[1]) / dy - _SNAP_TOLERANCE)
    transform = (dx, 0.0, x0 + left * dx, 0.0, -dy, y0 - top * dy)
    return Grid(crs, transform, max(right - left, 1), max(bottom - top, 1))


def starts(length: int, tile: int, overlap: int) -> tuple[list[int], int]:
    """Return where tiles begin along a side of `length` pixels that they cover, and how long they are there.

    Neighbours overlap by at least `overlap`, all by the same up to LATTICE pixels, so that no two overlap by nearly a
    whole tile; the last tile ends at the edge, or fewer than LATTICE pixels beyond it. A side no longer than `tile` has
    one, as long as the side rounded up to STEP: it may stick out.
    Raises ValueError unless length is positive and 0 <= overlap <= tile - LATTICE.
    """
    if length < 1 or not 0 <= overlap <= tile - LATTICE:
        raise ValueError(f"cannot lay tiles of {tile} pixels with overlap {overlap} on {length} pixels")
    if length <= tile:
        return [0], -(-length // STEP) * STEP
    last = -(-(length - tile) // LATTICE)
    steps = -(-last // ((tile - overlap) // LATTICE))
    return [step * last // steps * LATTICE for step in range(steps + 1)], tile
