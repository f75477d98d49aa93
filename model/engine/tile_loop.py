"""The tile loop: read, run, blend, write block by block.

Memory: one ring of rows per column strip, one tile per modality read ahead, one batch on the device; none of it grows
with the raster's height.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from ..contract.card import Card
from ..contract.errors import BadInput, InputLost, SgmaError
from ..contract.modality import BY_KEY
from ..data.grid import Tile
from ..data.plan import Plan
from ..data.raster import LayerReader
from ..data.vector import pixel_area_m2
from ..feedback import JobFeedback
from .backends import Backend
from .blend import RowRing, ramp
from .journal import WorkFolder
from .layout import BlockPlan, Layout, Strip
from .rasters import OutputRasters

READ_AHEAD = 2
MOST_FAILURES = 25  # unreadable tiles in a row: then the input is gone, not damaged


@dataclass
class _TileData:
    """One tile as read: values per available modality, validity (M, h, w), and where it goes."""

    tile: Tile
    values: dict[str, np.ndarray]
    present: np.ndarray
    inside: np.ndarray  # (h, w) bool, False outside the area polygons


class TileLoop:
    """Computes the blocks of a run that its work folder does not hold yet."""

    def __init__(
        self,
        *,
        card: Card,
        scene: Plan,
        layout: Layout,
        rasters: OutputRasters,
        backend: Backend,
        batch: int,
        work: WorkFolder,
        feedback: JobFeedback,
    ) -> None:
        self._card, self._scene, self._layout, self._rasters = card, scene, layout, rasters
        self._backend, self._batch, self._work, self._feedback = backend, batch, work, feedback
        self._affine = {
            layer.key: (np.asarray(layer.gain, np.float32), np.asarray(layer.offset, np.float32))
            for layer in scene.layers
        }
        height, width = layout.tile_size
        self._weight = ramp(height, layout.overlap)[:, None] * ramp(width, layout.overlap)[None, :]
        self._done = 0
        self._failures = 0
        self.tiles_run = 0
        self.tiles_resumed = 0
        self.failed: dict[tuple[int, int], str] = {}  # (col, row) of a tile that could not be read -> why

    def run(self) -> None:
        """Compute every missing block. Raises Cancelled; a tile that cannot be read is noted in `failed`."""
        with ExitStack() as stack:
            readers = [stack.enter_context(LayerReader(layer, self._scene.grid)) for layer in self._scene.layers]
            pool = stack.enter_context(ThreadPoolExecutor(1, "sgma-read"))
            for strip in self._layout.strips:
                self._strip(strip, readers, pool)

    def _strip(self, strip: Strip, readers: list[LayerReader], pool: ThreadPoolExecutor) -> None:
        ring = RowRing(self._rasters.channels, self._layout.tile_size[0], strip.width)
        todo = [block for block in strip.blocks if block.window.height and block.key not in self._work.blocks]
        for block in strip.blocks:
            if not self._needed(block, todo):
                self._count_resumed(block)
                ring.reset(block.window.row + block.window.height)
                continue
            self._run_tiles(strip, block, readers, pool, ring)
            values, bits = ring.take(block.window.height)
            if block in todo:
                self._write_block(block, values, bits)

    def _needed(self, block: BlockPlan, todo: list[BlockPlan]) -> bool:
        """A block's tiles are run if it is to do, or if they reach down into one that is."""
        end = block.tile_row + self._layout.tile_size[0]
        return any(block.window.row <= other.window.row < end for other in todo)

    def _run_tiles(
        self, strip: Strip, block: BlockPlan, readers: list[LayerReader], pool: ThreadPoolExecutor, ring: RowRing
    ) -> None:
        """Read, run and blend the tiles that begin in a block, batched by which modalities they have."""
        waiting: dict[tuple[str, ...], list[_TileData]] = {}
        for item in _read_ahead(block.tiles, lambda tile: self._read(tile, readers), pool):
            self._feedback.check()
            if item is not None:
                group = waiting.setdefault(tuple(item.values), [])
                group.append(item)
                if len(group) == self._batch:
                    self._run_batch(group, strip.col, ring)
                    group.clear()
            self._done += 1
            self._feedback.progress("segment", self._done, self._layout.tile_count)
        for group in waiting.values():
            if group:
                self._feedback.check()
                self._run_batch(group, strip.col, ring)

    def _read(self, tile: Tile, readers: list[LayerReader]) -> _TileData | None:
        """Return the tile's pixels, or None when there is nothing to run: outside the area, no data, or unreadable."""
        window = tile.window
        mask = self._scene.area_mask
        if mask is not None and not mask.touches(window):
            return None
        inside = np.ones((window.height, window.width), bool) if mask is None else mask.window(window)
        present = np.zeros((len(self._card.keys), window.height, window.width), bool)
        values = {}
        try:
            for reader in readers:
                pixels, valid = reader.read(window)
                if valid.any():
                    key = reader.layer.key
                    values[key] = pixels
                    present[self._card.keys.index(key)] = valid
        except BadInput as error:  # every block that was probed could be read, this one cannot: a gap, not the end
            self.failed[(window.col, window.row)] = error.message
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                raise InputLost(
                    f"{MOST_FAILURES} tiles in a row could not be read: {error.message}",
                    "Check the file and its drive; started again, the run continues where it stopped.",
                ) from None
            return None
        self._failures = 0
        if not values or not (present.any(0) & inside).any():
            return None
        return _TileData(tile, values, present, inside)

    def _run_batch(self, group: list[_TileData], strip_col: int, ring: RowRing) -> None:
        keys = tuple(group[0].values)
        out = self._backend.predict(
            {key: np.stack([item.values[key] for item in group]) for key in keys},
            np.stack([item.present for item in group]),
            {key: self._affine[key] for key in keys},
            trust="trust" in self._rasters.roles,
        )
        if not np.isfinite(out).all():
            raise SgmaError(
                f"Model {self._card.id} gives values that are not numbers.",
                "Install the model again.",
            )
        bit = np.array([BY_KEY[key].bit for key in self._card.keys], np.uint8)[:, None, None]
        for item, values in zip(group, out, strict=True):
            bits = (item.present * bit * item.inside).sum(0, dtype=np.uint8)
            window = item.tile.window
            ring.add(window.row, window.col - strip_col, values, self._weight, bits)
            self.tiles_run += 1

    def _write_block(self, block: BlockPlan, values: np.ndarray, bits: np.ndarray) -> None:
        """Write a finished block's files, then its journal line, and tell it."""
        arrays, counts = self._rasters.encode(values, bits)
        files = self._rasters.write_parts(self._work.path, block.key, block.window, arrays)
        area = pixel_area_m2(self._scene.grid, block.window)
        height = self._layout.tile_size[0]
        failed = [
            [col, row, text]
            for (col, row), text in self.failed.items()
            if row < block.window.row + block.window.height and row + height > block.window.row
        ]
        facts = {"tiles": len(block.tiles), "area_m2": [float(n * area) for n in counts], "failed": failed}
        self._work.finish_block(block.key, files, facts)
        window = block.window
        place = (window.col, window.row, window.width, window.height)
        self._feedback.block(str(self._work.path / files["classes"]), place)

    def _count_resumed(self, block: BlockPlan) -> None:
        self.tiles_resumed += len(block.tiles)
        self._done += len(block.tiles)


def _read_ahead(
    tiles: tuple[Tile, ...], read: Callable[[Tile], _TileData | None], pool: ThreadPoolExecutor
) -> Iterator[_TileData | None]:
    """Yield read(tile) in order while a thread reads the next ones."""
    pending = deque()
    for tile in tiles:
        pending.append(pool.submit(read, tile))
        if len(pending) > READ_AHEAD:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
