"""Blending of overlapping tiles in a ring of rows, so that memory does not grow with the raster's height."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def ramp(length: int, overlap: int) -> np.ndarray:
    """Return blending weights of one axis, (length,) float32, above 0, at most 1, rising over `overlap` at both ends.

    Never 0, so a pixel that a single tile covers keeps that tile's value once the sum is divided by the weights.
    """
    if overlap <= 0:
        return np.ones(length, np.float32)
    position = np.arange(length, dtype=np.float32) + 0.5
    return np.minimum(1.0, np.minimum(position, length - position) / overlap).astype(np.float32)


class RowRing:
    """Weighted sums of tile outputs over one column strip, one tile high, on the device that computes them.

    Shapes: C channels, R rows held (one tile), W columns of the strip. `top` is the grid row of the first row held.
    """

    def __init__(self, channels: int, weight: np.ndarray, width: int, device: torch.device) -> None:
        """weight: (R,w) float32 blending weights of a tile."""
        self.device = device
        self._tile_weight = torch.from_numpy(weight).to(device)
        rows = weight.shape[0]
        self._sum = torch.zeros((channels, rows, width), device=device)
        self._weight = torch.zeros((rows, width), device=device)
        self._bits = np.zeros((rows, width), np.uint8)
        self.top = 0

    def add(self, row: int, col: int, channels: list[slice], values: Tensor, bits: np.ndarray) -> None:
        """Add a tile whose first pixel lies at grid row `row` and strip column `col`; what sticks out is cut.

        values (c,R,w) float32, times the weight already, for the ring's `channels` one after the other; bits (R,w)
        uint8 availability bit mask.
        """
        held_rows, held_cols = self._weight.shape
        height, width = self._tile_weight.shape
        offset = row - self.top
        r0, r1 = max(offset, 0), min(offset + height, held_rows)
        c0, c1 = max(col, 0), min(col + width, held_cols)
        if r0 >= r1 or c0 >= c1:
            return
        tile = np.s_[r0 - offset : r1 - offset, c0 - col : c1 - col]
        held = np.s_[r0:r1, c0:c1]
        start = 0
        for part in channels:
            count = part.stop - part.start
            self._sum[(part, *held)].add_(values[(slice(start, start + count), *tile)])
            start += count
        self._weight[held].add_(self._tile_weight[tile])
        self._bits[held] |= bits[tile]

    def reset(self, top: int) -> None:
        """Forget everything held and start at grid row `top`."""
        for held in (self._sum, self._weight, self._bits):
            held[...] = 0
        self.top = top

    def first(self, rows: int) -> tuple[Tensor, Tensor, np.ndarray]:
        """Return the first rows' weighted sums (C,rows,W), weights (rows,W) and availability bits (rows,W).

        Sums and weights are 0 where no tile was. They are views: `drop` overwrites them.
        """
        return self._sum[:, :rows], self._weight[:rows], self._bits[:rows]

    def drop(self, rows: int) -> None:
        """Free the first rows."""
        kept = self._bits.shape[0] - rows
        for held in (self._sum, self._weight):
            held[..., :kept, :] = held[..., rows:, :].clone()
            held[..., kept:, :] = 0
        self._bits[:kept] = self._bits[rows:].copy()
        self._bits[kept:] = 0
        self.top += rows
