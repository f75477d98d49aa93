"""Rasters the engine writes: small finished parts, then one tiled GeoTIFF with overviews. Same input, same bytes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.transform import Affine
from rasterio.windows import Window as RioWindow

from .grid import Grid, Window

BLOCK = 512
_CHUNK_COLUMNS = 8  # blocks copied at a time
_PART_ROWS = 128  # rows of a part that are decoded together: a chunk needs few that it does not copy
_SMALLEST_OVERVIEW = 256
CATEGORY = "CATEGORY_"  # band metadata: CATEGORY_3=forest
Color = tuple[int, int, int, int]


def write_part(path: Path, array: np.ndarray, grid: Grid, window: Window, nodata: float | None) -> None:
    """Write one finished block (bands,h,w) of the grid as a small GeoTIFF, seen under `path` only when it is safe.

    Raises OSError when the disk refuses.
    """
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    bands, height, width = array.shape
    profile = _profile(array.dtype.name, bands, nodata) | {
        "width": width,
        "height": height,
        "crs": grid.crs,
        "transform": Affine(*grid.window_transform(window)),
        "blockysize": min(_PART_ROWS, height),
        "compress": "zstd",  # read once, by us: the quickest codec that halves it will do
        "zstd_level": 1,
    }
    with _refusals(temporary), rasterio.open(temporary, "w", **profile) as dataset:
        dataset.write(array)
    check_written(temporary)
    replace_safely(temporary, path)


def check_written(path: Path, overviews: Sequence[int] = ()) -> None:
    """Open a written raster and read its last pixels. Raises OSError when it is not whole or lacks one of `overviews`.

    On a disk that fills up in the very last bytes, closing a TIFF fails without a word.
    """
    with _refusals(path), rasterio.open(path) as dataset:
        for band in dataset.indexes:
            if dataset.overviews(band) != list(overviews):
                raise OSError(f"{path} could not be written whole: its overviews are missing")
            for factor in (1, *overviews):
                width, height = min(factor, dataset.width), min(factor, dataset.height)
                last = RioWindow(dataset.width - width, dataset.height - height, width, height)
                dataset.read(band, window=last, out_shape=(1, 1))  # taken from that overview


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what rasterio raises into an OSError that names the file. Some of GDAL's come through bare."""
    try:
        yield
    except (RasterioError, CPLE_BaseError) as error:
        raise OSError(f"{path} could not be written whole: {error.__cause__ or error}") from error


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


def assemble(
    parts: Sequence[tuple[Path, Window]],
    target_tmp: Path,
    grid: Grid,
    dtype: str,
    bands: int,
    nodata: float | None,
    *,
    colour_table: Mapping[int, Color] | None = None,
    category_names: Mapping[int, str] | None = None,
    descriptions: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    average: bool = False,
    threads: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Copy parts into one tiled GeoTIFF under `target_tmp`; the caller renames it. Pixels of no part are nodata.

    colour_table: value -> (r, g, b, a); for one band of uint8 or uint16. category_names: value -> name, stored as
    metadata of band 1 (a TIFF has no field for them, and GDAL itself would write a sidecar). average: overviews hold
    means, for shares and confidences; else the nearest pixel. threads: how many compress (default: one a core); the
    bytes do not depend on it. check: called before each chunk and before the overviews; raises when the caller wants to
    stop. Raises OSError when the disk refuses.
    """
    profile = _profile(dtype, bands, nodata) | {
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        # every GIS reads deflate; level 6 takes three times as long for a tenth less
        "compress": "deflate",
        "zlevel": 1,
        "predictor": 3 if dtype.startswith("float") else 2,
        "num_threads": threads or "all_cpus",
        "BIGTIFF": "IF_SAFER",
    }
    if bands > 1:  # else the fourth band would be taken for transparency
        profile |= {"photometric": "MINISBLACK", "ALPHA": "NO"}
    factors = _overview_factors(grid.width, grid.height)
    with _refusals(target_tmp), rasterio.open(target_tmp, "w", **profile) as target:
        if colour_table:
            target.write_colormap(1, dict(colour_table))
        for band, description in enumerate(descriptions, 1):
            target.set_band_description(band, description)
        if category_names:
            target.update_tags(1, **{f"{CATEGORY}{value}": name for value, name in sorted(category_names.items())})
        if tags:
            target.update_tags(**dict(sorted(tags.items())))
        _copy(parts, target, grid, nodata, check)
        check()
        if factors:  # while the file is open: opened again, GDAL would forget level and threads
            target.build_overviews(factors, Resampling.average if average else Resampling.nearest)
    check_written(target_tmp, factors)


def _profile(dtype: str, bands: int, nodata: float | None) -> dict:
    return {"driver": "GTiff", "dtype": dtype, "count": bands, "nodata": nodata, "interleave": "band"}


def _copy(
    parts: Sequence[tuple[Path, Window]],
    target: DatasetWriter,
    grid: Grid,
    nodata: float | None,
    check: Callable[[], None],
) -> None:
    """Copy block by block, row-major, so that memory is bounded and blocks always lie in one order in the file."""
    ordered = sorted(parts, key=lambda part: (part[1].row, part[1].col))
    fill = 0 if nodata is None else nodata
    opened = _Opened()
    try:
        for row in range(0, grid.height, BLOCK):
            height = min(BLOCK, grid.height - row)
            near = [part for part in ordered if part[1].row < row + height and part[1].row + part[1].height > row]
            for col in range(0, grid.width, BLOCK * _CHUNK_COLUMNS):
                check()
                chunk = Window(col, row, min(BLOCK * _CHUNK_COLUMNS, grid.width - col), height)
                array = np.full((target.count, chunk.height, chunk.width), fill, target.dtypes[0])
                _paste(near, chunk, array, opened)
                target.write(array, window=RioWindow(chunk.col, chunk.row, chunk.width, chunk.height))
    finally:
        opened.close()


def _paste(parts: Iterable[tuple[Path, Window]], chunk: Window, array: np.ndarray, opened: _Opened) -> None:
    for path, window in parts:
        common = window.intersection(chunk)
        if common is None:
            continue
        source = RioWindow(common.col - window.col, common.row - window.row, common.width, common.height)
        top, left = common.row - chunk.row, common.col - chunk.col
        array[:, top : top + common.height, left : left + common.width] = opened.get(path).read(window=source)


class _Opened:
    """The few part files in use, so that a wide part is not opened once a chunk."""

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._datasets: dict[Path, DatasetReader] = {}

    def get(self, path: Path) -> DatasetReader:
        if path not in self._datasets:
            if len(self._datasets) >= self._most:
                self._datasets.pop(next(iter(self._datasets))).close()
            self._datasets[path] = rasterio.open(path)
        return self._datasets[path]

    def close(self) -> None:
        for dataset in self._datasets.values():
            dataset.close()


def _overview_factors(width: int, height: int) -> list[int]:
    factors, factor = [], 2
    while max(width, height) / factor >= _SMALLEST_OVERVIEW:
        factors.append(factor)
        factor *= 2
    return factors
