"""What a page of the wizard has to say about the choices on it: one sentence a line, with a mark."""

from __future__ import annotations

from typing import List, Optional, Sequence

from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from ..badge import Badge, BadgeLabel


class Notes(QWidget):
    """Shows badges below each other; its value is these badges."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._badges: List[Badge] = []
        self._labels: List[BadgeLabel] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        self.hide()

    def value(self) -> List[Badge]:
        """Return what is shown."""
        return list(self._badges)

    def set_value(self, badges: Sequence[Badge]) -> None:
        """Show these."""
        self._badges = list(badges)
        while len(self._labels) < len(badges):
            self._labels.append(BadgeLabel(self))
            self._column.addWidget(self._labels[-1])
        for number, label in enumerate(self._labels):
            label.set_value(badges[number] if number < len(badges) else None)
        self.setVisible(bool(badges))
