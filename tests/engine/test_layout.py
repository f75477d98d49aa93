"""Every output pixel belongs to one block, however wide the raster."""

import numpy as np
import pytest

from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.engine import layout


@pytest.mark.parametrize(
    ("width", "height", "limit"), [(1000, 700, 8192), (1000, 700, 300), (31, 1, 300), (513, 512, 1)]
)
def test_blocks_partition_the_grid(width, height, limit):
    plan = layout.plan_layout(Grid("", (1, 0, 0, 0, -1, 0), width, height), 128, 12.5, limit)
    count = np.zeros((height, width), int)
    keys = []
    for strip in plan.strips:
        for block in strip.blocks:
            w = block.window
            count[w.row : w.row + w.height, w.col : w.col + w.width] += 1
            keys.append(block.key)
            assert all(tile.window.row == w.row for tile in block.tiles)
            # every tile that reaches into the strip's columns is run in it
            covered = np.zeros(width + 128, bool)
            for tile in block.tiles:
                covered[tile.window.col : tile.window.col + tile.window.width] = True
            assert covered[strip.col : strip.col + strip.width].all()
    assert (count == 1).all()
    assert plan.tile_count == sum(len(block.tiles) for strip in plan.strips for block in strip.blocks)
    assert len(set(keys)) == len(keys)
