"""Small rasters painted for one test, and cards that read them."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec
from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.contract.modality import BY_KEY
from sgma_qgis.model.data.geotiff import BLOCK, GeoTiff
from sgma_qgis.model.data.native import configure
from sgma_qgis.model.data.plan import plan

LIMITS = {"rgb": ("dn8", 0.0, 255.0), "nir": ("dn8", 0.0, 255.0), "dsm": ("ndsm", 0.0, 30.0), "sar": ("db", -25.0, 0.0)}


@pytest.fixture(scope="session", autouse=True)
def _configured():
    configure(64)


@pytest.fixture
def paint(tmp_path):
    """Write an array (h,w) or (bands,h,w) as a GeoTIFF of 1 m pixels at (500000, 5000000), UTM 31N; return its path."""

    def write(
        name, array, origin=(500000.0, 5000000.0), pixel=1.0, crs="EPSG:32631", transform=None, mask=None, **more
    ):
        array = np.asarray(array)
        array = array[None] if array.ndim == 2 else array
        descriptions, colours = more.pop("descriptions", None), more.pop("colorinterp", None)
        scale, offset = more.pop("scale", 1.0), more.pop("offset", 0.0)
        transform = transform or Affine(pixel, 0, origin[0], 0, -pixel, origin[1])
        profile = {"driver": "GTiff", "width": array.shape[2], "height": array.shape[1], "count": array.shape[0]}
        path = tmp_path / name
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(
                path, "w", **{"dtype": array.dtype, "crs": crs, "transform": transform} | profile | more
            ) as dataset,
        ):
            dataset.write(array)
            if mask is not None:
                dataset.write_mask(mask)
            if descriptions:
                dataset.descriptions = descriptions
            if colours:
                dataset.colorinterp = colours
            if (scale, offset) != (1.0, 0.0):
                dataset.scales, dataset.offsets = (scale,) * array.shape[0], (offset,) * array.shape[0]
        return str(path)

    return write


@pytest.fixture
def write_whole(tmp_path):
    """Write an array (bands,h,w) as the engine writes a whole raster; return its path."""

    def write(name, array, grid, nodata=255, **more):
        path = tmp_path / name
        with GeoTiff(path, grid, array.dtype.name, len(array), nodata, **more) as file:
            for row in range(0, grid.height, BLOCK):
                for band, values in enumerate(array):
                    file.write(band, values[row : row + BLOCK])
        return path

    return write


@pytest.fixture
def make_stats():
    """Return the row of a card for one modality."""

    def make(key, bands=None, unit=None, low=None, high=None):
        default = LIMITS[key]
        bands = tuple(bands or BY_KEY[key].bands)
        n = len(bands)
        low, high = default[1] if low is None else low, default[2] if high is None else high
        return ModalityStats(key, bands, unit or default[0], (low,) * n, (high,) * n, (0.0,) * n, (1.0,) * n)

    return make


@pytest.fixture
def make_card(make_stats):
    """Return a card that knows the given modalities; SAR is one band unless said otherwise."""

    def make(keys=("rgb", "nir", "dsm", "sar"), gsd=(0.1, 1.0, 100.0), sar=("VV",)):
        rows = tuple(make_stats(key, sar if key == "sar" else None) for key in keys)
        classes = (ClassInfo(0, "ground", "#888888"), ClassInfo(1, "tree", "#00ff00"))
        return Card(
            "toy", "Toy", classes, rows, NetworkSpec("small", "mean"), gsd, 512, "weights.safetensors", "0" * 64
        )

    return make


@pytest.fixture
def planned(make_card):
    """Plan a job from {modality: path or Source}."""

    def make(layers, card=None, area=None, options=None):
        sources = tuple(item if isinstance(item, Source) else Source(key, item) for key, item in layers.items())
        return plan(sources, card or make_card(), area or Area(), options or Options())

    return make


@pytest.fixture
def copied(shared_data, tmp_path):
    """Return the path of a private copy of a shared file."""

    def copy(relative):
        target = tmp_path / relative.replace("/", "_")
        shutil.copy(shared_data / relative, target)
        return str(target)

    return copy


@pytest.fixture
def noise():
    """Return random pixels, uint8 1..254 unless said otherwise."""

    def make(*shape, dtype="uint8", low=1, high=255, seed=0):
        return np.random.default_rng(seed).integers(low, high, shape).astype(dtype)

    return make
