"""What algorithms that make a land cover map have in common: the run, its words, styled layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable, Dict

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingFeedback

from .. import history, resolve
from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.errors import BadInput, Cancelled, SgmaError
from ..model.contract.job import Outputs, SegmentJob
from ..outputs import StyleOnLoad
from ..styling import style
from .reading import Inputs
from .results import DESTINATIONS
from .running import crs_name, output_file, raise_error, run


@dataclass(frozen=True)
class Mapping:
    """A kind of map. complete: fills in what a job has beside inputs and outputs, before the run. card: of a finished
    job, names its classes. reworded: an error of the engine in the words of parameters; all may raise SgmaError.
    """

    complete: Callable[[SegmentJob], SegmentJob]
    card: Callable[[SegmentJob], Card]
    reworded: Callable[[SgmaError], SgmaError] = lambda error: error


def make_map(
    algorithm: QgsProcessingAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    inputs: Inputs,
    mapping: Mapping,
) -> Dict[str, Any]:
    """Run the job and return the algorithm's results. Raises QgsProcessingException."""
    wanted = {role: output_file(algorithm, parameters, context, name) for role, name in DESTINATIONS.items()}
    temporary = resolve.is_temporary(wanted["classes"])
    try:
        job = mapping.complete(_job(inputs, wanted, temporary))
        result = run(job, feedback, inputs.python, continues=inputs.options.resume and not temporary)
        card = mapping.card(job)
    except Cancelled:
        raise_error(Cancelled("Cancelled.", _how_to_continue(temporary)), feedback)
    except SgmaError as error:
        raise_error(mapping.reworded(error), feedback)
    history.remember(history.run_file(wanted["classes"]), temporary)
    mapped = _tell(result, feedback)
    outputs: Dict[str, Any] = {}
    for role, path in wanted.items():
        if path:
            outputs[DESTINATIONS[role]] = path
            StyleOnLoad.attach(context, path, role, partial(style, role=role, card=card))
    numbers = {"TILES_TOTAL": result["tiles_total"], "TILES_RUN": result["tiles_run"], "VALID_AREA_M2": mapped}
    return {**outputs, **numbers}


def _job(inputs: Inputs, wanted: Dict[str, str], temporary: bool) -> SegmentJob:
    if not wanted["classes"]:
        raise BadInput("OUTPUT is empty.", "Name a GeoTIFF file for the land cover map.")
    area = inputs.area
    if area.polygons and resolve.is_temporary(area.polygons) and not temporary:
        taken = [inputs.area_layer, *(s.path for s in inputs.sources), *filter(None, wanted.values())]
        area = replace(area, polygons=resolve.keep_polygons(area.polygons, wanted["classes"], taken))
    return SegmentJob(inputs.sources, inputs.model, Outputs(**wanted), area, inputs.options)


def _how_to_continue(temporary: bool) -> str:
    if temporary:
        return "What was computed is lost, as the result was temporary: name a file to be able to continue."
    return "Run it again with the same parameters, RESUME on, to continue."


def _tell(result: Dict[str, Any], feedback: QgsProcessingFeedback) -> float:
    """Write the summary into the log and return the area mapped in square metres."""
    grid = result["grid"]
    feedback.pushInfo(
        tr("Map: {width} x {height} pixels of {resolution:g} m, {crs}.").format(
            width=grid["width"], height=grid["height"], resolution=grid["resolution"], crs=crs_name(str(grid["crs"]))
        )
    )
    feedback.pushInfo(
        tr("Tiles: {total}, of which {run} computed now and {resumed} taken from an earlier run; {device}.").format(
            total=result["tiles_total"],
            run=result["tiles_run"],
            resumed=result["tiles_resumed"],
            device=result["device"],
        )
    )
    areas = result["class_area_m2"]
    total = float(sum(areas.values()))
    for name, area in sorted(areas.items(), key=lambda item: -item[1]):
        share = 100.0 * area / total if total else 0.0
        feedback.pushInfo(f"{name}: {area / 10_000:,.2f} ha ({share:.1f} %)")
    if result["tiles_failed"]:
        text = tr("{count} tiles could not be computed; they are gaps in the map.")
        feedback.reportError(text.format(count=result["tiles_failed"]), False)
    return total
