"""How much of a job's area a layer fills, by samples of its own pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from .grid import Grid, Window
from .native import Layer, Seen, sample_windows, validity
from .vector import MASK_PIXELS, AreaMask
from .warp import PixelMap, needed

_PLACES = 256  # a side


def has_data(layer: Layer, seen: Seen, grid: Grid, mask: AreaMask | None, check: Callable[[], None]) -> bool:
    """Tell whether the layer has a valid pixel on the grid, or in the mask where there is one."""
    inverse = PixelMap(Grid(layer.crs, layer.transform, layer.width, layer.height), grid.crs, grid.transform)
    for window, valid in validity(layer, _native_windows(layer, grid), seen, check):
        if not valid.any():
            continue
        col, row = inverse.coordinates(window)
        inside = valid & _within(col, row, grid)
        if inside.any() and (mask is None or _in_mask(mask, row[inside], col[inside])):
            return True
    return False


def places(grid: Grid, mask: AreaMask | None) -> tuple[Grid, np.ndarray]:
    """Return a coarse grid over the same ground, and which of its pixels (h,w) lie in the area: all, where none do."""
    width, height = min(grid.width, _PLACES), min(grid.height, _PLACES)
    a, _, c, _, e, f = grid.transform
    coarse = Grid(grid.crs, (a * grid.width / width, 0.0, c, 0.0, e * grid.height / height, f), width, height)
    inside = None if mask is None else mask.on(coarse).window(coarse.window)
    return coarse, np.ones((height, width), bool) if inside is None or not inside.any() else inside


def share(layer: Layer, seen: Seen, coarse: Grid, inside: np.ndarray, check: Callable[[], None]) -> float:
    """Return the share of the area that the layer fills: the share under it times what is valid there, of samples.

    coarse, inside: what `places` returned.
    """
    whole = Grid(layer.crs, layer.transform, layer.width, layer.height)
    u, v = PixelMap(coarse, layer.crs, layer.transform).coordinates(coarse.window)
    under = float((inside & _within(u, v, whole)).sum() / inside.sum())
    if layer.always_valid:
        return under
    inverse = PixelMap(whole, coarse.crs, coarse.transform)
    part = _part(layer, coarse)
    windows = _spread(part)
    across = _densities({window.col: window.width for window in windows}, part.col, part.width)
    down = _densities({window.row: window.height for window in windows}, part.row, part.height)
    total = filled = 0.0
    for window, valid in validity(layer, windows, seen, check):
        col, row = inverse.coordinates(window)
        there = _within(col, row, coarse)
        there[there] = inside[row[there].astype(np.intp), col[there].astype(np.intp)]
        weight = across[window.col] * down[window.row]
        total += weight * int(there.sum())
        filled += weight * int((valid & there).sum())
    return under * (filled / total) if total else under


def _within(col: np.ndarray, row: np.ndarray, grid: Grid) -> np.ndarray:
    """Return which places (h,w), in pixels of the grid, lie in it."""
    return (col >= 0) & (col < grid.width) & (row >= 0) & (row < grid.height)


def _in_mask(mask: AreaMask, rows: np.ndarray, cols: np.ndarray) -> bool:
    """Tell whether any of the places (N,), in pixels of the mask's grid, falls in a pixel of the area."""
    rows, cols = np.floor(rows).astype(np.int64), np.floor(cols).astype(np.int64)
    top, left, bottom, right = rows.min(), cols.min(), rows.max() + 1, cols.max() + 1
    window = Window(int(left), int(top), int(right - left), int(bottom - top))
    if not mask.touches(window):
        return False
    if window.width * window.height > MASK_PIXELS:  # a coarse layer on a fine grid: few places, far apart
        return mask.holds(rows, cols)
    return bool(mask.window(window)[rows - top, cols - left].any())


def _native_windows(layer: Layer, grid: Grid) -> Iterator[Window]:
    """Yield windows of the layer, the likely first, that together hold every pixel of it within the grid."""
    part = _part(layer, grid)
    yield from _spread(part)
    for row in range(part.row, part.row + part.height, 512):
        for col in range(part.col, part.col + part.width, 2048):
            yield Window(col, row, min(2048, part.col + part.width - col), min(512, part.row + part.height - row))


def _part(layer: Layer, grid: Grid) -> Window:
    """Return a window of the layer that holds every pixel of it within the grid."""
    forward = PixelMap(grid, layer.crs, layer.transform)
    # From edge to edge: `places` takes centres.
    u, v = forward.places(np.linspace(0, grid.width, 65) - 0.5, np.linspace(0, grid.height, 65) - 0.5)
    part = needed(u, v, layer.width, layer.height)
    whole = Window(0, 0, layer.width, layer.height)
    if part is None or not np.isfinite([u, v]).all():
        return whole
    # What lies between the places looked at is at most one step away.
    pad_u, pad_v = (math.ceil(sum(np.abs(np.diff(w, axis=axis)).max() for axis in (0, 1))) + 2 for w in (u, v))
    part = Window(part.col - pad_u, part.row - pad_v, part.width + 2 * pad_u, part.height + 2 * pad_v)
    return part.intersection(whole) or whole


def _spread(part: Window) -> list[Window]:
    """Return windows spread evenly over a part of a layer."""
    windows = sample_windows(part.width, part.height)
    return [replace(window, col=window.col + part.col, row=window.row + part.row) for window in windows]


def _densities(lengths: dict[int, int], start: int, length: int) -> dict[int, float]:
    """Return how many pixels of a side one of each window stands for; its ground ends midway to the next.

    lengths: of the windows, by their starts in rising order. start, length: of the side.
    """
    borders = [(one + lengths[one] + other) / 2 for one, other in pairwise(lengths)]
    ends = pairwise([start, *borders, start + length])
    return {one: (high - low) / lengths[one] for one, (low, high) in zip(lengths, ends)}
