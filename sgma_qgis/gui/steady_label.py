"""A label for text that changes while work goes on: it does not shrink meanwhile, so what is beside it stays put."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QLabel, QWidget

LINES = 2  #: kept free at least, unless told otherwise


class SteadyLabel(QLabel):
    """Wraps its text. As high as the highest text since the last one that was not `passing`."""

    def __init__(self, parent: Optional[QWidget] = None, lines: int = LINES) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._reserve(0)

    def show_text(self, text: str, passing: bool = False) -> None:
        """Show a text; passing: another one follows soon."""
        self.setText(text)
        self._reserve(self.minimumHeight() if passing else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():  # lines break elsewhere
            self._reserve(0)

    def _reserve(self, least: int) -> None:
        self.setMinimumHeight(0)  # it would count as the text's own
        lines = self.fontMetrics().size(0, "\n".join("x" * self._lines)).height()
        self.setMinimumHeight(max(least, lines, self.heightForWidth(self.width()) if self.text() else 0))
