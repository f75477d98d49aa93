"""A model adapted to the strokes in a file, for the whole area."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from ..contract.card import Card, id_from, printable
from ..contract.job import SegmentJob
from ..data.strokes import Strokes, read_strokes
from ..feedback import JobFeedback
from ..nn.pixels import PixelNetwork
from .session import Session

_CACHE_BYTES = 64 << 20  # each tile is looked at once
_ALL_THREADS = torch.get_num_threads()


def adapt(job: SegmentJob, feedback: JobFeedback) -> tuple[Card, PixelNetwork]:
    """Return the job's model adapted to its strokes, wherever on the layers they lie, and its card.

    The folder that it is kept in names it: its title, and its id, which is that without what an id must not have.

    The same strokes, layers and model give the same weights on the same machine. Raises BadInput or Cancelled.
    """
    torch.set_num_threads(job.options.threads or _ALL_THREADS)
    session = Session(job.sources, job.model, job.options, _CACHE_BYTES, feedback)
    try:
        grid = session.scene.grid
        base = session.package.card if session.package else None
        strokes = Strokes(read_strokes(job.strokes, job.class_field, grid), grid, base)
        for text in strokes.notes:
            feedback.info(text)
        fitted = session.fitted(strokes, feedback)
    finally:
        session.close()
    told = ", ".join(f"{name} {pixels}" for name, pixels in fitted.pixels.items())
    feedback.info(f"Adapted to {sum(fitted.pixels.values())} labelled pixels: {told}.")
    title = printable(Path(job.save_model).name)
    return replace(fitted.card, id=id_from(title) or fitted.card.id, title=title or fitted.card.title), fitted.network
