"""Jobs as they travel to the worker: JSON out and in."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, Callable, Dict, Tuple

from .errors import BadInput
from .job import (
    Area,
    CheckJob,
    DifferenceJob,
    ExplainJob,
    InteractJob,
    Options,
    Outputs,
    PreviewJob,
    SegmentJob,
    Source,
    Stroke,
    VectorizeJob,
)
from .learning import AreasJob, EvaluateJob, ExportJob, SuggestJob, TrainJob
from .modality import BY_KEY


def job_to_dict(job: Any) -> Dict[str, Any]:
    """Return the job as JSON-ready data. JSON has no number for a nodata that is not one: it travels as text."""
    raw = asdict(job)
    for source in raw.get("sources", ()):
        if source["nodata"] is not None and math.isnan(source["nodata"]):
            source["nodata"] = "nan"
    return raw


def job_from_dict(raw: Dict[str, Any]) -> Any:
    """Return the job in `raw`; unknown fields are ignored. Raises BadInput when it is not a job."""
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if kind not in JOBS:
        raise BadInput(
            f"Job kind {kind!r} is not one of {', '.join(JOBS)}.", "Update the plugin and its runtime together."
        )
    try:
        return _pick(
            JOBS[kind], {name: _PARTS[name](value) if name in _PARTS else value for name, value in raw.items()}
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            f"The {kind} job is not complete: {error!r}.", "Update the plugin and its runtime together."
        ) from None


def _pick(cls: type, raw: Dict[str, Any]) -> Any:
    return cls(**{name: raw[name] for name in cls.__dataclass_fields__ if name in raw})


def _source(raw: Dict[str, Any]) -> Source:
    nodata = raw.get("nodata")
    changed = {
        "bands": tuple(int(b) for b in raw.get("bands") or ()),
        "nodata": None if nodata is None else float(nodata),
    }
    source = _pick(Source, {**raw, **changed})
    if source.modality not in BY_KEY:
        raise ValueError(f"unknown modality {source.modality!r}")
    return source


def _area(raw: Dict[str, Any]) -> Area:
    extent = raw.get("extent")
    return _pick(Area, {**raw, "extent": tuple(float(v) for v in extent) if extent else None})


def _point(raw: Any, count: int) -> Tuple[float, ...]:
    values = tuple(float(v) for v in raw)
    if len(values) != count:
        raise ValueError(f"{count} numbers are needed, not {len(values)}")
    return values


JOBS: Dict[str, type] = {
    cls.__dataclass_fields__["kind"].default: cls
    for cls in (
        SegmentJob,
        CheckJob,
        PreviewJob,
        ExplainJob,
        DifferenceJob,
        VectorizeJob,
        InteractJob,
        EvaluateJob,
        TrainJob,
        AreasJob,
        SuggestJob,
        ExportJob,
    )  # fmt: skip
}
_PARTS: Dict[str, Callable[[Any], Any]] = {  # fields that are more than a word, a number or a switch
    "view": lambda row: _point(row, 4),
    "point": lambda row: _point(row, 2),
    "sources": lambda rows: tuple(_source(row) for row in rows),
    "model": str,
    "area": lambda row: _area(row or {}),
    "options": lambda row: _pick(Options, row or {}),
    "outputs": lambda row: _pick(Outputs, row),
    "gsd": lambda row: tuple(float(v) for v in row) if row else None,
    "recipe": dict,
    "colors": lambda row: {str(name): str(color) for name, color in row.items()},
    "roles": lambda names: tuple(str(name) for name in names),
    "strokes": lambda given: given if isinstance(given, str) else tuple(_pick(Stroke, row) for row in given),
}
