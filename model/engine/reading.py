"""Tiles read ahead by threads, in order, with a watch on reads that never come back."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from ..contract.errors import BadInput, InputLost
from ..contract.modality import BY_KEY
from ..data.grid import Tile
from ..data.plan import Plan
from ..data.raster import LayerReader
from ..feedback import JobFeedback

SLOW_S = 20.0  # a read that takes longer is told
STALLED_S = 300.0  # one that takes longer is given up: a network drive that hangs never says so
_POLL_S = 0.1
_PATIENCE_S = 5.0  # for the readers to end their last tiles; those that hang are left behind


@dataclass(frozen=True)
class TileData:
    """One tile as read: values per available modality, their validity (m,h,w), and where it goes.

    inside: (h,w) bool, False outside the area polygons.
    """

    tile: Tile
    values: dict[str, np.ndarray]
    valid: np.ndarray
    inside: np.ndarray


def availability(item: TileData) -> np.ndarray:
    """Return (h,w) uint8: the bits of the modalities that are valid at a pixel, 0 outside the area."""
    bit = np.array([BY_KEY[key].bit for key in item.values], np.uint8)[:, None, None]
    return (item.valid * bit * item.inside).sum(0, dtype=np.uint8)


@dataclass(frozen=True)
class Gap:
    """A tile that could not be read, and why."""

    tile: Tile
    why: str


class _Answer:
    """What a reader will have made of one tile."""

    def __init__(self, tile: Tile) -> None:
        self.tile = tile
        self.done = threading.Event()
        self.value: TileData | Gap | None = None
        self.error: BaseException | None = None


class TileReader:
    """Reads tiles of a plan's layers in threads of its own. A context manager.

    The threads are daemons and own their files: one that hangs in the system can neither be stopped nor waited for.
    """

    def __init__(self, scene: Plan, threads: int, feedback: JobFeedback) -> None:
        self._scene, self._feedback = scene, feedback
        self._asked: queue.SimpleQueue[_Answer | None] = queue.SimpleQueue()
        self._ahead = threads + 1
        self._stopped = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"sgma-read-{i}", daemon=True) for i in range(threads)
        ]

    def __enter__(self) -> TileReader:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        for _thread in self._threads:
            self._asked.put(None)
        until = time.monotonic() + _PATIENCE_S
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def read(self, tiles: Iterable[Tile]) -> Iterator[TileData | Gap | None]:
        """Yield what was read for each tile in order; None where there is nothing to run.

        Nothing to run: outside the area, or no valid pixel. Raises Cancelled, InputLost when a read stalls, and
        whatever a reader raised.
        """
        waiting: deque[_Answer] = deque()
        for tile in tiles:
            waiting.append(_Answer(tile))
            self._asked.put(waiting[-1])
            if len(waiting) > self._ahead:
                yield self._await(waiting.popleft())
        while waiting:
            yield self._await(waiting.popleft())

    def _await(self, answer: _Answer) -> TileData | Gap | None:
        began, told = time.monotonic(), False
        while not answer.done.wait(_POLL_S):
            asked = time.monotonic()
            self._feedback.check()
            began += time.monotonic() - asked  # a pause is no stall
            waited = time.monotonic() - began
            window = answer.tile.window
            if waited > STALLED_S:
                raise InputLost(
                    f"Reading the inputs at column {window.col}, row {window.row} has not moved for {STALLED_S:.0f} s.",
                    "Check the drive or network they lie on; started again, the run continues where it stopped.",
                )
            if waited > SLOW_S and not told:
                told = True
                self._feedback.warn(f"Reading the inputs takes more than {SLOW_S:.0f} s a tile: is their drive slow?")
        if answer.error is not None:
            raise answer.error
        return answer.value

    def _serve(self) -> None:
        """Answer until told to stop; one thread's life."""
        with ExitStack() as stack:
            readers: list[LayerReader] = []
            while (answer := self._asked.get()) is not None and not self._stopped:
                try:
                    if not readers:
                        layers = self._scene.layers
                        readers = [stack.enter_context(LayerReader(layer, self._scene.grid)) for layer in layers]
                    answer.value = self._read(answer.tile, readers)
                except BadInput as error:  # every block that was probed could be read, this one cannot
                    answer.value = Gap(answer.tile, error.message)
                except BaseException as error:  # noqa: BLE001  (raised again where the answer is awaited)
                    answer.error = error
                answer.done.set()

    def _read(self, tile: Tile, readers: list[LayerReader]) -> TileData | None:
        window = tile.window
        mask = self._scene.area_mask
        if mask is not None and not mask.touches(window):
            return None
        inside = np.ones((window.height, window.width), bool) if mask is None else mask.window(window)
        values, valid = {}, []
        for reader in readers:
            pixels, there = reader.read(window)
            if there.any():
                values[reader.layer.key] = pixels
                valid.append(there)
        if not values:
            return None
        stacked = np.stack(valid)
        return TileData(tile, values, stacked, inside) if (stacked.any(0) & inside).any() else None
