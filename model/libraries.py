"""The runtime's libraries: whether all are there, their versions, and loading those that every job needs."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import sys
from functools import cache
from importlib import metadata

from . import __version__
from .contract.errors import RuntimeUnavailable

EVERY_JOB = ("isal", "numpy", "pyproj", "rasterio", "safetensors", "torch")
SOME_JOBS = (
    "pyogrio",
    "shapely",
    "timm",
)  # imported by the code that needs them: each takes a tenth of a second or more
OPTIONAL = ("openvino",)
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of malloc.h


def load() -> None:
    """Import what every job needs, and OpenVINO where it works. Raises RuntimeUnavailable, or ImportError."""
    versions()
    for name in EVERY_JOB:
        importlib.import_module(name)
    for name in OPTIONAL:
        with contextlib.suppress(ImportError):  # not there, or broken: the backend that needs it tells
            importlib.import_module(name)


def give_memory_back(kept_mb: int = 2) -> None:
    """Have Linux's allocator return what is free to the system, from now on arrays of `kept_mb` or more at once.

    By itself it learns to keep blocks of up to 32 MB, and what a run of a wide raster holds grows by a tenth. But what
    is returned must be had anew, page by page, which takes longer than filling it: where people wait, more is kept.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # not glibc
            library = ctypes.CDLL(None)
            for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
                library.mallopt(option, kept_mb << 20)
            library.malloc_trim(0)


def versions() -> dict[str, str]:
    """Return name -> version of the program, Python and the libraries, importing none but rasterio (for GDAL's).

    Raises RuntimeUnavailable naming every library that is not installed.
    """
    found = {name: _version(name) for name in (*EVERY_JOB, *SOME_JOBS, *OPTIONAL)}
    missing = [name for name in (*EVERY_JOB, *SOME_JOBS) if not found[name]]
    if missing:
        raise RuntimeUnavailable(
            f"The runtime {sys.executable} lacks {', '.join(missing)}.",
            "Install it with the requirements.txt in the plugin's folder runtime.",
        )
    import rasterio

    return {
        "sgma": __version__,
        "python": sys.version.split()[0],
        "gdal": rasterio.__gdal_version__,
        **{name: version for name, version in found.items() if version},
    }


@cache
def _version(name: str) -> str:
    """Return a library's version, '' when it is not installed. Finding all of them takes a tenth of a second."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
