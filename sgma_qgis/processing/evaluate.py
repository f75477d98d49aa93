"""sgma:evaluate - how good a model is on layers with a reference, for every combination of their sensors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterDestination,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr
from ..icons import icon
from ..model.contract.choices import COMBINATIONS
from ..model.contract.errors import BadInput, SgmaError
from ..model.contract.modality import titles
from .definitions import with_help, with_picture
from .labels import add_areas, add_labels
from .options import DEVICE, THREADS, add_options, add_run_options
from .parameters import add_inputs, check_inputs, runtime_state
from .results import check_file

if TYPE_CHECKING:
    from .reading import Inputs, Labels

REFERENCE = "REFERENCE"
WHICH = "COMBINATIONS"
ROLE = "ROLE"
OUTPUT = "OUTPUT_REPORT"
ERRORS = "OUTPUT_ERRORS"
ROLES = ("test", "validation", "train")


class EvaluateAlgorithm(QgsProcessingAlgorithm):
    """Runs an EvaluateJob; the engine writes the report."""

    def __init__(self) -> None:
        super().__init__()
        self._read: Optional[Tuple[Inputs, Labels, str]] = None
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> EvaluateAlgorithm:
        return EvaluateAlgorithm()

    def name(self) -> str:
        return "evaluate"

    def displayName(self) -> str:
        return tr("Accuracy of a model")

    def group(self) -> str:
        return tr("Assessment")

    def groupId(self) -> str:
        return "assessment"

    def icon(self) -> QIcon:
        return icon("evaluate")

    def tags(self) -> List[str]:
        return tr("accuracy,assessment,validation,IoU,confusion matrix,reference,calibration").split(",")

    def shortHelpString(self) -> str:
        text = tr(
            "Maps the layers with a model and compares the result with a reference, once for every combination of the "
            "layers: what the map is worth when one of them is missing.\n\n"
            "The report, a page or JSON, has mIoU with its confidence interval, IoU and F1 of each class, the "
            "confusion matrix, and whether the confidences can be believed. Measure where the model was not trained: "
            "the test areas of a training (OUTPUT.areas.gpkg beside the model, where they were proposed), the extent "
            "or the area say where. A reference that holds no class name or id of the model needs a meaning.\n\n"
            "The raster of errors shows where the map by all layers differs from the reference; the report in JSON "
            "lists the largest places of every mistake."
        )
        return with_picture(text, "evaluate", tr("What the reference says, by row, and what it was mapped as."))

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_inputs(self)
        targets = tr(
            'each means a class of the model, by id or name, or "ignore". Empty: they are ids or names. Names fit any '
            "model that calls its classes so, whatever their ids."
        )
        add_labels(self, REFERENCE, tr("Reference"), targets)
        which = QgsProcessingParameterEnum(
            WHICH, tr("Combinations of sensors"), list(COMBINATIONS), defaultValue=COMBINATIONS[0],
            usesStaticStrings=True,
        )  # fmt: skip
        self.addParameter(with_help(which, tr("all: every one of the layers given. current: these together, alone.")))
        add_areas(self, tr("With a text field 'role', as of a training: the reference counts in those of one role."))
        role = QgsProcessingParameterEnum(ROLE, tr("Role"), list(ROLES), defaultValue="test", usesStaticStrings=True)
        self.addParameter(with_help(role, tr("Of the areas that count; without areas it has no say.")))
        add_options(self, run=False)
        add_run_options(self, (DEVICE, THREADS))
        files = tr("HTML files (*.html)") + ";;" + tr("JSON files (*.json)")
        self.addParameter(QgsProcessingParameterFileDestination(OUTPUT, tr("Report"), files))
        errors = QgsProcessingParameterRasterDestination(ERRORS, tr("Errors"), None, True, False)
        self.addParameter(with_help(errors, tr("Class ids: band 1 of the reference, band 2 of the map.")))
        self.addOutput(QgsProcessingOutputNumber("MIOU", tr("mIoU with all the layers")))
        self.addOutput(QgsProcessingOutputNumber("MIOU_AVERAGE", tr("mIoU, average of the combinations")))
        self.addOutput(QgsProcessingOutputNumber("MIOU_WORST", tr("mIoU of the worst combination")))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_file(self, parameters, context, ERRORS, raster=True) or check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from .reading import read_areas, read_inputs, read_labels  # here, as below: QGIS starts sooner without

        try:
            self._read = (
                read_inputs(self, parameters, context),
                read_labels(self, parameters, context, REFERENCE),
                read_areas(self, parameters, context),
            )
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from ..model.contract.learning import EvaluateJob
        from ..outputs import StyleOnLoad
        from ..styling import style_errors
        from .running import in_parameters, output_file, raise_error, reworded, run

        if self._read is None:
            raise_error(self._refused, feedback)
        inputs, labels, areas = self._read
        errors = output_file(self, parameters, context, ERRORS)
        output = self.parameterAsFileOutput(parameters, OUTPUT, context).strip()
        try:
            if not output:
                raise BadInput("OUTPUT_REPORT is empty.", "Name an .html or .json file for the report.")
            job = EvaluateJob(
                inputs.model,
                str(Path(output).absolute()),  # the worker has another working folder
                inputs.sources,
                labels.path,
                areas=areas,
                role=self.parameterAsEnumString(parameters, ROLE, context) if areas else EvaluateJob.role,
                combinations=self.parameterAsEnumString(parameters, WHICH, context),
                errors=errors,
                area=inputs.area,
                options=inputs.options,
                **labels.fields(),
            )
            report = run(job, feedback, inputs.python, in_parameters)
        except SgmaError as error:
            raise_error(reworded(error), feedback)
        rows = report["combinations"]
        for row in rows:
            feedback.pushInfo(f"{titles(row['sensors'])}: mIoU {row['miou']:.3f}, ECE {row['ece']:.3f}")
        found: Dict[str, Any] = {OUTPUT: job.output}
        if errors:
            found[ERRORS] = errors
            StyleOnLoad.attach(context, errors, "errors", style_errors)
        return {
            **found,
            "MIOU": max(rows, key=lambda row: len(row["sensors"]))["miou"],
            "MIOU_AVERAGE": report["average"],
            "MIOU_WORST": report["last1"],
        }
