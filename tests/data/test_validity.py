"""Which pixels count: one test per trap."""

from dataclasses import replace

import numpy as np
import pytest
from rasterio.enums import ColorInterp

from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.data.raster import LayerReader

RGBA = (ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha)


@pytest.fixture
def read_all(planned):
    """Plan the layers and return {key: (values, valid)} of the whole grid."""

    def read(layers, **more):
        plan = planned(layers, **more)
        out = {}
        for layer in plan.layers:
            with LayerReader(layer, plan.grid) as reader:
                out[layer.key] = reader.read(plan.grid.window)
        return out

    return read


def shifted(plan_grid):
    """Return the grid half a pixel down and right, so that reading must interpolate."""
    a, b, c, d, e, f = plan_grid.transform
    return replace(plan_grid, transform=(a, b, c + a / 2, d, e, f + e / 2))


def read_shifted(plan, key="rgb"):
    layer = next(layer for layer in plan.layers if layer.key == key)
    grid = shifted(plan.grid)
    with LayerReader(layer, grid) as reader:
        return reader.read(grid.window)


def test_nodata_in_any_band_is_not_valid(paint, noise, read_all):
    image = noise(3, 40, 50)
    image[1, 5, 7] = 0
    values, valid = read_all({"rgb": paint("a.tif", image, nodata=0)})["rgb"]
    assert not valid[5, 7]
    assert valid.sum() == valid.size - 1
    assert (values[:, 5, 7] == 0).all()


def test_nodata_given_by_the_caller_replaces_the_files(paint, noise, read_all):
    image = noise(3, 40, 50)
    image[:, 5, 7], image[:, 6, 7] = 0, 255
    path = paint("a.tif", image, nodata=0)
    _, valid = read_all({"rgb": Source("rgb", path, nodata=255)})["rgb"]
    assert valid[5, 7]
    assert not valid[6, 7]


def test_nodata_that_the_dtype_cannot_hold_matches_nothing(paint, noise, read_all):
    _, valid = read_all({"rgb": Source("rgb", paint("a.tif", noise(3, 40, 50)), nodata=-9999)})["rgb"]
    assert valid.all()


def test_float_nodata_at_the_end_of_the_range_is_found_in_any_rounding(paint, read_all):
    heights = np.full((40, 40), 5, "float32")
    heights[3, 3] = -3.4028235e38
    _, valid = read_all({"dsm": Source("dsm", paint("a.tif", heights), unit="ndsm", nodata=-3.40282e38)})["dsm"]
    assert not valid[3, 3]
    assert valid.sum() == valid.size - 1


def test_nan_is_not_valid(paint, read_all):
    heights = np.full((40, 40), 5, "float32")
    heights[3, 3], heights[9, 9] = np.nan, np.inf
    values, valid = read_all({"dsm": Source("dsm", paint("a.tif", heights), unit="ndsm")})["dsm"]
    assert not valid[3, 3]
    assert not valid[9, 9]
    assert np.isfinite(values).all()


def test_nan_beside_a_numeric_nodata_does_not_bleed(paint, planned):
    heights = np.full((40, 40), 5, "float32")
    heights[3, 3], heights[20, 20] = np.nan, -9999
    plan = planned({"dsm": Source("dsm", paint("a.tif", heights, nodata=-9999), unit="ndsm")})
    values, valid = read_shifted(plan, "dsm")
    assert np.isfinite(values).all()
    assert set(np.unique(values[0][valid])) == {5.0}
    assert valid[:-1, :-1].all()  # each pixel has three good neighbours; the last row and column hang over the rim


def test_a_valid_zero_beside_nodata_zero_in_another_band_stays_zero(paint, planned):
    image = np.zeros((3, 20, 20), "uint8")
    image[0], image[1] = 9, 8
    image[2, :, 10:] = 7
    plan = planned({"rgb": paint("a.tif", image, nodata=255)})
    values, valid = read_shifted(plan)
    assert valid[:-1, :-1].all()
    assert set(np.unique(values[2][:-1, :9])) == {0}


def test_values_at_the_rim_of_nodata_are_means_of_valid_neighbours_only(paint, planned):
    image = np.full((3, 20, 20), 100, "uint8")
    image[:, :, 10:] = 0
    plan = planned({"rgb": paint("a.tif", image, nodata=0)})
    values, valid = read_shifted(plan)
    assert set(np.unique(values[:, valid])) == {100}
    assert valid[5, 9]
    assert not valid[5, 10]


def test_a_mask_band_counts(paint, noise, read_all, planned):
    mask = np.full((40, 50), 255, "uint8")
    mask[5:9, 6:8] = 0
    path = paint("a.tif", noise(3, 40, 50), mask=mask)
    _, valid = read_all({"rgb": path})["rgb"]
    assert (valid == (mask > 0)).all()
    _, valid = read_shifted(planned({"rgb": path}))
    assert valid[:-1, :-1].sum() == 39 * 49 - 3  # three places have four bad neighbours


