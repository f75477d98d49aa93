"""How a grid is cut: column strips, each a list of blocks, each block with the row of tiles that begins in it."""

from __future__ import annotations

from dataclasses import dataclass

from ..data.grid import Grid, Tile, Window, starts


@dataclass(frozen=True)
class BlockPlan:
    """A block: the output window it owns, and the tiles that begin in its rows and touch its strip's columns.

    tile_size: (height, width). Tiles are made when asked for: a list of all would grow with the grid.
    """

    key: str
    window: Window
    tile_size: tuple[int, int]
    tile_cols: tuple[int, ...]  # one tuple, shared by all blocks of a strip

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Return the tiles, left to right."""
        height, width = self.tile_size
        return tuple(Tile(0, i, Window(col, self.window.row, width, height)) for i, col in enumerate(self.tile_cols))


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


def plan_layout(grid: Grid, tile: int, overlap_percent: float, strip_width: int) -> Layout:
    """Cut the grid. Every output pixel belongs to exactly one block; strips are `strip_width` wide or a tile."""
    overlap = min(round(tile * overlap_percent / 100), tile - 32)
    cols, width = starts(grid.width, tile, overlap)
    rows, height = starts(grid.height, tile, overlap)
    strips = []
    for number, (left, right) in enumerate(_strip_columns(cols, grid.width, strip_width)):
        touching = tuple(col for col in cols if col < right and col + width > left)
        blocks = tuple(
            BlockPlan(f"{number}_{index}", Window(left, top, right - left, bottom - top), (height, width), touching)
            for index, (top, bottom) in enumerate(zip(rows, [*rows[1:], grid.height], strict=True))
        )
        strips.append(Strip(left, right - left, blocks))
    return Layout((height, width), overlap, tuple(strips))


def _strip_columns(cols: list[int], width: int, most: int) -> list[tuple[int, int]]:
    """Return [from, to) column ranges that begin at tile starts."""
    edges = [0]
    for here, after in zip(cols, [*cols[1:], width], strict=True):
        if after - edges[-1] > most and here > edges[-1]:
            edges.append(here)
    return list(zip(edges, [*edges[1:], width], strict=True))
