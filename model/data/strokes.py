"""Strokes: where a person has painted which class, as shapes on a grid."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..contract.card import Card, ClassInfo
from ..contract.colors import color_or_none
from ..contract.errors import BadInput
from ..contract.job import Stroke
from . import crs as crs_tools
from . import labels
from .features import LINES, POINTS, POLYGONS, Wanted, read_features
from .grid import Grid, Window
from .labels import IGNORE

WIDTH_FIELD = "width"  # of lines and points, metres
COLOR_FIELD = "color"  # of the class, "#rrggbb"; other texts say nothing
PIXELS = 3.0  # width of a stroke that has none
LEAST_PIXELS = 1.5  # a circle of this diameter holds the centre of a pixel wherever it lies
_KINDS = LINES + POLYGONS + POINTS


@dataclass(frozen=True)
class Drawn:
    """Strokes as read. shapes: shapely (N,), in a grid's CRS. values: of the class field (N,). widths: metres (N,), 0 =
    the default. name: how messages call them. notes: what was assumed. colors: "#rrggbb" or anything else (N,).
    """

    shapes: np.ndarray
    values: np.ndarray
    widths: np.ndarray
    name: str
    notes: tuple[str, ...] = ()
    colors: np.ndarray | None = None


class Strokes:
    """Painted classes on a grid; what was drawn later lies on top. classes: those of the map to be made, in order.

    codes: index of each stroke's class (N,) uint8.
    """

    def __init__(self, drawn: Drawn, grid: Grid, base: Card | None) -> None:
        """base: the model whose classes the strokes may name. Raises BadInput when there are not two classes."""
        self.grid, self.name = grid, drawn.name
        known = np.array([value is not None for value in drawn.values.tolist()], bool)
        if not known.any():
            raise BadInput(f"{self.name}: no stroke has a class.", "Fill the class field.")
        values = drawn.values[known]
        if len({labels.key(value) for value in values.tolist()}) < 2:
            raise BadInput(
                f"{self.name} have one class only, {values[0]!r}; two are needed.", "Paint what is something else, too."
            )
        meaning = labels.of_values(values.tolist(), base)
        self.of_base = base is not None and meaning.classes == base.classes
        self.notes = drawn.notes
        if not known.all():
            self.notes += (f"{int((~known).sum())} stroke(s) without a class are left out",)
        self.codes = np.array([meaning.index(value, self.name) for value in values.tolist()], np.uint8)
        colors = drawn.colors[known] if drawn.colors is not None else np.full(len(values), None)
        self.classes: tuple[ClassInfo, ...] = _colored(meaning.classes, self.codes, colors)
        self._shapes = _areas(drawn.shapes[known], drawn.widths[known], grid)
        self._tree = shapely.STRtree(self._shapes)
        box = shapely.box(*grid.bounds)
        if not self._tree.query(box, predicate="intersects").size:
            raise BadInput(f"{self.name} lie outside the layers.", "Check the CRS and place of both.")

    def squares(self, corner: tuple[int, int], side: int) -> list[list[tuple[int, int]]]:
        """Return (row, col) of the squares that each stroke meets on the grid, stroke by stroke.

        The squares of `side` pixels are counted from pixel `corner` = (col, row) of the grid. A slanting line meets few
        of those around it.
        """
        shapely.prepare(self._shapes)
        return [list(self._met(shape, corner, side)) for shape in self._shapes]

    def _met(self, shape: shapely.Geometry, corner: tuple[int, int], side: int) -> Iterator[tuple[int, int]]:
        """Yield (row, col) of the squares that a shape meets; row by row, since around a long one there are many."""
        a, _, c, _, e, f = self.grid.transform
        x0, y0, x1, y1 = shape.bounds
        left, right = (min(max((x - c) / a, 0), self.grid.width) - corner[0] for x in (x0, x1))
        top, bottom = (min(max((y - f) / e, 0), self.grid.height) - corner[1] for y in (y1, y0))
        cols = np.arange(math.floor(left / side), math.ceil(right / side))
        xs = c + a * (corner[0] + cols * side)
        for row in range(math.floor(top / side), math.ceil(bottom / side)):
            y = f + e * (corner[1] + row * side)
            met = shapely.intersects(shape, shapely.box(xs, y + e * side, xs + a * side, y))
            yield from ((row, col) for col in cols[met].tolist())

    def read(self, window: Window) -> np.ndarray:
        """Return class indices (h,w) uint8 of pixels whose centre lies in a stroke, IGNORE elsewhere."""
        shape = (window.height, window.width)
        found = np.sort(self._tree.query(shapely.box(*self.grid.window_bounds(window)), predicate="intersects"))
        if not found.size:
            return np.full(shape, IGNORE, np.uint8)
        transform = Affine(*self.grid.window_transform(window))
        shapes = zip(self._shapes[found], self.codes[found].tolist())
        return rasterize(shapes, shape, fill=IGNORE, transform=transform, dtype="uint8")


def read_strokes(path: str, field: str, grid: Grid) -> Drawn:
    """Return the strokes of a vector file of lines, polygons or points in any CRS; a field "width" is in metres.

    Raises BadInput when the file cannot be used.
    """
    name = f"Strokes {path} (--strokes)"
    wanted = Wanted(name, "Strokes", _KINDS, field, "--class-field")
    found = read_features(path, grid.crs, wanted)
    widths = np.zeros(len(found.geometries))
    if _has(path, WIDTH_FIELD):
        given = read_features(path, grid.crs, Wanted(name, "Strokes", _KINDS, WIDTH_FIELD)).values
        widths = np.array([_width(value, name) for value in given.tolist()])
    colors = np.full(len(found.geometries), None)
    if _has(path, COLOR_FIELD):
        colors = read_features(path, grid.crs, Wanted(name, "Strokes", _KINDS, COLOR_FIELD)).values
    return Drawn(found.geometries, found.values, widths, name, found.notes, colors)


def from_messages(strokes: Sequence[Stroke], crs: str, grid: Grid) -> Drawn:
    """Return the strokes of a message, whose geometries are WKT in CRS `crs`. Raises BadInput for what is none."""
    try:
        shapes = shapely.from_wkt([stroke.wkt for stroke in strokes])
    except (shapely.errors.GEOSException, TypeError) as error:
        raise BadInput(f"A stroke cannot be read: {error}.", "Draw it again.") from None
    if not np.isin(shapely.get_type_id(shapes), _KINDS).all():
        raise BadInput("A stroke is not a line, polygon or point.", "Draw it again.")
    if not crs:
        raise BadInput("The strokes have no coordinate reference system.", "Give the project one.")
    if not crs_tools.same(crs, grid.crs):
        shapes = shapely.transform(shapes, crs_tools.transformer(crs, grid.crs).transform, interleaved=False)
    there = ~shapely.is_empty(shapes) & np.isfinite(shapely.bounds(shapes)).all(1)
    values = np.array([stroke.name for stroke in strokes], object)
    widths = np.array([stroke.width for stroke in strokes], float)
    colors = np.array([stroke.color for stroke in strokes], object)
    return Drawn(shapes[there], values[there], widths[there], "The strokes", colors=colors[there])


def _colored(classes: tuple[ClassInfo, ...], codes: np.ndarray, colors: np.ndarray) -> tuple[ClassInfo, ...]:
    """Return the classes in the colours that their last strokes name. codes: index of each stroke's class."""
    named = {code: color for code, color in zip(codes.tolist(), colors.tolist(), strict=True) if color_or_none(color)}
    return tuple(replace(info, color=named.get(code, info.color)) for code, info in enumerate(classes))


def _areas(shapes: np.ndarray, widths: np.ndarray, grid: Grid) -> np.ndarray:
    """Return polygons: lines and points as wide as they say, in the grid's CRS."""
    metre = crs_tools.units_per_metre(grid.crs)
    wide = np.where(widths > 0, widths * metre, PIXELS * grid.resolution)
    wide = np.maximum(wide, LEAST_PIXELS * grid.resolution)
    flat = np.isin(shapely.get_type_id(shapes), POLYGONS)
    return np.where(flat, shapely.make_valid(shapes), shapely.buffer(shapes, np.where(flat, 0, wide / 2)))


def _has(path: str, field: str) -> bool:
    import pyogrio  # here, not above: a second GDAL is loaded

    return field in pyogrio.read_info(path)["fields"]


def _width(value: object, name: str) -> float:
    if value is None:
        return 0.0
    try:
        width = float(value)
    except (TypeError, ValueError):
        width = -1.0
    if not 0 <= width < 1e6:
        raise BadInput(f"{name}: width {value!r} is not a number of metres.", "Correct the field 'width'.")
    return width
