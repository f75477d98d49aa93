"""Parts, and polygons."""

import os
import sqlite3

import numpy as np
import pyogrio
import pytest
import rasterio
from pyproj import CRS

from sgma_qgis.model.data import output
from sgma_qgis.model.data.geotiff import write_part
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.polygons import polygonize
from sgma_qgis.model.data.vector import pixel_area_m2

NAMES = {0: "ground", 1: "tree"}


@pytest.fixture
def grid():
    return Grid(CRS.from_epsg(32631).to_wkt(), (0.5, 0.0, 500000.0, 0.0, -0.5, 5000000.0), 1300, 1100)


@pytest.fixture
def part(tmp_path, grid, noise):
    """A part of two bands in the middle of the grid: its path, window and pixels."""
    window, image = Window(300, 600, 700, 300), noise(2, 300, 700)
    write_part(tmp_path / "part.tif", image, grid, window, 255, average=False)
    return tmp_path / "part.tif", window, image


def test_a_part_is_a_georeferenced_file_without_leftovers(part, grid, tmp_path):
    path, window, image = part
    with rasterio.open(path) as dataset:
        assert tuple(dataset.transform)[:6] == grid.window_transform(window)
        assert dataset.nodata == 255
        assert (dataset.read() == image).all()
    assert not list(tmp_path.glob("*.tmp")) + list(tmp_path.glob("*.xml"))


@pytest.mark.parametrize("cut", [1, 40, 4000])
def test_a_raster_that_is_not_whole_is_found(part, cut):
    path, _, _ = part
    output.check_written(path, overviews=2)
    os.truncate(path, path.stat().st_size - cut)
    with pytest.raises(OSError, match=path.name):
        output.check_written(path, overviews=2)


def test_polygons(tmp_path, grid, write_whole):
    classes = np.zeros((1, grid.height, grid.width), "uint8")
    classes[0, 700:720, 100:150] = 1
    classes[0, 720:740, 150:160] = 1  # touches by a corner only
    classes[0, 800:810, 100:110] = classes[0, 300:600, :700] = 255
    confidence = np.where(classes == 1, 90, 40).astype("uint8")
    confidence[0, 700:710, 100:150] = 70
    confidence[0, 300:600, :700] = 255
    paths = [write_whole("classes.tif", classes, grid), write_whole("confidence.tif", confidence, grid)]
    target = tmp_path / "map.tmp.gpkg"
    assert polygonize(*paths, target, NAMES) == 3
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


def test_polygons_without_confidence_or_without_pixels(tmp_path, grid, write_whole):
    full, void = (np.full((1, grid.height, grid.width), value, "uint8") for value in (1, 255))
    for name, array, count in (("full", full, 1), ("void", void, 0)):
        write_whole(f"{name}.tif", array, grid)
        target = tmp_path / f"{name}.gpkg"
        assert polygonize(tmp_path / f"{name}.tif", None, target, NAMES) == count
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
