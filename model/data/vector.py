"""The area to work in, as polygons; areas on the ellipsoid."""

from __future__ import annotations

import hashlib

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from . import crs as crs_tools
from .features import Wanted, read_features
from .grid import Bounds, Grid, Window

MASK_PIXELS = 20_000_000  # of a mask that is drawn as a whole


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

    def digest(self) -> str:
        """Return a digest of the polygons themselves: Processing hands them on in a new file each time."""
        return hashlib.sha256(b"".join(shapely.to_wkb(self.polygons))).hexdigest()

    def on(self, grid: Grid) -> AreaMask:
        """Return the same area on another grid of the same CRS."""
        return AreaMask(self.polygons, grid, self.notes)

    def touches(self, window: Window) -> bool:
        """Tell whether any polygon meets the window."""
        box = shapely.box(*self.grid.window_bounds(window))
        return self._tree.query(box, predicate="intersects").size > 0

    def touched(self, bounds: np.ndarray) -> np.ndarray:
        """Tell which rectangles (N,4), xmin ymin xmax ymax in the grid's CRS, any polygon meets; (N,) bool."""
        out = np.zeros(len(bounds), bool)
        out[self._tree.query(shapely.box(*bounds.T), predicate="intersects")[0]] = True
        return out

    def holds(self, rows: np.ndarray, cols: np.ndarray) -> bool:
        """Tell whether the centre of any of these pixels (N,) lies in a polygon."""
        a, _, c, _, e, f = self.grid.transform
        centres = shapely.points(c + a * (cols + 0.5), f + e * (rows + 0.5))
        return self._tree.query(centres, predicate="within").size > 0

    def window(self, window: Window) -> np.ndarray:
        """Return (h,w) bool: pixels whose centre lies in a polygon."""
        box = shapely.box(*self.grid.window_bounds(window))
        found = np.sort(self._tree.query(box, predicate="intersects"))
        shape = (window.height, window.width)
        if not found.size:
            return np.zeros(shape, bool)
        transform = Affine(*self.grid.window_transform(window))
        return rasterize(self.polygons[found], shape, transform=transform, dtype="uint8").astype(bool)


def read_area(path: str, crs: str, option: str = "--area") -> AreaMask:
    """Return the polygons of a vector file in CRS `crs` (WKT), on a grid of one pixel: call `on` for a real one.

    option: that named the file. Raises BadInput when the file is missing, unreadable, empty, or holds no polygon.
    """
    found = read_features(path, crs, Wanted(f"Area {path} ({option})", "Area"))
    return AreaMask(found.geometries, Grid(crs, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 1, 1), found.notes)


def pixel_area_m2(grid: Grid, window: Window) -> float:
    """Return the mean area of one pixel of the window on the ellipsoid, in square metres."""
    steps = np.linspace(0.0, 1.0, 9)
    x0, y0, x1, y1 = grid.window_bounds(window)
    ring_x = np.concatenate([x0 + (x1 - x0) * steps, np.full(9, x1), x1 - (x1 - x0) * steps, np.full(9, x0)])
    ring_y = np.concatenate([np.full(9, y0), y0 + (y1 - y0) * steps, np.full(9, y1), y1 - (y1 - y0) * steps])
    lon, lat = crs_tools.transformer(grid.crs, "EPSG:4326").transform(ring_x, ring_y)
    area, _ = crs_tools.GEOD.polygon_area_perimeter(lon, lat)
    return abs(area) / (window.width * window.height)
