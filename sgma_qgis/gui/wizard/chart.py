"""A chart of lines over epochs, drawn with Qt alone: legend, grid, values under the mouse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ...i18n import tr
from . import ink

GAP = 6
_MARKED = 60  # points of a line that still get a dot each
_DOT = 2.5
_AHEAD = 4  # times as far as the lines the axis goes at most


@dataclass(frozen=True)
class Line:
    """points: (epoch, value), rising in epochs. color: "#rrggbb", "" = one of the charts' own."""

    name: str
    points: Tuple[Tuple[int, float], ...]
    color: str = ""


class Chart(QLabel):
    """Its value is what is drawn. The legend stands at the right, with the last values or those under the mouse.

    A label, though it holds no text: see `ink.text`.
    """

    def __init__(self, title: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._title = title
        self._lines: Tuple[Line, ...] = ()
        self._epochs = 1
        self._marked: Optional[int] = None
        self._hovered: Optional[int] = None
        self._empty = ""
        self._least_span, self._bounds = 0.0, (-math.inf, math.inf)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def value(self) -> Tuple[Line, ...]:
        """Return the lines drawn."""
        return self._lines

    def set_value(self, lines: Sequence[Line], epochs: int = 1, marked: Optional[int] = None, empty: str = "") -> None:
        """Draw these lines. epochs: where the axis ends. marked: the epoch of the best. empty: shown without lines."""
        self._lines = tuple(lines)
        last = max([1, *(x for line in lines for x, _ in line.points)])
        self._epochs = max(last, min(epochs, _AHEAD * max(last, 2)))
        self._marked, self._empty = marked, empty
        self.setAccessibleName(self._title)
        words = [f"{line.name} {line.points[-1][1]:.3f}" for line in self._lines if line.points]
        self.setAccessibleDescription("; ".join(words) or empty)
        self.update()

    def set_range(self, least_span: float, low: float, high: float) -> None:
        """Bound the values shown; at least `least_span` of them is seen."""
        self._least_span, self._bounds = least_span, (low, high)

    def sizeHint(self) -> QSize:
        return QSize(340, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 130)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot, area = event.pos(), self._area()
        found = None
        if self._lines and area.left() - GAP <= spot.x() <= area.right() + GAP:
            wanted = (spot.x() - area.left()) / max(area.width(), 1) * self._epochs
            found = min(self._known(), key=lambda epoch: abs(epoch - wanted), default=None)
        if found != self._hovered:
            self._hovered = found
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        self.update()

    # --- drawing --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), ink.ground(self))
        painter.setPen(ink.text(self))
        height = self.fontMetrics().height()
        heading = QRectF(GAP, 2, self.width() - 2 * GAP, height)
        painter.drawText(heading, Qt.AlignmentFlag.AlignLeft, self._title)
        if not any(line.points for line in self._lines):
            painter.setPen(ink.faint(self, 160))
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(GAP, height, -GAP, 0), wrapped, self._empty)
        else:
            area = self._area()
            ticks = self._ticks(area)
            self._draw_grid(painter, area, ticks)
            for number, line in enumerate(self._lines):
                self._draw_line(painter, area, ticks, number, line)
            if len(self._lines) > 1:
                self._draw_legend(painter, area)
            painter.setPen(ink.text(self))
            painter.drawText(heading, Qt.AlignmentFlag.AlignRight, self._told())
        painter.end()

    def _draw_grid(self, painter: QPainter, area: QRectF, ticks: List[float]) -> None:
        metrics = self.fontMetrics()
        half = metrics.height() / 2
        for tick in ticks:
            y = self._y(area, ticks, tick)
            painter.setPen(ink.pen(ink.faint(self, 40)))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(ink.text(self))
            box = QRectF(0, y - half, area.left() - GAP, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _number(tick, ticks))
        painter.setPen(ink.pen(ink.faint(self, 120)))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        wide = metrics.horizontalAdvance(str(self._epochs)) + 3 * GAP
        step = _whole_step(self._epochs, max(2, int(area.width() // wide)))
        painter.setPen(ink.text(self))
        for epoch in range(0, self._epochs + 1, step):
            box = QRectF(self._x(area, epoch) - wide / 2, area.bottom() + 2, wide, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, str(epoch))
        below = QRectF(area.left(), area.bottom() + metrics.height() + 2, area.width(), metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, tr("Epoch"))
        for epoch, style in ((self._marked, Qt.PenStyle.DashLine), (self._hovered, Qt.PenStyle.SolidLine)):
            if epoch is not None:
                x = self._x(area, epoch)
                painter.setPen(ink.pen(ink.faint(self, 130), 1.0, style))
                painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _draw_line(self, painter: QPainter, area: QRectF, ticks: List[float], number: int, line: Line) -> None:
        color, style = self._style(number, line)
        points = [QPointF(self._x(area, x), self._y(area, ticks, y)) for x, y in line.points]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ink.pen(color, 2.0, style))
        painter.drawPolyline(QPolygonF(points))
        if len(points) <= _MARKED:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for point in points:
                painter.drawEllipse(point, _DOT, _DOT)

    def _style(self, number: int, line: Line) -> Tuple[QColor, Qt.PenStyle]:
        """Return how a line is drawn; a colour of its own is shown as it is, to be the same everywhere."""
        name, style = ink.line_style(number)
        return QColor(line.color) if line.color else ink.shown(self, name), style

    def _draw_legend(self, painter: QPainter, area: QRectF) -> None:
        metrics = self.fontMetrics()
        row = metrics.height() + 1
        left, top, width = area.right() + 2 * GAP, area.top() - row / 2, self._legend_width() - 2 * GAP
        epoch = self._hovered
        room = max(1, int((self.height() - top) // row))
        shown = self._lines if len(self._lines) <= room else self._lines[: room - 1]
        for number, line in enumerate(shown):
            y = top + number * row
            color, style = self._style(number, line)
            painter.setPen(ink.pen(color, 2.5, style))
            painter.drawLine(QPointF(left, y + row / 2), QPointF(left + 18, y + row / 2))
            painter.setPen(ink.text(self))
            value = _at(line, epoch)
            number_width = metrics.horizontalAdvance("0.000 ")
            spot = QRectF(left + 22, y, width - 22, row)
            if value is not None:
                painter.drawText(spot, Qt.AlignmentFlag.AlignRight, f"{value:.3f}")
            text = metrics.elidedText(line.name, Qt.TextElideMode.ElideMiddle, int(spot.width() - number_width))
            painter.drawText(spot, Qt.AlignmentFlag.AlignLeft, text)
        if len(shown) < len(self._lines):
            more = tr("and {count} more").format(count=len(self._lines) - len(shown))
            painter.drawText(QRectF(left, top + len(shown) * row, width, row), Qt.AlignmentFlag.AlignLeft, more)

    def _told(self) -> str:
        """Return what stands at the upper right: the epoch under the mouse, and the value where there is one line."""
        parts = [] if self._hovered is None else [tr("Epoch {epoch}").format(epoch=self._hovered)]
        value = _at(self._lines[0], self._hovered)
        if len(self._lines) == 1 and value is not None:
            parts.append(f"{value:.3f}")
        return ": ".join(parts)

    # --- where things are -----------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        """Return the plot inside its labels."""
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("0.000") + 2 * GAP
        top, bottom = metrics.height() + 2 * GAP, 2 * metrics.height() + GAP
        right = GAP + metrics.horizontalAdvance(str(self._epochs)) / 2
        width = max(20.0, self.width() - left - right - self._legend_width())
        return QRectF(left, top, width, max(20.0, self.height() - top - bottom))

    def _legend_width(self) -> float:
        if len(self._lines) < 2:
            return 0.0
        metrics = self.fontMetrics()
        names = max((metrics.horizontalAdvance(line.name) for line in self._lines), default=0)
        return min(names + metrics.horizontalAdvance("0.000 ") + 24 + 3 * GAP, 0.5 * self.width())

    def _x(self, area: QRectF, epoch: float) -> float:
        return area.left() + area.width() * epoch / self._epochs

    @staticmethod
    def _y(area: QRectF, ticks: List[float], value: float) -> float:
        return area.bottom() - area.height() * (value - ticks[0]) / (ticks[-1] - ticks[0])

    def _ticks(self, area: QRectF) -> List[float]:
        """Return round values from below the least to above the greatest."""
        values = [y for line in self._lines for _, y in line.points]
        low, high = min(values), max(values)
        missing = max(self._least_span, 1e-6) - (high - low)
        if missing > 0:
            low, high = low - missing / 2, high + missing / 2
        rough = (high - low) / max(2, int(area.height() // (2.2 * self.fontMetrics().height())))
        size = 10 ** math.floor(math.log10(rough))
        step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
        low = max(math.floor(low / step) * step, self._bounds[0])
        high = min(math.ceil(high / step) * step, self._bounds[1])
        return [low + i * step for i in range(round((high - low) / step) + 1)]

    def _known(self) -> List[int]:
        return sorted({x for line in self._lines for x, _ in line.points})


def _at(line: Line, epoch: Optional[int]) -> Optional[float]:
    """Return a line's value at an epoch, None where it has none; its last one for None."""
    if epoch is None:
        return line.points[-1][1] if line.points else None
    return dict(line.points).get(epoch)


def _number(value: float, ticks: List[float]) -> str:
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    digits = max(0, math.ceil(-math.log10(step) - 1e-9))
    return f"{value:.{digits + (round(step * 10**digits, 6) % 1 != 0)}f}"


def _whole_step(span: int, most: int) -> int:
    """Return the least of 1, 2, 5, 10, 20 ... by which `span` is cut into at most that many."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if span / (size * factor) <= most:
                return size * factor
        size *= 10
