"""One place that knows which code runs which kind of job; used by the worker and the command line alike."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import libraries
from .contract.card import Card
from .contract.errors import BadInput
from .contract.job import (
    CheckJob,
    DifferenceJob,
    ExplainJob,
    InteractJob,
    PreviewJob,
    SegmentJob,
    SegmentResult,
    VectorizeJob,
)
from .contract.learning import AreasJob, EvaluateJob, ExportJob, SuggestJob, TrainJob
from .contract.wire import job_from_dict
from .feedback import JobFeedback


def execute(raw: dict[str, Any], feedback: JobFeedback) -> dict[str, Any]:
    """Run the job in `raw` (JSON form) and return its result (JSON form). Raises SgmaError."""
    if raw.get("kind") == "echo":
        return _echo(raw, feedback)
    job = job_from_dict(raw)
    if isinstance(job, SegmentJob):
        from .engine.segment import segment

        libraries.give_memory_back()
        return asdict(_by_strokes(job, feedback) if job.strokes else segment(job, feedback))
    if isinstance(job, InteractJob):
        from .interactive.interact import interact

        return interact(job, feedback)
    if isinstance(job, CheckJob):
        from .engine.check import check

        return check(job, feedback)
    if isinstance(job, EvaluateJob):
        from .training.assess import assess

        return assess(job, feedback)
    if isinstance(job, TrainJob):
        from .training.command import fit

        return fit(job, feedback)
    if isinstance(job, AreasJob):
        from .data.propose_areas import propose_areas

        return propose_areas(job, _base_card(job), feedback)
    if isinstance(job, SuggestJob):
        from .engine.suggest import suggest

        libraries.give_memory_back()
        return suggest(job, feedback)
    if isinstance(job, ExportJob):
        from .data.export import export

        return export(job, _base_card(job), feedback)
    if isinstance(job, PreviewJob):
        from .engine.preview import preview

        return asdict(preview(job, feedback))
    if isinstance(job, ExplainJob):
        from .engine.explain import explain

        return explain(job, feedback)
    if isinstance(job, DifferenceJob):
        from .engine.difference import difference

        return difference(job, feedback)
    if isinstance(job, VectorizeJob):
        from .engine.vectorize import vectorize

        return vectorize(job, feedback)
    raise BadInput(
        f"This runtime cannot run a job of kind {job.kind!r}.", "Update the plugin and its runtime together."
    )


def _base_card(job: AreasJob | ExportJob) -> Card | None:
    from .contract.store import find

    return find(job.base).card if job.base else None


def _by_strokes(job: SegmentJob, feedback: JobFeedback) -> SegmentResult:
    """Adapt the job's model to its strokes, keep it where it is wanted, and make the map with it."""
    from .contract.store import open_package
    from .engine.segment import segment
    from .engine.targets import check
    from .interactive.adapt import adapt
    from .training.package import check_place, write

    check(job.outputs, [*(source.path for source in job.sources), job.area.polygons, job.strokes])
    if job.save_model:
        check_place(Path(job.save_model))
    with tempfile.TemporaryDirectory(prefix="sgma-") as place:
        card, network = adapt(job, feedback)
        libraries.give_memory_back()  # what looked at the strokes has kept more
        folder = Path(place) / "adapted"
        write(folder, card, network)
        result = segment(job, feedback, package=open_package(folder))
    if job.save_model:  # last: after an interruption the same job finds no model that it would have to replace
        write(Path(job.save_model), card, network)
    return result


def _echo(raw: dict[str, Any], feedback: JobFeedback) -> dict[str, Any]:
    """Exercise the protocol without any model: progress, then the ending that `fail` names."""
    steps = int(raw.get("steps", 3))
    for step in range(steps):
        feedback.progress("echo", step, steps)
        time.sleep(float(raw.get("sleep", 0.01)))
        if step == steps // 2:
            _echo_end(str(raw.get("fail", "")), feedback)
    feedback.progress("echo", steps, steps)
    return {"steps": steps}


def _echo_end(fail: str, feedback: JobFeedback) -> None:
    if fail == "bad_input":
        raise BadInput("Echo was asked to refuse its input.", "Ask for something else.")
    if fail == "unforeseen":
        raise RuntimeError("echo was asked to fail")
    if fail == "warn":
        feedback.warn("Echo was asked to warn.")
    if fail == "print":
        print('{"type": "done"} printed by a library', flush=True)  # noqa: T201
        os.write(1, b"\x00\xff printed by C code\n")
    if fail == "crash":
        os.write(2, b"Fatal: echo was asked to crash\n")
        os.abort()
