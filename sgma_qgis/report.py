"""Errors in the words a person reads: three lines at most in Processing, one message in the message bar."""

from __future__ import annotations

from typing import TYPE_CHECKING, List

from qgis.core import Qgis, QgsMessageLog
from qgis.PyQt.QtCore import QCoreApplication

from .model.contract.errors import Cancelled, SgmaError, WorkerFailed

if TYPE_CHECKING:
    from qgis.gui import QgsMessageBar

TAG = "SGMA"
MOST_LINES = 3


def lines(error: Exception) -> List[str]:
    """Return at most three lines: what came, what is needed, what to do."""
    if isinstance(error, SgmaError):
        return [line for line in str(error).splitlines() if line.strip()][:MOST_LINES]
    return [f"{type(error).__name__}: {error}"]


def detail(error: Exception) -> str:
    """Return the technical detail a report of the error should carry; empty when there is none."""
    return error.detail if isinstance(error, WorkerFailed) else ""


def show(bar: QgsMessageBar, error: Exception) -> None:
    """Show an error in the message bar and keep it in the message log. Cancelling is not an error."""
    cancelled = isinstance(error, Cancelled)
    level = Qgis.MessageLevel.Info if cancelled else Qgis.MessageLevel.Critical
    text = " ".join(lines(error))
    more = detail(error)
    QgsMessageLog.logMessage("\n".join(part for part in (text, more) if part), TAG, level)
    bar.pushMessage(QCoreApplication.translate("SGMA", "SGMA"), text, more, level)
