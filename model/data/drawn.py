"""Labels that are drawn: polygons, and points with a radius, ready to be rasterised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely

from ..contract.errors import BadInput
from . import crs as crs_tools
from .features import POINTS, POLYGONS, Features, Wanted, read_features
from .grid import Bounds, Grid

BACKGROUND_NAME = "background"
_CIRCLE = 16  # segments a quarter of the circle around a point
_PAIRS = 50_000  # that are looked at for overlap
_OVERLAP = 0.01  # of the labelled ground: more is told


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


@dataclass(frozen=True)
class Drawn:
    """shapes: (N,) in the grid's CRS, what comes later lies on top. codes: (N,), places in `values`, the label values.

    nulls: how many features have no class, in words; "" = all have one. notes: what was assumed, repaired, or is odd.
    """

    shapes: np.ndarray
    codes: np.ndarray
    values: tuple[object, ...]
    nulls: str
    notes: tuple[str, ...]


def drawn(source: LabelSource, grid: Grid) -> Drawn:
    """Return the labels of a vector file on a grid. Raises BadInput when they cannot be read or understood."""
    file = Path(source.path)
    return _drawn(source, grid.crs, grid.bounds, file.stat().st_mtime if file.exists() else 0.0)


@lru_cache(maxsize=4)
def _drawn(source: LabelSource, crs: str, bounds: Bounds, changed: float) -> Drawn:
    """Cached, since readers in several threads and many scenes may share a file.

    changed: when the file was, so that an edited one is read again.
    """
    metres = crs_tools.ground_metres(crs, (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
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
    notes = found.notes + _overlap(shapes, codes[of], metres, source)
    return Drawn(shapes, codes[of], tuple(numbers), nulls, notes)


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
    of = np.concatenate([np.arange(len(points)), np.flatnonzero(points)])
    order = np.argsort(of, kind="stable")
    return np.concatenate([circles, found.geometries[points]])[order], of[order]


def _overlap(
    shapes: np.ndarray, codes: np.ndarray, metres: tuple[float, float], source: LabelSource
) -> tuple[str, ...]:
    """Return a note where shapes of different classes share ground; none where there are too many to be compared."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    differ = (one < other) & (codes[one] != codes[other])
    one, other = one[differ], other[differ]
    if not 0 < len(one) <= _PAIRS:
        return ()
    shared = float(shapely.area(shapely.intersection(shapes[one], shapes[other])).sum())
    if shared <= _OVERLAP * float(shapely.area(shapes).sum()):
        return ()
    ground = shared * metres[0] * metres[1]
    return (f"{source.name}: features of different classes overlap by {ground:,.3g} m2; the later ones count there",)
