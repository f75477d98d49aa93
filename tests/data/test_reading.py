"""Values on the grid: exact copies, resampling, and that windows do not matter."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import Affine

from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data.grid import Grid, Window
from sgma_qgis.model.data.native import NativeReader
from sgma_qgis.model.data.raster import LabelReader, LayerReader
from sgma_qgis.model.data.warp import PixelMap


def read(plan, key, window=None):
    layer = next(layer for layer in plan.layers if layer.key == key)
    with LayerReader(layer, plan.grid) as reader:
        return reader.read(window or plan.grid.window)


def in_pieces(plan, key, side=37):
    """Read the grid in odd little windows and put them together."""
    layer = next(layer for layer in plan.layers if layer.key == key)
    grid, rows = plan.grid, []
    with LayerReader(layer, grid) as reader:
        for row in range(0, grid.height, side):
            height = min(side, grid.height - row)
            windows = [Window(c, row, min(side, grid.width - c), height) for c in range(0, grid.width, side)]
            parts = [reader.read(window) for window in windows]
            rows.append((np.concatenate([p[0] for p in parts], 2), np.concatenate([p[1] for p in parts], 1)))
    return np.concatenate([r[0] for r in rows], 1), np.concatenate([r[1] for r in rows], 0)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
def test_an_aligned_layer_is_copied_pixel_for_pixel(paint, noise, planned, dtype):
    image = noise(3, 70, 90, dtype=dtype)
    values, valid = read(planned({"rgb": paint("a.tif", image)}), "rgb")
    assert values.dtype == dtype
    assert valid.all()
    assert (values == image).all()


@pytest.mark.parametrize("dtype", ["uint32", "int32", "float64"])
def test_other_types_come_as_float32(paint, noise, planned, dtype):
    image = noise(3, 70, 90, dtype=dtype)
    values, _ = read(planned({"rgb": paint("a.tif", image)}), "rgb")
    assert values.dtype == np.float32
    assert (values == image).all()


def test_a_layer_shifted_by_whole_pixels_is_copied(paint, noise, planned):
    wide, inner = noise(3, 70, 90), noise(30, 20, seed=1)
    plan = planned({"rgb": paint("a.tif", wide), "nir": paint("b.tif", inner, origin=(500007.0, 4999988.0))})
    values, valid = read(plan, "nir")
    assert valid.sum() == inner.size
    assert (values[0, 12:42, 7:27] == inner).all()
    assert valid[12:42, 7:27].all()


def test_outside_the_layer_nothing_is_valid(paint, noise, planned):
    plan = planned({"rgb": paint("a.tif", noise(3, 20, 20))})
    for window in (Window(100, 100, 32, 32), Window(-50, 0, 32, 32)):
        values, valid = read(plan, "rgb", window)
        assert values.shape == (3, 32, 32)
        assert not valid.any()
    values, valid = read(plan, "rgb", Window(0, 0, 32, 32))
    assert valid.sum() == 400
    assert not values[:, 20:].any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (33, 7)])
@pytest.mark.parametrize("pixel", [1.0, 0.3, 3.7])
def test_tiny_and_odd_sizes(paint, noise, planned, shape, pixel):
    image = noise(3, *shape)
    plan = planned({"rgb": paint("a.tif", image, pixel=pixel)}, options=Options(resolution=1.0))
    values, valid = read(plan, "rgb")
    assert valid.any()
    if pixel == 1.0:
        assert (values == image).all()


def cases(paint, noise):
    """Name -> path of a layer that has to be resampled onto a 1 m grid."""
    turn = Affine.translation(500020, 4999990) @ Affine.rotation(-23) @ Affine.scale(0.7, -0.7)
    gaps = noise(3, 120, 120)
    gaps[:, 30:50, 40:47] = 0
    lonlat = Affine(9e-6, 0, 2.9999, 0, -9e-6, 45.1541)
    return {
        "half a pixel off": paint("off.tif", gaps, origin=(500000.5, 4999999.5), nodata=0),
        "finer": paint("fine.tif", gaps, pixel=0.83, nodata=0),
        "three times finer": paint("finer.tif", gaps, pixel=0.31, nodata=0),
        "coarser": paint("coarse.tif", gaps, pixel=2.9, nodata=0),
        "rotated": paint("turned.tif", gaps, transform=turn, nodata=0),
        "degrees": paint("degrees.tif", gaps, transform=lonlat, crs="EPSG:4326", nodata=0),
        "float": paint("float.tif", gaps.astype("float32"), pixel=0.31, nodata=0),
    }


@pytest.mark.parametrize(
    "name", ["half a pixel off", "finer", "three times finer", "coarser", "rotated", "degrees", "float"]
)
def test_values_do_not_depend_on_the_windows_read(paint, noise, planned, name):
    path = cases(paint, noise)[name]
    options = Options(resolution=1.0, crs="EPSG:32631")
    plan = planned({"rgb": path}, options=options)
    plan = replace(plan, grid=replace(plan.grid, width=plan.grid.width + 9, height=plan.grid.height + 9))
    values, valid = read(plan, "rgb")
    piece_values, piece_valid = in_pieces(plan, "rgb")
    assert 0.2 < valid.mean() < 1
    assert (valid == piece_valid).all()
    assert (values == piece_values).all()


@pytest.mark.parametrize("key", ["dsm", "sar"])
@pytest.mark.parametrize("name", ["half a pixel off", "finer", "three times finer", "coarser", "rotated", "degrees"])
def test_heights_and_radar_do_not_depend_on_the_windows_read(paint, noise, planned, name, key):
    with rasterio.open(cases(paint, noise)[name]) as file:
        image, transform, crs = file.read(1).astype("float32"), file.transform, file.crs
    path = paint("layer.tif", image - 200, transform=transform, crs=crs, nodata=-200)
    source = Source(key, path, unit="dsm" if key == "dsm" else "db")
    plan = planned({key: source}, options=Options(resolution=1.0, crs="EPSG:32631"))
    values, valid = read(plan, key)
    piece_values, piece_valid = in_pieces(plan, key)
    assert 0.2 < valid.mean() < 1
    assert not values[:, ~valid].any()
    assert (valid == piece_valid).all()
    assert (values == piece_values).all()


@pytest.mark.parametrize("name", ["half a pixel off", "coarser", "rotated", "degrees", "three times finer"])
def test_hardly_more_is_read_than_is_needed(paint, noise, planned, monkeypatch, name):
    path = cases(paint, noise)[name]
    plan = planned({"rgb": path}, options=Options(resolution=1.0, crs="EPSG:32631"))
    window = Window(plan.grid.width // 3, plan.grid.height // 3, 12, 8)
    u, v = PixelMap(plan.grid, plan.layers[0].crs, plan.layers[0].transform).coordinates(window)
    asked, native_read = [], NativeReader.read
    monkeypatch.setattr(NativeReader, "read", lambda self, part: asked.append(part) or native_read(self, part))
    read(plan, "rgb", window)
    (part,) = asked
    block = 3 if name == "three times finer" else 1
    assert u.min() - 2 * block <= part.col <= u.min()
    assert u.max() <= part.col + part.width <= u.max() + 2 * block
    assert v.min() - 2 * block <= part.row <= v.min()
    assert v.max() <= part.row + part.height <= v.max() + 2 * block


def ramp(width, height, transform, crs):
    """Return an image whose value is a linear function of UTM 31N coordinates."""
    cols, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    x, y = transform @ (cols, rows)
    if crs != "EPSG:32631":
        x, y = Transformer.from_crs(crs, "EPSG:32631", always_xy=True).transform(x, y)
    return ((x - 500000) * 2 + (5000000 - y) * 3 + 100).astype("float32")


PLACES = {
    "same": (Affine(1, 0, 500000, 0, -1, 5000000), "EPSG:32631"),
    "off": (Affine(1, 0, 499999.3, 0, -1, 5000000.6), "EPSG:32631"),
    "finer": (Affine(0.23, 0, 500000.1, 0, -0.23, 5000000), "EPSG:32631"),
    "coarser": (Affine(4, 0, 499990, 0, -4, 5000010), "EPSG:32631"),
    "south up": (Affine(1, 0, 500000.25, 0, 1, 4999900), "EPSG:32631"),
    "rotated": (Affine.translation(500020, 5000010) @ Affine.rotation(-23) @ Affine.scale(1.2, -1.2), "EPSG:32631"),
    "degrees": (Affine(1e-5, 0, 2.9995, 0, -0.8e-5, 45.1540), "EPSG:4326"),
    "web mercator": (Affine(1.5, 0, 333900, 0, -1.5, 5644850), "EPSG:3857"),
}


@pytest.mark.parametrize("name", list(PLACES))
def test_a_ramp_comes_back_as_the_same_ramp(paint, planned, name):
    transform, crs = PLACES[name]
    path = paint("ramp.tif", ramp(300, 300, transform, crs), transform=transform, crs=crs)
    plan = planned({"dsm": Source("dsm", path, unit="ndsm")}, options=Options(resolution=1.0, crs="EPSG:32631"))
    values, valid = read(plan, "dsm")
    grid = plan.grid
    want = ramp(grid.width, grid.height, Affine(*grid.transform), "EPSG:32631")
    inner = valid & np.roll(valid, 5, 0) & np.roll(valid, -5, 0) & np.roll(valid, 5, 1) & np.roll(valid, -5, 1)
    inner[:5] = inner[-5:] = inner[:, :5] = inner[:, -5:] = False
    assert inner.mean() > 0.3
    assert np.abs(values[0] - want)[inner].max() < 0.05  # 2 to 3 units a metre: centimetres


def test_a_pattern_in_one_corner_is_found_at_the_same_coordinates(paint, noise, planned):
    image = np.full((3, 200, 200), 50, "uint8")
    image[:, 150:160, 20:40] = 250
    rgb = paint("a.tif", noise(3, 100, 100))
    nir = paint("b.tif", image[0], pixel=0.5)
    values, _ = read(planned({"rgb": rgb, "nir": nir}, options=Options(resolution=1.0)), "nir")
    assert (values[0, 75:80, 10:20] == 250).all()
    assert (values[0] == 250).sum() == 50


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "int64", "uint64", "float32"])
def test_fine_pixels_are_averaged_not_picked(paint, planned, dtype):
    image = np.zeros((3, 120, 120), dtype)
    image[:, :, ::2] = 200
    plan = planned({"rgb": paint("a.tif", image, pixel=0.5)}, options=Options(resolution=2.0))
    values, _ = read(plan, "rgb")
    assert set(np.unique(values)) == {100}


def test_averages_leave_nodata_out(paint, planned):
    image = np.full((3, 120, 120), 80, "uint8")
    image[:, ::4, ::4] = 0
    plan = planned({"rgb": paint("a.tif", image, pixel=0.5, nodata=0)}, options=Options(resolution=2.0))
    values, valid = read(plan, "rgb")
    assert valid.all()
    assert set(np.unique(values)) == {80}


def test_strips_of_a_large_average_are_one_average(paint, noise, planned, monkeypatch):
    path = paint("a.tif", noise(3, 400, 300), pixel=0.1)
    plan = planned({"rgb": path}, options=Options(resolution=1.0))
    whole = read(plan, "rgb")
    monkeypatch.setattr("sgma_qgis.model.data.raster._STRIP_PIXELS", 6000)
    strips = read(plan, "rgb")
    assert (whole[0] == strips[0]).all()
    assert (whole[1] == strips[1]).all()


def test_one_file_fills_two_slots(paint, noise, planned):
    image = noise(4, 50, 60)
    path = paint("a.tif", image, descriptions=["red", "green", "blue", "nir"])
    plan = planned({"rgb": path, "nir": path})
    assert (read(plan, "rgb")[0] == image[:3]).all()
    assert (read(plan, "nir")[0] == image[3:]).all()


def test_a_vrt_may_mix_types(paint, noise, planned, tmp_path):
    one, two = paint("a.tif", noise(50, 60)), paint("b.tif", noise(50, 60, dtype="uint16", high=3000))
    source = "<SimpleSource><SourceFilename>{}</SourceFilename></SimpleSource>"
    band = "<VRTRasterBand dataType='{}' band='{}'>" + source + "</VRTRasterBand>"
    bands = band.format("Byte", 1, one) + band.format("UInt16", 2, two) + band.format("Byte", 3, one)
    head = "<VRTDataset rasterXSize='60' rasterYSize='50'><SRS>EPSG:32631</SRS>"
    head += "<GeoTransform>500000,1,0,5000000,0,-1</GeoTransform>"
    (tmp_path / "all.vrt").write_text(f"{head}{bands}</VRTDataset>")
    values, valid = read(planned({"rgb": str(tmp_path / "all.vrt")}), "rgb")
    assert values.dtype == np.uint16
    assert values[1].max() > 255
    assert valid.all()


def test_a_mask_file_beside_the_layer_counts(paint, noise, planned):
    path = paint("a.tif", noise(3, 40, 50))
    mask = np.full((40, 50), 255, "uint8")
    mask[3, 4] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as dataset:
        dataset.write_mask(mask)
    _, valid = read(planned({"rgb": path}), "rgb")
    assert (valid == (mask > 0)).all()


def test_threads_read_the_same(paint, noise, planned):
    transform = Affine(1e-5, 0, 3.0, 0, -1e-5, 45.15)
    plan = planned({"rgb": paint("a.tif", noise(3, 400, 400), transform=transform, crs="EPSG:4326")})
    want = read(plan, "rgb")[0]
    with ThreadPoolExecutor(4) as pool:
        for values, _ in pool.map(lambda _: read(plan, "rgb"), range(8)):
            assert (values == want).all()


def test_picked_bands_come_in_their_order(paint, noise, planned):
    image = noise(5, 50, 60)
    plan = planned({"rgb": Source("rgb", paint("a.tif", image), bands=(5, 1, 3))})
    assert (read(plan, "rgb")[0] == image[[4, 0, 2]]).all()


@pytest.mark.parametrize(
    ("unit", "dtype", "stored"),
    [
        ("db", "float32", -10.0),
        ("power", "float32", 0.1),
        ("amplitude", "float32", 0.1**0.5),
        ("amplitude", "uint16", 3),
    ],
)
@pytest.mark.parametrize("pixel", [1.0, 0.45])
def test_radar_comes_in_decibels(paint, planned, unit, dtype, stored, pixel):
    path = paint("a.tif", np.full((60, 60), stored, dtype), pixel=pixel)
    values, _ = read(planned({"sar": Source("sar", path, unit=unit)}, options=Options(resolution=1.0)), "sar")
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, 20 * np.log10(3) if dtype == "uint16" else -10, atol=1e-4)


def test_radar_without_power_is_no_minus_infinity(paint, planned):
    image = np.full((60, 60), 0.1, "float32")
    image[0, 0] = 0
    values, valid = read(planned({"sar": Source("sar", paint("a.tif", image), unit="power")}), "sar")
    assert valid.all()
    assert values.min() == -100


@pytest.mark.parametrize(("unit", "gain"), [("ndsm", 1.0), ("ndsm_ft", 0.3048)])
def test_heights_above_ground_come_in_metres(paint, noise, planned, unit, gain):
    image = noise(60, 60, dtype="float32", high=20)
    values, _ = read(planned({"dsm": Source("dsm", paint("a.tif", image), unit=unit)}), "dsm")
    np.testing.assert_allclose(values[0], image * gain, rtol=1e-6)


def test_labels_are_never_mixed(paint, noise):
    labels = noise(80, 80, high=5)
    labels[3, 4] = 0
    path = paint("a.tif", labels, pixel=1.3, nodata=0)
    grid = Grid(crs_of(path), (1.0, 0.0, 499990.0, 0.0, -1.0, 5000010.0), 130, 130)
    with LabelReader(path, grid) as reader:
        read_labels = reader.read(grid.window)
        piece = reader.read(Window(40, 40, 20, 20))
    assert set(np.unique(read_labels)) == {1, 2, 3, 4, 255}
    assert (read_labels[:10] == 255).all()
    assert (piece == read_labels[40:60, 40:60]).all()
    rows = cols = np.floor((np.arange(10, 110) - 10 + 0.5) / 1.3).astype(int)
    want = labels[rows][:, cols].astype(int)
    assert (read_labels[10:110, 10:110] == np.where(want == 0, 255, want)).all()


def crs_of(path):
    with rasterio.open(path) as dataset:
        return dataset.crs.to_wkt()


def test_an_extent_beyond_the_layer_reads_as_nothing(paint, noise, planned):
    area = Area(extent=(499990.0, 4999970.0, 500010.0, 5000005.0))
    plan = planned({"rgb": paint("a.tif", noise(3, 20, 20))}, area=area)
    assert (plan.grid.width, plan.grid.height) == (20, 35)
    _, valid = read(plan, "rgb")
    assert valid[5:25, 10:].all()
    assert valid.sum() == 200
