"""Layers by modality: one row a sensor that the model knows."""

from __future__ import annotations

from typing import Dict, Optional, Tuple

from qgis.core import QgsProject
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from ..guess import is_result
from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.modality import MODALITIES
from .badge import Badge
from .slot_row import Slot, SlotRow


class LayersPanel(QWidget):
    """Its value is {sensor: Slot} of the rows that have a layer, in registry order. wide: there is room to the side.

    `changed` when a choice changes; `picked(sensor)` when the user took another layer; `guess_wanted` when the rows are
    to be filled again.
    """

    changed = pyqtSignal()
    picked = pyqtSignal(str)
    guess_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None, wide: bool = False) -> None:
        super().__init__(parent)
        self.rows: Dict[str, SlotRow] = {}
        self._lost: Dict[str, str] = {}  # by sensor: that its layer was removed
        self._warning = ""
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 2 if wide else 0)
        grid.setVerticalSpacing(3)
        for i, modality in enumerate(MODALITIES):
            row = SlotRow(modality, self)
            detail = QHBoxLayout()
            detail.addWidget(row.unit, 1)
            detail.addWidget(row.bands_button)
            grid.addWidget(row.label, 4 * i, 0)
            grid.addWidget(row.layers, 4 * i, 1)
            grid.addLayout(detail, 4 * i if wide else 4 * i + 1, 2 if wide else 1)
            grid.addWidget(row.bands, 4 * i + 2, 1)
            grid.addWidget(row.badge, 4 * i + 3, 1, 1, 2 if wide else 1)
            row.changed.connect(self._row_changed)
            row.lost.connect(self._layer_lost)
            row.picked.connect(self.picked)
            self.rows[modality.key] = row
        QgsProject.instance().layersAdded.connect(self._leave_out_results)
        self._leave_out_results()
        self.message = QLabel(self)
        self.message.setWordWrap(True)
        self.message.hide()
        grid.addWidget(self.message, 4 * len(MODALITIES), 0, 1, 2)
        self.guess_button = QPushButton(tr("&Guess again"), self)
        self.guess_button.setToolTip(tr("Fill the rows again from band count, names, data type and values"))
        self.guess_button.clicked.connect(self.guess_wanted)
        grid.addWidget(self.guess_button, 4 * len(MODALITIES) + 1, 1)

    def value(self) -> Dict[str, Slot]:
        """Return the sensors that have a layer."""
        found = {key: row.value() for key, row in self.rows.items() if not row.label.isHidden()}
        return {key: slot for key, slot in found.items() if slot is not None}

    def set_value(self, slots: Dict[str, Slot]) -> None:
        """Choose layers; sensors that are not named become absent."""
        before = self.value()
        self.blockSignals(True)
        for key, row in self.rows.items():
            row.set_value(slots.get(key))
        self.blockSignals(False)
        self._lost = {}
        self._show_message()
        if self.value() != before:
            self.changed.emit()

    def sensors(self) -> Tuple[str, ...]:
        """Return the sensors that have a layer, in registry order."""
        return tuple(self.value())

    def set_card(self, card: Optional[Card], every: bool = False) -> None:
        """Show the rows of the sensors that this model knows, with the bands it wants; every: of all sensors."""
        for key, row in self.rows.items():
            known = card is not None and key in card.keys
            row.set_visible(known or every)
            row.bands.set_names(card.stats(key).bands if known else row.modality.bands if every else ())

    def set_badges(self, badges: Dict[str, Badge]) -> None:
        """Show a badge in each row named; the others lose theirs."""
        for key, row in self.rows.items():
            row.set_badge(badges.get(key) if row.value() is not None else None)

    def set_message(self, text: str) -> None:
        """Show a sentence about all layers together, '' for none."""
        self._warning = text
        self._show_message()

    def _leave_out_results(self, *ignored: object) -> None:
        """Maps of ours are no sensors: the lists would be full of them after a few runs."""
        results = [layer for layer in QgsProject.instance().mapLayers().values() if is_result(layer)]
        for row in self.rows.values():
            row.leave_out(results)

    def _layer_lost(self, key: str, name: str) -> None:
        self._lost[key] = tr("The layer {name} was removed; {sensor} is no longer used.").format(
            name=name, sensor=self.rows[key].modality.title
        )

    def _row_changed(self) -> None:
        self._lost = {key: text for key, text in self._lost.items() if self.rows[key].value() is None}
        self._show_message()
        self.changed.emit()

    def _show_message(self) -> None:
        text = "\n".join(filter(None, (*self._lost.values(), self._warning)))
        self.message.setText(text)
        self.message.setVisible(bool(text))
