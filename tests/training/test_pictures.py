"""The example window of a training: many classes, the same every time, three pictures side by side."""

import json
import struct
import zlib

import numpy as np
import pytest
import torch

from sgma_qgis.model.contract.card import ClassInfo
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.nn import build
from sgma_qgis.model.training.pictures import ExampleWindow, in_colours, view
from tests.training.scenes import make_card, make_set


def decoded(path):
    """Return the pixels (h,w,3) of a PNG as `figures.png_file` writes it."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    (length,) = struct.unpack(">I", data[33:37])
    lines = np.frombuffer(zlib.decompress(data[41 : 41 + length]), np.uint8).reshape(height, 1 + 3 * width)
    return lines[:, 1:].reshape(height, width, 3)


def test_the_window_holds_many_classes_and_stays(tmp_path):
    chips = make_set(counts=(4, 3, 0))
    labels = chips.roles["validation"].labels
    labels[0], labels[2] = 1, IGNORE
    network = build.build(make_card(chips))
    window = ExampleWindow(chips, lambda: None)
    path = tmp_path / "example.png"
    assert window.draw(network, path)
    first = decoded(path)
    assert first.shape == (192, 3 * 192 + 16, 3)  # 32 pixels, magnified
    shown = first[::6, 200:392:6]
    assert np.array_equal(shown, in_colours(chips.classes, labels[1]))
    with torch.no_grad():
        network.head.classify.bias += torch.tensor([100.0, 0.0, 0.0])
    assert window.draw(network, path)
    second = decoded(path)
    assert np.array_equal(first[:, :392], second[:, :392])
    assert (second[:, 400:] == in_colours(chips.classes, np.zeros((1, 1), np.uint8))[0, 0]).all()
    assert [one.name for one in tmp_path.iterdir()] == ["example.png"]
    text = path.read_bytes().split(b"tEXtclasses\0")[1]
    told = json.loads(text[: text.index(b"]]") + 2])
    assert [(name, color) for name, color, _ in told] == [(info.name, info.color) for info in chips.classes]
    assert told[0][2]  # all is mapped as the first class


def test_what_has_no_data_or_lies_far_from_labels_is_not_shown(tmp_path):
    chips = make_set(counts=(2, 1, 0), side=128)
    role = chips.roles["validation"]
    role.labels[0, :, 40:], role.labels[0, 30:] = IGNORE, IGNORE
    role.valid[0, :, :10] = False  # rows that stick out of the layers
    assert ExampleWindow(chips, lambda: None).draw(build.build(make_card(chips)), tmp_path / "example.png")
    image = decoded(tmp_path / "example.png")
    # rows 10 to 52, 64 pixels around labels on data less what sticks out; columns 0 to 56; each five times as large
    assert image.shape == (42 * 5, 3 * 56 * 5 + 16, 3)


@pytest.mark.parametrize("labelled", [True, False])
def test_labels_beside_the_data_and_no_labels_at_all(tmp_path, labelled):
    chips = make_set(counts=(2, 1, 0), side=512)
    role = chips.roles["validation"]
    role.labels[0, :, 200 if labelled else 0 :] = IGNORE
    role.valid[0, :, :, :300] = False
    assert ExampleWindow(chips, lambda: None).draw(build.build(make_card(chips)), tmp_path / "example.png")
    height, width, _ = decoded(tmp_path / "example.png").shape
    assert (height, width) == (256, 3 * 212 + 16)  # the data alone


def test_no_data_is_no_picture(tmp_path):
    chips = make_set(counts=(2, 1, 0))
    chips.roles["validation"].valid[:] = False
    assert not ExampleWindow(chips, lambda: None).draw(build.build(make_card(chips)), tmp_path / "example.png")


def test_without_validation_data_it_is_a_window_of_the_training(tmp_path):
    chips = make_set(counts=(4, 0, 0))
    assert ExampleWindow(chips, lambda: None).draw(build.build(make_card(chips)), tmp_path / "example.png")


def test_a_folder_that_is_gone_ends_nothing(tmp_path):
    chips = make_set(counts=(4, 0, 0))
    assert not ExampleWindow(chips, lambda: None).draw(build.build(make_card(chips)), tmp_path / "gone" / "a.png")


def test_a_sensor_as_it_looks():
    chips = make_set()
    rows = chips.modalities[1:2]  # low -4, high 8
    values = {"nir": np.array([[[-4.0, 2.0, 8.0, 50.0]]], np.float32)}
    valid = np.array([[[True, True, True, False]]])
    assert view(rows, values, {}, valid)[0, :, 0].tolist() == [0, 127, 255, 255]
    moved = {"nir": (np.array([2.0]), np.array([-4.0]))}
    assert view(rows, values, moved, valid)[0, :3, 1].tolist() == [0, 85, 255]
    classes = (ClassInfo(0, "a", "#ff0000"),)
    assert in_colours(classes, np.array([[0, IGNORE]], np.uint8)).tolist() == [[[255, 0, 0], [245, 245, 245]]]
