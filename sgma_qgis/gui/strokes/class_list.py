"""The classes that can be painted: names, colours, and how many pixels of each are labelled. Keys 1 to 9 choose."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Dict, List, Optional, Sequence

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPainter, QPixmap
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QColorDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...i18n import tr
from ..texts import grouped
from .stroke_class import StrokeClass, colored, free_color

SWATCH = 14
KEYS = 9
ROWS = 3  # in sight at least; more would push the last button out of a low window
_KEY, _NAME, _PIXELS = 0, 1, 2


class ClassList(QWidget):
    """Its value is a tuple of StrokeClass; names are unique. `changed` when it, or what is chosen, changes.

    `renamed(old, new)`, `removed(name)`; `from_model_wanted`, `from_layer_wanted`.
    """

    changed = pyqtSignal()
    renamed = pyqtSignal(str, str)
    removed = pyqtSignal(str)
    from_model_wanted = pyqtSignal()
    from_layer_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._classes: List[StrokeClass] = []
        self._pixels: Dict[str, int] = {}
        self._filling = False
        self._places: Dict[str, int] = {}  # rows of classes that were removed
        self.tree = self._empty_tree()
        self.name = QLineEdit(self)
        self.name.setObjectName("stroke_class_name")
        self.name.setPlaceholderText(tr("New class"))
        self.name.setAccessibleName(tr("Name of a new class"))
        self.add_button = QPushButton(tr("Add"), self)
        self.add_button.setToolTip(tr("Add a class of this name"))
        self.from_button = QToolButton(self)
        self.from_button.setText(tr("From…"))
        self.from_button.setToolTip(tr("Take the classes of the model, or of a layer of labels"))
        self.from_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.from_button)
        menu.addAction(tr("Classes of the model"), self.from_model_wanted)
        menu.addAction(tr("Classes of a layer…"), self.from_layer_wanted)
        self.from_button.setMenu(menu)
        self.remove_button = QToolButton(self)
        self.remove_button.setIcon(QgsApplication.getThemeIcon("/symbologyRemove.svg"))
        self.remove_button.setToolTip(tr("Remove the chosen class with its strokes; Undo brings the strokes back"))
        self.remove_button.setAccessibleName(tr("Remove class"))
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        for button in (self.add_button, self.from_button, self.remove_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tree)
        layout.addLayout(row)
        self.add_button.clicked.connect(self._add)
        self.name.returnPressed.connect(self._add)
        self.remove_button.clicked.connect(self._remove)
        self.tree.currentItemChanged.connect(self._chosen)
        self.tree.itemChanged.connect(self._edited)
        self.tree.itemDoubleClicked.connect(self._double_clicked)
        self._show(-1)

    def value(self) -> tuple:
        """Return the classes, in order."""
        return tuple(self._classes)

    def set_value(self, classes: Sequence[StrokeClass]) -> None:
        """Show these classes, in a free colour where theirs is none; what is chosen stays where it can, else it is the
        first."""
        chosen = self.current()
        self._classes = colored(classes)
        names = [known.name for known in self._classes]
        row = names.index(chosen.name) if chosen is not None and chosen.name in names else 0 if names else -1
        self._show(row)
        self.changed.emit()

    def place(self, name: str) -> int:
        """Return the row that a class had when it was removed, so that its key is as before; else one past any."""
        return self._places.get(name, sys.maxsize)

    def colors(self) -> Dict[str, str]:
        """Return colours by name."""
        return {known.name: known.color for known in self._classes}

    def current(self) -> Optional[StrokeClass]:
        """Return the class that is painted."""
        row = self.tree.indexOfTopLevelItem(self.tree.currentItem()) if self.tree.currentItem() else -1
        return self._classes[row] if 0 <= row < len(self._classes) else None

    def choose(self, row: int) -> None:
        """Paint this class from now on; a row that is not there is ignored."""
        if 0 <= row < len(self._classes):
            self.tree.setCurrentItem(self.tree.topLevelItem(row))

    def add(self, name: str) -> None:
        """Add a class and choose it; one that is there is only chosen."""
        name = name.strip()
        names = [known.name.casefold() for known in self._classes]
        if name and name.casefold() in names:
            self.choose(names.index(name.casefold()))
        elif name:
            self._classes.append(StrokeClass(name, free_color(self._classes, name)))
            self._show(len(self._classes) - 1)
            self.changed.emit()

    def set_pixels(self, pixels: Dict[str, int]) -> None:
        """Show how many pixels of each class are labelled."""
        self._pixels = dict(pixels)
        self._filling = True
        for row, known in enumerate(self._classes):
            self.tree.topLevelItem(row).setText(_PIXELS, self._count(known.name))
        self._filling = False

    def set_color(self, row: int, color: str) -> None:
        """Show a class in another colour."""
        self._classes[row] = replace(self._classes[row], color=color)
        self._show(row)
        self.changed.emit()

    def _empty_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setObjectName("stroke_classes")
        tree.setAccessibleName(tr("Classes to paint"))
        tree.setHeaderLabels([tr("Key"), tr("Class"), tr("Pixels")])
        tree.setRootIsDecorated(False)
        tree.setIconSize(QSize(SWATCH, SWATCH))
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.setToolTip(tr("What is chosen here is painted. Double click a name or a colour to change it."))
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_KEY, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_PIXELS, QHeaderView.ResizeMode.ResizeToContents)
        return tree

    def _count(self, name: str) -> str:
        return grouped(self._pixels[name]) if self._pixels.get(name) else "–"

    def _show(self, row: int) -> None:
        self._filling = True
        self.tree.clear()
        for i, known in enumerate(self._classes):
            item = QTreeWidgetItem(self.tree, [str(i + 1) if i < KEYS else "", known.name, self._count(known.name)])
            item.setIcon(_KEY, swatch(known.color))
            item.setTextAlignment(_PIXELS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        if row >= 0:
            self.tree.setCurrentItem(self.tree.topLevelItem(row))
        self._filling = False
        rows = min(max(len(self._classes), ROWS), KEYS)
        height = max(SWATCH, self.fontMetrics().height()) + 6
        self.tree.setFixedHeight(rows * height + self.tree.header().sizeHint().height() + 4)
        self.remove_button.setEnabled(bool(self._classes))

    def _add(self) -> None:
        self.add(self.name.text())
        self.name.clear()

    def _remove(self) -> None:
        known = self.current()
        if known is not None:
            row = self._classes.index(known)
            del self._classes[row]
            self._places[known.name] = row
            self._show(min(row, len(self._classes) - 1))
            self.removed.emit(known.name)
            self.changed.emit()

    def _chosen(self) -> None:
        if not self._filling:
            self.changed.emit()

    def _double_clicked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _NAME:
            self.tree.editItem(item, _NAME)
        elif column == _KEY:
            row = self.tree.indexOfTopLevelItem(item)
            color = QColorDialog.getColor(QColor(self._classes[row].color), self, tr("Colour of the class"))
            if color.isValid():
                self.set_color(row, color.name())

    def _edited(self, item: QTreeWidgetItem, column: int) -> None:
        row = self.tree.indexOfTopLevelItem(item)
        if self._filling or column != _NAME or not 0 <= row < len(self._classes):
            return
        old, new = self._classes[row].name, item.text(_NAME).strip()
        taken = [known.name.casefold() for i, known in enumerate(self._classes) if i != row]
        if new and new != old and new.casefold() not in taken:
            self._classes[row] = replace(self._classes[row], name=new)
            self.renamed.emit(old, new)
        self._show(row)
        self.changed.emit()


def swatch(color: str) -> QIcon:
    """Return a square of a colour with a rim."""
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(QColor(color))
    painter = QPainter(picture)
    painter.setPen(QColor(color).darker(150))
    painter.drawRect(0, 0, SWATCH - 1, SWATCH - 1)
    painter.end()
    found = QIcon(picture)
    found.addPixmap(picture, QIcon.Mode.Selected)  # else it is tinted in the row that is chosen
    return found
