"""Scenes as a model sees them, with strokes, the pixels compared and their figure: for benches of strokes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import numpy as np
import shapely

from benchmarks.stroke_sets import STROKE_PX, Scene, draw, truth
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.job import Options, Source
from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.data.strokes import Drawn, Strokes
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.interactive.interact import View, aligned, classified, put_together
from sgma_qgis.model.interactive.session import Session

SPARSE_PX = 300  # side from which on every second row and column is scored
CACHE = 256 << 20
QUIET = JobFeedback("bench", lambda event: None)


@dataclass(frozen=True)
class Site:
    """A scene as a model sees it. drawn_on: the finest layer's grid and the truth there; strokes are drawn into that.

    expected: class indices of the view's pixels, IGNORE where unknown.
    """

    session: Session
    view: View
    drawn_on: tuple[Grid, np.ndarray]
    expected: np.ndarray

    def strokes(self, count: int, seed: int) -> Drawn:
        """Return simulated strokes, `count` of each class."""
        grid, labels = self.drawn_on
        return _drawn(draw(labels, count, seed), grid)

    def painted(self, strokes: Strokes) -> np.ndarray:
        """Return class indices of the view's pixels with data that strokes lie on, IGNORE elsewhere."""
        painted = strokes.read(self.view.window)
        painted[~self.view.valid.numpy()] = IGNORE
        return painted

    def mapped(self, strokes: Strokes) -> np.ndarray:
        """Return class indices of the view's pixels by the model adapted to strokes."""
        parts = classified(self.view, self.session.fitted(strokes, QUIET).network)
        return np.concatenate([part.argmax(0).numpy() for part in parts])

    def scored(self, painted: np.ndarray) -> np.ndarray:
        """Return which pixels are compared: with a class, with data, without a stroke."""
        step = 2 if max(painted.shape) > SPARSE_PX else 1
        some = np.zeros(painted.shape, bool)
        some[::step, ::step] = True
        return some & (self.expected != IGNORE) & (painted == IGNORE) & self.view.valid.numpy()


@contextmanager
def opened(scene: Scene, model: str) -> Iterator[Site]:
    """Open a scene as a model sees it, "none" = at the layers' own resolution."""
    with ExitStack() as stack:
        finest = stack.enter_context(closing(_session(scene, "none")))
        session = finest if model == "none" else stack.enter_context(closing(_session(scene, model)))
        labels, values = truth(scene, finest.scene.grid)
        grid = session.scene.grid
        view = put_together(session, aligned(grid.window, session.scene.frame), QUIET)
        expected = np.full(view.valid.shape, IGNORE, np.uint8)
        there, kept = truth(scene, grid)
        top, left = -view.window.row, -view.window.col
        expected[top : top + grid.height, left : left + grid.width] = _as(there, kept, values)
        yield Site(session, view, (finest.scene.grid, labels), expected)


def layers(scene: Scene, model: str) -> tuple[Source, ...]:
    """Return the layers that the model takes."""
    known = None if model == "none" else store.find(model).card.keys
    return tuple(source for source in scene.sources if known is None or source.modality in known)


def class_name(index: int) -> str:
    """Return what the class of an index is called, in an order that sorting keeps."""
    return f"class {index:02d}"


def miou(expected: np.ndarray, found: np.ndarray) -> float:
    """Return the mean over the classes of `expected` (N,) of their intersection over union with `found` (N,)."""
    ious = []
    for index in np.unique(expected):
        both, either = (expected == index) & (found == index), (expected == index) | (found == index)
        ious.append(both.sum() / either.sum())
    return float(np.mean(ious))


def _session(scene: Scene, model: str) -> Session:
    return Session(layers(scene, model), model, Options(), CACHE, QUIET)


def _as(labels: np.ndarray, kept: list[int], values: list[int]) -> np.ndarray:
    """Return class indices in the order of `values` for those in the order of `kept`."""
    table = np.full(256, IGNORE, np.uint8)
    for index, value in enumerate(kept):
        if value in values:
            table[index] = values.index(value)
    return table[labels]


def _drawn(strokes: list[tuple[int, list[tuple[float, float]]]], grid: Grid) -> Drawn:
    a, _, c, _, e, f = grid.transform
    shapes = [[(c + a * (col + 0.5), f + e * (row + 0.5)) for col, row in points] for _, points in strokes]
    lines = [shapely.LineString(points) if len(points) > 1 else shapely.Point(points[0]) for points in shapes]
    names = np.array([class_name(index) for index, _ in strokes], object)
    width = STROKE_PX * grid.resolution
    return Drawn(np.array(lines, object), names, np.full(len(lines), width), "The strokes")
