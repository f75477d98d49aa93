"""What a person asks training to learn from, and a first look at it: layers on a grid, labels, what they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import Area, Options, Source
from ..contract.modality import titles
from ..feedback import JobFeedback
from . import crs as crs_tools
from .drawn import LabelSource
from .grid import Grid
from .labels import ClassMap, listed, of_values, read
from .native import configure, open_dataset
from .plan import Plan, plan
from .reference import Labels, check_classes, located
from .statistics import provisional
from .survey import Survey, survey

_RANGE = 1.5  # of resolutions around the layers' own, for a model that starts from nothing


@dataclass(frozen=True)
class Request:
    """What a person asks for. crop: pixels, side of training crops. tile: pixels, side of validation tiles.

    class_map, areas: files; "" = none. base: the card of the model that training starts from. gsd: None = the base's,
    or around the finest layer's resolution.
    """

    sources: tuple[Source, ...]
    labels: LabelSource
    crop: int
    tile: int
    class_map: str = ""
    areas: str = ""
    base: Card | None = None
    gsd: tuple[float, float, float] | None = None
    options: Options = field(default_factory=Options)


def looked_through(request: Request, feedback: JobFeedback) -> tuple[Card, Plan, Survey, ClassMap]:
    """Return the provisional card, the layers on their grid, and where which label is and what it means.

    Raises BadInput for layers and labels that cannot be used, or lie apart.
    """
    configure()
    by_key = {source.modality: source for source in request.sources}
    if not by_key:
        raise BadInput("Labels were given, but no layer.", "Give at least one layer, for example --rgb F.")
    gsd = request.gsd or (request.base.gsd if request.base else _gsd(by_key, request.options))
    card = provisional(by_key, gsd, request.base)
    scene = plan(request.sources, card, Area(), request.options, check=feedback.check)
    tell(scene.warnings, feedback)
    return card, scene, *_surveyed(request, scene.grid, feedback)


def _surveyed(request: Request, grid: Grid, feedback: JobFeedback) -> tuple[Survey, ClassMap]:
    """Return how much of which label there is on the grid, and what they mean. Raises BadInput."""
    class_map = read(request.class_map, request.base) if request.class_map else None  # before anything is read
    with Labels(request.labels, grid) as labels:
        tell(labels.notes, feedback)
        found = survey(labels, feedback)
        if not found.counts:
            raise _elsewhere(labels, grid)
        _tell_missing(labels, found, grid, feedback)
        if class_map is None:
            class_map = of_values(found.counts, request.base)
            if class_map.told:
                feedback.info(class_map.told)
        check_classes(labels, class_map)
    return found, class_map


def crop_metres(crop: int, grid: Grid) -> float:
    """Return the ground metres that a crop is wide."""
    xmin, ymin, xmax, ymax = grid.bounds
    east, north = crs_tools.ground_metres(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    return crop * math.sqrt(grid.transform[0] * east * -grid.transform[4] * north)


def _gsd(sources: dict[str, Source], options: Options) -> tuple[float, float, float]:
    """Return resolutions around that asked for, or else the finest layer's own."""
    typical = options.resolution
    if typical is None:
        found = []
        for source in sources.values():
            with open_dataset(source.path, f"{titles([source.modality])} layer {source.path}") as dataset:
                if dataset.crs:  # a layer without one is refused later, in words
                    size = (dataset.width, dataset.height)
                    found.append(crs_tools.pixel_metres(dataset.crs.to_wkt(), tuple(dataset.transform)[:6], *size))
        typical = min(found, default=1.0)
    if not (math.isfinite(typical) and typical > 0):
        raise BadInput(f"Resolution {typical:g} is not above 0.", "Correct --resolution (ground metres).")
    return tuple(float(f"{value:.3g}") for value in (typical / _RANGE, typical, typical * _RANGE))


def _tell_missing(labels: Labels, found: Survey, grid: Grid, feedback: JobFeedback) -> None:
    """Tell which label values have no pixel, though features with them lie on the layers."""
    source = labels.source
    missing = [str(value) for value in labels.named if value is not None and value not in found.counts]
    if missing:
        feedback.warn(
            f"{source.name}: no pixel of {crop_metres(1, grid):.3g} m has its centre in a feature of "
            f"{listed(missing)}: they are too small, or lie under others."
        )
    if source.area and source.background not in found.counts:
        feedback.warn(f"Labelled area {source.area}: nothing in it is unlabelled, so nothing is {source.background}.")


def _elsewhere(labels: Labels, grid: Grid) -> BadInput:
    source = labels.source
    if labels.named:
        return BadInput(
            f"{source.name}: no pixel has its centre in any of the features; pixels are {crop_metres(1, grid):.3g} m.",
            "Draw them larger, give points a larger --point-radius, or lower --resolution.",
        )
    xmin, ymin, xmax, ymax = grid.bounds
    lon, lat = crs_tools.lonlat(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
    place, where = located(source), ""
    if place:
        where = (
            f"; longitude and latitude of its middle are {place[0]:.4f}, {place[1]:.4f}, theirs {lon:.4f}, {lat:.4f}"
        )
    return BadInput(
        f"{source.name} does not overlap the layers, or is empty there{where}.", "Check the CRS and place of both."
    )


def tell(texts: tuple[str, ...], feedback: JobFeedback) -> None:
    """Warn of each text once."""
    for text in dict.fromkeys(texts):
        feedback.warn(text)