def test_a_mask_band_counts_for_floats(paint, read_all):
    mask = np.full((40, 50), 255, "uint8")
    mask[0, 0] = 0
    _, valid = read_all({"dsm": Source("dsm", paint("a.tif", np.ones((40, 50), "float32"), mask=mask), unit="ndsm")})[
        "dsm"
    ]
    assert not valid[0, 0]
    assert valid.sum() == valid.size - 1


def test_masks_of_single_bands_count_for_the_bands_used(paint, noise, read_all, tmp_path):
    image, masks = noise(3, 40, 50), np.full((2, 40, 50), 255, "uint8")
    masks[0, :, :20], masks[1, :10] = 0, 0
    files = {"data": paint("data.tif", image), "masks": paint("masks.tif", masks)}

    def band(file, number, place="", inside=""):
        source = f"<SourceFilename>{files[file]}</SourceFilename><SourceBand>{number}</SourceBand>"
        source = f"<SimpleSource>{source}</SimpleSource>"
        return f"<VRTRasterBand dataType='Byte' {place}>{source}{inside}</VRTRasterBand>"

    bands = [
        band("data", i, f"band='{i}'", f"<MaskBand>{band('masks', i)}</MaskBand>" if i < 3 else "") for i in (1, 2, 3)
    ]
    head = "<VRTDataset rasterXSize='50' rasterYSize='40'><SRS>EPSG:32631</SRS>"
    head += "<GeoTransform>500000,1,0,5000000,0,-1</GeoTransform>"
    path = tmp_path / "masked.vrt"
    path.write_text(f"{head}{''.join(bands)}</VRTDataset>")
    assert (read_all({"rgb": str(path)})["rgb"][1] == (masks > 0).all(0)).all()
    assert (read_all({"nir": Source("nir", str(path), bands=(2,))})["nir"][1] == (masks[1] > 0)).all()
    assert read_all({"nir": Source("nir", str(path), bands=(3,))})["nir"][1].all()


@pytest.mark.parametrize("top", [255, 1])
def test_a_true_alpha_band_is_a_mask(paint, noise, read_all, top):
    image = noise(4, 40, 50)
    image[3] = top
    image[3, 5:9, 6:8] = 0
    _, valid = read_all({"rgb": paint("a.tif", image, colorinterp=RGBA)})["rgb"]
    assert (valid == (image[3] > 0)).all()


def test_an_alpha_band_with_many_values_is_no_mask(paint, noise, read_all):
    image = noise(4, 40, 50, low=0)
    image[3, 0, 0] = 0
    _, valid = read_all({"rgb": paint("a.tif", image, colorinterp=RGBA)})["rgb"]
    assert valid.all()


def test_near_infrared_flagged_alpha_is_data_when_a_slot_names_it(paint, noise, read_all):
    image = noise(4, 40, 50)
    image[3] = np.where(image[3] > 99, 255, 0)  # looks just like a mask
    path = paint("a.tif", image, colorinterp=RGBA)
    out = read_all({"rgb": path, "nir": Source("nir", path, bands=(4,))})
    assert out["rgb"][1].all()
    assert out["nir"][1].all()
    assert (out["nir"][0][0] == image[3]).all()


def test_complex_radar_is_averaged_as_power(paint, make_card, planned):
    phase = np.exp(1j * np.random.default_rng(0).uniform(0, 2 * np.pi, (40, 40)))
    path = paint("a.tif", (0.1 * phase).astype("complex64"))
    plan = planned({"sar": path}, card=make_card(gsd=(4.0, 4.0, 4.0)))
    assert plan.layers[0].source.unit == "complex"
    with LayerReader(plan.layers[0], plan.grid) as reader:
        values, valid = reader.read(plan.grid.window)
    assert valid.all()
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, -20, atol=1e-4)  # averaging the complex numbers would cancel them


def test_complex_whole_numbers_are_power_too(paint, read_all):
    image = np.full((40, 40), 30 + 40j, "complex64")
    image[4, 4] = 0
    path = paint("slc.tif", image, dtype="complex_int16")
    values, valid = read_all({"sar": Source("sar", path, nodata=0)})["sar"]
    assert not valid[4, 4]
    np.testing.assert_allclose(values[0][valid], 20 * np.log10(50), atol=1e-4)


def test_complex_nodata(paint, read_all):
    image = np.full((40, 40), 0.1 + 0.1j, "complex64")
    image[4, 4], image[5, 5] = 0, complex(np.nan, 0)
    _, valid = read_all({"sar": Source("sar", paint("a.tif", image), nodata=0)})["sar"]
    assert not valid[4, 4]
    assert not valid[5, 5]
    assert valid.sum() == valid.size - 2


def test_decibels_are_averaged_as_power(paint, make_card, planned):
    image = np.full((40, 40), -10, "float32")
    image[:, ::2] = -30
    plan = planned({"sar": paint("a.tif", image, descriptions=["VV dB"])}, card=make_card(gsd=(2.0, 2.0, 2.0)))
    with LayerReader(plan.layers[0], plan.grid) as reader:
        values, _ = reader.read(plan.grid.window)
    np.testing.assert_allclose(values, 10 * np.log10((0.1 + 0.001) / 2), atol=1e-4)
