"""Deciding what a job works on: which layers, on which grid, in which area. Reads samples only, never a whole scene."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import Area, Options, Source
from ..contract.modality import BY_KEY, in_order, titles
from . import coverage
from . import crs as crs_tools
from .attended import attended
from .bands import choose
from .grid import Bounds, Grid, Window, snap
from .layer import look
from .native import Layer, Seen, is_virtual, layer_name, open_dataset
from .vector import MASK_PIXELS, AreaMask, read_area

_GROUND_PIXELS = 16  # side of a local ground's block in typical pixels of the model
_SAME_RESOLUTION = 1e-3  # relative
_MAX_SIDE = 4_000_000  # pixels: a grid beyond is a slip in --extent or --resolution
_MAX_PIXELS = 10**12  # the table of tiles alone would fill the memory


class NoDataHere(BadInput):
    """Layers, named by `keys`, have nothing where the map is wanted; apart: they lie elsewhere altogether."""

    def __init__(self, message: str, hint: str, keys: tuple[str, ...], *, apart: bool) -> None:
        super().__init__(message, hint)
        self.keys = keys
        self.apart = apart


@dataclass(frozen=True)
class Plan:
    """What a job reads.

    layers: in registry order, without the absent ones. frame: the whole finest layer, and the grid, as a window of the
    grid; tiles are laid on it, so that the map of an extent or area is a cut of the whole layer's map. coverage: valid
    share of the area by key, estimated.
    warnings: what may harm the result; notes: what was assumed.
    """

    grid: Grid
    layers: tuple[Layer, ...]
    frame: Window
    absent: tuple[str, ...] = ()
    area_mask: AreaMask | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    coverage: dict[str, float] = field(default_factory=dict)


def plan(
    sources: tuple[Source, ...], card: Card, area: Area, options: Options, check: Callable[[], None] = lambda: None
) -> Plan:
    """Open and check all layers and fix the grid.

    Files are read in other threads, so that a drive that hangs leaves this one free. check: called here all along;
    raises when the caller wants to stop. Raises BadInput when a layer, the area or an option cannot be used or read,
    or when nothing valid is left.
    """
    looked = _looked_at(_ordered(sources, card), card, check)
    (scene,) = attended({"An input": partial(_laid, looked, card, area, options)}, check)
    return scene


def _laid(
    looked: list[tuple[Layer, Seen]], card: Card, area: Area, options: Options, check: Callable[[], None]
) -> Plan:
    """Return the plan for layers, in registry order, and the windows read of them."""
    seen = {layer.key: windows for layer, windows in looked}
    candidates, absent = [layer for layer, _ in looked], []
    if not (area.extent or area.polygons):
        _check_together(candidates)
    while True:
        finest = _finest(candidates)
        grid, mask, grid_warnings = _grid(finest, card, area, options)
        if _covers(finest, seen[finest.key], grid, mask, area, check):
            break
        absent.append(finest.key)
        candidates.remove(finest)
        if not candidates:
            raise NoDataHere(
                f"No layer holds a valid pixel in the area: {titles(absent)}.",
                "Check area and nodata values.",
                in_order(absent),
                apart=False,
            )
    present = []
    for layer in candidates:
        if layer is finest or _covers(layer, seen[layer.key], grid, mask, area, check):
            present.append(layer)
        else:
            absent.append(layer.key)
    warnings = [f"{BY_KEY[key].title} holds only nodata in the area: it counts as absent." for key in in_order(absent)]
    warnings += grid_warnings + [warning for layer in present for warning in layer.warnings]
    places, inside = coverage.places(grid, mask)
    return Plan(
        grid=grid,
        layers=tuple(present),
        frame=_frame(finest, grid),
        absent=in_order(absent),
        area_mask=mask,
        warnings=tuple(warnings),
        notes=tuple(note for layer in present for note in layer.notes) + (mask.notes if mask else ()),
        coverage={layer.key: coverage.share(layer, seen[layer.key], places, inside, check) for layer in present},
    )


def _check_together(layers: list[Layer]) -> None:
    """Raise NoDataHere for the layers that do not overlap the one that overlaps most others; the fewer are at fault."""
    finest = _finest(layers)
    bounds = {
        layer.key: crs_tools.raster_bounds(layer.transform, layer.width, layer.height, layer.crs, finest.crs)
        for layer in layers
    }
    met = {key: {other for other in bounds if _common(bounds[key], bounds[other])} for key in bounds}
    core = max(layers, key=lambda layer: (len(met[layer.key]), layer is finest))
    odd = [layer for layer in layers if layer.key not in met[core.key]]
    if odd:
        names, rest = " and ".join(layer.name for layer in odd), titles(in_order(met[core.key]))
        verb, hint = ("does", "leave it out") if len(odd) == 1 else ("do", "leave them out")
        keys = tuple(layer.key for layer in odd)
        raise NoDataHere(f"{names} {verb} not overlap {rest}.", f"Check the CRS, or {hint}.", keys, apart=True)


def _finest(layers: list[Layer]) -> Layer:
    """Return the layer with the smallest pixels; among equals to a thousandth the first in registry order."""
    least = min(layer.resolution for layer in layers)
    return next(layer for layer in layers if layer.resolution <= least * (1 + _SAME_RESOLUTION))


def _ordered(sources: tuple[Source, ...], card: Card) -> list[Source]:
    """Return the sources in registry order. Raises BadInput unless each fills one of the model's slots."""
    if not sources:
        raise BadInput(f"No layer was given; the model takes {titles(card.keys)}.", "Give at least one of them.")
    by_key = {}
    for source in sources:
        title = BY_KEY[source.modality].title if source.modality in BY_KEY else source.modality
        if source.modality not in card.keys:
            raise BadInput(
                f"The model '{card.id}' does not know {title}; it takes {titles(card.keys)}.", f"Leave {title} out."
            )
        if source.modality in by_key:
            raise BadInput(f"{title} was given twice.", "Join several files into one with gdalbuildvrt.")
        by_key[source.modality] = source
    return [by_key[key] for key in in_order(by_key)]


