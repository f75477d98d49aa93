"""A training tried out: a few of its steps and one validation, to tell what all of it would need."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import torch

from .. import memory
from ..feedback import JobFeedback
from ..nn.network import Network
from .dataset import TrainingData
from .loop import Diverged, Run
from .recipe import Recipe
from .step import Teacher

_STEPS = 6  # that are timed, after a first one, which sets up more than it computes
_SECONDS = 20.0  # after which no more steps are taken
_LEAST = 2  # steps timed, however long they take
_CALIBRATIONS = 2  # passes over the validation data at the end: decision bias, temperatures


def rehearse(
    network: Network,
    data: TrainingData,
    recipe: Recipe,
    feedback: JobFeedback,
    *,
    teacher: Teacher | None = None,
    dtype: torch.dtype | None = None,
    trained: bool = False,
) -> dict[str, Any]:
    """Take steps as `loop.train` does with these arguments, and write nothing.

    Returns {memory_bytes: peak of this process, gpu_memory_bytes: 0 on a processor, step_s, epoch_s: with a validation,
    total_s: at most, as no training ends early there, epochs, epoch_steps, batch, pieces: that a batch is cut into for
    want of memory, classes: names, roles: {role: {class: labelled pixels}}, warnings}. Raises BadInput, Cancelled.
    """
    run = Run(network, data, recipe, feedback, teacher, dtype)
    if run.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(run.device)  # of the jobs before
    total = _STEPS + 2
    feedback.progress("rehearse", 0, total)
    began = time.monotonic()
    run.measure_scenarios()
    scenarios_s = time.monotonic() - began
    try:
        step_s = _step_seconds(run, feedback, total)
    except Diverged as error:
        run.fall_back(error)  # raises: no epoch is done
    run.check_data()
    check_s, ending_s = _validation_seconds(run)
    feedback.progress("rehearse", total, total)
    steps_s = run.epoch_steps * step_s
    epochs = recipe.epochs
    if recipe.minutes > 0:
        epochs = max(math.ceil(60 * recipe.minutes / (steps_s + check_s)), 1)
    checks = min(recipe.checks, epochs) + trained
    measured = sum(run.sampler.due(epoch) for epoch in range(epochs)) if run.sampler.measures else 0
    learning_s = 60 * recipe.minutes if recipe.minutes > 0 else epochs * steps_s + checks * check_s
    gpu = torch.cuda.max_memory_allocated(run.device) if run.device.type == "cuda" else 0
    return {
        "memory_bytes": memory.peak(),
        "gpu_memory_bytes": gpu,
        "step_s": round(step_s, 3),
        "epoch_s": round(steps_s + check_s, 2),
        "total_s": round(learning_s + measured * scenarios_s + ending_s, 1),
        "epochs": epochs,
        "epoch_steps": run.epoch_steps,
        "batch": recipe.batch,
        "pieces": run.pieces,
        "classes": [info.name for info in data.classes],
        "roles": {role: data.summary[role]["pixels"] for role in data.names},
        "warnings": list(feedback.warnings),
    }


def _step_seconds(run: Run, feedback: JobFeedback, total: int) -> float:
    """Return the seconds that a step takes, reading included. Raises Diverged."""
    times, pieces = [], 0
    began = last = time.monotonic()
    paused = feedback.paused_s
    for number, batch in enumerate(run.batches()):
        run.step(batch, number)
        now = time.monotonic() - (feedback.paused_s - paused)
        if run.pieces == pieces:  # else it was the first one, or was tried again with less memory
            times.append(now - last)
        last, pieces = now, run.pieces
        feedback.progress("rehearse", min(1 + len(times), total - 1), total)
        if len(times) >= _STEPS or (len(times) >= _LEAST and now - began > _SECONDS):
            break
    return float(np.median(times)) if times else last - began  # of the first step alone


def _validation_seconds(run: Run) -> tuple[float, float]:
    """Return the seconds of a validation, and of what is measured when all is learned, about."""
    counts = {role: _count(run.data, role) for role in run.data.names if role != "train"}
    if not counts.get("validation"):
        return 0.0, 0.0
    seen: list[int] = []

    def tell(done: int, total: int) -> None:
        run.feedback.check()
        seen[:] = [total]

    began, paused = time.monotonic(), run.feedback.paused_s
    run.validate(tell)
    seconds = time.monotonic() - began - (run.feedback.paused_s - paused)
    passes = _CALIBRATIONS * counts["validation"] + counts.get("test", 0)
    return seconds, passes * seconds / max([*seen, 1])


def _count(data: TrainingData, role: str) -> int:
    """Return how many samples a role has; a few of them are read."""
    found: list[int] = []
    for _ in data.parts(role, tell=lambda _, total: found.append(total)):
        if found:
            break
    return found[0] if found else 0
