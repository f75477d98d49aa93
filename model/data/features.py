"""Vector files: which layer and field count, geometries repaired and carried into a CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from ..contract.errors import BadInput
from . import crs as crs_tools
from .grid import Bounds
from .labels import listed
from .native import exists

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
_WORDS = {
    POLYGONS: "polygon",
    POINTS: "point",
    POLYGONS + POINTS: "polygon or point",
    LINES + POLYGONS + POINTS: "line, polygon or point",
}
_EDGE = 1e-3  # of an extent: carried from one CRS into another, a box's sides bend


@dataclass(frozen=True)
class Features:
    """geometries: shapely (N,), valid, of the kinds asked for, none empty. values: of the field, (N,), None = NULL.

    of: which feature of the file each is a part of, (N,). notes: what was assumed or repaired. field: that was read.
    """

    geometries: np.ndarray
    values: np.ndarray
    of: np.ndarray
    notes: tuple[str, ...] = ()
    field: str = ""


@dataclass(frozen=True)
class Wanted:
    """What to read. name: how messages call the file. title: how notes do. kinds: of geometry.

    field: its values are read; "" = the only field there is. None = no field. option: that names the field. bounds: in
    the target CRS; what lies outside is not read.
    """

    name: str
    title: str
    kinds: tuple[int, ...] = POLYGONS
    field: str | None = None
    option: str = ""
    bounds: Bounds | None = None


def vector_layers(path: str) -> list[tuple[str, str]]:
    """Return (name, kind of geometry) of a file's vector layers, "" = a table; none of a raster or what is no data."""
    import pyogrio  # here, not above: a second GDAL is loaded, 30 MB

    try:
        return [(str(name), str(kind or "")) for name, kind in pyogrio.list_layers(path)]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError):
        return []


def extent(path: str, layer: str) -> tuple[float, float, float, float, str] | None:
    """Return xmin, ymin, xmax, ymax and CRS of a vector layer; None where they cannot be told."""
    import pyogrio

    info = pyogrio.read_info(path, layer=layer, force_total_bounds=True)
    if info["total_bounds"] is None or not info["crs"]:
        return None
    return (*map(float, info["total_bounds"]), info["crs"])


def read_features(path: str, crs: str, wanted: Wanted) -> Features:
    """Return the features of a vector file in CRS `crs` (WKT); none where all lie outside of `bounds`.

    Raises BadInput when the file is missing, unreadable, empty, without a CRS, of other geometries or fields.
    """
    import pyogrio

    name, need = wanted.name, _WORDS[wanted.kinds]
    if not exists(path, name):
        raise BadInput(f"{name} does not exist.", "Check the path.")
    try:
        layer, notes = _layer(path, pyogrio.list_layers(path), wanted)
        info = pyogrio.read_info(path, layer=layer)
        if not info["features"]:
            raise BadInput(f"{name} holds no feature.", f"Give a file with at least one {need}.")
        if not info["crs"]:
            raise BadInput(f"{name} has no coordinate reference system.", "Assign one, for example in QGIS.")
        fields = [str(known) for known in info["fields"]]
        columns = [] if wanted.field is None else [_field(wanted, fields)]
        box = None if wanted.bounds is None else _bent(wanted.bounds, crs, info["crs"])
        meta, _, wkb, values = pyogrio.raw.read(path, layer=layer, columns=columns, force_2d=True, bbox=box)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        text = " ".join(str(error).split(";")[0].split())[:200].rstrip(".")  # GDAL's advice comes after it
        raise BadInput(
            f"{name} is not a vector file that can be read: {text}.",
            f"Give a file of {need.replace(' or ', 's or ')}s.",
        ) from None
    shapes = _uncollected(shapely.from_wkb(wkb), wanted.kinds) if wkb is not None else np.array([])
    values = values[0] if columns else np.full(len(shapes), None)
    there = np.isin(shapely.get_type_id(shapes), wanted.kinds) & ~shapely.is_empty(shapes)
    if not there.any():
        if len(shapes) or wanted.bounds is None:
            raise BadInput(f"{name} holds no {need}.", f"Give a file with at least one {need}.")
        return Features(shapes, values, np.zeros(0, int), notes, *columns)
    parts, of, repaired = _valid(shapes, np.flatnonzero(there), wanted)
    if not crs_tools.same(meta["crs"], crs):
        carry = crs_tools.transformer(meta["crs"], crs)
        parts = shapely.transform(parts, carry.transform, interleaved=False)
        if not np.isfinite(shapely.get_coordinates(parts)).all():
            raise BadInput(f"{name} reaches beyond the CRS of the grid.", "Cut it, or choose another --crs.")
        parts, again, _ = _valid(parts, np.arange(len(parts)), wanted)
        of = of[again]
    found = np.array([None if _null(value) else value for value in values.tolist()], object)[of]
    return Features(parts, found, of, notes + repaired, *columns)


