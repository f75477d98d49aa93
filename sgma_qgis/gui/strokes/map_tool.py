"""The map tool of the strokes: paints, erases, draws polygons and picks objects; the map can be moved at any time."""

from __future__ import annotations

from typing import List, Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QWheelEvent

from ...i18n import tr
from ..draw_tools import rubber_band
from .brush_item import BrushItem, remove

BRUSH, POLYGON, ERASER, OBJECTS = "brush", "polygon", "eraser", "objects"
LEAST_SIZE, MOST_SIZE = 1, 300  # pixels of the screen
STEP = 1.15  # by which a turn of the wheel changes the brush
DRAGGED = 4  # pixels: what is moved less is a click
SEGMENTS = 8  # of a quarter circle
ERASING = QColor(120, 120, 120)
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class StrokeTool(QgsMapTool):
    """Geometries are in the canvas's CRS.

    `painted(QgsGeometry, width in map units)`, 0 of a polygon; `erased(QgsGeometry)`; `clicked(point, modifiers)` and
    `boxed(QgsRectangle, modifiers)` on objects; `key_pressed(name)`: accept, cancel, undo, redo, or 1 to 9;
    `size_changed(pixels)`; `begun` when a stroke begins.
    """

    painted = pyqtSignal(object, float)
    erased = pyqtSignal(object)
    clicked = pyqtSignal(object, object)
    boxed = pyqtSignal(object, object)
    key_pressed = pyqtSignal(str)
    size_changed = pyqtSignal(int)
    begun = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._mode = BRUSH
        self._size = 15
        self._color: Optional[QColor] = None
        self._points: List[QgsPointXY] = []
        self._width = 0.0  # of the stroke in work, map units: zooming does not change it
        self._corner: Optional[QPoint] = None  # where a box begins
        self._ended = False  # by a double click, whose button is still down
        self._space = False
        self._held: Optional[QPoint] = None  # where the map was taken hold of
        self._item: Optional[BrushItem] = None
        self._box: Optional[QgsRubberBand] = None
        self.setToolName(tr("Paint strokes"))
        self.setCursor(Qt.CursorShape.CrossCursor)

    def activate(self) -> None:
        super().activate()
        self._item, self._box = BrushItem(self._canvas), rubber_band(self._canvas)
        self._canvas.installEventFilter(self)
        self._canvas.setFocus()

    def deactivate(self) -> None:
        """Another tool is chosen: what is being painted is kept as it is."""
        self._finish()
        self._canvas.removeEventFilter(self)
        for item in (self._item, self._box):
            if item is not None:
                remove(item)
        self._item = self._box = None
        self._space = False
        super().deactivate()

    def set_mode(self, mode: str) -> None:
        """Choose what the left button does: BRUSH, POLYGON, ERASER or OBJECTS."""
        self._finish()
        self._mode = mode
        self.setCursor(Qt.CursorShape.PointingHandCursor if mode == OBJECTS else Qt.CursorShape.CrossCursor)
        if self._item is not None:
            self._item.show_brush(None, 0, self._ink())

    def set_color(self, color: Optional[QColor]) -> None:
        """Choose the colour of what is painted, also of what is begun; None = no class: nothing can be painted."""
        self._color = color
        if color is None and self._mode != ERASER:
            self._clear()
        else:
            self._show()

    def set_size(self, pixels: int) -> None:
        """Choose the brush's diameter, in pixels of the screen."""
        self._size = pixels

    def is_painting(self) -> bool:
        """Return whether a stroke or polygon has been begun."""
        return bool(self._points)

    # --- mouse --------------------------------------------------------------------------------------------------

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._space:
            return
        if self._mode == OBJECTS:
            self._corner = event.pos()
        elif self._mode in (BRUSH, ERASER):
            self.begun.emit()
            if self._mode == ERASER or self._color is not None:
                self._width = self._size * self._canvas.mapUnitsPerPixel()
                self._points = [event.mapPoint()]
                self._show()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        self._take_keys()
        left = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if self._space and self._points:
            self._drag(event.pos())
            return
        if self._mode in (BRUSH, ERASER):
            if self._points and not left:  # the button came up while the map was being moved
                self._finish()
            elif self._points and event.mapPoint() != self._points[-1]:
                self._points.append(event.mapPoint())
            self._item.show_brush(event.mapPoint(), self._shown_size(), self._ink())
        elif self._corner is not None and left:
            self._box.setToGeometry(QgsGeometry.fromRect(self._rectangle(event.pos())), None)
        self._show(event.mapPoint())

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if self._ended:
            self._ended = False
        elif self._mode == POLYGON and self._color is not None:
            if event.button() == Qt.MouseButton.RightButton:
                self._finish()
            elif event.button() == Qt.MouseButton.LeftButton and not self._space:
                if not self._points:
                    self.begun.emit()
                self._points.append(event.mapPoint())
                self._show(event.mapPoint())
        elif event.button() == Qt.MouseButton.LeftButton:
            if self._mode == OBJECTS and self._corner is not None:
                self._pick(event)
            elif self._mode in (BRUSH, ERASER):
                self._finish()

    def canvasDoubleClickEvent(self, event: QgsMapMouseEvent) -> None:
        if self._mode != POLYGON:
            self.canvasPressEvent(event)  # two quick dabs
        elif event.button() == Qt.MouseButton.LeftButton and not self._space:
            self._finish()
            self._ended = True

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & (_CTRL | _SHIFT):
            event.ignore()  # the canvas zooms
            return
        turn = event.angleDelta().y() or event.angleDelta().x()  # with Shift, some systems turn it to the side
        if turn:
            self._resize(turn > 0)
        event.accept()

    # --- keys ---------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take our keys before the canvas, which takes none while a button is down, and before QGIS's shortcuts."""
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space, self._held = kind == QEvent.Type.KeyPress, None
            return bool(self._points)  # else the canvas moves the map itself
        if kind == QEvent.Type.FocusOut:
            self._space, self._held = False, None  # where the key comes up is not told
        if kind == QEvent.Type.Enter:
            self._take_keys()
        if kind == QEvent.Type.Leave and self._item is not None:
            self._item.show_brush(None, 0, self._ink())
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        name = self._name(event)
        if not name:
            return False
        event.accept()
        if kind == QEvent.Type.KeyPress:
            self._pressed(name)
        return True

    def _name(self, event: QKeyEvent) -> str:
        """Return what a key means to us, '' for nothing."""
        key, modifiers = event.key(), event.modifiers()
        if modifiers & _CTRL:
            if key == Qt.Key.Key_Z:
                return "redo" if modifiers & _SHIFT else "undo"
            return "redo" if key == Qt.Key.Key_Y else ""
        if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            return str(key - Qt.Key.Key_0)
        return {
            Qt.Key.Key_Return: "accept",
            Qt.Key.Key_Enter: "accept",
            Qt.Key.Key_Escape: "cancel",
            Qt.Key.Key_Backspace: "back" if self._mode == POLYGON else "",
            Qt.Key.Key_BracketLeft: "smaller",
            Qt.Key.Key_BracketRight: "larger",
        }.get(key, "")

    def _pressed(self, name: str) -> None:
        if name == "back" or (name == "undo" and self._mode == POLYGON and self._points):
            self._points = self._points[:-1]
            self._show()
        elif name in ("smaller", "larger"):
            self._resize(name == "larger")
        elif name == "accept" and self._points:
            self._finish()
        elif name in ("cancel", "undo") and self._points:
            self._clear()
        else:
            self.key_pressed.emit(name)

    def _take_keys(self) -> None:
        """Have keys come to the map that the mouse is on, whatever was typed into or clicked before."""
        if not self._canvas.hasFocus():
            self._canvas.setFocus()

    # --- work ---------------------------------------------------------------------------------------------------

    def _resize(self, larger: bool) -> None:
        """Make the brush a step larger or smaller, by a pixel at least."""
        if larger:
            self._size = min(max(self._size + 1, round(self._size * STEP)), MOST_SIZE)
        else:
            self._size = max(min(self._size - 1, round(self._size / STEP)), LEAST_SIZE)
        point = self.toMapCoordinates(self._canvas.mouseLastXY())
        if self._mode in (BRUSH, ERASER) and self._item is not None:
            self._item.show_brush(point, self._shown_size(), self._ink())
        self.size_changed.emit(self._size)

    def _shown_size(self) -> int:
        """Return the brush's diameter on the screen; a stroke keeps its width on the ground while the map is zoomed."""
        if self._points and self._width:
            return max(1, round(self._width / self._canvas.mapUnitsPerPixel()))
        return self._size

    def _ink(self) -> QColor:
        return ERASING if self._mode == ERASER or self._color is None else self._color

    def _drag(self, at: QPoint) -> None:
        """Move the map with the mouse while a stroke is held: the canvas itself would not, with a button down."""
        if self._held is not None:
            before, now = self.toMapCoordinates(self._held), self.toMapCoordinates(at)
            centre = self._canvas.center()
            self._canvas.setCenter(QgsPointXY(centre.x() - now.x() + before.x(), centre.y() - now.y() + before.y()))
            self._canvas.refresh()
        self._held = at

    def _rectangle(self, to: QPoint) -> QgsRectangle:
        return QgsRectangle(self.toMapCoordinates(self._corner), self.toMapCoordinates(to))

    def _pick(self, event: QgsMapMouseEvent) -> None:
        corner, box = self._corner, self._rectangle(event.pos())
        self._corner = None
        self._box.reset()
        if (event.pos() - corner).manhattanLength() > DRAGGED:
            self.boxed.emit(box, event.modifiers())
        else:
            self.clicked.emit(event.mapPoint(), event.modifiers())

    def _show(self, *more: QgsPointXY) -> None:
        if self._item is None:
            return
        if self._mode == POLYGON and self._points:
            self._item.show_polygon([*self._points, *more], self._ink())
        elif self._points:
            self._item.show_line(self._points, self._width, self._ink())
        else:
            self._item.clear()

    def _clear(self) -> None:
        self._points, self._width, self._corner = [], 0.0, None
        if self._item is not None:
            self._item.clear()
        if self._box is not None:
            self._box.reset()

    def _finish(self) -> None:
        """End what is being painted, and tell of it when it covers ground."""
        points, width, mode = self._points, self._width, self._mode
        self._clear()
        if not points:
            return
        if mode == POLYGON:
            corners = [point for i, point in enumerate(points) if i == 0 or point != points[i - 1]]
            if len(corners) >= 3:
                self.painted.emit(QgsGeometry.fromPolygonXY([[*corners, corners[0]]]).makeValid(), 0.0)
            return
        ground = covered(points, width)
        if mode == ERASER:
            self.erased.emit(ground)
        else:
            self.painted.emit(ground, width)


def covered(points: List[QgsPointXY], width: float) -> QgsGeometry:
    """Return the ground that a round brush of that diameter covers on its way."""
    if len(points) > 1:
        way = QgsGeometry.fromPolylineXY(points).simplify(width / 40)
    else:
        way = QgsGeometry.fromPointXY(points[0])
    return way.buffer(width / 2, SEGMENTS)
