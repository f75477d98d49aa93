"""The command that does the same as the wizard, to be copied into a script."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import QApplication, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ...i18n import tr
from ...model.contract.errors import SgmaError
from .jobs import command, kept_command
from .state import WizardState

LINES = 3


class CommandButton(QPushButton):
    """Copies the call of qgis_process; `refused(error)` when there is none, or files cannot be kept."""

    refused = pyqtSignal(object)

    def __init__(self, text: str, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(text, parent)
        self.setToolTip(tr("The call of qgis_process that trains the same, for a terminal or script"))
        self._state = state
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        try:
            QApplication.clipboard().setText(kept_command(self._state))
        except SgmaError as error:
            self.refused.emit(error)


class CommandBox(QWidget):
    """Shows the call of qgis_process, with a button that copies it."""

    def __init__(self, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self.label = QLabel(tr("The same in a terminal or script:"), self)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setFixedHeight(LINES * self.text.fontMetrics().lineSpacing() + 12)
        self.text.setAccessibleName(tr("Command that trains the same"))
        self.label.setBuddy(self.text)
        self.copy_button = CommandButton(tr("Cop&y"), state, self)
        self.copy_button.refused.connect(lambda error: self.text.setPlainText(str(error)))
        row = QHBoxLayout()
        row.addWidget(self.label, 1)
        row.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.text)

    def show_command(self) -> None:
        """Show the command of the choices, or what is missing for one."""
        try:
            self.text.setPlainText(command(self._state))
            self.copy_button.setEnabled(True)
        except SgmaError as error:
            self.text.setPlainText(str(error))
            self.copy_button.setEnabled(False)
