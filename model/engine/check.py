"""What a segment job would read, find and need, in words and as data, without running it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..contract.errors import BadInput
from ..contract.job import CheckJob, Outputs, Source
from ..contract.modality import BY_KEY
from ..contract.store import Package, find
from ..data import crs as crs_tools
from ..data.layer_facts import layer_facts
from ..data.native import configure
from ..data.plan import NoDataHere, Plan
from ..data.registration import Offset, offsets
from ..feedback import JobFeedback
from .forecast import forecast
from .options import check_options
from .scenes import planned
from .telling import GDAL_CACHE_MB, SAME, tell_plan, used

MOST_OFFSET_PX = 1.0  # pixels of the map's grid: sensors that lie further apart are warned of
_States = dict[str, dict[str, Any]]


def check(job: CheckJob, feedback: JobFeedback) -> dict[str, Any]:
    """Return what `docs/protocol.md` lists: grid, layers, coverage, states, registration, tiles, estimate, ...

    Raises BadInput for what stops a run; a tolerant job reports the layers that would, and goes on without them.
    """
    configure(GDAL_CACHE_MB)
    check_options(job.options)
    _check_roles(job)
    package = find(job.model)
    feedback.progress("check", 0, 3)
    scene, states = _planned(job, package, feedback)
    if scene is None:
        return {**_nothing(), "states": states}
    tell_plan(package.card, scene, feedback)
    feedback.progress("check", 1, 3)
    apart = [_told(offset, scene) for offset in offsets(scene, feedback.check)]
    for row in apart:
        if row["warning"]:
            feedback.warn(row["text"])
    feedback.progress("check", 2, 3)
    needs = forecast(scene, package.card, job.options, job.roles)
    feedback.progress("check", 3, 3)
    return {
        "grid": {**asdict(scene.grid), "resolution": scene.grid.resolution},
        "layers": [layer_facts(layer) for layer in scene.layers],
        "absent": list(scene.absent),
        "coverage": scene.coverage,
        "trained_on": used(scene) in package.card.trained_on,
        "warnings": list(feedback.warnings),
        "notes": list(scene.notes),
        "states": states | _states(scene),
        "registration": apart,
        **needs,
    }


def _check_roles(job: CheckJob) -> None:
    known = [role for role in Outputs.__dataclass_fields__ if role != "polygons"]
    if not job.roles or not set(job.roles) <= set(known):
        asked = ", ".join(job.roles) or "no raster"
        raise BadInput(f"A check was asked for {asked}.", f"Name rasters of a run: {', '.join(known)}.")


def _nothing() -> dict[str, Any]:
    """Return a check's answer when no layer can be used."""
    lists = {name: [] for name in ("layers", "absent", "warnings", "notes", "registration")}
    nones = {name: None for name in ("grid", "tiles", "estimate", "tiles_per_s", "eta_s")}
    return {**lists, **nones, "coverage": {}, "trained_on": False}


def _planned(job: CheckJob, package: Package, feedback: JobFeedback) -> tuple[Plan | None, _States]:
    """Return the plan, None when no layer is left, and the states of the layers left out."""
    sources, states = job.sources, {}
    while True:
        try:
            return planned(sources, package, job.area, job.options, feedback.check), states
        except BadInput as error:
            bad = _at_fault(error, sources, job, package, feedback) if job.tolerant else {}
            if not bad:
                raise
        states |= bad
        sources = tuple(source for source in sources if source.modality not in bad)
        if not sources:
            return None, states


def _at_fault(
    error: BadInput, sources: tuple[Source, ...], job: CheckJob, package: Package, feedback: JobFeedback
) -> _States:
    """Return the states of the layers because of which no plan can be made; {} when it is for another reason."""
    if isinstance(error, NoDataHere):
        state = "no_overlap" if error.apart else "all_nodata"
        return {key: _state(state, 0.0, error.message) for key in error.keys}
    bad = {}
    for source in sources:
        try:
            planned((source,), package, job.area, job.options, feedback.check)
        except NoDataHere:
            continue  # the others may decide the grid; seen when they do
        except BadInput as own:
            if source.path in own.message:
                bad[source.modality] = _state("unusable", 0.0, str(own))
    return bad


def _state(state: str, coverage: float, text: str) -> dict[str, Any]:
    return {"state": state, "coverage": coverage, "text": text}


def _states(scene: Plan) -> _States:
    """Return the state of every layer that the plan knows."""
    states = {}
    for key, share in scene.coverage.items():
        whole = share >= 1 - SAME
        text = "" if whole else f"{BY_KEY[key].title} covers {100 * share:.0f} % of the area."
        states[key] = _state("used" if whole else "partial", share, text)
    for key in scene.absent:
        states[key] = _state("all_nodata", 0.0, f"{BY_KEY[key].title} holds only nodata in the area.")
    return states


def _told(offset: Offset, scene: Plan) -> dict[str, Any]:
    """Return an offset in pixels of the grid and in metres, and in words."""
    title, other = BY_KEY[offset.key].title, BY_KEY[offset.reference].title
    row = {"key": offset.key, "reference": offset.reference, "measurable": offset.measurable}
    known = {"quality": round(offset.quality, 2), "windows": offset.windows}
    if not offset.measurable:
        none = dict.fromkeys(("dx_px", "dy_px", "offset_px", "offset_m"))
        text = f"Whether {title} lies on {other} cannot be measured here."
        return {**row, **none, **known, "warning": False, "text": text}
    xmin, ymin, xmax, ymax = scene.grid.bounds
    east, north = crs_tools.ground_metres(scene.grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    a, e = scene.grid.transform[0] * east, -scene.grid.transform[4] * north
    dx, dy = offset.east / a, offset.south / e
    length = (dx**2 + dy**2) ** 0.5
    far = length > MOST_OFFSET_PX and offset.metres > offset.precision
    way = f"{abs(offset.east):.1f} m to the {'east' if offset.east > 0 else 'west'}"
    way += f" and {abs(offset.south):.1f} m to the {'south' if offset.south > 0 else 'north'}"
    if far:
        text = f"{title} seems to lie {length:.1f} pixels off {other} ({way}): check the position of both layers."
    elif length <= MOST_OFFSET_PX:
        text = f"{title} lies on {other}: {offset.metres:.1f} m apart, less than a pixel."
    else:
        text = (
            f"{title} may lie {offset.metres:.1f} m off {other}: shifts below {offset.precision:.1f} m cannot be told."
        )
    return {
        **row,
        "dx_px": round(dx, 2),
        "dy_px": round(dy, 2),
        "offset_px": round(length, 2),
        "offset_m": round(offset.metres, 2),
        **known,
        "warning": far,
        "text": text,
    }
