"""Runs a job in the worker and waits for its result. No qgis import; the only user of `runtime`.

One worker serves dock and Processing: jobs queue for it, it stays warm between them and ends after ten idle minutes.
"""

from __future__ import annotations

import threading
import uuid
from typing import Any, Callable, Dict, Optional, Protocol

from .model.contract import messages
from .model.contract.errors import BadInput, Cancelled, WorkerCrashed, WorkerFailed
from .model.contract.job import job_to_dict
from .runtime.client import WorkerClient, describe_exit
from .runtime.environment import find

IDLE_S = 600.0
POLL_S = 0.1
TAIL_LINES = 12

#: What a stage is called to a person, and its span of the whole job, in the engine's order; others show under their own
#: name.
STAGES = {
    "prepare": ("Preparing", 0.0, 0.02),
    "segment": ("Segmenting", 0.02, 0.93),
    "assemble": ("Writing", 0.93, 0.97),
    "polygons": ("Making polygons", 0.97, 1.0),
    "check": ("Checking", 0.0, 1.0),
}
UNITS = {"segment": "tiles"}


class Feedback(Protocol):
    """What a running job tells its caller, and asks it."""

    def progress(self, fraction: float, text: str) -> None:
        """Show how far a job is: fraction 0..1, and the same in words."""

    def log(self, level: str, text: str) -> None:
        """Show a line; level is info, warning or error."""

    def block(self, path: str, window: Any) -> None:
        """Show a finished part of the result."""

    def is_cancelled(self) -> bool:
        """Whether the caller wants to stop."""

    def wait(self) -> None:
        """Called every 0.1 s while waiting."""


class _RunWorker:
    """The warm worker with its queue: whoever holds the lock may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner: Optional[int] = None
        self._client: Optional[WorkerClient] = None
        self._idle: Optional[threading.Timer] = None
        self.shutdowns = 0  # a job that began before the last one is to end; jobs that begin later are served again

    def acquire(self, feedback: Feedback, poll: Callable[[], bool]) -> None:
        """Wait for our turn. Raises Cancelled."""
        if self._lock.acquire(blocking=False):
            self._owner = threading.get_ident()
            return
        if (
            self._owner == threading.get_ident()
        ):  # Qt events ran inside a job's wait and started another: it would wait for ever
            raise BadInput("A job is already running here.", "Wait until it has finished, or cancel it.")
        feedback.log("info", "Waiting for the job that is running.")
        while not self._lock.acquire(timeout=POLL_S):
            if poll():
                raise Cancelled()
        self._owner = threading.get_ident()

    def release(self) -> None:
        """Let the next job in; the worker ends when none comes for a while."""
        if self._client is not None:
            self._idle = threading.Timer(IDLE_S, self._end_idle)
            self._idle.daemon = True
            self._idle.start()
        self._owner = None
        self._lock.release()

    def ready(self, python: str, feedback: Feedback, poll: Callable[[], bool]) -> WorkerClient:
        """Return a worker of that interpreter that can take a job, started if need be. The caller holds the lock."""
        self._stop_timer()
        if self._client is not None and (not self._client.alive or self._client.python != python):
            self._client.close()
            self._client = None
        if self._client is None:
            if poll():
                raise Cancelled()
            feedback.progress(0.0, "Starting the worker")
            self._client = WorkerClient(python)  # known before it starts: `shutdown` must find it
            try:
                self._client.start(poll)
            except BaseException:
                self._client = None
                raise
        return self._client

    def drop(self) -> None:
        """Forget a worker that cannot take another job, and see that it is gone. The caller holds the lock."""
        client, self._client = self._client, None
        if client is not None:
            client.kill()

    def shutdown(self) -> None:
        """End the worker now, whatever it does; jobs that run or wait end as cancelled."""
        self.shutdowns += 1
        self._stop_timer()
        client = self._client
        if client is not None:
            client.kill() if self._lock.locked() else client.close(1.0)

    def _end_idle(self) -> None:
        if self._lock.acquire(blocking=False):
            client, self._client = self._client, None
            try:
                if client is not None:
                    client.close()
            finally:
                self._lock.release()

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


_run_worker = _RunWorker()


def run(job: Any, feedback: Feedback, *, python_setting: str = "", continues: bool = False) -> Dict[str, Any]:
    """Run a job of `contract.job` in the worker, blocking, and return its result as JSON data.

    `continues`: whether the same job, started again after a crash, goes on where it stopped; for the error's hint.
    Raises RuntimeUnavailable, Cancelled, WorkerFailed (the worker said why) or WorkerCrashed (it died).
    """
    python = find(python_setting)
    poll = _poll(feedback)
    _run_worker.acquire(feedback, poll)
    try:
        final = _run(_run_worker.ready(python, feedback, poll), job, feedback, poll)
        if isinstance(final, messages.Crashed) and poll():
            raise Cancelled()
        return _conclude(final, feedback, continues)
    finally:
        _run_worker.release()


def check_runtime(python_setting: str = "") -> None:
    """Look whether there is a runtime, without starting it. Raises RuntimeUnavailable."""
    find(python_setting)


def shutdown() -> None:
    """End every worker and every job begun so far; called when the plugin is unloaded, which may be loaded again."""
    _run_worker.shutdown()


def _run(client: WorkerClient, job: Any, feedback: Feedback, poll: Callable[[], bool]) -> Any:
    """Send the job, pass on what is told of it and return its final event."""
    job_id = uuid.uuid4().hex[:12]
    client.send(messages.Run(job_id, job_to_dict(job)))
    final = None
    try:
        for event in client.events(job_id, poll):
            if isinstance(event, messages.FINAL):
                final = event
            else:
                _tell(event, feedback)
    finally:
        if final is None or not client.alive:  # left half-way, or dead: no use to the next job
            _run_worker.drop()
    return final


def _conclude(final: Any, feedback: Feedback, continues: bool) -> Dict[str, Any]:
    """Return the result of a job's final event, or raise what it stands for."""
    if isinstance(final, messages.Done):
        feedback.progress(1.0, "Done")
        return dict(final.result)
    if isinstance(final, messages.CancelledEvent):
        raise Cancelled()
    if isinstance(final, messages.Failed):
        raise WorkerFailed(final.code, final.message, final.hint, final.detail)
    how = describe_exit(final.exit_code)
    if "memory" in how:
        hint = "Close other programs, or use a smaller tile or batch, then start the job again"
    else:
        hint = "Start the job again, and if it happens twice, report it with the lines above"
    hint += "; it continues where it stopped." if continues else "."
    tail = "\n".join(final.stderr_tail.splitlines()[-TAIL_LINES:])
    if tail:
        feedback.log("error", f"Last lines of the worker:\n{tail}")
    raise WorkerCrashed(f"The worker stopped with {how}." if final.exit_code != 0 else "The worker was ended.", hint)


