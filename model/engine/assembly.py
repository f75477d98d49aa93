"""The final rasters, put together from finished blocks while the next ones are computed.

A row of target blocks is written once every block that reaches into it is there, so that the order in the files depends
on the layout alone. On a raster of several column strips that is when the last strip comes by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window as RioWindow

from ..data.geotiff import BLOCK
from ..data.grid import Grid, Window
from .journal import WorkFolder
from .layout import BlockPlan, Layout
from .rasters import OutputRasters


class Assembly:
    """Writes the rasters of a run under `places` (role -> path). A context manager: leaving it closes the files.

    Used by one thread at a time. Raises OSError when the disk refuses.
    """

    def __init__(
        self,
        layout: Layout,
        grid: Grid,
        rasters: OutputRasters,
        work: WorkFolder,
        places: Mapping[str, Path],
        check: Callable[[], None],
    ) -> None:
        """check: called before each band of a row; raises when the caller wants to stop, and then the run is over."""
        self._grid, self._rasters, self._work, self._check = grid, rasters, work, check
        self._blocks = [block for strip in layout.strips for block in strip.blocks if block.window.height]
        self._row = 0  # the first that is not written
        self._stack = ExitStack()
        with ExitStack() as stack:
            self._files = {role: stack.enter_context(rasters.open(role, path)) for role, path in places.items()}
            self._stack = stack.pop_all()

    def __enter__(self) -> Assembly:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.__exit__(*error)

    def advance(self) -> None:
        """Write what has become complete by the blocks that are in the journal by now."""
        while self._row < self._grid.height and all(near.key in self._work.blocks for near in self._near()):
            self._write_row(1)

    def finish(self, threads: int, progress: Callable[[int, int], None]) -> None:
        """Write the rows that are left with so many threads, and complete the files. Every block must be there.

        progress: called with rows written and rows in all.
        """
        height = self._grid.height
        while self._row < height:
            progress(self._row, height)
            self._write_row(threads)
        self._check()
        self._stack.close()
        progress(height, height)

    def _near(self) -> list[BlockPlan]:
        """Return the blocks that reach into the next row of target blocks."""
        top, bottom = self._row, self._row + BLOCK
        return [b for b in self._blocks if b.window.row < bottom and b.window.row + b.window.height > top]

    def _write_row(self, threads: int) -> None:
        height = min(BLOCK, self._grid.height - self._row)
        target = Window(0, self._row, self._grid.width, height)
        near = self._near()
        for role, file in self._files.items():
            with ExitStack() as stack:
                sources = [(block.window.intersection(target), self._source(block, role, stack)) for block in near]
                for band in range(self._rasters.bands(role)):
                    self._check()
                    rows = np.empty((height, target.width), self._rasters.dtype(role))
                    for place, read in sources:
                        top = place.row - target.row
                        rows[top : top + place.height, place.col : place.col + place.width] = read(band, place)
                    file.write(band, rows, threads)
        self._row += height

    def _source(self, block: BlockPlan, role: str, stack: ExitStack) -> Callable[[int, Window], np.ndarray]:
        """Return what gives the pixels of a band in a window of the grid, from the block's file."""
        top, left = block.window.row, block.window.col
        part = stack.enter_context(rasterio.open(self._work.path / self._work.blocks[block.key]["files"][role]))
        return lambda band, place: part.read(
            band + 1, window=RioWindow(place.col - left, place.row - top, place.width, place.height)
        )
