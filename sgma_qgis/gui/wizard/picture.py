"""A picture, as large as there is room, with a line below each part."""

from __future__ import annotations

import json
from typing import List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QRect, QSize, Qt
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPaintEvent
from qgis.PyQt.QtWidgets import QLabel, QSizePolicy, QWidget

from . import ink

_SWATCH, _GAP = 12, 4  # pixels
_ROWS = 2  # of the legend, at most
_LONGEST = 140  # pixels of a name


class Picture(QLabel):
    """Its value is the image; a null one = none. Below it the classes that it says it has, in their colours.

    A label, though it holds no text: see `ink.text`.
    """

    def __init__(self, empty: str, parent: Optional[QWidget] = None) -> None:
        """empty: what is said where there is no picture."""
        super().__init__(parent)
        self._captions: Tuple[str, ...] = ()
        self._empty = empty
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def value(self) -> QImage:
        """Return the picture shown."""
        return self._image

    def captions(self) -> Tuple[str, ...]:
        """Return the line below each part."""
        return self._captions

    def set_value(self, image: QImage, captions: Sequence[str] = ()) -> None:
        """Show a picture. captions: of the parts that stand side by side in it, all of one width."""
        if image.cacheKey() != self._image.cacheKey() or tuple(captions) != self._captions:
            self._image, self._captions = image, tuple(captions)
            self.setAccessibleName(", ".join(captions))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line_height = self.fontMetrics().height() + 2
        rows = self._rows()
        below = line_height * (1 + (rows[-1][0] + 1 if rows else 0))
        room = self.rect().adjusted(0, 0, 0, -below)
        if self._image.isNull():
            painter.setPen(ink.faint(self, 160))
            wrapped = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), wrapped, self._empty)
        else:
            size = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            spot = QRect(room.topLeft(), size)
            spot.moveCenter(room.center())
            larger = size.width() > self._image.width()  # pixels are to be seen as such
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not larger)
            painter.drawImage(spot, self._image)
            painter.setPen(ink.text(self))
            part = spot.width() // max(len(self._captions), 1)
            whole = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextDontClip  # a part may be narrower than its line
            for number, caption in enumerate(self._captions):
                line = QRect(spot.left() + number * part, spot.bottom() + 2, part, line_height)
                painter.drawText(line, whole, caption)
            for row, x, name, color in rows:
                y = self.height() - (rows[-1][0] + 1 - row) * line_height
                painter.fillRect(QRect(x, y + 3, _SWATCH, line_height - 6), QColor(color))
                painter.drawText(x + _SWATCH + _GAP, y + self.fontMetrics().ascent(), name)
        painter.end()

    def _rows(self) -> List[Tuple[int, int, str, str]]:
        """Return (row, x, name, colour) of the legend's entries, as many as there is room for."""
        found: List[Tuple[int, int, str, str]] = []
        row = x = 0
        for name, color, seen in legend(self._image):
            if not seen:
                continue
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST)
            width = _SWATCH + 3 * _GAP + self.fontMetrics().horizontalAdvance(text)
            if x and x + width > self.width():
                row, x = row + 1, 0
            if row == _ROWS:
                break
            found.append((row, x, text, color))
            x += width
        return found


def legend(image: QImage) -> List[Tuple[str, str, bool]]:
    """Return (name, colour, whether it has it) of the classes that an example tells, [] where it tells none."""
    try:
        rows = json.loads(image.text("classes") or "[]")
        return [(str(name), str(color), bool(seen)) for name, color, seen in rows]
    except (ValueError, TypeError):
        return []
