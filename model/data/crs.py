"""Coordinate reference systems: which are metric, how long a pixel is on the ground, where bounds land in another."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError

from ..contract.errors import BadInput
from .grid import Affine6, Bounds

GEOD = Geod(ellps="WGS84")
_EDGE_POINTS = 21  # per side, when a rectangle is carried into another CRS


@lru_cache(maxsize=64)
def parse(text: str) -> CRS:
    """Return the horizontal part of a CRS given as WKT or 'EPSG:n'. Raises BadInput for one that is none."""
    try:
        crs = CRS.from_user_input(text)
    except CRSError:
        raise BadInput(f"CRS {text[:80]!r} is not known.", "Give it as EPSG:n, for example EPSG:25832.") from None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    return crs.to_2d()


@lru_cache(maxsize=64)
def transformer(source: str, target: str) -> Transformer:
    """Return the (x, y) -> (x, y) transformer between two CRSs given as text."""
    return Transformer.from_crs(parse(source), parse(target), always_xy=True)


@lru_cache(maxsize=256)
def same(one: str, other: str) -> bool:
    """Tell whether two CRSs given as text are one, whatever their names and axis order."""
    if one == other:
        return True
    a, b = parse(one), parse(other)
    if a.equals(b, ignore_axis_order=True):
        return True
    code = a.to_epsg()
    return code is not None and code == b.to_epsg()


def is_metric(text: str) -> bool:
    """Tell whether lengths in this CRS are close to metres on the ground: projected, in metres, not Mercator."""
    crs = parse(text)
    if not crs.is_projected or any(abs(axis.unit_conversion_factor - 1) > 1e-9 for axis in crs.axis_info[:2]):
        return False
    operation = crs.coordinate_operation
    method = operation.method_name if operation is not None else ""
    return "Mercator" not in method or "Transverse" in method or "Oblique" in method


def is_usable(text: str) -> bool:
    """Tell whether positions in this CRS can be carried to longitude and latitude."""
    crs = parse(text)
    return crs.is_projected or crs.is_geographic


def utm(lon: float, lat: float) -> str:
    """Return the WKT of the WGS 84 UTM zone of a place."""
    zone = min(max(int((lon + 180) // 6) + 1, 1), 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone).to_wkt()


def lonlat(text: str, x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude in degrees (WGS 84) of a place in CRS `text`."""
    return transformer(text, "EPSG:4326").transform(x, y)


def ground_metres(text: str, x: float, y: float) -> tuple[float, float]:
    """Return how many ground metres one CRS unit along x and along y is at the place (x, y).

    Metric CRSs count as true to scale: 1 unit = 1 m.
    """
    if is_metric(text):
        return (1.0, 1.0)
    to_lonlat = transformer(text, "EPSG:4326")
    step = 1e-4 if parse(text).is_geographic else 10.0
    lon, lat = to_lonlat.transform([x, x + step, x], [y, y, y + step])
    if not np.isfinite([*lon, *lat]).all():
        raise BadInput(f"The place {x:g}, {y:g} lies outside the CRS {parse(text).name}.", "Check the layer's CRS.")
    east = GEOD.inv(lon[0], lat[0], lon[1], lat[1])[2] / step
    north = GEOD.inv(lon[0], lat[0], lon[2], lat[2])[2] / step
    return (east, north)


def units_per_metre(text: str) -> float:
    """Return CRS units in a metre of the axes: a constant of the CRS that takes no account of the place."""
    crs = parse(text)
    if crs.is_geographic:
        return 1 / 111_319.49
    return 1 / crs.axis_info[0].unit_conversion_factor


def pixel_metres(text: str, transform: Affine6, width: int, height: int) -> float:
    """Return the ground side of the raster's central pixel in metres (geometric mean of its two sides)."""
    a, b, c, d, e, f = transform
    col, row = width / 2, height / 2
    east, north = ground_metres(text, a * col + b * row + c, d * col + e * row + f)
    return math.sqrt(math.hypot(a * east, d * north) * math.hypot(b * east, e * north))


def raster_bounds(transform: Affine6, width: int, height: int, source: str, target: str) -> Bounds:
    """Return the bounding box, in CRS `target`, of a raster that may be rotated and lies in CRS `source`.

    Raises BadInput when no part of its outline exists in `target`.
    """
    along = np.linspace(0.0, 1.0, _EDGE_POINTS)
    zeros, ones = np.zeros_like(along), np.ones_like(along)
    col = np.concatenate([along, ones, along, zeros]) * width
    row = np.concatenate([zeros, along, ones, along]) * height
    a, b, c, d, e, f = transform
    return _carried(a * col + b * row + c, d * col + e * row + f, source, target)


def carry_bounds(bounds: Bounds, source: str, target: str) -> Bounds:
    """Return the bounding box in CRS `target` of a box in CRS `source`."""
    xmin, ymin, xmax, ymax = bounds
    return raster_bounds((xmax - xmin, 0.0, xmin, 0.0, ymin - ymax, ymax), 1, 1, source, target)


def _carried(x: np.ndarray, y: np.ndarray, source: str, target: str) -> Bounds:
    if not same(source, target):
        try:
            x, y = transformer(source, target).transform(x, y)
        except ProjError as error:
            raise BadInput(
                f"Coordinates cannot be carried to {parse(target).name}: {error}.", "Choose another CRS."
            ) from None
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        raise BadInput(f"The layer does not exist in the CRS {parse(target).name}.", "Choose another CRS.")
    return (float(x[known].min()), float(y[known].min()), float(x[known].max()), float(y[known].max()))
