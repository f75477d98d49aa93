"""sgma:segment - a land cover map from whatever sensor layers exist."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)
from qgis.PyQt.QtGui import QIcon

from .. import history, resolve, service
from ..feedback import ProcessingFeedback
from ..i18n import tr
from ..icons import icon
from ..model.contract import store
from ..model.contract.errors import BadInput, Cancelled, SgmaError
from ..model.contract.job import RASTER_SUFFIXES, VECTOR_SUFFIXES, Outputs, SegmentJob
from ..outputs import StyleOnLoad
from ..styling import style
from .options import MIN_AREA, SIMPLIFY, add_options
from .parameters import Inputs, add_inputs, check_inputs, crs_name, raise_error, read_inputs, runtime_state

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


class SegmentAlgorithm(QgsProcessingAlgorithm):
    """Reads parameters on the main thread, runs the job through the service, has the results styled."""

    def __init__(self) -> None:
        super().__init__()
        self._inputs: Optional[Inputs] = None
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> SegmentAlgorithm:
        return SegmentAlgorithm()

    def name(self) -> str:
        return "segment"

    def displayName(self) -> str:
        return tr("Land cover from sensor layers")

    def group(self) -> str:
        return tr("Segmentation")

    def groupId(self) -> str:
        return "segmentation"

    def icon(self) -> QIcon:
        return icon("segment")

    def tags(self) -> List[str]:
        return tr(
            "semantic segmentation,land cover,deep learning,classification,orthophoto,infrared,DSM,SAR,multimodal"
        ).split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Maps land cover from any of RGB, near infrared, height model and radar. Layers may differ in resolution, "
            "extent, data type and CRS; give those you have. Where none of them has data, the map has none.\n\n"
            "Beside the map it can write how sure the model is (0-100), which sensors were there at each pixel, "
            "how much each of them counted, and the map as polygons. NAME.run.json beside the map keeps what is needed "
            "to repeat the run.\n\n"
            "A run that was cancelled or interrupted continues where it stopped when started again with the same "
            "parameters, unless its result is temporary. An area that is no file of its own (selected or filtered "
            "polygons, say) is kept as NAME.area.gpkg beside the map. Rasters are GeoTIFF (.tif), polygons "
            "GeoPackage (.gpkg)."
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_inputs(self)
        add_options(self, run=True)
        self.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, tr("Land cover")))
        for name, text in (
            (DESTINATIONS["confidence"], tr("Confidence")),
            (DESTINATIONS["availability"], tr("Sensors available")),
            (DESTINATIONS["trust"], tr("Trust per sensor")),
        ):
            self.addParameter(QgsProcessingParameterRasterDestination(name, text, None, True, False))
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(
            QgsProcessingParameterVectorDestination(POLYGONS, tr("Land cover polygons"), kind, None, True, False)
        )
        self.addOutput(QgsProcessingOutputNumber("TILES_TOTAL", tr("Tiles")))
        self.addOutput(QgsProcessingOutputNumber("TILES_RUN", tr("Tiles computed in this run")))
        self.addOutput(QgsProcessingOutputNumber("VALID_AREA_M2", tr("Area mapped (square metres)")))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        look = QgsProcessingContext()  # in the real one each look would leave a layer to load
        look.setExpressionContext(context.expressionContext())
        for role, name in DESTINATIONS.items():
            path = Path(self.parameterAsOutputLayer(parameters, name, look))
            suffixes = VECTOR_SUFFIXES if role == "polygons" else RASTER_SUFFIXES
            if path.name and path.suffix.lower() not in suffixes:
                what = "GeoPackage" if role == "polygons" else "GeoTIFF"
                text = tr("{name} must be a {what} file ending in {suffix}, not {path}.")
                return False, text.format(name=name, what=what, suffix=suffixes[0], path=path.name)
        if not self.parameterAsOutputLayer(parameters, POLYGONS, look):
            for name in (MIN_AREA, SIMPLIFY):
                if parameters.get(name) is not None:
                    text = tr("{name} changes polygons only: leave it empty or name a file for {polygons}.")
                    return False, text.format(name=name, polygons=POLYGONS)
        wrong = check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        try:
            self._inputs = read_inputs(self, parameters, context)
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        if self._inputs is None:
            raise_error(self._refused, feedback)
        wanted = {role: self._output(parameters, name, context) for role, name in DESTINATIONS.items()}
        inputs = self._inputs
        temporary = resolve.is_temporary(wanted["classes"])
        try:
            if not wanted["classes"]:
                raise BadInput("OUTPUT is empty.", "Name a GeoTIFF file for the land cover map.")
            card = store.find(inputs.model).card
            area = inputs.area
            if area.polygons and resolve.is_temporary(area.polygons) and not temporary:
                taken = [inputs.area_layer, *(s.path for s in inputs.sources), *filter(None, wanted.values())]
                area = replace(area, polygons=resolve.keep_polygons(area.polygons, wanted["classes"], taken))
            job = SegmentJob(inputs.sources, inputs.model, Outputs(**wanted), area, inputs.options)
            result = service.run(
                job,
                ProcessingFeedback(feedback),
                python_setting=inputs.python,
                continues=inputs.options.resume and not temporary,
            )
        except Cancelled:
            raise_error(Cancelled("Cancelled.", _how_to_continue(temporary)), feedback)
        except SgmaError as error:
            raise_error(error, feedback)
        history.remember(history.run_file(wanted["classes"]), temporary)
        mapped = _tell(result, feedback)
        outputs: Dict[str, Any] = {}
        for role, path in wanted.items():
            if path:
                outputs[DESTINATIONS[role]] = path
                StyleOnLoad.attach(context, path, role, partial(style, role=role, card=card))
        numbers = {"TILES_TOTAL": result["tiles_total"], "TILES_RUN": result["tiles_run"], "VALID_AREA_M2": mapped}
        return {**outputs, **numbers}

    def _output(self, parameters: Dict[str, Any], name: str, context: QgsProcessingContext) -> str:
        path = self.parameterAsOutputLayer(parameters, name, context)
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
