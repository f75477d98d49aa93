"""Shares as horizontal bars: hectares per class, probabilities, what each sensor counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QRect, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPalette
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

PADDING = 3


@dataclass(frozen=True)
class Bar:
    """One row. share: 0..1 of the full width. color: '#rrggbb'."""

    name: str
    share: float
    text: str
    color: str


class Bars(QLabel):
    """Rows of name, bar and number; as wide as it gets, as high as it needs.

    A label, though it holds no text: QGIS's dark themes give labels a colour that can be read, other widgets none.
    """

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._bars: Tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def value(self) -> Tuple[Bar, ...]:
        """Return the rows shown."""
        return self._bars

    def set_value(self, bars: Sequence[Bar]) -> None:
        """Show these rows, in this order."""
        self._bars = tuple(bars)
        words = "\n".join(f"{bar.name}: {bar.text}" for bar in self._bars)
        self.setToolTip(words)
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._row_height() * len(self._bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        numbers = max((metrics.horizontalAdvance(bar.text) for bar in self._bars), default=0) + 2 * PADDING
        names = max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0) + 2 * PADDING
        names = min(names, int(0.45 * self.width()))
        left, height = names, self._row_height()
        width = max(10, self.width() - names - numbers)
        ink = self.palette().color(QPalette.ColorRole.WindowText)
        frame = QColor(ink)
        frame.setAlpha(90)
        for row, bar in enumerate(self._bars):
            top = row * height
            painter.setPen(ink)
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, names - PADDING)
            painter.drawText(QRect(0, top, names, height), Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(frame)
            painter.setBrush(QColor(bar.color))
            length = max(1, round(min(1.0, max(0.0, bar.share)) * (width - 1)))
            painter.drawRect(left, top + PADDING, length, height - 2 * PADDING - 1)
            painter.setPen(ink)
            spot = QRect(self.width() - numbers, top, numbers, height)
            painter.drawText(spot, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.text)
        painter.end()

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 2 * PADDING
