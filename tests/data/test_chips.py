"""Scenes become chips through the same readers as inference; class maps; what is refused."""

import json

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.data import labels
from sgma_qgis.model.data.chips import make_chips, read_manifest
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.chipset import open_chips

SIDE = 64
GSD = (0.5, 1.0, 2.0)


@pytest.fixture
def feedback():
    return JobFeedback("test", lambda event: None)


def write(path, array, nodata=None, pixel=1.0):
    array = np.asarray(array)
    array = array if array.ndim == 3 else array[None]
    profile = {"driver": "GTiff", "crs": "EPSG:32632", "transform": from_origin(500_000, 5_300_000, pixel, pixel)}
    count, height, width = array.shape
    with rasterio.open(
        path, "w", count=count, height=height, width=width, dtype=array.dtype, nodata=nodata, **profile
    ) as file:
        file.write(array)
    return str(path)


def scene(folder, seed, role="train", height=96, width=80):
    """Write a scene of all four sensors (NIR as fourth band of the RGB file, radar in power, heights on a slope)."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    truth = rng.integers(0, 2, (height, width)).astype(np.uint8)
    truth[:, :5] = 255
    four = rng.integers(20, 200, (4, height, width)).astype(np.uint8)
    slope = np.arange(width, dtype=np.float32) * 0.02 + 400
    image = write(folder / "image.tif", four)
    return {
        "rgb": image,
        "rgb_bands": [1, 2, 3],
        "nir": image,
        "nir_bands": [4],
        "dsm": write(folder / "dsm.tif", np.broadcast_to(slope, (height, width)) + 6 * truth.clip(0, 1)),
        "sar": write(folder / "sar.tif", rng.uniform(0.01, 0.2, (2, height, width)).astype(np.float32)),
        "labels": write(folder / "labels.tif", truth),
        "role": role,
    }


def manifest(folder, scenes):
    path = folder / "scenes.json"
    path.write_text(json.dumps(scenes), encoding="utf-8")
    return path


def make(tmp_path, scenes, feedback, class_map=None):
    make_chips(
        manifest(tmp_path, scenes), tmp_path / "chips", gsd=GSD, side=SIDE, class_map=class_map, feedback=feedback
    )
    return open_chips(tmp_path / "chips")


def test_scenes_become_chips(tmp_path, feedback):
    scenes = [scene(tmp_path / "a", 0), scene(tmp_path / "b", 1, "test", 64, 64)]
    del scenes[1]["sar"]
    chips = make(tmp_path, scenes, feedback)
    train, test = chips.roles["train"], chips.roles["test"]
    assert set(chips.roles) == {"train", "test"}
    assert len(train) == 4  # 96 x 80 in squares of 64
    assert len(test) == 1
    assert [row.key for row in chips.modalities] == ["rgb", "nir", "dsm", "sar"]
    assert [row.unit for row in chips.modalities] == ["dn8", "dn8", "ndsm", "db"]
    assert train.values["rgb"].dtype == np.uint8
    with rasterio.open(scenes[0]["rgb"]) as file:
        pixels = file.read()
    assert (train.values["rgb"][0] == pixels[:3, :64, :64]).all()
    assert (train.values["nir"][3, 0, :32, :16] == pixels[3, 64:, 64:]).all()
    assert train.valid[0].all()
    assert not train.valid[3, :, 32:].any()  # beyond the scene's edge
    assert (train.labels[3, 32:] == IGNORE).all()
    assert not test.valid[:, 3].any()
    assert (test.values["sar"] == 0).all()
    assert test.available().tolist() == [[True, True, True, False]]


def test_values_are_in_the_units_the_network_takes(tmp_path, feedback):
    chips = make(tmp_path, [scene(tmp_path / "a", 0)], feedback)
    train = chips.roles["train"]
    heights = train.values["dsm"][0, 0]
    assert -2 < heights.min() < heights.max() < 9  # above ground, not above sea
    assert -21 < train.values["sar"][0].min() < train.values["sar"][0].max() < -6.5  # dB


def test_statistics_are_those_of_the_training_scenes(tmp_path, feedback):
    scenes = [scene(tmp_path / "a", 0), scene(tmp_path / "b", 1, "test")]
    with rasterio.open(scenes[1]["rgb"], "r+") as file:
        file.write(file.read() // 4)
    row = make(tmp_path, scenes, feedback).modalities[0]
    with rasterio.open(scenes[0]["rgb"]) as file:
        red = file.read(1).astype(float)
    low, high = np.percentile(red, (2, 98))
    assert row.low[0] == pytest.approx(low, abs=2)
    assert row.high[0] == pytest.approx(high, abs=2)
    assert row.mean[0] == pytest.approx(red.clip(low, high).mean(), abs=2)
    assert row.std[0] == pytest.approx(red.clip(low, high).std(), rel=0.05)


def test_nodata_is_not_valid_and_has_no_label(tmp_path, feedback):
    entry = scene(tmp_path / "a", 0, height=64, width=64)
    for key in ("dsm", "sar", "nir", "nir_bands", "rgb_bands"):
        del entry[key]
    pixels = np.full((3, 64, 64), 90, np.uint8)
    pixels[:, :20] = 0
    pixels[0, 0, 0] = 91
    entry["rgb"] = write(tmp_path / "a" / "rgb.tif", pixels, nodata=0)
    train = make(tmp_path, [entry], feedback).roles["train"]
    assert not train.valid[0, 0, 1:20].any()
    assert train.valid[0, 0, 20:].all()
    assert (train.labels[0, 1:20] == IGNORE).all()


def image_only(folder, seed, factor=1, dtype=np.uint8, pixel=1.0, **entry):
    """Write a scene of an RGB image (values 20..199 times a factor) and labels, and return its manifest entry."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    pixels = (rng.integers(20, 200, (3, 64, 64)) * factor).astype(dtype)
    return {
        "rgb": write(folder / "rgb.tif", pixels, pixel=pixel),
        "labels": write(folder / "labels.tif", rng.integers(0, 2, (64, 64)).astype(np.uint8), pixel=pixel),
        "role": "train",
        **entry,
    }


