"""What a run will need of disk and memory, estimated before it starts and set against what this machine has free."""

from __future__ import annotations

import ctypes
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..contract.errors import BadInput

MB = 1 << 20
#: Compressed size over pixels, overviews included: of the file, and as much of the parts in the work folder. As 4096 x
#: 4096 maps of `town-demo` and of random weights came out.
_SHARES = {"classes": 0.15, "confidence": 0.7, "availability": 0.01, "trust": 0.35}
_MOST_SHARE = 1.36  # nothing compresses; overviews add a third
#: Peak resident memory of one torch forward pass in a process of its own (Linux, CPU, float32, 1 thread, batch 1, no
#: autograd; VmHWM) for 1 and 3 modalities: 294 and 322 MB (small), 470 and 529 (pvt_v2_b0), 634 and 777 (pvt_v2_b2),
#: 596 and 687 (resnet50) at tile 512; 460 and 573, 709 and 1008, 1158 and 1556, 893 and 1209 at tile 1024.
#: As (MB before the pass, bytes a pixel, bytes a pixel and modality).
_NETWORKS = {
    "small": (226, 180, 56),
    "pvt_v2_b0": (358, 202, 149),
    "pvt_v2_b2": (455, 510, 197),
    "resnet50": (453, 288, 156),
    "none": (226, 1000, 100),
}
_OPENVINO_MB = 370  # before the pass, any network: torch's modules without timm, and a compiled graph
_REST_MB = 130  # GDAL with its cache, the other libraries, tiles read ahead


@dataclass(frozen=True)
class Raster:
    """A raster to be written. pixel_bytes: of all bands together."""

    role: str
    path: Path
    pixel_bytes: int


def memory_need(
    backbone: str, backend: str, tile_pixels: int, modalities: int, tiles: int, strip_bytes: int, block_bytes: int
) -> int:
    """Return the bytes of memory that a run takes at its peak, about.

    tiles: computed at a time in this machine's memory; 0 when a GPU holds them. strip_bytes: of what a column strip
    holds; block_bytes: of a block, two of which are being written.
    """
    before, pixel, pixel_modality = _NETWORKS.get(backbone, _NETWORKS["pvt_v2_b2"])
    if backend == "openvino":
        before = _OPENVINO_MB
    held = strip_bytes + 2 * block_bytes
    return (before + _REST_MB) * MB + tiles * tile_pixels * (pixel + pixel_modality * modalities) + held


def disk_need(pixels: int, pixel_bytes: dict[str, int]) -> int:
    """Return the bytes of disk that a run of so many pixels typically takes at its end. pixel_bytes: by role."""
    return round(sum(pixels * size * 2 * _SHARES[role] for role, size in pixel_bytes.items()))


def check_room(pixels: int, rasters: list[Raster], work: Path, kept: int, memory: int) -> tuple[str, list[str]]:
    """Compare what a run of `pixels` needs with what is free. Returns a sentence for people, and warnings.

    Polygons are not counted: nobody knows how many there will be. work: the work folder, which need not exist yet.
    kept: bytes of finished parts in it. memory: from `memory_need`.
    Raises BadInput when a disk has less room than such a map typically takes.
    """
    disks: dict[int, _Disk] = {}
    for raster in rasters:
        plain = pixels * raster.pixel_bytes
        for folder in (work.parent, raster.path.parent):
            disk = disks.setdefault(folder.stat().st_dev, _Disk(folder))
            disk.add(_SHARES[raster.role] * plain, _MOST_SHARE * plain)
    disks[work.parent.stat().st_dev].add(-kept, -kept)
    warnings = [warning for disk in disks.values() if (warning := disk.check())]
    free = available_memory()
    said = f"{size(memory)} of memory"
    if free is not None:
        said += f" ({size(free)} free)"
        if memory > free:
            warnings.append(
                f"The run needs about {said}: it may be slow or be ended by the system. Close other programs, or "
                "choose a smaller tile or batch. A run that was ended continues when it is started again."
            )
    return f"Needs about {', '.join(map(str, disks.values()))} and {said}.", warnings


