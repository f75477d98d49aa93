"""What layers likely are: generated files of the usual kinds, and real ones where they are at hand."""

import json
import shutil
from pathlib import Path

import pytest
from osgeo import gdal
from plugin_support import make_raster
from qgis.core import QgsRasterLayer

from sgma_qgis import guess as guessing
from sgma_qgis.guess import guess, is_result
from sgma_qgis.styling import ROLE_PROPERTY

pytestmark = pytest.mark.usefixtures("qgis_app")


def layer(path, name=""):
    return QgsRasterLayer(str(path), name or Path(path).stem)


def raster(path, bands, kind="Byte", value=50, names=(), colours=(), step=0):
    make_raster(path, bands, kind, value=value)
    data = gdal.Open(str(path), gdal.GA_Update)
    for band, name in enumerate(names, 1):
        data.GetRasterBand(band).SetDescription(name)
    for band, colour in enumerate(colours, 1):
        data.GetRasterBand(band).SetColorInterpretation(colour)
    if step:
        import struct

        row = [value + step * i for i in range(60)]
        for band in range(1, bands + 1):
            data.GetRasterBand(band).WriteRaster(
                0, 0, 60, 40, struct.pack("f" * 2400, *(row * 40)), buf_type=gdal.GDT_Float32
            )
    data = None
    return layer(path)


def test_one_file_with_four_bands_fills_two_slots(tmp_path):
    picked = guess([raster(tmp_path / "rgbn.tif", 4, names=("blue", "green", "red", "nir"))])
    assert {key: pick.bands for key, pick in picked.items()} == {"rgb": (3, 2, 1), "nir": (4,)}
    assert (picked["rgb"].unit, picked["nir"].unit) == ("dn8", "dn8")
    assert picked["nir"].why == "Band 4 is described as near infrared. Unit: 8-bit numbers."


@pytest.mark.parametrize(("ramp", "wanted"), [(True, {"rgb", "nir"}), (False, {"rgb"})])
def test_a_fourth_band_flagged_alpha_is_infrared_unless_it_is_a_mask(tmp_path, ramp, wanted):
    colours = (gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand, gdal.GCI_AlphaBand)
    assert set(guess([raster(tmp_path / "image.tif", 4, colours=colours, step=2 if ramp else 0)])) == wanted


def test_infrared_red_green_is_no_rgb(tmp_path):
    picked = guess([raster(tmp_path / "ortho_irc.tif", 3)])
    assert {key: pick.bands for key, pick in picked.items()} == {"nir": (1,)}


def test_heights_and_their_kind(tmp_path):
    dsm = raster(tmp_path / "mns.tif", 1, "Float32", value=140, step=0.5)
    ndsm = raster(tmp_path / "heights_ndsm.tif", 1, "Float32", value=0, step=0.2)
    feet = raster(tmp_path / "a.tif", 1, "Float32", value=500, step=1, names=("dsm feet",))
    bare = raster(tmp_path / "b.tif", 1, "Float32", value=140, step=0.5)
    for one, unit in ((dsm, "dsm"), (ndsm, "ndsm"), (feet, "dsm_ft"), (bare, "dsm")):
        picked = guess([one])
        assert {key: (pick.bands, pick.unit) for key, pick in picked.items()} == {"dsm": ((1,), unit)}
    assert guess([bare, dsm, ndsm])["dsm"].layer is ndsm


@pytest.mark.parametrize(
    ("kind", "value", "step", "unit"),
    [("Float32", -20, 0.1, "db"), ("Float32", 0.01, 0.001, "power"), ("UInt16", 200, 1, "amplitude")],
)
def test_radar_and_its_scale(tmp_path, kind, value, step, unit):
    picked = guess([raster(tmp_path / "sentinel1.tif", 2, kind, value=value, step=step)])
    assert {key: (pick.bands, pick.unit) for key, pick in picked.items()} == {"sar": ((1, 2), unit)}


def test_polarisations_are_found_by_name(tmp_path):
    quad = raster(tmp_path / "quad.tif", 4, "Float32", value=-12, names=("HH", "HV", "VH", "VV"))
    assert guess([quad])["sar"].bands == (4, 3)


