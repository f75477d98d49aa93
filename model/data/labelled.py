"""Scenes with a reference, tile by tile, as `segment` reads them: to compare a model's map with what is known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import Area, Options
from ..contract.modality import titles
from ..feedback import JobFeedback
from . import crs as crs_tools
from .chips import Scene
from .grid import LATTICE, Window, starts
from .labels import IGNORE
from .native import configure
from .plan import plan
from .raster import LayerReader
from .reference import Opener, Reference

_OVERLAP = 3 / 32  # of a tile, as in `segment`
_MANY = 20  # scenes from which on each is a block
_BLOCKS = 400  # at most: every one has a confusion matrix a combination
_SIDES = (32, 256)  # least and most side of square blocks, pixels
_FEW = 24  # square blocks wanted at least


@dataclass(frozen=True)
class Place:
    """One tile: its scene, the pixels the network sees, and the part of them that counts."""

    scene: int
    window: Window
    core: Window


@dataclass(frozen=True)
class Sample:
    """A tile with its reference. M: modalities of the card.

    values: key -> (C,h,w) as stored, of the sensors with data. affine: key -> (gain, offset) (C,), from stored values
    to the card's unit. valid: (M,h,w) bool. labels: (h,w) uint8 class indices, IGNORE outside the tile's core and
    where nothing is known or no sensor has data. blocks: (h,w) int64, or (1,1) where all are the same.
    """

    place: Place
    values: dict[str, np.ndarray]
    affine: dict[str, tuple[np.ndarray, np.ndarray]]
    valid: np.ndarray
    labels: np.ndarray
    blocks: np.ndarray


class LabelledTiles:
    """The tiles of scenes that have labels. blocks: how many there are of the bootstrap's; block_kind: in words."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        card: Card,
        *,
        area: Area,
        options: Options,
        opener: Opener,
        stage: str,
        feedback: JobFeedback,
    ) -> None:
        """Open and check all layers, of scenes without a plan. Raises BadInput.

        area, options: of these plans. opener: of the scenes' labels. stage: how progress is called.
        """
        configure()
        self._card, self._opener = card, opener
        self._stage, self._feedback = stage, feedback
        self.scenes: list[Scene] = []
        for number, scene in enumerate(scenes):
            feedback.progress("scenes", number, len(scenes))
            found = scene.plan or plan(scene.sources, card, area, options, check=feedback.check)
            self.scenes.append(replace(scene, plan=found))
        feedback.progress("scenes", len(scenes), len(scenes))
        self.warnings = tuple(dict.fromkeys(text for scene in self.scenes for text in scene.plan.warnings))
        self._lay_blocks()

    @property
    def sensors(self) -> tuple[str, ...]:
        """Return the sensors that any scene has, in registry order."""
        there = {layer.key for scene in self.scenes for layer in scene.plan.layers}
        return tuple(key for key in self._card.keys if key in there)

    @property
    def resolution(self) -> float:
        """Return the ground metres of a pixel of the first scene's grid."""
        grid = self.scenes[0].plan.grid
        xmin, ymin, xmax, ymax = grid.bounds
        east, north = crs_tools.ground_metres(grid.crs, (xmin + xmax) / 2, (ymin + ymax) / 2)
        return math.sqrt(grid.transform[0] * east * -grid.transform[4] * north)

    def __iter__(self) -> Iterator[Sample]:
        """Yield the tiles that have labels where they have data. Raises BadInput when there is none."""
        count, total, done = 0, sum(len(self._places(i)) for i in range(len(self.scenes))), 0
        overlaps = False
        for number in range(len(self.scenes)):
            with ExitStack() as stack:
                readers, reference = self._open(number, stack)
                for place in self._places(number):
                    labels = self._labels(place, reference)
                    overlaps |= bool((labels != IGNORE).any())
                    sample = self._sample(place, readers, labels)
                    done += 1
                    self._feedback.progress(self._stage, done, total)
                    if sample is not None:
                        count += 1
                        yield sample
        if not count:
            files = sorted({scene.labels for scene in self.scenes})
            what = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
            if overlaps:
                raise BadInput(f"Reference {what} has labels only where no layer has data.", "Check area and nodata.")
            raise BadInput(
                f"Reference {what} does not overlap the layers, or is empty there.", "Check the CRS and place of both."
            )

    def labelled(self) -> dict[Place, int]:
        """Return how many pixels of a tile have a label, data or not, for tiles that have some; reads labels alone."""
        found = {}
        for number in range(len(self.scenes)):
            with ExitStack() as stack:
                _, reference = self._open(number, stack)
                for place in self._places(number):
                    count = int((self._labels(place, reference) != IGNORE).sum())
                    if count:
                        found[place] = count
        return found

    def samples(self, places: Sequence[Place]) -> Iterator[Sample]:
        """Yield tiles again, those that have labels where they have data; places in the order of their scenes."""
        for number, of_scene in groupby(places, lambda place: place.scene):
            with ExitStack() as stack:
                readers, reference = self._open(number, stack)
                for place in of_scene:
                    sample = self._sample(place, readers, self._labels(place, reference))
                    if sample is not None:
                        yield sample

    def _open(self, number: int, stack: ExitStack) -> tuple[list[LayerReader], Reference]:
        scene = self.scenes[number]
        grid = scene.plan.grid
        reference = stack.enter_context(self._opener(scene.labels, grid))
        return [stack.enter_context(LayerReader(layer, grid)) for layer in scene.plan.layers], reference

    def _places(self, number: int) -> list[Place]:
        frame, grid = self.scenes[number].plan.frame, self.scenes[number].plan.grid
        columns, width = _cores(frame.col, frame.width, grid.width, self._card.tile)
        rows, height = _cores(frame.row, frame.height, grid.height, self._card.tile)
        return [
            Place(number, Window(col, row, width, height), Window(left, top, right - left, bottom - top))
            for row, top, bottom in rows
            for col, left, right in columns
        ]

    def _labels(self, place: Place, reference: Reference) -> np.ndarray:
        window, core, mask = place.window, place.core, self.scenes[place.scene].plan.area_mask
        labels = np.full((window.height, window.width), IGNORE, np.uint8)
        if not reference.touches(core):
            return labels
        found = reference.read(core)
        if mask is not None:
            found[~mask.window(core)] = IGNORE
        top, left = core.row - window.row, core.col - window.col
        labels[top : top + core.height, left : left + core.width] = found
        return labels

    def _sample(self, place: Place, readers: list[LayerReader], labels: np.ndarray) -> Sample | None:
        """Return the tile; None when it has no label where it has data."""
        if not (labels != IGNORE).any():
            return None
        keys, values, affine = self._card.keys, {}, {}
        valid = np.zeros((len(keys), *labels.shape), bool)
        for reader in readers:
            key = reader.layer.key
            pixels, there = reader.read(place.window)
            if there.any():
                values[key] = pixels
                valid[keys.index(key)] = there
                affine[key] = tuple(np.asarray(side, np.float32) for side in (reader.layer.gain, reader.layer.offset))
        labels = np.where(valid.any(0), labels, IGNORE)
        if not (labels != IGNORE).any():
            return None
        return Sample(place, values, affine, valid, labels, self._blocks(place))

    # --- blocks --------------------------------------------------------------------------------------------------

    def _lay_blocks(self) -> None:
        """Choose blocks: scenes where there are many, else squares."""
        grids = [scene.plan.grid for scene in self.scenes]
        self._side = 0
        if len(grids) >= _MANY:
            self.blocks = min(len(grids), _BLOCKS)
            self.block_kind = f"{len(grids)} scenes"
            return
        pixels = sum(grid.width * grid.height for grid in grids)
        side = min(max(int(math.sqrt(pixels / _FEW)), _SIDES[0]), _SIDES[1])
        self._side = max(side, math.ceil(math.sqrt(pixels / _BLOCKS)))
        counts = [math.ceil(grid.width / self._side) * math.ceil(grid.height / self._side) for grid in grids]
        self._first = np.cumsum([0, *counts]).tolist()
        self.blocks = self._first[-1]
        self.block_kind = f"squares of {self._side} pixels"

    def _blocks(self, place: Place) -> np.ndarray:
        if not self._side:
            return np.array([[place.scene * self.blocks // len(self.scenes)]])
        grid, window = self.scenes[place.scene].plan.grid, place.window
        across = math.ceil(grid.width / self._side)
        # a window may stick out of its grid; nothing is labelled there
        rows = np.arange(window.row, window.row + window.height).clip(0, grid.height - 1) // self._side
        cols = np.arange(window.col, window.col + window.width).clip(0, grid.width - 1) // self._side
        return self._first[place.scene] + rows[:, None] * across + cols[None, :]


def known_sensors(scenes: Sequence[Scene], card: Card, feedback: JobFeedback) -> list[Scene]:
    """Return the scenes with the layers that the model takes; what is left out is told. Raises BadInput when none is.

    A manifest may serve several models; layers given one by one are checked by the plan.
    """
    found, unknown = [], set()
    for scene in scenes:
        sources = tuple(source for source in scene.sources if source.modality in card.keys)
        unknown |= {source.modality for source in scene.sources} - set(card.keys)
        if sources:
            found.append(replace(scene, sources=sources))
    if not found:
        raise BadInput(
            f"The model '{card.id}' takes {titles(card.keys)}; the scenes have {titles(unknown)}.",
            "Choose a model for these sensors.",
        )
    if unknown:
        feedback.warn(f"{titles(unknown)} is left out: the model '{card.id}' takes {titles(card.keys)}.")
    return found


def _cores(begin: int, length: int, limit: int, tile: int) -> tuple[list[tuple[int, int, int]], int]:
    """Return (start, core from, core to) of the windows along one side, and their length.

    Windows are laid as `segment` lays them; cores part [0, limit) halfway between neighbours.
    """
    overlap = min(round(tile * _OVERLAP / LATTICE) * LATTICE, tile - 2 * LATTICE)
    offsets, side = starts(length, tile, overlap)
    firsts = [begin + offset for offset in offsets]
    borders = [(one + side + other) // 2 for one, other in zip(firsts, firsts[1:])]
    edges = [min(max(edge, 0), limit) for edge in (begin, *borders, begin + length)]
    return [(a, b, c) for a, b, c in zip(firsts, edges, edges[1:]) if b < c], side
