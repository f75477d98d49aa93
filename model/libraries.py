"""The libraries that every job needs, and their versions."""

from __future__ import annotations

import sys

import numpy
import pyogrio
import pyproj
import rasterio
import safetensors
import shapely
import torch

from . import __version__


def versions() -> dict[str, str]:
    """Return name -> version of the program, Python and the libraries."""
    libraries = (numpy, pyogrio, pyproj, rasterio, safetensors, shapely, torch)
    return {
        "sgma": __version__,
        "python": sys.version.split()[0],
        "gdal": rasterio.__gdal_version__,
        **{library.__name__: str(library.__version__) for library in libraries},
    }