def _tell(event: Any, feedback: Feedback) -> None:
    if isinstance(event, messages.Progress):
        _, begin, end = STAGES.get(event.stage, ("", 0.0, 1.0))
        share = event.done / event.total if event.total > 0 else 0.0
        feedback.progress(begin + (end - begin) * share, progress_text(event))
    elif isinstance(event, messages.Log):
        feedback.log(event.level, event.text)
    elif isinstance(event, messages.Block):
        feedback.block(event.path, tuple(event.window))


def progress_text(event: messages.Progress) -> str:
    """Return 'Segmenting: 12 of 40 tiles, 3.1 tiles/s, 9 s left'; the title alone where nothing is counted."""
    title = STAGES[event.stage][0] if event.stage in STAGES else event.stage.capitalize()
    unit = UNITS.get(event.stage)
    if not unit:
        return title
    parts = [f"{event.done} of {event.total} {unit}"]
    if event.rate:
        parts.append(f"{event.rate:.1f} {unit}/s" if event.rate >= 0.1 else f"{60 * event.rate:.1f} {unit}/min")
    if event.eta_s is not None and event.done < event.total:
        parts.append(f"{_duration(event.eta_s)} left")
    return f"{title}: {', '.join(parts)}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _poll(feedback: Feedback) -> Callable[[], bool]:
    """Return what a job that begins now asks about every 0.1 s: whether it is to end."""
    begun = _run_worker.shutdowns

    def poll() -> bool:
        if _run_worker.shutdowns != begun:  # first: what belongs to an unloaded plugin is not touched any more
            return True
        feedback.wait()
        return feedback.is_cancelled()

    return poll
