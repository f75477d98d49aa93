"""What the model was measured to reach with the sensors chosen: from its card, never invented."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QWidget

from ..cardpage import about_miou
from ..i18n import tr
from ..model.contract.card import Accuracy, Card
from ..model.contract.modality import in_order, titles

ROUNDING = 1.001  #: pixels of degrees or feet are not round numbers of metres
FEW = 2  #: classes: of so few, each one's score is shown beside the mean


class AccuracyStrip(QLabel):
    """The score, what it was measured on, and whether it holds for layers of this resolution.

    Its value is the card's row for exactly these sensors, or None.
    """

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("expected_accuracy")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)  # what it was measured on is a stranger's text
        self.setWhatsThis(
            about_miou() + "\n" + tr("It was measured with just this combination of sensors. Your area may differ.")
        )
        self._row: Optional[Accuracy] = None

    def value(self) -> Optional[Accuracy]:
        """Return the row shown; None = not measured."""
        return self._row

    def set_value(self, card: Optional[Card], sensors: Tuple[str, ...], gsd: Optional[float] = None) -> None:
        """Show what the card says of these sensors. gsd: metres a pixel that the model would see, where known."""
        known = () if card is None else tuple(key for key in in_order(sensors) if key in card.keys)
        self._row = card.expected(known) if card is not None and known else None
        lines = [self._sentence(card, known)]
        known_gsd = self._row is not None and gsd is not None
        if known_gsd and not card.gsd[0] / ROUNDING <= gsd <= card.gsd[2] * ROUNDING:
            lines.append(_beyond(card, gsd))
        self.setText("\n".join(lines))
        self.setToolTip(self._detail() if self._row else self.whatsThis())
        self.changed.emit()

    def _sentence(self, card: Optional[Card], sensors: Tuple[str, ...]) -> str:
        if card is None:
            return ""
        if not sensors:
            return tr("Expected accuracy: pick a layer.")
        if self._row is None:
            text = tr("Expected accuracy with {sensors}: not measured.").format(sensors=titles(sensors))
        elif card.caution:  # which says why it is not to be expected elsewhere
            text = tr("Accuracy with {sensors}: {scores}, measured on {data}.")
        else:
            text = tr("Expected accuracy with {sensors}: {scores}, as measured on {data}.")
        if self._row is not None:
            text = text.format(sensors=titles(sensors), data=self._row.data, scores=_scores(self._row))
        every = card.expected(card.keys)
        if every is not None and sensors != card.keys:
            text += " " + tr("With all {count} sensors: mIoU {miou:.2f}.").format(count=len(card.keys), miou=every.miou)
        return text

    def _detail(self) -> str:
        row = self._row
        lines = [tr("Measured on: {data} ({split})").format(data=row.data, split=row.split)]
        lines += [f"{name}: IoU {value:.2f}" for name, value in row.iou.items()]
        return "\n".join((*lines, self.whatsThis()))


def _scores(row: Accuracy) -> str:
    """Return 'mIoU 0.74 (Not tree 0.97, Tree 0.50)', or the mean alone where the classes are many."""
    text = f"mIoU {row.miou:.2f}"
    if 0 < len(row.iou) <= FEW:
        text += " (" + ", ".join(f"{name} {value:.2f}" for name, value in row.iou.items()) + ")"
    return text


def _beyond(card: Card, gsd: float) -> str:
    least, _, most = card.gsd
    return "⚠ " + tr(
        "This does not hold here: your pixels are {gsd:g} m, the model was made for {least:g} to {most:g} m."
    ).format(gsd=round(gsd, 3), least=least, most=most)
