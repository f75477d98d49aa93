"""Work that runs beside QGIS's window: a QgsTask in the task manager that tells its end on the main thread."""

from __future__ import annotations

import collections
import threading
import time
from typing import Any, Callable, Deque, Dict, List, Set

from qgis.core import QgsApplication, QgsTask
from qgis.PyQt.QtCore import QThreadPool, pyqtSignal

from . import service
from .model.contract.errors import Cancelled

STEP_S = 10.0  # for a training to end its running step when QGIS is closed
SHUTDOWN_S = 10.0  # for tasks to end once their workers are gone


class Task(QgsTask):
    """Runs `work(feedback)` in a thread of its own. Signals arrive on the main thread.

    work: returns anything; must not touch QgsProject, layers in use or widgets. Exactly one of `succeeded` and `failed`
    comes, after all others; none does once the plugin is unloaded.
    orderly: the worker ends its running step before an unloaded plugin ends the worker.
    """

    progressed = pyqtSignal(float, str)  # fraction 0..1, the same in words
    logged = pyqtSignal(str, str)  # level (info, warning, error), text
    metrics = pyqtSignal(int, int, object)  # epoch, step, values as in `messages.Metrics`
    example = pyqtSignal(str)  # path of a picture of how a training goes
    block = pyqtSignal(str, object)  # path of a finished block's GeoTIFF, (col, row, width, height) on the output grid
    succeeded = pyqtSignal(object)  # what `work` returned
    failed = pyqtSignal(object)  # what it raised; Cancelled when it was stopped

    def __init__(self, title: str, work: Callable[[service.Feedback], Any]) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self.warnings: List[str] = []
        self.orderly = False
        self._work = work
        self._value: Any = None
        self._error: Any = None
        self._silent = False
        self._begun = False
        self._ended = threading.Event()
        self._asked: Deque[Any] = collections.deque()

    def run(self) -> bool:
        """Work; QGIS calls it in a thread of its pool. An exception that left it would end QGIS."""
        self._begun = True
        # It mostly waits for a worker: the pool may start another in its place, else on few cores two runs that queue
        # would hold up previews and QGIS's own tasks.
        pool = _pool()
        pool.releaseThread()
        try:
            self._value = self._work(_TaskFeedback(self))
        except BaseException as error:  # noqa: BLE001  (told on the main thread)
            self._error = error
        finally:
            pool.reserveThread()
            self._ended.set()
        return self._error is None

    def finished(self, result: bool) -> None:
        """Tell how it ended; QGIS calls it on the main thread, also when the task never began."""
        _running.discard(self)
        if self._silent:
            return
        if result:
            self.succeeded.emit(self._value)
        else:
            self.failed.emit(self._error or Cancelled())

    def silence(self) -> None:
        """Tell nobody anything any more, and stop."""
        self._silent = True
        self.cancel()

    def wait(self, seconds: float) -> bool:
        """Return whether the work ends in that time; at once when it has not begun, as then it never will."""
        return not self._begun or self._ended.wait(seconds)

    def ask(self, request: Any) -> None:
        """Pass Stop, Pause or Resume of `contract.messages`, the class, on to the running job."""
        self._asked.append(request)

    def asked(self) -> List[Any]:
        """Return what was asked since the last call; any thread."""
        return [self._asked.popleft() for _ in range(len(self._asked))]

    def tell(self, signal: Any, *values: Any) -> None:
        """Emit a signal unless silenced; any thread."""
        if not self._silent:
            signal.emit(*values)


def _pool() -> QThreadPool:
    """Return the pool that the task manager's threads come from: one of its own in newer QGIS."""
    manager = QgsApplication.taskManager()
    return manager.threadPool() if hasattr(manager, "threadPool") else QThreadPool.globalInstance()


class _TaskFeedback:
    """Tells a job's progress as the signals of a task."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def progress(self, fraction: float, text: str) -> None:
        self._task.setProgress(100.0 * fraction)
        self._task.tell(self._task.progressed, fraction, text)

    def log(self, level: str, text: str) -> None:
        if level == "warning":
            self._task.warnings.append(text)
        self._task.tell(self._task.logged, level, text)

    def block(self, path: str, window: Any) -> None:
        self._task.tell(self._task.block, path, window)

    def metrics(self, epoch: int, step: int, values: Dict[str, Any]) -> None:
        self._task.tell(self._task.metrics, epoch, step, values)

    def example(self, path: str) -> None:
        self._task.tell(self._task.example, path)

    def is_cancelled(self) -> bool:
        return self._task.isCanceled()

    def requests(self) -> List[Any]:
        return self._task.asked()

    def wait(self) -> None:
        """A task's thread has nothing else to do."""


_running: Set[Task] = set()  # Python would delete a task that nobody holds, and QGIS crash


def start(task: Task) -> Task:
    """Hand a task to QGIS's task manager. Main thread."""
    _running.add(task)
    QgsApplication.taskManager().addTask(task)
    return task


def run_task(title: str, job: Any, *, python_setting: str = "", continues: bool = True) -> Task:
    """Start a job in the worker of runs; it waits for those before it."""

    def work(feedback: service.Feedback) -> Any:
        return service.run(job, feedback, python_setting=python_setting, continues=continues)

    return start(Task(title, work))


def interact_task(title: str, job: Any, *, topic: str = "", python_setting: str = "") -> Task:
    """Start a job in the interactive worker; a newer one of the same topic cancels it."""

    def work(feedback: service.Feedback) -> Any:
        return service.interact(job, feedback, topic=topic, python_setting=python_setting)

    return start(Task(title, work))


def active() -> List[Task]:
    """Return the tasks that have not ended."""
    return list(_running)


def shutdown() -> None:
    """End every task and its worker, and wait a while for them; called when the plugin is unloaded. Main thread."""
    tasks = active()
    for task in tasks:
        task.silence()
    _await([task for task in tasks if task.orderly], STEP_S)
    service.shutdown()
    _await(tasks, SHUTDOWN_S)


def _await(tasks: List[Task], seconds: float) -> None:
    """Wait until all have ended, for so long at most."""
    until = time.monotonic() + seconds
    for task in tasks:
        task.wait(max(until - time.monotonic(), 0.0))
