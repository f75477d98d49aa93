"""sgma:segment - a land cover map from whatever sensor layers exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext, QgsProcessingFeedback
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr
from ..icons import icon
from ..model.contract import store
from ..model.contract.errors import SgmaError
from .definitions import with_picture
from .options import add_options
from .parameters import add_inputs, check_inputs, runtime_state
from .results import add_results, check_results

if TYPE_CHECKING:
    from ..model.contract.card import Card
    from ..model.contract.job import SegmentJob
    from .reading import Inputs


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
        text = tr(
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
        return with_picture(text, "segment", tr("A map in work: finished parts appear over the orthophoto."))

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_inputs(self)
        add_options(self, run=True)
        add_results(self)

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_results(self, parameters, context) or check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from .reading import read_inputs  # here, as below: QGIS starts sooner without

        try:
            self._inputs = read_inputs(self, parameters, context)
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from .mapping import Mapping, make_map
        from .running import raise_error

        if self._inputs is None:
            raise_error(self._refused, feedback)
        return make_map(self, parameters, context, feedback, self._inputs, Mapping(_known, _card))


def _known(job: SegmentJob) -> SegmentJob:
    """Return the job; a model that is not there is told before the worker is started."""
    _card(job)
    return job


def _card(job: SegmentJob) -> Card:
    return store.find(job.model).card
