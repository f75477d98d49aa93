"""The bottom of the dock, always in sight: estimate, Preview, Run that becomes Stop, progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Sequence

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QGridLayout, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from ..i18n import tr
from .messages import show_text
from .steady_label import SteadyLabel
from .texts import JOINER, warning_count


@dataclass(frozen=True)
class RunState:
    """running: a run goes on. share: 0..1 of it. text: 'Segmenting: 12 of 40 tiles'. waiting: runs behind it.

    stopping: Stop was pressed. can_run: there is something to run. resumes: Run continues an unfinished one.
    previewing: a preview is being computed.
    """

    running: bool = False
    share: float = 0.0
    text: str = ""
    waiting: int = 0
    stopping: bool = False
    can_run: bool = False
    resumes: bool = False
    previewing: bool = False


class RunBar(QWidget):
    """Shows a RunState; its buttons say what is wanted. `changed` when following the map is switched."""

    changed = pyqtSignal()
    preview_wanted = pyqtSignal()
    run_wanted = pyqtSignal()
    stop_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = RunState()
        self._offered = True
        self.estimate = SteadyLabel(self)
        self.estimate.setObjectName("estimate")
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 1000)
        self.progress_text = SteadyLabel(self)
        self.progress_text.setObjectName("progress_text")
        self.preview_button = QPushButton(tr("Prev&iew"), self)
        self.preview_button.setObjectName("preview")
        self.preview_button.setToolTip(tr("Compute what the map shows, in seconds, as the whole run would map it"))
        self.follow = QCheckBox(tr("&Follow the map"), self)
        self.follow.setObjectName("follow")
        self.follow.setToolTip(tr("Preview again whenever the map is moved or zoomed"))
        self.run_button = QPushButton(tr("R&un"), self)
        self.run_button.setObjectName("run")
        self.stop_button = QPushButton(tr("S&top"), self)
        self.stop_button.setObjectName("stop")
        self.stop_button.setToolTip(tr("Stop; finished parts are kept, and Resume goes on after them"))
        self.warnings_button = QToolButton(self)
        self.warnings_button.setObjectName("warnings")
        self.warnings_button.setAutoRaise(True)
        for button in (self.preview_button, self.run_button, self.stop_button):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QGridLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.addWidget(self.estimate, 0, 0, 1, 2)
        layout.addWidget(self.progress, 1, 0, 1, 2)
        layout.addWidget(self.progress_text, 2, 0, 1, 2)
        layout.addWidget(self.preview_button, 3, 0)
        layout.addWidget(self.follow, 3, 1)
        layout.addWidget(self.run_button, 4, 0)
        layout.addWidget(self.stop_button, 4, 1)
        layout.addWidget(self.warnings_button, 4, 1)  # where Stop stands while a run goes on: nothing jumps
        self.preview_button.clicked.connect(self.preview_wanted)
        self.run_button.clicked.connect(self.run_wanted)
        self.stop_button.clicked.connect(self.stop_wanted)
        self.follow.toggled.connect(self.changed)
        self.warnings_button.clicked.connect(self._open_warnings)
        self.set_warnings(())
        self.set_value(self._state)

    def value(self) -> RunState:
        """Return the state shown."""
        return self._state

    def follows(self) -> bool:
        """Return whether previews follow the map."""
        return self.follow.isChecked()

    def set_offered(self, on: bool) -> None:
        """Offer previews and runs; off: another page has a run of its own, whose progress is shown here."""
        self._offered = on
        for widget in (self.preview_button, self.follow, self.run_button):
            widget.setVisible(on)
        self._show_estimate()
        self._show_warnings()

    def set_value(self, state: RunState) -> None:
        """Show a state."""
        self._state = state
        self.progress.setVisible(state.running)
        self.progress_text.setVisible(state.running)
        self.progress.setValue(round(1000 * state.share))
        text = tr("Stopping: the parts in work are finished and kept…") if state.stopping else state.text
        if state.waiting:
            text += "\n" + tr("Runs that wait: {count}").format(count=state.waiting)
        self.progress_text.show_text(text.replace("/", "/" + JOINER), passing=state.running)  # 'tiles/s' in one piece
        self.run_button.setEnabled(state.can_run)
        self.preview_button.setEnabled(state.can_run)
        self.preview_button.setText(tr("Previewing…") if state.previewing else tr("Prev&iew"))
        self.stop_button.setVisible(state.running)
        self._show_warnings()
        self.stop_button.setEnabled(not state.stopping)
        if state.running:
            self.run_button.setText(tr("Add r&un"))
            self.run_button.setToolTip(tr("Queue this run behind the one that goes on"))
        elif state.resumes:
            self.run_button.setText(tr("Res&ume"))
            self.run_button.setToolTip(tr("Continue the run that was stopped, after its last finished part"))
        else:
            self.run_button.setText(tr("R&un"))
            self.run_button.setToolTip(tr("Map the whole area"))

    def set_estimate(self, text: str, hint: str = "", passing: bool = False) -> None:
        """Show what a run would take, or why none can start. passing: a text that gives way to another soon."""
        self.estimate.show_text(text, passing)
        self.estimate.setToolTip(hint or text)
        self._show_estimate()

    def set_warnings(self, texts: Sequence[str]) -> None:
        """Show how many warnings a run with these choices would have; a click opens them."""
        self._warnings = "\n\n".join(texts)
        self.warnings_button.setText(f"⚠ {warning_count(len(texts))}")
        self.warnings_button.setToolTip("\n".join((tr("What a run with these choices would warn of:"), *texts)))
        self._show_warnings()

    def _show_estimate(self) -> None:
        self.estimate.setVisible(self._offered and (bool(self.estimate.text()) or not self._state.running))

    def _show_warnings(self) -> None:
        self.warnings_button.setVisible(bool(self._warnings) and self._offered and not self._state.running)

    def _open_warnings(self) -> None:
        show_text(self.window(), tr("Warnings"), self._warnings)
