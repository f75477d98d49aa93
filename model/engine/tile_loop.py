"""The tile loop: tiles are read ahead, run in batches, blended in order and written block by block.

Readers, the network and the writer work side by side; what is blended, and in which order, depends on none of them.
Memory: one ring of rows per column strip, a few tiles read ahead, the batches in flight, two blocks being written; none
of it grows with the raster's height.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from ..contract.card import Card
from ..contract.errors import Cancelled, InputLost
from ..contract.modality import BY_KEY
from ..data.grid import Window
from ..data.plan import Plan
from ..data.vector import pixel_area_m2
from ..feedback import JobFeedback
from .assembly import Assembly
from .blend import RowRing
from .journal import WorkFolder
from .layout import BlockPlan, Layout, Strip
from .rasters import OutputRasters
from .reading import Gap, TileData, TileReader
from .runner import Runner
from .workload import Batch, Pending
from .writing import BlockWriter

MOST_READERS = 4
MOST_FAILURES = 25  # unreadable tiles in a row: then the input is gone, not damaged


@dataclass
class _Row:
    """A block whose tiles have all been submitted: its turn to be written comes after them."""

    block: BlockPlan
    wanted: bool  # False: its tiles only reach down into the next block


@dataclass
class _Jump:
    """Blocks that are there already lie between: what the ring holds is of no use, its next row is `top`."""

    top: int


@dataclass
class _Submitted:
    items: list[TileData]
    pending: Pending


@dataclass
class _Strip:
    """What a strip's rows share while it is worked through."""

    ring: RowRing
    col: int
    queue: deque[_Jump | _Row | _Submitted] = field(default_factory=deque)


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
        weight: np.ndarray,
        work: WorkFolder,
        feedback: JobFeedback,
    ) -> None:
        """batch: tiles a batch, None = what suits the device. weight: (h,w) float32 blending weights of a tile."""
        self._card, self._scene, self._layout, self._rasters = card, scene, layout, rasters
        self._runner, self._work, self._feedback = runner, work, feedback
        self._weight = weight
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
        todo = {block.key for block in strip.blocks if block.window.height and block.key not in self._work.blocks}
        rows = [block for block in strip.blocks if self._reaches(block, strip, todo)]
        self._count_resumed(strip, rows)
        ring = RowRing(self._rasters.channels, self._weight, strip.width, self._runner.backend.device)
        state = _Strip(ring, strip.col)
        answers = reader.read(tile for block in rows for tile in block.tiles)
        top = 0
        for block in rows:
            if block.window.row > top:
                state.queue.append(_Jump(block.window.row))
            top = block.window.row + block.window.height
            for group in self._groups(block, answers):
                self._settle(state, writer, self._runner.backend.in_flight - 1)
                self._feedback.check()
                state.queue.append(_Submitted(group, self._runner.submit(_batch(group))))
            state.queue.append(_Row(block, block.key in todo))
        self._settle(state, writer, 0)

    def _reaches(self, block: BlockPlan, strip: Strip, todo: set[str]) -> bool:
        """A block's tiles are run if it is to do, or if they reach down into one that is."""
        end = block.tile_row + self._layout.tile_size[0]
        return any(other.key in todo and block.window.row <= other.window.row < end for other in strip.blocks)

    def _count_resumed(self, strip: Strip, rows: list[BlockPlan]) -> None:
        resumed = sum(len(block.tile_cols) for block in strip.blocks) - sum(len(block.tile_cols) for block in rows)
        self.tiles_resumed += resumed
        self._count(resumed)

    def _count(self, tiles: int) -> None:
        self._done += tiles
        self._feedback.progress("segment", self._done, self._layout.tile_count)

    def _groups(self, block: BlockPlan, answers: Iterator[TileData | Gap | None]) -> Iterator[list[TileData]]:
        """Yield a block's tiles in batches of those that have the same modalities."""
        most = _even(len(block.tile_cols), self._runner.batch)
        waiting: dict[tuple[str, ...], list[TileData]] = {}
        for _ in block.tile_cols:
            item = self._checked(next(answers))
            if item is None:
                self._count(1)
                continue
            group = waiting.setdefault(tuple(item.values), [])
            group.append(item)
            if len(group) >= most:
                yield group
                del waiting[tuple(item.values)]
        yield from waiting.values()

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
        """Blend the oldest batches until at most `most` are in flight, and hand finished rows to the writer."""
        flying = sum(isinstance(entry, _Submitted) for entry in state.queue)
        while state.queue and (flying > most or not isinstance(state.queue[0], _Submitted)):
            entry = state.queue.popleft()
            if isinstance(entry, _Submitted):
                flying -= 1
                self._blend(state, entry)
            elif isinstance(entry, _Jump):
                state.ring.reset(entry.top)
            else:
                self._finish_row(state.ring, entry, writer)

    def _blend(self, state: _Strip, entry: _Submitted) -> None:
        out: Tensor = entry.pending.result().to(state.ring.device)
        keys = list(entry.items[0].values)
        bit = np.array([BY_KEY[key].bit for key in keys], np.uint8)[:, None, None]
        channels = self._rasters.channels_of(keys)
        for item, values in zip(entry.items, out, strict=True):
            bits = (item.valid * bit * item.inside).sum(0, dtype=np.uint8)
            window = item.tile.window
            state.ring.add(window.row, window.col - state.col, channels, values, bits)
        self.tiles_run += len(entry.items)
        self._count(len(entry.items))

    def _finish_row(self, ring: RowRing, row: _Row, writer: BlockWriter) -> None:
        height = row.block.window.height
        if row.wanted:
            arrays, counts = self._rasters.encode(*ring.first(height))
            writer.put(lambda: self._write_block(row.block, arrays, counts))
        ring.drop(height)

    def _write_block(self, block: BlockPlan, arrays: dict[str, np.ndarray], counts: np.ndarray) -> None:
        """Write a finished block's files, then its journal line, tell it and carry on with the final rasters.

        Runs in the writer's thread.
        """
        files = self._rasters.write_parts(self._work.path, block.key, block.window, arrays)
        area = pixel_area_m2(self._scene.grid, block.window)
        height, width = self._layout.tile_size
        failed = [
            [col, row, text]
            for (col, row), text in list(self.failed.items())
            if Window(col, row, width, height).intersection(block.window)
        ]
        facts = {"tiles": len(block.tile_cols), "area_m2": [float(n * area) for n in counts], "failed": failed}
        self._work.finish_block(block.key, files, facts)
        window = block.window
        place = (window.col, window.row, window.width, window.height)
        self._feedback.block(str(self._work.path / files["classes"]), place)
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
