"""A picture of the moment as a GeoTIFF: quick to write and to read, nothing that must survive a power cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine

from .grid import Grid, Window
from .output import refusals


def write_overlay(path: Path, array: np.ndarray, grid: Grid, window: Window, nodata: float) -> None:
    """Write (bands,h,w) of a window of the grid, uncompressed; `path` is replaced when the file is whole.

    Raises OSError when the disk refuses.
    """
    temporary = path.with_name(f".{path.stem}.unfinished{path.suffix}")
    bands, height, width = array.shape
    profile = {
        "driver": "GTiff",
        "dtype": array.dtype.name,
        "count": bands,
        "height": height,
        "width": width,
        "nodata": nodata,
        "interleave": "band",
        "crs": grid.crs,
        "transform": Affine(*grid.window_transform(window)),
    }
    with refusals(path):
        with rasterio.open(temporary, "w", **profile) as file:
            file.write(array)
        temporary.replace(path)
