"""Blending: weights sum to one everywhere, tiles meet without seams, memory is one tile high."""

import numpy as np
import pytest
import torch

from sgma_qgis.model.data.grid import tiles
from sgma_qgis.model.engine.blend import RowRing, ramp


@pytest.mark.parametrize(("width", "height"), [(256, 256), (300, 517), (1, 700), (129, 128), (64, 3)])
@pytest.mark.parametrize("overlap", [0, 16, 40])
def test_blending_an_image_gives_the_image(width, height, overlap):
    image = np.random.default_rng(0).random((2, height, width)).astype(np.float32)
    rows = tiles(width, height, 128, overlap)
    tile_h, tile_w = rows[0][0].window.height, rows[0][0].window.width
    padded = np.zeros((2, height + tile_h, width + tile_w), np.float32)
    padded[:, :height, :width] = image
    weight = ramp(tile_h, overlap)[:, None] * ramp(tile_w, overlap)
    ring = RowRing(2, weight, width, torch.device("cpu"))
    out = []
    starts = [row[0].window.row for row in rows] + [height]
    for row, after in zip(rows, starts[1:], strict=True):
        for tile in row:
            w = tile.window
            values = padded[:, w.row : w.row + tile_h, w.col : w.col + tile_w]
            weighted = torch.from_numpy(values * weight)
            ring.add(w.row, w.col, [slice(0, 1), slice(1, 2)], weighted, np.ones((tile_h, tile_w), np.uint8))
        sums, weights, bits = ring.first(after - ring.top)
        assert (bits == 1).all()
        out.append((sums / weights).numpy())
        ring.drop(after - ring.top)
    np.testing.assert_allclose(np.concatenate(out, 1), image, atol=1e-6)


def test_ramp_is_never_zero_and_rises_over_the_overlap():
    weights = ramp(128, 16)
    assert weights.min() > 0
    assert weights.max() == 1
    assert (np.diff(weights[:16]) > 0).all()
    np.testing.assert_array_equal(weights, weights[::-1])


def test_reset_forgets():
    ring = RowRing(1, np.ones((8, 8), np.float32), 8, torch.device("cpu"))
    ring.add(0, 0, [slice(0, 1)], torch.ones(1, 8, 8), np.ones((8, 8), np.uint8))
    ring.reset(8)
    sums, weights, bits = ring.first(4)
    assert not sums.any()
    assert not weights.any()
    assert not bits.any()
    ring.drop(4)
    assert ring.top == 12
