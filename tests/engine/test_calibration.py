"""Temperatures of the card: confidences change, classes do not, and only for the sensors they were fitted for."""

import json

import numpy as np
import pytest
import random_model
import rasters

HEIGHT, WIDTH = 90, 100  # one tile: where tiles overlap, their probabilities are averaged


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A folder with RGB, NIR, a random model for both, and the same model with a temperature for RGB alone."""
    folder = tmp_path_factory.mktemp("scene")
    rasters.rgb(folder / "rgb.tif", HEIGHT, WIDTH)
    rasters.write(folder / "nir.tif", rasters.read(folder / "rgb.tif")[:1])
    for name in ("plain", "tempered"):
        random_model.make(folder / name, keys=("rgb", "nir"))
    path = folder / "tempered" / "card.json"
    path.write_text(
        json.dumps(json.loads(path.read_text()) | {"calibration": [{"sensors": ["rgb"], "temperature": 3}]})
    )
    return folder


def segment(cli, scene, model, out, backend, sensors):
    layers = [word for key in sensors for word in (f"--{key}", scene / f"{key}.tif")]
    confidence = out / f"{model}.confidence.tif"
    words = ["--output", out / f"{model}.tif", "--confidence", confidence, "--backend", backend, "--precision", "fp32"]
    code, _, err = cli("segment", "--model", scene / model, *layers, *words)
    assert code == 0, err
    return rasters.read(out / f"{model}.tif"), rasters.read(confidence).astype(int)


@pytest.mark.parametrize("backend", ["torch", pytest.param("openvino", marks=pytest.mark.every_backend)])
def test_confidence_changes_and_classes_do_not(cli, scene, tmp_path, backend):
    classes, confidence = segment(cli, scene, "plain", tmp_path, backend, ("rgb",))
    same, tempered = segment(cli, scene, "tempered", tmp_path, backend, ("rgb",))
    assert (classes == same).all()
    assert len(np.unique(classes)) > 1
    assert (tempered <= confidence).all()
    assert tempered.mean() < confidence.mean() - 5


def test_other_combinations_keep_their_confidence(cli, scene, tmp_path):
    found = [segment(cli, scene, model, tmp_path, "torch", ("rgb", "nir")) for model in ("plain", "tempered")]
    assert all((one == other).all() for one, other in zip(*found))


def test_an_interrupted_run_does_not_go_on_with_other_temperatures(cli, scene, tmp_path):
    segment(cli, scene, "plain", tmp_path, "torch", ("rgb",))
    segment(cli, scene, "tempered", tmp_path, "torch", ("rgb",))
    plain, tempered = (json.loads((tmp_path / f"{name}.run.json").read_text()) for name in ("plain", "tempered"))
    assert plain["model_sha256"] == tempered["model_sha256"]
    assert plain["calibration"] == []
    assert tempered["calibration"] == [{"sensors": ["rgb"], "temperature": 3.0}]
