"""Accuracy before and after the training: combinations of sensors against classes."""

from __future__ import annotations

from typing import List, Optional, Tuple

from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...i18n import tr
from ...model.contract.modality import titles
from . import ink
from .reports import F1, IOU, Report, Row, change, mean_change, shared
from .swatch import swatch

_WRAPPED = int(Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
_WIDEST = 17  # letters of a column
FEW = 200  #: pixels of a class under which its score says little
_SAME = 0.005  # a difference that says nothing yet


class ScoresView(QWidget):
    """Its value is the two reports; the one before may be missing."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._before: Optional[Report] = None
        self._after: Optional[Report] = None
        self.score = QComboBox(self)
        self.score.addItem("IoU", IOU)
        self.score.addItem("F1", F1)
        self.score.setToolTip(tr("Of one class, F1 = 2 IoU / (1 + IoU): the milder number for the same map"))
        label = QLabel(tr("Sc&ore"), self)
        label.setBuddy(self.score)
        self.table = QTableWidget(self)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing to choose in it
        self.table.setAccessibleName(tr("Accuracy by sensors and class"))
        heads = self.table.horizontalHeader()
        heads.setMaximumSectionSize(_WIDEST * self.fontMetrics().averageCharWidth())
        heads.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 8)
        for header in (heads, self.table.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        choice = QHBoxLayout()
        choice.addWidget(label)
        choice.addWidget(self.score)
        choice.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addLayout(choice)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        self.score.currentIndexChanged.connect(self._fill)

    def value(self) -> Tuple[Optional[Report], Optional[Report]]:
        """Return the reports shown: before, after."""
        return self._before, self._after

    def set_value(self, found: Tuple[Optional[Report], Optional[Report]]) -> None:
        """Show reports."""
        self._before, self._after = found
        self._fill()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._after is not None:
            self._fill()

    def _fill(self, *_: object) -> None:
        self.table.clear()
        before, after, score = self._before, self._after, self.score.currentData()
        if after is None:
            self.table.setRowCount(0)
            self.table.setColumnCount(0)
            self.note.clear()
            return
        names = [(name, color) for name, color in after.classes if any(name in row.iou for row in after.rows)]
        both = shared(before, after)
        self.table.setRowCount(len(after.rows))
        self.table.setColumnCount(len(names) + 1)
        self.table.setHorizontalHeaderItem(0, _head(QTableWidgetItem(self._mean_title(both, len(names)))))
        for column, (name, color) in enumerate(names, 1):
            self.table.setHorizontalHeaderItem(column, _head(QTableWidgetItem(swatch(color), name)))
        for number, row in enumerate(after.rows):
            self.table.setVerticalHeaderItem(number, QTableWidgetItem(titles(row.sensors)))
            self.table.setItem(number, 0, self._mean(row, both))
            for column, (name, _) in enumerate(names, 1):
                self.table.setItem(number, column, self._cell(*change(before, row, name, score)))
        self.note.setText(self._note(both, [name for name, _ in names]))

    def _mean_title(self, both: List[str], count: int) -> str:
        if len(both) not in (0, count):
            return tr("Mean of known classes")
        return tr("Mean (mIoU)") if self.score.currentData() == IOU else tr("Mean (F1)")

    def _mean(self, row: Row, both: List[str]) -> QTableWidgetItem:
        score = self.score.currentData()
        old, new = mean_change(self._before, row, both, score)
        item = self._cell(old, row.mean(score) if new is None else new)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        if row.interval is not None:
            low, high = row.interval
            told = tr("mIoU {miou:.3f}; with other places, 95 of 100 times from {low:.3f} to {high:.3f}")
            item.setToolTip(told.format(miou=row.miou, low=low, high=high))
        return item

    def _cell(self, old: Optional[float], new: Optional[float]) -> QTableWidgetItem:
        item = QTableWidgetItem("–" if new is None else f"{new:.3f}")
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if old is not None and new is not None:
            gain = new - old
            mark = "" if abs(gain) < _SAME else "▲ " if gain > 0 else "▼ "
            item.setText(f"{old:.3f} → {new:.3f}\n{mark}{round(gain, 3) + 0.0:+.3f}")
            if mark:
                item.setForeground(ink.shown(self, ink.BETTER if gain > 0 else ink.WORSE))
        return item

    def _note(self, both: List[str], names: List[str]) -> str:
        text = tr("IoU: of what is the class or was mapped as it, the share that is both.")
        if self.score.currentData() == F1:
            text = tr("F1: of the class's pixels in the labels and in the map, all counted, the share that agrees.")
        if both:
            text += " " + tr("Before → after, and the difference.")
            new = [name for name in names if name not in both]
            if new:
                text += " " + tr("New to the model: {classes}.").format(classes=", ".join(new))
        return " ".join(filter(None, (text, self._few(names))))

    def _few(self, names: List[str]) -> str:
        """Say which scores rest on few pixels, '' = none."""
        counts = {name: sum(row) for (name, _), row in zip(self._after.classes, self._after.confusion)}
        few = ", ".join(f"{name} {counts[name]}" for name in names if 0 < counts.get(name, 0) < FEW)
        text = tr("Some scores rest on few pixels and say little: {classes}.")
        return text.format(classes=few) if few else ""


def _head(item: QTableWidgetItem) -> QTableWidgetItem:
    item.setTextAlignment(_WRAPPED)
    item.setToolTip(item.text())
    return item
