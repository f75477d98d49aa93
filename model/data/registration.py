"""How far two sensor layers lie apart: phase correlation of their edges, in windows that both fill.

Sensors agree on where things end, not on how bright they are: so magnitudes of gradients are compared, not values.
After Kuglin and Hines (1975), with a low-pass on the cross power spectrum since radar and heights have noise of their
own, and the sum over all windows, since a single one may hold nothing that both sensors see: each window votes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..contract.errors import BadInput
from ..contract.modality import HEIGHT, IMAGE, RADAR
from . import crs as crs_tools
from .grid import Grid, Window
from .native import Layer
from .plan import Plan
from .raster import LayerReader

SIDES = (256, 128, 64)  # of a window in pixels of the coarser layer: the largest that fits
MOST_WINDOWS = 9
_PLACES = 5  # a side, tried for windows that both layers fill
_LEAST_VALID = 0.8  # of a window
_LOW_PASS = 0.12  # cycles a pixel: the standard deviation of the weight on the cross power spectrum
_AROUND = 4  # pixels around a peak that belong to it
_LEAST_PEAK = 6.0  # standard deviations above the rest: below, noise makes such peaks
_AGREE = 1.5  # pixels between a window's own peak and the common one
_LEAST_AGREEING = 0.3  # share of the windows; those of fields and woods see little
#: Shifts that are not told from none, in pixels of the coarser layer: shadows fall beside the heights that cast them,
#: and radar sees walls from the side. Found in generated towns: 0.1, 0.8 and 1.2.
PRECISION = {IMAGE: 0.3, HEIGHT: 1.0, RADAR: 1.5}


@dataclass(frozen=True)
class Offset:
    """How far `key` lies from `reference`: metres to the east and to the south, NaN when it cannot be measured.

    quality: 0..1, share of the windows that agree. windows: how many there were. precision: metres.
    """

    key: str
    reference: str
    east: float
    south: float
    quality: float
    windows: int
    precision: float

    @property
    def measurable(self) -> bool:
        """Return whether a shift could be found at all."""
        return math.isfinite(self.east)

    @property
    def metres(self) -> float:
        """Return the length of the shift."""
        return math.hypot(self.east, self.south)


def offsets(scene: Plan, check: Callable[[], None]) -> list[Offset]:
    """Return how far each layer lies from the finest one; layers of one file are not compared.

    check: called between windows; raises when the caller wants to stop.
    """
    if len(scene.layers) < 2:
        return []
    reference = min(scene.layers, key=lambda layer: layer.resolution)
    others = [layer for layer in scene.layers if layer is not reference and layer.source.path != reference.source.path]
    return [_offset(reference, layer, scene.grid, check) for layer in others]


def _offset(reference: Layer, layer: Layer, grid: Grid, check: Callable[[], None]) -> Offset:
    coarse, metres = _coarse(grid, max(reference.resolution, layer.resolution))
    pairs = _pairs(reference, layer, coarse, check)
    shift, quality = shift_of(pairs) if pairs else (None, 0.0)
    east, south = (math.nan, math.nan) if shift is None else (shift[1] * metres[0], shift[0] * metres[1])
    precision = max(PRECISION[reference.kind], PRECISION[layer.kind]) * max(metres)
    return Offset(layer.key, reference.key, east, south, quality, len(pairs), precision)


def _coarse(grid: Grid, resolution: float) -> tuple[Grid, tuple[float, float]]:
    """Return the grid with pixels no finer than `resolution` ground metres, and its pixels' sides in ground metres."""
    xmin, ymin, xmax, ymax = grid.bounds
    east, north = crs_tools.ground_metres(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    a, _, c, _, e, f = grid.transform
    factor = max(resolution / math.sqrt(a * east * -e * north), 1.0)
    size = (max(int(grid.width / factor), 1), max(int(grid.height / factor), 1))
    return Grid(grid.crs, (a * factor, 0.0, c, 0.0, e * factor, f), *size), (a * factor * east, -e * factor * north)


def _pairs(
    reference: Layer, layer: Layer, grid: Grid, check: Callable[[], None]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return edges (s,s) float32 of both layers in windows that both fill."""
    common = _common(reference, layer, grid)
    side = next((side for side in SIDES if common and min(common.width, common.height) >= side), 0)
    if not side:
        return []
    found = []
    with LayerReader(_flat(reference), grid) as one, LayerReader(_flat(layer), grid) as other:
        for window in _windows(common, side):
            check()
            try:
                pair = [_edges(reader, window) for reader in (one, other)]
            except BadInput:  # the run will say so
                continue
            if pair[0] is not None and pair[1] is not None:
                found.append((pair[0], pair[1]))
            if len(found) == MOST_WINDOWS:
                break
    return found


def _flat(layer: Layer) -> Layer:
    """Return the layer without its local ground: finding that takes time, and edges do not need it."""
    return replace(layer, ground_block=0.0)


def _common(reference: Layer, layer: Layer, grid: Grid) -> Window | None:
    """Return the pixels of the grid that lie under both layers."""
    found: Window | None = grid.window
    a, _, c, _, e, f = grid.transform
    for each in (reference, layer):
        bounds = crs_tools.raster_bounds(each.transform, each.width, each.height, each.crs, grid.crs)
        left, right = math.ceil((bounds[0] - c) / a), math.floor((bounds[2] - c) / a)
        top, bottom = math.ceil((bounds[3] - f) / e), math.floor((bounds[1] - f) / e)
        found = found and found.intersection(Window(left, top, right - left, bottom - top))
    return found


def _windows(common: Window, side: int) -> list[Window]:
    """Return windows spread over the common pixels, those in the middle first."""
    cols = sorted({round(v) for v in np.linspace(0, common.width - side, _PLACES)})
    rows = sorted({round(v) for v in np.linspace(0, common.height - side, _PLACES)})
    middle = ((common.height - side) / 2, (common.width - side) / 2)
    places = sorted(((row, col) for row in rows for col in cols), key=lambda place: math.dist(place, middle))
    return [Window(common.col + col, common.row + row, side, side) for row, col in places]


def _edges(reader: LayerReader, window: Window) -> np.ndarray | None:
    """Return magnitudes of gradients (s,s) float32, tapered and without their mean; None where too little is valid."""
    values, valid = reader.read(window)
    if valid.mean() < _LEAST_VALID:
        return None
    image = values.astype(np.float32).mean(0)
    image[~valid] = image[valid].mean()
    image = _smooth(image, 3 if reader.layer.kind == RADAR else 1)
    down, across = np.gradient(image)
    edges = np.hypot(down, across)
    middle = float(np.median(edges))
    if middle <= 0 and not edges.any():
        return None  # one value all over
    edges /= edges + max(middle, 1e-6 * float(edges.max()))  # a few strong edges must not decide alone
    near_gaps = _smooth((~valid).astype(np.float32), 2) > 0
    edges[near_gaps] = edges[~near_gaps].mean() if not near_gaps.all() else 0
    taper = np.hanning(window.width).astype(np.float32)
    return (edges - edges.mean()) * taper[:, None] * taper[None, :]


def _smooth(image: np.ndarray, times: int) -> np.ndarray:
    """Return the image blurred so many times by (1 2 1) / 4 each way."""
    for _ in range(times):
        for axis in (0, 1):
            padded = np.pad(image, [(1, 1) if i == axis else (0, 0) for i in (0, 1)], mode="edge")
            low, middle, high = (np.take(padded, range(i, i + image.shape[axis]), axis) for i in range(3))
            image = (low + 2 * middle + high) / 4
    return image


def shift_of(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[tuple[float, float] | None, float]:
    """Return how far the second images of pairs (s,s) are shifted against the first, (down, right) in pixels.

    None when no shift stands out. The second number, 0..1, is the share of pairs that agree.
    """
    surfaces = [_surface(one, other) for one, other in pairs]
    total = np.sum(surfaces, axis=0)
    peak = _peak(total)
    agreeing = sum(math.dist(_peak(surface), peak) <= _AGREE for surface in surfaces) / len(pairs)
    if _height(total, peak) < _LEAST_PEAK or agreeing < _LEAST_AGREEING:
        return None, agreeing
    centre = total.shape[0] // 2
    down, right = _refined(total, peak)
    return (down - centre, right - centre), agreeing


def _surface(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the phase correlation of two images, no shift in the middle, of half their side: larger is not likely."""
    side = len(one)
    cross = np.fft.rfft2(other) * np.conj(np.fft.rfft2(one))
    size = np.abs(cross)
    cross /= size + 1e-3 * float(size.mean()) + 1e-30
    rows, cols = np.fft.fftfreq(side), np.fft.rfftfreq(side)
    cross *= np.exp(-(rows[:, None] ** 2 + cols[None, :] ** 2) / (2 * _LOW_PASS**2))
    surface = np.fft.fftshift(np.fft.irfft2(cross, s=(side, side)))
    return surface[side // 4 : side - side // 4, side // 4 : side - side // 4]


def _peak(surface: np.ndarray) -> tuple[int, int]:
    row, col = np.unravel_index(int(np.argmax(surface)), surface.shape)
    return int(row), int(col)


def _height(surface: np.ndarray, peak: tuple[int, int]) -> float:
    """Return how many standard deviations of the rest a peak rises above it."""
    rest = np.ones(surface.shape, bool)
    row, col = peak
    rest[max(row - _AROUND, 0) : row + _AROUND + 1, max(col - _AROUND, 0) : col + _AROUND + 1] = False
    return float((surface[peak] - surface[rest].mean()) / (surface[rest].std() + 1e-30))


def _refined(surface: np.ndarray, peak: tuple[int, int]) -> tuple[float, float]:
    """Return the top of the parabola through a peak and its neighbours, each way."""
    found = []
    for axis, place in enumerate(peak):
        if not 0 < place < surface.shape[axis] - 1:
            found.append(float(place))
            continue
        line = surface[:, peak[1]] if axis == 0 else surface[peak[0]]
        before, at, after = (float(v) for v in line[place - 1 : place + 2])
        bend = before - 2 * at + after
        found.append(place + (0.5 * (before - after) / bend if bend < 0 else 0.0))
    return found[0], found[1]
