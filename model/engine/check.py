"""What a segment job reads, in words and as data, without running it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..contract.card import Card
from ..contract.job import CheckJob
from ..contract.modality import titles
from ..contract.store import find
from ..data.native import configure
from ..data.plan import Plan, plan
from ..feedback import JobFeedback
from .options import check_options
from .provenance import layer_facts

GDAL_CACHE_MB = 64
SAME = 0.01  # shares of the area that differ by less count as the same


def check(job: CheckJob, feedback: JobFeedback) -> dict[str, Any]:
    """Return {grid, layers, absent, coverage, trained_on, warnings, notes}. Raises BadInput for what stops a run."""
    configure(GDAL_CACHE_MB)
    check_options(job.options)
    card = find(job.model).card
    feedback.progress("check", 0, 1)
    scene = plan(job.sources, card, job.area, job.options, check=feedback.check)
    tell_plan(card, scene, feedback)
    feedback.progress("check", 1, 1)
    return {
        "grid": {**asdict(scene.grid), "resolution": scene.grid.resolution},
        "layers": [layer_facts(layer) for layer in scene.layers],
        "absent": list(scene.absent),
        "coverage": scene.coverage,
        "trained_on": _used(scene) in card.trained_on,
        "warnings": list(feedback.warnings),
        "notes": list(scene.notes),
    }


def tell_plan(card: Card, scene: Plan, feedback: JobFeedback) -> None:
    """Say what was assumed, what may harm the result, and what was measured for the sensors used."""
    grid = scene.grid
    feedback.info(f"Grid: {grid.width} x {grid.height} pixels of {grid.resolution:g} map units.")
    for text in scene.notes:
        feedback.info(text)
    for text in scene.warnings:
        feedback.warn(text)
    used = _used(scene)
    feedback.info(f"Sensors used: {titles(used)} of {titles(card.keys)}. {_measured(card, scene)}")
    if used not in card.trained_on:
        feedback.warn(f"{card.id} was never trained on just the combination {titles(used)}: look at the map with care.")


def _used(scene: Plan) -> tuple[str, ...]:
    return tuple(layer.key for layer in scene.layers)


def _measured(card: Card, scene: Plan) -> str:
    """Return the card's score for the sensors used and where it does not hold; never one that was not measured."""
    row = card.expected(_used(scene))
    if row is None:
        return "Their accuracy was not measured."
    best = max(scene.coverage.values())
    partial = [layer.key for layer in scene.layers if scene.coverage[layer.key] < best - SAME]
    text = f"Measured with these: mIoU {row.miou:.2f} on {row.data}"
    if partial:
        text += f"; it does not hold where {titles(partial)} is missing"
    return f"{text}; the warnings above put it in doubt here." if scene.warnings else f"{text}."
