"""Blending of overlapping tiles in a ring of rows, so that memory does not grow with the raster's height."""

from __future__ import annotations

import numpy as np


def ramp(length: int, overlap: int) -> np.ndarray:
    """Return blending weights of one axis, (length,) float32, above 0, at most 1, rising over `overlap` at both ends.

    Never 0, so a pixel that a single tile covers keeps that tile's value once the sum is divided by the weights.
    """
    if overlap <= 0:
        return np.ones(length, np.float32)
    position = np.arange(length, dtype=np.float32) + 0.5
    return np.minimum(1.0, np.minimum(position, length - position) / overlap).astype(np.float32)


class RowRing:
    """Weighted sums of tile outputs over one column strip, one tile high.

    Shapes: C channels, R rows held (one tile), W columns of the strip. `top` is the grid row of the first row held.
    """

    def __init__(self, channels: int, rows: int, width: int) -> None:
        self._sum = np.zeros((channels, rows, width), np.float32)
        self._weight = np.zeros((rows, width), np.float32)
        self._bits = np.zeros((rows, width), np.uint8)
        self.top = 0

    def add(self, row: int, col: int, values: np.ndarray, weight: np.ndarray, bits: np.ndarray) -> None:
        """Add a tile whose first pixel lies at grid row `row` and strip column `col`; what sticks out is cut.

        values (C, h, w) float32; weight (h, w) float32; bits (h, w) uint8 availability bit mask.
        """
        held_rows, held_cols = self._weight.shape
        height, width = weight.shape
        offset = row - self.top
        r0, r1 = max(offset, 0), min(offset + height, held_rows)
        c0, c1 = max(col, 0), min(col + width, held_cols)
        if r0 >= r1 or c0 >= c1:
            return
        tile = np.s_[r0 - offset : r1 - offset, c0 - col : c1 - col]
        held = np.s_[r0:r1, c0:c1]
        self._sum[(slice(None), *held)] += values[(slice(None), *tile)] * weight[tile]
        self._weight[held] += weight[tile]
        self._bits[held] |= bits[tile]

    def reset(self, top: int) -> None:
        """Forget everything held and start at grid row `top`."""
        for held in (self._sum, self._weight, self._bits):
            held[...] = 0
        self.top = top

    def take(self, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Free the first `rows` rows: return blended values (C, rows, W), 0 where no tile was, and bits (rows, W)."""
        weight = self._weight[:rows]
        values = self._sum[:, :rows] / np.where(weight > 0, weight, 1.0)
        bits = self._bits[:rows].copy()
        for held in (self._sum, self._weight, self._bits):
            kept = held.shape[-2] - rows
            held[..., :kept, :] = held[..., rows:, :].copy()
            held[..., kept:, :] = 0
        self.top += rows
        return values, bits