def test_scenes_whose_units_do_not_convert_are_refused(tmp_path, feedback):
    scenes = [image_only(tmp_path / "a", 0), image_only(tmp_path / "b", 1, 50, np.uint16)]
    with pytest.raises(BadInput, match=r"scene 1: RGB layer .*b.rgb\.tif holds 16-bit numbers.* 8-bit numbers"):
        make(tmp_path, scenes, feedback)


def test_units_that_convert_or_are_stated_go_together(tmp_path, feedback):
    scenes = [
        image_only(tmp_path / "a", 0, 1 / 250, np.float32),
        image_only(tmp_path / "b", 0, 40, np.uint16, rgb_unit="reflectance10000"),
    ]
    one, other = make(tmp_path, scenes, feedback).roles["train"].values["rgb"]
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_radar_that_is_not_calibrated_is_refused(tmp_path, feedback):
    entry = scene(tmp_path / "a", 0)
    rng = np.random.default_rng(0)
    write(tmp_path / "a" / "sar.tif", rng.integers(100, 3000, (2, 96, 80)).astype(np.uint16))
    with pytest.raises(BadInput, match="scene 0: SAR layer .* no calibrated backscatter"):
        make(tmp_path, [entry], feedback)


def test_scenes_that_are_too_coarse_are_told(tmp_path, feedback):
    make(tmp_path, [image_only(tmp_path / "a", 0), image_only(tmp_path / "b", 0, pixel=3.0)], feedback)
    assert any("1 of 2 scenes have pixels larger than the 2 m" in text for text in feedback.warnings)


@pytest.mark.parametrize("pixel", [0.5, 2.0])
def test_chips_have_the_typical_resolution(tmp_path, feedback, pixel):
    chips = make(tmp_path, [image_only(tmp_path / "a", 0, pixel=pixel)], feedback)
    train = chips.roles["train"]
    assert train.valid.sum() == (64 * pixel / GSD[1]) ** 2
    if pixel == 0.5:
        with rasterio.open(tmp_path / "a" / "rgb.tif") as file:
            means = file.read().reshape(3, 32, 2, 32, 2).mean((2, 4))
        np.testing.assert_allclose(train.values["rgb"][0, :, :32, :32], means, atol=0.51)


def test_labels_may_be_polygons(tmp_path, feedback):
    entry = image_only(tmp_path / "a", 0)
    shapes = [shapely.box(500000, 5300000 - 64, 500032, 5300000), shapely.box(500040, 5300000 - 64, 500064, 5300000)]
    entry["labels"] = str(tmp_path / "labels.gpkg")
    wkb, values = np.array(shapely.to_wkb(shapes), object), np.array(["lawn", "street"], object)
    pyogrio.raw.write(entry["labels"], wkb, [values], ["kind"], geometry_type="Polygon", crs="EPSG:32632")
    chips = make(tmp_path, [entry], feedback)
    assert [info.name for info in chips.classes] == ["lawn", "street"]
    assert (chips.roles["train"].labels[0][0, [0, 31, 32, 40]] == [0, 0, IGNORE, 1]).all()


def test_class_map_of_a_file(tmp_path, feedback):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"0": "new:Bare", "1": "new:Tree", "255": "ignore"}), encoding="utf-8")
    chips = make(tmp_path, [scene(tmp_path / "a", 0)], feedback, labels.read(str(path)))
    assert [(info.id, info.name) for info in chips.classes] == [(0, "Bare"), (1, "Tree")]
    assert chips.summary["train"]["pixels"].keys() == {"Bare", "Tree"}
    assert (chips.roles["train"].labels[0, :, :5] == IGNORE).all()


def test_beyond_the_edge_is_no_label_value(tmp_path, feedback):
    entry = scene(tmp_path / "a", 0, height=40, width=40)
    write(tmp_path / "a" / "labels.tif", np.arange(1600, dtype=np.uint8).reshape(40, 40) % 2)
    found = make(tmp_path, [entry], feedback, labels.of_values([0, 1])).roles["train"].labels[0]
    assert (found[:40, :40] != IGNORE).all()
    assert (found[40:] == IGNORE).all()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"role": "tests"}, "role"),
        ({"labels": None}, "labels"),
        ({"lidar": "x.tif"}, "lidar"),
        ({"rgb_bands": "1,2,3"}, "rgb_bands"),
        ({"rgb_unit": "dB"}, "rgb_unit"),
        ({"rgb_unit": ["dn8"]}, "rgb_unit"),
        ({"role": "test"}, "no scene of role 'train'"),
    ],
)
def test_manifests_that_are_refused(tmp_path, change, match):
    entry = {"rgb": "a.tif", "labels": "l.tif", "role": "train", **change}
    with pytest.raises(BadInput, match=match):
        read_manifest(manifest(tmp_path, [entry]))


def test_relative_files_are_relative_to_the_manifest(tmp_path):
    path = manifest(tmp_path, [{"rgb": "a.tif", "labels": "l.tif", "role": "train"}])
    (found,) = read_manifest(path)
    assert found.sources[0].path == str(tmp_path / "a.tif")


def test_a_cache_that_is_damaged_is_refused(tmp_path, feedback):
    make(tmp_path, [scene(tmp_path / "a", 0)], feedback)
    (tmp_path / "chips" / "train.nir.npy").unlink()
    with pytest.raises(BadInput, match="not a complete chip cache"):
        open_chips(tmp_path / "chips")
