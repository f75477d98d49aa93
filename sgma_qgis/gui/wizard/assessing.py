"""Jobs of the page Assess, one after the other, in the worker of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Sequence

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ... import settings, tasks
from ...model.contract.errors import Cancelled
from ..messages import Messages


@dataclass(frozen=True)
class Step:
    """A job of a row. name: what `done` calls it; title: what a person reads."""

    name: str
    title: str
    job: Any


class Assessor(QObject):
    """`done(name, result)` after each job, `refused(name, error)` for one that failed; the others go on.

    `changed` when there is something new to show. text and share, 0..1: how far the row is.
    """

    changed = pyqtSignal()
    done = pyqtSignal(str, object)
    refused = pyqtSignal(str, object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._steps: List[Step] = []
        self._count = 0
        self._task: Optional[tasks.Task] = None
        self.text, self.share = "", 0.0

    @property
    def running(self) -> bool:
        """Whether a job goes on."""
        return self._task is not None

    def start(self, steps: Sequence[Step]) -> None:
        """Begin a row of jobs; one that goes on is broken off."""
        self.cancel()
        self._steps, self._count = list(steps), len(steps)
        self._next()

    def cancel(self) -> None:
        """Break off what goes on, and forget the rest."""
        task, self._task, self._steps = self._task, None, []
        if task is not None:
            task.cancel()

    def _next(self) -> None:
        self._task = None
        if self._steps:
            step = self._steps.pop(0)
            task = tasks.run_task(step.title, step.job, python_setting=settings.load().runtime_python)
            self._task = task
            self._progressed(task, step, 0.0, "")
            task.progressed.connect(lambda share, text: self._progressed(task, step, share, text))
            task.logged.connect(Messages.log)
            task.succeeded.connect(lambda result: self._succeeded(task, step, result))
            task.failed.connect(lambda error: self._failed(task, step, error))
        self.changed.emit()

    # Of a row that was broken off nothing is told: the page may be gone.

    def _progressed(self, task: tasks.Task, step: Step, share: float, text: str) -> None:
        if task is self._task:
            over = self._count - len(self._steps) - 1
            self.share = (over + share) / self._count
            told = text and not text.startswith(step.title)  # what goes on may be called as the step is
            self.text = f"{step.title}: {text}" if told else text or step.title
            self.changed.emit()

    def _succeeded(self, task: tasks.Task, step: Step, result: Any) -> None:
        if task is self._task:
            self.done.emit(step.name, result)
            self._next()

    def _failed(self, task: tasks.Task, step: Step, error: Exception) -> None:
        if task is not self._task:
            return
        if isinstance(error, Cancelled):
            self.cancel()
            self.changed.emit()
            return
        self.refused.emit(step.name, error)
        self._next()
