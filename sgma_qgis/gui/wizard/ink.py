"""Colours of charts: told apart by colour-blind readers, readable on a light and on a dark ground."""

from __future__ import annotations

from typing import Tuple

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QPalette, QPen
from qgis.PyQt.QtWidgets import QLabel, QWidget

#: Okabe and Ito, without the yellow and black that vanish on one of the two grounds.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#999999")
BETTER, WORSE = "#0072b2", "#d55e00"
_DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
)
_DARK = 128  # lightness of a ground that counts as dark
_LIFT = 135  # percent; how much lighter colours are there


def ground(widget: QWidget) -> QColor:
    """Return the colour that charts are drawn on: in some themes that of what lies below the widget."""
    color = widget.palette().color(QPalette.ColorRole.Base)
    below = widget.parentWidget()
    return color if below is None or color.alpha() == 255 else ground(below)


def text(label: QLabel) -> QColor:
    """Return the colour of text on that ground. QGIS's dark themes give labels one that can be read, others none."""
    return label.palette().color(QPalette.ColorRole.WindowText)


def faint(label: QLabel, alpha: int = 60) -> QColor:
    """Return the colour of grids and frames."""
    color = QColor(text(label))
    color.setAlpha(alpha)
    return color


def shown(widget: QWidget, color: str) -> QColor:
    """Return a colour as it is shown: lighter on a dark ground."""
    found = QColor(color)
    return found.lighter(_LIFT) if ground(widget).lightness() < _DARK else found


def tint(widget: QWidget, color: str, share: float) -> QColor:
    """Return the ground with a share 0..1 of a colour, opaque."""
    below, above = ground(widget), QColor(color)
    parts = zip(
        (below.red(), below.green(), below.blue()),
        (above.red(), above.green(), above.blue()),
    )
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def on(color: QColor) -> QColor:
    """Return black or white, whichever is read better on a colour."""
    bright = 0.299 * color.red() + 0.587 * color.green() + 0.114 * color.blue()
    return QColor("#000000" if bright > 140 else "#ffffff")


def line_style(number: int) -> Tuple[str, Qt.PenStyle]:
    """Return the colour and the dashes of the line of that number: the first 21 differ."""
    return COLORS[number % len(COLORS)], _DASHES[number // len(COLORS) % len(_DASHES)]


def pen(color: QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen; PyQt takes no float width with a style otherwise."""
    made = QPen(color)
    made.setWidthF(width)
    made.setStyle(style)
    return made
