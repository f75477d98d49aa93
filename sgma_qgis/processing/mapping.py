"""What algorithms that make a land cover map have in common: results wanted, the run, its words, styled layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)

from .. import history, resolve, service
from ..feedback import ProcessingFeedback
from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.errors import BadInput, Cancelled, SgmaError
from ..model.contract.job import RASTER_SUFFIXES, VECTOR_SUFFIXES, Outputs, SegmentJob
from ..outputs import StyleOnLoad
from ..styling import style
from .options import MIN_AREA, SIMPLIFY
from .parameters import Inputs, crs_name, raise_error

OUTPUT = "OUTPUT"
POLYGONS = "OUTPUT_POLYGONS"
#: Parameter of each field of Outputs.
DESTINATIONS = {
    "classes": OUTPUT,
    "confidence": "OUTPUT_CONFIDENCE",
    "availability": "OUTPUT_AVAILABILITY",
    "trust": "OUTPUT_TRUST",
    "polygons": POLYGONS,
}


@dataclass(frozen=True)
class Mapping:
    """A kind of map. complete: fills in what a job has beside inputs and outputs, before the run. card: of a finished
    job, names its classes. reworded: an error of the engine in the words of parameters; all may raise SgmaError.
    """

    complete: Callable[[SegmentJob], SegmentJob]
    card: Callable[[SegmentJob], Card]
    reworded: Callable[[SgmaError], SgmaError] = lambda error: error


def add_results(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the files and numbers that come out."""
    algorithm.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, tr("Land cover")))
    for name, text in (
        (DESTINATIONS["confidence"], tr("Confidence")),
        (DESTINATIONS["availability"], tr("Sensors available")),
        (DESTINATIONS["trust"], tr("Trust per sensor")),
    ):
        algorithm.addParameter(QgsProcessingParameterRasterDestination(name, text, None, True, False))
    kind = QgsProcessing.SourceType.TypeVectorPolygon
    algorithm.addParameter(
        QgsProcessingParameterVectorDestination(POLYGONS, tr("Land cover polygons"), kind, None, True, False)
    )
    algorithm.addOutput(QgsProcessingOutputNumber("TILES_TOTAL", tr("Tiles")))
    algorithm.addOutput(QgsProcessingOutputNumber("TILES_RUN", tr("Tiles computed in this run")))
    algorithm.addOutput(QgsProcessingOutputNumber("VALID_AREA_M2", tr("Area mapped (square metres)")))


def check_results(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
    """Return what is wrong with the files wanted, '' for nothing."""
    look = QgsProcessingContext()  # in the real one each look would leave a layer to load
    look.setExpressionContext(context.expressionContext())
    for role, name in DESTINATIONS.items():
        path = Path(algorithm.parameterAsOutputLayer(parameters, name, look))
        suffixes = VECTOR_SUFFIXES if role == "polygons" else RASTER_SUFFIXES
        if path.name and path.suffix.lower() not in suffixes:
            what = "GeoPackage" if role == "polygons" else "GeoTIFF"
            text = tr("{name} must be a {what} file ending in {suffix}, not {path}.")
            return text.format(name=name, what=what, suffix=suffixes[0], path=path.name)
    if not algorithm.parameterAsOutputLayer(parameters, POLYGONS, look):
        for name in (MIN_AREA, SIMPLIFY):
            if parameters.get(name) is not None:
                text = tr("{name} changes polygons only: leave it empty or name a file for {polygons}.")
                return text.format(name=name, polygons=POLYGONS)
    return ""


def make_map(
    algorithm: QgsProcessingAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    inputs: Inputs,
    mapping: Mapping,
) -> Dict[str, Any]:
    """Run the job and return the algorithm's results. Raises QgsProcessingException."""
    wanted = {role: _output(algorithm, parameters, name, context) for role, name in DESTINATIONS.items()}
    temporary = resolve.is_temporary(wanted["classes"])
    try:
        job = mapping.complete(_job(inputs, wanted, temporary))
        result = service.run(
            job,
            ProcessingFeedback(feedback),
            python_setting=inputs.python,
            continues=inputs.options.resume and not temporary,
        )
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


def _output(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], name: str, context: QgsProcessingContext
) -> str:
    path = algorithm.parameterAsOutputLayer(parameters, name, context)
    # The worker has another working folder. The text is kept otherwise: Processing finds its layers by it.
    return str(Path(path).absolute()) if path and not Path(path).is_absolute() else path


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
