"""Features of the layers, tile by tile on a fixed lattice: what a view shows does not depend on the way there.

Shapes: D pixel features, E features of the model's head, M modalities of the card, side = CORE.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data.grid import Window
from ..data.plan import Plan
from ..data.raster import LayerReader
from ..nn.network import STRIDES, Network
from ..nn.pixels import describe

CORE = 256  # pixels a side that a tile answers for
MARGIN = 32  # around it, for the network to look at
SIDE = CORE + 2 * MARGIN
_TOKEN = STRIDES[0]
_STARTS, _SIDES = 16, 32  # what starts and sides of the network's windows are multiples of, as the engine's tiles'


@dataclass(frozen=True)
class Tile:
    """values, known: (D,side,side), known bool. context: (E,side/4+2,side/4+2), with a token around; E = 0 without a
    model. present: (M,side,side) bool. All None where no layer has data.
    """

    values: Tensor | None
    known: Tensor | None
    context: Tensor | None
    present: Tensor | None

    @property
    def size(self) -> int:
        """Return bytes."""
        parts = (self.values, self.known, self.context, self.present)
        return sum(part.numel() * part.element_size() for part in parts if part is not None) + 1000


class TileMaker:
    """Makes tiles of a plan's layers. A context manager: it keeps the files open."""

    def __init__(self, scene: Plan, bands: dict[str, int], base: Network | None) -> None:
        """bands: how many each modality of the card has, in the order of the M axis."""
        self.scene, self._bands, self._base = scene, bands, base
        self._stack = ExitStack()
        self._readers = [self._stack.enter_context(LayerReader(layer, scene.grid)) for layer in scene.layers]
        self._affine = {
            layer.key: tuple(torch.tensor(side, dtype=torch.float32) for side in (layer.gain, layer.offset))
            for layer in scene.layers
        }

    def close(self) -> None:
        """Close the files."""
        self._stack.close()

    def core(self, row: int, col: int) -> Window:
        """Return the pixels of the grid that a tile answers for; the lattice lies on the plan's frame."""
        frame = self.scene.frame
        return Window(frame.col + col * CORE, frame.row + row * CORE, CORE, CORE)

    def touching(self, window: Window) -> list[tuple[int, int]]:
        """Return (row, col) of the tiles that a window of the grid meets."""
        frame = self.scene.frame
        left, top = (window.col - frame.col) // CORE, (window.row - frame.row) // CORE
        right = (window.col + window.width - 1 - frame.col) // CORE
        bottom = (window.row + window.height - 1 - frame.row) // CORE
        return [(row, col) for row in range(top, bottom + 1) for col in range(left, right + 1)]

    @torch.inference_mode()
    def make(self, row: int, col: int) -> Tile:
        """Read a tile and compute its features. Raises BadInput when a file cannot be read."""
        core, window = self.core(row, col), self._window(row, col)
        present = torch.zeros(1, len(self._bands), window.height, window.width, dtype=torch.bool)
        inputs = {}
        for reader in self._readers:
            pixels, there = reader.read(window)
            if there.any():
                inputs[reader.layer.key] = torch.from_numpy(np.ascontiguousarray(pixels))[None]
                present[0, list(self._bands).index(reader.layer.key)] = torch.from_numpy(there)
        at = _Within(core, window, 1, 0)
        if not at.cut(present[0], 0).any():
            return Tile(None, None, None, None)
        affine = {key: self._affine[key] for key in inputs}
        values, known = describe(inputs, present, affine, self._bands)
        context = self._context(inputs, present, affine, _Within(core, window, _TOKEN, 1))
        return Tile(at.cut(values[0], 0), at.cut(known[0], 0) > 0, context, at.cut(present[0], 0))

    def _window(self, row: int, col: int) -> Window:
        """Return what the network looks at for a tile: MARGIN around it, but nothing beyond the frame that it can help.

        The network's norms see what has no data; the engine's tiles lie in the frame, too, so that its map is the same.
        """
        frame = self.scene.frame
        left, width = _span(col * CORE, frame.width)
        top, height = _span(row * CORE, frame.height)
        return Window(frame.col + left, frame.row + top, width, height)

    def _context(
        self, inputs: dict[str, Tensor], present: Tensor, affine: dict[str, tuple[Tensor, Tensor]], at: _Within
    ) -> Tensor:
        if self._base is None:
            return torch.zeros(0, len(at.rows), len(at.cols))
        fused, _ = self._base.fuse(self._base.encode(inputs, present, affine))
        return at.cut(self._base.head.hidden(fused)[0])


class _Within:
    """Where a tile lies in a window, in steps of some pixels, with some steps more on every side."""

    def __init__(self, core: Window, window: Window, step: int, around: int) -> None:
        steps = torch.arange(-around, CORE // step + around)
        self.rows, self.cols = (core.row - window.row) // step + steps, (core.col - window.col) // step + steps

    def cut(self, whole: Tensor, beyond: float | None = None) -> Tensor:
        """Return the part of (..., rows, columns) that is the tile; outside lies `beyond`, None = what the edge has."""
        height, width = whole.shape[-2:]
        part = whole[..., self.rows.clamp(0, height - 1), :][..., self.cols.clamp(0, width - 1)]
        if beyond is not None:
            part[..., (self.rows < 0) | (self.rows >= height), :] = beyond
            part[..., (self.cols < 0) | (self.cols >= width)] = beyond
        return part


def _span(core: int, length: int) -> tuple[int, int]:
    """Return start and side of the window around a tile that starts at `core` of a frame of `length` pixels."""
    side = min(SIDE, -(-length // _SIDES) * _SIDES)
    last = -(-max(length - side, 0) // _STARTS) * _STARTS
    return min(max(core - MARGIN, 0), last), side
