"""Small rasters for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

CRS = "EPSG:32632"
ORIGIN = (500_000.0, 5_300_000.0)


def write(
    path: Path, array: np.ndarray, *, res: float = 0.5, origin=ORIGIN, crs=CRS, transform=None, **profile
) -> Path:
    """Write (bands, h, w) or (h, w) as a GeoTIFF and return its path."""
    array = array[None] if array.ndim == 2 else array
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=array.shape[0],
        height=array.shape[1],
        width=array.shape[2],
        dtype=array.dtype,
        crs=crs,
        transform=transform or from_origin(*origin, res, res),
        **profile,
    ) as file:
        file.write(array)
    return path


def rgb(path: Path, height: int, width: int, seed: int = 0, **kwargs) -> Path:
    """Write an 8-bit picture of blobs, so that a network finds something to tell apart."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(1, 255, (3, -(-height // 16), -(-width // 16)))
    image = coarse.repeat(16, 1).repeat(16, 2)[:, :height, :width] + rng.integers(-20, 20, (3, height, width))
    return write(path, image.clip(1, 255).astype(np.uint8), **kwargs)


def read(path: Path) -> np.ndarray:
    """Return all bands."""
    with rasterio.open(path) as file:
        return file.read()
