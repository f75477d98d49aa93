"""The GeoTIFF that is written from top to bottom: what GDAL reads in it, its overviews, full disks, the same bytes."""

import warnings

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.enums import Compression, Resampling

from sgma_qgis.model.data import geotiff
from sgma_qgis.model.data.geotiff import GeoTiff, write_part
from sgma_qgis.model.data.grid import Grid, Window

COLOURS = {0: (1, 2, 3, 255), 1: (0, 255, 0, 255)}
NAMES = {0: "water", 1: "Straße & tree"}


def grid(width, height):
    return Grid(CRS.from_epsg(32631).to_wkt(), (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), width, height)


def overview(path, level):
    with rasterio.open(path, OVERVIEW_LEVEL=level) as dataset:
        return dataset.read()


def test_a_class_map_is_what_gdal_expects(tmp_path, noise, write_whole):
    image = noise(1, 1100, 1300, low=0, high=2)
    image[0, 300:600, :700] = 255
    more = {"colour_table": COLOURS, "category_names": NAMES, "descriptions": ["class"], "tags": {"SGMA_MODEL": "toy"}}
    with warnings.catch_warnings(action="error"):
        path = write_whole("map.tif", image, grid(1300, 1100), **more)
    with rasterio.open(path) as dataset:
        assert (dataset.read() == image).all()
        assert dataset.nodata == 255
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.compression == Compression.deflate
        assert dataset.crs.to_epsg() == 32631
        assert dataset.overviews(1) == [2, 4]
        assert dataset.descriptions == ("class",)
        assert dataset.tags()["SGMA_MODEL"] == "toy"
        assert {key: dataset.tags(1)[key] for key in ("CATEGORY_0", "CATEGORY_1")} == {
            "CATEGORY_0": "water",
            "CATEGORY_1": "Straße & tree",
        }
        assert dataset.colormap(1)[1] == (0, 255, 0, 255)
        assert tuple(dataset.transform)[:6] == grid(1300, 1100).transform
    for level, step in enumerate((2, 4)):  # the nearest, never a mixture
        np.testing.assert_array_equal(overview(path, level), image[:, ::step, ::step])
    assert not list(tmp_path.glob("*.xml"))


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(("width", "height"), [(2048, 1536), (1301, 1027), (3, 700), (700, 1), (40, 30)])
def test_shares_have_overviews_of_means(noise, write_whole, monkeypatch, width, height, big):
    if big:  # as above 4 GB
        monkeypatch.setattr(geotiff, "_CLASSIC_MOST", 1)
    image = noise(4, height, width, low=0, high=101)
    image[:2, : height // 2, 10 : width // 2] = 255
    image[0, ::3, ::7] = 255
    path = write_whole("trust.tif", image, grid(width, height), descriptions=["RGB", "NIR", "DSM", "SAR"], average=True)
    assert path.read_bytes()[2] == (43 if big else 42)
    above = image
    with rasterio.open(path) as dataset:
        np.testing.assert_array_equal(dataset.read(), image)
        levels = len(dataset.overviews(1))
    assert levels == sum(max(width, height) / factor >= 256 for factor in (2, 4, 8, 16))
    for level in range(levels):
        padded = np.pad(above, ((0, 0), (0, above.shape[1] % 2), (0, above.shape[2] % 2)), mode="edge")
        quads = padded.reshape(4, padded.shape[1] // 2, 2, -1, 2).transpose(0, 1, 3, 2, 4).astype(float)
        known = quads != 255
        count = known.sum((3, 4))
        mean = np.floor((quads * known).sum((3, 4)) / np.maximum(count, 1) + 0.5)
        above = np.where(count, mean, 255).astype(np.uint8)
        np.testing.assert_array_equal(overview(path, level), above)


def test_overviews_are_those_of_gdal(noise, write_whole, tmp_path):
    """Where sides are even; at an odd edge GDAL weighs pixels that are not there."""
    image = noise(1, 1024, 2048, low=0, high=101)
    image[0, 100:333, 77:900] = 255
    for average in (False, True):
        path = write_whole("ours.tif", image, grid(2048, 1024), average=average)
        other = tmp_path / "theirs.tif"
        with rasterio.open(path) as dataset:
            profile = dataset.profile
        with rasterio.open(other, "w", **profile) as dataset:
            dataset.write(image)
            dataset.build_overviews([2, 4, 8], Resampling.average if average else Resampling.nearest)
        for level in range(3):
            np.testing.assert_array_equal(overview(path, level), overview(other, level))


@pytest.mark.parametrize(
    ("dtype", "nodata", "average"), [("uint8", 255, False), ("uint8", 255, True), ("uint16", 65535, False)]
)
@pytest.mark.parametrize(("width", "height"), [(2501, 1100), (1537, 513), (700, 90)])
def test_a_raster_of_parts_is_that_of_its_rows(noise, write_whole, tmp_path, dtype, nodata, average, width, height):
    """Overviews included, and twice the same bytes."""
    image, where = noise(2, height, width, dtype=dtype), grid(width, height)
    image[:, 20:600, 100:900] = nodata
    tags = ({"A": "2", "B": "1"}, {"B": "1", "A": "2"})
    for number in range(2):
        more = {"average": average, "tags": tags[number], "category_names": NAMES}
        with GeoTiff(tmp_path / f"parts{number}.tif", where, dtype, 2, nodata, **more) as file:
            for row in range(0, height, 512):
                parts = []
                for col in range(0, width, 1024):
                    window = Window(col, row, min(1024, width - col), min(512, height - row))
                    parts.append(tmp_path / f"part_{row}_{col}.tif")
                    write_part(
                        parts[-1], image[(slice(None), *window.within(where.window))], where, window, nodata, average
                    )
                for band in range(2):
                    file.copy(band, parts)
    assert (tmp_path / "parts0.tif").read_bytes() == (tmp_path / "parts1.tif").read_bytes()
    rows = write_whole("rows.tif", image, where, nodata, average=average, tags=tags[0], category_names=NAMES)
    for path in (tmp_path / "parts0.tif", rows):
        with rasterio.open(path) as dataset:
            np.testing.assert_array_equal(dataset.read(), image)
            levels = len(dataset.overviews(1))
    assert levels == (max(width, height) >= 512) + (max(width, height) >= 1024) + (max(width, height) >= 2048)
    for level in range(levels):
        np.testing.assert_array_equal(overview(rows, level), overview(tmp_path / "parts0.tif", level))


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.9, 0.99, 1])
def test_a_disk_that_is_full_is_an_error(noise, write_whole, share):
    """Files that may not grow further stand for it: in the pixels, in the overviews, in the last directory."""
    resource = pytest.importorskip("resource")
    image = noise(1, 1100, 1300)
    most = int(share * write_whole("map.tif", image, grid(1300, 1100)).stat().st_size) - 1
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        with pytest.raises(OSError, match=r"map\.tif"):
            write_whole("map.tif", image, grid(1300, 1100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_was_not_finished_is_no_raster(noise, tmp_path):
    path = tmp_path / "map.tif"
    with pytest.raises(KeyboardInterrupt), GeoTiff(path, grid(600, 600), "uint8", 1, 255) as file:
        file.write(0, noise(512, 600))
        raise KeyboardInterrupt
    assert path.stat().st_size > 0
    with pytest.raises(rasterio.errors.RasterioIOError):
        rasterio.open(path)
