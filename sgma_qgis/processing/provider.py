"""The Processing provider: an explicit list of algorithms."""

from __future__ import annotations

from typing import List

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..icons import icon
from .checkinputs import CheckInputsAlgorithm
from .environment import EnvironmentAlgorithm
from .evaluate import EvaluateAlgorithm
from .exporttrainingdata import ExportTrainingDataAlgorithm
from .finetune import FinetuneAlgorithm
from .modelinfo import ModelInfoAlgorithm
from .segment import SegmentAlgorithm
from .segmentfromstrokes import SegmentFromStrokesAlgorithm
from .suggestlabels import SuggestLabelsAlgorithm
from .vectorize import VectorizeAlgorithm

ALGORITHMS = (
    SegmentAlgorithm,
    SegmentFromStrokesAlgorithm,
    CheckInputsAlgorithm,
    FinetuneAlgorithm,
    EvaluateAlgorithm,
    SuggestLabelsAlgorithm,
    ExportTrainingDataAlgorithm,
    VectorizeAlgorithm,
    ModelInfoAlgorithm,
    EnvironmentAlgorithm,
)


class SgmaProvider(QgsProcessingProvider):
    """Provider `sgma`."""

    def id(self) -> str:
        return "sgma"

    def name(self) -> str:
        return "SGMA"

    def longName(self) -> str:
        return "SGMA: land cover from any sensors"

    def icon(self) -> QIcon:
        return icon("sgma")

    def loadAlgorithms(self) -> None:
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def supportedOutputRasterLayerExtensions(self) -> List[str]:
        return ["tif"]

    def supportedOutputVectorLayerExtensions(self) -> List[str]:
        return ["gpkg"]

    def supportsNonFileBasedOutput(self) -> bool:
        return False
