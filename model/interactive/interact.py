"""A job of kind `interact`: strokes in, an overlay of the view out, in the time that a person does not notice."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..contract.errors import BadInput, OutputFailed
from ..contract.job import RASTER_SUFFIXES, InteractJob
from ..data import crs as crs_tools
from ..data.grid import Window, snap
from ..data.overlay import write_overlay
from ..data.strokes import Strokes, from_messages
from ..feedback import JobFeedback
from ..nn.network import STRIDES
from ..nn.pixels import PixelNetwork, grown, smooth, standard
from .session import Fitted, Session, key

MOST_PIXELS = 4 << 20  # of a view: more than a screen shows
NODATA = 255
WORKER_MB = 800  # a worker at work takes besides the features of view and tiles: libraries, a network, what is painted
LEAST_KEPT_MB = 96  # a view and its surroundings
STRIP_PIXELS = 256 * 512  # of a view mapped at a time: what lies between takes memory
_ROWS = 32  # of a strip scored at a time: what lies between stays in the processor's cache
_HALO = 8  # rows that smoothing looks beyond a strip, on tokens
_TOKEN = STRIDES[0]
_ALL_THREADS = torch.get_num_threads()


@dataclass(frozen=True)
class View:
    """A window of the grid and its features, put together from tiles. D, E, M as in `tiles`.

    values, known: (D,h,w). context: (E,h/4+2,w/4+2). valid: (h,w) bool.
    """

    window: Window
    values: Tensor
    known: Tensor
    context: Tensor
    valid: Tensor


class _Warm:
    """The one session that is kept, and the view that was asked for last."""

    def __init__(self) -> None:
        self.key: Hashable = None
        self.session: Session | None = None
        self.view: View | None = None

    def open(self, job: InteractJob, feedback: JobFeedback) -> Session:
        """Return the session for a job; another one's files are closed and its features forgotten."""
        asked = key(job.sources, job.model, job.options, job.memory_mb)
        if self.session is None or asked != self.key:
            if self.session is not None:
                self.session.close()
            self.session = self.view = self.key = None
            self.session = Session(job.sources, job.model, job.options, _kept_bytes(job), feedback)
            self.key = asked
        return self.session

    def look(self, window: Window, feedback: JobFeedback) -> View:
        """Return the features of a window of the grid."""
        if self.view is None or self.view.window != window:
            self.view = None  # not two at a time
            self.session.leave_room(_view_bytes(self.session, window))
            self.view = put_together(self.session, window, feedback)
        return self.view


_warm = _Warm()


def interact(job: InteractJob, feedback: JobFeedback) -> dict[str, Any]:
    """Return what the view shows: {overlay, grid, classes, pixels, sensors, model, seconds, warnings}.

    overlay: "" without strokes. pixels: labelled ones by class name. sensors: those with data. model: "" when the
    pixels alone decide. seconds: {features, fit, map}. Raises BadInput, Cancelled or OutputFailed.
    """
    if not job.overlay.lower().endswith(RASTER_SUFFIXES):
        raise BadInput(f"Overlay {job.overlay!r} must end in .tif.", "Choose such a name.")
    torch.set_num_threads(job.options.threads or _ALL_THREADS)
    began = time.perf_counter()
    session = _warm.open(job, feedback)
    view = _warm.look(_window(session, job), feedback)
    featured = time.perf_counter()
    result: dict[str, Any] = {
        "overlay": "",
        "grid": {"crs": session.scene.grid.crs, "window": asdict(view.window), "bounds": _bounds(session, view)},
        "classes": [],
        "pixels": {},
        "sensors": [layer.key for layer in session.scene.layers],
        "model": session.package.card.id if session.package else "",
        "seconds": {"features": round(featured - began, 4)},
        "warnings": list(feedback.warnings),
    }
    if not job.strokes:
        return result
    grid = session.scene.grid
    base = session.package.card if session.package else None
    strokes = Strokes(from_messages(job.strokes, job.strokes_crs, grid), grid, base)
    fitted = session.fitted(strokes, feedback)
    fit_done = time.perf_counter()
    _write(Path(job.overlay), session, view, fitted, feedback)
    result["seconds"] |= {
        "fit": round(fit_done - featured, 4),
        "map": round(time.perf_counter() - fit_done, 4),
    }
    result |= {
        "overlay": job.overlay,
        "classes": [asdict(info) for info in fitted.card.classes],
        "pixels": fitted.pixels,
        "warnings": list(feedback.warnings),
    }
    return result


