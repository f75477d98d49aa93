"""Whether the engine is there, and on which device it computes; looked at again every two seconds while shown."""

from __future__ import annotations

from typing import Callable, Optional, Tuple

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .. import report, service, settings
from ..i18n import tr
from ..model.contract.errors import RuntimeUnavailable
from .status_line import EngineState, StatusLine

EVERY_MS = 2000


class EngineStatus(QObject):
    """Keeps a StatusLine true. `device` tells the one that the next job asks for.

    `changed`: the settings are others, or the engine has come or gone: what an earlier engine said no longer counts.
    """

    changed = pyqtSignal()

    def __init__(self, line: StatusLine, device: Callable[[], str], parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._device = device
        self._known: Optional[Tuple[bool, settings.Settings]] = None
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)

    def watch(self, on: bool) -> None:
        """Look now and then, or no longer."""
        if on:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Look now; starts nothing."""
        state = self._state()
        if state != self._line.value():
            self._line.set_value(state)
        before, self._known = self._known, (state.ready, settings.load())
        if before is not None and before != self._known:
            self.changed.emit()

    def _state(self) -> EngineState:
        try:
            service.check_runtime(settings.load().runtime_python)
        except RuntimeUnavailable as error:
            return EngineState(False, tr("Engine not installed: click to set it up"), "\n".join(report.lines(error)))
        machine = service.machine()
        if not machine:
            return EngineState(True, tr("Engine installed"))
        wanted = self._device()
        device = machine["devices"][0] if wanted == "auto" and machine["devices"] else wanted
        versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
        return EngineState(True, tr("Engine ready · {device}").format(device=device), versions)
