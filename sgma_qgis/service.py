"""Runs a job in a worker and waits for its result. No qgis import; the only user of `runtime`.

Two workers, each with a queue, warm between jobs and ended after ten idle minutes: one for the runs of dock and
Processing, and one for what a person waits for in front of the map (previews, explanations, checks).
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Dict, Iterator, Protocol, Sequence

from .language import tr
from .model.contract.errors import Cancelled
from .runtime.environment import find
from .runtime.warm import WarmWorker

INTERACTIVE_NICENESS = 5  # a quarter of the processor, about, while a run wants it, too


class Feedback(Protocol):
    """What a running job tells its caller, and asks it."""

    def progress(self, fraction: float, text: str) -> None:
        """Show how far a job is: fraction 0..1, and the same in words."""

    def log(self, level: str, text: str) -> None:
        """Show a line; level is info, warning or error."""

    def block(self, path: str, window: Any) -> None:
        """Show a finished part of the result."""

    def metrics(self, epoch: int, step: int, values: Dict[str, Any]) -> None:
        """Show how a training goes; values as in `messages.Metrics`."""

    def example(self, path: str) -> None:
        """Show a picture of how a training goes."""

    def is_cancelled(self) -> bool:
        """Whether the caller wants to stop."""

    def requests(self) -> Sequence[Any]:
        """Return what the caller asked of the job since the last call: Stop, Pause or Resume of `messages`, classes."""

    def wait(self) -> None:
        """Called every 0.1 s while waiting."""


_run_worker = WarmWorker()
_interactive = WarmWorker(INTERACTIVE_NICENESS)
_newest: Dict[str, object] = {}  # topic -> the last request


def run(job: Any, feedback: Feedback, *, python_setting: str = "", continues: bool = False) -> Dict[str, Any]:
    """Run a job of `contract.job` in the worker of runs, blocking, and return its result as JSON data.

    `continues`: whether the same job, started again after a crash, goes on where it stopped; for the error's hint.
    Raises RuntimeUnavailable, Cancelled, WorkerFailed (the worker said why) or WorkerCrashed (it died).
    """
    return _serve(_run_worker, job, feedback, find(python_setting), _poll(_run_worker, feedback), continues)


def interact(job: Any, feedback: Feedback, *, topic: str = "", python_setting: str = "") -> Dict[str, Any]:
    """Run a job in the interactive worker, as `run` does; a newer one of the same topic cancels it.

    topic: '' = the job's kind.
    """
    python = find(python_setting)
    topic, request = topic or job.kind, object()
    _newest[topic] = request
    poll = _poll(_interactive, feedback, lambda: _newest[topic] is not request)
    return _serve(_interactive, job, feedback, python, poll, False)


def workers() -> Dict[str, str]:
    """Return the state (none, starting, ready, busy) of each worker."""
    return {"run": _run_worker.state, "interactive": _interactive.state}


def machine() -> Dict[str, Any]:
    """Return the devices and the versions of libraries that a living worker told of; {} before one did."""
    greeting = _run_worker.greeting or _interactive.greeting
    return {"devices": list(greeting.devices), "versions": dict(greeting.versions)} if greeting else {}


def check_runtime(python_setting: str = "") -> None:
    """Look whether there is a runtime, without starting it. Raises RuntimeUnavailable."""
    find(python_setting)


@contextlib.contextmanager
def at_rest(feedback: Feedback) -> Iterator[None]:
    """Hold both workers' queues, their processes ended, while what they run from is replaced.

    Waits for the jobs before. Raises Cancelled.
    """
    with contextlib.ExitStack() as held:
        for worker in (_run_worker, _interactive):
            worker.acquire(_Waiting(feedback), _poll(worker, feedback))
            held.callback(worker.release)
            worker.drop()
        yield


def shutdown() -> None:
    """End every worker and every job begun so far; called when the plugin is unloaded, which may be loaded again."""
    for worker in (_run_worker, _interactive):
        worker.shutdown()


def _serve(
    worker: WarmWorker, job: Any, feedback: Feedback, python: str, poll: Callable[[], bool], continues: bool
) -> Dict[str, Any]:
    """Wait for the job's turn, run it and return its result."""
    from .exchange import concluded, crashed, exchange  # here: to look whether there is an engine takes no messages

    worker.acquire(_Waiting(feedback), poll)
    try:
        client = worker.ready(python, lambda: feedback.progress(0.0, tr("Starting the engine")), poll)
        final = None
        try:
            final = exchange(client, job, feedback, poll)
        finally:
            if final is None or not client.alive:  # left half-way, or dead: no use to the next job
                worker.drop()
        if crashed(final) and poll():
            raise Cancelled()
        return concluded(final, feedback, continues)
    finally:
        worker.release()


class _Waiting:
    """Tells how many jobs are before ours."""

    def __init__(self, feedback: Feedback) -> None:
        self._feedback, self._told = feedback, False

    def __call__(self, before: int) -> None:
        if not self._told:
            self._told = True
            self._feedback.log("info", tr("Waiting for the job that is running."))
        text = tr("Waiting: 1 job before this one") if before == 1 else tr("Waiting: {count} jobs before this one")
        self._feedback.progress(0.0, text.format(count=before))


def _poll(worker: WarmWorker, feedback: Feedback, superseded: Callable[[], bool] = lambda: False) -> Callable[[], bool]:
    """Return what a job that begins now asks about every 0.1 s: whether it is to end."""
    begun = worker.shutdowns

    def poll() -> bool:
        if worker.shutdowns != begun:  # first: what belongs to an unloaded plugin is not touched any more
            return True
        feedback.wait()
        return feedback.is_cancelled() or superseded()

    return poll
