"""Where two class maps differ, and what became what: for 'what if a sensor were missing?'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..contract.errors import BadInput, OutputFailed
from ..contract.job import DifferenceJob, Outputs
from ..contract.store import find
from ..data.geotiff import BLOCK, GeoTiff
from ..data.grid import Grid, Window
from ..data.native import configure, open_dataset
from ..data.raster import LabelReader
from ..data.vector import pixel_area_m2
from ..feedback import JobFeedback
from . import targets
from .scenes import window_of
from .telling import GDAL_CACHE_MB

SAME, DIFFERS, NODATA = 0, 1, 255
MOST_CLASSES = 4096  # different values in a row of blocks; heights have more
_NOWHERE = -1  # nodata of either map while they are compared
_Counts = dict[tuple[int, int], float]


def difference(job: DifferenceJob, feedback: JobFeedback) -> dict[str, Any]:
    """Write the raster of where two class maps differ: 0 same, 1 differs, 255 where either has no data.

    It lies on the first one's grid; where the second has another, its nearest pixel counts.

    Returns {output, changed_percent (of the area that both map), compared_m2, changed_m2, only_first_m2,
    only_second_m2, changes: [{from, to, from_name, to_name, area_m2}]}, the largest change first.
    Raises BadInput when the maps cannot be compared, OutputFailed when the disk refuses, Cancelled.
    """
    try:
        return _difference(job, feedback)
    except OSError as error:
        raise OutputFailed(
            f"Output {error.filename or job.output} could not be written: {error.strerror or error}",
            "Make room on the disk or close the file elsewhere, then try again.",
        ) from error


def _difference(job: DifferenceJob, feedback: JobFeedback) -> dict[str, Any]:
    configure(GDAL_CACHE_MB)
    targets.check(Outputs(job.output), [job.first, job.second])
    grid = _grid(job)
    names = {c.id: c.name for c in find(job.model).card.classes} if job.model else {}
    areas: _Counts = {}
    with targets.Staging({"classes": job.output}) as staging:
        with (
            LabelReader(job.first, grid, nodata=_NOWHERE) as first,
            LabelReader(job.second, grid, nodata=_NOWHERE) as second,
            GeoTiff(
                staging["classes"],
                grid,
                "uint8",
                1,
                NODATA,
                colour_table={SAME: (255, 255, 255, 255), DIFFERS: (204, 51, 17, 255)},
                category_names={SAME: "same", DIFFERS: "differs"},
                descriptions=["difference"],
                tags={},
            ) as file,
        ):
            for window in _rows(grid, feedback):
                one, other = first.read(window), second.read(window)
                file.write(0, _compared(one, other))
                _count(areas, _ranked(one, job.first), _ranked(other, job.second), pixel_area_m2(grid, window))
        staging.publish()
    feedback.progress("difference", grid.height, grid.height)
    return {"output": job.output, **_summary(areas, names)}


def _grid(job: DifferenceJob) -> Grid:
    """Return the grid of the first map. Raises BadInput unless the other lies on the same ground."""
    grids = []
    for path in (job.first, job.second):
        with open_dataset(path, f"Map {path}") as file:
            if file.count != 1 or not file.crs or not np.issubdtype(np.dtype(file.dtypes[0]), np.integer):
                raise _no_map(path)
            grids.append(Grid(file.crs.to_wkt(), tuple(file.transform)[:6], file.width, file.height))
    one, other = grids
    a, b, _, d, e, _ = one.transform
    if b or d or a < 0 or e > 0:
        raise BadInput(f"{job.first} does not lie north up.", "Warp it first, or give it as the second map.")
    if window_of(one, other.bounds, other.crs) is None:
        raise BadInput(f"{job.first} and {job.second} do not overlap.", "Compare two maps of one place.")
    return one


def _no_map(path: str) -> BadInput:
    return BadInput(f"{path} is not a map of classes.", "Give the land cover rasters of two runs.")


def _rows(grid: Grid, feedback: JobFeedback) -> Iterator[Window]:
    for row in range(0, grid.height, BLOCK):
        feedback.progress("difference", row, grid.height)
        yield Window(0, row, grid.width, min(BLOCK, grid.height - row))


def _compared(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the raster's values (h,w) for classes (h,w) of both maps."""
    out = np.where(one == other, np.uint8(SAME), np.uint8(DIFFERS))
    out[(one == _NOWHERE) | (other == _NOWHERE)] = NODATA
    return out


def _ranked(classes: np.ndarray, path: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values there are, rising, and the place of each pixel's. Raises BadInput if they are no classes."""
    if classes.min() < _NOWHERE or classes.max() > np.iinfo(np.uint16).max:
        raise _no_map(path)
    values = np.flatnonzero(np.bincount(classes.ravel() - _NOWHERE)) + _NOWHERE
    if len(values) > MOST_CLASSES:
        raise _no_map(path)
    places = np.zeros(values[-1] - _NOWHERE + 1, np.int32)
    places[values - _NOWHERE] = np.arange(len(values))
    return values, places[classes - _NOWHERE]


def _count(
    areas: _Counts, one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], pixel_m2: float
) -> None:
    """Add the area of each pair of classes to `areas`. one, other: as `_ranked` gives them."""
    (firsts, first), (seconds, second) = one, other
    pairs = np.bincount((first * len(seconds) + second).ravel())
    for pair in np.flatnonzero(pairs).tolist():
        key = (int(firsts[pair // len(seconds)]), int(seconds[pair % len(seconds)]))
        areas[key] = areas.get(key, 0.0) + float(pairs[pair]) * pixel_m2


def _summary(areas: _Counts, names: dict[int, str]) -> dict[str, Any]:
    both = {pair: area for pair, area in areas.items() if _NOWHERE not in pair}
    changes = {pair: area for pair, area in both.items() if pair[0] != pair[1]}
    compared, changed = sum(both.values()), sum(changes.values())
    return {
        "changed_percent": round(100 * changed / compared, 2) if compared else 0.0,
        "compared_m2": compared,
        "changed_m2": changed,
        "only_first_m2": sum(area for (one, other), area in areas.items() if other == _NOWHERE != one),
        "only_second_m2": sum(area for (one, other), area in areas.items() if one == _NOWHERE != other),
        "changes": [
            {
                "from": one,
                "to": other,
                "from_name": names.get(one, str(one)),
                "to_name": names.get(other, str(other)),
                "area_m2": area,
            }
            for (one, other), area in sorted(changes.items(), key=lambda item: -item[1])
        ],
    }
