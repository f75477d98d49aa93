"""Results and errors on QGIS's message bar, and in its log; never a modal box."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence, Tuple

from qgis.core import Qgis, QgsMessageLog
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from .. import report
from ..i18n import tr

TITLE = "SGMA"
SECONDS = 8


class Messages:
    """Writes on one message bar. Buttons are (text, what to call)."""

    def __init__(self, bar: QgsMessageBar) -> None:
        self._bar = bar

    def error(self, error: Exception) -> None:
        """Say what went wrong; stays until it is closed. Details, where there are some, in a window of their own."""
        lines, detail = report.lines(error), report.detail(error)
        QgsMessageLog.logMessage("\n".join([*lines, detail]).strip(), TITLE, Qgis.MessageLevel.Critical)
        buttons = [(tr("Details"), lambda: show_text(self._bar.window(), tr("Details"), detail))] if detail else []
        self._push("\n".join(lines), Qgis.MessageLevel.Critical, 0, buttons)

    def success(self, text: str, buttons: Sequence[Tuple[str, Callable[[], Any]]] = ()) -> None:
        """Say what was done."""
        self._push(text, Qgis.MessageLevel.Success, 0 if buttons else SECONDS, buttons)

    def info(self, text: str) -> None:
        """Say something that needs no answer."""
        self._push(text, Qgis.MessageLevel.Info, SECONDS, ())

    def warning(self, text: str) -> None:
        """Say what may harm the result."""
        QgsMessageLog.logMessage(text, TITLE, Qgis.MessageLevel.Warning)
        self._push(text, Qgis.MessageLevel.Warning, SECONDS, ())

    @staticmethod
    def log(level: str, text: str) -> None:
        """Keep a line that a job said in QGIS's log."""
        levels = {"warning": Qgis.MessageLevel.Warning, "error": Qgis.MessageLevel.Critical}
        QgsMessageLog.logMessage(text, TITLE, levels.get(level, Qgis.MessageLevel.Info), False)

    def _push(self, text: str, level: Any, seconds: int, buttons: Sequence[Tuple[str, Callable[[], Any]]]) -> None:
        item = self._bar.createMessage(TITLE, text)
        for name, call in buttons:
            button = QPushButton(name, item)
            button.clicked.connect(lambda checked=False, run=call: run())
            item.layout().addWidget(button)
        self._bar.pushWidget(item, level, seconds)


def show_text(parent: Optional[QWidget], title: str, text: str) -> QDialog:
    """Show a text in a window that blocks nothing, and return it."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    edit = QPlainTextEdit(text, dialog)
    edit.setReadOnly(True)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    buttons.rejected.connect(dialog.close)
    layout = QVBoxLayout(dialog)
    layout.addWidget(edit)
    layout.addWidget(buttons)
    dialog.resize(640, 400)
    dialog.show()
    return dialog
