"""sgma:segmentfromstrokes - a land cover map of one's own classes, from a few strokes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterField,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterVectorLayer,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr
from ..icons import icon
from ..model.contract import store
from ..model.contract.errors import SgmaError
from .definitions import with_help, with_picture
from .options import OVERWRITE, add_options, add_overwrite
from .parameters import add_area, add_layers, add_model, check_inputs, runtime_state
from .results import add_results, check_results

if TYPE_CHECKING:
    from ..model.contract.job import SegmentJob
    from .reading import Inputs

STROKES = "STROKES"
CLASS_FIELD = "CLASS_FIELD"
SAVE_MODEL = "SAVE_MODEL"
_FIELDS = ("width", "color")  #: of the strokes, that the engine reads beside the class


class SegmentFromStrokesAlgorithm(QgsProcessingAlgorithm):
    """As sgma:segment, with a model that is adapted to strokes first."""

    def __init__(self) -> None:
        super().__init__()
        self._inputs: Optional[Inputs] = None
        self._strokes = ("", "")  # file, their own or a temporary copy, and field of the class
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> SegmentFromStrokesAlgorithm:
        return SegmentFromStrokesAlgorithm()

    def name(self) -> str:
        return "segmentfromstrokes"

    def displayName(self) -> str:
        return tr("Land cover from a few strokes")

    def group(self) -> str:
        return tr("Segmentation")

    def groupId(self) -> str:
        return "segmentation"

    def icon(self) -> QIcon:
        return icon("segmentfromstrokes")

    def tags(self) -> List[str]:
        return tr("strokes,scribbles,interactive,pixel classification,land cover,classes,labels").split(",")

    def shortHelpString(self) -> str:
        text = tr(
            "Maps classes of your own from a few strokes: lines, polygons or points that name a class in a field. A "
            "model is adapted to them in a moment, or the pixels alone decide (model: none), and the map is made as by "
            '"Land cover from sensor layers", with the same results. It is the map that the tab Strokes of the dock '
            "makes; with a model about one pixel in a hundred may differ on layers larger than its tiles.\n\n"
            "A field 'width' is the width of lines and points in metres; without it they are three pixels wide. A "
            "field 'color' (#rrggbb) is the colour of the class. What was drawn later lies on top. Strokes count "
            "wherever they lie on the layers, inside the mapped area or not; at least two classes are needed. Where "
            "all of them are classes of the model, its other classes stay on the map; else the strokes' classes are "
            "all.\n\n"
            "The adapted model can be kept in a folder. Strokes that are no file of their own (selected, filtered or "
            "in memory, say) are kept as NAME.strokes.gpkg beside the map."
        )
        return with_picture(text, "segmentfromstrokes", tr("Four strokes of three classes, and the map of them."))

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_layers(self)
        add_model(self, text=tr("Model to start from (id or path; none: pixels alone)"))
        kinds = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        strokes = QgsProcessingParameterVectorLayer(STROKES, tr("Strokes"), kinds)
        self.addParameter(with_help(strokes, tr("Lines, polygons or points, in any CRS.")))
        field = QgsProcessingParameterField(CLASS_FIELD, tr("Field of the class"), None, STROKES, optional=True)
        self.addParameter(with_help(field, tr("Empty where there is one field alone.")))
        add_area(self)
        add_options(self, run=True)
        add_overwrite(self)
        add_results(self)
        model = QgsProcessingParameterFolderDestination(SAVE_MODEL, tr("Adapted model"), None, True, False)
        self.addParameter(with_help(model, tr("Folder to keep the adapted model in; empty: it is not kept.")))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_results(self, parameters, context) or check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from .. import resolve  # here, as below: QGIS starts sooner without
        from .reading import read_inputs

        try:
            layer = self.parameterAsVectorLayer(parameters, STROKES, context)
            if layer is None:
                raise QgsProcessingException(self.invalidSourceError(parameters, STROKES))
            field = self.parameterAsString(parameters, CLASS_FIELD, context).strip()
            self._strokes = resolve.labels_file(layer, field, STROKES, _FIELDS)
            self._inputs = read_inputs(self, parameters, context)
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from .. import resolve
        from ..adapted import NO_MODEL, card_of
        from .mapping import Mapping, make_map
        from .running import check_model_folder, raise_error, reworded

        if self._inputs is None:
            raise_error(self._refused, feedback)
        folder = self.parameterAsString(parameters, SAVE_MODEL, context).strip()
        if folder:
            folder = self.parameterAsFileOutput(parameters, SAVE_MODEL, context).strip()
            folder = str(Path(folder).absolute())  # the worker has another working folder
        replaces = self.parameterAsBool(parameters, OVERWRITE, context)

        def complete(job: SegmentJob) -> SegmentJob:
            if job.model != NO_MODEL:
                store.find(job.model)  # one that is not there is told before the worker is started
            if folder:
                check_model_folder(Path(folder), SAVE_MODEL, replaces)
            strokes, field = self._strokes
            if resolve.is_temporary(strokes) and not resolve.is_temporary(job.outputs.classes):
                strokes = resolve.keep(strokes, Path(job.outputs.classes).with_suffix(".strokes.gpkg"))
            return replace(job, strokes=strokes, class_field=field, save_model=folder)

        mapping = Mapping(complete, card_of, reworded)
        found = make_map(self, parameters, context, feedback, self._inputs, mapping)
        return {**found, SAVE_MODEL: folder} if folder else found
