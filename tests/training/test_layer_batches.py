"""Batches straight from layers: balanced by class, the same for the same chance, nothing of held-out ground."""

import threading
import time

import numpy as np
import pytest
import torch

from sgma_qgis.model.data import ground
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.dataset import Crops
from tests.training.layer_place import GSD, HEIGHT, HELD, WIDTH

CROPS = Crops(side=32, batch=8, scales=(1.0, 1.0), seed=3)


def same(one, other):
    """Tell whether two batches are equal to the bit."""
    pairs = [(one.valid, other.valid), (one.labels, other.labels)]
    pairs += [(one.values[key], other.values[key]) for key in one.values]
    pairs += [pair for key in one.affine for pair in zip(one.affine[key], other.affine[key])]
    return all(torch.equal(a, b) for a, b in pairs)


def test_one_geometry_for_all_sensors_and_labels(opened):
    data = opened()
    assert [row.key for row in data.modalities] == ["rgb", "nir", "dsm"]
    seen = 0
    for batch in data.epoch(CROPS, 0):
        valid, rgb = batch.valid, batch.values["rgb"]
        rows, cols = rgb[:, 0] - 1, rgb[:, 1] - 1
        assert valid[:, 0].any((1, 2)).all()
        both = valid[:, 0] & valid[:, 1]
        assert torch.equal(batch.values["nir"][:, 0][both], (3 * rows + 2 * cols + 1)[both])
        inner = valid[:, 0] & valid[:, 2] & (rows >= 4) & (rows < HEIGHT - 4)
        torch.testing.assert_close(batch.values["dsm"][:, 0][inner], rows[inner], atol=1e-3, rtol=0)
        known = batch.labels != IGNORE
        rare = (rows % 160 == 0) & (cols % 160 == 0)
        expected = torch.where(rare, 2, (rows // 40 + cols // 40) % 2).to(torch.uint8)
        assert torch.equal(batch.labels[known], expected[known])
        assert (known.flatten(1).sum(1) > 0).all()
        seen += len(batch)
    assert seen == data.steps(8) * 8 >= 128


def test_nothing_of_held_out_ground_is_shown(opened):
    for batch in opened().epoch(Crops(64, 8, (0.7, 1.5), 0), 0):
        assert not (batch.values["rgb"] * batch.valid[:, :1] >= HELD - 1).any()
        cols = batch.values["rgb"][:, 1]
        assert not ((batch.labels != IGNORE) & (cols > 441)).any()  # nor a label that lies between the areas


def test_pixels_that_are_no_numbers_are_not_valid(opened):
    hidden = 0
    for batch in opened(areas="").epoch(CROPS, 0):
        assert all(torch.isfinite(values).all() for values in batch.values.values())
        rows, cols = batch.values["rgb"][:, 0] - 1, batch.values["rgb"][:, 1] - 1
        holes = (rows >= 10) & (rows < 20) & (cols >= 10) & (cols < 20) & batch.valid[:, 0]
        hidden += int(holes.sum())
        assert not (holes & batch.valid[:, 1]).any()
    assert hidden


def test_classes_are_shown_alike(opened):
    data = opened()
    counts = data.class_counts()
    assert counts.sum() == 440 * HEIGHT
    assert counts[2] == 6
    crops = [crop for number in range(2) for batch in data.epoch(CROPS, number) for crop in batch.labels]
    share = np.mean([(crop == 2).any().item() for crop in crops])
    assert 0.25 < share < 0.6  # by chance alone next to none would show it
    places = {int(batch.values["rgb"][i, 1, 0, 0]) for batch in data.epoch(CROPS, 0) for i in range(len(batch))}
    assert len(places) > 60


def test_batches_follow_from_seed_epoch_and_step_alone(opened, monkeypatch):
    data = opened()
    first = list(data.epoch(CROPS, 1))
    assert all(same(one, other) for one, other in zip(first, data.epoch(CROPS, 1), strict=True))
    fresh = opened()
    assert same(first[0], next(iter(fresh.epoch(CROPS, 1))))  # nothing was read before
    assert not same(first[0], next(iter(data.epoch(CROPS, 2))))
    assert not same(first[0], first[1])
    assert not same(first[0], next(iter(data.epoch(Crops(32, 8, (1.0, 1.0), 4), 1))))
    monkeypatch.setattr(ground, "KEPT", 0)  # too much to keep: windows are read one by one
    direct = opened(layers=("rgb", "dsm"))
    monkeypatch.undo()
    kept = opened(layers=("rgb", "dsm"))
    assert all(same(one, other) for one, other in zip(kept.epoch(CROPS, 0), direct.epoch(CROPS, 0), strict=True))


def test_blocks_that_are_too_many_are_read_again(opened, monkeypatch):
    data = opened()
    first = list(data.epoch(CROPS, 1))
    monkeypatch.setattr(ground, "KEPT", 1)
    assert all(same(one, other) for one, other in zip(first, data.epoch(CROPS, 1), strict=True))


def test_scaled_crops_show_the_resolutions_of_the_card(opened):
    """The grid has 0.5 m; a model for 1 to 2 m is shown just that by the crops that are resized."""
    data = opened(layers=("rgb",), areas="", gsd=(0.4, 1.0, 2.0))
    steps = set()
    for batch in data.epoch(Crops(32, 8, (1.0, 2.0), 0), 0):
        cols, rows = batch.values["rgb"][:, 1], batch.values["rgb"][:, 0]
        for col, row, there in zip(cols, rows, batch.valid[:, 0]):
            if there.all() and col.max() < WIDTH:
                across = (col[16, 17] - col[16, 16]).abs() + (row[16, 17] - row[16, 16]).abs()
                steps.add(round(float(across) * GSD, 1))
    assert min(steps) == GSD  # most are shown as they are
    assert 1.0 <= min(steps - {GSD}) <= max(steps) <= 2.1


def test_an_epoch_left_early_leaves_no_threads(opened):
    iterator = opened().epoch(CROPS, 0)
    next(iterator)
    iterator.close()
    until = time.monotonic() + 5
    while any(thread.name.startswith("sgma-ahead") for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_training_that_is_cancelled_stops_reading(opened, feedback, monkeypatch):
    data = opened()
    release = threading.Event()
    monkeypatch.setattr(type(data), "_batch", lambda *_: release.wait(10))
    iterator = data.epoch(CROPS, 0)
    JobFeedback.cancel(feedback)
    with pytest.raises(Exception, match="Cancelled"):
        next(iterator)
    release.set()
