"""sgma:modelinfo - what a model knows, needs and has been measured to do; without a model, what is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr
from ..icons import icon
from ..model.contract import store
from ..model.contract.errors import SgmaError
from ..model.contract.modality import titles
from .parameters import add_model, model_name

OUTPUT = "OUTPUT"
CARD = "CARD"


class ModelInfoAlgorithm(QgsProcessingAlgorithm):
    """Reads the card alone: needs no runtime."""

    def createInstance(self) -> ModelInfoAlgorithm:
        return ModelInfoAlgorithm()

    def name(self) -> str:
        return "modelinfo"

    def displayName(self) -> str:
        return tr("Model information")

    def group(self) -> str:
        return tr("Utilities")

    def groupId(self) -> str:
        return "utilities"

    def icon(self) -> QIcon:
        return icon("modelinfo")

    def tags(self) -> List[str]:
        return tr("model,card,classes,accuracy,sensors,installed").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Shows the card of a model: its classes, the sensors it takes, the resolutions it was made for, and its "
            "measured accuracy for each combination of sensors. Without a model it lists those that are installed.\n\n"
            "The card is also returned as JSON text in the output CARD."
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_model(self, optional=True)
        self.addParameter(
            QgsProcessingParameterFileDestination(OUTPUT, tr("Page"), tr("HTML files (*.html)"), None, True, True)
        )
        self.addOutput(QgsProcessingOutputString(CARD, tr("Card (JSON)")))

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from ..cardpage import card_html, describe, list_html  # here: QGIS starts sooner without
        from ..htmlpage import page
        from ..model.contract.card import to_json
        from .running import raise_error

        model = model_name(self, parameters, context)
        path = self.parameterAsFileOutput(parameters, OUTPUT, context)
        try:
            if model:
                card = store.find(model).card
                text, body = to_json(card), card_html(card)
                feedback.pushInfo(f"{card.id}: {card.title}\n{describe(card)}")
                if card.caution:
                    feedback.pushWarning(card.caution)
            else:
                cards = [package.card for package in store.installed()]
                text, body = json.dumps([json.loads(to_json(card)) for card in cards]), list_html(cards)
                for card in cards:
                    feedback.pushInfo(f"{card.id}: {card.title} ({titles(card.keys)})")
                if not cards:
                    feedback.pushWarning(tr("No model is installed."))
        except SgmaError as error:
            raise_error(error, feedback)
        results = {CARD: text}
        if path:
            Path(path).write_text(page(model or tr("Installed models"), body), encoding="utf-8")
            results[OUTPUT] = path
        return results
