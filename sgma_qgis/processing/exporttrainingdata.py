"""sgma:exporttrainingdata - layers and labels as georeferenced chips with a manifest, to train elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

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

from ..i18n import tr
from ..icons import icon
from ..model.contract.choices import CHIP
from ..model.contract.errors import BadInput, SgmaError
from .definitions import optional_number, with_help, with_picture
from .labels import add_areas, add_labels, training_targets
from .options import add_options
from .parameters import add_layers, add_model, check_inputs, model_name, runtime_state

if TYPE_CHECKING:
    from .reading import Scene

LABELS = "LABELS"
BASE_MODEL = "BASE_MODEL"
TILE_SIZE = "TILE_SIZE"
STRIDE = "STRIDE"
OUTPUT = "OUTPUT"
CHIPS = "CHIPS"
MANIFEST = "MANIFEST"


class ExportTrainingDataAlgorithm(QgsProcessingAlgorithm):
    """Runs an ExportJob; the engine writes the folder."""

    def __init__(self) -> None:
        super().__init__()
        self._scene: Optional[Scene] = None
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
        text = tr(
            "Cuts layers and labels into chips of one size: for each a GeoTIFF of every sensor that has data there and "
            "one of the labels, all on the same pixels. Chips without labels, and those that lie in areas of two "
            "roles, are left out.\n\n"
            "The folder has train, validation and test, as the areas say; manifest.json, which the command 'train' "
            "takes with --scenes, on a larger machine, say; and class_map.json, which tells what the numbers in the "
            "labels mean. Nothing is there until all is written."
        )
        return with_picture(text, "exporttrainingdata", tr("A chip: what a sensor sees, and its labels."))

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_layers(self)
        add_labels(self, LABELS, tr("Labels"), training_targets())
        add_areas(self, tr("With a text field 'role': train, validation, test. Empty: they are proposed."))
        add_model(self, optional=True, name=BASE_MODEL, text=tr("Model whose classes the labels name (id or path)"))
        whole = QgsProcessingParameterNumber.Type.Integer
        size = QgsProcessingParameterNumber(
            TILE_SIZE, tr("Side of a chip (pixels)"), whole, CHIP, False,
            minValue=32, maxValue=4096,
        )  # fmt: skip
        self.addParameter(
            with_help(
                size, tr("Of the map that a land cover run would make of the layers; a small scene needs smaller ones.")
            )
        )
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
        from .reading import read_scene  # here, as below: QGIS starts sooner without

        try:
            self._scene = read_scene(self, parameters, context, LABELS)
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from ..model.contract.learning import ExportJob
        from .running import in_parameters, raise_error, reworded, run

        if self._scene is None:
            raise_error(self._refused, feedback)
        scene = self._scene
        output = self.parameterAsFileOutput(parameters, OUTPUT, context).strip()
        try:
            if not output:
                raise BadInput("OUTPUT is empty.", "Name a new folder for the chips.")
            job = ExportJob(
                scene.sources,
                scene.labels.path,
                str(Path(output).absolute()),  # the worker has another working folder
                areas=scene.areas,
                base=model_name(self, parameters, context, BASE_MODEL),
                tile_size=self.parameterAsInt(parameters, TILE_SIZE, context),
                stride=None if parameters.get(STRIDE) is None else self.parameterAsInt(parameters, STRIDE, context),
                options=scene.options,
                **scene.labels.fields(),
            )
            result = run(job, feedback, scene.python, in_parameters)
        except SgmaError as error:
            raise_error(reworded(error), feedback)
        for role, count in result["chips"].items():
            feedback.pushInfo(tr("{role}: {count} chips").format(role=role, count=count))
        return {OUTPUT: result["output"], CHIPS: sum(result["chips"].values()), MANIFEST: result["manifest"]}
