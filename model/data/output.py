"""What makes written files safe."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.windows import Window as RioWindow


def check_written(path: Path, overviews: int = 0) -> None:
    """Open a written raster and read its last pixels. Raises OSError when it is not whole or lacks `overviews`.

    On a disk that fills up in the very last bytes, closing a TIFF fails without a word.
    """
    with refusals(path), rasterio.open(path) as dataset:
        for band in dataset.indexes:
            factors = dataset.overviews(band)
            if len(factors) != overviews:
                raise OSError(f"{path} could not be written whole: its overviews are missing")
            for factor in (1, *factors):
                width, height = min(factor, dataset.width), min(factor, dataset.height)
                last = RioWindow(dataset.width - width, dataset.height - height, width, height)
                dataset.read(band, window=last, out_shape=(1, 1))  # taken from that overview


@contextlib.contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn what rasterio raises into an OSError that names the file; some of GDAL's come through bare.

    Python's own OSError of a write is given the name.
    """
    try:
        yield
    except (RasterioError, CPLE_BaseError) as error:
        raise OSError(f"{path} could not be written whole: {error.__cause__ or error}") from error
    except OSError as error:
        if error.errno and not error.filename:
            error.filename = str(path)
        raise


def replace_safely(temporary: Path, path: Path) -> None:
    """Give a written file its final name, so that after a power cut it is there whole or not at all."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    if os.name == "posix":  # Windows cannot open folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
