"""A list of the project's layers that keeps to its choice: QGIS's own goes on to the next layer when one is removed."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis.core import QgsMapLayer, QgsProject
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget


class LayerCombo(QgsMapLayerComboBox):
    """`chosen(layer)`, None = none, when another layer is taken; `lost` when the one taken was removed."""

    chosen = pyqtSignal(object)
    lost = pyqtSignal()

    def __init__(self, kinds: Any, empty: str, parent: Optional[QWidget] = None) -> None:
        """kinds: of layers that are offered. empty: how 'none' is called."""
        super().__init__(parent)
        self._id = ""
        self.setFilters(kinds)
        self.setAllowEmptyLayer(True, empty)
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCurrentIndex(0)
        self.activated.connect(self._activated)
        QgsProject.instance().layersRemoved.connect(self._removed)

    def value(self) -> Optional[QgsMapLayer]:
        """Return the layer taken, while it is in the project."""
        return QgsProject.instance().mapLayer(self._id) if self._id else None

    def set_value(self, layer: Optional[QgsMapLayer]) -> None:
        """Take a layer, or none, and tell nobody."""
        self._id = layer.id() if layer is not None else ""
        self._select()

    def setLayer(self, layer: Optional[QgsMapLayer]) -> None:
        """Take a layer as a person does."""
        before = self._id
        self.set_value(layer)
        if self._id != before:
            self.chosen.emit(self.value())

    def _activated(self, *ignored: object) -> None:
        self.setLayer(self.currentLayer())

    def _removed(self, ids: List[str]) -> None:
        gone = self._id in ids
        if gone:
            self._id = ""
        self._select()
        if gone:
            self.lost.emit()

    def _select(self) -> None:
        layer = self.value()
        if layer is None:
            self.setCurrentIndex(0)  # the empty entry; QGIS's setLayer would leave nothing chosen, not even that
        else:
            super().setLayer(layer)
