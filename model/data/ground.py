"""Layers and labels of one place, read window by window through blocks that stay in memory.

Training takes crops from the same labelled ground again and again: what was read once is not read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from .grid import Window
from .labels import IGNORE
from .plan import Plan
from .raster import LayerReader
from .reference import Reference
from .survey import BLOCK
from .vector import AreaMask

KEPT = 512 * 2**20  #: bytes of blocks that are kept


@dataclass(frozen=True)
class Pixels:
    """values: key -> (C,h,w) as a LayerReader returns them. valid: (M,h,w) bool. labels: (h,w) uint8, else IGNORE.

    Sensors without a valid pixel have no values.
    """

    values: dict[str, np.ndarray]
    valid: np.ndarray
    labels: np.ndarray

    @property
    def size(self) -> int:
        """Return bytes."""
        return sum(part.nbytes for part in (*self.values.values(), self.valid, self.labels))


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
        self.scene, self.keys = scene, keys
        self._opener, self._hidden, self._size = opener, hidden, 0
        layers = sum(len(layer.source.bands) * np.dtype(layer.read_dtype).itemsize for layer in scene.layers)
        #: what does not stay in memory is read window by window: whole blocks would cost more
        self.direct = blocks * BLOCK**2 * (layers + len(keys) + 1) > KEPT
        self._blocks: OrderedDict[tuple[int, int], Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def reader(self) -> Reader:
        """Return a reader for one thread."""
        return Reader(self)

    def block(self, place: tuple[int, int]) -> Pixels | None:
        """Return a block by (row, column) of blocks, if it is kept."""
        with self._lock:
            found = self._blocks.get(place)
            if found is not None:
                self._blocks.move_to_end(place)
            return found

    def keep(self, place: tuple[int, int], found: Pixels) -> None:
        """Keep a block; those not used for longest go where there are too many."""
        with self._lock:
            if place not in self._blocks:
                self._blocks[place] = found
                self._size += found.size
            while self._size > KEPT and len(self._blocks) > 1:
                self._size -= self._blocks.popitem(last=False)[1].size

    def open(self, stack: ExitStack) -> tuple[list[LayerReader], Reference]:
        """Return readers of all layers and of the labels; the stack closes them."""
        layers = [stack.enter_context(LayerReader(layer, self.scene.grid)) for layer in self.scene.layers]
        return layers, stack.enter_context(self._opener())

    def hide(self, window: Window, pixels: Pixels) -> None:
        """Take hidden ground out of what was read of a window."""
        for mask in self._hidden:
            if mask.touches(window):
                inside = mask.window(window)
                pixels.valid[:, inside] = False
                pixels.labels[inside] = IGNORE


class Reader:
    """One thread's files of a Ground, opened when something has to be read. A context manager."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._stack = ExitStack()
        self._files: tuple[list[LayerReader], Reference] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._files = None

    def read(self, window: Window) -> Pixels:
        """Return the pixels of a window of the grid; it may stick out. Raises BadInput when a file cannot be read."""
        if self._ground.direct:
            return self._fresh(window)
        first_row, last_row = window.row // BLOCK, (window.row + window.height - 1) // BLOCK
        first_col, last_col = window.col // BLOCK, (window.col + window.width - 1) // BLOCK
        shape = (window.height, window.width)
        valid = np.zeros((len(self._ground.keys), *shape), bool)
        labels = np.full(shape, IGNORE, np.uint8)
        values: dict[str, np.ndarray] = {}
        for row in range(first_row, last_row + 1):
            for col in range(first_col, last_col + 1):
                whole = _window((row, col))
                part = whole.intersection(window)
                if part.intersection(self._ground.scene.grid.window) is None:
                    continue
                block = self.block((row, col))
                source = _place(part, whole)
                target = _place(part, window)
                valid[(slice(None), *target)] = block.valid[(slice(None), *source)]
                labels[target] = block.labels[source]
                for key, pixels in block.values.items():
                    if key not in values:
                        values[key] = np.zeros((len(pixels), *shape), pixels.dtype)
                    values[key][(slice(None), *target)] = pixels[(slice(None), *source)]
        there = {key for key, part in zip(self._ground.keys, valid) if part.any()}
        return Pixels({key: pixels for key, pixels in values.items() if key in there}, valid, labels)

    def block(self, place: tuple[int, int]) -> Pixels:
        """Return a block by (row, column) of blocks; BLOCK pixels a side, also at the grid's edge."""
        found = self._ground.block(place)
        if found is None:
            found = self._fresh(_window(place))
            self._ground.keep(place, found)
        return found

    def labels(self, place: tuple[int, int]) -> np.ndarray:
        """Return the labels (BLOCK,BLOCK) of a block, IGNORE where there is no data if that is known by then."""
        if not self._ground.direct:
            return self.block(place).labels
        reference = self._opened()[1]
        return reference.read(_window(place))

    def _opened(self) -> tuple[list[LayerReader], Reference]:
        if self._files is None:
            self._files = self._ground.open(self._stack)
        return self._files

    def _fresh(self, window: Window) -> Pixels:
        layers, reference = self._opened()
        shape = (window.height, window.width)
        values, valid = {}, np.zeros((len(self._ground.keys), *shape), bool)
        for reader in layers:
            pixels, there = reader.read(window)
            if there.any():
                values[reader.layer.key] = pixels
                valid[self._ground.keys.index(reader.layer.key)] = there
        labels = reference.read(window) if reference.touches(window) else np.full(shape, IGNORE, np.uint8)
        found = Pixels(values, valid, labels)
        self._ground.hide(window, found)
        labels[~valid.any(0)] = IGNORE
        return found


def _window(place: tuple[int, int]) -> Window:
    return Window(place[1] * BLOCK, place[0] * BLOCK, BLOCK, BLOCK)


def _place(part: Window, whole: Window) -> tuple[slice, slice]:
    """Return where a window lies in another, as rows and columns."""
    row, col = part.row - whole.row, part.col - whole.col
    return slice(row, row + part.height), slice(col, col + part.width)
