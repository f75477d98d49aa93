"""Areas that labels are for: training, validation, test. Polygons that must not overlap, with room between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import shapely

from ..contract.errors import BadInput
from . import crs as crs_tools
from .features import Wanted, read_features
from .grid import Grid
from .labels import ROLES
from .vector import AreaMask

FIELD = "role"
_OPTION = "--areas"
_HINT = f"Give polygons with a text field '{FIELD}' that is one of {', '.join(ROLES)}."


@dataclass(frozen=True)
class Areas:
    """polygons: by role, on the grid. notes: what was repaired in the file."""

    polygons: dict[str, AreaMask]
    notes: tuple[str, ...] = ()

    def gaps(self, grid: Grid) -> dict[tuple[str, str], float]:
        """Return how many ground metres lie between the areas of two roles at least."""
        metre = min(_metres(grid))
        shapes = {role: shapely.union_all(mask.polygons) for role, mask in self.polygons.items()}
        return {(a, b): float(shapely.distance(shapes[a], shapes[b])) * metre for a, b in combinations(shapes, 2)}


def read_areas(path: str, grid: Grid, needed: str = ROLES[0]) -> Areas:
    """Return the areas in a vector file.

    needed: the role that must be there. Raises BadInput when it is not, or roles are unknown, or areas overlap.
    """
    name = f"Areas {path} ({_OPTION})"
    found = read_features(path, grid.crs, Wanted(name, "Areas", field=FIELD, option="the field 'role'"))
    roles = np.array(["" if value is None else str(value).strip().casefold() for value in found.values])
    empty = len(np.unique(found.of[roles == ""]))
    if empty:
        raise BadInput(f"{name}: {empty} polygon(s) have no role in the field '{FIELD}'.", _HINT)
    unknown = sorted(set(roles.tolist()) - set(ROLES))
    if unknown:
        raise BadInput(f"{name}: {unknown[0]!r} is no role.", _HINT)
    if needed not in roles:
        raise BadInput(f"{name} holds no polygon of role '{needed}'.", _missing_hint(needed, set(roles.tolist())))
    areas = of_polygons({role: found.geometries[roles == role] for role in ROLES if role in roles}, grid, found.notes)
    _check_overlap(areas, grid, name)
    return areas


def _missing_hint(needed: str, there: set[str]) -> str:
    """Return what to do where a role is not there; training needs its own, accuracy is measured on any with --role."""
    if needed == ROLES[0]:
        return _HINT
    found = " and ".join(role for role in ROLES if role in there)
    return f"It holds {found}: choose one with --role, or give a polygon the role '{needed}'."


def apart(path: str, role: str, trained: str, grid: Grid) -> bool:
    """Tell whether the areas of a role in a file share no pixel's ground with those for training in another."""
    one = shapely.union_all(read_areas(path, grid, role).polygons[role].polygons)
    other = shapely.union_all(read_areas(trained, grid).polygons[ROLES[0]].polygons)
    a, _, _, _, e, _ = grid.transform
    return float(shapely.area(shapely.intersection(one, other))) <= abs(a * e)


def of_polygons(polygons: Mapping[str, np.ndarray], grid: Grid, notes: tuple[str, ...] = ()) -> Areas:
    """Return areas of shapely polygons (N,) by role, in the grid's CRS."""
    return Areas({role: AreaMask(polygons[role], grid) for role in ROLES if role in polygons}, notes)


def write_areas(path: Path, areas: Areas, crs: str) -> None:
    """Write areas as a GeoPackage that `read_areas` takes; a file that is there is replaced. Raises BadInput."""
    import pyogrio

    shapes = [(role, shape) for role, mask in areas.polygons.items() for shape in mask.polygons]
    wkb = np.array([shapely.to_wkb(shapely.multipolygons([shape]) if shape.geom_type == "Polygon" else shape)
                    for _, shape in shapes], object)  # fmt: skip
    part = path.with_name(f"{path.stem}.part.gpkg")
    try:
        part.unlink(missing_ok=True)
        roles = np.array([role for role, _ in shapes], object)
        pyogrio.raw.write(part, wkb, [roles], [FIELD], layer="areas", geometry_type="MultiPolygon", crs=crs)
        part.replace(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        part.unlink(missing_ok=True)
        text = " ".join(str(error).split())[:200]
        raise BadInput(f"{path} cannot be written ({text}).", "Choose another place with --output.") from None


def _check_overlap(areas: Areas, grid: Grid, name: str) -> None:
    """Raise BadInput when areas of two roles share more than a pixel's ground."""
    east, north = _metres(grid)
    a, _, _, _, e, _ = grid.transform
    shapes = {role: shapely.union_all(mask.polygons) for role, mask in areas.polygons.items()}
    for one, other in combinations(shapes, 2):
        shared = float(shapely.area(shapely.intersection(shapes[one], shapes[other])))
        if shared > abs(a * e):
            raise BadInput(
                f"{name}: the areas for {one} and {other} overlap by {shared * east * north:,.1f} m2.",
                "Draw them apart: what a model was trained on says nothing about how good it is.",
            )


def _metres(grid: Grid) -> tuple[float, float]:
    xmin, ymin, xmax, ymax = grid.bounds
    return crs_tools.ground_metres(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
