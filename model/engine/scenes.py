"""Plans of jobs that look at a part of a run's map: made as the run makes them, kept warm, and cut to the part.

The one place where an interactive worker keeps what it read; compiled networks are kept by their backend.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..contract.card import to_json
from ..contract.errors import BadInput
from ..contract.job import Area, Options, Source
from ..contract.store import Package
from ..data import crs as crs_tools
from ..data.grid import Bounds, Grid, Window, snap
from ..data.heights import LocalGround
from ..data.plan import Plan, plan
from ..data.raster import local_ground
from ..data.sidecar import SUFFIX

MOST_KEPT = 4  # plans; each with the grounds under its surface models
_Stamps = dict[str, tuple[int, int] | None]


@dataclass(frozen=True)
class _Kept:
    """A plan, size and time of the files it was made of, and the grounds that would else go with the readers."""

    scene: Plan
    stamps: _Stamps
    grounds: tuple[LocalGround, ...]


_kept: OrderedDict[Any, _Kept] = OrderedDict()  # the least recently used first; used by the job's thread alone


def planned(
    sources: tuple[Source, ...], package: Package, area: Area, options: Options, check: Callable[[], None]
) -> Plan:
    """Return the plan of a run, the one kept from an earlier job where no file has changed. Raises as `plan` does."""
    for key in [key for key, kept in _kept.items() if kept.stamps != _stamps(kept.stamps)]:
        del _kept[key]  # at once: its grounds would be found again
    key = (sources, to_json(package.card), area, options.crs, options.resolution)
    if key in _kept:
        _kept.move_to_end(key)
        return _kept[key].scene
    scene = plan(sources, package.card, area, options, check)
    stamps = _stamps(_files(sources, area, scene))
    if None not in stamps.values():  # a file whose time nobody knows may change unseen
        grounds = tuple(local_ground(layer, scene.grid.crs) for layer in scene.layers if layer.ground_block)
        _kept[key] = _Kept(scene, stamps, grounds)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return scene


def cut(scene: Plan, window: Window) -> Plan:
    """Return the plan of a part of the grid, on which every tile and pixel is what it is in the whole."""
    grid, frame = scene.grid, scene.frame
    part = Grid(grid.crs, grid.window_transform(window), window.width, window.height)
    return replace(
        scene,
        grid=part,
        frame=replace(frame, col=frame.col - window.col, row=frame.row - window.row),
        area_mask=scene.area_mask.on(part) if scene.area_mask else None,
    )


def window_of(grid: Grid, bounds: Bounds, crs: str) -> Window | None:
    """Return the pixels of the grid that bounds in `crs` touch, None where there are none. Raises BadInput."""
    if not crs_tools.is_usable(crs):
        raise BadInput(f"CRS {crs!r} of the view is not one for maps.", "Give it as EPSG:n.")
    carried = crs_tools.carry_bounds(bounds, crs, grid.crs)
    a, _, c, _, e, f = grid.transform
    around = snap(carried, (c, f), (a, -e), grid.crs)
    col, row = round((around.transform[2] - c) / a), round((around.transform[5] - f) / e)
    return Window(col, row, around.width, around.height).intersection(grid.window)


def _files(sources: tuple[Source, ...], area: Area, scene: Plan) -> dict[str, None]:
    """Return every file that decides a plan; a GeoPackage that is being edited keeps changes beside it."""
    files = [file for layer in scene.layers for file in layer.files]
    for source in sources:  # those of absent layers, too
        files += [source.path, source.path + SUFFIX]
    if area.polygons:
        files += [area.polygons, area.polygons + "-wal"]
    return dict.fromkeys(files)


def _stamps(files: Iterable[str]) -> _Stamps:
    """Return size and time of each file; (0, 0) for a companion that is not there, None for what is no local file."""
    stamps = {}
    for name in files:
        try:
            stat = Path(name).stat()
            stamps[name] = (stat.st_size, stat.st_mtime_ns)
        except OSError:
            stamps[name] = (0, 0) if name.endswith((SUFFIX, "-wal")) else None
    return stamps
