"""The generated town: repeatable, well formed, and physically plausible in every sensor."""

from __future__ import annotations

import numpy as np
import pytest

from sgma_qgis.model.contract.modality import BY_KEY
from sgma_qgis.model.data import town
from sgma_qgis.model.data.town_sensors import BUILDING, LOW, STREET, TREE, WATER

SEEDS = range(6)


@pytest.fixture(scope="module")
def scenes():
    return [town.make_scene(seed, 320, 300) for seed in SEEDS]


def near(mask, reach):
    """Return the (h, w) mask grown by `reach` pixels in each of the four directions."""
    out = mask.copy()
    for _ in range(reach):
        grown = out.copy()
        grown[1:] |= out[:-1]
        grown[:-1] |= out[1:]
        grown[:, 1:] |= out[:, :-1]
        grown[:, :-1] |= out[:, 1:]
        out = grown
    return out


def test_same_seed_same_bytes():
    a, b = town.make_scene(3, 140, 150), town.make_scene(3, 140, 150)
    for key in ("rgb", "nir", "dsm", "sar", "truth"):
        assert getattr(a, key).tobytes() == getattr(b, key).tobytes()


def test_seeds_differ(scenes):
    for a, b in zip(scenes[:-1], scenes[1:]):
        assert np.abs(a.rgb.astype(float) - b.rgb).mean() > 10
        assert (a.truth != b.truth).mean() > 0.2


@pytest.mark.parametrize(
    ("height", "width", "gsd"), [(97, 131, 0.5), (1, 40, 0.5), (40, 1, 0.5), (1, 1, 0.5), (64, 80, 2)]
)
@pytest.mark.parametrize("seed", [0, 7])
def test_any_size(seed, height, width, gsd):
    scene = town.make_scene(seed, height, width, gsd)
    for key, bands, kind in (
        ("rgb", 3, np.uint8),
        ("nir", 1, np.uint8),
        ("dsm", 1, np.float32),
        ("sar", 2, np.float32),
    ):
        raster = getattr(scene, key)
        assert raster.shape == (bands, height, width)
        assert raster.dtype == kind
        assert np.isfinite(raster).all()
    assert scene.truth.shape == (height, width)
    assert scene.truth.dtype == np.uint8
    assert scene.truth.max() < len(town.CLASSES)
    assert scene.gsd == gsd


@pytest.mark.parametrize(
    "arguments", [(-1, 8, 8, 0.5), (0, 0, 8, 0.5), (0, 8, 0, 0.5), (0, 8, 8, 0.0), (0, 8, 8, np.nan)]
)
def test_impossible_scene_is_refused(arguments):
    with pytest.raises(ValueError, match="no scene"):
        town.make_scene(*arguments)


def test_ranges(scenes):
    for scene in scenes:
        assert scene.rgb.std() > 15
        assert 60 < scene.dsm.min() < scene.dsm.max() < 1000
        assert np.ptp(scene.dsm) < 80
        assert scene.sar.min() >= -50
        assert scene.sar.max() < 25


def test_sensor_table_fits_the_contract():
    assert tuple(town.SENSORS) == tuple(BY_KEY)
    for key, (unit, bands) in town.SENSORS.items():
        assert unit in BY_KEY[key].units
        assert bands == BY_KEY[key].bands


def test_classes_are_numbered_and_none_dominates(scenes):
    assert [c.id for c in town.CLASSES] == list(range(len(town.CLASSES)))
    shares = np.mean([np.bincount(s.truth.ravel(), minlength=len(town.CLASSES)) / s.truth.size for s in scenes], 0)
    assert shares.min() > 0.01
    assert shares.max() < 0.55


def test_nir_separates_plants_from_streets(scenes):
    for scene in scenes:
        plants = np.isin(scene.truth, (TREE, LOW))
        assert scene.nir[0][plants].mean() > scene.nir[0][scene.truth == STREET].mean() + 15


def test_buildings_stand_above_their_surroundings(scenes):
    for scene in scenes:
        building = scene.truth == BUILDING
        ring = near(building, 8) & ~near(building, 3) & np.isin(scene.truth, (STREET, LOW))
        assert np.median(scene.dsm[0][building]) - np.median(scene.dsm[0][ring]) > 2


def test_water_is_dark_and_flat(scenes):
    wet = [s for s in scenes if (s.truth == WATER).sum() > 400]
    assert len(wet) >= 3
    for scene in wet:
        water = ~near(scene.truth != WATER, 3)
        land = np.isin(scene.truth, (LOW, TREE, BUILDING))
        assert scene.nir[0][water].mean() < scene.nir[0][land].mean() - 25
        assert scene.sar[0][water].mean() < scene.sar[0][land].mean() - 6


def test_trees_return_more_cross_polarised_than_streets(scenes):
    for scene in scenes:
        assert scene.sar[1][scene.truth == TREE].mean() > scene.sar[1][scene.truth == STREET].mean() + 3


def test_shadows_darken_the_ground_on_one_side(scenes):
    """Streets and grass close to something tall are darker than in the open, most of the time."""
    darker = 0
    for scene in scenes:
        tall = np.isin(scene.truth, (BUILDING, TREE))
        grass = scene.truth == LOW
        close, far = grass & near(tall, 6), grass & ~near(tall, 16)
        darker += np.percentile(scene.rgb[1][close], 10) < np.percentile(scene.rgb[1][far], 10)
    assert darker >= len(scenes) - 2
