"""The last result at a glance: hectares per class, its report and command, and a slider against the picture."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Dict, Optional

from qgis.core import QgsMapLayer, QgsProject
from qgis.gui import QgsOpacityWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.job import SegmentJob
from ..outputs import hectares
from ..resolve import is_temporary
from .bars import Bar, Bars
from .texts import gaps, temporary, tiles


@dataclass(frozen=True)
class Result:
    """A finished run. result: its JSON data. layer_ids: {role: id of the layer in the project}. command: repeats it."""

    name: str
    job: SegmentJob
    result: Dict[str, Any]
    card: Card
    layer_ids: Dict[str, str]
    command: str


class ResultPanel(QWidget):
    """Its value is a Result, or None before the first."""

    changed = pyqtSignal()
    report_wanted = pyqtSignal()
    copy_wanted = pyqtSignal()
    folder_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._result: Optional[Result] = None
        self._watched: Optional[QgsMapLayer] = None
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        self.facts = QLabel(self)
        self.facts.setWordWrap(True)
        self.bars = Bars(self)
        self.bars.setObjectName("hectares")
        self.opacity = QgsOpacityWidget(self)
        self.opacity.setObjectName("opacity")
        self.opacity.setToolTip(tr("How strongly the map covers the picture"))
        self.opacity_label = QLabel(tr("Opacity of the map"), self)
        self.opacity_label.setBuddy(self.opacity)
        self.peek = QPushButton(tr("Pee&k below"), self)
        self.peek.setToolTip(tr("The map is hidden while this button is held down"))
        self.report_button = QPushButton(tr("Ope&n report"), self)
        self.report_button.setToolTip(tr("Areas, warnings, inputs and settings of the run"))
        self.copy_button = QPushButton(tr("Copy as command"), self)
        self.copy_button.setToolTip(tr("Copy the qgis_process command that repeats the run"))
        self.folder_button = QPushButton(tr("Open folder"), self)
        self.folder_button.setToolTip(tr("Show the files"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.title, self.bars, self.facts):
            layout.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.opacity_label)
        row.addWidget(self.opacity, 1)
        layout.addLayout(row)
        buttons = QGridLayout()
        buttons.addWidget(self.report_button, 0, 0)
        buttons.addWidget(self.folder_button, 0, 1)
        buttons.addWidget(self.copy_button, 1, 0)
        buttons.addWidget(self.peek, 1, 1)
        layout.addLayout(buttons)
        self.report_button.clicked.connect(self.report_wanted)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.folder_button.clicked.connect(self.folder_wanted)
        self.opacity.opacityChanged.connect(self._set_opacity)
        self.peek.pressed.connect(lambda: self._set_visible(False))
        self.peek.released.connect(lambda: self._set_visible(True))
        self.set_value(None)

    def value(self) -> Optional[Result]:
        """Return the result shown."""
        return self._result

    def set_value(self, result: Optional[Result]) -> None:
        """Show a result."""
        self._result = result
        for widget in (
            self.bars, self.facts, self.opacity, self.opacity_label, self.peek,
            self.report_button, self.copy_button, self.folder_button,
        ):  # fmt: skip
            widget.setVisible(result is not None)
        if result is None:
            self.title.setText(tr("No run has finished yet. Its areas appear here."))
        else:
            self.title.setText(f"<b>{result.name}</b>")
            self._show_areas(result)
        self._watch(self.classes_layer())
        self.changed.emit()

    def classes_layer(self) -> Optional[QgsMapLayer]:
        """Return the map's layer while it is in the project."""
        if self._result is None:
            return None
        return QgsProject.instance().mapLayer(self._result.layer_ids.get("classes", ""))

    def _show_areas(self, result: Result) -> None:
        rows = hectares(result.result, result.card)
        most = max((percent for _, _, _, percent in rows), default=0.0) or 1.0
        self.bars.set_value(
            [
                Bar(
                    name,
                    percent / most,
                    tr("{area:,.2f} ha, {percent:.1f} %").format(area=area, percent=percent),
                    color,
                )
                for name, color, area, percent in rows
            ]
        )
        data = result.result
        text = tr("{tiles} computed, {resumed} taken from an earlier run; {device}.").format(
            tiles=tiles(data["tiles_run"]), resumed=data["tiles_resumed"], device=data["device"]
        )
        if data["tiles_failed"]:
            text += " " + gaps(data["tiles_failed"])
        if is_temporary(data["outputs"]["classes"]):
            text += "\n" + temporary()
        if data["warnings"]:
            text += "\n" + "\n".join(f"⚠ {warning}" for warning in data["warnings"])
        self.facts.setText(text)

    def _watch(self, layer: Optional[QgsMapLayer]) -> None:
        """Show this layer's opacity, also when it is changed elsewhere."""
        if self._watched is not None:
            with suppress(RuntimeError, TypeError):  # the layer is gone
                self._watched.opacityChanged.disconnect(self._show_opacity)
        self._watched = layer
        if layer is not None:
            layer.opacityChanged.connect(self._show_opacity)
        self._show_opacity(layer.opacity() if layer is not None else 1.0)

    def _show_opacity(self, opacity: float) -> None:
        self.opacity.blockSignals(True)
        self.opacity.setOpacity(opacity)
        self.opacity.blockSignals(False)

    def _set_opacity(self, opacity: float) -> None:
        layer = self.classes_layer()
        if layer is not None:
            layer.setOpacity(opacity)
            layer.triggerRepaint()

    def _set_visible(self, visible: bool) -> None:
        """Hide or show the result's group, as far as the user has not removed it."""
        layer = self.classes_layer()
        if layer is None:
            return
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None:
            group = node.parent()
            (group if group.parent() is not None else node).setItemVisibilityChecked(visible)
