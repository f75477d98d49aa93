"""sgma:vectorize - a class raster that is there already, as polygons that are a valid coverage."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
)
from qgis.PyQt.QtGui import QIcon

from .. import settings
from ..i18n import tr
from ..icons import icon
from ..model.contract.errors import BadInput, SgmaError
from .definitions import with_help
from .options import MIN_AREA, SIMPLIFY, add_run_options
from .parameters import add_model, model_name, runtime_state
from .results import check_file

if TYPE_CHECKING:
    from ..model.contract.job import VectorizeJob

INPUT = "INPUT"
CONFIDENCE = "CONFIDENCE"
OUTPUT = "OUTPUT"


class VectorizeAlgorithm(QgsProcessingAlgorithm):
    """Runs a VectorizeJob and has its polygons styled."""

    def __init__(self) -> None:
        super().__init__()
        self._read: Optional[Tuple[VectorizeJob, str]] = None  # without its output; the setting of the engine
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> VectorizeAlgorithm:
        return VectorizeAlgorithm()

    def name(self) -> str:
        return "vectorize"

    def displayName(self) -> str:
        return tr("Polygons of a land cover map")

    def group(self) -> str:
        return tr("Segmentation")

    def groupId(self) -> str:
        return "segmentation"

    def icon(self) -> QIcon:
        return icon("vectorize")

    def tags(self) -> List[str]:
        return tr("vectorise,polygonize,polygons,classes,land cover,simplify,minimum area").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Makes polygons of a raster of classes, strip by strip, so that its size does not matter. Neighbours "
            "share their border exactly, also where outlines are simplified.\n\n"
            "Each polygon has class_id, class_name, area_m2 on the ellipsoid and conf_mean, the mean of the "
            "confidence raster if one is given. Names and colours are the model's; without a model those that lie "
            "beside the raster, as this plugin and GDAL keep them."
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        classes = QgsProcessingParameterRasterLayer(INPUT, tr("Raster of classes"))
        self.addParameter(
            with_help(classes, tr("One band of whole numbers, as 'Land cover from sensor layers' makes."))
        )
        confidence = QgsProcessingParameterRasterLayer(CONFIDENCE, tr("Confidence"), optional=True)
        self.addParameter(with_help(confidence, tr("In percent, on the same pixels; its mean goes into each polygon.")))
        add_model(self, optional=True)
        add_run_options(self, (MIN_AREA, SIMPLIFY))
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        self.addParameter(QgsProcessingParameterVectorDestination(OUTPUT, tr("Land cover polygons"), kind))
        self.addOutput(QgsProcessingOutputNumber("POLYGONS", tr("Polygons")))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_file(self, parameters, context, OUTPUT, raster=False)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from ..model.contract.job import VectorizeJob  # here, as below: QGIS starts sooner without
        from .reading import read_options

        try:
            options = read_options(self, parameters, context)
            job = VectorizeJob(
                self._raster(parameters, INPUT, context),
                "",
                self._raster(parameters, CONFIDENCE, context),
                model_name(self, parameters, context),
                options.min_area,
                options.simplify,
            )
            self._read = job, settings.load().runtime_python
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from ..model.contract.card import ClassInfo
        from ..outputs import StyleOnLoad
        from ..styling import style_polygons
        from .running import in_parameters, output_file, raise_error, reworded, run

        if self._read is None:
            raise_error(self._refused, feedback)
        job, python = self._read
        path = output_file(self, parameters, context, OUTPUT)
        try:
            if not path:
                raise BadInput("OUTPUT is empty.", "Name a GeoPackage file for the polygons.")
            result = run(replace(job, output=path), feedback, python, in_parameters)
        except SgmaError as error:
            raise_error(reworded(error), feedback)
        classes = [ClassInfo(row["id"], row["name"], row["color"]) for row in result["classes"]]
        if classes and all(info.color for info in classes):  # else QGIS's own style
            StyleOnLoad.attach(context, path, "polygons", partial(style_polygons, classes=classes))
        feedback.pushInfo(tr("{count} polygons.").format(count=result["polygons"]))
        return {OUTPUT: path, "POLYGONS": result["polygons"]}

    def _raster(self, parameters: Dict[str, Any], name: str, context: QgsProcessingContext) -> str:
        """Return the file of a raster parameter, '' where nothing is given. Raises SgmaError."""
        from ..resolve import layer_path

        if parameters.get(name) in (None, ""):
            return ""
        layer = self.parameterAsRasterLayer(parameters, name, context)
        if layer is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, name))
        return layer_path(layer)
