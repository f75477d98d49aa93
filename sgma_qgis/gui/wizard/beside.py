"""Where the wizard stands beside the map that it shows, and which part of the map it leaves free."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QPoint, QRect
from qgis.PyQt.QtWidgets import QWidget


def place(window: QWidget, main: QWidget, canvas: QgsMapCanvas) -> None:
    """Put a window beside QGIS's, else at an edge of it where it leaves the middle of the map free, if there is one."""
    screen = main.screen() if hasattr(main, "screen") else None
    if screen is None:
        return
    room, frame, size = screen.availableGeometry(), main.frameGeometry(), window.size()
    right, left = room.right() - size.width() + 1, room.left()
    places = [frame.right() + 1, frame.left() - size.width(), frame.right() - size.width() + 1, frame.left()]
    top = max(room.top(), min(frame.top() + (frame.height() - size.height()) // 2, room.bottom() - size.height() + 1))
    middle = canvas.mapToGlobal(canvas.rect().center())
    for x in [*places, right, left]:
        spot = QRect(QPoint(x, top), size)
        if left <= x <= right and not spot.contains(middle):
            break
    else:
        spot = QRect(QPoint(max(left, min(places[2], right)), top), size)
    window.move(spot.topLeft())


def free(canvas: QgsMapCanvas, window: QWidget) -> QRect:
    """Return the widest part of a canvas, in its pixels, that a window does not cover; all of it where it hides it."""
    whole = canvas.rect()
    if not (canvas.isVisible() and window.isVisible()) or window.isMinimized():
        return whole
    over = window.frameGeometry()
    over.moveTopLeft(canvas.mapFromGlobal(over.topLeft()))
    over &= whole
    if over.isEmpty():
        return whole
    parts = (
        QRect(whole.left(), whole.top(), over.left() - whole.left(), whole.height()),
        QRect(over.right() + 1, whole.top(), whole.right() - over.right(), whole.height()),
        QRect(whole.left(), whole.top(), whole.width(), over.top() - whole.top()),
        QRect(whole.left(), over.bottom() + 1, whole.width(), whole.bottom() - over.bottom()),
    )
    best = max(parts, key=lambda part: min(part.width(), part.height()))
    return best if not best.isEmpty() else whole
