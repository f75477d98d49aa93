"""What a running job tells and asks: progress with rate and ETA, log lines, blocks, measures, 'shall I stop?'."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from .contract.errors import Cancelled
from .contract.messages import Block, Example, Log, Metrics, Progress

MIN_INTERVAL_S = 0.1
_GLANCE_S = 0.1  # how often a paused job looks whether it may go on


class JobFeedback:
    """Turns a job's calls into protocol events. One per job.

    `block`, `check`, `cancel`, `stop`, `pause` and `resume` may be called by any thread, the others by the job's own.
    emit: called with each event (the worker writes it to the pipe, the command line to the terminal).
    """

    def __init__(
        self, job_id: str, emit: Callable[[Any], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._id = job_id
        self._emit = emit
        self._clock = clock
        self._cancel = threading.Event()
        self._stop = threading.Event()
        self._go_on = threading.Event()
        self._go_on.set()
        self.paused_s = 0.0  # seconds that the job's own thread has waited in a pause
        self._stage = ""
        self._began = 0.0
        self._began_done = 0
        self._last = float("-inf")
        self.warnings: list[str] = []

    def cancel(self) -> None:
        """Ask the job to stop at its next check."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self._cancel.is_set()

    def stop(self) -> None:
        """Ask the job to end early and keep what it has."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether the caller asked to end early."""
        return self._stop.is_set()

    def pause(self) -> None:
        """Make the job wait at its next check."""
        self._go_on.clear()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._go_on.set()

    def check(self) -> None:
        """Wait while paused; raise Cancelled if the caller asked to stop. Jobs call it at least once a batch."""
        if not self._go_on.is_set():
            began = self._clock()
            while not (self._go_on.wait(_GLANCE_S) or self.cancelled or self.stopping):
                pass
            self.paused_s += self._clock() - began
        if self._cancel.is_set():
            raise Cancelled()

    def progress(self, stage: str, done: int, total: int) -> None:
        """Report done of total units of `stage`; also a cancel check. Events are 0.1 s apart or more, but ends show."""
        self.check()
        now = self._clock()
        if stage != self._stage:
            self._stage, self._began, self._began_done = stage, now, done
        elif done < total and now - self._last < MIN_INTERVAL_S:
            return
        self._last = now
        elapsed, fresh = now - self._began, done - self._began_done
        rate = fresh / elapsed if fresh > 0 and elapsed > 0 else None
        eta = (total - done) / rate if rate else None
        self._emit(Progress(self._id, stage, done, total, rate, eta))

    def info(self, text: str) -> None:
        """Say something worth reading."""
        self._emit(Log(self._id, "info", text))

    def warn(self, text: str) -> None:
        """Say something that may change how the result is read, once; kept for the result and run.json."""
        if text in self.warnings:
            return
        self.warnings.append(text)
        self._emit(Log(self._id, "warning", text))

    def metrics(self, epoch: int, step: int, values: dict[str, Any]) -> None:
        """Tell how a training goes; values as in `messages.Metrics`."""
        self._emit(Metrics(self._id, epoch, step, values))

    def example(self, path: str) -> None:
        """Tell that the picture at `path` shows how the training goes."""
        self._emit(Example(self._id, path))

    def block(self, path: str, window: tuple[int, int, int, int]) -> None:
        """Tell that a part of the classes raster is finished. window: (col, row, width, height) on the output grid."""
        self._emit(Block(self._id, path, window))
