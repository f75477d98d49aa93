"""Where to label next: the places of a `suggest` job in a list, and as a layer of the project."""

from __future__ import annotations

import re
from typing import Optional, Sequence

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ... import resolve, styling
from ...i18n import tr

RANK, REASON = "rank", "reason"  # fields of the layer
_PROPERTY = "sgma/suggestions"  # of the layer: its file
_UNSURE = "unsure between "
_DISAGREE = re.compile("(?:(.*); )?([A-Z]+) and ([A-Z]+) disagree", re.DOTALL)


class NextPlaces(QWidget):
    """A list of places, the most useful first. `picked(bounds, crs)`: show this one on the map."""

    picked = pyqtSignal(object, str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._path = self._missing = ""
        self._crs = ""
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.tree = QTreeWidget(self)
        self.tree.setRootIsDecorated(False)
        self.tree.setHeaderLabels([tr("No."), tr("Why there")])
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setWordWrap(True)
        self.tree.setAccessibleName(tr("Places to label next"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.hint)
        layout.addWidget(self.tree, 1)
        self.tree.itemClicked.connect(self._picked)
        self.tree.itemActivated.connect(self._picked)
        self._say()

    def value(self) -> str:
        """Return the file of the places shown, '' = none."""
        return self._path

    def set_value(self, path: str, classes: Sequence[str] = ()) -> None:
        """Show the places in a file, and put them on the map; '' = none, and the layer goes. classes: names."""
        self.tree.clear()
        self._path = ""
        layer = self._layer(path)
        if layer is not None:
            self._path, self._crs = path, resolve.crs_text(layer.crs())
            for feature in sorted(layer.getFeatures(), key=lambda feature: feature[RANK]):
                why = _told(str(feature[REASON]), classes)
                item = QTreeWidgetItem([str(feature[RANK]), why])
                item.setToolTip(1, why)
                box = feature.geometry().boundingBox()
                bounds = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
                item.setData(0, Qt.ItemDataRole.UserRole, bounds)
                self.tree.addTopLevelItem(item)
        self._say()

    def set_missing(self, why: str) -> None:
        """Say why there are no places; '' = they may come."""
        self._missing = why
        self._say()

    @staticmethod
    def _layer(path: str) -> Optional[QgsVectorLayer]:
        """Return the project's layer of a file, added if it is missing; those of other files go."""
        project = QgsProject.instance()
        known = {key: layer.customProperty(_PROPERTY) for key, layer in project.mapLayers().items()}
        project.removeMapLayers([key for key, file in known.items() if file and file != path])
        for key, file in known.items():
            if file and file == path:
                return project.mapLayer(key)
        layer = QgsVectorLayer(path, tr("Where to label next"), "ogr") if path else None
        if layer is None or not layer.isValid():
            return None
        layer.setCustomProperty(_PROPERTY, path)
        styling.style_suggestions(layer)
        project.addMapLayer(layer)
        return layer

    def _say(self) -> None:
        count = self.tree.topLevelItemCount()
        found = tr("{count} places whose labels would help the model most. Click one to see it on the map.")
        self.hint.setText(found.format(count=count) if count else self._missing or tr("No places are known yet."))

    def _picked(self, item: QTreeWidgetItem, column: int = 0) -> None:
        self.picked.emit(item.data(0, Qt.ItemDataRole.UserRole), self._crs)


def _told(reason: str, classes: Sequence[str]) -> str:
    """Return a reason of the engine, which speaks English, in QGIS's language; what is not known as it is."""
    unsure, found = _unsure(reason, classes), _DISAGREE.fullmatch(reason)
    if unsure or not found:
        return unsure or reason
    differ = tr("{one} and {other} disagree").format(one=found[2], other=found[3])
    return f"{_unsure(found[1], classes) or found[1]}; {differ}" if found[1] else differ


def _unsure(reason: str, classes: Sequence[str]) -> str:
    """Return what names two of the classes, in QGIS's language; '' where it does not."""
    pair = reason[len(_UNSURE) :] if reason.startswith(_UNSURE) else ""
    for one in classes:  # their names may hold an "and" or a ";", too
        head = f"{one} and "
        if pair.startswith(head) and pair[len(head) :] in classes:
            return tr("unsure between {one} and {other}").format(one=one, other=pair[len(head) :])
    return ""
