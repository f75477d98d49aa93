"""The last result at a glance: hectares per class, its report and command, and a slider against the picture."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import QgsLayerTreeLayer, QgsMapLayer, QgsProject
from qgis.gui import QgsOpacityWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.job import SegmentJob
from ..outputs import hectares
from ..resolve import is_temporary
from ..sight import covering
from ..wording import in_dock
from .bars import Bar, Bars
from .texts import areas, gaps, percent, temporary, tiles


@dataclass(frozen=True)
class Result:
    """A finished run. result: its JSON data. layer_ids: {role: id of the layer in the project}. command: repeats it."""

    name: str
    job: SegmentJob
    result: Dict[str, Any]
    card: Card
    layer_ids: Dict[str, str]
    command: str


def warnings(result: Result) -> List[str]:
    """Return what the run warned of, in words of QGIS and with files by their names."""
    names = {source.path: Path(source.path).name for source in result.job.sources}
    return [in_dock(text, names) for text in result.result["warnings"]]


def without_data(result: Dict[str, Any]) -> int:
    """Return how many tiles of a run had nothing to compute."""
    return result["tiles_total"] - result["tiles_run"] - result["tiles_resumed"] - result["tiles_failed"]


def _facts(result: Result) -> str:
    """Return how it was computed, how long it lasts and what it warned of."""
    data = result.result
    parts = []
    if data["tiles_run"]:
        parts.append(tr("{tiles} computed on {device}.").format(tiles=tiles(data["tiles_run"]), device=data["device"]))
    if data["tiles_resumed"]:
        parts.append(tr("{tiles} taken from an earlier run.").format(tiles=tiles(data["tiles_resumed"])))
    empty = without_data(data)
    if empty:
        parts.append(tr("{tiles} without data or outside the area.").format(tiles=tiles(empty)))
    if data["tiles_failed"]:
        parts.append(gaps(data["tiles_failed"]))
    lines = [" ".join(parts)]
    if is_temporary(data["outputs"]["classes"]):
        keep = tr("To keep a layer, use Export > Save As… in its menu.")
        lines.append(f"⚠ {temporary()} {keep}")
    return "\n".join([*lines, *(f"⚠ {warning}" for warning in warnings(result))])


class ResultPanel(QWidget):
    """Its value is a Result, or None before the first. Its slider is for the preview while one lies over the map.

    `show_wanted`: the result's layers are not in the project, and shall be.
    """

    changed = pyqtSignal()
    report_wanted = pyqtSignal()
    copy_wanted = pyqtSignal()
    folder_wanted = pyqtSignal()
    show_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._result: Optional[Result] = None
        self._watched: Optional[QgsMapLayer] = None
        self._preview_id = ""
        self._peeked: List[QgsLayerTreeLayer] = []
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        self.facts = QLabel(self)
        self.facts.setWordWrap(True)
        self.bars = Bars(self)
        self.bars.setObjectName("hectares")
        self.opacity = QgsOpacityWidget(self)
        self.opacity.setObjectName("opacity")
        self.opacity.setToolTip(tr("How strongly the map covers the picture"))
        self.opacity_label = QLabel(self)
        self.opacity_label.setBuddy(self.opacity)
        self.peek = QPushButton(tr("Pee&k below"), self)
        self.peek.setToolTip(tr("Maps and previews are hidden while this button is held down"))
        self.show_button = QPushButton(tr("Show on the map"), self)
        self.show_button.setToolTip(tr("Add the layers of this result to the project"))
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
        layout.addWidget(self.show_button)
        layout.addWidget(self.opacity_label)  # not beside it: the slider needs the width
        layout.addWidget(self.opacity)
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
        self.show_button.clicked.connect(self.show_wanted)
        self.peek.pressed.connect(self._hide)
        self.peek.released.connect(self._unhide)
        QgsProject.instance().layersRemoved.connect(self._show_cover)
        self.set_value(None)

    def value(self) -> Optional[Result]:
        """Return the result shown."""
        return self._result

    def set_value(self, result: Optional[Result]) -> None:
        """Show a result."""
        self._result = result
        for widget in (self.bars, self.facts, self.report_button, self.copy_button, self.folder_button):
            widget.setVisible(result is not None)
        if result is None:
            self.title.setText(tr("No result in this project yet; the history keeps earlier runs."))
        else:
            self.title.setText(f"<b>{result.name}</b>")
            self._show_areas(result)
        self._show_cover()
        self.changed.emit()

    def set_preview(self, layer: Optional[QgsMapLayer]) -> None:
        """Have the slider work on this preview until its layer is removed."""
        self._preview_id = layer.id() if layer is not None else ""
        self._show_cover()

    def classes_layer(self) -> Optional[QgsMapLayer]:
        """Return the map's layer while it is in the project."""
        if self._result is None:
            return None
        return QgsProject.instance().mapLayer(self._result.layer_ids.get("classes", ""))

    def _covering_layer(self) -> Optional[QgsMapLayer]:
        """Return what lies over the picture: a preview, else the result."""
        return QgsProject.instance().mapLayer(self._preview_id) or self.classes_layer()

    def _show_cover(self, *ignored: object) -> None:
        layer = self._covering_layer()
        for widget in (self.opacity, self.opacity_label, self.peek):
            widget.setVisible(layer is not None)
        previews = layer is not None and layer.id() == self._preview_id
        self.opacity_label.setText(tr("Opacity of the preview") if previews else tr("Opacity of the map"))
        self.show_button.setVisible(self._result is not None and self.classes_layer() is None)
        self._watch(layer)

    def _show_areas(self, result: Result) -> None:
        rows = hectares(result.result, result.card)
        most = max((share for _, _, _, share in rows), default=0.0) or 1.0
        texts = areas([area * 10_000 for _, _, area, _ in rows])
        self.bars.set_value(
            [
                Bar(name, share / most, tr("{area}, {percent} %").format(area=text, percent=percent(share)), color)
                for (name, color, _, share), text in zip(rows, texts)
            ]
        )
        self.facts.setText(_facts(result))

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
        layer = self._covering_layer()
        if layer is not None:
            layer.setOpacity(opacity)
            layer.triggerRepaint()

    def _hide(self) -> None:
        """Hide all maps of ours, not this one alone: others may lie below it."""
        nodes = covering(QgsProject.instance())
        self._peeked = [node for node in nodes if node.itemVisibilityChecked()]
        for node in self._peeked:
            node.setItemVisibilityChecked(False)

    def _unhide(self) -> None:
        for node in self._peeked:
            with suppress(RuntimeError):  # removed meanwhile
                node.setItemVisibilityChecked(True)
        self._peeked = []
