"""Layers and labels of one place, read window by window through blocks that stay in memory.

Training takes crops from the same labelled ground again and again: what was read once is not read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from .grid import Window
from .labels import IGNORE
from .plan import Plan
from .raster import LayerReader
from .reference import Reference
from .survey import BLOCK
from .vector import AreaMask

KEPT = 512 * 2**20  #: bytes of layers that are kept, and a quarter as many of labels
_Place = tuple[int, int]  # (row, column) of blocks


@dataclass(frozen=True)
class Values:
    """values: key -> (C,h,w) as a LayerReader returns them, of sensors with a valid pixel. valid: (M,h,w) bool."""

    values: dict[str, np.ndarray]
    valid: np.ndarray

    @property
    def nbytes(self) -> int:
        """Return bytes."""
        return sum(part.nbytes for part in (*self.values.values(), self.valid))


@dataclass(frozen=True)
class Pixels(Values):
    """Values with labels (h,w) uint8, IGNORE where nothing is known or no sensor has data."""

    labels: np.ndarray


Block = TypeVar("Block", Values, np.ndarray)


class _Kept(Generic[Block]):
    """Blocks by place; those not used for longest go where there are too many. Any number of threads."""

    def __init__(self, share: float) -> None:
        """share: of KEPT."""
        self._share, self._size = share, 0
        self._blocks: OrderedDict[_Place, Block] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, place: _Place, fresh: Callable[[_Place], Block]) -> Block:
        """Return a block; `fresh` makes what is not there, twice if two threads ask at a time: it is the same."""
        with self._lock:
            found = self._blocks.get(place)
            if found is not None:
                self._blocks.move_to_end(place)
                return found
        found = fresh(place)
        with self._lock:
            if place not in self._blocks:
                self._blocks[place] = found
                self._size += found.nbytes
            while self._size > self._share * KEPT and len(self._blocks) > 1:
                self._size -= self._blocks.popitem(last=False)[1].nbytes
        return found


class Ground:
    """Reads windows of a plan's layers and labels. Any number of threads, each through a `Reader` of its own."""

    def __init__(
        self,
        scene: Plan,
        keys: tuple[str, ...],
        opener: Callable[[], Reference],
        hidden: list[AreaMask],
        blocks: int,
    ) -> None:
        """keys: of the M axis. opener: of the labels. hidden: ground that counts as having no data and no labels.

        blocks: how many are likely to be asked for.
        """
        self.scene, self.keys, self.opener, self.hidden = scene, keys, opener, hidden
        self.layers: _Kept[Values] = _Kept(1.0)
        self.labels: _Kept[np.ndarray] = _Kept(0.25)
        pixel = sum(len(layer.source.bands) * np.dtype(layer.read_dtype).itemsize for layer in scene.layers)
        #: layers that do not stay in memory are read window by window: whole blocks would cost more
        self.direct = blocks * BLOCK**2 * (pixel + len(keys)) > KEPT

    def reader(self) -> Reader:
        """Return a reader for one thread."""
        return Reader(self)


class Reader:
    """One thread's files of a Ground, opened when something has to be read. A context manager."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._stack = ExitStack()
        self._layers: list[LayerReader] = []
        self._reference: Reference | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._layers, self._reference = [], None

    def read(self, window: Window) -> Pixels:
        """Return the pixels of a window of the grid; it may stick out. Raises BadInput when a file cannot be read."""
        found = self._fresh(window) if self._ground.direct else self._put_together(window)
        labels = np.full((window.height, window.width), IGNORE, np.uint8)
        for place, target, source in self._parts(window):
            labels[target] = self.labels(place)[source]
        labels[~found.valid.any(0)] = IGNORE
        return Pixels(found.values, found.valid, labels)

    def labels(self, place: _Place) -> np.ndarray:
        """Return the labels (BLOCK,BLOCK) of a block, data or not."""
        return self._ground.labels.get(place, self._fresh_labels)

    def _put_together(self, window: Window) -> Values:
        shape = (window.height, window.width)
        valid = np.zeros((len(self._ground.keys), *shape), bool)
        values: dict[str, np.ndarray] = {}
        for place, target, source in self._parts(window):
            block = self._ground.layers.get(place, lambda at: self._fresh(_window(at)))
            valid[(slice(None), *target)] = block.valid[(slice(None), *source)]
            for key, pixels in block.values.items():
                if key not in values:
                    values[key] = np.zeros((len(pixels), *shape), pixels.dtype)
                values[key][(slice(None), *target)] = pixels[(slice(None), *source)]
        return self._there(values, valid)

    def _parts(self, window: Window) -> Iterator[tuple[_Place, tuple[slice, slice], tuple[slice, slice]]]:
        """Yield the blocks of the grid under a window: place, where in the window, where in the block."""
        for row in range(window.row // BLOCK, (window.row + window.height - 1) // BLOCK + 1):
            for col in range(window.col // BLOCK, (window.col + window.width - 1) // BLOCK + 1):
                whole = _window((row, col))
                part = whole.intersection(window)
                if part.intersection(self._ground.scene.grid.window) is not None:
                    yield (row, col), _inside(part, window), _inside(part, whole)

    def _there(self, values: dict[str, np.ndarray], valid: np.ndarray) -> Values:
        there = {key for key, part in zip(self._ground.keys, valid) if part.any()}
        return Values({key: pixels for key, pixels in values.items() if key in there}, valid)

    def _fresh(self, window: Window) -> Values:
        ground = self._ground
        if not self._layers:
            self._layers = [
                self._stack.enter_context(LayerReader(layer, ground.scene.grid)) for layer in ground.scene.layers
            ]
        values, valid = {}, np.zeros((len(ground.keys), window.height, window.width), bool)
        for reader in self._layers:
            values[reader.layer.key], valid[ground.keys.index(reader.layer.key)] = reader.read(window)
        for mask in ground.hidden:
            if mask.touches(window):
                valid[:, mask.window(window)] = False
        return self._there(values, valid)

    def _fresh_labels(self, place: _Place) -> np.ndarray:
        if self._reference is None:
            self._reference = self._stack.enter_context(self._ground.opener())
        window = _window(place)
        if not self._reference.touches(window):
            return np.full((BLOCK, BLOCK), IGNORE, np.uint8)
        labels = self._reference.read(window)
        for mask in self._ground.hidden:
            if mask.touches(window):
                labels[mask.window(window)] = IGNORE
        return labels


def _window(place: _Place) -> Window:
    return Window(place[1] * BLOCK, place[0] * BLOCK, BLOCK, BLOCK)


def _inside(part: Window, whole: Window) -> tuple[slice, slice]:
    """Return where a window lies in another, as rows and columns."""
    row, col = part.row - whole.row, part.col - whole.col
    return slice(row, row + part.height), slice(col, col + part.width)
