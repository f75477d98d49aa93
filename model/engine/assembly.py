"""The final rasters, put together from finished blocks while the next ones are computed.

A row of blocks is copied once all of it is there, so that the order in the files depends on the raster's size alone.
On a raster of several column strips that is when the last strip comes by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from ..data.output import check_written
from .journal import WorkFolder
from .layout import Block, Layout
from .rasters import OutputRasters


class Assembly:
    """Writes the rasters of a run under `places` (role -> path). A context manager: leaving it closes the files.

    Used by one thread at a time. Raises OSError when the disk refuses.
    """

    def __init__(
        self,
        layout: Layout,
        rasters: OutputRasters,
        work: WorkFolder,
        places: Mapping[str, Path],
        check: Callable[[], None],
    ) -> None:
        """check: called before each band of a row; raises when the caller wants to stop, and then the run is over."""
        self._rasters, self._work, self._places, self._check = rasters, work, places, check
        blocks = sorted(
            (b for strip in layout.strips for b in strip.blocks), key=lambda b: (b.window.row, b.window.col)
        )
        self._rows = [list(row) for _, row in groupby(blocks, lambda block: block.window.row)]
        self._done = 0  # rows that are written
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
        while self._done < len(self._rows) and all(block.key in self._work.blocks for block in self._rows[self._done]):
            self._write_row(self._rows[self._done])

    def finish(self, progress: Callable[[int, int], None]) -> None:
        """Write the rows that are left, complete the files and check them. Every block must be there.

        progress: called with rows of blocks written and in all.
        """
        while self._done < len(self._rows):
            progress(self._done, len(self._rows))
            self._write_row(self._rows[self._done])
        self._check()
        self._stack.close()
        for role, file in self._files.items():
            check_written(self._places[role], file.overviews)
        progress(len(self._rows), len(self._rows))

    def _write_row(self, blocks: list[Block]) -> None:
        for role, file in self._files.items():
            parts = [self._work.path / self._work.blocks[block.key]["files"][role] for block in blocks]
            for band in range(self._rasters.bands(role)):
                self._check()
                file.copy(band, parts)
        self._done += 1
