"""A square of a class's colour, for tables and lists."""

from __future__ import annotations

from qgis.PyQt.QtGui import QColor, QIcon, QPixmap

SIDE = 12


def swatch(color: str) -> QIcon:
    """Return the square."""
    pixmap = QPixmap(SIDE, SIDE)
    pixmap.fill(QColor(color))
    return QIcon(pixmap)