def _layer(path: str, layers: np.ndarray, wanted: Wanted) -> tuple[str | None, tuple[str, ...]]:
    """Return the layer to read, the first of the wanted kinds or else of mixed geometries, and a note if there are
    others.

    layers: (N,2), name and kind of geometry of each.
    """
    spatial = [(str(name), str(kind)) for name, kind in layers if kind is not None]
    if not spatial:
        return None, ()
    fitting = [
        name
        for words in (("Polygon",), ("Point",), ("Unknown", "GeometryCollection"))
        if words != ("Point",) or POINTS[0] in wanted.kinds
        for name, kind in spatial
        if any(word in kind for word in words)
    ]
    name = (fitting + [spatial[0][0]])[0]
    if len(spatial) == 1:
        return name, ()
    return name, (f"{wanted.title}: layer '{name}' was taken out of the {len(spatial)} of {path}",)


def _field(wanted: Wanted, known: Sequence[str]) -> str:
    if wanted.field in known:
        return wanted.field
    if not wanted.field and len(known) == 1:
        return known[0]
    has = f"it has {listed(known)}" if known else "it has none"
    if wanted.field:
        raise BadInput(f"{wanted.name} has no field {wanted.field!r}; {has}.", f"Name the field with {wanted.option}.")
    raise BadInput(
        f"{wanted.name} holds features, but which field is the class? {has[0].upper()}{has[1:]}.",
        f"Name the field with {wanted.option}.",
    )


def _bent(bounds: Bounds, crs: str, target: str) -> Bounds:
    """Return a box in CRS `target` that holds all of a box in `crs`."""
    xmin, ymin, xmax, ymax = crs_tools.carry_bounds(bounds, crs, target)
    dx, dy = _EDGE * (xmax - xmin), _EDGE * (ymax - ymin)
    return xmin - dx, ymin - dy, xmax + dx, ymax + dy


def _valid(shapes: np.ndarray, of: np.ndarray, wanted: Wanted) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return the single, valid parts of shapes[of], which of all shapes each is of, and notes on what was repaired."""
    chosen, notes = shapes[of], ()
    broken = ~shapely.is_valid(chosen)
    if broken.any():
        chosen = chosen.copy()
        chosen[broken] = shapely.make_valid(chosen[broken], method="structure")
        notes = (f"{int(broken.sum())} invalid polygon(s) in {wanted.name} were repaired",)
    parts, index = shapely.get_parts(chosen, return_index=True)
    fits = np.isin(shapely.get_type_id(parts), wanted.kinds) & ~shapely.is_empty(parts)
    if not fits.any():
        raise BadInput(f"{wanted.name} holds no polygon with an inside.", "Draw it again.")
    lost = len(of) - len(np.unique(index[fits]))
    if lost:
        notes += (f"{lost} polygon(s) in {wanted.name} have no inside and are left out",)
    return parts[fits], of[index[fits]], notes


def _uncollected(shapes: np.ndarray, kinds: tuple[int, ...]) -> np.ndarray:
    """Return shapes with each collection as what of it has the wanted kinds: its polygons, else its lines or points.

    Cutting a layer leaves collections, of the polygon and of the lines and points where it touches the edge.
    """
    shapes = shapes.copy()
    for number in np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapes[number])
        while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():  # may hold others
            parts = shapely.get_parts(parts)
        parts = parts[np.isin(shapely.get_type_id(parts), kinds) & ~shapely.is_empty(parts)]
        sizes = shapely.get_dimensions(parts)
        if len(parts):
            make = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[sizes.max()]
            shapes[number] = make(parts[sizes == sizes.max()])
    return shapes


def _null(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and np.isnan(value)) or not str(value).strip()
