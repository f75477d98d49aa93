"""What is taken for what: a table of reference against map, whose cells can be clicked."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QEvent, QModelIndex, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPainter
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...i18n import tr
from ...model.contract.modality import titles
from ..texts import grouped
from . import ink
from .swatch import swatch

Matrix = Tuple[Tuple[int, ...], ...]
_WIDEST = 16  # letters of a column
_WRAPPED = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
_STRONGEST = 0.75  # share of the colour in a cell of 100 %


class _Framed(QStyledItemDelegate):
    """Draws a selected cell with a frame: a fill would hide what its colour says."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        chosen = QStyleOptionViewItem(option)
        selected = bool(chosen.state & QStyle.StateFlag.State_Selected)
        chosen.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, chosen, index)
        if selected:
            painter.save()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(ink.pen(ink.on(index.data(Qt.ItemDataRole.BackgroundRole).color()), 2.0))
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))
            painter.restore()


class ConfusionView(QWidget):
    """Its value is the matrix: pixels, rows = reference, columns = map.

    `cell_clicked(reference, mapped)`: numbers of the classes.
    """

    cell_clicked = pyqtSignal(int, int)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._names: Tuple[str, ...] = ()
        self._colors: Tuple[str, ...] = ()
        self._matrix: Matrix = ()
        self._seen: Tuple[int, ...] = ()  # numbers of the classes that occur
        self.title = QLabel(self)
        self.title.setWordWrap(True)
        hint = tr(
            "Rows: what it is. Columns: what it was mapped as. Click a cell: the map goes there and frames the place."
        )
        self.hint = QLabel(hint, self)
        self.hint.setWordWrap(True)
        self.percent = QCheckBox(tr("&Percent of the row"), self)
        self.percent.setChecked(True)
        self.table = QTableWidget(self)
        self.table.setItemDelegate(_Framed(self.table))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.setHighlightSections(False)  # bold names need more lines than there is room for
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setMaximumSectionSize(_WIDEST * self.fontMetrics().averageCharWidth())
        self.table.horizontalHeader().setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 8)
        self.table.setAccessibleName(tr("Confusion matrix"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.title)
        layout.addWidget(self.hint)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.percent)
        self.percent.toggled.connect(self._fill)
        self.table.cellClicked.connect(self._clicked)
        self.table.activated.connect(lambda index: self._clicked(index.row(), index.column()))

    def value(self) -> Matrix:
        """Return the matrix shown."""
        return self._matrix

    def set_value(
        self,
        matrix: Sequence[Sequence[int]],
        names: Sequence[str] = (),
        colors: Sequence[str] = (),
        sensors: Sequence[str] = (),
    ) -> None:
        """Show a matrix; classes that occur in neither reference nor map are left out. sensors: it was mapped with."""
        self.title.setText(tr("The new model with {sensors}:").format(sensors=titles(sensors)) if sensors else "")
        self.title.setVisible(bool(sensors))
        self._matrix = tuple(tuple(int(count) for count in row) for row in matrix)
        self._names, self._colors = tuple(names), tuple(colors)
        count = range(len(self._matrix))
        self._seen = tuple(k for k in count if any(self._matrix[k]) or any(row[k] for row in self._matrix))
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self._matrix:
            self._fill()

    def _clicked(self, row: int, column: int) -> None:
        self.cell_clicked.emit(self._seen[row], self._seen[column])

    def _fill(self, *_: object) -> None:
        seen = self._seen
        self.table.clear()
        self.table.setRowCount(len(seen))
        self.table.setColumnCount(len(seen))
        for place, k in enumerate(seen):
            for setter in (self.table.setVerticalHeaderItem, self.table.setHorizontalHeaderItem):
                item = QTableWidgetItem(swatch(self._colors[k]), self._names[k])
                item.setTextAlignment(_WRAPPED)
                item.setToolTip(self._names[k])
                setter(place, item)
        for row, k in enumerate(seen):
            total = sum(self._matrix[k])
            for column, other in enumerate(seen):
                self.table.setItem(row, column, self._cell(k, other, total))

    def _cell(self, k: int, other: int, total: int) -> QTableWidgetItem:
        count = self._matrix[k][other]
        share = count / total if total else 0.0
        text = f"{100 * share:.1f} %" if self.percent.isChecked() else grouped(count)
        item = QTableWidgetItem(text if total else "–")
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        ground = ink.tint(self.table, ink.BETTER if k == other else ink.WORSE, _STRONGEST * share)
        item.setBackground(ground)
        item.setForeground(ink.on(ground))
        told = tr("{count} pixels of {reference} mapped as {mapped}: {percent:.1f} %")
        item.setToolTip(
            told.format(count=grouped(count), reference=self._names[k], mapped=self._names[other], percent=100 * share)
        )
        return item
