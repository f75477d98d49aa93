"""sgma:environment - is the engine installed, does it work, install it: the same as the page in QGIS's options."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputBoolean,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
)
from qgis.PyQt.QtGui import QIcon

from .. import settings
from ..i18n import tr
from ..icons import icon
from ..model.contract.errors import RuntimeUnavailable, SgmaError

ACTION = "ACTION"
BUILD = "BUILD"
PYTHON = "PYTHON"
WHEELS = "WHEELS"
READY = "READY"
STATE = "STATE"
ACTIONS = ("status", "verify", "install")
BUILDS = ("auto", "cpu", "cuda", "mps")


class EnvironmentAlgorithm(QgsProcessingAlgorithm):
    """Status looks for the libraries, verify starts a worker, install makes the runtime in the data folder."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = settings.Settings()
        self._network: Any = None

    def createInstance(self) -> EnvironmentAlgorithm:
        return EnvironmentAlgorithm()

    def name(self) -> str:
        return "environment"

    def displayName(self) -> str:
        return tr("Engine: state and installation")

    def group(self) -> str:
        return tr("Utilities")

    def groupId(self) -> str:
        return "utilities"

    def icon(self) -> QIcon:
        return icon("environment")

    def tags(self) -> List[str]:
        return tr("engine,runtime,install,torch,environment,python").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "The engine that computes, a Python with torch and other libraries, is not part of QGIS.\n\n"
            "status tells whether it is there and complete. verify starts it, and tells versions and devices; it fails "
            "when the engine does not work. install makes it in the data folder from the Python given or found (3.11 "
            "to 3.14): libraries are downloaded in locked versions, each checked by its checksum, or taken from a "
            "folder of wheels. An engine that is there stays until the new one has answered."
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        for name, text, values, words in (
            (ACTION, tr("Action"), ACTIONS, tr("status and verify change nothing; install downloads some 100 MB.")),
            (
                BUILD,
                tr("Computes on"),
                BUILDS,
                tr("For install. auto: the processor, with the GPU where it needs no more."),
            ),
        ):
            parameter = QgsProcessingParameterEnum(
                name, text, list(values), defaultValue=values[0], usesStaticStrings=True
            )
            parameter.setHelp(words)
            self.addParameter(parameter)
        python = QgsProcessingParameterFile(PYTHON, tr("Python to start from"), optional=True)
        python.setHelp(tr("For install: a program python, 3.11 to 3.14. Empty: the best one found."))
        self.addParameter(python)
        folder = QgsProcessingParameterFile.Behavior.Folder
        wheels = QgsProcessingParameterFile(WHEELS, tr("Folder of wheels"), folder, optional=True)
        wheels.setHelp(tr("For install without a network: every wheel that the lock names. Empty: from the index."))
        self.addParameter(wheels)
        self.addOutput(QgsProcessingOutputBoolean(READY, tr("Whether the engine is there and complete")))
        self.addOutput(QgsProcessingOutputString(STATE, tr("State (JSON)")))

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self._settings = settings.load()
        if self.parameterAsEnumString(parameters, ACTION, context) == "install":
            from ..network import network  # here, as below: QGIS starts sooner without

            self._network = network()  # main thread
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from .. import installation
        from ..feedback import ProcessingFeedback
        from .running import raise_error

        action = self.parameterAsEnumString(parameters, ACTION, context)
        try:
            if action == "install":
                engine = self._install(parameters, context, feedback)
            else:
                engine = installation.engine(self._settings.runtime_python)
            feedback.pushInfo(engine.text)
            if engine.hint:
                feedback.pushWarning(engine.hint)
            told: Dict[str, Any] = {"python": engine.python, "build": engine.build, "outdated": engine.outdated}
            told["versions"] = engine.versions
            if action == "verify":
                if not engine.ready:
                    raise RuntimeUnavailable(engine.text, engine.hint)
                told.update(installation.greet(engine.python, ProcessingFeedback(feedback)))
                feedback.pushInfo(tr("It answers. Devices: {devices}").format(devices=", ".join(told["devices"])))
        except SgmaError as error:
            raise_error(error, feedback)
        return {READY: engine.ready, STATE: json.dumps({"ready": engine.ready, "text": engine.text, **told})}

    def _install(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Any:
        from .. import installation
        from ..data_folder import size_text
        from ..feedback import ProcessingFeedback

        python = self.parameterAsString(parameters, PYTHON, context).strip()
        wheels = self.parameterAsString(parameters, WHEELS, context).strip()
        build = self.parameterAsEnumString(parameters, BUILD, context)
        build = "" if build == BUILDS[0] else build
        offer = next((o for o in installation.offers(python) if build in ("", o.build)), None)
        if offer is not None:
            text = tr("Python {version} ({path}), build {build}: downloads about {download}, takes {disk} on disk.")
            feedback.pushInfo(
                text.format(
                    version=offer.version,
                    path=offer.python,
                    build=offer.build,
                    download=size_text(0 if wheels else 1e6 * offer.download_mb),
                    disk=size_text(1e6 * offer.disk_mb),
                )
            )
        return installation.install_runtime(
            ProcessingFeedback(feedback),
            python=offer.python if offer is not None else python,
            build=build,
            wheels=wheels,
            torch_index=self._settings.torch_index,
            network=self._network,
        )
