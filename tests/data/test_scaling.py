"""Units: guessed, stated, converted."""

import numpy as np
import pytest

from sgma_qgis.model.contract.job import Options, Source
from sgma_qgis.model.data.layer import inspect
from sgma_qgis.model.data.raster import LayerReader
from sgma_qgis.model.data.scaling import contradiction, guess_unit, scaling


def spread(low, high, dtype="float32"):
    return np.linspace(low, high, 1000).astype(dtype)[None]


@pytest.mark.parametrize(
    ("key", "dtype", "words", "path", "values", "want"),
    [
        ("rgb", "uint8", "", "a.tif", spread(0, 255, "uint8"), "dn8"),
        ("rgb", "uint16", "", "a.tif", spread(0, 60000, "uint16"), "dn16"),
        ("rgb", "uint16", "", "a.tif", spread(0, 250, "uint16"), "dn8"),
        ("rgb", "uint16", "B04 red B03 green", "a.tif", spread(0, 6000, "uint16"), "reflectance10000"),
        ("rgb", "int16", "", "a.tif", spread(0, 6000, "int16"), "reflectance10000"),
        ("rgb", "float32", "", "a.tif", spread(0, 0.7), "reflectance"),
        ("rgb", "float32", "", "a.tif", spread(0, 250), "dn8"),
        ("nir", "float32", "", "a.tif", spread(0, 40000), "dn16"),
        ("dsm", "float32", "", "a.tif", spread(0, 25), "ndsm"),
        ("dsm", "float32", "", "a.tif", spread(130, 190), "dsm"),
        ("dsm", "float32", "", "a.tif", spread(0, 400), "dsm"),
        ("dsm", "float32", "elevation m", "a.tif", spread(0, 25), "dsm"),
        ("dsm", "float32", "", "town_dsm.tif", spread(0, 25), "dsm"),
        ("dsm", "float32", "", "town_ndsm.tif", spread(130, 190), "ndsm"),
        ("dsm", "float32", "", "plot_chm.tif", spread(3, 25), "ndsm"),
        ("dsm", "float32", "elevation ft", "a.tif", spread(0, 25), "dsm_ft"),
        ("sar", "complex64", "", "a.tif", spread(0, 1, "complex64"), "complex"),
        ("sar", "float32", "VV dB", "a.tif", spread(0, 1), "db"),
        ("sar", "float32", "", "a.tif", spread(-25, 2), "db"),
        ("sar", "float32", "", "a.tif", spread(0, 0.8), "power"),
        ("sar", "float32", "VV amplitude", "a.tif", spread(0, 0.8), "amplitude"),
        ("sar", "uint16", "", "a.tif", spread(0, 800, "uint16"), "amplitude"),
    ],
)
def test_guesses(key, dtype, words, path, values, want):
    assert guess_unit(key, dtype, words, path, values) == want


@pytest.mark.parametrize(
    ("key", "unit", "card_unit", "gain"),
    [
        ("rgb", "dn8", "dn8", 1.0),
        ("rgb", "reflectance10000", "reflectance", 1e-4),
        ("nir", "reflectance", "reflectance10000", 1e4),
        ("dsm", "ndsm_ft", "ndsm", 1.0),  # a reader hands on metres
        ("dsm", "dsm", "ndsm_ft", 1 / 0.3048),
    ],
)
def test_convertible_units_are_converted(make_stats, key, unit, card_unit, gain):
    stats = make_stats(key, unit=card_unit)
    result = scaling(Source(key, "a.tif", unit=unit), stats, np.repeat(spread(0, 1), len(stats.bands), 0))
    np.testing.assert_allclose(result.gain, gain)
    assert set(result.offset) == {0.0}
    assert not result.warning


def test_other_units_go_by_percentiles(make_stats):
    stats = make_stats("nir", unit="dn8", low=10.0, high=210.0)
    result = scaling(Source("nir", "a.tif", unit="dn16"), stats, spread(1000, 2000))
    low, high = np.percentile(spread(1000, 2000), (2, 98))
    assert result.gain[0] * low + result.offset[0] == pytest.approx(10)
    assert result.gain[0] * high + result.offset[0] == pytest.approx(210)
    assert "NIR" in result.warning
    assert "percentile" in result.warning


