"""How fine the map is: the finest layer's resolution within what the model knows, or a number of the user's."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLabel, QSizePolicy, QWidget

from ..i18n import tr
from ..model.contract.card import Card
from .badge import DOUBT, Badge, BadgeLabel

AUTOMATIC = "automatic"
MODEL = "model"
CUSTOM = "custom"


class ResolutionPanel(QWidget):
    """Its value is ground metres, or None for automatic."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._typical: Optional[float] = None
        self._range: Optional[Tuple[float, float]] = None
        self.kind = QComboBox(self)
        self.kind.setObjectName("resolution")
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(10)
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.kind.addItem(tr("Finest layer's"), AUTOMATIC)
        self.kind.addItem(tr("Model's"), MODEL)
        self.kind.addItem(tr("Other…"), CUSTOM)
        self.kind.setToolTip(tr("Finest layer's: within the range that the model was made for"))
        self.label = QLabel(tr("Resolutio&n"), self)
        self.label.setBuddy(self.kind)
        self.metres = QDoubleSpinBox(self)
        self.metres.setRange(0.001, 10_000.0)
        self.metres.setDecimals(3)
        self.metres.setValue(0.5)
        self.metres.setSuffix(tr(" m"))
        self.metres.setToolTip(tr("Ground metres a pixel"))
        self.metres.setAccessibleName(tr("Resolution in metres"))
        self.grid_text = QLabel(self)
        self.grid_text.setWordWrap(True)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.label, 0, 0)
        layout.addWidget(self.kind, 0, 1)
        layout.addWidget(self.metres, 1, 1)
        self.warning = BadgeLabel(self)
        layout.addWidget(self.warning, 2, 0, 1, 2)
        layout.addWidget(self.grid_text, 3, 0, 1, 2)
        layout.setColumnStretch(1, 1)
        self.kind.currentIndexChanged.connect(self._changed)
        self.metres.valueChanged.connect(self._emit)
        self.metres.setKeyboardTracking(False)
        self.metres.hide()
        self._show_warning()

    def value(self) -> Optional[float]:
        """Return metres, or None = the finest layer's, within what the model knows."""
        kind = self.kind.currentData()
        if kind == CUSTOM:
            return self.metres.value()
        return self._typical if kind == MODEL else None

    def set_value(self, metres: Optional[float]) -> None:
        """Choose a resolution."""
        if metres is None:
            self.kind.setCurrentIndex(self.kind.findData(AUTOMATIC))
        elif metres == self._typical:
            self.kind.setCurrentIndex(self.kind.findData(MODEL))
        else:
            self.metres.setValue(metres)
            self.kind.setCurrentIndex(self.kind.findData(CUSTOM))

    def set_card(self, card: Optional[Card]) -> None:
        """Name the resolution that this model was made for."""
        self._typical = card.gsd[1] if card is not None else None
        row = self.kind.findData(MODEL)
        text = tr("Model's: {metres:g} m").format(metres=self._typical) if self._typical else tr("Model's")
        self.kind.setItemText(row, text)
        self._range = (card.gsd[0], card.gsd[2]) if card is not None else None
        self._show_warning()
        if card is not None:
            least, _, most = card.gsd
            self.kind.setToolTip(
                tr("Finest layer's: within the {least:g} to {most:g} m that the model was made for").format(
                    least=least, most=most
                )
            )

    def set_grid(self, text: str) -> None:
        """Show the grid that comes of it, '' for none."""
        self.grid_text.setText(text)
        self.grid_text.setVisible(bool(text))

    def _changed(self) -> None:
        self.metres.setVisible(self.kind.currentData() == CUSTOM)
        self._show_warning()
        self.changed.emit()

    def _emit(self, metres: float) -> None:
        if self.kind.currentData() == CUSTOM:
            self._show_warning()
            self.changed.emit()

    def _show_warning(self) -> None:
        """Say when the number chosen lies outside what the model was made for."""
        chosen = self.value()
        if chosen is None or self._range is None or self._range[0] <= chosen <= self._range[1]:
            self.warning.set_value(None)
            return
        least, most = self._range
        text = tr("The model was made for {least:g} to {most:g} m: results may be poor.")
        self.warning.set_value(Badge(DOUBT, text.format(least=least, most=most)))
