"""sgma:suggestlabels - where labels would help a model most: ranked squares with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterVectorDestination,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr
from ..icons import icon
from ..model.contract.choices import SUGGESTED
from ..model.contract.errors import BadInput, SgmaError
from .definitions import optional_number, with_help, with_picture
from .options import DEVICE, THREADS, add_options, add_run_options
from .parameters import add_inputs, check_inputs, runtime_state
from .results import check_file

if TYPE_CHECKING:
    from .reading import Inputs

COUNT = "COUNT"
SIZE = "SIZE"
EXCLUDE = "EXCLUDE"
OUTPUT = "OUTPUT"
PLACES = "PLACES"


class SuggestLabelsAlgorithm(QgsProcessingAlgorithm):
    """Runs a SuggestJob and has its squares styled."""

    def __init__(self) -> None:
        super().__init__()
        self._read: Optional[Tuple[Inputs, str]] = None
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> SuggestLabelsAlgorithm:
        return SuggestLabelsAlgorithm()

    def name(self) -> str:
        return "suggestlabels"

    def displayName(self) -> str:
        return tr("Where to label next")

    def group(self) -> str:
        return tr("Training")

    def groupId(self) -> str:
        return "training"

    def icon(self) -> QIcon:
        return icon("suggestlabels")

    def tags(self) -> List[str]:
        return tr("active learning,labels,uncertainty,entropy,sampling,training,where to label").split(",")

    def shortHelpString(self) -> str:
        text = tr(
            "Looks for the places where labels would teach a model most, and writes them as ranked squares. A place "
            "counts for how unsure the model is there, and for how much the maps by each sensor alone differ from the "
            "map by all; of two that are near each other, or show the same classes, only the better one.\n\n"
            "Each square says why: 'unsure between road and roof', 'NIR and DSM disagree'. Label all that can be seen "
            "in it, train the model further, and ask again."
        )
        return with_picture(
            text, "suggestlabels", tr("Ranked places over the map of a model; the first is the most useful.")
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_inputs(self)
        whole, decimal = QgsProcessingParameterNumber.Type.Integer, QgsProcessingParameterNumber.Type.Double
        count = QgsProcessingParameterNumber(COUNT, tr("Squares"), whole, SUGGESTED, False, minValue=1, maxValue=10000)
        self.addParameter(with_help(count, tr("At most so many; the first is the most useful.")))
        size = optional_number(SIZE, tr("Side of a square (metres)"), decimal, 0.001)
        self.addParameter(with_help(size, tr("Empty: 64 pixels of the map, fewer in a small scene.")))
        kinds = [QgsProcessing.SourceType.TypeVectorPolygon]
        exclude = QgsProcessingParameterFeatureSource(EXCLUDE, tr("Leave out (polygons)"), kinds, optional=True)
        self.addParameter(
            with_help(exclude, tr("As the labels that are drawn already: squares that touch them are left out."))
        )
        add_options(self, run=False)
        add_run_options(self, (DEVICE, THREADS))
        self.addParameter(QgsProcessingParameterVectorDestination(OUTPUT, tr("Places to label"), kinds[0]))
        self.addOutput(QgsProcessingOutputString(PLACES, tr("Places (JSON)")))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_file(self, parameters, context, OUTPUT, raster=False) or check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from .reading import read_inputs, read_polygons  # here, as below: QGIS starts sooner without

        try:
            exclude, _ = read_polygons(self, parameters, context, EXCLUDE)
            self._read = read_inputs(self, parameters, context), exclude
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from ..model.contract.learning import SuggestJob
        from ..outputs import StyleOnLoad
        from ..styling import style_suggestions
        from .running import in_parameters, output_file, raise_error, reworded, run

        if self._read is None:
            raise_error(self._refused, feedback)
        inputs, exclude = self._read
        path = output_file(self, parameters, context, OUTPUT)
        try:
            if not path:
                raise BadInput("OUTPUT is empty.", "Name a GeoPackage file for the squares.")
            job = SuggestJob(
                inputs.sources,
                inputs.model,
                path,
                self.parameterAsInt(parameters, COUNT, context),
                None if parameters.get(SIZE) is None else self.parameterAsDouble(parameters, SIZE, context),
                exclude,
                inputs.area,
                inputs.options,
            )
            result = run(job, feedback, inputs.python, in_parameters)
        except SgmaError as error:
            raise_error(reworded(error), feedback)
        for row in result["places"]:
            feedback.pushInfo(f"{row['rank']}: {row['reason']}")
        StyleOnLoad.attach(context, path, "suggestions", style_suggestions)
        return {OUTPUT: path, PLACES: json.dumps(result["places"])}
