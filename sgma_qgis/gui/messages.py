"""Results and errors on QGIS's message bar, and in its log; never a modal box."""

from __future__ import annotations

import html
import re
from typing import Any, Callable, Optional, Sequence, Tuple

from qgis.core import Qgis, QgsMessageLog
from qgis.gui import QgsMessageBar, QgsMessageBarItem
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from .. import report
from ..i18n import tr

TITLE = "SGMA"
SECONDS = 10  #: what went well is said so long; warnings and errors stay until they are closed
LINE, BUTTON = 76, 14  #: characters that the bar has room for over a narrow map, and those that a button takes
EDGES = 160  # pixels of the bar beside text and buttons: icon, title, cross
_PATH = re.compile(r"(?<!\S)\S*[/\\][^\s/\\]+[/\\]([^\s/\\]+)")  # two parts or more


class Messages:
    """Writes on one message bar. Buttons are (text, what to call); of texts, the first line counts most."""

    def __init__(self, bar: QgsMessageBar) -> None:
        self._bar = bar

    def error(self, error: Exception) -> None:
        """Say what went wrong; stays until it is closed. Details, where there are some, in a window of their own."""
        lines, detail = report.lines(error), report.detail(error)
        whole = "\n".join([*lines, detail]).strip()
        QgsMessageLog.logMessage(whole, TITLE, Qgis.MessageLevel.Critical)
        self._push(lines, Qgis.MessageLevel.Critical, 0, (), whole if detail else "")

    def success(self, text: str, buttons: Sequence[Tuple[str, Callable[[], Any]]] = ()) -> None:
        """Say what was done."""
        self._push(text.splitlines(), Qgis.MessageLevel.Success, SECONDS, buttons)

    def info(self, text: str) -> None:
        """Say something that needs no answer."""
        self._push(text.splitlines(), Qgis.MessageLevel.Info, SECONDS, ())

    def warning(self, text: str, buttons: Sequence[Tuple[str, Callable[[], Any]]] = ()) -> None:
        """Say what may harm the result; stays until it is closed."""
        QgsMessageLog.logMessage(text, TITLE, Qgis.MessageLevel.Warning)
        self._push(text.splitlines(), Qgis.MessageLevel.Warning, 0, buttons)

    def clear_errors(self) -> None:
        """Take our errors and warnings off the bar: what they were about is being done anew."""
        self._pop(lambda item: item.level() in (Qgis.MessageLevel.Critical, Qgis.MessageLevel.Warning))

    def clear(self) -> None:
        """Take all that we said off the bar."""
        self._pop(lambda item: True)

    def _pop(self, which: Callable[[QgsMessageBarItem], bool]) -> None:
        for item in self._bar.items():
            if item.title() == TITLE and which(item):
                self._bar.popWidget(item)

    @staticmethod
    def log(level: str, text: str) -> None:
        """Keep a line that a job said in QGIS's log."""
        levels = {"warning": Qgis.MessageLevel.Warning, "error": Qgis.MessageLevel.Critical}
        QgsMessageLog.logMessage(text, TITLE, levels.get(level, Qgis.MessageLevel.Info), False)

    def _push(
        self,
        lines: Sequence[str],
        level: Any,
        seconds: int,
        buttons: Sequence[Tuple[str, Callable[[], Any]]],
        whole: str = "",
    ) -> None:
        """Say lines as far as they fit into one: the bar cuts what does not. The rest is behind a button."""
        text, whole_text = " ".join(lines), whole or "\n".join(lines)
        room = max(LINE, (self._bar.width() - EDGES) // self._bar.fontMetrics().horizontalAdvance("n"))
        if whole or len(text) > room - BUTTON * len(buttons):
            buttons = [*buttons, (tr("Details"), lambda: show_text(self._bar.window(), tr("Details"), whole_text))]
            text = short(lines, room - BUTTON * len(buttons))
        text = html.escape(text, quote=False)  # the bar shows rich text, and cards come from strangers
        self._pop(lambda item: item.text() == text and item.level() == level)  # a preview may warn again and again
        item = self._bar.createMessage(TITLE, text)
        for name, call in buttons:
            button = QPushButton(name, item)
            button.clicked.connect(lambda checked=False, run=call: run())
            item.layout().addWidget(button)
        self._bar.pushWidget(item, level, seconds)


def short(lines: Sequence[str], most: int) -> str:
    """Return all lines if they fit, else the first, with paths by their last part, and as much of it as fits."""
    first = " ".join(lines[0].split()).rstrip(":")  # nothing follows it
    for text in (" ".join(lines), first, _PATH.sub(r"…/\1", first)):
        if len(text) <= most and "\n" not in text:
            return text
    return text[: most - 1].rsplit(" ", 1)[0] + "…"


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
