"""What a reference says and what was mapped, side by side in a raster, and where they differ most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.windows import Window as RioWindow

from .grid import Grid, Window
from .labels import IGNORE
from .output import check_written, refusals
from .patches import Patch, largest

BANDS = ("reference", "mapped", "wrong")
_BYTE, _SHORT = 255, 65535  # what stands for 'not measured'
_BLOCK = 256
_STRIP_PIXELS = 1 << 20  # looked at together
_MOST = 5  # places of one kind of mistake


class Mistakes:
    """A raster on a grid, written window by window in any order: class ids in two bands, and 1 where they differ.

    A context manager; without `finish` the file need not be whole. Raises OSError when the disk refuses.
    """

    def __init__(self, path: Path, grid: Grid, ids: Sequence[int]) -> None:
        """ids: of the classes, in the order of their indices."""
        self._path, self._grid, self._classes = path, grid, len(ids)
        short = max(ids) >= _BYTE
        self._nodata = _SHORT if short else _BYTE
        self._ids = np.full(IGNORE + 1, self._nodata, np.uint16 if short else np.uint8)
        self._ids[: len(ids)] = ids
        with refusals(path):
            self._file = rasterio.open(
                path, "w", driver="GTiff", width=grid.width, height=grid.height, count=len(BANDS),
                dtype=self._ids.dtype, crs=grid.crs, transform=Affine(*grid.transform), nodata=self._nodata,
                tiled=True, blockxsize=_BLOCK, blockysize=_BLOCK, compress="deflate", sparse_ok=True,
                bigtiff="if_safer",
            )  # fmt: skip
            self._file.descriptions = BANDS

    def __enter__(self) -> Mistakes:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def finish(self) -> None:
        """Close the file and look whether it is whole."""
        with refusals(self._path):
            self._file.close()
        check_written(self._path)

    def add(self, window: Window, truth: np.ndarray, mapped: np.ndarray) -> None:
        """Write class indices (h,w) of a window of the grid, IGNORE where nothing was measured."""
        place = RioWindow(window.col, window.row, window.width, window.height)
        with refusals(self._path):
            ids = self._ids[truth], self._ids[mapped]
            measured = (ids[0] != self._nodata) & (ids[1] != self._nodata)
            wrong = np.where(measured, ids[0] != ids[1], self._nodata).astype(self._ids.dtype)
            self._file.write(np.stack([*ids, wrong]), window=place)


def places(path: Path, grid: Grid, ids: Sequence[int]) -> dict[tuple[int, int], list[Patch]]:
    """Return the largest areas of each mistake in a raster of `Mistakes`: (true index, mapped index) -> patches."""
    index = np.full(1 << 16, -1, np.int32)
    index[list(ids)] = np.arange(len(ids))

    def strips() -> Iterator[np.ndarray]:
        rows = max(_STRIP_PIXELS // grid.width, 1)
        with rasterio.open(path) as file:
            for row in range(0, grid.height, rows):
                height = min(rows, grid.height - row)
                truth, mapped = index[file.read((1, 2), window=RioWindow(0, row, grid.width, height))]
                wrong = (truth >= 0) & (mapped >= 0) & (truth != mapped)
                yield np.where(wrong, truth * len(ids) + mapped, -1).astype(np.int32)

    return {divmod(kind, len(ids)): patches for kind, patches in sorted(largest(strips(), _MOST).items())}
