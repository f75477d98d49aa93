"""Blending: weights sum to one everywhere, tiles meet without seams, only what tiles share is kept."""

import numpy as np
import pytest
import torch

from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.engine.blend import Seams, ramp
from sgma_qgis.model.engine.layout import plan_layout

CPU = torch.device("cpu")


def laid(width, height, overlap, frame=None):
    grid = Grid("", (1, 0, 0, 0, -1, 0), width, height)
    (strip,) = plan_layout(grid, frame or grid.window, 128, 100 * overlap / 128, 8, 1, 1 << 30).strips
    return strip


def weight_of(strip, overlap):
    height, width = strip.tile_size
    return ramp(height, overlap)[:, None] * ramp(width, overlap)


def seen(image, window):
    """Return (2,h,w): an image's pixels in a window that may stick out of it, 0 outside."""
    padded = np.pad(image, ((0, 0), (128, 128), (128, 128)))
    return padded[:, window.row + 128 :, window.col + 128 :][:, : window.height, : window.width].copy()


@pytest.mark.parametrize(("width", "height"), [(256, 256), (300, 517), (1, 700), (129, 128), (64, 3), (150, 145)])
@pytest.mark.parametrize("overlap", [0, 16, 48, 64])
def test_blending_an_image_gives_the_image(width, height, overlap):
    image = np.random.default_rng(0).random((2, height, width)).astype(np.float32)
    strip = laid(width, height, overlap)
    weight, out = weight_of(strip, overlap), np.full((2, height, width), np.nan, np.float32)
    seams = Seams(strip, 3, CPU)
    for row in range(len(strip.rows)):
        for col in range(len(strip.cols)):
            tile = strip.tile(row, col)
            values = np.concatenate([seen(image, tile.window), np.ones((1, *strip.tile_size), np.float32)])
            sums, bits = seams.add(row, col, torch.from_numpy(values * weight), np.ones(strip.tile_size, np.uint8))
            assert (bits == 1).all()
            out[(slice(None), *strip.final(tile).within(Window(0, 0, width, height)))] = sums[:2] / sums[2]
    np.testing.assert_allclose(out, image, atol=1e-6)


@pytest.mark.parametrize("frame", [None, Window(-90, -250, 700, 900)])
@pytest.mark.parametrize("gaps", [{(0, 0)}, {(1, 1), (1, 2)}, {(r, c) for r in (0, 1) for c in range(5)}])
def test_gaps_and_rows_that_are_left_out_add_nothing(gaps, frame):
    """The sum of all tiles that are there, pixel by pixel, as one large array gives it."""
    strip = laid(500, 400, 48, frame)
    generator = np.random.default_rng(1)
    expected, held = np.zeros((400, 500)), np.zeros((400, 500), np.uint8)
    out, bits_out = np.zeros((400, 500)), np.zeros((400, 500), np.uint8)
    seams = Seams(strip, 1, CPU)
    for row in range(len(strip.rows)):
        if all((row, col) in gaps for col in range(len(strip.cols))):
            continue  # Seams takes what the row before has left for nothing
        for col in range(len(strip.cols)):
            tile = strip.tile(row, col)
            values = bits = None
            if (row, col) not in gaps:
                values = generator.random((1, *strip.tile_size)).astype(np.float32)
                bits = generator.integers(0, 8, strip.tile_size).astype(np.uint8)
                common = tile.window.intersection(Window(0, 0, 500, 400))
                place, part = common.within(Window(0, 0, 500, 400)), common.within(tile.window)
                expected[place] += values[0][part]
                held[place] |= bits[part]
            piece = seams.add(row, col, None if values is None else torch.from_numpy(values), bits)
            place = strip.final(tile).within(Window(0, 0, 500, 400))
            if piece is not None:
                out[place], bits_out[place] = piece[0][0], piece[1]
    # rows above which a whole row of tiles was left out are not wanted of it
    wanted = np.ones((400, 500), bool)
    if len(gaps) > 4:
        wanted[: max(strip.rows[2], 0)] = False
    np.testing.assert_allclose(np.where(wanted, out, 0), np.where(wanted, expected, 0), atol=1e-5)
    np.testing.assert_array_equal(np.where(wanted, bits_out, 0), np.where(wanted, held, 0))


def test_ramp_is_never_zero_and_rises_over_the_overlap():
    weights = ramp(128, 16)
    assert weights.min() > 0
    assert weights.max() == 1
    assert (np.diff(weights[:16]) > 0).all()
    np.testing.assert_array_equal(weights, weights[::-1])
