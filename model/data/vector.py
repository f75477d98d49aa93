"""The area to work in, as polygons; areas on the ellipsoid."""

from __future__ import annotations

import hashlib

import numpy as np
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from ..contract.errors import BadInput
from . import crs as crs_tools
from .grid import Bounds, Grid, Window
from .native import exists

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


def read_area(path: str, crs: str) -> AreaMask:
    """Return the polygons of a vector file in CRS `crs` (WKT), on a grid of one pixel: call `on` for a real one.

    Raises BadInput when the file is missing, unreadable, empty, or holds no polygon.
    """
    import pyogrio  # when needed: it loads a second GDAL, 30 MB

    name = f"Area {path} (--area)"
    if not exists(path, name):
        raise BadInput(f"{name} does not exist.", "Check the path.")
    try:
        layer, layer_notes = _area_layer(path, pyogrio.list_layers(path))
        meta, _, wkb, _ = pyogrio.raw.read(path, layer=layer, columns=[], force_2d=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
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
    return AreaMask(polygons, Grid(crs, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), 1, 1), layer_notes + notes)


def _area_layer(path: str, layers: np.ndarray) -> tuple[str | None, tuple[str, ...]]:
    """Return the layer to read, the first of polygons or else of mixed geometries, and a note if there are others.

    layers: (N,2), name and kind of geometry of each.
    """
    spatial = [(str(name), str(kind)) for name, kind in layers if kind is not None]
    if not spatial:
        return None, ()
    polygons = [name for name, kind in spatial if "Polygon" in kind]
    mixed = [name for name, kind in spatial if kind.startswith(("Unknown", "GeometryCollection"))]
    name = (polygons + mixed + [spatial[0][0]])[0]
    if len(spatial) == 1:
        return name, ()
    return name, (f"Area: layer '{name}' was taken out of the {len(spatial)} of {path}",)


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