def classified(view: View, network: PixelNetwork) -> Iterator[Tensor]:
    """Yield the probabilities of the classes in a view, (K,some rows,w) float32, from top to bottom."""
    height, width = view.valid.shape
    rows = max(STRIP_PIXELS // width // _ROWS, 1) * _ROWS
    for top in range(0, height, rows):
        first, last = max(top - _HALO, 0), min(top + rows + _HALO, height)
        yield _strip(view, network, first, last)[:, top - first : top - first + rows]


@torch.inference_mode()
def _strip(view: View, network: PixelNetwork, first: int, last: int) -> Tensor:
    """Return the probabilities in rows of a view, which begin and end on tokens."""
    mean, std = (side[:, None, None] for side in (network.mean, network.std))
    pixels = standard(view.values[:, first:last], view.known[:, first:last], mean, std)[None]
    tokens = None
    if network.base is not None:
        tokens = network.context(view.context[None, :, first // _TOKEN : last // _TOKEN + 2])
    parts = []
    for row in range(0, last - first, _ROWS):
        some = pixels[:, :, row : row + _ROWS]
        parts.append(network.scores(some, _around(tokens, row, some.shape[2:])))
    probability = torch.cat(parts, 2).softmax(1)
    return smooth(probability, network.guide(pixels), view.valid[None, None, first:last].float())[0]


def _kept_bytes(job: InteractJob) -> int:
    """Return how many bytes the features of view and tiles may take."""
    return max(job.memory_mb - WORKER_MB, LEAST_KEPT_MB) << 20


def _view_bytes(session: Session, window: Window) -> int:
    """Return how many bytes the features of a view take: values, known, valid, and context."""
    pixels = window.width * window.height
    tokens = (window.width // _TOKEN + 2) * (window.height // _TOKEN + 2)
    return pixels * (5 * session.pixel_features + 1) + 4 * tokens * session.context_features


def _around(tokens: Tensor | None, row: int, size: tuple[int, int]) -> Tensor | None:
    """Return rows of a strip's tokens, which have one more on every side, in pixels."""
    if tokens is None:
        return None
    part = tokens[:, :, row // _TOKEN : (row + size[0]) // _TOKEN + 2]
    return grown(part, (size[0] + 2 * _TOKEN, size[1] + 2 * _TOKEN))[..., _TOKEN:-_TOKEN, _TOKEN:-_TOKEN]


def _window(session: Session, job: InteractJob) -> Window:
    """Return the view on the grid, its sides on tokens of the tiles. Raises BadInput."""
    grid, frame = session.scene.grid, session.scene.frame
    xmin, ymin, xmax, ymax = job.view
    if not (np.isfinite(job.view).all() and xmin < xmax and ymin < ymax):
        raise BadInput(f"View {job.view} is not xmin,ymin,xmax,ymax with xmin < xmax and ymin < ymax.", "Zoom out.")
    if not job.view_crs:
        raise BadInput("The view has no coordinate reference system.", "Give the project one.")
    bounds = crs_tools.carry_bounds(job.view, job.view_crs, grid.crs)
    a, _, c, _, e, f = grid.transform
    seen = snap(bounds, (c, f), (a, -e), grid.crs)
    col, row = round((seen.transform[2] - c) / a), round((seen.transform[5] - f) / e)
    inside = Window(col, row, seen.width, seen.height).intersection(grid.window)
    if inside is None:
        raise BadInput("The view lies outside the layers.", "Zoom to one of the layers.")
    window = aligned(inside, frame)
    pixels = window.width * window.height
    most = min(MOST_PIXELS, pixels * _kept_bytes(job) // _view_bytes(session, window))
    if pixels > most:
        limit, more = "at most", ""
        if most < MOST_PIXELS:
            limit, more = f"{job.memory_mb} MB of memory are enough for", ", or allow more memory"
        raise BadInput(
            f"The view shows {pixels / 1e6:.1f} million pixels of the map; {limit} {most / 1e6:.1f} million.",
            f"Zoom in{more}; a run on the whole area makes the map of all of it.",
        )
    return window


def aligned(window: Window, frame: Window) -> Window:
    """Return the least window around another whose sides lie on tokens of the lattice of `frame`."""
    left = window.col - (window.col - frame.col) % _TOKEN
    top = window.row - (window.row - frame.row) % _TOKEN
    width = -(-(window.col + window.width - left) // _TOKEN) * _TOKEN
    height = -(-(window.row + window.height - top) // _TOKEN) * _TOKEN
    return Window(left, top, width, height)


def put_together(session: Session, window: Window, feedback: JobFeedback) -> View:
    """Return the features of a window that is aligned. Raises Cancelled, or BadInput when a file cannot be read."""
    maker = session.maker
    places = maker.touching(window)
    shape = (window.height, window.width)
    tokens = (window.height // _TOKEN + 2, window.width // _TOKEN + 2)
    values = torch.zeros(session.pixel_features, *shape)
    known = torch.zeros(session.pixel_features, *shape, dtype=torch.bool)
    context, valid = torch.zeros(session.context_features, *tokens), torch.zeros(shape, dtype=torch.bool)
    for done, place in enumerate(places):
        feedback.progress("features", done, len(places))
        tile = session.tile(*place)
        if tile.values is None:
            continue
        core = maker.core(*place)
        part = core.intersection(window)
        here, there = _slices(part, window, 1), _slices(part, core, 1)
        values[here], known[here] = tile.values[there], tile.known[there]
        valid[here[1:]] = tile.present.any(0)[there[1:]]
        _put_context(context, window, tile.context, core, part)
    feedback.progress("features", len(places), len(places))
    return View(window, values, known, context, valid)


def _put_context(context: Tensor, window: Window, source: Tensor, core: Window, part: Window) -> None:
    """Copy a tile's tokens, with those around it where the view goes no further."""
    left = 1 if part.col > window.col else 0
    top = 1 if part.row > window.row else 0
    cols, rows = part.width // _TOKEN + 2, part.height // _TOKEN + 2
    to_col, to_row = (part.col - window.col) // _TOKEN, (part.row - window.row) // _TOKEN
    of_col, of_row = (part.col - core.col) // _TOKEN, (part.row - core.row) // _TOKEN
    context[:, to_row + top : to_row + rows, to_col + left : to_col + cols] = source[
        :, of_row + top : of_row + rows, of_col + left : of_col + cols
    ]


def _slices(part: Window, whole: Window, step: int) -> tuple[slice, slice, slice]:
    row, col = (part.row - whole.row) // step, (part.col - whole.col) // step
    return np.s_[:, row : row + part.height // step, col : col + part.width // step]


def _bounds(session: Session, view: View) -> list[float]:
    return list(session.scene.grid.window_bounds(view.window))


def _write(path: Path, session: Session, view: View, fitted: Fitted, feedback: JobFeedback) -> None:
    """Write the overlay under a name that is seen when it is whole."""
    ids = np.array([info.id for info in fitted.card.classes], np.uint8)
    parts = []
    for probability in classified(view, fitted.network):
        feedback.check()
        best, index = probability.max(0)
        parts.append(np.stack([ids[index.numpy()], (best * 100).round().to(torch.uint8).numpy()]))
    bands = np.concatenate(parts, 1)
    bands[:, ~view.valid.numpy()] = NODATA
    try:
        write_overlay(path, bands, session.scene.grid, view.window, NODATA)
    except OSError as error:
        raise OutputFailed(
            f"Overlay {path} could not be written: {error.strerror or error}", "Make room on its disk."
        ) from error
