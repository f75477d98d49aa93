"""The values of labels, one a row: how much there is of each, what it means to the model, in which colour."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence

from qgis.gui import QgsColorButton
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ...i18n import tr
from ...model.contract.card import ClassInfo
from ..texts import grouped
from . import meanings
from .label_values import NULL, Value
from .state import IGNORE, NEW
from .swatch import swatch

MOST_ROWS = 200
_VALUE, _COUNT, _AREA, _MEANING, _COLOR, _NAME = range(6)
_MEANING_WIDTH, _COLOR_WIDTH = 150, 60  # pixels


class MeaningTable(QTableWidget):
    """Its value is {value's key: target}, as `state.WizardState.classes`. `changed` when the user changes it.

    `colored(key, color)`: the user has chosen "#rrggbb" for the class that a value means.
    """

    changed = pyqtSignal()
    colored = pyqtSignal(str, str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(0, 6, parent)
        self._keys: List[str] = []
        self._meanings: List[QComboBox] = []
        self._colors: List[QgsColorButton] = []
        self._names: List[QLineEdit] = []
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(tr("Values of the labels and what they mean"))
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (_VALUE, _NAME):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        for column, width in ((_MEANING, _MEANING_WIDTH), (_COLOR, _COLOR_WIDTH)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        self.set_rows([], {}, ())

    def value(self) -> Dict[str, str]:
        """Return what each value means."""
        return {key: self._target(row) for row, key in enumerate(self._keys)}

    def set_rows(
        self, values: Sequence[Value], targets: Dict[str, str], classes: Sequence[ClassInfo], pixels: bool = False
    ) -> None:
        """Show these values with what they mean. pixels: they are counted in pixels, not in objects."""
        self.setRowCount(0)
        counted = tr("Pixels") if pixels else tr("Objects")
        heads = [tr("Value"), counted, tr("Area"), tr("Meaning"), tr("Colour"), tr("Name of the new class")]
        self.setHorizontalHeaderLabels(heads)
        shown = list(values)[:MOST_ROWS]
        self._keys = [value.key for value in shown]
        self._meanings, self._colors, self._names = [], [], []
        self.setRowCount(len(shown))
        for row, value in enumerate(shown):
            self._fill(row, value, targets.get(value.key, IGNORE), classes)

    def set_colors(self, colors: Dict[str, str]) -> None:
        """Show the colours of new classes, by name; a class of the model has its own, beside its name."""
        for row, button in enumerate(self._colors):
            target = self._target(row)
            color = colors.get(target[len(NEW) :]) if target.startswith(NEW) else None
            button.blockSignals(True)
            button.setColor(QColor(color) if color else QColor())
            button.blockSignals(False)
            button.setEnabled(color is not None)

    def _fill(self, row: int, value: Value, target: str, classes: Sequence[ClassInfo]) -> None:
        words = tr("no class (empty)") if value.key == NULL else " · ".join(filter(None, (value.text, value.name)))
        item = QTableWidgetItem(words)
        item.setToolTip(words)
        if value.color:
            item.setIcon(swatch(value.color))
        self.setItem(row, _VALUE, item)
        for column, text in ((_COUNT, grouped(value.count)), (_AREA, square_metres(value.area))):
            item = QTableWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, column, item)
        meaning, name = QComboBox(self), QLineEdit(self)
        button = QgsColorButton(self, tr("Colour of the class"))
        for info in classes:
            meaning.addItem(swatch(info.color), info.name, str(info.id))
        meaning.addItem(tr("new class"), NEW)
        meaning.addItem(tr("ignore"), IGNORE)
        meaning.setToolTip(tr("A class of the model, a new one, or nothing: such places are left out"))
        meaning.setAccessibleName(tr("Meaning of {value}").format(value=words))
        button.setAccessibleName(tr("Colour of the class of {value}").format(value=words))
        name.setToolTip(tr("Values of the same name are one class"))
        name.setAccessibleName(tr("Name of the new class of {value}").format(value=words))
        new = target.startswith(NEW)
        meaning.setCurrentIndex(meaning.findData(NEW if new else target))
        name.setText(target[len(NEW) :] if new else meanings.new_name(value))
        name.setEnabled(new)
        for column, widgets, widget in (
            (_MEANING, self._meanings, meaning), (_COLOR, self._colors, button), (_NAME, self._names, name)
        ):  # fmt: skip
            widgets.append(widget)
            self.setCellWidget(row, column, widget)
        button.colorChanged.connect(lambda color: self.colored.emit(value.key, color.name()))
        meaning.currentIndexChanged.connect(lambda *_: self._chosen(row))
        name.textEdited.connect(self._named)

    def _target(self, row: int) -> str:
        target = str(self._meanings[row].currentData())
        return NEW + self._names[row].text().strip() if target == NEW else target

    def _chosen(self, row: int) -> None:
        self._names[row].setEnabled(self._meanings[row].currentData() == NEW)
        self.changed.emit()

    def _named(self, *_: str) -> None:
        self.changed.emit()


def square_metres(area: float) -> str:
    """Return '1 234 m²' or, for large areas, '12.3 ha'."""
    if area >= 100_000:
        return tr("{value} ha").format(value=grouped(area / 10_000, 1))
    return tr("{value} m²").format(value=grouped(area))
