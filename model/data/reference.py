"""What is known on the ground, on a grid: a raster of labels, polygons, or points with a radius, in any CRS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..contract.errors import BadInput
from . import crs as crs_tools
from .features import POINTS, POLYGONS, Features, Wanted, extent, read_features, vector_layers
from .grid import Bounds, Grid, Window
from .labels import IGNORE, NULL, UNKNOWN, ClassMap
from .native import exists, open_dataset
from .raster import LabelReader
from .vector import AreaMask, read_area

BACKGROUND = UNKNOWN + 1  # label value of what is unlabelled in the labelled area
BACKGROUND_NAME = "background"
_CIRCLE = 16  # segments a quarter of the circle around a point


@dataclass(frozen=True)
class LabelSource:
    """Labels as a person names them.

    field: of the class, in vector files; "" = the only one. radius: metres around points that have the point's class.
    area: polygons, the labelled area: what is unlabelled there has the label value `background`; elsewhere it is
    unknown. role: how messages call the file.
    """

    path: str
    field: str = ""
    radius: float | None = None
    area: str = ""
    background: str = BACKGROUND_NAME
    role: str = "Reference"

    @property
    def name(self) -> str:
        """Return how messages call the labels."""
        return f"{self.role} {self.path}"


class _Raster:
    """Label values of a raster of whole numbers, nearest pixel."""

    def __init__(self, source: LabelSource, grid: Grid) -> None:
        self._reader = LabelReader(source.path, grid, nodata=UNKNOWN)
        self._bounds = self._reader.bounds
        self._grid = grid
        self.notes: tuple[str, ...] = ()
        self.nulls = ""

    def read(self, window: Window) -> np.ndarray:
        return self._reader.read(window)

    def value(self, code: int) -> object:
        return code

    def touches(self, window: Window) -> bool:
        xmin, ymin, xmax, ymax = self._grid.window_bounds(window)
        return xmin < self._bounds[2] and xmax > self._bounds[0] and ymin < self._bounds[3] and ymax > self._bounds[1]

    def close(self) -> None:
        self._reader.close()


class _Vector:
    """Label values of polygons and of points with a radius, rasterised where asked; what comes later lies on top.

    A pixel belongs to a polygon, or to the circle around a point, that holds its centre, and to a point in it.
    """

    def __init__(self, source: LabelSource, grid: Grid) -> None:
        self._grid = grid
        shapes, self._codes, self._values, self.nulls, self.notes = _drawn(
            source, grid.crs, grid.bounds, _changed(source.path)
        )
        self._shapes = shapes
        self._tree = shapely.STRtree(shapes)

    def read(self, window: Window) -> np.ndarray:
        shape = (window.height, window.width)
        found = np.sort(self._tree.query(shapely.box(*self._grid.window_bounds(window)), predicate="intersects"))
        if not found.size:
            return np.full(shape, UNKNOWN, np.int32)
        transform = Affine(*self._grid.window_transform(window))
        shapes = zip(self._shapes[found], self._codes[found].tolist())
        return rasterize(shapes, shape, fill=int(UNKNOWN), transform=transform, dtype="int32")

    def value(self, code: int) -> object:
        return self._values[code]

    def touches(self, window: Window) -> bool:
        return self._tree.query(shapely.box(*self._grid.window_bounds(window)), predicate="intersects").size > 0

    def close(self) -> None:
        pass


class Labels:
    """Label values on a grid. One per thread; a context manager."""

    def __init__(self, source: LabelSource, grid: Grid) -> None:
        """Raises BadInput when the labels cannot be read or understood; not when none lies on the grid."""
        if not exists(source.path, source.name):
            raise BadInput(f"{source.name} does not exist.", "Check the path.")
        vector = bool(vector_layers(source.path))
        if source.field and not vector:
            raise BadInput(
                f"{source.name} is a raster, which has no field {source.field!r}.", "Leave --class-field out."
            )
        self.source, self.grid = source, grid
        self._area = _labelled_area(source.area, grid) if source.area else None
        self._inner = _Vector(source, grid) if vector else _Raster(source, grid)
        self.notes = self._inner.notes + (self._area.notes if self._area else ())
        self.nulls = self._inner.nulls  # how many features have no class, in words; "" = all have one

    def __enter__(self) -> Labels:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._inner.close()

    def read(self, window: Window) -> np.ndarray:
        """Return codes (h,w) int32, UNKNOWN where nothing is known; `value` tells what they stand for."""
        codes = self._inner.read(window)
        if self._area is not None:
            codes[(codes == UNKNOWN) & self._area.window(window)] = BACKGROUND
        return codes

    def value(self, code: int) -> object:
        """Return the label value of a code, as the file has it."""
        return self.source.background if code == BACKGROUND else self._inner.value(code)

    def values(self, windows: Iterable[Window]) -> list[object]:
        """Return the label values in some windows, each once."""
        found: dict[int, None] = {}
        for window in windows:
            found.update(dict.fromkeys(np.unique(self.read(window)).tolist()))
        return [self.value(code) for code in found if code != UNKNOWN]

    def touches(self, window: Window) -> bool:
        """Tell whether anything may be known in a window; quick."""
        return self._inner.touches(window) or (self._area is not None and self._area.touches(window))


class Reference:
    """Labels on a grid as class indices. One per thread; a context manager."""

    def __init__(self, source: LabelSource, grid: Grid, class_map: ClassMap, inside: AreaMask | None = None) -> None:
        """inside: where labels count. Raises BadInput when they cannot be used, as `check_classes` does."""
        self._labels, self._map, self._inside = Labels(source, grid), class_map, inside
        self._indices: dict[int, int] = {}
        try:
            check_classes(self._labels, class_map)
        except BadInput:
            self._labels.close()
            raise

    def __enter__(self) -> Reference:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._labels.close()

    def read(self, window: Window) -> np.ndarray:
        """Return class indices (h,w) uint8, IGNORE where nothing is known. Raises BadInput for an unknown value."""
        codes = self._labels.read(window)
        out = np.full(codes.shape, IGNORE, np.uint8)
        for code in np.unique(codes).tolist():
            if code != UNKNOWN:
                out[codes == code] = self._index(code)
        if self._inside is not None and (out != IGNORE).any():
            out[~self._inside.window(window)] = IGNORE
        return out

    def touches(self, window: Window) -> bool:
        """Tell whether anything may be known in a window; quick."""
        return self._labels.touches(window) and (self._inside is None or self._inside.touches(window))

    def _index(self, code: int) -> int:
        if code not in self._indices:
            self._indices[code] = self._map.index(self._labels.value(code), self._labels.source.name)
        return self._indices[code]


def check_classes(labels: Labels, class_map: ClassMap) -> None:
    """Raise BadInput when features have no class and the map does not say what then."""
    if labels.nulls and NULL not in class_map.indices:
        raise BadInput(
            f"{labels.source.name}: {labels.nulls}.",
            f'Fill them in, delete these features, or say "{NULL}": "ignore" in the class map.',
        )


def located(source: LabelSource) -> tuple[float, float] | None:
    """Return longitude and latitude of the middle of all labels in the file; None where it cannot be told."""
    layers = vector_layers(source.path)
    if layers:
        found = extent(source.path, layers[0][0])
    else:
        with open_dataset(source.path, source.name) as dataset:
            found = (*dataset.bounds, dataset.crs.to_wkt())
    if found is None:
        return None
    xmin, ymin, xmax, ymax, crs = found
    place = crs_tools.lonlat(crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    return place if np.isfinite(place).all() else None


Opener = Callable[[str, Grid], Reference]  #: opens the labels in a file on a grid


def _labelled_area(path: str, grid: Grid) -> AreaMask:
    return read_area(path, grid.crs, "--labelled-area").on(grid)


@lru_cache(maxsize=4)
def _drawn(
    source: LabelSource, crs: str, bounds: Bounds, changed: float
) -> tuple[np.ndarray, np.ndarray, tuple[object, ...], str, tuple[str, ...]]:
    """Return shapes (N,) in `crs`, codes (N,), what these stand for, what `Labels.nulls` is, and notes.

    Cached, since readers in several threads and many scenes may share a file; changed: when the file was, so that an
    edited one is read again.
    """
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    metres = crs_tools.ground_metres(crs, x, y)
    reach = (source.radius or 0.0) / min(metres)
    wider = (bounds[0] - reach, bounds[1] - reach, bounds[2] + reach, bounds[3] + reach)
    wanted = Wanted(source.name, source.role, POLYGONS + POINTS, source.field, "--class-field", wider)
    found = read_features(source.path, crs, wanted)
    numbers = {value: code for code, value in enumerate(dict.fromkeys(found.values.tolist()))}
    codes = np.array([numbers[value] for value in found.values.tolist()], np.int64)
    _, firsts = np.unique(found.of, return_index=True)
    count = sum(found.values[i] is None for i in firsts)
    nulls = f"{count} of {len(firsts)} features have no class in the field {found.field!r}" if count else ""
    shapes, of = _with_circles(found, source, metres)
    return shapes, codes[of], tuple(numbers), nulls, found.notes


def _with_circles(found: Features, source: LabelSource, metres: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the shapes to draw and which feature's part each is: for points the circle, then the point itself.

    metres: ground metres of one CRS unit along x and along y.
    """
    points = np.isin(shapely.get_type_id(found.geometries), POINTS)
    if not points.any():
        return found.geometries, np.arange(len(points))
    if source.radius is None:
        raise BadInput(
            f"{source.name} holds points: how many metres around each have its class?",
            "Give --point-radius METRES; 0 is the point's pixel alone.",
        )
    circles = found.geometries.copy()
    if source.radius > 0:
        x, y = shapely.get_x(found.geometries[points]), shapely.get_y(found.geometries[points])
        angles = np.arange(4 * _CIRCLE) * (np.pi / (2 * _CIRCLE))
        ring_x = x[:, None] + source.radius / metres[0] * np.cos(angles)
        ring_y = y[:, None] + source.radius / metres[1] * np.sin(angles)
        circles[points] = shapely.polygons(np.stack([ring_x, ring_y], axis=-1))
    order = np.argsort(np.concatenate([np.arange(len(points)), np.flatnonzero(points)]), kind="stable")
    shapes = np.concatenate([circles, found.geometries[points]])[order]
    return shapes, np.concatenate([np.arange(len(points)), np.flatnonzero(points)])[order]


def _changed(path: str) -> float:
    file = Path(path)
    return file.stat().st_mtime if file.exists() else 0.0


def opener(source: LabelSource, class_map: ClassMap) -> Opener:
    """Return what opens the labels of any scene as `source` says, whichever file they are in."""
    return lambda path, grid: Reference(replace(source, path=path), grid, class_map)
