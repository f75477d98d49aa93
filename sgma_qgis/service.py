"""Runs a job in a worker and waits for its result. No qgis import; the only user of `runtime`.

Two workers, each with a queue, warm between jobs and ended after ten idle minutes: one for the runs of dock and
Processing, and one for what a person waits for in front of the map (previews, explanations, checks).
"""

from __future__ import annotations

import contextlib
import uuid
from typing import Any, Callable, Dict, Iterator, Protocol, Sequence, Tuple

from .model.contract import messages
from .model.contract.errors import Cancelled, WorkerCrashed, WorkerFailed
from .model.contract.wire import job_to_dict
from .runtime.client import WorkerClient, describe_exit
from .runtime.environment import find
from .runtime.warm import WarmWorker

TAIL_LINES = 12
INTERACTIVE_NICENESS = 5  # a quarter of the processor, about, while a run wants it, too

#: A stage's span of the whole job, in the engine's order.
SPANS = {
    "prepare": (0.0, 0.02),
    "segment": (0.02, 0.93),
    "assemble": (0.93, 0.97),
    "polygons": (0.97, 1.0),
}
#: The same for kinds of jobs whose stages lie elsewhere.
SPANS_OF = {
    "train": {
        "labels": (0.0, 0.02),
        "areas": (0.02, 0.03),
        "statistics": (0.03, 0.05),
        "train": (0.05, 0.93),
        "calibrate": (0.93, 0.96),
        "test": (0.96, 1.0),
    },
    "evaluate": {"scenes": (0.0, 0.02), "test": (0.02, 1.0)},
    "vectorize": {"polygons": (0.0, 1.0)},
}


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


def tr(text: str) -> str:
    """Return the text in the user's language: `translate` does, if the plugin has set it."""
    return translate(text)


translate: Callable[[str], str] = str


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
    worker.acquire(_Waiting(feedback), poll)
    try:
        client = worker.ready(python, lambda: feedback.progress(0.0, tr("Starting the worker")), poll)
        final = _run(worker, client, job, feedback, poll)
        if isinstance(final, messages.Crashed) and poll():
            raise Cancelled()
        return _conclude(final, feedback, continues)
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


def _run(worker: WarmWorker, client: WorkerClient, job: Any, feedback: Feedback, poll: Callable[[], bool]) -> Any:
    """Send the job, pass on what is told of it and return its final event."""
    job_id = uuid.uuid4().hex[:12]
    client.send(messages.Run(job_id, job_to_dict(job)))
    final, reached = None, 0.0

    def pass_on() -> bool:
        for request in feedback.requests():
            client.send(request(job_id))
        return poll()

    try:
        for event in client.events(job_id, pass_on):
            if isinstance(event, messages.FINAL):
                final = event
            else:
                reached = _tell(event, feedback, SPANS_OF.get(job.kind, SPANS), reached)
    finally:
        if final is None or not client.alive:  # left half-way, or dead: no use to the next job
            worker.drop()
    return final


def _conclude(final: Any, feedback: Feedback, continues: bool) -> Dict[str, Any]:
    """Return the result of a job's final event, or raise what it stands for."""
    if isinstance(final, messages.Done):
        feedback.progress(1.0, tr("Done"))
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


def _tell(event: Any, feedback: Feedback, spans: Dict[str, Tuple[float, float]], reached: float) -> float:
    """Pass an event on and return how far the job is now; a stage that comes up in between leaves it as it was."""
    if isinstance(event, messages.Progress):
        if event.stage in spans or spans is SPANS:
            begin, end = spans.get(event.stage, (0.0, 1.0))
            reached = begin + (end - begin) * (event.done / event.total if event.total > 0 else 0.0)
        feedback.progress(reached, progress_text(event))
    elif isinstance(event, messages.Log):
        feedback.log(event.level, event.text)
    elif isinstance(event, messages.Block):
        feedback.block(event.path, tuple(event.window))
    elif isinstance(event, messages.Metrics):
        feedback.metrics(event.epoch, event.step, event.values)
    elif isinstance(event, messages.Example):
        feedback.example(event.path)
    return reached


def progress_text(event: messages.Progress) -> str:
    """Return 'Segmenting: 12 of 40 tiles, 3.1 tiles/s, 9 s left'; the title alone where nothing is counted."""
    title = _titles().get(event.stage, event.stage.capitalize())
    if event.stage not in ("segment", "train"):
        return title
    parts = []
    if event.stage == "segment":  # a training counts in thousandths
        parts.append(tr("{done} of {total} tiles").format(done=event.done, total=event.total))
    if event.stage == "segment" and event.rate:
        quick = event.rate >= 0.1
        text = tr("{rate:.1f} tiles/s") if quick else tr("{rate:.1f} tiles/min")
        parts.append(text.format(rate=event.rate if quick else 60 * event.rate))
    if event.eta_s is not None and event.done < event.total:
        parts.append(tr("{duration} left").format(duration=duration(event.eta_s)))
    return f"{title}: {', '.join(parts)}" if parts else title


def _titles() -> Dict[str, str]:
    """Return what the engine's stages are called to a person; others show under their own name."""
    return {
        "prepare": tr("Preparing"),
        "segment": tr("Segmenting"),
        "assemble": tr("Writing"),
        "polygons": tr("Making polygons"),
        "check": tr("Checking"),
        "scenes": tr("Opening layers"),
        "labels": tr("Reading labels"),
        "areas": tr("Dividing the ground into areas"),
        "statistics": tr("Reading statistics"),
        "train": tr("Training"),
        "calibrate": tr("Calibrating"),
        "validation": tr("Reading validation data"),
        "test": tr("Measuring accuracy"),
        "explain": tr("Looking at this place"),
        "difference": tr("Comparing"),
    }


def duration(seconds: float) -> str:
    """Return a time for people: 40 s, 12 min, 3 h 5 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _poll(worker: WarmWorker, feedback: Feedback, superseded: Callable[[], bool] = lambda: False) -> Callable[[], bool]:
    """Return what a job that begins now asks about every 0.1 s: whether it is to end."""
    begun = worker.shutdowns

    def poll() -> bool:
        if worker.shutdowns != begun:  # first: what belongs to an unloaded plugin is not touched any more
            return True
        feedback.wait()
        return feedback.is_cancelled() or superseded()

    return poll