def test_labels_masks_and_basemaps_are_no_sensor(tmp_path):
    labels = raster(tmp_path / "x.tif", 1, colours=(gdal.GCI_PaletteIndex,))
    mask = raster(tmp_path / "mask.tif", 3)
    xyz = QgsRasterLayer("type=xyz&url=http://127.0.0.1:9/{z}/{x}/{y}.png&zmax=3", "Basemap", "wms")
    assert guess([labels, mask, xyz]) == {}


def test_only_sensors_that_the_model_knows(tmp_path):
    assert set(guess([raster(tmp_path / "rgbn.tif", 4)], ("rgb",))) == {"rgb"}


def test_nothing_is_written_beside_an_input(tmp_path):
    heights = raster(tmp_path / "b.tif", 1, "Float32", value=140, step=0.5)
    del heights  # QGIS itself may have kept statistics for the layer's first style
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert guess([layer(tmp_path / "b.tif")])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_layer_is_looked_at_once_until_it_changes(tmp_path, monkeypatch):
    first, second = raster(tmp_path / "a.tif", 1, "Float32", value=140), raster(tmp_path / "b.tif", 3)
    looked = []
    read, is_there = guessing._Seen.values, guessing._is_named_by_a_run
    monkeypatch.setattr(guessing._Seen, "values", lambda seen, band: (looked.append(seen.path), read(seen, band))[1])
    monkeypatch.setattr(guessing, "_is_named_by_a_run", lambda one: (looked.append(one.name()), is_there(one))[1])

    def look(*layers):
        looked.clear()
        assert not any(is_result(one) for one in layers)
        return {key: pick.layer.name() for key, pick in guess(layers).items()}

    assert look(first) == {"dsm": "a"} and {"a", str(tmp_path / "a.tif")} == set(looked)
    assert look(first) == {"dsm": "a"} and looked == []
    assert look(first, second) == {"rgb": "b", "dsm": "a"} and set(looked) == {"b"}
    second.setName("infrared labels")
    assert look(first, second) == {"dsm": "a"} and looked == ["infrared labels"]
    first.setDataSource(str(tmp_path / "b.tif"), "a", "gdal")
    assert look(first) == {"rgb": "a"} and looked == ["a"]


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        (
            "ign_rgbn_lidar/urban_77055_627760",
            {"rgb": ("rgb", (1, 2, 3), "dn8"), "nir": ("nir", (1,), "dn8"), "dsm": ("ndsm", (1,), "ndsm")},
        ),
        (
            "terramesh_4modal/282D_485L_3_3",
            {
                "rgb": ("S2L2A", (4, 3, 2), "reflectance10000"),
                "nir": ("S2L2A", (8,), "reflectance10000"),
                "dsm": ("DEM", (1,), "dsm"),
                "sar": ("S1RTC", (1, 2), "db"),
            },
        ),
    ],
)
def test_real_layers(shared_data, tmp_path, folder, wanted):
    for file in sorted((shared_data / folder).glob("*.tif")):  # QGIS may write beside what it opens
        shutil.copy(file, tmp_path)
    layers = [layer(path) for path in sorted(tmp_path.glob("*.tif"))]
    picked = guess(layers)
    assert {key: (pick.layer.name(), pick.bands, pick.unit) for key, pick in picked.items()} == wanted


def test_results_are_known_by_our_mark_or_by_the_run_json_beside(tmp_path):
    for name in ("map", "map_trust", "map_other", "rgb"):
        raster(tmp_path / f"{name}.tif", 1)
    files = {"classes": "/earlier/place/map.tif", "trust": "/earlier/place/map_trust.tif"}
    (tmp_path / "map.run.json").write_text(json.dumps({"result": {"outputs": files}}))
    (tmp_path / "rgb.run.json").write_text("{}")
    found = {name: is_result(layer(tmp_path / f"{name}.tif")) for name in ("map", "map_trust", "map_other", "rgb")}
    assert found == {"map": True, "map_trust": True, "map_other": False, "rgb": False}
    shown = layer(tmp_path / "rgb.tif")
    shown.setCustomProperty(ROLE_PROPERTY, "difference")
    assert is_result(shown)
    assert not is_result(layer("/vsizip/nowhere.zip/map.tif")) and not is_result(QgsRasterLayer("", "none"))
