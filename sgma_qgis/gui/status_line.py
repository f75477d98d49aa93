"""The line on top: whether the engine is there, and the device it computes on. A click leads to the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QSizePolicy, QToolButton, QWidget

from ..i18n import tr


@dataclass(frozen=True)
class EngineState:
    """ready: a runtime is there. text: what the line says. hint: the rest, for the tooltip."""

    ready: bool
    text: str
    hint: str = ""


class StatusLine(QToolButton):
    """A flat button; `changed` when another state is shown, `clicked` asks for the settings."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine_status")
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setIconSize(QSize(16, 16))
        self.setWhatsThis(tr("Shows whether the engine that computes is installed, and on which device it runs."))
        self._state = EngineState(False, "")
        self.setToolTip(self.whatsThis())

    def value(self) -> EngineState:
        """Return the state shown."""
        return self._state

    def set_value(self, state: EngineState) -> None:
        """Show a state."""
        self._state = state
        self.setText(state.text)
        self.setIcon(QgsApplication.getThemeIcon("/mIconSuccess.svg" if state.ready else "/mIconWarning.svg"))
        self.setToolTip("\n".join(part for part in (state.text, state.hint, tr("Click for the settings.")) if part))
        self.changed.emit()
