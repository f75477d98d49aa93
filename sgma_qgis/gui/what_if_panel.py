"""What if one sensor were missing? The view is mapped again without it, and the difference shown."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..i18n import tr
from ..model.contract.modality import BY_KEY
from .texts import hectares

MOST_CHANGES = 3


class WhatIfPanel(QWidget):
    """Its value is the sensor to leave out. `wanted(key)`: the user asks for the comparison."""

    changed = pyqtSignal()
    wanted = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._keys: List[str] = []
        self.combo = QComboBox(self)
        self.combo.setObjectName("what_if_sensor")
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setToolTip(tr("The sensor to leave out"))
        self.label = QLabel(tr("What if without"), self)
        self.label.setBuddy(self.combo)
        self.button = QPushButton(tr("Comp&are view"), self)
        self.button.setObjectName("what_if")
        self.button.setToolTip(tr("Map what the map shows with and without this sensor, and show where they differ"))
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.hide()
        row = QHBoxLayout()
        row.addWidget(self.label)
        row.addWidget(self.combo, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.button)
        layout.addWidget(self.text)
        self.combo.currentIndexChanged.connect(lambda: self.changed.emit())
        self.button.clicked.connect(lambda: self.wanted.emit(self.value()))
        self.set_sensors(())

    def value(self) -> str:
        """Return the sensor to leave out, '' while there is no choice."""
        row = self.combo.currentIndex()
        return self._keys[row] if 0 <= row < len(self._keys) else ""

    def set_value(self, key: str) -> None:
        """Choose a sensor."""
        if key in self._keys:
            self.combo.setCurrentIndex(self._keys.index(key))

    def set_sensors(self, keys: Tuple[str, ...]) -> None:
        """Offer the sensors in use; with fewer than two nothing is left without one."""
        chosen = self.value()
        if list(keys) != self._keys:
            self._keys = list(keys)
            self.combo.clear()
            self.combo.addItems([BY_KEY[key].title for key in keys])
            self.set_value(chosen)
        enough = len(keys) >= 2
        self.combo.setEnabled(enough)
        self.button.setEnabled(enough)
        self.button.setToolTip(
            tr("Map what the map shows with and without this sensor, and show where they differ")
            if enough
            else tr("This needs two sensors or more.")
        )

    def set_text(self, text: str) -> None:
        """Show a sentence, '' for none."""
        self.text.setText(text)
        self.text.setVisible(bool(text))

    def set_difference(self, key: str, found: Dict[str, Any]) -> None:
        """Show what a difference job found."""
        lines = [
            tr("Without {sensor}, {percent:.1f} % of the view gets another class.").format(
                sensor=BY_KEY[key].title, percent=found["changed_percent"]
            )
        ]
        if len(found["changes"]) > MOST_CHANGES:
            lines.append(tr("The largest of the changes:"))
        for change in found["changes"][:MOST_CHANGES]:
            area = hectares(change["area_m2"]).replace(" ", "\u00a0")  # lines break before it
            first, second = change["from_name"], change["to_name"]
            lines.append(tr("{first} → {second}: {area}").format(first=first, second=second, area=area))
        if found["only_first_m2"]:
            lines.append(tr("No longer mapped: {area}").format(area=hectares(found["only_first_m2"])))
        self.set_text("\n".join(lines))
