"""Jobs as they travel to the worker and results as they come back: frozen, JSON in and out, paths but never pixels."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Dict, Optional, Tuple

from .errors import BadInput
from .modality import BY_KEY

DEVICES = ("auto", "cpu", "cuda", "mps")
RASTER_SUFFIXES = (".tif", ".tiff")
VECTOR_SUFFIXES = (".gpkg",)
PRECISIONS = ("auto", "fp32", "bf16")
STRATEGIES = ("head", "adapters", "all")  #: what of a model a training may change
#: which sensors a training sample is shown with; the first is the recipe's
SAMPLERS = ("modality_aware", "latent_scenario", "uniform")
COMBINATIONS = ("all", "current")  #: of the sensors at hand, on which a model is measured


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
class Stroke:
    """Where a class was painted. wkt: a line, polygon or point. width: of lines and points in metres, 0 = 3 pixels."""

    name: str
    wkt: str
    width: float = 0.0


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
    """Make a land cover map. `model` is an id or a path of a model folder or .sgma file.

    strokes: a vector file of lines, polygons or points; the model is adapted to the classes in its field `class_field`,
    and is kept in the folder `save_model`, if given. With strokes, the model may be "none": the pixels are all then.
    """

    sources: Tuple[Source, ...]
    model: str
    outputs: Outputs
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    strokes: str = ""
    class_field: str = ""
    save_model: str = ""
    kind: str = "segment"


@dataclass(frozen=True)
class InteractJob:
    """Classify the part of the layers in `view`, (xmin, ymin, xmax, ymax) in CRS `view_crs`, by strokes.

    overlay: the .tif to write: a band of class ids and one of confidence in percent, both 255 where there is no data.
    Without strokes nothing is written; what the next ones need is prepared. model: as in SegmentJob; "none" = pixels
    alone. memory_mb: of the whole worker; what is left of it keeps features for the jobs to come.
    """

    sources: Tuple[Source, ...]
    model: str
    view: Tuple[float, float, float, float]
    view_crs: str
    overlay: str
    strokes: Tuple[Stroke, ...] = ()
    strokes_crs: str = ""
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    memory_mb: int = 1024
    kind: str = "interact"


@dataclass(frozen=True)
class CheckJob:
    """Report what a segment job would read: grid, overlap, units, nodata, coverage. Computes and writes nothing.

    tolerant: a layer that would stop the run is reported, and the others are looked at without it. roles: the rasters
    that the run would write, fields of Outputs; for the estimate of what it needs.
    """

    sources: Tuple[Source, ...]
    model: str
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    tolerant: bool = False
    roles: Tuple[str, ...] = ("classes",)
    kind: str = "check"


@dataclass(frozen=True)
class PreviewJob:
    """Make the part of a segment job's map that lies in `view`: (xmin, ymin, xmax, ymax) in CRS `view_crs`.

    Everything else is the segment job's, so that its map shows the same there. No polygons are made.
    """

    sources: Tuple[Source, ...]
    model: str
    outputs: Outputs
    view: Tuple[float, float, float, float]
    view_crs: str
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    kind: str = "preview"


@dataclass(frozen=True)
class ExplainJob:
    """Tell why a segment job's map holds what it holds at `point`, (x, y) in CRS `point_crs`. Writes nothing."""

    sources: Tuple[Source, ...]
    model: str
    point: Tuple[float, float]
    point_crs: str
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    kind: str = "explain"


@dataclass(frozen=True)
class DifferenceJob:
    """Write where two class rasters differ, on the first one's grid. `model`, if given, names the classes."""

    first: str
    second: str
    output: str
    model: str = ""
    kind: str = "difference"


@dataclass(frozen=True)
class VectorizeJob:
    """Write a class raster as polygons. output: .gpkg. confidence: raster in percent on the same grid, or "".

    model: names the classes; "" = their names are those beside the raster, as GDAL keeps them. min_area: square
    metres; simplify: metres; as in Options.
    """

    classes: str
    output: str
    confidence: str = ""
    model: str = ""
    min_area: Optional[float] = None
    simplify: Optional[float] = None
    kind: str = "vectorize"


@dataclass(frozen=True)
class EvaluateJob:
    """What to measure a model on: `sources` with a `reference`, or the test scenes of a manifest.

    class_field, radius, labelled_area, background: as in TrainJob. class_map: file or text of JSON {"label value":
    class id | "ignore"}; "" = label values are class ids or names. combinations: "all", or "current" = all the sensors
    at hand together. output: a .json or .html file.
    """

    model: str
    output: str
    sources: Tuple[Source, ...] = ()
    reference: str = ""
    scenes: str = ""
    class_field: str = ""
    class_map: str = ""
    radius: Optional[float] = None
    labelled_area: str = ""
    background: str = ""
    combinations: str = "all"
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    kind: str = "evaluate"


@dataclass(frozen=True)
class TrainJob:
    """Train a model on `sources` with `labels`, or on the scenes of a manifest.

    base: id or path of a model to go on from, or the name of an encoder. output: the model folder to write.
    id, title: of the card; empty = made from the folder's name and the base. strategy: one of STRATEGIES, "" = all
    for an encoder, adapters for a model.
    class_field, radius: of labels that are vectors; radius of points in metres. class_map: file or text of JSON
    {"label value": class id of the base | "new:NAME" | "ignore"}. labelled_area: polygons; what is unlabelled in them
    has the label value `background` ("" = "background"). areas: polygons with the field `role`.
    fusion, head_channels, pretrained: of a network that starts from an encoder. gsd: least, typical, greatest ground
    metres a pixel; None = the base's. tile: side at inference; None = the base's, or 512.
    recipe: what differs from the default recipe, by the names of `training.recipe.Recipe`.
    Of the options device, threads, resume, and what says how layers are read count.
    """

    base: str
    output: str
    sources: Tuple[Source, ...] = ()
    labels: str = ""
    scenes: str = ""
    class_field: str = ""
    class_map: str = ""
    radius: Optional[float] = None
    labelled_area: str = ""
    background: str = ""
    areas: str = ""
    strategy: str = ""
    fusion: str = "semantic_guided"
    head_channels: int = 128
    pretrained: bool = False
    id: str = ""
    title: str = ""
    licence: str = ""
    attribution: str = ""
    description: str = ""
    gsd: Optional[Tuple[float, float, float]] = None
    tile: Optional[int] = None
    recipe: Dict[str, Any] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    kind: str = "train"


@dataclass(frozen=True)
class AreasJob:
    """Propose areas for training, validation and test from where labels lie, and write them as a GeoPackage.

    labels .. background: as in TrainJob. base: id or path of the model that training will start from, or "".
    crop: pixels, side of training crops: so much room is left between areas.
    """

    sources: Tuple[Source, ...]
    labels: str
    output: str
    class_field: str = ""
    class_map: str = ""
    radius: Optional[float] = None
    labelled_area: str = ""
    background: str = ""
    base: str = ""
    crop: int = 128
    gsd: Optional[Tuple[float, float, float]] = None
    options: Options = field(default_factory=Options)
    kind: str = "areas"


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
    "roles": lambda names: tuple(str(name) for name in names),
    "strokes": lambda given: given if isinstance(given, str) else tuple(_pick(Stroke, row) for row in given),
}
