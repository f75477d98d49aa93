"""Output blocks filled with the pixels of a strip as these become final."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.grid import Tile, Window
from .blend import Seams
from .layout import Block, Strip
from .rasters import OutputRasters


@dataclass(frozen=True)
class Filled:
    """A block and its pixels: arrays {role: (bands,h,w)}, counts (K,) pixels per class."""

    block: Block
    arrays: dict[str, np.ndarray]
    counts: np.ndarray


class Canvas:
    """Blends the tiles of a strip and turns what is final into bytes. todo: keys of the blocks that are wanted."""

    def __init__(self, strip: Strip, rasters: OutputRasters, todo: set[str], device: torch.device) -> None:
        self._strip, self._rasters, self._todo = strip, rasters, todo
        self.device = device
        self._seams = Seams(strip, rasters.channels, device)
        self._open: dict[str, Filled] = {}

    def add(self, tile: Tile, values: Tensor | None, bits: np.ndarray | None) -> list[Filled]:
        """Add a tile, in the order and form that Seams asks for; return the blocks that are full now."""
        final = self._strip.final(tile)
        piece = self._seams.add(tile.row, tile.col, values, bits)
        full = []
        for block in self._strip.touched(final):
            window = block.window.intersection(final)
            if window is None or block.key not in self._todo:
                continue
            if block.key not in self._open:
                counts = np.zeros(self._rasters.classes, np.int64)
                self._open[block.key] = Filled(block, self._rasters.blank(block.window), counts)
            self._fill(self._open[block.key], window, final, piece)
            if (window.col + window.width, window.row + window.height) == block.end:
                full.append(self._open.pop(block.key))
        return full

    def _fill(self, filled: Filled, window: Window, final: Window, piece: tuple[Tensor, np.ndarray] | None) -> None:
        """Put the pixels of a window into a block. piece: sums and bits of `final`, None for nodata."""
        into = {
            role: array[(slice(None), *window.within(filled.block.window))] for role, array in filled.arrays.items()
        }
        if piece is None:
            self._rasters.fill(into)
            return
        sums, bits = piece
        place = window.within(final)
        counts = self._rasters.encode(sums[(slice(None), *place)], bits[place], into)
        np.add(filled.counts, counts, out=filled.counts)
