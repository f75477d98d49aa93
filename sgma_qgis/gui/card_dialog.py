"""The model card in a window of its own, so that it can stay open beside the map."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from ..cardpage import card_html
from ..i18n import tr
from ..model.contract.card import Card


class CardDialog(QDialog):
    """Shows a card: classes, sensors with units, resolution, accuracy by combination, licence, hash."""

    def __init__(self, card: Card, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Model card: {id}").format(id=card.id))
        page = QTextBrowser(self)
        page.setOpenLinks(False)  # a card comes from strangers
        page.setHtml(card_html(card))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(page)
        layout.addWidget(buttons)
        self.resize(640, 560)
