"""A tiled GeoTIFF with overviews, written from top to bottom while the rows are made. Same pixels, same bytes.

GDAL makes the tags and compresses the tiles, in small files in memory; the tiles are appended here, in an order that
only the raster's size decides, and the directories come last. GDAL itself would write tiles when its cache is full,
shared with whatever else is read, and would read everything once more for the overviews.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from .grid import Grid
from .output import check_written, refusals

BLOCK = 512
_OVERVIEW_BLOCK = 256  # the rows that wait for a row of tiles to fill take less memory than with 512
_SMALLEST_OVERVIEW = 256
_MOST_COLUMNS = 4096  # compressed or averaged at a time; even
_HEADER = 16  # bytes; a classic TIFF's header takes only 8
_CLASSIC_MOST = 1 << 32
_CATEGORY = "CATEGORY_"  # band metadata: CATEGORY_3=forest
Color = tuple[int, int, int, int]

# TIFF field types, and bytes of one value of each
_SHORT, _LONG, _LONG8 = 3, 4, 16
_SIZES = {1: 1, 2: 1, _SHORT: 2, _LONG: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, _LONG8: 8}
_INTEGERS = {_SHORT: "<u2", _LONG: "<u4", _LONG8: "<u8"}
# TIFF tags
_SUBFILE, _WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT, _OFFSETS, _COUNTS = 254, 256, 257, 322, 323, 324, 325
_WHOLE_ONLY = (33550, 33922, 34264, 34735, 34736, 34737, 42112)  # position, CRS, GDAL's metadata: not in overviews
_Tags = dict[int, tuple[int, bytes]]  # tag -> (field type, values, little-endian)


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
    """Writes one raster. A context manager: left without an error the file is finished and checked, else only closed.

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
    ) -> None:
        """dtype: uint8 or uint16. colour_table: value -> (r, g, b, a), for one band.

        category_names: value -> name, stored as metadata of band 1 (a TIFF has no field for them, and GDAL itself would
        write a sidecar). average: overviews hold the means of pixels that are not nodata, for shares and confidences
        (uint8); else the nearest pixel.
        """
        self._path, self._dtype, self._nodata, self._average = Path(path), dtype, nodata, average
        self._transform = Affine(*grid.transform)
        profile = self._profile(bands, 1, 1, BLOCK) | {"nodata": nodata, "crs": grid.crs}
        if bands > 1:  # else the fourth band would be taken for transparency
            profile |= {"photometric": "MINISBLACK", "ALPHA": "NO"}
        with refusals(self._path):
            with MemoryFile() as memory:
                with memory.open(**profile) as dataset:
                    if colour_table:
                        dataset.write_colormap(1, dict(colour_table))
                    for band, description in enumerate(descriptions, 1):
                        dataset.set_band_description(band, description)
                    if category_names:
                        names = {f"{_CATEGORY}{value}": name for value, name in sorted(category_names.items())}
                        dataset.update_tags(1, **names)
                    if tags:
                        dataset.update_tags(**dict(sorted(tags.items())))
                self._tags = _read_directory(memory.getbuffer())
            self._file = self._path.open("wb")
            self._file.write(bytes(_HEADER))
        self._end = _HEADER
        sizes = _level_sizes(grid.width, grid.height)
        self._levels = [_level(*size, bands, BLOCK if n == 0 else _OVERVIEW_BLOCK) for n, size in enumerate(sizes)]

    def __enter__(self) -> GeoTiff:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.finish()
        else:
            self.close()

    def write(self, band: int, rows: np.ndarray, threads: int = 1) -> None:
        """Append rows (512,width) of a band counted from 0; at the bottom those that are left.

        threads: how many compress; the bytes do not depend on it, but on the order of the bands.
        """
        with refusals(self._path):
            self._put(0, band, rows, threads)

    def finish(self) -> None:
        """Write the directories, close and check. Every row of every band must have been written."""
        with refusals(self._path), self._file:
            directories = [self._directory(level) for level in self._levels]
            room = sum(_SIZES[kind] + len(values) + 32 for tags in directories for kind, values in tags.values())
            big = self._end + 2 * room >= _CLASSIC_MOST
            at = self._end + -self._end % 8
            self._file.write(bytes(at - self._end))
            first = at
            for number, tags in enumerate(directories):
                data = _write_directory(tags, at, big=big, last=number == len(directories) - 1)
                self._file.write(data)
                at += len(data)
            self._file.seek(0)
            header = struct.pack("<2sHHHQ", b"II", 43, 8, 0, first) if big else struct.pack("<2sHI", b"II", 42, first)
            self._file.write(header)
        check_written(self._path, len(self._levels) - 1)

    def close(self) -> None:
        """Close the file as it is; without `finish` it is no TIFF."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _put(self, number: int, band: int, rows: np.ndarray, threads: int) -> None:
        """Add rows to a level; once they fill a row of tiles, or are the last, write that and halve it for the next."""
        level = self._levels[number]
        waiting = level.waiting.setdefault(band, [])
        waiting.append(rows)
        height = sum(map(len, waiting))
        if height < level.block and level.top[band] + height < level.height:
            return
        rows = np.concatenate(waiting) if len(waiting) > 1 else rows
        waiting.clear()
        self._write_tiles(level, band, rows, threads)
        level.top[band] += height
        if number + 1 < len(self._levels):
            self._put(number + 1, band, self._halved(rows), threads)

    def _write_tiles(self, level: _Level, band: int, rows: np.ndarray, threads: int) -> None:
        """Compress and append a row of tiles, some at a time: a whole row of a wide raster takes much memory."""
        down = level.top[band] // level.block
        for left in range(0, rows.shape[1], _MOST_COLUMNS):
            part = rows[:, left : left + _MOST_COLUMNS]
            profile = self._profile(1, part.shape[1], part.shape[0], level.block) | {"num_threads": threads}
            with MemoryFile() as memory:
                with memory.open(**profile) as dataset:
                    dataset.write(part, 1)
                data = memory.getbuffer()
                tags = _read_directory(data)
                places = zip(_integers(tags[_OFFSETS]), _integers(tags[_COUNTS]))
                for across, (offset, count) in enumerate(places, left // level.block):
                    self._file.write(data[offset : offset + count])
                    level.offsets[band, down, across], level.counts[band, down, across] = self._end, count
                    self._end += int(count)

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

    def _directory(self, level: _Level) -> _Tags:
        changed = {_WIDTH: level.width, _HEIGHT: level.height, _TILE_WIDTH: level.block, _TILE_HEIGHT: level.block}
        tags = dict(self._tags)
        if level is not self._levels[0]:
            tags = {tag: value for tag, value in tags.items() if tag not in _WHOLE_ONLY}
            changed[_SUBFILE] = 1  # a smaller version of another image
        tags |= {tag: (_LONG, struct.pack("<I", value)) for tag, value in changed.items()}
        kind = _LONG if self._end < _CLASSIC_MOST else _LONG8
        return tags | {
            _OFFSETS: (kind, level.offsets.astype(_INTEGERS[kind]).tobytes()),
            _COUNTS: (_LONG, level.counts.astype(_INTEGERS[_LONG]).tobytes()),
        }

    def _profile(self, bands: int, width: int, height: int, block: int) -> dict:
        return {
            "driver": "GTiff",
            "dtype": self._dtype,
            "count": bands,
            "width": width,
            "height": height,
            "transform": self._transform,  # in every piece, or rasterio warns
            "interleave": "band",
            "tiled": True,
            "blockxsize": block,
            "blockysize": block,
            # every GIS reads deflate; level 6 takes three times as long for a tenth less
            "compress": "deflate",
            "zlevel": 1,
            "predictor": 2,
            "ENDIANNESS": "LITTLE",
            "BIGTIFF": "NO",
        }


def _level(width: int, height: int, bands: int, block: int) -> _Level:
    tiles = np.zeros((bands, -(-height // block), -(-width // block)), np.uint64)
    return _Level(width, height, block, tiles, tiles.copy(), [0] * bands)


def _level_sizes(width: int, height: int) -> Iterator[tuple[int, int]]:
    """Yield the raster's width and height, and those of its overviews."""
    yield width, height
    factor = 2
    while max(width, height) / factor >= _SMALLEST_OVERVIEW:
        yield -(-width // factor), -(-height // factor)
        factor *= 2


def _added(values: np.ndarray) -> np.ndarray:
    """Return the sums (h,w) uint16 of each two by two of values (2h,2w)."""
    pairs = np.add(values[::2], values[1::2], dtype=np.uint16)
    return pairs[:, ::2] + pairs[:, 1::2]


# --- TIFF directories ----------------------------------------------------------------------------------------------


def _integers(value: tuple[int, bytes]) -> list[int]:
    kind, data = value
    return np.frombuffer(data, _INTEGERS[kind]).tolist()


def _read_directory(data: memoryview) -> _Tags:
    """Return the tags of the first image of a classic little-endian TIFF."""
    (start,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, start)
    tags = {}
    for entry in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from("<HHI", data, entry)
        length = count * _SIZES[kind]
        place = entry + 8 if length <= 4 else struct.unpack_from("<I", data, entry + 8)[0]
        tags[tag] = (kind, bytes(data[place : place + length]))
    return tags


def _write_directory(tags: _Tags, at: int, *, big: bool, last: bool) -> bytes:
    """Return a directory that lies at a file position, followed by its values; the next one follows unless `last`."""
    head, entry, number, inline = ("<Q", "<HHQ", "<Q", 8) if big else ("<H", "<HHI", "<I", 4)
    size = struct.calcsize(head) + len(tags) * (struct.calcsize(entry) + inline) + struct.calcsize(number)
    place = at + size + -(at + size) % 8
    entries, values = [struct.pack(head, len(tags))], [bytes(place - at - size)]
    for tag, (kind, data) in sorted(tags.items()):
        entries.append(struct.pack(entry, tag, kind, len(data) // _SIZES[kind]))
        if len(data) <= inline:
            entries.append(data.ljust(inline, b"\0"))
        else:
            entries.append(struct.pack(number, place))
            values.append(data + bytes(-len(data) % 8))
            place += len(values[-1])
    entries.append(struct.pack(number, 0 if last else place))
    return b"".join(entries + values)
