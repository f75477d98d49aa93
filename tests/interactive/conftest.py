"""Layers of two grounds with a straight border, and a random model."""

from __future__ import annotations

import json

import numpy as np
import pytest
import random_model
import rasters
from painted import BORDER, SIDE

from sgma_qgis.model.__main__ import main
from sgma_qgis.model.engine import runner


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The path of a model with random weights for all four sensors."""
    folder = tmp_path_factory.mktemp("models") / "random"
    random_model.make(folder)
    return str(folder)


@pytest.fixture(scope="session")
def layers(tmp_path_factory):
    """Paths of rgb and nir: left of column BORDER dark and noisy, right of it brighter; nodata 0 below row 160."""
    folder = tmp_path_factory.mktemp("layers")
    rng = np.random.default_rng(0)
    paths = {}
    for key, bands in (("rgb", 3), ("nir", 1)):
        image = np.where(np.arange(SIDE) < BORDER, 90, 130) + rng.normal(0, 20, (bands, SIDE, SIDE))
        image = image.clip(1, 255).astype(np.uint8)
        image[:, 160:] = 0
        paths[key] = str(rasters.write(folder / f"{key}.tif", image, nodata=0))
    return paths


@pytest.fixture(autouse=True)
def torch_only(monkeypatch):
    """Converting a network takes seconds; the engine's own tests run every backend."""
    monkeypatch.setattr(runner, "BACKENDS", [row for row in runner.BACKENDS if row.name == "torch"])


@pytest.fixture
def cli(capsys):
    """Run a command in this process: cli('segment', ...) -> (exit code, last line's JSON or None, stderr)."""

    def run(*argv):
        code = main([str(part) for part in argv])
        out, err = capsys.readouterr()
        last = out.strip().splitlines()[-1:] or [""]
        return code, json.loads(last[0]) if last[0].startswith("{") else None, err

    return run
