"""What the map shows while a person paints: the stroke so far, and the brush at the cursor."""

from __future__ import annotations

from typing import List, Optional, Sequence

from qgis.core import QgsPointXY
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt.QtCore import QPointF, QRectF, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QGraphicsItem

INK = 170  # of 255: what is painted shows through
DARK, LIGHT = QColor(0, 0, 0, 200), QColor(255, 255, 255, 220)


class BrushItem(QgsMapCanvasItem):
    """Draws a line or a polygon in map coordinates, and a circle of the brush's size. Lies over the whole canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._points: List[QgsPointXY] = []
        self._width = 0.0
        self._filled = False
        self._color = QColor(0, 0, 0)
        self._cursor: Optional[QgsPointXY] = None
        self._diameter = 0
        self.setZValue(1000)

    def show_line(self, points: Sequence[QgsPointXY], width: float, color: QColor) -> None:
        """Show a stroke; width in map units."""
        self._points, self._width, self._filled, self._color = list(points), width, False, color
        self.update()

    def show_polygon(self, points: Sequence[QgsPointXY], color: QColor) -> None:
        """Show a polygon, its last corner being where the cursor is."""
        self._points, self._width, self._filled, self._color = list(points), 0.0, True, color
        self.update()

    def show_brush(self, point: Optional[QgsPointXY], diameter: int, color: QColor) -> None:
        """Show the brush at a point of the map, None to hide it; diameter in pixels."""
        self._cursor, self._diameter, self._color = point, diameter, color
        self.update()

    def clear(self) -> None:
        """Show no stroke."""
        self._points = []
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._canvas.width(), self._canvas.height())

    def updatePosition(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, option: object = None, widget: object = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self._points:
            self._paint_stroke(painter)
        if self._cursor is not None and self._diameter:
            centre, radius = self.toCanvasCoordinates(self._cursor), self._diameter / 2
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width in ((DARK, 3.0), (LIGHT, 1.5)):
                painter.setPen(QPen(color, width))
                painter.drawEllipse(centre, radius, radius)

    def _paint_stroke(self, painter: QPainter) -> None:
        color = QColor(self._color)
        color.setAlpha(INK)
        line = QPolygonF([QPointF(self.toCanvasCoordinates(point)) for point in self._points])
        if self._filled:
            painter.setPen(QPen(self._color, 2.0))
            painter.setBrush(color)
            painter.drawPolygon(line)
            return
        pen = QPen(color, max(1.0, self._width / self._canvas.mapUnitsPerPixel()))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(self._points) > 1:
            painter.drawPolyline(line)
        else:
            painter.drawPoint(line[0])


def remove(item: QGraphicsItem) -> None:
    """Take an item off its canvas."""
    if item.scene() is not None:
        item.scene().removeItem(item)
