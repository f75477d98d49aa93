"""TIFF directories: reading and writing tags, classic and BigTIFF, little-endian."""

from __future__ import annotations

import struct

import numpy as np

SHORT, LONG, LONG8 = 3, 4, 16  # field types
_SIZES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, LONG8: 8}
INTEGERS = {SHORT: "<u2", LONG: "<u4", LONG8: "<u8"}
SUBFILE, WIDTH, HEIGHT, BITS, TILE_WIDTH, TILE_HEIGHT, OFFSETS, COUNTS = 254, 256, 257, 258, 322, 323, 324, 325
TIEPOINT = 33922  # (0, 0, 0, x, y, 0) of the upper left corner
WHOLE_ONLY = (33550, TIEPOINT, 34264, 34735, 34736, 34737, 42112)  # position, CRS, GDAL's metadata: not in overviews
Tags = dict[int, tuple[int, bytes]]  # tag -> (field type, values)


def room(tags: Tags) -> int:
    """Return bytes that a directory with its values takes at most."""
    return sum(_SIZES[kind] + len(values) + 32 for kind, values in tags.values())


def integers(value: tuple[int, bytes]) -> list[int]:
    """Return the numbers of a tag."""
    kind, data = value
    return np.frombuffer(data, INTEGERS[kind]).tolist()


def first_directory(data: memoryview | bytes) -> int:
    """Return where the first directory of a classic file lies."""
    return struct.unpack_from("<I", data, 4)[0]


def read_directory(data: memoryview | bytes, start: int) -> tuple[Tags, int]:
    """Return the tags of a directory of a classic file and where the next one lies, 0 after the last."""
    (entries,) = struct.unpack_from("<H", data, start)
    end = start + 2 + 12 * entries
    tags = {}
    for entry in range(start + 2, end, 12):
        tag, kind, count = struct.unpack_from("<HHI", data, entry)
        length = count * _SIZES[kind]
        place = entry + 8 if length <= 4 else struct.unpack_from("<I", data, entry + 8)[0]
        tags[tag] = (kind, bytes(data[place : place + length]))
    return tags, struct.unpack_from("<I", data, end)[0]


def write_directory(tags: Tags, at: int, *, big: bool, last: bool) -> bytes:
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
