"""What each output raster holds: its bytes, nodata value, bands, colours and names."""

from __future__ import annotations

from functools import reduce
from math import isfinite
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..contract.card import Card
from ..contract.errors import SgmaError
from ..contract.modality import BY_KEY, combinations
from ..data.geotiff import GeoTiff, write_part
from ..data.grid import Grid, Window

BYTE_NODATA = 255
_SHARES = ("confidence", "trust")  # their overviews are means
_PIXELS = 1 << 17  # encoded at a time: what lies between sums and bytes stays in the processor's cache
_TINY = 1e-30  # below every sum of weights: where there is none, 0 is divided


class OutputRasters:
    """The rasters of one run. roles: those wanted, out of classes, confidence, availability, trust."""

    def __init__(self, card: Card, grid: Grid, roles: tuple[str, ...]) -> None:
        self.roles = roles
        self._card, self._grid = card, grid
        self._class_dtype = np.dtype(np.uint8 if card.nodata == BYTE_NODATA else np.uint16)
        self._ids = np.array([c.id for c in card.classes], self._class_dtype)
        self._nodata = {"classes": card.nodata, "availability": 0}

    @property
    def classes(self) -> int:
        """Return how many classes there are."""
        return len(self._ids)

    @property
    def channels(self) -> int:
        """Channels of blended values that `encode` needs: one a class, and one a modality when trust is wanted."""
        return len(self._card.classes) + (len(self._card.keys) if "trust" in self.roles else 0)

    def pixel_bytes(self, role: str) -> int:
        """Return the bytes of one pixel of a raster, all bands together."""
        return self.bands(role) * self.dtype(role).itemsize

    def spread(self, keys: list[str], values: Tensor) -> Tensor:
        """Return what a backend gives for tiles of these modalities, (B,c,h,w), with all channels, (B,channels,h,w)."""
        if values.shape[1] == self.channels:
            return values
        classes = self.classes
        spread = values.new_zeros((len(values), self.channels, *values.shape[2:]))
        spread[:, :classes] = values[:, :classes]
        for place, key in enumerate(keys, classes):
            spread[:, classes + self._card.keys.index(key)] = values[:, place]
        return spread

    def legend(self, role: str) -> dict[int, tuple[str, str]]:
        """Return {value: (name, '#rrggbb')} of a raster whose values stand for something; empty for percentages."""
        if role == "classes":
            return {c.id: (c.name, c.color) for c in self._card.classes}
        return combinations(self._card.keys) if role == "availability" else {}

    def blank(self, window: Window) -> dict[str, np.ndarray]:
        """Return {role: (bands,h,w)} for a window, to be filled by `encode` and `fill`."""
        return {
            role: np.empty((self.bands(role), window.height, window.width), self.dtype(role)) for role in self.roles
        }

    def fill(self, into: dict[str, np.ndarray]) -> None:
        """Fill arrays with nodata."""
        for role, array in into.items():
            array[:] = self._nodata.get(role, BYTE_NODATA)

    @torch.inference_mode()
    def encode(self, sums: Tensor, bits: np.ndarray, into: dict[str, np.ndarray]) -> np.ndarray:
        """Turn blended values into bytes, on the device where they are.

        sums (channels,h,w) float32 as Seams gives them, bits (h,w) uint8 availability, into {role: (bands,h,w)}.
        Returns pixels per class (K,). Pixels without a bit are nodata. Raises SgmaError when the model gave values that
        are not numbers.
        """
        counts = np.zeros(len(self._ids), np.int64)
        step = max(_PIXELS // bits.shape[1], 1)
        for row in range(0, len(bits), step):
            rows = np.s_[row : row + step]
            counts += self._encode_rows(
                sums[:, rows], bits[rows], {role: array[:, rows] for role, array in into.items()}
            )
        return counts

    def _encode_rows(self, sums: Tensor, bits: np.ndarray, into: dict[str, np.ndarray]) -> np.ndarray:
        """Encode some rows into arrays that are there; returns pixels per class."""
        classes = self.classes
        best, index = _largest(sums[:classes])
        trust = sums[classes:]
        whole = _sum(trust) if len(trust) else torch.zeros_like(best)
        if not isfinite((best + whole).sum().item()):  # a NaN makes the largest value NaN, and every sum
            raise SgmaError(
                f"Model {self._card.id} gives values that are not numbers.",
                "Try --precision fp32; if it stays so, install the model again.",
            )
        index = index.cpu().numpy()
        into["classes"][0] = self._ids[index]
        if "availability" in into:
            into["availability"][0] = bits
        if "confidence" in into:  # a tile's probabilities sum to its blending weight
            into["confidence"][0] = _percent(best, _sum(sums[:classes]))
        if "trust" in into:
            into["trust"][:] = _percent(trust, whole)
        known = bits > 0
        if known.all():
            return np.bincount(index.ravel(), minlength=classes)
        for role in into.keys() - {"availability"}:
            into[role][:, ~known] = self._nodata.get(role, BYTE_NODATA)
        return np.bincount(index[known], minlength=classes)

    def bands(self, role: str) -> int:
        """Return how many bands a raster has."""
        return len(self._card.keys) if role == "trust" else 1

    def dtype(self, role: str) -> np.dtype:
        """Return the type of a raster's pixels."""
        return self._class_dtype if role == "classes" else np.dtype(np.uint8)

    def write_parts(self, folder: Path, key: str, window: Window, arrays: dict[str, np.ndarray]) -> dict[str, str]:
        """Write one small file a raster for a block; returns {role: file name}."""
        files = {role: f"{role}_{key}.tif" for role in arrays}
        for role, array in arrays.items():
            average = role in _SHARES
            write_part(folder / files[role], array, self._grid, window, self._nodata.get(role, BYTE_NODATA), average)
        return files

    def open(self, role: str, path: Path) -> GeoTiff:
        """Begin one whole raster at `path`."""
        card = self._card
        legend = self.legend(role)
        return GeoTiff(
            path,
            self._grid,
            self.dtype(role).name,
            self.bands(role),
            self._nodata.get(role, BYTE_NODATA),
            colour_table={value: _rgba(color) for value, (_, color) in legend.items()} or None,
            category_names={value: name for value, (name, _) in legend.items()} or None,
            descriptions=[BY_KEY[key].title for key in card.keys] if role == "trust" else [role],
            tags={"MODEL": card.id, "MODEL_SHA256": card.weights_sha256},
            average=role in _SHARES,
        )


def _rgba(color: str) -> tuple[int, int, int, int]:
    """Return (red, green, blue, 255) of '#rrggbb'."""
    return (*bytes.fromhex(color[1:]), 255)


def _largest(values: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest of (K,h,w) and the index, uint8 or int16, of the first channel that holds it, each (h,w).

    torch's own max with indices takes several times as long on a CPU.
    """
    best = values[0]
    index = torch.zeros(best.shape, dtype=torch.uint8 if len(values) <= 256 else torch.int16, device=values.device)
    for k in range(1, len(values)):
        torch.maximum(index, (values[k] > best).to(index.dtype).mul_(k), out=index)
        best = torch.maximum(best, values[k])
    return best, index


def _sum(values: Tensor) -> Tensor:
    """Return the sum (h,w) of (K,h,w), twice as fast as torch's along the first axis."""
    return reduce(torch.add, values)


def _percent(part: Tensor, whole: Tensor) -> np.ndarray:
    """Return part / whole as whole percent uint8; 0 where the whole is 0."""
    return (part * (100 / whole.clamp(min=_TINY))).round_().to(torch.uint8).cpu().numpy()
