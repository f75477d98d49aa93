"""Page 5: the training, started, watched, paused, ended with the best so far, gone on with."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from ... import report
from ...i18n import tr
from ...model.contract import checkpoint
from ...model.contract.errors import BadInput, Cancelled, SgmaError
from ..badge import BAD, DOUBT, Badge
from . import jobs, made_with, outcome, training, wording
from .command_box import CommandButton
from .curves import Curves
from .data_page import scrolling
from .measures import from_checkpoint, from_history
from .notes import Notes
from .picture import Picture, legend
from .state import WizardState
from .training import Trainer

_WARNING_LINES = 4
_BAR = 1000  # steps of the progress bar


class TrainPage(QWizardPage):
    """Complete once there is a model in the output's folder and no training goes on."""

    changed = pyqtSignal()

    def __init__(self, state: WizardState, parent: Optional[QWidget], trainer: Trainer) -> None:
        super().__init__(parent)
        self._state, self._trainer = state, trainer
        self._kept: Optional[checkpoint.Kept] = None
        self._example = QImage(), 0  # of the training that was interrupted, and its epoch
        self._refused = False  # the training that was interrupted could not go on
        self._differs = False  # the choices are others than those of the training that is there, or goes on
        self._before: Optional[str] = None  # digest of what the model that this training replaces was made with
        self.setTitle(tr("Train"))
        self.setSubTitle(tr("The model learns from your labels. You can close this window: the training goes on."))
        self.status = QLabel(self)
        self.status.setWordWrap(True)
        self.notes = Notes(self)
        self.start_button = QPushButton(self)
        self.afresh_button = QPushButton(tr("Start &afresh"), self)
        self.afresh_button.setToolTip(tr("Forget the training that was interrupted and begin again"))
        self.pause_button = QPushButton(self)
        self.stop_button = QPushButton(tr("&Stop and keep the best"), self)
        self.stop_button.setToolTip(tr("Ends after the running step; the model is the best of the epochs so far"))
        self.cancel_button = QPushButton(tr("&Break off"), self)
        self.pause_button.setToolTip(
            tr("Waits after the running step; its place in the queue stays taken: maps wait, too")
        )
        self.cancel_button.setToolTip(tr("Ends now, without a model; the last whole epoch is kept to go on from"))
        self.command_button = CommandButton(tr("Copy the co&mmand"), state, self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _BAR)
        self.bar.setTextVisible(False)
        self.curves = Curves(self)
        self.picture = Picture(tr("An example appears here after the first epoch."), self)
        self.warnings = QPlainTextEdit(self)
        self.warnings.setReadOnly(True)
        self.warnings.setAccessibleName(tr("Warnings"))
        self.warnings.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # as high as the example
        self.warnings.setMinimumHeight(_WARNING_LINES * self.fontMetrics().height())
        self._lay_out()
        self.start_button.clicked.connect(lambda: self.start(True))
        self.afresh_button.clicked.connect(lambda: self.start(False))
        self.pause_button.clicked.connect(self._pause)
        self.stop_button.clicked.connect(trainer.stop)
        self.cancel_button.clicked.connect(trainer.cancel)
        self.command_button.refused.connect(self._refuse)
        trainer.changed.connect(self._show)
        trainer.succeeded.connect(self._ended)
        trainer.failed.connect(self._ended)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (
            self.start_button, self.afresh_button, self.pause_button, self.stop_button, self.cancel_button
        ):  # fmt: skip
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.command_button)
        below = QHBoxLayout()
        below.addWidget(self.picture, 3)
        below.addWidget(self.warnings, 2)
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.addWidget(self.status)
        layout.addWidget(self.bar)
        layout.addLayout(buttons)
        layout.addWidget(self.notes)
        layout.addWidget(self.curves, 3)
        layout.addLayout(below, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(body, self))

    # --- the wizard ---------------------------------------------------------------------------------------------

    def initializePage(self) -> None:
        self.notes.set_value([])
        self._refused = False
        self._look()
        if self._trains() and self._differs:
            text = tr("The settings have changed since this training began: it goes on with those that it began with.")
            self.notes.set_value([Badge(DOUBT, text)])
        self._show()

    def isComplete(self) -> bool:
        return self._state.trained and not self._differs and not self._trains()

    def start(self, resume: bool) -> None:
        """Start the training that the wizard's choices say. resume: go on where an earlier one was interrupted."""
        self.notes.set_value([])
        try:
            job = jobs.train_job(self._state)
        except SgmaError as error:
            self._refuse(error)
            return
        self._state.trained = self._differs = self._refused = False
        self._before = self._state.made_with.get(self._state.output)
        self._state.made_with = {**self._state.made_with, self._state.output: made_with.digest(self._state)}
        self._state.reports = {}
        self._trainer.start(replace(job, options=replace(job.options, resume=resume)))
        self.changed.emit()

    # --- what is shown --------------------------------------------------------------------------------------------

    def _ours(self) -> bool:
        """Whether the trainer's training is that of this wizard, not of another project."""
        return self._trainer.job is not None and self._trainer.job.output == self._state.output

    def _trains(self) -> bool:
        return self._trainer.running and self._ours()

    def _look(self) -> None:
        """See what lies on the disk: a model, a training that was interrupted."""
        self._kept = checkpoint.kept(self._state.output) if self._state.output else None
        self._example = training.example(self._state.output, self._kept)
        package = outcome.model_in(self._state.output)
        self._differs = made_with.differs(self._state)
        done = package is not None and self._kept is None and not self._trains()
        if done != self._state.trained:
            self._state.trained = done
            self.changed.emit()
        self.completeChanged.emit()

    def _ended(self, _: object) -> None:
        error = self._trainer.error
        broken = self._ours() and error is not None and checkpoint.kept(self._state.output) is None
        if broken and self._before is not None:  # what was there before is there still
            self._state.made_with[self._state.output] = self._before
        self._look()
        if self._ours() and error is not None and not isinstance(error, Cancelled):
            self._refused = self._kept is not None and getattr(error, "code", "") == BadInput.code
            self._refuse(error)
        self._show()

    def _refuse(self, error: Exception) -> None:
        text = " ".join(report.lines(error))
        if self._trainer.job is not None:
            text = wording.in_pages(text, self._state, self._trainer.job)
        self.notes.set_value([Badge(BAD, text)])

    def _show(self) -> None:
        trainer, trains = self._trainer, self._trains()
        busy = trainer.running and not trains
        self.status.setText(self._status(busy))
        self.start_button.setText(self._start_text())
        self.start_button.setVisible(not trains)
        self.start_button.setEnabled(not busy and not (self._differs and self._kept is not None))
        self.afresh_button.setVisible(not trains and self._kept is not None)
        self.afresh_button.setEnabled(not busy)
        self.pause_button.setText(tr("&Go on") if trainer.paused else tr("&Pause"))
        for button in (self.pause_button, self.stop_button, self.cancel_button):
            button.setVisible(trains)
            button.setEnabled(not trainer.stopping or button is self.cancel_button)
        self.bar.setVisible(trains)
        self.bar.setValue(round(_BAR * trainer.share))
        self._show_course()
        self.completeChanged.emit()

    def _show_course(self) -> None:
        """Show curves, example and warnings: of the training that goes on, else of the last one, as far as known."""
        if self._ours():
            history, warnings = self._trainer.history, self._trainer.warnings
            picture, epoch = self._trainer.picture, self._trainer.pictured
        else:
            history, warnings, (picture, epoch) = [], [], self._example
        epochs = self._state.epochs or 1
        if self._differs and not self._trains():  # these are another training's
            history, picture, warnings = [], QImage(), []
        if not history and self._kept is not None:
            history = from_checkpoint(self._kept.told)
        if not history and self._state.trained and not self._differs:
            package = outcome.model_in(self._state.output)
            history = from_history(outcome.history(package.card)) if package else []
        colors = self._colors(picture)
        if list(self.curves.value()) != history or self.curves.colors() != colors:
            self.curves.set_value(history, max(epochs, self._kept.of if self._kept else 1), colors)
        drawn = tr("map after epoch {epoch}").format(epoch=epoch) if epoch else tr("map before the training")
        self.picture.set_value(picture, (tr("picture"), tr("labels"), drawn))
        lines = (wording.in_pages(line, self._state, self._trainer.job) for line in dict.fromkeys(warnings))
        text = "\n".join(f"⚠ {line}" for line in lines)
        if self.warnings.toPlainText() != text:
            self.warnings.setPlainText(text)
        self.warnings.setVisible(bool(text))

    def _colors(self, picture: QImage) -> Dict[str, str]:
        """Return the colours of classes by name: as the example has them, else the new model's card."""
        rows = legend(picture)
        if rows:
            return {name: color for name, color, _ in rows}
        package = outcome.model_in(self._state.output) if self._state.trained else None
        return {info.name: info.color for info in package.card.classes} if package else {}

    def _status(self, busy: bool) -> str:
        trainer = self._trainer
        if busy:
            return tr("Another training goes on: {output}").format(output=trainer.job.output)
        if trainer.running:
            return trainer.text
        package = outcome.model_in(self._state.output) if self._state.trained else None
        if package is not None and self._differs:
            text = tr("The settings have changed since this training, or it was another one's: train again, which "
                      "replaces the model {title}, or name another folder on the page Model and budget.")  # fmt: skip
            return text.format(title=package.card.title)
        if package is not None:
            return outcome.sentence(package.card)
        if self._kept is not None and self._differs:
            return tr("The settings have changed since a training was interrupted: it cannot go on, start afresh.")
        if self._kept is not None:
            text = tr("A training was interrupted after epoch {done} of {of}. It can go on from there.")
            if self._refused:
                text = tr("A training was interrupted after epoch {done} of {of}. It could not go on: see below.")
            return text.format(done=self._kept.epochs, of=self._kept.of)
        if self._state.made_with.get(self._state.output):
            return tr("A training ended before its first epoch was whole: nothing of it is kept, it begins anew.")
        return tr("Not started yet. The new model will be written to {folder}").format(folder=self._state.output)

    def _start_text(self) -> str:
        if self._kept is not None:
            return tr("&Go on from epoch {epoch}").format(epoch=self._kept.epochs + 1)
        return tr("&Train again") if self._state.trained else tr("S&tart the training")

    def _pause(self) -> None:
        if self._trainer.paused:
            self._trainer.resume()
        else:
            self._trainer.pause()
