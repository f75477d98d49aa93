"""Hears when a layer that a page looks at is edited, and tells it once for many edits."""

from __future__ import annotations

from contextlib import suppress
from typing import Optional

from qgis.core import QgsMapLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

DELAY_MS = 500


class Watcher(QObject):
    """`changed` some time after the layer's features, fields, CRS or style changed."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._layer: Optional[QgsMapLayer] = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.changed)

    def watch(self, layer: Optional[QgsMapLayer]) -> None:
        """Look at this layer from now on, and no more at the one before."""
        if layer is self._layer:
            return
        for signal in self._signals():
            with suppress(RuntimeError, TypeError):  # the layer is gone
                signal.disconnect(self._soon)
        self._layer = layer
        for signal in self._signals():
            signal.connect(self._soon)

    def _signals(self) -> list:
        layer = self._layer
        if layer is None:
            return []
        try:
            found = [layer.crsChanged, layer.rendererChanged]
            if isinstance(layer, QgsVectorLayer):
                found += [layer.layerModified, layer.editingStopped, layer.updatedFields, layer.subsetStringChanged]
        except RuntimeError:  # the layer is gone
            return []
        return found

    def _soon(self, *ignored: object) -> None:
        self._timer.start()
