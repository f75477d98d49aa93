"""Every output pixel belongs to one block, however wide the raster, and a cut has the tiles of the whole."""

import numpy as np
import pytest

from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.engine import layout


def grid(width, height):
    return Grid("", (1, 0, 0, 0, -1, 0), width, height)


@pytest.mark.parametrize(
    ("width", "height", "limit", "frame"),
    [
        (1000, 700, 8192, None),
        (1000, 700, 300, None),
        (31, 1, 300, None),
        (513, 512, 1, None),
        (200, 150, 8192, (-300, -117, 1000, 700)),
        (40, 30, 8192, (-115, -115, 1000, 700)),
        (40, 30, 20, (-960, -670, 1000, 700)),
    ],
)
def test_blocks_partition_the_grid(width, height, limit, frame):
    frame = Window(*frame) if frame else Window(0, 0, width, height)
    plan = layout.plan_layout(grid(width, height), frame, 128, 12.5, limit)
    count, keys = np.zeros((height, width), int), []
    for strip in plan.strips:
        reached = np.zeros((height, strip.width), bool)
        for block in strip.blocks:
            w = block.window
            count[w.row : w.row + w.height, w.col : w.col + w.width] += 1
            keys.append(block.key)
            for tile in block.tiles:
                assert tile.window.row == block.tile_row <= w.row
                top, left = max(tile.window.row, 0), max(tile.window.col - strip.col, 0)
                reached[top : tile.window.row + 128, left : max(tile.window.col + 128 - strip.col, 0)] = True
        assert reached.all()
    assert (count == 1).all()
    assert plan.tile_count == sum(len(block.tiles) for strip in plan.strips for block in strip.blocks)
    assert len(set(keys)) == len(keys)


def test_a_cut_has_the_tiles_of_the_whole():
    def tiles(plan):
        return {(t.window.col, t.window.row) for s in plan.strips for b in s.blocks for t in b.tiles}

    whole = tiles(layout.plan_layout(grid(1000, 700), Window(0, 0, 1000, 700), 128, 12.5, 8192))
    cut = tiles(layout.plan_layout(grid(200, 150), Window(-300, -117, 1000, 700), 128, 12.5, 8192))
    moved = {(col + 300, row + 117) for col, row in cut}
    assert moved == {(c, r) for c, r in whole if c < 500 and c + 128 > 300 and r < 267 and r + 128 > 117}
