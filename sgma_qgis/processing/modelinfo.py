"""sgma:modelinfo - what a model knows, needs and has been measured to do; without a model, what is installed."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtGui import QIcon

from ..icons import icon
from ..model.contract import store
from ..model.contract.card import Card, to_json
from ..model.contract.errors import SgmaError
from ..model.contract.modality import BY_KEY, UNITS, titles
from .htmlpage import page, table
from .parameters import add_model, model_name, raise_error, tr

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
        model = model_name(self, parameters, context)
        path = self.parameterAsFileOutput(parameters, OUTPUT, context)
        try:
            if model:
                card = store.find(model).card
                text, body = to_json(card), card_html(card)
                feedback.pushInfo(f"{card.id}: {card.title}\n{describe(card)}")
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


def describe(card: Card) -> str:
    """Return the card in a few lines of text."""
    least, typical, most = card.gsd
    return "\n".join(
        (
            tr("Classes:") + " " + ", ".join(f"{c.id} {c.name}" for c in card.classes),
            tr("Sensors:") + " " + "; ".join(f"{BY_KEY[m.key].title} ({', '.join(m.bands)})" for m in card.modalities),
            tr("Resolution:") + f" {typical:g} m ({least:g} - {most:g} m)",
        )
    )


def card_html(card: Card) -> str:
    """Return the card as the body of a page. Every text in it is a stranger's: all are escaped."""
    least, typical, most = card.gsd
    parts = [f"<h1>{escape(card.title)}</h1>", f"<p>{escape(card.description)}</p>" if card.description else ""]
    facts = [
        (tr("Id"), card.id),
        (tr("Resolution"), f"{typical:g} m ({least:g} - {most:g} m)"),
        (tr("Network"), f"{card.network.backbone}, {card.network.fusion}"),
        (tr("Licence"), card.licence),
        (tr("Attribution"), card.attribution),
    ]
    parts.append(table((), [fact for fact in facts if fact[1]]))
    parts.append(f"<h2>{tr('Classes')}</h2>")
    rows = "".join(
        f'<tr><td>{c.id}</td><td style="background-color:{c.color}">&nbsp;&nbsp;</td><td>{escape(c.name)}</td></tr>'
        for c in card.classes
    )
    parts.append(f"<table>{rows}</table>")
    parts.append(f"<h2>{tr('Sensors')}</h2>")
    parts.append(
        table(
            (tr("Sensor"), tr("Bands"), tr("Unit")),
            [(BY_KEY[m.key].title, ", ".join(m.bands), UNITS[m.unit].title) for m in card.modalities],
        )
    )
    if card.accuracy:
        parts.append(f"<h2>{tr('Measured accuracy')}</h2>")
        parts.append(
            table(
                (tr("Sensors"), tr("Data"), tr("Split"), "mIoU"),
                [(titles(row.sensors), row.data, row.split, f"{row.miou:.3f}") for row in card.accuracy],
            )
        )
    return "\n".join(part for part in parts if part)


def list_html(cards: Iterable[Card]) -> str:
    """Return the installed models as the body of a page."""
    rows = [(card.id, card.title, titles(card.keys), f"{card.gsd[1]:g} m") for card in cards]
    heading = f"<h1>{tr('Installed models')}</h1>"
    return heading + (table((tr("Id"), tr("Title"), tr("Sensors"), tr("Resolution")), rows) if rows else tr("None."))
