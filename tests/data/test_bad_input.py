"""Each thing that cannot be used: BadInput, three lines at most, naming the file or option."""

import os
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from sgma_qgis.model.contract.errors import EXIT_BAD_INPUT, BadInput
from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data.plan import plan
from sgma_qgis.model.data.raster import LayerReader


@pytest.fixture
def refused(planned):
    """Plan a job that must be refused; return the message after checking its form."""

    def check(layers, *names, **more):
        with pytest.raises(BadInput) as caught:
            planned(layers, **more)
        text = str(caught.value)
        assert caught.value.exit_code == EXIT_BAD_INPUT
        assert caught.value.hint
        assert len(text.splitlines()) <= 3
        for name in names:
            assert str(name) in text, text
        return text

    return check


@pytest.fixture
def rgb(paint, noise):
    return paint("good.tif", noise(3, 60, 60))


def write_area(path, *boxes, crs="EPSG:32631"):
    geometry = shapely.to_wkb(np.array([shapely.box(*box) for box in boxes], object))
    pyogrio.raw.write(
        path, geometry, field_data=[], fields=np.array([], object), geometry_type="Polygon", crs=crs, driver="GPKG"
    )
    return str(path)


def test_no_layer(refused):
    refused({}, "RGB")


def test_a_modality_the_model_does_not_know(refused, rgb, make_card):
    refused({"rgb": rgb, "sar": rgb}, "SAR", "toy", card=make_card(("rgb", "nir")))


def test_a_modality_given_twice(make_card, rgb):
    with pytest.raises(BadInput, match="RGB was given twice"):
        plan((Source("rgb", rgb), Source("rgb", rgb)), make_card(), Area(), Options())


def test_a_missing_file(refused, tmp_path):
    refused({"rgb": str(tmp_path / "none.tif")}, "RGB", tmp_path / "none.tif", "does not exist")


def test_an_empty_file(refused, tmp_path):
    (tmp_path / "zero.tif").touch()
    refused({"rgb": str(tmp_path / "zero.tif")}, "zero.tif", "empty")


