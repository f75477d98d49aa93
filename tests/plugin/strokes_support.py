"""A person at the map: real mouse and key events on the canvas."""

from qgis.core import QgsPointXY
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent, QWheelEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

LEFT, MIDDLE, RIGHT, NONE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.NoButton,
)
PLAIN = Qt.KeyboardModifier.NoModifier
PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


def at(canvas, x, y):
    """Return the pixel of the canvas that shows a point of the map."""
    point = canvas.getCoordinateTransform().transform(QgsPointXY(x, y))
    return QPoint(round(point.x()), round(point.y()))


def mouse(canvas, kind, point, button=NONE, held=NONE, keys=PLAIN):
    """Send one event; held: buttons that are down."""
    QApplication.sendEvent(canvas.viewport(), QMouseEvent(kind, QPointF(point), button, held, keys))


def drag(canvas, *points, keys=PLAIN):
    """Draw with the left button through points of the map."""
    first, *rest = [at(canvas, *point) for point in points]
    mouse(canvas, MOVE, first, keys=keys)
    mouse(canvas, PRESS, first, LEFT, LEFT, keys)
    before = first
    for point in rest:
        for i in range(1, 6):
            step = before + (point - before) * i / 5
            mouse(canvas, MOVE, step, NONE, LEFT, keys)
        before = point
    mouse(canvas, RELEASE, before, LEFT, NONE, keys)


def click(canvas, point, keys=PLAIN, button=LEFT):
    """Click a point of the map."""
    place = at(canvas, *point)
    mouse(canvas, MOVE, place, keys=keys)
    mouse(canvas, PRESS, place, button, button, keys)
    mouse(canvas, RELEASE, place, button, NONE, keys)


def press(canvas, key, modifiers=PLAIN):
    """Press and release a key on the canvas."""
    QTest.keyClick(canvas, key, modifiers)


def wheel(canvas, turns, keys):
    """Turn the wheel over the middle of the map."""
    place = QPointF(canvas.width() / 2, canvas.height() / 2)
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, place, QPoint(), QPoint(0, 120 * turns), NONE, keys, phase, False)
    QApplication.sendEvent(canvas.viewport(), event)
