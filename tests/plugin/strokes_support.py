"""A person at the map: real mouse and key events on the canvas, and what came of them."""

import json
from pathlib import Path

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
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
X, Y = 500000, 4599970  # lower left corner of the overlay of the tests' worker, 40 x 30 m


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


def rested(session):
    """Return a condition for `until`: the map has followed."""
    return lambda: session.live._task is None and not session.live._timer.isActive()


def job_of(session):
    """Return the job that the fake worker got for the map that is shown."""
    return json.loads(Path(session.overlay.layer.source() + ".job.json").read_text())
