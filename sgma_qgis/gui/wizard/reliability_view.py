"""Whether confidence means what it says: how often the map is right, by how sure it is, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPaintEvent, QPolygonF
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from ...i18n import tr
from . import ink

GAP = 6
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_RADIUS = (2.5, 7.0)  # of a bin with few pixels, and of one with all of them
_LEAST = 0.001  # share of the pixels under which a bin says nothing


@dataclass(frozen=True)
class Reliability:
    """bins: (pixels, sum of their confidences, hits) each. ece: mean distance from the diagonal."""

    name: str
    bins: Tuple[Tuple[float, float, float], ...]
    ece: float


class ReliabilityView(QLabel):
    """Its value is the curves drawn: at most two or three."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._curves: Tuple[Reliability, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Reliability diagram"))

    def value(self) -> Tuple[Reliability, ...]:
        """Return the curves drawn."""
        return self._curves

    def set_value(self, curves: Sequence[Reliability]) -> None:
        """Draw these."""
        self._curves = tuple(curves)
        self.setAccessibleDescription("; ".join(f"{curve.name}: ECE {curve.ece:.3f}" for curve in curves))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 170)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), ink.ground(self))
        area = self._area()
        self._draw_frame(painter, area)
        for number, curve in enumerate(self._curves):
            self._draw_curve(painter, area, number, curve)
        self._draw_legend(painter, area)
        painter.end()

    def _area(self) -> QRectF:
        """Return a square for the diagram."""
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("100 %") + 2 * GAP
        top, bottom = metrics.height() + 2 * GAP, 2 * metrics.height() + 2 * GAP
        side = min(0.6 * self.width() - left, self.height() - top - bottom)
        return QRectF(left, top, max(60.0, side), max(60.0, side))

    def _draw_frame(self, painter: QPainter, area: QRectF) -> None:
        metrics = self.fontMetrics()
        height = metrics.height()
        for tick in _TICKS:
            x, y = area.left() + tick * area.width(), area.bottom() - tick * area.height()
            painter.setPen(ink.pen(ink.faint(self, 40)))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(ink.text(self))
            side = QRectF(0, y - height / 2, area.left() - GAP, height)
            if tick:  # the other axis tells the origin
                painter.drawText(side, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _percent(tick))
            painter.drawText(
                QRectF(x - 40, area.bottom() + 2, 80, height), Qt.AlignmentFlag.AlignHCenter, _percent(tick)
            )
        painter.drawText(QRectF(GAP, 2, self.width(), height), Qt.AlignmentFlag.AlignLeft, tr("Right"))
        below = QRectF(area.left() - 40, area.bottom() + height + 2, area.width() + 80, height)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, tr("Confidence of the map"))
        painter.setPen(ink.pen(ink.faint(self, 160), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(area.bottomLeft(), area.topRight())

    def _draw_curve(self, painter: QPainter, area: QRectF, number: int, curve: Reliability) -> None:
        name, style = ink.line_style(number)
        color = ink.shown(self, name)
        total = sum(count for count, _, _ in curve.bins) or 1.0
        places: List[Tuple[QPointF, float]] = []
        for count, confidence, hits in curve.bins:
            if count / total >= _LEAST:
                spot = QPointF(
                    area.left() + area.width() * confidence / count, area.bottom() - area.height() * hits / count
                )
                places.append((spot, _RADIUS[0] + (_RADIUS[1] - _RADIUS[0]) * (count / total) ** 0.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ink.pen(color, 2.0, style))
        painter.drawPolyline(QPolygonF([spot for spot, _ in places]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for spot, radius in places:
            painter.drawEllipse(spot, radius, radius)

    def _draw_legend(self, painter: QPainter, area: QRectF) -> None:
        row = self.fontMetrics().height() + 4
        left = area.right() + 3 * GAP
        width = self.width() - left - GAP
        for number, curve in enumerate(self._curves):
            y = area.top() + number * row
            name, style = ink.line_style(number)
            painter.setPen(ink.pen(ink.shown(self, name), 2.5, style))
            painter.drawLine(QPointF(left, y + row / 2), QPointF(left + 20, y + row / 2))
            painter.setPen(ink.text(self))
            text = tr("{name}: off by {ece:.1f} % on average (ECE)").format(name=curve.name, ece=100 * curve.ece)
            text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width - 26))
            painter.drawText(QRectF(left + 26, y, width - 26, row), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(ink.text(self))
        told = tr(
            "Of the pixels that are mapped with 80 % confidence, 80 % should be right: on the dashed line. Below it, "
            "the map is too sure of itself. Large dots stand for many pixels."
        )
        box = QRectF(left, area.top() + len(self._curves) * row + GAP, width, area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, told)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
