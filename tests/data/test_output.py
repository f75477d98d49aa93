"""Parts, the assembled GeoTIFF, and polygons."""

import os
import sqlite3

import numpy as np
import pyogrio
import pytest
import rasterio
from pyproj import CRS
from rasterio.enums import Compression

from sgma_qgis.model.data import output
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.polygons import polygonize
from sgma_qgis.model.data.vector import pixel_area_m2

COLOURS = {0: (1, 2, 3, 255), 1: (0, 255, 0, 255)}
NAMES = {0: "water", 1: "Straße & tree"}


@pytest.fixture
def grid():
    return Grid(CRS.from_epsg(32631).to_wkt(), (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 1300, 1100)


@pytest.fixture
def parts(tmp_path, grid):
    """Return a function (array) -> parts of uneven size; the block at 300..600 is left out."""

    def cut(array, nodata=255):
        rows = []
        for row in range(0, grid.height, 300):
            for col in range(0, grid.width, 700):
                if (row, col) == (300, 0):
                    continue
                window = Window(col, row, min(700, grid.width - col), min(300, grid.height - row))
                path = tmp_path / f"part_{row}_{col}.tif"
                piece = array[:, row : row + window.height, col : col + window.width]
                output.write_part(path, np.ascontiguousarray(piece), grid, window, nodata)
                rows.append((path, window))
        return rows

    return cut


def test_a_part_is_a_georeferenced_file_without_leftovers(parts, grid, tmp_path, noise):
    image = noise(2, grid.height, grid.width)
    path, window = parts(image)[3]
    with rasterio.open(path) as dataset:
        assert tuple(dataset.transform)[:6] == grid.window_transform(window)
        assert dataset.nodata == 255
        assert (dataset.read() == image[:, 600:900, :700]).all()
    assert not list(tmp_path.glob("*.tmp")) + list(tmp_path.glob("*.xml"))


@pytest.mark.parametrize("cut", [1, 40, 4000])
def test_a_raster_that_is_not_whole_is_found(parts, noise, grid, tmp_path, cut):
    path, _ = parts(noise(1, grid.height, grid.width))[0]
    output.check_written(path)
    os.truncate(path, path.stat().st_size - cut)
    with pytest.raises(OSError, match=path.name):
        output.check_written(path)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.8, 0.9, 0.95, 0.99, 1])
def test_a_disk_that_is_full_is_an_error(parts, grid, tmp_path, noise, share):
    """Files that may not grow further stand for it: in the pixels, in the overviews, in the last directory."""
    resource = pytest.importorskip("resource")
    pieces, path = parts(noise(1, grid.height, grid.width)), tmp_path / "map.tif"
    output.assemble(pieces, path, grid, "uint8", 1, 255)
    most = int(share * path.stat().st_size) - 1
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        with pytest.raises(OSError, match=r"map\.tif"):
            output.assemble(pieces, path, grid, "uint8", 1, 255)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_classes_are_assembled(parts, grid, tmp_path, noise):
    image = noise(1, grid.height, grid.width, low=0, high=2)
    target = tmp_path / "map.tif.tmp"
    output.assemble(
        parts(image),
        target,
        grid,
        "uint8",
        1,
        255,
        colour_table=COLOURS,
        category_names=NAMES,
        descriptions=["class"],
        tags={"SGMA_MODEL": "toy"},
    )
    want = image[0].copy()
    want[300:600, :700] = 255
    with rasterio.open(target) as dataset:
        assert (dataset.read(1) == want).all()
        assert dataset.nodata == 255
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.compression == Compression.deflate
        assert dataset.overviews(1) == [2, 4]
        assert dataset.descriptions == ("class",)
        assert dataset.tags()["SGMA_MODEL"] == "toy"
        assert {key: dataset.tags(1)[key] for key in ("CATEGORY_0", "CATEGORY_1")} == {
            "CATEGORY_0": "water",
            "CATEGORY_1": "Straße & tree",
        }
        assert dataset.colormap(1)[1] == (0, 255, 0, 255)
        assert tuple(dataset.transform)[:6] == grid.transform
        assert (dataset.read(1, out_shape=(550, 650)) == want[::2, ::2]).all()  # the nearest, never a mixture
    assert not list(tmp_path.glob("*.xml"))


