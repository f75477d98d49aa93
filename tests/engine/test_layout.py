"""Every output pixel belongs to one block, however wide the raster, and a cut has the tiles of the whole."""

import numpy as np
import pytest

from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.engine import layout

WIDE = 1 << 30


def grid(width, height):
    return Grid("", (1, 0, 0, 0, -1, 0), width, height)


def plan(width, height, frame=None, most_bytes=WIDE):
    frame = Window(*frame) if frame else Window(0, 0, width, height)
    return layout.plan_layout(grid(width, height), frame, 128, 12.5, 24, 4, most_bytes)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(layout, "BLOCK", 64)
    monkeypatch.setattr(layout, "BLOCK_WIDTH", 128)


@pytest.mark.parametrize(
    ("width", "height", "most_bytes", "frame"),
    [
        (1000, 700, WIDE, None),
        (1000, 700, 1, None),
        (31, 1, 1, None),
        (513, 512, 1, None),
        (200, 150, WIDE, (-300, -117, 1000, 700)),
        (40, 30, WIDE, (-115, -115, 1000, 700)),
        (140, 30, 1, (-960, -670, 1200, 700)),
    ],
)
def test_blocks_and_final_pixels_partition_the_grid(width, height, most_bytes, frame):
    cut = plan(width, height, frame, most_bytes)
    assert (len(cut.strips) > 1) == (most_bytes == 1 and width > 128)
    blocks, final, keys = np.zeros((height, width), int), np.zeros((height, width), int), []
    for strip in cut.strips:
        for block in strip.blocks:
            blocks[block.window.within(Window(0, 0, width, height))] += 1
            keys.append(block.key)
        for row in range(len(strip.rows)):
            for col in range(len(strip.cols)):
                tile = strip.tile(row, col)
                assert (tile.row, tile.col) == (row, col)
                part = strip.final(tile)
                if part.width and part.height:
                    assert part.intersection(tile.window) == part
                    final[part.within(Window(0, 0, width, height))] += 1
                touched = [b.key for b in strip.blocks if b.window.intersection(tile.window)]
                assert [b.key for b in strip.touched(tile.window)] == touched
    assert (blocks == 1).all()
    assert (final == 1).all()
    assert cut.tile_count == sum(len(strip.rows) * len(strip.cols) for strip in cut.strips)
    assert len(set(keys)) == len(keys)


def test_a_cut_has_the_tiles_of_the_whole():
    def tiles(cut):
        return {(col, row) for strip in cut.strips for col in strip.cols for row in strip.rows}

    whole, cut = tiles(plan(1000, 700)), tiles(plan(200, 150, (-300, -117, 1000, 700)))
    moved = {(col + 300, row + 117) for col, row in cut}
    assert moved == {(c, r) for c, r in whole if c < 500 and c + 128 > 300 and r < 267 and r + 128 > 117}


def test_a_strip_holds_no_more_than_asked():
    """Of a low raster two rows of tiles share nearly all: its strips are narrower."""
    high, low = plan(4000, 1000, most_bytes=1 << 20), plan(4000, 140, most_bytes=1 << 20)
    assert 1 < len(high.strips) < len(low.strips)
    for cut in (high, low):
        assert cut.held_bytes(24, 4) <= 1 << 20
        assert cut.held_bytes(24, 4) > (1 << 20) / 3
