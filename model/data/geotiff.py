"""A tiled GeoTIFF with overviews, written from top to bottom while the rows are made. Same pixels, same bytes.

GDAL makes the tags; tiles are compressed here and appended in an order that only the raster's size decides, and the
directories come last. GDAL itself would write tiles when its cache is full, shared with whatever else is read, and
would read everything once more for the overviews. Parts are written the same way; a whole raster copies their tiles.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from isal import isal_zlib
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from . import tiff
from .grid import Grid, Window
from .output import refusals, replace_safely

BLOCK = 512
_OVERVIEW_BLOCK = 256  # half of it: an overview's tiles are filled by those of the raster
_SMALLEST_OVERVIEW = 256
_COPIED = 2  # levels that are copied from parts: the raster and its first overview; the next one's pixels are read
_MOST_COLUMNS = 4096  # averaged at a time; even
_HEADER = 16  # bytes; a classic TIFF's header takes only 8
_CLASSIC_MOST = 1 << 32
_CATEGORY = "CATEGORY_"  # band metadata: CATEGORY_3=forest
_DEFLATE_LEVEL = 1  # every GIS reads deflate; higher levels hardly gain
Color = tuple[int, int, int, int]


@dataclass
class _Level:
    """The raster itself or one of its overviews. offsets, counts: of the tiles, (bands, down, across) uint64."""

    width: int
    height: int
    block: int
    offsets: np.ndarray
    counts: np.ndarray
    top: list[int]  # per band: rows that are in the file
    waiting: dict[int, list[np.ndarray]] = field(default_factory=dict)  # band -> rows that fill no tile yet


class GeoTiff:
    """Writes one raster. A context manager: left without an error the file is finished, else only closed.

    Between two writes it holds half a row of target blocks in memory at most. Raises OSError when the disk refuses.
    """

    def __init__(
        self,
        path: Path,
        grid: Grid,
        dtype: str,
        bands: int,
        nodata: float,
        *,
        colour_table: Mapping[int, Color] | None = None,
        category_names: Mapping[int, str] | None = None,
        descriptions: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        average: bool = False,
        levels: int | None = None,
    ) -> None:
        """dtype: uint8 or uint16. colour_table: value -> (r, g, b, a), for one band.

        category_names: value -> name, stored as metadata of band 1 (a TIFF has no field for them, and GDAL itself would
        write a sidecar). average: overviews hold the means of pixels that are not nodata, for shares and confidences
        (uint8); else the nearest pixel. levels: how many, the raster included; as many as make sense by default.
        """
        self._path, self._nodata, self._average = Path(path), nodata, average
        with refusals(self._path):
            self._tags = _tags(
                *(grid.crs, grid.transform[0], grid.transform[4], dtype, bands, nodata),
                *(tuple(sorted((pairs or {}).items())) for pairs in (colour_table, category_names, tags)),
                tuple(descriptions),
            )
            self._file = self._path.open("wb")
            self._file.write(bytes(_HEADER))
        corner = struct.pack("<6d", 0, 0, 0, grid.transform[2], grid.transform[5], 0)
        self._tags = self._tags | {tiff.TIEPOINT: (self._tags[tiff.TIEPOINT][0], corner)}
        self._end = _HEADER
        sizes = _level_sizes(grid.width, grid.height, levels or level_count(grid.width, grid.height))
        self._levels = [_level(*size, bands, BLOCK if n == 0 else _OVERVIEW_BLOCK) for n, size in enumerate(sizes)]

    def __enter__(self) -> GeoTiff:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.finish()
        else:
            self.close()

    @property
    def overviews(self) -> int:
        """Return how many there are."""
        return len(self._levels) - 1

    def write(self, band: int, rows: np.ndarray) -> None:
        """Append rows (512,width) of a band counted from 0; at the bottom those that are left."""
        with refusals(self._path):
            self._put(0, band, rows)

    def copy(self, band: int, parts: Sequence[Path]) -> None:
        """Append a band's row of tiles out of parts that lie side by side in it, as `write_part` made them."""
        with refusals(self._path):
            across, smaller = [0] * _COPIED, []
            for path in parts:
                for number, found in enumerate(_Found.levels(path, band)):
                    if number >= _COPIED:
                        smaller.append(found.pixels())
                        continue
                    level = self._levels[number]
                    for data in found.tiles:
                        self._append(level, band, level.top[band] // level.block, across[number], data)
                        across[number] += 1
            for level in self._levels[:_COPIED]:
                level.top[band] = min(level.top[band] + level.block, level.height)
            if smaller:
                self._put(_COPIED, band, np.concatenate(smaller, 1))

    def finish(self) -> None:
        """Write the directories and close. Every row of every band must have been written."""
        with refusals(self._path), self._file:
            directories = [self._directory(level) for level in self._levels]
            big = self._end + 2 * sum(map(tiff.room, directories)) >= _CLASSIC_MOST
            at = self._end + -self._end % 8
            self._file.write(bytes(at - self._end))
            first = at
            for number, tags in enumerate(directories):
                data = tiff.write_directory(tags, at, big=big, last=number == len(directories) - 1)
                self._file.write(data)
                at += len(data)
            self._file.seek(0)
            header = struct.pack("<2sHHHQ", b"II", 43, 8, 0, first) if big else struct.pack("<2sHI", b"II", 42, first)
            self._file.write(header)

    def close(self) -> None:
        """Close the file as it is; without `finish` it is no TIFF."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _put(self, number: int, band: int, rows: np.ndarray) -> None:
        """Add rows to a level; once they fill a row of tiles, or are the last, write that and halve it for the next."""
        level = self._levels[number]
        waiting = level.waiting.setdefault(band, [])
        waiting.append(rows)
        height = sum(map(len, waiting))
        if height < level.block and level.top[band] + height < level.height:
            return
        rows = np.concatenate(waiting) if len(waiting) > 1 else rows
        waiting.clear()
        down = level.top[band] // level.block
        for across, left in enumerate(range(0, rows.shape[1], level.block)):
            self._append(level, band, down, across, _packed(rows[:, left : left + level.block], level.block))
        level.top[band] += height
        if number + 1 < len(self._levels):
            self._put(number + 1, band, self._halved(rows))

    def _append(self, level: _Level, band: int, down: int, across: int, data: bytes) -> None:
        self._file.write(data)
        level.offsets[band, down, across], level.counts[band, down, across] = self._end, len(data)
        self._end += len(data)

    def _halved(self, rows: np.ndarray) -> np.ndarray:
        """Return rows (h,w) at half the size, rounded up."""
        if not self._average:
            return np.ascontiguousarray(rows[::2, ::2])
        parts = range(0, rows.shape[1], _MOST_COLUMNS)
        return np.concatenate([self._means(rows[:, left : left + _MOST_COLUMNS]) for left in parts], 1)

    def _means(self, rows: np.ndarray) -> np.ndarray:
        height, width = rows.shape
        if height % 2 or width % 2:
            rows = np.pad(rows, ((0, height % 2), (0, width % 2)), mode="edge")
        valid = rows != self._nodata
        if valid.all():
            total = _added(rows)
            total += 2
            total >>= 2
            return total.astype(rows.dtype)
        total, count = _added(rows * valid), _added(valid)
        mean = (total + count // 2) // np.maximum(count, 1)
        return np.where(count > 0, mean, self._nodata).astype(rows.dtype)

    def _directory(self, level: _Level) -> tiff.Tags:
        changed = {
            tiff.WIDTH: level.width,
            tiff.HEIGHT: level.height,
            tiff.TILE_WIDTH: level.block,
            tiff.TILE_HEIGHT: level.block,
        }
        tags = dict(self._tags)
        if level is not self._levels[0]:
            tags = {tag: value for tag, value in tags.items() if tag not in tiff.WHOLE_ONLY}
            changed[tiff.SUBFILE] = 1  # a smaller version of another image
        tags |= {tag: (tiff.LONG, struct.pack("<I", value)) for tag, value in changed.items()}
        kind = tiff.LONG if self._end < _CLASSIC_MOST else tiff.LONG8
        return tags | {
            tiff.OFFSETS: (kind, level.offsets.astype(tiff.INTEGERS[kind]).tobytes()),
            tiff.COUNTS: (tiff.LONG, level.counts.astype(tiff.INTEGERS[tiff.LONG]).tobytes()),
        }


@dataclass(frozen=True)
class _Found:
    """One band of a level of a part: its tiles as they lie in the file, its size in pixels."""

    path: Path
    tiles: list[bytes]
    width: int
    height: int
    block: int
    dtype: np.dtype

    @classmethod
    def levels(cls, path: Path, band: int) -> list[_Found]:
        """Return the levels of a part. Raises OSError when it is damaged."""
        data, levels = path.read_bytes(), []
        try:
            at = tiff.first_directory(data)
            while at and len(levels) <= _COPIED:
                tags, at = tiff.read_directory(data, at)
                levels.append(cls._level(path, data, tags, band))
        except (struct.error, KeyError, ValueError) as error:
            raise _damaged(path, error) from error
        return levels

    @classmethod
    def _level(cls, path: Path, data: bytes, tags: tiff.Tags, band: int) -> _Found:
        (width,), (height,), (block,) = (tiff.integers(tags[tag]) for tag in (tiff.WIDTH, tiff.HEIGHT, tiff.TILE_WIDTH))
        count = -(-width // block)
        places = zip(tiff.integers(tags[tiff.OFFSETS]), tiff.integers(tags[tiff.COUNTS]), strict=True)
        tiles = [data[offset : offset + size] for offset, size in list(places)[band * count : (band + 1) * count]]
        dtype = np.dtype(f"<u{tiff.integers(tags[tiff.BITS])[0] // 8}")
        return cls(path, tiles, width, height, block, dtype)

    def pixels(self) -> np.ndarray:
        """Return (height,width). Raises OSError when the part is damaged."""
        try:
            rows = np.concatenate([self._unpacked(data) for data in self.tiles], 1)
        except (isal_zlib.error, ValueError) as error:
            raise _damaged(self.path, error) from error
        return rows[: self.height, : self.width]

    def _unpacked(self, data: bytes) -> np.ndarray:
        delta = np.frombuffer(isal_zlib.decompress(data), self.dtype).reshape(self.block, self.block)
        return np.cumsum(delta, 1, self.dtype)


def _damaged(part: Path, error: Exception) -> OSError:
    return OSError(f"{part} is damaged ({error}). Delete {part.parent} to start afresh.")


def write_part(path: Path, array: np.ndarray, grid: Grid, window: Window, nodata: float, average: bool) -> None:
    """Write one finished block (bands,h,w) of the grid as a small GeoTIFF, seen under `path` only when it is safe.

    It has the first overviews, if the whole has any. average: as in GeoTiff. Raises OSError when the disk refuses.
    """
    path = Path(path)
    temporary = path.with_name(path.name + ".tmp")
    own = Grid(grid.crs, grid.window_transform(window), window.width, window.height)
    levels = min(level_count(grid.width, grid.height), _COPIED + 1)
    with GeoTiff(temporary, own, array.dtype.name, len(array), nodata, average=average, levels=levels) as file:
        for band, rows in enumerate(array):
            file.write(band, rows)
    replace_safely(temporary, path)


def _packed(tile: np.ndarray, block: int) -> bytes:
    """Return a tile as it lies in the file: filled up to (block,block), differences along rows, deflated."""
    height, width = tile.shape
    if (height, width) != (block, block):
        tile = np.pad(tile, ((0, block - height), (0, block - width)), mode="edge")
    delta = np.empty_like(tile, order="C")
    delta[:, 0] = tile[:, 0]
    np.subtract(tile[:, 1:], tile[:, :-1], out=delta[:, 1:])
    return isal_zlib.compress(delta, _DEFLATE_LEVEL)


@lru_cache(maxsize=32)
def _tags(
    crs: str,
    pixel_width: float,
    pixel_height: float,
    dtype: str,
    bands: int,
    nodata: float,
    colours: tuple[tuple[int, Color], ...],
    names: tuple[tuple[int, str], ...],
    tags: tuple[tuple[str, str], ...],
    descriptions: tuple[str, ...],
) -> tiff.Tags:
    """Return the tags that GDAL gives such a raster at (0, 0), of one pixel."""
    profile = {
        "driver": "GTiff",
        "dtype": dtype,
        "count": bands,
        "nodata": nodata,
        "crs": crs,
        "width": 1,
        "height": 1,
        "transform": Affine(pixel_width, 0, 0, 0, pixel_height, 0),
        "interleave": "band",
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
        "compress": "deflate",
        "predictor": 2,
        "ENDIANNESS": "LITTLE",
        "BIGTIFF": "NO",
    }
    if bands > 1:  # else the fourth band would be taken for transparency
        profile |= {"photometric": "MINISBLACK", "ALPHA": "NO"}
    with MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            if colours:
                dataset.write_colormap(1, dict(colours))
            for band, description in enumerate(descriptions, 1):
                dataset.set_band_description(band, description)
            if names:
                dataset.update_tags(1, **{f"{_CATEGORY}{value}": name for value, name in names})
            if tags:
                dataset.update_tags(**dict(tags))
        data = memory.getbuffer()
        return tiff.read_directory(data, tiff.first_directory(data))[0]


def _level(width: int, height: int, bands: int, block: int) -> _Level:
    tiles = np.zeros((bands, -(-height // block), -(-width // block)), np.uint64)
    return _Level(width, height, block, tiles, tiles.copy(), [0] * bands)


def level_count(width: int, height: int) -> int:
    """Return how many levels a raster has, itself and its overviews."""
    count = 1
    while max(width, height) / 2**count >= _SMALLEST_OVERVIEW:
        count += 1
    return count


def _level_sizes(width: int, height: int, count: int) -> list[tuple[int, int]]:
    """Return the raster's width and height, and those of its overviews."""
    return [(-(-width // 2**n), -(-height // 2**n)) for n in range(count)]


def _added(values: np.ndarray) -> np.ndarray:
    """Return the sums (h,w) uint16 of each two by two of values (2h,2w)."""
    pairs = np.add(values[::2], values[1::2], dtype=np.uint16)
    return pairs[:, ::2] + pairs[:, 1::2]