def test_shares_have_averaged_overviews(parts, grid, tmp_path):
    image = np.zeros((2, grid.height, grid.width), "uint8")
    image[:, :, ::2] = 100
    target = tmp_path / "trust.tif"
    output.assemble(parts(image), target, grid, "uint8", 2, 255, descriptions=["RGB", "NIR"], average=True)
    with rasterio.open(target) as dataset:
        assert set(np.unique(dataset.read(out_shape=(2, 550, 650)))) == {50, 255}


@pytest.mark.parametrize(("dtype", "nodata"), [("uint8", 255), ("uint16", 65535), ("float32", None)])
def test_the_same_pixels_give_the_same_bytes(parts, grid, tmp_path, noise, dtype, nodata):
    pieces = parts(noise(1, grid.height, grid.width, dtype=dtype), nodata)
    names = [tmp_path / "one.tif", tmp_path / "two.tif"]
    for name, order, threads in zip(names, (pieces, pieces[::-1]), (1, 3)):
        tags = {"B": "1", "A": "2"}
        output.assemble(order, name, grid, dtype, 1, nodata, category_names=NAMES, tags=tags, threads=threads)
    assert names[0].read_bytes() == names[1].read_bytes()


def test_polygons(tmp_path, grid, make_card, parts):
    classes = np.zeros((1, grid.height, grid.width), "uint8")
    classes[0, 700:720, 100:150] = 1
    classes[0, 720:740, 150:160] = 1  # touches by a corner only
    classes[0, 800:810, 100:110] = 255
    confidence = np.where(classes == 1, 90, 40).astype("uint8")
    confidence[0, 700:710, 100:150] = 70
    confidence[0, 300:600, :700] = 255
    paths = [tmp_path / "classes.tif", tmp_path / "confidence.tif"]
    for array, path in zip((classes, confidence), paths):
        output.assemble(parts(array), path, grid, "uint8", 1, 255)
    target = tmp_path / "map.tmp.gpkg"
    assert polygonize(*paths, target, make_card()) == 3
    meta, _, _, columns = pyogrio.raw.read(target, layer="polygons")
    table = dict(zip(meta["fields"], columns))
    small = np.flatnonzero(table["class_id"] == 1)
    assert list(meta["fields"]) == ["class_id", "class_name", "area_m2", "conf_mean"]
    assert set(table["class_name"][small]) == {"tree"}
    assert sorted(table["conf_mean"][small]) == [80.0, 90.0]
    unit = pixel_area_m2(grid, grid.window)
    np.testing.assert_allclose(sorted(table["area_m2"][small]), [200 * unit, 1000 * unit], rtol=1e-4)
    np.testing.assert_allclose(sum(table["area_m2"]), (1300 * 1100 - 700 * 300 - 100) * unit, rtol=1e-4)
    with sqlite3.connect(target) as base:
        assert base.execute("pragma user_version").fetchone() == (10200,)


def test_polygons_without_confidence_or_without_pixels(tmp_path, grid, make_card, parts):
    full, void = (np.full((1, grid.height, grid.width), value, "uint8") for value in (1, 255))
    for name, array, count in (("full", full, 1), ("void", void, 0)):
        output.assemble(parts(array), tmp_path / f"{name}.tif", grid, "uint8", 1, 255)
        target = tmp_path / f"{name}.gpkg"
        assert polygonize(tmp_path / f"{name}.tif", None, target, make_card()) == count
        meta, _, _, columns = pyogrio.raw.read(target, layer="polygons")
        assert len(columns[0]) == count
        assert list(meta["fields"]) == ["class_id", "class_name", "area_m2", "conf_mean"]
        assert all(np.isnan(columns[3]))


def test_areas_are_those_on_the_ellipsoid(grid):
    assert pixel_area_m2(grid, Window(0, 0, 100, 100)) == pytest.approx(0.25 / 0.9996**2, rel=1e-5)
    web = Grid(CRS.from_epsg(3857).to_wkt(), (1.0, 0.0, 0.0, 0.0, -1.0, 8399738.0), 100, 100)
    assert pixel_area_m2(web, web.window) == pytest.approx(0.25, rel=0.01)
    degrees = Grid(CRS.from_epsg(4326).to_wkt(), (1e-5, 0.0, 3.0, 0.0, -1e-5, 60.0), 100, 100)
    assert pixel_area_m2(degrees, degrees.window) == pytest.approx(1.1132**2 / 2, rel=0.01)
