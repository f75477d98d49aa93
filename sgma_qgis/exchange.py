"""One job's exchange with its worker: what is asked and told while it runs, and what its end means."""

from __future__ import annotations

import uuid
from typing import Any, Callable, Dict, Tuple

from .language import tr
from .model.contract import messages
from .model.contract.errors import Cancelled, WorkerCrashed, WorkerFailed
from .model.contract.wire import job_to_dict
from .runtime.client import WorkerClient, describe_exit
from .service import Feedback

TAIL_LINES = 12

#: A stage that may come up in the midst of any other: a network is prepared.
CONVERT = "convert"
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
        "rehearse": (0.05, 1.0),  # of a dry run, in place of the training
        "calibrate": (0.93, 0.96),
        "test": (0.96, 1.0),
    },
    "evaluate": {"scenes": (0.0, 0.02), "test": (0.02, 1.0)},
    "vectorize": {"polygons": (0.0, 1.0)},
    "suggest": {"suggest": (0.02, 1.0)},
    "export": {"labels": (0.0, 0.05), "export": (0.05, 1.0)},
}


def exchange(client: WorkerClient, job: Any, feedback: Feedback, poll: Callable[[], bool]) -> Any:
    """Send the job, pass on what is told of it and asked, and return its final event."""
    job_id = uuid.uuid4().hex[:12]
    client.send(messages.Run(job_id, job_to_dict(job)))
    final, reached, started = None, 0.0, False

    def pass_on() -> bool:
        if started:  # a job that has not begun would not hear it
            for request in feedback.requests():
                client.send(request(job_id))
        return poll()

    for event in client.events(job_id, pass_on):
        started = started or isinstance(event, messages.Started)
        if isinstance(event, messages.FINAL):
            final = event
        else:
            reached = tell(event, feedback, SPANS_OF.get(job.kind, SPANS), reached)
    return final


def crashed(final: Any) -> bool:
    """Return whether the worker died in the middle of the job."""
    return isinstance(final, messages.Crashed)


def concluded(final: Any, feedback: Feedback, continues: bool) -> Dict[str, Any]:
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


def tell(event: Any, feedback: Feedback, spans: Dict[str, Tuple[float, float]], reached: float) -> float:
    """Pass an event on and return how far the job is now; a stage that comes up in between leaves it as it was."""
    if isinstance(event, messages.Progress):
        if event.stage in spans or (spans is SPANS and event.stage != CONVERT):
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
    if event.stage not in ("segment", "train", "features"):
        return title
    parts = []
    if event.stage == "features":
        return tr("{title}: {done} of {total} tiles").format(title=title, done=event.done, total=event.total)
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
        CONVERT: tr("Preparing the model: once for such sensors and outputs, kept for later"),
        "segment": tr("Segmenting"),
        "assemble": tr("Writing"),
        "polygons": tr("Making polygons"),
        "check": tr("Checking"),
        "scenes": tr("Opening layers"),
        "labels": tr("Reading labels"),
        "areas": tr("Dividing the ground into areas"),
        "statistics": tr("Reading statistics"),
        "train": tr("Training"),
        "rehearse": tr("Trying a few steps"),
        "calibrate": tr("Calibrating"),
        "validation": tr("Reading validation data"),
        "test": tr("Measuring accuracy"),
        "suggest": tr("Looking for places to label"),
        "export": tr("Cutting chips"),
        "explain": tr("Looking at this place"),
        "difference": tr("Comparing"),
        "strokes": tr("Looking at the strokes"),
        "features": tr("Computing features"),
    }


def duration(seconds: float) -> str:
    """Return a time for people: 40 s, 12 min, 3 h 5 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
