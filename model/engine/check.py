"""What a segment job would read, without running it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..contract.job import CheckJob
from ..contract.store import find
from ..data.native import configure
from ..data.plan import plan
from ..feedback import JobFeedback
from .options import check_options
from .provenance import layer_facts
from .segment import GDAL_CACHE_MB


def check(job: CheckJob, feedback: JobFeedback) -> dict[str, Any]:
    """Return {grid, layers, absent, coverage, warnings}; raises BadInput for what would stop the run."""
    configure(GDAL_CACHE_MB)
    check_options(job.options)
    card = find(job.model).card
    feedback.progress("check", 0, 1)
    scene = plan(job.sources, card, job.area, job.options, check=feedback.check)
    for text in scene.warnings:
        feedback.warn(text)
    feedback.progress("check", 1, 1)
    used = tuple(layer.key for layer in scene.layers)
    return {
        "grid": {**asdict(scene.grid), "resolution": scene.grid.resolution},
        "layers": [layer_facts(layer) for layer in scene.layers],
        "absent": list(scene.absent),
        "coverage": scene.coverage,
        "trained_on": used in card.trained_on,
        "warnings": list(scene.warnings),
        "notes": list(scene.notes),
    }