class _Disk:
    """What goes onto one file system, named by the first folder on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free = shutil.disk_usage(folder).free
        self._typical = self._most = 0.0

    def add(self, typical: float, most: float) -> None:
        """Count more bytes, or fewer."""
        self._typical += typical
        self._most += most

    def __str__(self) -> str:
        return f"{size(self._typical)} of disk in {self._folder} ({size(self._free)} free)"

    def check(self) -> str:
        """Return a warning, or '' when there is room. Raises BadInput when there is clearly none."""
        if self._typical > self._free:
            raise BadInput(
                f"The run needs about {self}.",
                "Make room there, choose another folder, write fewer rasters or a smaller area.",
            )
        if self._most > self._free:
            return f"The run needs about {self}; if the map compresses badly up to {size(self._most)}: it may not fit."
        return ""


def available_memory() -> int | None:
    """Return the bytes of memory that this process can still take; None where the system does not tell.

    A container's limit counts as well as the machine's.
    """
    try:
        if sys.platform == "win32":
            return _windows_available()
        if sys.platform == "darwin":
            return _mac_available()
        machine = _fields(Path("/proc/meminfo"))["MemAvailable:"] << 10  # kB
        return min([machine, *_group_room(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup").read_text())])
    except (OSError, KeyError, ValueError, AttributeError):
        return None


def _group_room(root: Path, groups: str) -> list[int]:
    """Return what each control group above this process leaves, bytes. groups: the text of /proc/self/cgroup."""
    room = []
    for line in groups.splitlines():
        _, controllers, name = line.split(":", 2)
        if controllers == "":
            top, limit, usage, cache = root, "memory.max", "memory.current", "inactive_file"
        elif "memory" in controllers.split(","):
            top, limit, usage = root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
            cache = "total_inactive_file"
        else:
            continue
        folder = top / name.lstrip("/")
        for place in (folder, *folder.parents):
            if place.is_relative_to(top) and (place / limit).is_file():
                most = (place / limit).read_text().strip()
                if most != "max":
                    used = int((place / usage).read_text()) - _fields(place / "memory.stat")[cache]
                    room.append(int(most) - used)
    return room


def _fields(path: Path) -> dict[str, int]:
    """Return the numbers of a file of lines `name number ...`."""
    return {name: int(number) for name, number, *_ in map(str.split, path.read_text().splitlines())}


def _windows_available() -> int:
    class Status(ctypes.Structure):  # MEMORYSTATUSEX
        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "available", "total_page", "available_page")),
            *((name, ctypes.c_uint64) for name in ("total_virtual", "available_virtual", "extended")),
        )

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        raise OSError("GlobalMemoryStatusEx failed")
    return status.available


def _mac_available() -> int:
    """Return the share of memory that the system calls free (what `memory_pressure` prints), in bytes."""

    def ask(name: bytes, kind: type) -> int:
        value = kind()
        size = ctypes.c_size_t(ctypes.sizeof(value))
        if library.sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0):
            raise OSError(f"sysctl {name.decode()} failed")
        return value.value

    library = ctypes.CDLL(None)
    return ask(b"hw.memsize", ctypes.c_uint64) * ask(b"kern.memorystatus_level", ctypes.c_int) // 100


def size(count: float) -> str:
    """Return a number of bytes for people: 850 MB, 1.2 GB, 57 GB. Powers of 1000, as disks are sold."""
    count = max(count, 0)
    if count < 0.95e9:
        megabytes = count / 1e6
        return f"{round(megabytes, -1) if megabytes >= 100 else megabytes:.{int(0 < megabytes < 10)}f} MB"
    return f"{count / 1e9:.1f} GB" if count < 9.95e9 else f"{count / 1e9:.0f} GB"