def _looked_at(sources: list[Source], card: Card, check: Callable[[], None]) -> list[tuple[Layer, Seen]]:
    """Return each inspected layer and the windows read of it; the files are read side by side."""
    return attended({layer_name(source): partial(_look, source, sources, card) for source in sources}, check)


def _look(source: Source, sources: list[Source], card: Card, check: Callable[[], None]) -> tuple[Layer, Seen]:
    file = _file(source.path)
    with open_dataset(source.path, layer_name(source)) as dataset:  # one: its blocks stay decoded from step to step
        named = set()
        for other in sources:
            if other is source or _file(other.path) == file:
                named.update(choose(dataset, other, card.stats(other.modality).bands).bands)
        stats, block = card.stats(source.modality), _GROUND_PIXELS * card.gsd[1]
        return look(dataset, source, stats, frozenset(named), block, check)


def _file(path: str) -> str:
    return path if is_virtual(path) else str(Path(path).resolve())


# --- grid --------------------------------------------------------------------------------------------------------


def _grid(finest: Layer, card: Card, area: Area, options: Options) -> tuple[Grid, AreaMask | None, list[str]]:
    """Return the grid that the finest layer decides, the area's polygons on it, and warnings."""
    crs = _grid_crs(finest, options)
    layer_bounds = crs_tools.raster_bounds(finest.transform, finest.width, finest.height, finest.crs, crs)
    resolution, warnings = _resolution(finest, card, options)
    pixel = _pixel(finest, crs, layer_bounds, resolution)
    bounds = _extent(area, finest, crs) or layer_bounds
    mask = read_area(area.polygons, crs) if area.polygons else None
    if mask is not None:
        bounds = _common(bounds, mask.bounds)
        if bounds is None:
            raise BadInput(
                f"Area {area.polygons} (--area) lies outside the {'extent' if area.extent else finest.name}.",
                "Check the area's place and CRS.",
            )
    size = max((bounds[2] - bounds[0]) / pixel[0], (bounds[3] - bounds[1]) / pixel[1])
    if not size < _MAX_SIDE:
        raise BadInput(
            f"The grid would be {size:.0f} pixels long.",
            "Check --crs, --resolution and the order of --extent: xmin,ymin,xmax,ymax (QGIS: xmin,xmax,ymin,ymax).",
        )
    grid = snap(bounds, (layer_bounds[0], layer_bounds[3]), pixel, crs)
    if grid.width * grid.height > _MAX_PIXELS:
        raise BadInput(
            f"The grid would be {grid.width} x {grid.height} pixels; at most {_MAX_PIXELS:,} can be worked on at once.",
            "Cut the area into parts with --extent, or give a coarser --resolution.",
        )
    if mask is None:
        return grid, None, warnings
    mask = mask.on(grid)
    if grid.width * grid.height <= MASK_PIXELS and not mask.window(grid.window).any():
        raise BadInput(
            f"Area {area.polygons} (--area) holds no pixel of {resolution:.3g} m.",
            "Draw it larger, or lower --resolution.",
        )
    return grid, mask, warnings


