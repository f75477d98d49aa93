"""Map tools of the dock: draw a polygon, pick a point. Rectangles are drawn with QGIS's own QgsMapToolExtent."""

from __future__ import annotations

from typing import List

from qgis.core import QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsMapToolEmitPoint, QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QPainter, QPen

from ..i18n import tr

LINE = QColor(0, 114, 178)
CROSS_PX, HALO_PX, LINE_PX = 20, 6, 2


def rubber_band(canvas: QgsMapCanvas) -> QgsRubberBand:
    """Return a band that shows the outline of an area on the map; a fill would tint the classes below."""
    band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
    band.setFillColor(QColor(0, 0, 0, 0))
    band.setStrokeColor(LINE)
    band.setWidth(2)
    return band


class PolygonTool(QgsMapTool):
    """Clicks add corners; right click, double click or Enter end; Backspace takes one back.

    `drawn` carries a polygon in the canvas's CRS.
    """

    drawn = pyqtSignal(object)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setToolName(tr("Draw the area to map"))
        self._points: List[QgsPointXY] = []
        self._band = rubber_band(canvas)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._finish()
        else:
            self._points.append(event.mapPoint())
            self._show()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._points:
            self._show(event.mapPoint())

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:
        self._finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backspace and self._points:
            self._points.pop()
            self._show()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        else:
            return
        event.accept()  # QGIS would take Backspace for itself

    def deactivate(self) -> None:
        self._clear()
        super().deactivate()

    def _finish(self) -> None:
        points = [p for i, p in enumerate(self._points) if i == 0 or p != self._points[i - 1]]
        self._clear()
        if len(points) >= 3:
            self.drawn.emit(QgsGeometry.fromPolygonXY([[*points, points[0]]]).makeValid())

    def _show(self, *more: QgsPointXY) -> None:
        self._band.setToGeometry(QgsGeometry.fromPolygonXY([[*self._points, *more]]), None)

    def _clear(self) -> None:
        self._points = []
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)


def point_tool(canvas: QgsMapCanvas, name: str) -> QgsMapToolEmitPoint:
    """Return a tool that emits canvasClicked(point, button)."""
    tool = QgsMapToolEmitPoint(canvas)
    tool.setToolName(name)
    tool.setCursor(Qt.CursorShape.WhatsThisCursor)
    return tool


def place_marker(canvas: QgsMapCanvas, point: QgsPointXY) -> QgsVertexMarker:
    """Mark a point of the canvas until the marker is taken off its scene."""
    marker = _HaloedCross(canvas)
    marker.setIconSize(CROSS_PX)
    marker.setPenWidth(HALO_PX)
    marker.setCenter(point)
    return marker


class _HaloedCross(QgsVertexMarker):
    """A black cross with a white rim: seen on every picture and class."""

    def paint(self, painter: QPainter, *ignored: object) -> None:
        arm = CROSS_PX // 2
        for color, width, length in ((Qt.GlobalColor.white, HALO_PX, arm), (Qt.GlobalColor.black, LINE_PX, arm - 2)):
            pen = QPen(QColor(color), width)
            pen.setCapStyle(Qt.PenCapStyle.SquareCap)
            painter.setPen(pen)
            painter.drawLine(-length, 0, length, 0)
            painter.drawLine(0, -length, 0, length)
