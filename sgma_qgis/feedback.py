"""Adapters from QGIS's feedback objects to `service.Feedback`."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Tuple

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread

TEXT_EVERY_S = 2.0  # the Processing log keeps every text it is given
EVENTS_MS = 50


class ProcessingFeedback:
    """Tells a job's progress to a QgsProcessingFeedback."""

    def __init__(self, feedback: QgsProcessingFeedback, words: Callable[[str], str] = str) -> None:
        """words: puts what the engine says into the words of the algorithm's parameters."""
        self._feedback, self._words = feedback, words
        self._stage = ""
        self._shown = 0.0

    def progress(self, fraction: float, text: str) -> None:
        self._feedback.setProgress(100.0 * fraction)
        stage, now = text.partition(":")[0], time.monotonic()
        if stage != self._stage or now - self._shown >= TEXT_EVERY_S:
            self._feedback.setProgressText(text)
            self._stage, self._shown = stage, now

    def log(self, level: str, text: str) -> None:
        text = self._words(text)
        if level == "error":
            self._feedback.reportError(text, False)
        elif level == "warning":
            self._feedback.pushWarning(text)
        else:
            self._feedback.pushInfo(text)

    def block(self, path: str, window: Any) -> None:
        """Processing shows results when all is done."""

    def metrics(self, epoch: int, step: int, values: Dict[str, Any]) -> None:
        """The engine tells it as a line of the log, too."""

    def example(self, path: str) -> None:
        """Processing shows no pictures."""

    def requests(self) -> Tuple[Any, ...]:
        """Processing can do no more than cancel."""
        return ()

    def is_cancelled(self) -> bool:
        return self._feedback.isCanceled()

    def wait(self) -> None:
        # qgis_process runs algorithms on the main thread and hears Ctrl-C only while Qt events are processed.
        app = QCoreApplication.instance()
        if app is not None and QThread.currentThread() == app.thread():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, EVENTS_MS)
