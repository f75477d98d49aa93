"""The tile loop: tiles are read ahead, run in batches, blended in order and written block by block.

Readers, the network and the writer work side by side; what is blended, and in which order, depends on none of them.
Memory: what the tiles of a column strip share, blocks that are not full, a few tiles read ahead, the batches in flight,
two blocks being written; none of it grows with the raster's height.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from torch import Tensor

from ..contract.card import Card
from ..contract.errors import Cancelled, InputLost
from ..data.grid import Tile, Window
from ..data.plan import Plan
from ..data.vector import pixel_area_m2
from ..feedback import JobFeedback
from .assembly import Assembly
from .canvas import Canvas, Filled
from .journal import WorkFolder
from .layout import Layout, Strip
from .rasters import OutputRasters
from .reading import Gap, TileData, TileReader, availability
from .runner import Runner
from .workload import Batch, Pending
from .writing import BlockWriter

MOST_READERS = 4
MOST_FAILURES = 25  # unreadable tiles in a row: then the input is gone, not damaged


@dataclass
class _Submitted:
    items: list[TileData]
    pending: Pending


@dataclass
class _Strip:
    """A strip that is worked through. queue: its tiles in order, in batches, or by themselves where nothing is run."""

    strip: Strip
    canvas: Canvas
    queue: deque[_Submitted | Tile] = field(default_factory=deque)


class TileLoop:
    """Computes the blocks of a run that its work folder does not hold yet."""

    def __init__(
        self,
        *,
        card: Card,
        scene: Plan,
        layout: Layout,
        rasters: OutputRasters,
        runner: Runner,
        batch: int | None,
        work: WorkFolder,
        feedback: JobFeedback,
    ) -> None:
        """batch: tiles a batch, None = what suits the device."""
        self._card, self._scene, self._layout, self._rasters = card, scene, layout, rasters
        self._runner, self._work, self._feedback = runner, work, feedback
        if batch is not None:
            runner.batch = batch
        self._done = 0
        self._failures = 0
        self.tiles_run = 0
        self.tiles_resumed = 0
        self.failed: dict[tuple[int, int], str] = {}  # (col, row) of a tile that could not be read -> why

    def run(self, assembly: Assembly) -> None:
        """Compute every missing block and add it to `assembly`, in the writer's thread.

        Raises Cancelled; a tile that cannot be read is noted in `failed`.
        """
        self._assembly = assembly
        readers = _readers(self._runner.workload.threads)
        with TileReader(self._scene, readers, self._feedback) as reader, BlockWriter(self._feedback.check) as writer:
            for strip in self._layout.strips:
                self._strip(strip, reader, writer)
            writer.finish()

    def _strip(self, strip: Strip, reader: TileReader, writer: BlockWriter) -> None:
        todo = {block.key for block in strip.blocks if block.key not in self._work.blocks}
        rows = [(row, self._wanted(strip, row, todo)) for row in range(len(strip.rows))]
        self._count_resumed(len(strip.rows) * len(strip.cols) - sum(len(cols) for _, cols in rows))
        answers = reader.read(strip.tile(row, col) for row, cols in rows for col in cols)
        state = _Strip(strip, Canvas(strip, self._rasters, todo, self._runner.backend.device))
        for row, cols in rows:
            for entry in self._entries(strip, row, cols, answers):
                self._settle(state, writer, self._runner.backend.in_flight - 1)
                self._feedback.check()
                if isinstance(entry, list):
                    entry = _Submitted(entry, self._runner.submit(_batch(entry)))
                state.queue.append(entry)
        self._settle(state, writer, 0)

    def _wanted(self, strip: Strip, row: int, todo: set[str]) -> list[int]:
        """Return which tiles of a row reach into blocks that are to do."""
        tiles = (strip.tile(row, col) for col in range(len(strip.cols)))
        return [t.col for t in tiles if any(block.key in todo for block in strip.touched(t.window))]

    def _count_resumed(self, tiles: int) -> None:
        self.tiles_resumed += tiles
        self._count(tiles)

    def _count(self, tiles: int) -> None:
        self._done += tiles
        self._feedback.progress("segment", self._done, self._layout.tile_count)

    def _entries(
        self, strip: Strip, row: int, wanted: list[int], answers: Iterator[TileData | Gap | None]
    ) -> Iterator[list[TileData] | Tile]:
        """Yield a row of tiles in order: neighbours of the same modalities in batches, tiles with nothing to run."""
        if not wanted:
            return
        most = _even(len(wanted), self._runner.batch)
        group: list[TileData] = []
        for col in range(len(strip.cols)):
            item = self._checked(next(answers)) if col in wanted else None
            if group and (item is None or item.values.keys() != group[0].values.keys() or len(group) >= most):
                yield group
                group = []
            if item is not None:
                group.append(item)
                continue
            if col in wanted:
                self._count(1)
            yield strip.tile(row, col)
        if group:
            yield group

    def _checked(self, answer: TileData | Gap | None) -> TileData | None:
        """Note a tile that could not be read. Raises InputLost after too many in a row.

        Tiles outside the area are not read, so they do not tell that the input is back.
        """
        if answer is None:
            return None
        if isinstance(answer, TileData):
            self._failures = 0
            return answer
        window = answer.tile.window
        self.failed[(window.col, window.row)] = answer.why
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            raise InputLost(
                f"{MOST_FAILURES} tiles in a row could not be read: {answer.why}",
                "Check the file and its drive; started again, the run continues where it stopped.",
            )
        return None

    def _settle(self, state: _Strip, writer: BlockWriter, most: int) -> None:
        """Blend the oldest tiles until at most `most` batches are in flight, and hand full blocks to the writer."""
        flying = sum(isinstance(entry, _Submitted) for entry in state.queue)
        while state.queue and (flying > most or isinstance(state.queue[0], Tile)):
            entry = state.queue.popleft()
            if isinstance(entry, Tile):
                self._place(state, writer, entry, None, None)
            else:
                flying -= 1
                self._blend(state, writer, entry)

    def _blend(self, state: _Strip, writer: BlockWriter, entry: _Submitted) -> None:
        keys = list(entry.items[0].values)
        out = self._rasters.spread(keys, entry.pending.result().to(state.canvas.device))
        for item, values in zip(entry.items, out, strict=True):
            self._place(state, writer, item.tile, values, availability(item))
        self.tiles_run += len(entry.items)
        self._count(len(entry.items))

    def _place(
        self, state: _Strip, writer: BlockWriter, tile: Tile, values: Tensor | None, bits: np.ndarray | None
    ) -> None:
        for filled in state.canvas.add(tile, values, bits):
            writer.put(partial(self._write_block, filled))

    def _write_block(self, filled: Filled) -> None:
        """Write a finished block's files, then its journal line, tell it and carry on with the final rasters.

        Runs in the writer's thread.
        """
        block = filled.block
        files = self._rasters.write_parts(self._work.path, block.key, block.window, filled.arrays)
        area = pixel_area_m2(self._scene.grid, block.window)
        height, width = self._layout.tile_size
        failed = [
            [col, row, text]
            for (col, row), text in list(self.failed.items())
            if Window(col, row, width, height).intersection(block.window)
        ]
        facts = {"area_m2": [float(n * area) for n in filled.counts], "failed": failed}
        self._work.finish_block(block.key, files, facts)
        self._feedback.block(str(self._work.path / files["classes"]), block.place)
        with suppress(Cancelled):  # blocks that wait are still written; the run's own thread stops it
            self._assembly.advance()


def _readers(threads: int) -> int:
    """Return how many threads read: each unpacks blocks of its own, so few where cores are few."""
    return max(1, min(threads // 4, MOST_READERS))


def _batch(items: list[TileData]) -> Batch:
    keys = list(items[0].values)
    if len(items) == 1:
        return Batch({key: items[0].values[key][None] for key in keys}, items[0].valid[None])
    return Batch(
        {key: np.stack([item.values[key] for item in items]) for key in keys}, np.stack([i.valid for i in items])
    )


def _even(tiles: int, most: int) -> int:
    """Return the batch size at most `most` that cuts a row of tiles into batches of nearly one size."""
    return -(-tiles // -(-tiles // most))