def test_a_flat_layer_lands_in_the_middle(make_stats):
    result = scaling(Source("nir", "a.tif", unit="dn16"), make_stats("nir"), np.full((1, 50), 777.0))
    assert result.gain[0] * 777 + result.offset[0] == pytest.approx(127.5)


@pytest.mark.parametrize(("unit", "value"), [("db", -12.0), ("power", 0.06), ("amplitude", 0.25)])
def test_calibrated_radar_is_left_alone(make_stats, unit, value):
    result = scaling(Source("sar", "a.tif", unit=unit), make_stats("sar", ["VV"]), np.full((1, 50), value, "float32"))
    assert (result.gain, result.offset, result.warning) == ((1.0,), (0.0,), "")


def test_radar_in_digital_numbers_goes_by_percentiles(make_stats):
    result = scaling(Source("sar", "a.tif", unit="amplitude"), make_stats("sar", ["VV"]), spread(100, 900))
    low, high = np.percentile(20 * np.log10(spread(100, 900)), (2, 98))
    assert result.gain[0] * low + result.offset[0] == pytest.approx(-25, abs=0.01)
    assert result.gain[0] * high + result.offset[0] == pytest.approx(0, abs=0.01)
    assert "calibrated" in result.warning


def test_the_guess_is_stated_and_a_given_unit_is_not(paint, noise, make_stats):
    path = paint("a.tif", noise(3, 30, 30))
    layer = inspect(Source("rgb", path), make_stats("rgb"))
    assert layer.source.unit == "dn8"
    assert any("unit guessed: dn8" in note for note in layer.notes)
    assert not inspect(Source("rgb", path, unit="dn16"), make_stats("rgb", unit="dn16")).notes


def test_percentiles_are_those_of_valid_pixels_of_the_whole_layer(paint, make_stats):
    image = np.tile(np.linspace(1000, 3000, 1800).astype("uint16"), (1700, 1))
    image[:, 1500:] = 0
    layer = inspect(Source("nir", paint("a.tif", image, nodata=0), unit="dn16"), make_stats("nir"))
    low, high = np.percentile(image[image > 0], (2, 98))
    assert layer.gain[0] * low + layer.offset[0] == pytest.approx(0, abs=3)
    assert layer.gain[0] * high + layer.offset[0] == pytest.approx(255, abs=3)


# --- scale and offset of the file itself -------------------------------------------------------------------------


def read(plan):
    with LayerReader(plan.layers[0], plan.grid) as reader:
        return reader.read(plan.grid.window)


@pytest.mark.parametrize("pixel", [1.0, 0.45])
def test_heights_stored_in_centimetres(paint, planned, pixel):
    stored = np.full((60, 60), 1250, "int16")
    stored[3, 4] = 0
    path = paint("a.tif", stored, pixel=pixel, nodata=0, scale=0.01, offset=2.0)
    plan = planned({"dsm": Source("dsm", path, unit="ndsm")}, options=Options(resolution=1.0))
    values, valid = read(plan)
    np.testing.assert_allclose(values[0][valid], 14.5, rtol=1e-6)
    assert (values[0][~valid] == 0).all()
    assert valid[3, 4] == (pixel != 1.0)
    assert any("scale and offset" in note and "0.01 and 2" in note for note in plan.notes)


def test_heights_are_guessed_after_scaling(paint, planned):
    stored = np.tile(np.linspace(0, 2500, 60).astype("int16"), (60, 1))
    assert planned({"dsm": paint("a.tif", stored, scale=0.01)}).layers[0].source.unit == "ndsm"
    assert planned({"dsm": paint("b.tif", stored)}).layers[0].source.unit == "dsm"


@pytest.mark.parametrize("pixel", [1.0, 0.45])
def test_decibels_stored_in_hundredths(paint, planned, pixel):
    path = paint("a.tif", np.full((60, 60), 2000, "uint16"), pixel=pixel, scale=0.01, offset=-32.0)
    plan = planned({"sar": path}, options=Options(resolution=1.0))
    assert plan.layers[0].source.unit == "db"
    np.testing.assert_allclose(read(plan)[0], -12, atol=1e-4)
    assert (plan.layers[0].gain, plan.layers[0].offset) == ((1.0,), (0.0,))


