"""Jobs about training: labels, areas, models that learn and that are measured. Frozen, paths but never pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Optional, Tuple

from .choices import CHIP, SUGGESTED
from .choices import COMBINATIONS as COMBINATIONS
from .choices import SAMPLERS as SAMPLERS
from .choices import STRATEGIES as STRATEGIES
from .job import Area, Options, Source


@dataclass(frozen=True)
class EvaluateJob:
    """What to measure a model on: `sources` with a `reference`, or the test scenes of a manifest.

    class_field, radius, labelled_area, background: as in TrainJob. class_map: file or text of JSON {"label value":
    class id or name | "ignore"}; "" = label values are class ids or names. areas: polygons with the field `role`; the
    reference counts in those of `role` alone. combinations: "all", or "current" = all the sensors at hand together.
    output: a .json or .html file. errors: a .tif to write, or "": bands of class ids, of the reference and of the map
    by all sensors at hand, and a third, 1 where they differ; the same nodata where nothing was measured.
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
    areas: str = ""
    role: str = "test"
    combinations: str = "all"
    errors: str = ""
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
    {"label value": class id of the base | "new:NAME" | "new:NAME #rrggbb" (its colour) | "ignore"}. labelled_area:
    polygons; what is unlabelled in them has the label value `background` ("" = "background").
    areas: polygons with the field `role`.
    fusion, head_channels, pretrained: of a network that starts from an encoder. gsd: least, typical, greatest ground
    metres a pixel; None = the base's. tile: side at inference; None = the base's, or 512.
    recipe: what differs from the default recipe, by the names of `training.recipe.Recipe`.
    dry_run: take a few steps, tell what the training would need, and write nothing.
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
    dry_run: bool = False
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
class SuggestJob:
    """Find where labels would help a model most, and write squares as a GeoPackage.

    count: squares at most. size: their side in ground metres; None = some 64 pixels. exclude: polygons, "" = none;
    squares that touch them are left out.
    """

    sources: Tuple[Source, ...]
    model: str
    output: str
    count: int = SUGGESTED
    size: Optional[float] = None
    exclude: str = ""
    area: Area = field(default_factory=Area)
    options: Options = field(default_factory=Options)
    kind: str = "suggest"


@dataclass(frozen=True)
class ExportJob:
    """Cut layers and labels into georeferenced chips, with a manifest that `train --scenes` takes.

    output: a folder that is not there yet, or is empty. labels .. background, base, gsd: as in AreasJob. areas:
    polygons with the field `role`; "" = proposed. tile_size, stride: pixels; stride None = tile_size.
    """

    sources: Tuple[Source, ...]
    labels: str
    output: str
    class_field: str = ""
    class_map: str = ""
    radius: Optional[float] = None
    labelled_area: str = ""
    background: str = ""
    areas: str = ""
    base: str = ""
    tile_size: int = CHIP
    stride: Optional[int] = None
    gsd: Optional[Tuple[float, float, float]] = None
    options: Options = field(default_factory=Options)
    kind: str = "export"