def _frame(finest: Layer, grid: Grid) -> Window:
    """Return Plan.frame."""
    bounds = crs_tools.raster_bounds(finest.transform, finest.width, finest.height, finest.crs, grid.crs)
    a, _, c, _, e, f = grid.transform
    whole = snap(bounds, (bounds[0], bounds[3]), (a, -e), grid.crs)
    col, row = round((whole.transform[2] - c) / a), round((whole.transform[5] - f) / e)
    left, top = min(col, 0), min(row, 0)
    right, bottom = max(col + whole.width, grid.width), max(row + whole.height, grid.height)
    return Window(left, top, right - left, bottom - top)


def _grid_crs(finest: Layer, options: Options) -> str:
    if options.crs:
        if not crs_tools.is_usable(options.crs):
            raise BadInput(f"CRS {options.crs!r} (--crs) is not one for maps.", "Give it as EPSG:n.")
        return crs_tools.parse(options.crs).to_wkt()
    if crs_tools.is_metric(finest.crs):
        return finest.crs
    a, b, c, d, e, f = finest.transform
    col, row = finest.width / 2, finest.height / 2
    return crs_tools.utm(*crs_tools.lonlat(finest.crs, a * col + b * row + c, d * col + e * row + f))


def _resolution(finest: Layer, card: Card, options: Options) -> tuple[float, list[str]]:
    """Return the grid's resolution in ground metres."""
    own, (low, _, high) = finest.resolution, card.gsd
    if options.resolution is not None:
        if not (math.isfinite(options.resolution) and options.resolution > 0):
            raise BadInput(
                f"Resolution {options.resolution:g} is not above 0.", "Correct --resolution (ground metres)."
            )
        if low * (1 - _SAME_RESOLUTION) <= options.resolution <= high * (1 + _SAME_RESOLUTION):
            return options.resolution, []
        return options.resolution, [
            f"Resolution {options.resolution:.3g} m was asked for; the model was trained on {low:g} to {high:g} m. "
            "Results may be poor."
        ]
    resolution = min(max(own, low), high)
    if resolution < own / 2:
        return own, [
            f"{BY_KEY[finest.key].title} has pixels of {own:.3g} m; the model was trained on {low:g} to {high:g} m. "
            "Results may be poor."
        ]
    return resolution, []


def _pixel(finest: Layer, crs: str, bounds: Bounds, resolution: float) -> tuple[float, float]:
    """Return (width, height) of a grid pixel in CRS units; the finest layer's own where it can be kept."""
    a, b, _, d, e, _ = finest.transform
    if crs_tools.same(crs, finest.crs) and b == d == 0 and a > 0 > e:
        factor = resolution / finest.resolution
        if abs(factor - 1) < _SAME_RESOLUTION:
            return a, -e
        return (a * factor, -e * factor) if abs(a + e) > 1e-6 * a else (_round(a * factor),) * 2
    east, north = crs_tools.ground_metres(crs, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return _round(resolution / east), _round(resolution / north)


def _round(value: float) -> float:
    """Round a pixel size to five digits, so that grids have sides that can be typed."""
    return float(f"{value:.5g}")


def _extent(area: Area, finest: Layer, crs: str) -> Bounds | None:
    if area.extent is None:
        return None
    xmin, ymin, xmax, ymax = area.extent
    if not (np.isfinite(area.extent).all() and xmin < xmax and ymin < ymax):
        raise BadInput(
            f"Extent {area.extent} is not xmin,ymin,xmax,ymax with xmin < xmax and ymin < ymax.", "Correct --extent."
        )
    return crs_tools.carry_bounds(area.extent, area.extent_crs or finest.crs, crs)


def _common(one: Bounds, other: Bounds) -> Bounds | None:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    return (*map(float, low), *map(float, high)) if (low < high).all() else None


def _covers(layer: Layer, seen: Seen, grid: Grid, mask: AreaMask | None, area: Area, check: Callable[[], None]) -> bool:
    """Tell whether the layer has a valid pixel in the area. Raises NoDataHere when it lies elsewhere altogether."""
    bounds = crs_tools.raster_bounds(layer.transform, layer.width, layer.height, layer.crs, grid.crs)
    if _common(bounds, grid.bounds) is None:
        what = "the area" if area.extent or area.polygons else "the finest layer"
        hint = "Check the CRS of both, or leave the layer out."
        raise NoDataHere(f"{layer.name} does not overlap {what}.", hint, (layer.key,), apart=True)
    return coverage.has_data(layer, seen, grid, mask, check)
