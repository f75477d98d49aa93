"""sgma:exporttrainingdata - layers and labels as georeferenced chips with a manifest, to train elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
)
from qgis.PyQt.QtGui import QIcon

from .. import service, settings
from ..feedback import ProcessingFeedback
from ..i18n import tr
from ..icons import icon
from ..model.contract.errors import BadInput, SgmaError
from ..model.contract.job import Options, Source
from ..model.contract.learning import ExportJob
from .definitions import optional_number, with_help
from .labels import Labels, add_areas, add_labels, in_parameters, read_areas, read_labels, reworded
from .options import add_options, read_options
from .parameters import add_layers, add_model, check_inputs, model_name, raise_error, read_sources, runtime_state

LABELS = "LABELS"
BASE_MODEL = "BASE_MODEL"
TILE_SIZE = "TILE_SIZE"
STRIDE = "STRIDE"
OUTPUT = "OUTPUT"
CHIPS = "CHIPS"
MANIFEST = "MANIFEST"


@dataclass(frozen=True)
class _Inputs:
    """What prepareAlgorithm read on the main thread; holds no QGIS object."""

    sources: Tuple[Source, ...]
    labels: Labels
    areas: str
    options: Options
    python: str


class ExportTrainingDataAlgorithm(QgsProcessingAlgorithm):
    """Runs an ExportJob; the engine writes the folder."""

    def __init__(self) -> None:
        super().__init__()
        self._inputs: Optional[_Inputs] = None
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> ExportTrainingDataAlgorithm:
        return ExportTrainingDataAlgorithm()

    def name(self) -> str:
        return "exporttrainingdata"

    def displayName(self) -> str:
        return tr("Export training data")

    def group(self) -> str:
        return tr("Training")

    def groupId(self) -> str:
        return "training"

    def icon(self) -> QIcon:
        return icon("exporttrainingdata")

    def tags(self) -> List[str]:
        return tr("training,chips,tiles,patches,labels,export,data set,manifest").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Cuts layers and labels into chips of one size: for each a GeoTIFF of every sensor that has data there and "
            "one of the labels, all on the same pixels. Chips without labels, and those that lie in areas of two "
            "roles, are left out.\n\n"
            "The folder has train, validation and test, as the areas say; manifest.json, which the command 'train' "
            "takes with --scenes, on a larger machine, say; and class_map.json, which tells what the numbers in the "
            "labels mean. Nothing is there until all is written."
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_layers(self)
        targets = tr('each means "new:NAME", "ignore", or a class of the model, by id or name. Empty: by name.')
        add_labels(self, LABELS, tr("Labels"), targets)
        add_areas(self, tr("With a text field 'role': train, validation, test. Empty: they are proposed."))
        add_model(self, optional=True, name=BASE_MODEL, text=tr("Model whose classes the labels name (id or path)"))
        whole = QgsProcessingParameterNumber.Type.Integer
        size = QgsProcessingParameterNumber(
            TILE_SIZE, tr("Side of a chip (pixels)"), whole, ExportJob.tile_size, False,
            minValue=32, maxValue=4096,
        )  # fmt: skip
        self.addParameter(with_help(size, tr("Of the map that a land cover run would make of the layers.")))
        stride = optional_number(STRIDE, tr("From chip to chip (pixels)"), whole, 1)
        self.addParameter(with_help(stride, tr("Smaller than the side: chips overlap. Empty: the side.")))
        add_options(self, run=False)
        self.addParameter(QgsProcessingParameterFolderDestination(OUTPUT, tr("Folder of chips")))
        self.addOutput(QgsProcessingOutputNumber(CHIPS, tr("Chips")))
        self.addOutput(QgsProcessingOutputString(MANIFEST, tr("Manifest")))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        try:
            self._inputs = _Inputs(
                read_sources(self, parameters, context),
                read_labels(self, parameters, context, LABELS),
                read_areas(self, parameters, context),
                read_options(self, parameters, context),
                settings.load().runtime_python,
            )
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        if self._inputs is None:
            raise_error(self._refused, feedback)
        inputs = self._inputs
        output = self.parameterAsFileOutput(parameters, OUTPUT, context).strip()
        try:
            if not output:
                raise BadInput("OUTPUT is empty.", "Name a new folder for the chips.")
            job = ExportJob(
                inputs.sources,
                inputs.labels.path,
                str(Path(output).absolute()),  # the worker has another working folder
                areas=inputs.areas,
                base=model_name(self, parameters, context, BASE_MODEL),
                tile_size=self.parameterAsInt(parameters, TILE_SIZE, context),
                stride=None if parameters.get(STRIDE) is None else self.parameterAsInt(parameters, STRIDE, context),
                options=inputs.options,
                **inputs.labels.fields(),
            )
            result = service.run(job, ProcessingFeedback(feedback, in_parameters), python_setting=inputs.python)
        except SgmaError as error:
            raise_error(reworded(error), feedback)
        for role, count in result["chips"].items():
            feedback.pushInfo(tr("{role}: {count} chips").format(role=role, count=count))
        return {OUTPUT: result["output"], CHIPS: sum(result["chips"].values()), MANIFEST: result["manifest"]}
