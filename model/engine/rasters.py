"""What each output raster holds: its bytes, nodata value, bands, colours and names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..contract.card import Card
from ..contract.modality import BY_KEY, combinations
from ..data import output
from ..data.grid import Grid, Window

BYTE_NODATA = 255


class OutputRasters:
    """The rasters of one run. roles: those wanted, out of classes, confidence, availability, trust."""

    def __init__(self, card: Card, grid: Grid, roles: tuple[str, ...]) -> None:
        self.roles = roles
        self._card, self._grid = card, grid
        self._class_dtype = np.dtype(np.uint8 if card.nodata == BYTE_NODATA else np.uint16)
        self._ids = np.array([c.id for c in card.classes], self._class_dtype)
        self._nodata = {"classes": card.nodata, "availability": 0}

    @property
    def channels(self) -> int:
        """Channels of blended values that `encode` needs: one a class, and one a modality when trust is wanted."""
        return len(self._card.classes) + (len(self._card.keys) if "trust" in self.roles else 0)

    def legend(self, role: str) -> dict[int, tuple[str, str]]:
        """Return {value: (name, '#rrggbb')} of a raster whose values stand for something; empty for percentages."""
        if role == "classes":
            return {c.id: (c.name, c.color) for c in self._card.classes}
        return combinations(self._card.keys) if role == "availability" else {}

    def encode(self, values: np.ndarray, bits: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Turn blended values (channels, h, w) and availability bits (h, w) into bytes.

        Returns {role: (bands, h, w)} and pixels per class (K,). Pixels without a bit are nodata.
        """
        known = bits > 0
        probability = values[: len(self._ids)]
        best = probability.argmax(0)
        arrays = {
            "classes": np.where(known, self._ids[best], self._class_dtype.type(self._card.nodata))[None],
            "confidence": _percent(np.take_along_axis(probability, best[None], 0), known),
            "availability": bits[None],
        }
        if "trust" in self.roles:
            share = values[len(self._ids) :]
            total = share.sum(0)
            arrays["trust"] = _percent(share / np.where(total > 0, total, 1.0), known)
        counts = np.bincount(best[known], minlength=len(self._ids))
        return {role: arrays[role] for role in self.roles}, counts

    def write_parts(self, folder: Path, key: str, window: Window, arrays: dict[str, np.ndarray]) -> dict[str, str]:
        """Write one small file a raster for a block; returns {role: file name}."""
        files = {role: f"{role}_{key}.tif" for role in arrays}
        for role, array in arrays.items():
            output.write_part(folder / files[role], array, self._grid, window, self._nodata.get(role, BYTE_NODATA))
        return files

    def assemble(self, role: str, parts: list[tuple[Path, Window]], path: Path, check: Callable[[], None]) -> None:
        """Copy the parts of one raster into a tiled file with overviews at `path`; `check` raises to stop."""
        card = self._card
        legend = self.legend(role)
        output.assemble(
            parts,
            path,
            self._grid,
            self._class_dtype.name if role == "classes" else "uint8",
            len(card.keys) if role == "trust" else 1,
            self._nodata.get(role, BYTE_NODATA),
            colour_table={value: _rgba(color) for value, (_, color) in legend.items()} or None,
            category_names={value: name for value, (name, _) in legend.items()} or None,
            descriptions=[BY_KEY[key].title for key in card.keys] if role == "trust" else [role],
            tags={"MODEL": card.id, "MODEL_SHA256": card.weights_sha256},
            average=role in ("confidence", "trust"),
            check=check,
        )


def _rgba(color: str) -> tuple[int, int, int, int]:
    """Return (red, green, blue, 255) of '#rrggbb'."""
    return (*bytes.fromhex(color[1:]), 255)


def _percent(share: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return shares 0..1 as whole percent uint8, 255 where not known."""
    return np.where(known, np.rint(share * 100), BYTE_NODATA).astype(np.uint8)
