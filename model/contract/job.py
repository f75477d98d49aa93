"""Jobs as they travel to the worker and results as they come back: frozen, JSON in and out, paths but never pixels."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Optional, Tuple

from .errors import BadInput
from .modality import BY_KEY

DEVICES = ("auto", "cpu", "cuda", "mps")
RASTER_SUFFIXES = (".tif", ".tiff")
VECTOR_SUFFIXES = (".gpkg",)
PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True)
class Source:
    """One sensor layer as picked.

    bands: 1-based; empty = by description or colour interpretation, else the first n.
    unit: a key of UNITS; empty = guessed. nodata: overrides the file's own value.
    """

    modality: str
    path: str
    bands: Tuple[int, ...] = ()
    unit: str = ""
    nodata: Optional[float] = None


@dataclass(frozen=True)
class Area:
    """Where to work.

    polygons: a vector file. extent: (xmin, ymin, xmax, ymax) in `extent_crs`; empty = the finest layer's CRS.
    """

    polygons: str = ""
    extent: Optional[Tuple[float, float, float, float]] = None
    extent_crs: str = ""


@dataclass(frozen=True)
class Options:
    """How to work; None or 'auto' = the default. resolution: ground metres; tile: pixels; overlap: percent.

    For polygons: min_area: square metres, smaller ones go into a neighbour; simplify: metres. None = as traced.
    """

    crs: str = ""
    resolution: Optional[float] = None
    tile: Optional[int] = None
    overlap: Optional[float] = None
    batch: Optional[int] = None
    device: str = "auto"
    backend: str = "auto"
    precision: str = "auto"
    threads: Optional[int] = None
    resume: bool = True
    min_area: Optional[float] = None
    simplify: Optional[float] = None


@dataclass(frozen=True)
class Outputs:
    """Files to write; empty = not wanted. `classes` is required and names the run."""

    classes: str
    confidence: str = ""
    availability: str = ""
    trust: str = ""
    polygons: str = ""

    def paths(self) -> Dict[str, str]:
        """Return {role: path} of the files wanted."""
        return {role: path for role, path in asdict(self).items() if path}


@dataclass(frozen=True)
class SegmentJob:
    """Make a land cover map. `model` is an id or a path of a model folder or .sgma file."""

    sources: Tuple[Source, ...]
    model: str
    outputs: Outputs
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    kind: str = "segment"


@dataclass(frozen=True)
class CheckJob:
    """Report what a segment job would read: grid, overlap, units, nodata, coverage. Computes and writes nothing."""

    sources: Tuple[Source, ...]
    model: str
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    kind: str = "check"


@dataclass(frozen=True)
class SegmentResult:
    """What a finished segment job made. Areas in square metres on the ellipsoid, by class name."""

    outputs: Dict[str, str]
    grid: Dict[str, Any]  # crs, transform (6 numbers, row major), width, height, resolution
    tiles_total: int
    tiles_run: int
    tiles_resumed: int
    tiles_failed: int
    device: str
    backend: str
    warnings: Tuple[str, ...]
    class_area_m2: Dict[str, float]


def job_to_dict(job: Any) -> Dict[str, Any]:
    """Return the job as JSON-ready data."""
    return asdict(job)


def job_from_dict(raw: Dict[str, Any]) -> Any:
    """Return the job in `raw`; unknown fields are ignored. Raises BadInput when it is not a job."""
    kinds = {"segment": SegmentJob, "check": CheckJob}
    kind = raw.get("kind") if isinstance(raw, dict) else None
    if kind not in kinds:
        raise BadInput(
            f"Job kind {kind!r} is not one of {', '.join(kinds)}.", "Update the plugin and its runtime together."
        )
    try:
        common = {
            "sources": tuple(_source(item) for item in raw["sources"]),
            "model": str(raw["model"]),
            "area": _area(raw.get("area") or {}),
            "options": _pick(Options, raw.get("options") or {}),
        }
        if kind == "segment":
            return SegmentJob(outputs=_pick(Outputs, raw["outputs"]), **common)
        return CheckJob(**common)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"The {kind} job is not complete: {error!r}.", "Update the plugin and its runtime together."
        ) from None


def _pick(cls: type, raw: Dict[str, Any]) -> Any:
    return cls(**{name: raw[name] for name in cls.__dataclass_fields__ if name in raw})


def _source(raw: Dict[str, Any]) -> Source:
    source = _pick(Source, {**raw, "bands": tuple(int(b) for b in raw.get("bands") or ())})
    if source.modality not in BY_KEY:
        raise ValueError(f"unknown modality {source.modality!r}")
    return source


def _area(raw: Dict[str, Any]) -> Area:
    extent = raw.get("extent")
    return _pick(Area, {**raw, "extent": tuple(float(v) for v in extent) if extent else None})
