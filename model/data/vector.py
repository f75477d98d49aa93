"""Polygons in and out: the area to work in, and the class map as polygons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..contract.errors import BadInput
from . import crs as crs_tools
from .grid import Bounds, Grid, Window

_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


class AreaMask:
    """The polygons of an area, in a grid's CRS. Reading windows from several threads is safe."""

    def __init__(self, polygons: np.ndarray, grid: Grid, notes: tuple[str, ...] = ()) -> None:
        """polygons: shapely geometries (N,) in the grid's CRS."""
        self.polygons = polygons
        self.grid = grid
        self.notes = notes
        shapely.prepare(polygons)
        self._tree = shapely.STRtree(polygons)

    @property
    def bounds(self) -> Bounds:
        """Return (xmin, ymin, xmax, ymax) of all polygons in the grid's CRS."""
        return tuple(float(v) for v in shapely.total_bounds(self.polygons))

    def on(self, grid: Grid) -> AreaMask:
        """Return the same area on another grid of the same CRS."""
        return AreaMask(self.polygons, grid, self.notes)

    def touches(self, window: Window) -> bool:
        """Tell whether any polygon meets the window."""
        box = shapely.box(*self.grid.window_bounds(window))
        return self._tree.query(box, predicate="intersects").size > 0

    def holds(self, x: np.ndarray, y: np.ndarray) -> bool:
        """Tell whether any of the points x, y (N,) in the grid's CRS lies in a polygon."""
        return self._tree.query(shapely.points(x, y), predicate="within").size > 0

    def window(self, window: Window) -> np.ndarray:
        """Return (h,w) bool: pixels whose centre lies in a polygon."""
        box = shapely.box(*self.grid.window_bounds(window))
        found = np.sort(self._tree.query(box, predicate="intersects"))
        shape = (window.height, window.width)
        if not found.size:
            return np.zeros(shape, bool)
        transform = Affine(*self.grid.window_transform(window))
        return rasterize(self.polygons[found], shape, transform=transform, dtype="uint8").astype(bool)


def read_area(path: str, crs: str) -> AreaMask:
    """Return the polygons of a vector file in CRS `crs` (WKT), on a grid of one pixel: call `on` for a real one.

    Raises BadInput when the file is missing, unreadable, empty, or holds no polygon.
    """
    name = f"Area {path} (--area)"
    if not Path(path).exists():
        raise BadInput(f"{name} does not exist.", "Check the path.")
    try:
        meta, _, wkb, _ = pyogrio.raw.read(path, columns=[], force_2d=True)
    except (DataSourceError, DataLayerError, ValueError) as error:
        text = " ".join(str(error).split())[:200]
        raise BadInput(f"{name} is not a vector file that can be read: {text}.", "Give a file of polygons.") from None
    polygons = shapely.from_wkb(wkb) if wkb is not None else np.array([])
    if not len(polygons):
        raise BadInput(f"{name} holds no feature.", "Give a file with at least one polygon.")
    polygons = polygons[np.isin(shapely.get_type_id(polygons), _POLYGONS) & ~shapely.is_empty(polygons)]
    if not len(polygons):
        raise BadInput(f"{name} holds no polygon.", "Give a file with at least one polygon.")
    if not meta["crs"]:
        raise BadInput(f"{name} has no coordinate reference system.", "Assign one, for example in QGIS.")
    polygons, notes = _repaired(polygons, path)
    if not crs_tools.same(meta["crs"], crs):
        carry = crs_tools.transformer(meta["crs"], crs)
        polygons = shapely.transform(polygons, carry.transform, interleaved=False)
        if not np.isfinite(shapely.get_coordinates(polygons)).all():
            raise BadInput(f"{name} reaches beyond the CRS of the grid.", "Cut the area, or choose another --crs.")
        polygons, _ = _repaired(polygons, path)
    return AreaMask(polygons, Grid(crs, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 1, 1), notes)


def _repaired(polygons: np.ndarray, path: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return valid polygons and a note when some were not."""
    broken = ~shapely.is_valid(polygons)
    if not broken.any():
        return polygons, ()
    fixed = polygons.copy()
    fixed[broken] = shapely.make_valid(polygons[broken], method="structure")
    fixed = shapely.get_parts(fixed)
    fixed = fixed[np.isin(shapely.get_type_id(fixed), _POLYGONS)]
    if not len(fixed):
        raise BadInput(f"Area {path} (--area) holds no polygon with an inside.", "Draw the area again.")
    return fixed, (f"Area: {int(broken.sum())} invalid polygon(s) in {path} were repaired",)


def pixel_area_m2(grid: Grid, window: Window) -> float:
    """Return the mean area of one pixel of the window on the ellipsoid, in square metres."""
    steps = np.linspace(0.0, 1.0, 9)
    x0, y0, x1, y1 = grid.window_bounds(window)
    ring_x = np.concatenate([x0 + (x1 - x0) * steps, np.full(9, x1), x1 - (x1 - x0) * steps, np.full(9, x0)])
    ring_y = np.concatenate([np.full(9, y0), y0 + (y1 - y0) * steps, np.full(9, y1), y1 - (y1 - y0) * steps])
    lon, lat = crs_tools.transformer(grid.crs, "EPSG:4326").transform(ring_x, ring_y)
    area, _ = crs_tools.GEOD.polygon_area_perimeter(lon, lat)
    return abs(area) / (window.width * window.height)
