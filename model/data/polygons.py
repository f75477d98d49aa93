"""The class map as polygons: traced strip by strip, stitched, and written in batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.io import DatasetReader
from rasterio.windows import Window as RioWindow

from .components import Components, components
from .crs import ground_metres
from .grid import Grid, Window
from .outlines import kept_corners, polygons, trace
from .sieve import sieved
from .stitching import Finished, Stitcher
from .vector import pixel_area_m2

LAYER = "polygons"
FIELDS = ("class_id", "class_name", "area_m2", "conf_mean")
STRIP_PIXELS = 1 << 21  # traced at a time: with all that comes of them, some 150 MB
_STRIP_EDGES = 500_000  # between pixels of different classes; they take memory, too
_SIMPLIFIED_EDGES = 150_000  # the same for simplification, which takes a kilobyte for each
_BATCH = 20_000  # polygons written at a time
_AREA_STEP = 256  # pixels over which the area of a pixel is taken for linear


def polygonize(
    classes_tif: Path,
    confidence_tif: Path | None,
    target_gpkg: Path,
    names: Mapping[int, str],
    *,
    min_area: float | None = None,
    simplify: float | None = None,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    strip_pixels: int = STRIP_PIXELS,
) -> int:
    """Write connected areas (4 neighbours) of equal class as polygons; return how many.

    names: of the classes by raster value; those without one are called by their value.

    The GeoPackage (version 1.2, layer `polygons`) has class_id, class_name, area_m2 on the ellipsoid and conf_mean in
    percent, null without `confidence_tif`. It is written under the path given: the caller renames it. Polygons are
    valid and together a valid coverage: neighbours have the same points along their border.

    min_area: square metres; smaller areas take the class that they have the longest border with (see `sieve`); those
    without a neighbour stay. simplify: metres; corners of outlines go where the triangle they make is smaller than its
    square, once for both sides of a border (see `outlines.kept_corners`). Corners on the raster's edge and on the
    strips' edges are held, so that this result, and no other, depends on `strip_pixels`.

    Memory holds a strip, the areas that reach over its edge and a batch of polygons. check: called several times a
    strip; raises when the caller wants to stop. progress: called with strips done and in all. Raises OSError or pyogrio
    errors when the disk refuses.
    """
    with rasterio.open(classes_tif) as classes:
        strips = _Strips(classes, strip_pixels, _SIMPLIFIED_EDGES if simplify else _STRIP_EDGES, check)
        layer = _Layer(Path(target_gpkg), strips.grid, names)
        confidence = rasterio.open(confidence_tif) if confidence_tif is not None else None
        try:
            for done, finished in enumerate(_finished(strips, confidence, min_area, simplify), 1):
                check()
                layer.add(finished)
                progress(done, len(strips))
        finally:
            if confidence is not None:
                confidence.close()
        layer.flush()
    return layer.written


class _Strips:
    """The class map as full-width strips of whole rows, lower where it is busy."""

    def __init__(self, dataset: DatasetReader, pixels: int, edges: int, check: Callable[[], None]) -> None:
        """pixels, edges: at most in a strip, if it has more than one row. Edges lie between different classes."""
        self._dataset, self._edges, self.check = dataset, edges, check
        transform = tuple(dataset.transform)[:6]
        self.grid = Grid(dataset.crs.to_wkt(), transform, dataset.width, dataset.height)
        self._windows: list[Window] = []
        rows = min(max(pixels // dataset.width, 1), dataset.height)
        for row in range(0, dataset.height, rows):
            self._windows += self._cut(Window(0, row, dataset.width, min(rows, dataset.height - row)))

    def _cut(self, window: Window) -> list[Window]:
        """Return the window in as many parts as its outlines ask for: noise has many times those of a land cover."""
        self.check()
        values = _read(self._dataset, window)
        edges = np.count_nonzero(values[1:] != values[:-1]) + np.count_nonzero(values[:, 1:] != values[:, :-1])
        parts = min(max(-(-edges // self._edges), 1), window.height)
        rows = np.linspace(window.row, window.row + window.height, parts + 1).astype(int).tolist()
        return [Window(0, top, window.width, bottom - top) for top, bottom in zip(rows, rows[1:])]

    def __len__(self) -> int:
        return len(self._windows)

    def window(self, index: int) -> Window:
        """Return the pixels of a strip."""
        return self._windows[index]

    def read(self, index: int) -> np.ndarray:
        """Return the classes (h,w) int32 of a strip, -1 where there are none."""
        self.check()
        values = _read(self._dataset, self._windows[index]).astype(np.int32)
        if self._dataset.nodata is not None:
            values[values == self._dataset.nodata] = -1
        return values


def _read(dataset: DatasetReader, window: Window) -> np.ndarray:
    return dataset.read(1, window=RioWindow(window.col, window.row, window.width, window.height))


def _finished(
    strips: _Strips, confidence: DatasetReader | None, min_area: float | None, simplify: float | None
) -> Iterator[Finished]:
    """Yield for each strip the areas that end in it; figures: pixels, square metres, sum and count of confidences."""
    grid, stitcher = strips.grid, Stitcher()
    above = np.full(grid.width, -1, np.int32)
    tolerance = simplify / _pixel_metres(grid) if simplify else 0.0
    arrays = (strips.read(index) for index in range(len(strips)))
    if min_area:
        least = int(np.ceil(min_area / pixel_area_m2(grid, grid.window) - 1e-6))
        arrays = sieved(strips.read, len(strips), least, strips.check)
    for index, values in enumerate(arrays):
        window = strips.window(index)
        last = index == len(strips) - 1
        framed = np.full((window.height + 1 + last, grid.width + 2), -1, np.int32)  # below the last row nothing goes on
        framed[0, 1:-1] = above
        framed[1 : window.height + 1, 1:-1] = values
        strips.check()
        kept = kept_corners(values, tolerance) if simplify else None
        found = components(framed)
        yield stitcher.add(
            trace(framed, window.row, kept), found, _figures(found, framed.shape, grid, window, confidence)
        )
        above = values[-1].copy()


def _figures(
    found: Components, shape: tuple[int, int], grid: Grid, window: Window, confidence: DatasetReader | None
) -> np.ndarray:
    """Return pixels, square metres, sum and count of confidences (4,count) of the components of a framed strip."""
    rows, cols = np.divmod(found.starts, shape[1])
    mapped = (found.value_of_run >= 0) & (rows > 0)
    lengths = np.where(mapped, found.lengths, 0)
    row_area, col_area = _pixel_areas(grid, window)
    summed = np.concatenate([[0.0, 0.0], np.cumsum(col_area)])
    area = np.zeros(len(lengths))
    area[mapped] = row_area[rows[mapped] - 1] * (summed[cols[mapped] + lengths[mapped]] - summed[cols[mapped]])
    totals, counts = np.zeros(len(lengths)), np.zeros(len(lengths))
    if confidence is not None:
        known = np.zeros(shape, bool)
        values = np.zeros(shape, confidence.dtypes[0])
        inside = (slice(1, window.height + 1), slice(1, -1))
        values[inside] = _read(confidence, window)
        known[inside] = values[inside] != confidence.nodata
        values[~known] = 0
        totals = np.where(mapped, np.add.reduceat(values.reshape(-1), found.starts, dtype=np.float64), 0)
        counts = np.where(mapped, np.add.reduceat(known.reshape(-1), found.starts, dtype=np.int64), 0)
    return np.stack([found.total(figure) for figure in (lengths, area, totals, counts)])


def _pixel_areas(grid: Grid, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Return factors (h,), (w,) whose products are the areas of a strip's pixels on the ellipsoid in square metres."""

    def along(begin: int, length: int, of: Callable[[int, int], Window]) -> np.ndarray:
        steps = max(-(-length // _AREA_STEP), min(length, 2))
        edges = np.linspace(begin, begin + length, steps + 1).astype(int)
        areas = [pixel_area_m2(grid, of(int(start), int(stop - start))) for start, stop in zip(edges, edges[1:])]
        places = (edges[:-1] + edges[1:]) / 2
        if steps > 1:  # straight on to the ends
            slopes = np.diff(areas) / np.diff(places)
            places = np.concatenate([edges[:1], places, edges[-1:]])
            first, last = slopes[0] * (places[0] - places[1]), slopes[-1] * (places[-1] - places[-2])
            areas = [areas[0] + first, *areas, areas[-1] + last]
        return np.interp(np.arange(begin, begin + length) + 0.5, places, areas)

    middle = Window(window.width // 2, window.row, min(_AREA_STEP, window.width - window.width // 2), window.height)
    col_area = along(0, window.width, lambda col, size: Window(col, window.row, size, window.height))
    row_area = along(window.row, window.height, lambda row, size: Window(middle.col, row, middle.width, size))
    return row_area / pixel_area_m2(grid, middle), col_area


def _pixel_metres(grid: Grid) -> float:
    """Return the side in metres of a square on the ground that is as large as the central pixel."""
    a, _, c, _, e, f = grid.transform
    east, north = ground_metres(grid.crs, c + a * grid.width / 2, f + e * grid.height / 2)
    return math.sqrt(abs(a * east * e * north))


class _Layer:
    """The polygons on their way into the GeoPackage."""

    def __init__(self, target: Path, grid: Grid, names: Mapping[int, str]) -> None:
        target.unlink(missing_ok=True)
        self._target, self._grid, self._names = target, grid, names
        self._waiting: list[tuple[np.ndarray, ...]] = []
        self.written = 0

    def add(self, finished: Finished) -> None:
        """Make polygons of finished areas; write when there are enough."""
        if not finished.owners.size:
            return
        shapes, owners, pixels = polygons(
            finished.points, finished.offsets, finished.owners, self._grid.width, self._grid.transform
        )
        count, area, total, known = finished.figures[:, owners]
        mean = np.divide(total, known, out=np.full(len(total), np.nan), where=known > 0)
        # Simplified outlines enclose more or less than their pixels did.
        self._waiting.append((shapes, finished.values[owners].astype(np.int32), area * pixels / count, mean))
        if sum(len(batch[0]) for batch in self._waiting) >= _BATCH:
            self._write()

    def flush(self) -> None:
        """Write what is left; a layer without polygons is a layer, too."""
        if self._waiting or not self.written:
            self._write()

    def _write(self) -> None:
        import pyogrio  # when needed: it loads a second GDAL, 30 MB

        nothing = (np.zeros(0, object), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        shapes, ids, areas, means = map(np.concatenate, zip(*(self._waiting or [nothing])))
        self._waiting = []
        pyogrio.raw.write(
            str(self._target),
            geometry=shapely.to_wkb(shapes),
            field_data=[ids, np.array([self._names.get(i, str(i)) for i in ids.tolist()], object), areas, means],
            fields=np.array(FIELDS, object),
            geometry_type="Polygon",
            crs=self._grid.crs,
            driver="GPKG",
            layer=LAYER,
            append=self.written > 0,
            nan_as_null=True,
            dataset_options=None if self.written else {"VERSION": "1.2"},
        )
        self.written += len(shapes)
