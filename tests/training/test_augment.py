"""Property 42: every sensor, its validity and the labels move together."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.training import augment
from sgma_qgis.model.training.batches import epoch, epoch_steps
from sgma_qgis.model.training.dataset import Crops
from tests.training.scenes import make_set

SIDE, CROP = 48, 32


def index_image():
    return np.arange(SIDE * SIDE, dtype=np.float32).reshape(1, SIDE, SIDE)


@pytest.mark.parametrize("seed", range(20))
def test_one_geometry_for_values_validity_and_labels(seed):
    rng = np.random.default_rng(seed)
    geometry = augment.draw(rng, SIDE, CROP, (1.0, 1.0))
    index = index_image()
    odd = (index[0] % 3 != 0).astype(bool)
    image, there = augment.image(geometry, index + 1, odd, CROP)
    labels = augment.labels(geometry, (index[0] % 251).astype(np.uint8), CROP)
    places = geometry.cut(index)[0]
    assert image.shape == (1, CROP, CROP)
    np.testing.assert_array_equal(there, places % 3 != 0)
    np.testing.assert_array_equal(image[0], np.where(there, places + 1, 0.0))
    np.testing.assert_array_equal(labels, (places % 251).astype(np.uint8))


def test_all_eight_orientations_occur():
    rng = np.random.default_rng(0)
    assert len({(g.flip, g.turns) for g in (augment.draw(rng, SIDE, CROP, (1.0, 1.0)) for _ in range(200))}) == 8


@pytest.mark.parametrize("side", [16, 24, 48])
def test_resized_crops_stay_registered(side):
    """An edge in the picture and in the labels is still at one place after resizing."""
    geometry = augment.Geometry(0, 0, side, True, 1)
    truth = np.zeros((SIDE, SIDE), np.uint8)
    truth[: side // 2] = 1
    valid = np.ones((SIDE, SIDE), bool)
    valid[:, : side // 2] = False
    image, there = augment.image(geometry, truth[None] * np.float32(10), valid, CROP)
    labels = augment.labels(geometry, truth, CROP)
    assert image.shape == (1, CROP, CROP)
    assert labels.shape == there.shape == (CROP, CROP)
    assert there.mean() == pytest.approx(0.5, abs=0.05)
    assert ((image[0] > 5) == (labels == 1))[there].mean() > 0.95
    assert (image[0][~there] == 0).all()


def test_invalid_values_do_not_bleed_into_resized_ones():
    values, valid = np.full((1, SIDE, SIDE), 7, np.float32), np.ones((SIDE, SIDE), bool)
    valid[::3] = False
    values[:, ~valid] = 0  # as in the cache
    image, there = augment.image(augment.Geometry(0, 0, 24, False, 0), values, valid, CROP)
    np.testing.assert_allclose(image[0][there], 7, rtol=1e-6)


@pytest.mark.parametrize("side", [16, 31, 32, 33, 48])
def test_resizing_is_the_antialiased_bilinear_one_and_labels_are_the_nearest(side):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, side, side)).astype(np.float32)
    classes = rng.integers(0, 200, (side, side)).astype(np.uint8)
    geometry = augment.Geometry(0, 0, side, False, 0)
    image, there = augment.image(geometry, values, np.ones((side, side), bool), CROP)
    wanted = F.interpolate(torch.from_numpy(values)[None], (CROP, CROP), mode="bilinear", antialias=True)[0]
    assert there.all() and image.dtype == np.float32
    np.testing.assert_allclose(image, wanted, atol=1e-5)
    nearest = F.interpolate(torch.from_numpy(classes)[None, None], (CROP, CROP), mode="nearest-exact")[0, 0]
    np.testing.assert_array_equal(augment.labels(geometry, classes, CROP), nearest)


def test_scales_stay_in_range_and_inside_the_chip():
    rng = np.random.default_rng(0)
    sides = {augment.draw(rng, SIDE, CROP, (0.5, 4.0)).side for _ in range(300)}
    assert min(sides) >= CROP // 2
    assert max(sides) == SIDE


def test_jitter_is_an_affine_map_of_scaled_values():
    (row, *_) = make_set(counts=(1, 0, 0)).modalities
    gain, offset = augment.jitter(np.random.default_rng(0), row)
    assert gain.shape == offset.shape == (3,)
    mean, std = np.array(row.mean), np.array(row.std)
    x = np.array([0.3, 2.0, 1.0])
    scaled = (gain * x + offset - mean) / std
    shift = (offset - mean * (1 - gain)) / std
    np.testing.assert_allclose(scaled, (x - mean) / std * gain + shift)


def test_batches_repeat_and_cover_every_chip_once():
    chips = make_set(counts=(10, 0, 0))
    crops = Crops(16, 4, (0.5, 2.0), 5)
    first, second = (list(epoch(chips.roles["train"], chips.modalities, crops, 3)) for _ in range(2))
    other = next(iter(epoch(chips.roles["train"], chips.modalities, crops, 4)))
    assert len(first) == epoch_steps(10, 4) == 3
    assert sum(len(batch.labels) for batch in first) == 10
    for a, b in zip(first, second, strict=True):
        assert all(torch.equal(a.values[key], b.values[key]) for key in a.values)
        assert torch.equal(a.labels, b.labels)
    assert not torch.equal(first[0].values["nir"], other.values["nir"])


def test_pixels_no_sensor_covers_have_no_label():
    chips = make_set(counts=(4, 0, 0)).roles["train"]
    chips.valid[:, :, :16] = False
    batch = next(iter(epoch(chips, make_set(counts=(1, 0, 0)).modalities, Crops(32, 4, (1.0, 1.0), 0), 0)))
    covered = batch.valid.any(1)
    assert (batch.labels[~covered] == IGNORE).all()
    assert (batch.labels[covered] != IGNORE).all()
