"""What is known on the ground, on a grid: a raster of labels, polygons, or points with a radius, in any CRS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..contract.errors import BadInput
from . import crs as crs_tools
from .areas import read_areas
from .drawn import LabelSource, drawn
from .features import extent, vector_layers
from .grid import Grid, Window
from .labels import IGNORE, NULL, UNKNOWN, ClassMap
from .native import exists, open_dataset
from .raster import LabelReader
from .vector import AreaMask, read_area

_DENSE = 4096  # codes that are counted in a table
BACKGROUND = UNKNOWN + 1  # label value of what is unlabelled in the labelled area


class _Raster:
    """Label values of a raster of whole numbers, nearest pixel."""

    def __init__(self, source: LabelSource, grid: Grid) -> None:
        self._reader = LabelReader(source.path, grid, nodata=UNKNOWN)
        self._bounds = self._reader.bounds
        self._grid = grid
        self.notes, self.nulls, self.named = (), "", ()

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
        self._grid, self._drawn = grid, drawn(source, grid)
        self.notes, self.nulls, self.named = self._drawn.notes, self._drawn.nulls, self._drawn.values
        self._tree = shapely.STRtree(self._drawn.shapes)

    def read(self, window: Window) -> np.ndarray:
        shape = (window.height, window.width)
        found = np.sort(self._tree.query(shapely.box(*self._grid.window_bounds(window)), predicate="intersects"))
        if not found.size:
            return np.full(shape, UNKNOWN, np.int32)
        transform = Affine(*self._grid.window_transform(window))
        shapes = zip(self._drawn.shapes[found], self._drawn.codes[found].tolist())
        return rasterize(shapes, shape, fill=int(UNKNOWN), transform=transform, dtype="int32")

    def value(self, code: int) -> object:
        return self._drawn.values[code]

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
        layers = vector_layers(source.path)
        vector = any(kind for _, kind in layers)
        if source.field and not vector:
            raise BadInput(
                f"{source.name} is a raster, which has no field {source.field!r}.", "Leave --class-field out."
            )
        self.source, self.grid = source, grid
        self._area = read_area(source.area, grid.crs, "--labelled-area").on(grid) if source.area else None
        try:
            self._inner = _Vector(source, grid) if vector else _Raster(source, grid)
        except BadInput:
            if vector or not layers:
                raise
            raise BadInput(
                f"{source.name} is a table without geometries.", "Give polygons, points or a raster of class numbers."
            ) from None
        self.notes = self._inner.notes + (self._area.notes if self._area else ())
        self.nulls = self._inner.nulls  # how many features have no class, in words; "" = all have one
        self.named = self._inner.named  # label values of features on the grid, whether they hold a pixel or not

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
            found.update(dict.fromkeys(distinct(self.read(window))))
        return [self.value(code) for code in found]

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
        for code in distinct(codes):
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


def distinct(codes: np.ndarray) -> list[int]:
    """Return the codes there are, rising, without UNKNOWN."""
    known = codes[codes != UNKNOWN]
    if not known.size:
        return []
    low, high = int(known.min()), int(known.max())
    if high - low > _DENSE:
        return np.unique(known).tolist()
    return (np.flatnonzero(np.bincount(known - low)) + low).tolist()  # many times quicker


def check_classes(labels: Labels, class_map: ClassMap) -> None:
    """Raise BadInput when features have no class and the map does not say what then."""
    if labels.nulls and NULL not in class_map.indices:
        raise BadInput(
            f"{labels.source.name}: {labels.nulls}.",
            f'Fill them in, delete these features, or say "{NULL}": "ignore" in the class map.',
        )


def located(source: LabelSource) -> tuple[float, float] | None:
    """Return longitude and latitude of the middle of all labels in the file; None where it cannot be told."""
    layers = [name for name, kind in vector_layers(source.path) if kind]
    if layers:
        found = extent(source.path, layers[0])
    else:
        with open_dataset(source.path, source.name) as dataset:
            found = (*dataset.bounds, dataset.crs.to_wkt())
    if found is None:
        return None
    xmin, ymin, xmax, ymax, crs = found
    place = crs_tools.lonlat(crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    return place if np.isfinite(place).all() else None


Opener = Callable[[str, Grid], Reference]  #: opens the labels in a file on a grid


def opener(source: LabelSource, class_map: ClassMap, areas: str = "", role: str = "") -> Opener:
    """Return what opens the labels of any scene as `source` says, whichever file they are in.

    areas: a vector file; labels count in its polygons of `role` alone.
    """

    def opened(path: str, grid: Grid) -> Reference:
        inside = read_areas(areas, grid, role).polygons[role] if areas else None
        return Reference(replace(source, path=path), grid, class_map, inside)

    return opened
