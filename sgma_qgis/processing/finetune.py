"""sgma:finetune - a model learns the classes and the landscape of one's own labels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr
from ..icons import icon
from ..model.contract.choices import SAMPLERS, STRATEGIES
from ..model.contract.errors import BadInput, Cancelled, SgmaError
from ..model.contract.modality import titles
from .definitions import add_advanced, optional_number, with_help, with_picture
from .labels import add_areas, add_labels, training_targets
from .options import DEVICE, OVERWRITE, RESUME, THREADS, add_options, add_overwrite, add_run_options
from .parameters import add_layers, add_model, check_inputs, model_name, runtime_state

if TYPE_CHECKING:
    from ..model.contract.learning import TrainJob
    from .reading import Scene

LABELS = "LABELS"
BASE_MODEL = "BASE_MODEL"
STRATEGY = "STRATEGY"
SAMPLER = "SAMPLER"
SEED = "SEED"
OUTPUT = "OUTPUT"
VAL_MIOU = "VAL_MIOU"
SCORES = "SCORES"
#: Parameter of each number of the recipe that may be left to the engine.
RECIPE = {"epochs": "EPOCHS", "patience": "PATIENCE", "crop": "CROP"}
_STRATEGY = "adapters"


class FinetuneAlgorithm(QgsProcessingAlgorithm):
    """Reads parameters on the main thread, runs the training through the service."""

    def __init__(self) -> None:
        super().__init__()
        self._scene: Optional[Scene] = None
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> FinetuneAlgorithm:
        return FinetuneAlgorithm()

    def name(self) -> str:
        return "finetune"

    def displayName(self) -> str:
        return tr("Train a model further on your labels")

    def group(self) -> str:
        return tr("Training")

    def groupId(self) -> str:
        return "training"

    def icon(self) -> QIcon:
        return icon("finetune")

    def tags(self) -> List[str]:
        return tr("training,fine-tuning,transfer learning,labels,classes,deep learning,adapters").split(",")

    def shortHelpString(self) -> str:
        text = tr(
            "Goes on from a model with labels of your own, for classes or a landscape that it does not know, and "
            "writes a new model: a folder with its weights and its card. The model it starts from stays as it is.\n\n"
            "Labels are polygons, points or a raster. Those that bear the names of the model's classes mean these; "
            "otherwise each value is a new class, and the meaning of the labels says what else they are. Areas are "
            "polygons with a text field 'role': train, validation or test. Without them they are proposed, in blocks "
            "with room between, and kept beside the model. Accuracy is measured on the test areas, with every "
            "combination of the layers.\n\n"
            "A training that was cancelled or interrupted goes on after its last whole epoch when it is started again "
            "with the same parameters, unless its result is temporary. On a processor, the same seed and number of "
            "threads give the same weights. A model that is in the folder already is replaced only with OVERWRITE."
        )
        caption = tr("Labels of a part of the ground, and a map by the model that learned from such labels.")
        return with_picture(text, "finetune", caption)

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_layers(self)
        add_labels(self, LABELS, tr("Labels"), training_targets())
        add_areas(self, tr("With a text field 'role': train, validation, test. Empty: they are proposed."))
        add_model(self, name=BASE_MODEL, text=tr("Model to start from (id or path)"))
        strategy = QgsProcessingParameterEnum(
            STRATEGY, tr("What may change"), list(STRATEGIES), defaultValue=_STRATEGY, usesStaticStrings=True
        )
        words = tr(
            "head: the last step alone, how the model turns what it sees into classes; for few labels. adapters: small "
            "changes all through the model; right most of the time. all: everything; for many labels, or quite another "
            "landscape."
        )
        self.addParameter(with_help(strategy, words))
        whole = QgsProcessingParameterNumber.Type.Integer
        epochs = optional_number(RECIPE["epochs"], tr("Epochs"), whole, 1)
        self.addParameter(with_help(epochs, tr("Rounds through the labels, at most. Empty: the usual number.")))
        add_options(self, run=False)
        self._add_recipe()
        add_run_options(self, (DEVICE, THREADS, RESUME))
        add_overwrite(self)
        self.addParameter(QgsProcessingParameterFolderDestination(OUTPUT, tr("Model folder")))
        self.addOutput(QgsProcessingOutputNumber(VAL_MIOU, tr("mIoU on the validation areas")))
        self.addOutput(QgsProcessingOutputString(SCORES, tr("Scores on the test areas (JSON)")))

    def _add_recipe(self) -> None:
        whole = QgsProcessingParameterNumber.Type.Integer
        rows = (
            (
                QgsProcessingParameterEnum(
                    SAMPLER,
                    tr("Practice for missing sensors"),
                    list(SAMPLERS),
                    defaultValue=SAMPLERS[0],
                    usesStaticStrings=True,
                ),
                tr(
                    "Training leaves sensors out, so that the model can map where one is missing. modality_aware: weak "
                    "sensors are practised more often; for most data. latent_scenario: combinations that the model "
                    "finds hard, more often; for three sensors or more. uniform: all alike."
                ),
            ),
            (
                optional_number(RECIPE["patience"], tr("Patience (epochs)"), whole, 0),
                tr("Ends after so many epochs without a better validation; 0: never. Empty: the usual number."),
            ),
            (
                QgsProcessingParameterNumber(SEED, tr("Seed"), whole, 0, False, minValue=0),
                tr("The same number gives the same model again."),
            ),
            (
                optional_number(RECIPE["crop"], tr("Training crops (pixels)"), whole, 32, 1024),
                tr("Their side, and the room left between areas; a small scene needs smaller ones. Empty: 128."),
            ),
        )
        for parameter, text in rows:
            add_advanced(self, parameter, text)

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
        from .. import resolve
        from .running import check_model_folder, in_parameters, raise_error, reworded, run

        if self._scene is None:
            raise_error(self._refused, feedback)
        output = self.parameterAsFileOutput(parameters, OUTPUT, context).strip()
        temporary = True
        try:
            if not output:
                raise BadInput("OUTPUT is empty.", "Name the folder of the new model.")
            output = str(Path(output).absolute())  # the worker has another working folder
            temporary = resolve.is_temporary(output)
            check_model_folder(Path(output), OUTPUT, self.parameterAsBool(parameters, OVERWRITE, context))
            scene = self._scene
            if not temporary:
                areas = resolve.kept(scene.areas, output, "areas")
                scene = replace(scene, labels=scene.labels.kept(output), areas=areas)
            job = self._job(scene, output, parameters, context)
            continues = scene.options.resume and not temporary
            result = run(job, feedback, scene.python, in_parameters, continues)
        except Cancelled:
            raise_error(Cancelled("Cancelled.", _how_to_continue(output, temporary)), feedback)
        except SgmaError as error:
            raise_error(reworded(error), feedback)
        for sensors, row in result["accuracy"].items():
            feedback.pushInfo(f"{titles(sensors.split('+'))}: mIoU {row['miou']:.3f}")
        feedback.pushInfo(tr("Model: {folder}").format(folder=output))
        found: Dict[str, Any] = {OUTPUT: output, SCORES: json.dumps(result["accuracy"])}
        if result["validation_miou"] is not None:
            found[VAL_MIOU] = result["validation_miou"]
        return found

    def _job(self, scene: Scene, output: str, parameters: Dict[str, Any], context: QgsProcessingContext) -> TrainJob:
        from ..model.contract.learning import TrainJob

        recipe = {
            field: self.parameterAsInt(parameters, name, context)
            for field, name in RECIPE.items()
            if parameters.get(name) is not None
        }
        recipe["seed"] = self.parameterAsInt(parameters, SEED, context)
        recipe["sampler"] = self.parameterAsEnumString(parameters, SAMPLER, context)
        return TrainJob(
            model_name(self, parameters, context, BASE_MODEL),
            output,
            scene.sources,
            scene.labels.path,
            areas=scene.areas,
            strategy=self.parameterAsEnumString(parameters, STRATEGY, context),
            recipe=recipe,
            options=scene.options,
            **scene.labels.fields(),
        )


def _how_to_continue(output: str, temporary: bool) -> str:
    if temporary:
        return "What was learned is lost, as the result was temporary: name a folder to be able to continue."
    if Path(output + ".part").exists():
        return "Run it again with the same parameters, RESUME on, to go on after the last whole epoch."
    return "No epoch was finished: run it again to start afresh."