def test_complex_radar_is_scaled_before_its_power(paint, planned):
    path = paint("a.tif", np.full((60, 60), 30 + 40j, "complex64"), dtype="complex_int16", scale=0.01)
    np.testing.assert_allclose(read(planned({"sar": path}))[0], 20 * np.log10(0.5), atol=1e-4)


def test_pictures_come_as_stored_with_the_scale_in_the_gain(paint, noise, make_stats):
    stored = noise(3, 60, 60, dtype="uint16", low=1000, high=6000)
    path = paint("a.tif", stored, scale=1e-4, offset=-0.1)
    layer = inspect(Source("rgb", path), make_stats("rgb", unit="reflectance10000"))
    assert layer.source.unit == "reflectance"
    assert layer.read_dtype == "uint16"
    np.testing.assert_allclose(layer.gain, 1.0)
    np.testing.assert_allclose(layer.offset, -1000.0)


def test_percentiles_are_the_same_with_and_without_a_scale(paint, noise, make_stats):
    stored = noise(60, 60, dtype="uint16", low=1000, high=6000)
    plain = inspect(Source("nir", paint("a.tif", stored), unit="dn16"), make_stats("nir"))
    scaled = inspect(Source("nir", paint("b.tif", stored, scale=0.5, offset=7.0), unit="dn16"), make_stats("nir"))
    np.testing.assert_allclose(scaled.gain, plain.gain, rtol=1e-5)
    np.testing.assert_allclose(scaled.offset, plain.offset, rtol=1e-5)


def test_a_scale_of_nothing_is_none(paint, noise, make_stats):
    layer = inspect(Source("rgb", paint("a.tif", noise(3, 60, 60), scale=0.0), unit="dn8"), make_stats("rgb"))
    assert (layer.scales, layer.gain, layer.notes) == ((), (1.0,) * 3, ())


# --- values that do not look like their unit ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "unit", "values", "want"),
    [
        ("rgb", "dn8", spread(0, 255), ""),
        ("rgb", "dn8", np.append(spread(0, 255), [[9000.0]], 1), ""),  # a few hot pixels
        ("rgb", "dn8", spread(0, 4000), "values up to 4000 are not 8-bit numbers: check --units"),
        ("rgb", "dn16", spread(0, 4000), ""),
        ("dsm", "ndsm", spread(4, 30), ""),
        ("dsm", "ndsm", spread(20, 65), "(2nd percentile 20.9 m): is this a surface model? --units dsm=dsm"),
        ("dsm", "ndsm_ft", spread(14, 60), ""),
        ("dsm", "ndsm_ft", spread(100, 200), "(2nd percentile 31.1 m): is this a surface model? --units dsm=dsm_ft"),
        ("dsm", "dsm", spread(100, 200), ""),
        ("rgb", "reflectance", spread(0, 255), "the 98th percentile is 249.9: check --units"),
        ("rgb", "reflectance", spread(0, 1.8), ""),
        ("nir", "reflectance10000", spread(0, 12000), ""),
        ("nir", "reflectance10000", spread(0, 60000), "the 98th percentile is 58800: check --units"),
        ("sar", "db", spread(100, 200), ""),
        ("dsm", "ndsm", spread(20, 65)[:, :0], ""),
    ],
)
def test_units_that_contradict_the_values(key, unit, values, want):
    text = contradiction(Source(key, "a.tif", unit=unit), values)
    assert bool(text) == bool(want)
    assert text.endswith(want)


def test_a_contradiction_reaches_the_plan(planned, paint, noise):
    rgb = paint("a.tif", noise(3, 60, 60, dtype="uint16", high=4000))
    dsm = paint("b.tif", noise(60, 60, dtype="float32", low=100, high=140))
    plan = planned({"rgb": Source("rgb", rgb, unit="dn8"), "dsm": Source("dsm", dsm, unit="ndsm")})
    assert len(plan.warnings) == 2
    assert "8-bit" in plan.warnings[0]
    assert "surface model" in plan.warnings[1]
    assert not planned({"rgb": rgb, "dsm": dsm}).layers[1].warnings
