"""How a grid is cut: column strips, each a list of blocks, each block with the row of tiles that begins in it."""

from __future__ import annotations

from dataclasses import dataclass

from ..data.grid import LATTICE, Grid, Tile, Window, starts


@dataclass(frozen=True)
class BlockPlan:
    """A block: the output window it owns, and the row of tiles whose rows begin with it.

    The window has no rows when the next row of tiles begins above the grid, too. tile_size: (height, width). Tiles are
    made when asked for: a list of all would grow with the grid.
    """

    key: str
    window: Window
    tile_row: int  # first row of its tiles, above the window in the first blocks of a cut
    tile_size: tuple[int, int]
    tile_cols: tuple[int, ...]  # one tuple, shared by all blocks of a strip

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Return the tiles, left to right."""
        height, width = self.tile_size
        return tuple(Tile(0, i, Window(col, self.tile_row, width, height)) for i, col in enumerate(self.tile_cols))


@dataclass(frozen=True)
class Strip:
    """A range of output columns worked through from top to bottom with one ring of rows."""

    col: int
    width: int
    blocks: tuple[BlockPlan, ...]


@dataclass(frozen=True)
class Layout:
    """tile_size: (height, width) of every tile in pixels; overlap in pixels."""

    tile_size: tuple[int, int]
    overlap: int
    strips: tuple[Strip, ...]

    @property
    def tile_count(self) -> int:
        """Tiles to run if none is skipped; those at a strip's edge count in both strips."""
        return sum(len(block.tile_cols) for strip in self.strips for block in strip.blocks)


def plan_layout(grid: Grid, frame: Window, tile: int, overlap_percent: float, strip_width: int) -> Layout:
    """Cut the grid. Every output pixel belongs to exactly one block; strips are `strip_width` wide or a tile.

    Tiles are laid on the frame (see Plan); those that do not touch the grid are left out.
    """
    overlap = min(round(tile * overlap_percent / 100 / LATTICE) * LATTICE, tile - 2 * LATTICE)
    cols, width = _touching(frame.col, frame.width, grid.width, tile, overlap)
    rows, height = _touching(frame.row, frame.height, grid.height, tile, overlap)
    tops = [max(row, 0) for row in rows]
    strips = []
    for number, (left, right) in enumerate(_strip_columns(cols, grid.width, strip_width)):
        touching = tuple(col for col in cols if col < right and col + width > left)
        blocks = tuple(
            BlockPlan(
                f"{number}_{index}", Window(left, top, right - left, bottom - top), row, (height, width), touching
            )
            for index, (row, top, bottom) in enumerate(zip(rows, tops, [*tops[1:], grid.height], strict=True))
        )
        strips.append(Strip(left, right - left, blocks))
    return Layout((height, width), overlap, tuple(strips))


def _touching(begin: int, length: int, limit: int, tile: int, overlap: int) -> tuple[list[int], int]:
    """Return the starts of the frame's tiles that touch [0, limit), and the tiles' length."""
    offsets, side = starts(length, tile, overlap)
    return [begin + offset for offset in offsets if begin + offset < limit and begin + offset + side > 0], side


def _strip_columns(cols: list[int], width: int, most: int) -> list[tuple[int, int]]:
    """Return [from, to) column ranges that begin at tile starts."""
    edges = [0]
    for here, after in zip(cols, [*cols[1:], width], strict=True):
        if after - edges[-1] > most and here > edges[-1]:
            edges.append(here)
    return list(zip(edges, [*edges[1:], width], strict=True))
