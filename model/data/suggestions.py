"""Squares to label next, as a GeoPackage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from ..contract.errors import OutputFailed
from .grid import Bounds

LAYER = "suggestions"
FIELDS = ("rank", "score", "reason", "uncertainty", "disagreement")


@dataclass(frozen=True)
class Suggestion:
    """One square. bounds: in the CRS of the file. rank: 1 is the first to label."""

    bounds: Bounds
    rank: int
    score: float
    reason: str
    uncertainty: float
    disagreement: float


def write_suggestions(path: Path, rows: Sequence[Suggestion], crs: str) -> None:
    """Write squares under a temporary name and rename it; a file that is there is replaced. Raises OutputFailed."""
    import pyogrio

    part = path.with_name(f".{path.stem}.unfinished.gpkg")
    columns = [np.array([getattr(row, name) for row in rows]) for name in FIELDS]
    columns = [column.astype(object) if column.dtype.kind == "U" else column for column in columns]
    wkb = np.array(shapely.to_wkb([shapely.box(*row.bounds) for row in rows]), object)
    try:
        part.unlink(missing_ok=True)
        pyogrio.raw.write(
            part, wkb, columns, list(FIELDS), layer=LAYER, geometry_type="Polygon", crs=crs, driver="GPKG",
            dataset_options={"VERSION": "1.2"},
        )  # fmt: skip
        part.replace(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        part.unlink(missing_ok=True)
        text = " ".join(str(error).split())[:200]
        raise OutputFailed(f"{path} cannot be written ({text}).", "Choose another place with --output.") from None
