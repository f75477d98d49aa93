"""How a grid is cut: column strips of tiles to compute, and blocks of output pixels to write.

Tiles lie on the frame, whatever part of it is asked for. Blocks lie on the tiles of the output files, so that what is
compressed for a block is copied into the files as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..data.geotiff import BLOCK
from ..data.grid import LATTICE, Grid, Tile, Window, starts

BLOCK_WIDTH = 8 * BLOCK  # of a block of output pixels: what is written at a time


@dataclass(frozen=True)
class Block:
    """A window of output pixels that is finished, written and noted as one: BLOCK rows, fewer at the bottom."""

    key: str
    window: Window

    @property
    def end(self) -> tuple[int, int]:
        """Return the column and row behind its last pixel."""
        return self.window.col + self.window.width, self.window.row + self.window.height

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Return column, row, width and height on the grid, as they are told."""
        return self.window.col, self.window.row, self.window.width, self.window.height


@dataclass(frozen=True)
class Strip:
    """A range of output columns worked through from top to bottom, a row of tiles at a time.

    rows, cols: where tiles begin, all that touch the strip; the first may stick out at the top and left. blocks: from
    top to bottom, and in a row from left to right.
    """

    col: int
    width: int
    height: int
    tile_size: tuple[int, int]
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    blocks: tuple[Block, ...]

    def tile(self, row: int, col: int) -> Tile:
        """Return the tile in a row and column of its table."""
        height, width = self.tile_size
        return Tile(row, col, Window(self.cols[col], self.rows[row], width, height))

    def tiles(self) -> Iterator[Tile]:
        """Yield all tiles row by row, from left to right."""
        return (self.tile(row, col) for row in range(len(self.rows)) for col in range(len(self.cols)))

    def touched(self, window: Window) -> list[Block]:
        """Return the blocks that share pixels with a window of the grid."""
        across = -(-self.width // BLOCK_WIDTH)
        left, right = max(window.col - self.col, 0), min(window.col + window.width - self.col, self.width)
        top, bottom = max(window.row, 0), min(window.row + window.height, self.height)
        return [
            self.blocks[down * across + place]
            for down in range(top // BLOCK, -(-bottom // BLOCK))
            for place in range(left // BLOCK_WIDTH, -(-right // BLOCK_WIDTH))
            if right > left
        ]

    def final(self, tile: Tile) -> Window:
        """Return the pixels that this tile is the last of the strip to touch."""
        left, right = _own(self.cols, tile.col, self.col, self.col + self.width)
        top, bottom = _own(self.rows, tile.row, 0, self.height)
        return Window(left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Layout:
    """tile_size: (height, width) of every tile in pixels; overlap in pixels, at least."""

    tile_size: tuple[int, int]
    overlap: int
    strips: tuple[Strip, ...]

    @property
    def tile_count(self) -> int:
        """Tiles to run if none is skipped; those at a strip's edge count in both strips."""
        return sum(len(strip.rows) * len(strip.cols) for strip in self.strips)

    def held_bytes(self, sum_bytes: int, pixel_bytes: int) -> int:
        """Return what the widest strip holds of sums and of output pixels; arguments as in `plan_layout`."""
        widest = max(strip.width for strip in self.strips)
        return widest * _column_bytes(self.strips[0].rows, self.tile_size[0], sum_bytes, pixel_bytes)


def plan_layout(
    grid: Grid, frame: Window, tile: int, overlap_percent: float, sum_bytes: int, pixel_bytes: int, most_bytes: int
) -> Layout:
    """Cut the grid. Every output pixel belongs to exactly one block.

    Tiles are laid on the frame (see Plan); those that do not touch the grid are left out. sum_bytes, pixel_bytes: of a
    pixel that is being blended, and of one in all outputs. A strip is as wide as what it holds fits into `most_bytes`,
    but at least BLOCK_WIDTH.
    """
    overlap = min(round(tile * overlap_percent / 100 / LATTICE) * LATTICE, tile - 2 * LATTICE)
    cols, width = _touching(frame.col, frame.width, grid.width, tile, overlap)
    rows, height = _touching(frame.row, frame.height, grid.height, tile, overlap)
    most = most_bytes // _column_bytes(rows, height, sum_bytes, pixel_bytes)
    strips = []
    for number, (left, right) in enumerate(_parts(grid.width, max(most // BLOCK_WIDTH, 1) * BLOCK_WIDTH)):
        touching = tuple(col for col in cols if col < right and col + width > left)
        blocks = tuple(
            Block(f"{number}_{down}_{across}", Window(left + start, top, stop - start, bottom - top))
            for down, (top, bottom) in enumerate(_parts(grid.height, BLOCK))
            for across, (start, stop) in enumerate(_parts(right - left, BLOCK_WIDTH))
        )
        strips.append(Strip(left, right - left, grid.height, (height, width), tuple(rows), touching, blocks))
    return Layout((height, width), overlap, tuple(strips))


def _touching(begin: int, length: int, limit: int, tile: int, overlap: int) -> tuple[list[int], int]:
    """Return the starts of the frame's tiles that touch [0, limit), and the tiles' length."""
    offsets, side = starts(length, tile, overlap)
    return [begin + offset for offset in offsets if begin + offset < limit and begin + offset + side > 0], side


def _parts(length: int, most: int) -> list[tuple[int, int]]:
    """Return [from, to) ranges of `most` that part a length; the last may be shorter."""
    return [(start, min(start + most, length)) for start in range(0, length, most)]


def _own(begins: Sequence[int], number: int, low: int, high: int) -> tuple[int, int]:
    """Return from where to where [low, high) is final after a tile of a row or column of tiles, and was not before."""
    after = max(begins[number + 1], low) if number + 1 < len(begins) else high
    return max(begins[number], low), after


def _column_bytes(rows: Sequence[int], height: int, sum_bytes: int, pixel_bytes: int) -> int:
    """Return what a column holds: sums of the rows that two rows of tiles share, and a block that is not full."""
    shared = max((one + height - other for one, other in zip(rows, rows[1:])), default=0)
    return shared * sum_bytes + BLOCK * pixel_bytes
