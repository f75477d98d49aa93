"""A picture, as large as there is room, with a line below each part."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.PyQt.QtCore import QRect, QSize, Qt
from qgis.PyQt.QtGui import QImage, QPainter, QPaintEvent
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from . import ink


class Picture(QWidget):
    """Its value is the image; a null one = none."""

    def __init__(self, captions: Sequence[str] = (), empty: str = "", parent: Optional[QWidget] = None) -> None:
        """captions: of the parts that stand side by side in the image, all of one width."""
        super().__init__(parent)
        self._captions, self._empty = tuple(captions), empty
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(", ".join(self._captions))

    def value(self) -> QImage:
        """Return the picture shown."""
        return self._image

    def set_value(self, image: QImage) -> None:
        """Show a picture."""
        if image.cacheKey() != self._image.cacheKey():
            self._image = image
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 160)

    def minimumSizeHint(self) -> QSize:
        return QSize(180, 80)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        below = self.fontMetrics().height() + 2
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
            for number, caption in enumerate(self._captions):
                line = QRect(spot.left() + number * part, spot.bottom() + 2, part, below)
                painter.drawText(line, Qt.AlignmentFlag.AlignHCenter, caption)
        painter.end()
