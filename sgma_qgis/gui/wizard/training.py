"""The one training that may go on: it outlives the wizard, and is ended with the plugin."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QImage

from ... import settings, tasks
from ...i18n import tr
from ...model.contract import checkpoint
from ...model.contract.learning import TrainJob
from ...model.contract.messages import Pause, Resume, Stop
from ..messages import Messages
from .measures import Measure, added, from_checkpoint, measure


class Trainer(QObject):
    """Starts a training, passes on what a person asks of it, and keeps what it tells.

    `changed` whenever there is something new to show; at the end `succeeded` with the job's result, or `failed` with
    the error: Cancelled when it was broken off.
    job: the training that goes on, or was the last. history: its measures. picture: its last example, whose file goes
    with the work folder. pictured: the epoch after which that was drawn. share, 0..1, and text: how far it is.
    warnings: what it warned of. error: why it failed.
    """

    changed = pyqtSignal()
    succeeded = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self.job: Optional[TrainJob] = None
        self.history: List[Measure] = []
        self.picture, self.pictured = QImage(), 0
        self.share = 0.0
        self.warnings: List[str] = []
        self.error: Optional[Exception] = None
        self.paused = self.stopping = False
        self._text = ""
        self._task: Optional[tasks.Task] = None

    @property
    def running(self) -> bool:
        """Whether a training goes on; also while it is paused."""
        return self._task is not None

    @property
    def text(self) -> str:
        """How far the training is, in words."""
        if self.stopping:
            return tr("Ending after this step; the best so far is kept…")
        return tr("Paused: maps and trials wait until it goes on or ends.") if self.paused else self._text

    def start(self, job: TrainJob) -> None:
        """Begin a training, or go on with the one that its output's work folder keeps; not while one goes on."""
        if self.running:
            return
        kept = checkpoint.kept(job.output) if job.options.resume else None
        self.history = from_checkpoint(kept.told) if kept else []
        self.picture, self.pictured = example(job.output, kept)
        self.job, self.share, self.warnings, self.error = job, 0.0, [], None
        self.paused = self.stopping = False
        self._text = tr("Starting…")
        task = tasks.run_task(tr("Train a model"), job, python_setting=settings.load().runtime_python)
        self._task, task.orderly = task, True  # what it is about to keep may be the end of an epoch
        task.progressed.connect(lambda share, text: self._progressed(task, share, text))
        task.logged.connect(lambda level, text: self._logged(task, level, text))
        task.metrics.connect(lambda epoch, step, values: self._measured(task, epoch, step, values))
        task.example.connect(lambda path: self._shown(task, path))
        task.succeeded.connect(lambda result: self._succeeded(task, result))
        task.failed.connect(lambda error: self._failed(task, error))
        self.changed.emit()

    def stop(self) -> None:
        """End after the running step; the model is the best so far."""
        if self.running and not self.stopping:
            self.stopping, self.paused = True, False
            self._task.ask(Stop)
            self.changed.emit()

    def pause(self) -> None:
        """Wait after the running step."""
        if self.running and not self.paused and not self.stopping:
            self.paused = True
            self._task.ask(Pause)
            self.changed.emit()

    def resume(self) -> None:
        """Go on after a pause."""
        if self.running and self.paused:
            self.paused = False
            self._task.ask(Resume)
            self.changed.emit()

    def cancel(self) -> None:
        """Break off; the last whole epoch is kept, to go on from it."""
        if self.running:
            self._task.cancel()

    def close(self) -> None:
        """Forget the training: the plugin is unloaded, and ends its task."""
        self._task = None

    # What a thread told last may arrive after `close`, or of a training before.

    def _progressed(self, task: tasks.Task, share: float, text: str) -> None:
        if task is self._task:
            self.share, self._text = share, text
            self.changed.emit()

    def _logged(self, task: tasks.Task, level: str, text: str) -> None:
        Messages.log(level, text)
        if task is self._task and level == "warning":
            self.warnings.append(text)
            self.changed.emit()

    def _measured(self, task: tasks.Task, epoch: int, step: int, values: Dict[str, Any]) -> None:
        if task is self._task:
            self.history = added(self.history, measure(epoch, step, values))
            self.changed.emit()

    def _shown(self, task: tasks.Task, path: str) -> None:
        if task is self._task:
            self.picture, self.pictured = QImage(path), self.history[-1].epoch if self.history else 0
            self.changed.emit()

    def _succeeded(self, task: tasks.Task, result: Dict[str, Any]) -> None:
        if task is self._task:
            self._end()
            self.share = 1.0
            self.changed.emit()
            self.succeeded.emit(result)

    def _failed(self, task: tasks.Task, error: Exception) -> None:
        if task is self._task:
            self._end()
            self.error = error
            self.changed.emit()
            self.failed.emit(error)

    def _end(self) -> None:
        self._task, self._text = None, ""
        self.paused = self.stopping = False


def example(output: str, kept: Optional[checkpoint.Kept]) -> Tuple[QImage, int]:
    """Return the example of an interrupted training and its epoch; a null one where there is none."""
    if kept is None:
        return QImage(), 0
    return QImage(str(checkpoint.work_folder(output) / checkpoint.EXAMPLE)), kept.epochs
