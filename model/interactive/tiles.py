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
_TOKEN = STRIDES[0]


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
        core = self.core(row, col)
        side = CORE + 2 * MARGIN
        window = Window(core.col - MARGIN, core.row - MARGIN, side, side)
        present = torch.zeros(1, len(self._bands), side, side, dtype=torch.bool)
        inputs = {}
        for reader in self._readers:
            pixels, there = reader.read(window)
            if there.any():
                inputs[reader.layer.key] = torch.from_numpy(np.ascontiguousarray(pixels))[None]
                present[0, list(self._bands).index(reader.layer.key)] = torch.from_numpy(there)
        inner = slice(MARGIN, MARGIN + CORE)
        if not present[..., inner, inner].any():
            return Tile(None, None, None, None)
        affine = {key: self._affine[key] for key in inputs}
        values, known = (part[0, :, inner, inner] for part in describe(inputs, present, affine, self._bands))
        return Tile(
            values.contiguous(), known > 0, self._context(inputs, present, affine), present[0, :, inner, inner].clone()
        )

    def _context(self, inputs: dict[str, Tensor], present: Tensor, affine: dict[str, tuple[Tensor, Tensor]]) -> Tensor:
        inner = slice(MARGIN // _TOKEN - 1, (MARGIN + CORE) // _TOKEN + 1)
        if self._base is None:
            return torch.zeros(0, inner.stop - inner.start, inner.stop - inner.start)
        fused, _ = self._base.fuse(self._base.encode(inputs, present, affine))
        return self._base.head.hidden(fused)[0, :, inner, inner].clone()
