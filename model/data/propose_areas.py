"""A proposal of areas, written for a person to look at and change before training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import VECTOR_SUFFIXES
from ..contract.learning import AreasJob
from ..feedback import JobFeedback
from .areas import write_areas
from .drawn import BACKGROUND_NAME, LabelSource
from .inputs import check_no_input
from .place import proposed
from .request import Request, crop_metres, looked_through


def propose_areas(job: AreasJob, base: Card | None, feedback: JobFeedback) -> dict[str, Any]:
    """Write the areas and return {output, gap_m, roles: {role: {class: share of its labels}}, warnings}.

    base: the card of the model that training will start from. Raises BadInput; nothing is written then.
    """
    output = Path(job.output)
    if output.suffix.lower() not in VECTOR_SUFFIXES:
        raise BadInput(f"Areas {output} (--output) must end in {VECTOR_SUFFIXES[0]}.", "Change its name.")
    files = (*(source.path for source in job.sources), job.labels, job.labelled_area, job.class_map)
    check_no_input(output, f"Areas {output} (--output)", files)
    if not job.labels:
        raise BadInput("Areas are proposed from where labels lie, and none are given.", "Give --labels F.")
    if job.crop < 1:
        raise BadInput(f"--crop {job.crop} must be 1 or more.", "Correct --crop.")
    background = job.background or BACKGROUND_NAME
    labels = LabelSource(job.labels, job.class_field, job.radius, job.labelled_area, background, role="Label layer")
    request = Request(job.sources, labels, job.crop, 0, job.class_map, "", base, job.gsd, job.options)
    _, scene, found, class_map = looked_through(request, feedback)
    proposal = proposed(request, found.by_class(class_map, labels.name), found.cell, scene.grid, feedback)
    write_areas(output, proposal.areas, scene.grid.crs)
    names = [info.name for info in class_map.classes]
    return {
        "output": str(output),
        "gap_m": crop_metres(job.crop, scene.grid),
        "roles": {role: dict(zip(names, share.round(4).tolist())) for role, share in proposal.shares.items()},
        "warnings": list(feedback.warnings),
    }
