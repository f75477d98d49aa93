"""How a grid is cut: column strips, each a list of blocks, each block with the row of tiles that begins in it."""

from __future__ import annotations

from dataclasses import dataclass

from ..data.grid import Grid, Tile, Window, tiles

MAX_STRIP_PX = 8192  #: a strip's ring holds one tile height of this many columns


@dataclass(frozen=True)
class BlockPlan:
    """A block: the output window it owns, and the tiles that begin in its rows and touch its strip's columns."""

    key: str
    window: Window
    tiles: tuple[Tile, ...]


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
        return sum(len(block.tiles) for strip in self.strips for block in strip.blocks)


def plan_layout(grid: Grid, tile: int, overlap_percent: float) -> Layout:
    """Cut the grid. Every output pixel belongs to exactly one block."""
    overlap = min(round(tile * overlap_percent / 100), tile - 32)
    rows = tiles(grid.width, grid.height, tile, overlap)
    first = rows[0]
    row_starts = [row[0].window.row for row in rows] + [grid.height]
    strips = []
    for number, (col0, col1) in enumerate(_strip_columns([t.window.col for t in first], grid.width)):
        blocks = []
        for index, row in enumerate(rows):
            touching = tuple(t for t in row if t.window.col < col1 and t.window.col + t.window.width > col0)
            window = Window(col0, row_starts[index], col1 - col0, row_starts[index + 1] - row_starts[index])
            blocks.append(BlockPlan(f"{number}_{index}", window, touching))
        strips.append(Strip(col0, col1 - col0, tuple(blocks)))
    size = first[0].window
    return Layout((size.height, size.width), overlap, tuple(strips))


def _strip_columns(starts: list[int], width: int) -> list[tuple[int, int]]:
    """Return [from, to) column ranges that begin at tile starts, at most MAX_STRIP_PX wide where a tile allows it."""
    edges = [0]
    for here, after in zip(starts, [*starts[1:], width], strict=True):
        if after - edges[-1] > MAX_STRIP_PX and here > edges[-1]:
            edges.append(here)
    return list(zip(edges, [*edges[1:], width], strict=True))
