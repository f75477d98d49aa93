"""Jobs that make and look at maps, and what all jobs are made of: frozen, paths but never pixels."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Optional, Tuple

from .choices import DEVICES as DEVICES
from .choices import PRECISIONS as PRECISIONS
from .choices import RASTER_SUFFIXES as RASTER_SUFFIXES
from .choices import VECTOR_SUFFIXES as VECTOR_SUFFIXES


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
    """Where a class was painted. wkt: a line, polygon or point. width: of lines and points in metres, 0 = 3 pixels.

    color: of the class, "#rrggbb"; "" = one is found.
    """

    name: str
    wkt: str
    width: float = 0.0
    color: str = ""


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
