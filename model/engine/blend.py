"""Blending of overlapping tiles, one row of tiles after the other: only what later tiles add to is kept."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .layout import Strip


def ramp(length: int, overlap: int) -> np.ndarray:
    """Return blending weights of one axis, (length,) float32, above 0, at most 1, rising over `overlap` at both ends.

    Never 0, so a pixel that a single tile covers keeps that tile's value once the sum is divided by the weights.
    """
    if overlap <= 0:
        return np.ones(length, np.float32)
    position = np.arange(length, dtype=np.float32) + 0.5
    return np.minimum(1.0, np.minimum(position, length - position) / overlap).astype(np.float32)


class Seams:
    """Weighted sums of what the tiles of a strip share, on the device that computes them.

    `below` are the rows that the next row of tiles touches, over the strip's width; `right` the columns that the next
    tile touches. Shapes: C channels, h x w pixels of a tile inside the strip.
    """

    def __init__(self, strip: Strip, channels: int, device: torch.device) -> None:
        self._strip, self._channels, self._device = strip, channels, device
        height, _ = strip.tile_size
        rows = max((one + height - other for one, other in zip(strip.rows, strip.rows[1:])), default=0)
        self._below = torch.zeros((channels, rows, strip.width), device=device)
        self._below_bits = np.zeros((rows, strip.width), np.uint8)
        self._above = 0  # rows of `below` that the row before has left
        self._row = -1

    @torch.inference_mode()
    def add(
        self, row: int, col: int, values: Tensor | None, bits: np.ndarray | None
    ) -> tuple[Tensor, np.ndarray] | None:
        """Add the tile in a row and column of the strip's table: row by row, each from left to right, none left out.

        values (C,h,w) float32, times the weight, may be overwritten; bits (h,w) uint8 availability bit mask; both None
        where nothing was computed. Rows without any tile may be left out: what they share with others counts as empty.
        Returns sums (C,rows,cols) and bits (rows,cols) of the pixels that have become final, `strip.final(tile)`; None
        where no tile has anything there.
        """
        strip = self._strip
        window, final = strip.tile(row, col).window, strip.final(strip.tile(row, col))
        if col == 0:
            self._begin(row)
        left, right = max(window.col, strip.col), min(window.col + window.width, strip.col + strip.width)
        top, bottom = max(window.row, 0), min(window.row + window.height, strip.height)
        inside = np.s_[top - window.row : bottom - window.row, left - window.col : right - window.col]
        columns = np.s_[: bottom - top - final.height, left - strip.col : left - strip.col + final.width]
        if values is None:
            if not self._reached(left - strip.col, right - strip.col):
                self._below[(slice(None), *columns)], self._below_bits[columns] = 0, 0
                self._right, self._right_bits = self._right[..., :0], self._right_bits[:, :0]
                return None
            values = torch.zeros((self._channels, *strip.tile_size), device=self._device)
            bits = np.zeros(strip.tile_size, np.uint8)
        sums, bits = values[(slice(None), *inside)], bits[inside]
        self._join(sums, bits, left - strip.col)
        done, kept = np.s_[: final.height, : final.width], np.s_[final.height :, : final.width]
        self._below[(slice(None), *columns)] = sums[(slice(None), *kept)]
        self._below_bits[columns] = bits[kept]
        self._right, self._right_bits = sums[..., final.width :].clone(), bits[:, final.width :].copy()
        return sums[(slice(None), *done)], bits[done]

    def _begin(self, row: int) -> None:
        rows, (height, _) = self._strip.rows, self._strip.tile_size
        follows = row > 0 and self._row == row - 1
        self._above = min(rows[row - 1] + height, self._strip.height) - max(rows[row], 0) if follows else 0
        self._row = row
        self._right = torch.zeros((self._channels, 0, 0), device=self._device)
        self._right_bits = np.zeros((0, 0), np.uint8)

    def _reached(self, left: int, right: int) -> bool:
        """Return whether other tiles have pixels between these columns of the strip."""
        return bool(self._right_bits.any() or self._below_bits[: max(self._above, 0), left:right].any())

    def _join(self, sums: Tensor, bits: np.ndarray, col: int) -> None:
        """Add what the tiles to the left and above have left; col: the first, in the strip."""
        seen, width = self._right.shape[-1], sums.shape[-1]
        if seen:
            sums[..., :seen] += self._right
            bits[:, :seen] |= self._right_bits
        if self._above > 0 and seen < width:
            new = np.s_[: self._above, col + seen : col + width]
            sums[:, : self._above, seen:] += self._below[(slice(None), *new)]
            bits[: self._above, seen:] |= self._below_bits[new]