def test_the_first_of_several_bad_layers_is_told(refused, paint, noise, tmp_path):
    path = paint("cut.tif", noise(3, 900, 900), compress="deflate")
    os.truncate(path, Path(path).stat().st_size // 2)  # found after the missing one
    refused({"nir": str(tmp_path / "none.tif"), "rgb": path}, "RGB", "cut.tif")


def test_not_a_raster(refused, tmp_path):
    (tmp_path / "notes.tif").write_text("hello")
    refused({"nir": str(tmp_path / "notes.tif")}, "NIR", "notes.tif", "not a raster")


def test_a_folder(refused, tmp_path):
    refused({"nir": str(tmp_path)}, "NIR", tmp_path)


def test_a_vector_as_raster(refused, tmp_path):
    refused({"rgb": write_area(tmp_path / "area.gpkg", (0, 0, 1, 1))}, "area.gpkg", "vector")


@pytest.mark.parametrize("keep", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("more", [{}, {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate"}])
def test_a_truncated_file(refused, paint, noise, keep, more):
    path = paint("cut.tif", noise(3, 300, 300), **more)
    size = Path(path).stat().st_size
    os.truncate(path, int(size * keep))
    refused({"rgb": path}, "cut.tif")


def test_a_layer_without_crs(refused, paint, noise):
    refused({"rgb": paint("nowhere.tif", noise(3, 9, 9), crs=None)}, "nowhere.tif", "coordinate reference system")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_layer_without_position(refused, tmp_path, noise):
    path = tmp_path / "drift.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=9, height=9, count=3, dtype="uint8", crs="EPSG:32631"
    ) as dataset:
        dataset.write(noise(3, 9, 9))
    refused({"rgb": str(path)}, "drift.tif", "position")


@pytest.mark.parametrize("bands", [(1, 2, 4), (0, 1, 2), (-1, 1, 2)])
def test_a_band_number_out_of_range(refused, rgb, bands):
    refused({"rgb": Source("rgb", rgb, bands=bands)}, "good.tif", "1 to 3", "--rgb-bands")


def test_too_few_band_numbers(refused, rgb):
    refused({"rgb": Source("rgb", rgb, bands=(1,))}, "good.tif", "--rgb-bands", "red, green, blue")


def test_a_file_with_too_few_bands(refused, paint, noise):
    refused({"rgb": paint("two.tif", noise(2, 9, 9))}, "two.tif", "2 bands", "red, green, blue")


def test_infrared_that_no_band_is_recognisable_as(refused, rgb):
    refused({"nir": rgb}, "good.tif", "--nir-bands")


def test_a_unit_of_another_sensor(refused, rgb):
    refused({"rgb": Source("rgb", rgb, unit="db")}, "--units", "RGB", "db")


@pytest.mark.parametrize("key", ["rgb", "nir", "dsm"])
@pytest.mark.parametrize("dtype", ["complex64", "complex_int16"])
def test_complex_numbers_in_a_slot_of_real_ones(refused, paint, key, dtype):
    image = np.full((3 if key == "rgb" else 1, 30, 30), 3 + 4j, "complex64")
    refused({key: paint("slc.tif", image, dtype=dtype)}, "slc.tif", "complex", "--sar")


@pytest.mark.parametrize("unit", ["db", "power", "amplitude"])
def test_complex_numbers_with_a_unit_of_real_ones(refused, paint, unit):
    path = paint("slc.tif", np.full((30, 30), 3 + 4j, "complex64"))
    refused({"sar": Source("sar", path, unit=unit)}, "slc.tif", "complex", "--units")


def test_layers_that_do_not_overlap(refused, rgb, paint, noise):
    far = paint("far.tif", noise(40, 40), origin=(900000.0, 5000000.0))
    refused({"rgb": rgb, "nir": far}, "far.tif", "overlap")


def test_a_layer_that_misses_the_area(refused, rgb, paint, noise):
    wide = paint("wide.tif", noise(1, 60, 400), pixel=2.0)
    area = Area(extent=(500200.0, 4999900.0, 500300.0, 5000000.0))
    refused({"rgb": rgb, "nir": wide}, "good.tif", "area", area=area)


def test_polygons_outside_the_layers(refused, rgb, tmp_path):
    area = Area(polygons=write_area(tmp_path / "far.gpkg", (0, 0, 10, 10)))
    refused({"rgb": rgb}, "far.gpkg", "--area", "outside", area=area)


def test_polygons_smaller_than_a_pixel(refused, rgb, tmp_path):
    area = Area(polygons=write_area(tmp_path / "dot.gpkg", (500010.1, 4999990.1, 500010.2, 4999990.2)))
    refused({"rgb": rgb}, "dot.gpkg", "--area", "no pixel", area=area)


def test_an_area_file_without_features(refused, rgb, tmp_path):
    refused({"rgb": rgb}, "none.gpkg", area=Area(polygons=write_area(tmp_path / "none.gpkg")))


def test_an_area_file_without_polygons(refused, rgb, tmp_path):
    points = shapely.to_wkb(np.array([shapely.Point(500010, 4999990)], object))
    path = tmp_path / "points.gpkg"
    pyogrio.raw.write(path, points, [], np.array([], object), geometry_type="Point", crs="EPSG:32631", driver="GPKG")
    refused({"rgb": rgb}, "points.gpkg", "polygon", area=Area(polygons=str(path)))


def test_an_area_file_that_is_none(refused, rgb, tmp_path):
    (tmp_path / "area.geojson").write_text("no")
    refused({"rgb": rgb}, "area.geojson", area=Area(polygons=str(tmp_path / "area.geojson")))
    refused({"rgb": rgb}, "gone.gpkg", "exist", area=Area(polygons=str(tmp_path / "gone.gpkg")))


def test_only_nodata_everywhere(refused, paint):
    path = paint("void.tif", np.zeros((3, 40, 40), "uint8"), nodata=0)
    refused({"rgb": path}, "RGB", "valid")


@pytest.mark.parametrize("extent", [(1, 2, 0, 3), (0, 0, 0, 1), (0, 0, float("nan"), 1)])
def test_an_extent_that_is_none(refused, rgb, extent):
    refused({"rgb": rgb}, "--extent", area=Area(extent=extent))


@pytest.mark.parametrize("resolution", [0.0, -1.0, float("nan")])
def test_a_resolution_that_is_none(refused, rgb, resolution):
    refused({"rgb": rgb}, "--resolution", options=Options(resolution=resolution))


def test_a_grid_that_would_never_end(refused, rgb):
    refused({"rgb": rgb}, "--resolution", options=Options(resolution=1e-6))


def test_a_grid_with_more_tiles_than_memory(refused, rgb):
    refused({"rgb": rgb}, "1200000 x 1200000", "--extent", "--resolution", options=Options(resolution=5e-5))


@pytest.mark.parametrize("crs", ["EPSG:99999999", "not a crs"])
def test_a_crs_that_is_none(refused, rgb, crs):
    refused({"rgb": rgb}, crs, "EPSG", options=Options(crs=crs))


@pytest.mark.parametrize(("name", "driver"), [("photo.ecw", "ECW"), ("photo.sid", "MrSID")])
def test_a_format_the_runtime_lacks_is_refused_by_its_driver(refused, tmp_path, name, driver):
    (tmp_path / name).write_bytes(b"x" * 1000)
    refused({"rgb": str(tmp_path / name)}, name, f"driver {driver}")


def test_inputs_are_left_alone(paint, noise, planned, tmp_path):
    def folder():
        return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in Path(tmp_path).iterdir()}

    layers = {
        "rgb": paint("a.tif", noise(3, 300, 300)),
        "nir": paint("b.tif", noise(300, 300, dtype="uint16", high=3000)),
        "dsm": paint("c.tif", noise(100, 100, dtype="float32"), pixel=3.0),
    }
    area = Area(polygons=write_area(tmp_path / "area.gpkg", (500010, 4999850, 500200, 4999990)))
    before = folder()
    job = planned(layers, area=area)
    for layer in job.layers:
        with LayerReader(layer, job.grid) as reader:
            reader.read(job.grid.window)
    assert folder() == before


# --- what can be used, but is likely a slip: a warning ------------------------------------------------------------


@pytest.mark.parametrize(
    ("bands", "dtype", "more", "warned"),
    [
        (3, "uint8", {}, True),
        (3, "uint8", {"photometric": "minisblack"}, True),
        (3, "float32", {}, False),
        (1, "float32", {"descriptions": ["red"]}, True),
        (3, "float32", {"descriptions": ["slope", "aspect", "height"]}, False),
        (3, "uint8", {"descriptions": ["red", "green", "ndsm"]}, False),
        (1, "uint8", {}, False),
    ],
)
def test_a_picture_given_as_heights(planned, paint, noise, bands, dtype, more, warned):
    plan = planned({"dsm": paint("photo.tif", noise(bands, 60, 60, dtype=dtype), **more)})
    assert any("photo.tif looks like a picture, not heights" in text for text in plan.warnings) == warned
    assert not any("bands 1 taken" in text for text in (*plan.warnings, *plan.notes))


def test_a_band_taken_for_want_of_a_name(planned, paint, noise):
    plan = planned({"dsm": paint("a.tif", noise(2, 60, 60, dtype="float32"))})
    assert "DSM: band 1 taken, as no band is named height" in plan.notes


@pytest.mark.parametrize(
    ("key", "names", "bands", "want"),
    [
        ("nir", ["red", "green", "blue", "nir"], (1,), "band 1, described 'red', is taken as nir"),
        ("nir", ["red", "green", "blue", "nir"], (), ""),
        ("nir", ["red edge", "a", "b", "c"], (1,), ""),
        ("rgb", ["blue", "green", "red"], (1, 2, 3), "band 1, described 'blue', is taken as red; band 3"),
        ("rgb", ["blue", "green", "red"], (), ""),
        ("rgb", ["NIR", "red", "green"], (), "band 1, described 'NIR', is taken as red"),
        ("sar", ["VH", "VV"], (1,), "band 1, described 'VH', is taken as VV"),
    ],
)
def test_a_band_that_is_called_by_another_name(planned, paint, noise, key, names, bands, want):
    path = paint("a.tif", noise(len(names), 60, 60), descriptions=names, photometric="minisblack")
    texts = [text for text in planned({key: Source(key, path, bands=bands)}).warnings if "is taken as" in text]
    assert len(texts) == bool(want)
    assert all(want in text and f"check --{key}-bands" in text for text in texts)


@pytest.mark.parametrize(
    ("key", "columns", "more", "warned"),
    [("rgb", 1, {}, False), ("rgb", 3, {}, True), ("rgb", 3, {"nodata": 0}, False), ("rgb", 3, {"mask": True}, False)]
    + [("nir", 19, {}, False), ("nir", 25, {}, True), ("dsm", 50, {}, False), ("sar", 50, {}, False)],
)
def test_an_empty_border_that_is_not_declared(planned, paint, noise, key, columns, more, warned):
    image = noise(3 if key == "rgb" else 1, 100, 100)
    image[:, :, :columns] = 0
    if more.get("mask"):
        more = {"mask": (image[0] != 0).astype("uint8") * 255}
    path = paint("a.tif", image, **more)
    texts = [text for text in planned({key: path}).warnings if "0 in all bands" in text]
    title = {"rgb": "RGB", "nir": "NIR"}.get(key)
    want = (
        f"{title}: {columns} % of the pixels are 0 in all bands and no nodata value is named: "
        f"if that is an empty border, give --nodata {key}=0"
    )
    assert texts == [want] * warned
    assert not any("0 in all" in text for text in planned({key: Source(key, path, nodata=0)}).warnings)


def test_a_real_scene_outside_of_which_all_is_0(planned, copied):
    layers = {key: copied(f"ign_rgbn_lidar/rural_48465_663263/{key}.tif") for key in ("rgb", "nir")}
    assert not any("0 in all" in text for text in planned(layers).warnings)  # its nodata is declared
    for path in layers.values():
        with rasterio.open(path, "r+") as dataset:
            dataset.nodata = None
    texts = [text for text in planned(layers).warnings if "36 % of the pixels are 0 in all bands" in text]
    assert [text[:3] for text in texts] == ["RGB", "NIR"]
