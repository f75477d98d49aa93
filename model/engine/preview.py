"""The part of a run's map that a view shows, soon: everything about it is the run's, only less of it is computed."""

from __future__ import annotations

from collections.abc import Callable

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import Area, Options, PreviewJob, SegmentJob, SegmentResult, Source
from ..contract.store import find
from ..data.plan import Plan
from ..feedback import JobFeedback
from .scenes import cut, planned, window_of
from .segment import segment


def preview(job: PreviewJob, feedback: JobFeedback) -> SegmentResult:
    """Make the map of the job's view. Its pixels are those of the run's map there. Raises as `segment` does.

    Also raises BadInput when the view lies outside the run's map.
    """
    if job.outputs.polygons:
        raise BadInput("A preview makes no polygons.", "Leave them out.")
    package = find(job.model)

    def plan_view(
        sources: tuple[Source, ...], card: Card, area: Area, options: Options, check: Callable[[], None]
    ) -> Plan:
        scene = planned(sources, package, area, options, check)
        window = window_of(scene.grid, job.view, job.view_crs)
        if window is None:
            raise BadInput(
                "The view lies outside the area to map.", "Move the map to the layers, or choose another area."
            )
        return cut(scene, window)

    return segment(SegmentJob(job.sources, job.model, job.outputs, job.area, job.options), feedback, plan_view)
