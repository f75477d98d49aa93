"""The live mark of a layer's row: used, absent, partial, offset, no overlap; an icon and a few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

GOOD = "good"
DOUBT = "doubt"
BAD = "bad"
NEUTRAL = "neutral"

_ICONS = {GOOD: "/mIconSuccess.svg", DOUBT: "/mIconWarning.svg", BAD: "/mIconCritical.svg"}


@dataclass(frozen=True)
class Badge:
    """kind: GOOD, DOUBT, BAD or NEUTRAL. text: a few words. hint: the rest, for the tooltip."""

    kind: str
    text: str
    hint: str = ""


class BadgeLabel(QWidget):
    """Shows a badge; nothing while there is none."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._badge: Optional[Badge] = None
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # names of layers are a stranger's
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)  # beside the first line
        layout.addWidget(self._text)

    def value(self) -> Optional[Badge]:
        """Return the badge shown."""
        return self._badge

    def set_value(self, badge: Optional[Badge]) -> None:
        """Show a badge, or none."""
        self._badge = badge
        self.setVisible(badge is not None)
        if badge is None:
            return
        name = _ICONS.get(badge.kind)
        self._icon.setVisible(name is not None)
        if name:
            size = self.fontMetrics().height()
            self._icon.setPixmap(QgsApplication.getThemeIcon(name).pixmap(size, size))
        self._text.setText(badge.text)
        self.setToolTip("\n".join(part for part in (badge.text, badge.hint) if part))
        self.setAccessibleName(badge.text)
