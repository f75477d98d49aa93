"""A random model, and a way to run a job as the command line does."""

from __future__ import annotations

import json

import pytest
import random_model

from sgma_qgis.model.__main__ import main
from sgma_qgis.model.data import geotiff
from sgma_qgis.model.engine import layout, runner


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The path of a model with random weights for all four sensors, tile 128."""
    folder = tmp_path_factory.mktemp("models") / "random"
    random_model.make(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def torch_only(request, monkeypatch):
    """Most tests run the reference alone: converting a network takes seconds. `every_backend` marks the others."""
    if "every_backend" not in request.keywords:
        monkeypatch.setattr(runner, "BACKENDS", [row for row in runner.BACKENDS if row.name == "torch"])


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 64 rows and 256 columns: small rasters, too, are made of several."""
    monkeypatch.setattr(geotiff, "BLOCK", 64)
    monkeypatch.setattr(geotiff, "_OVERVIEW_BLOCK", 32)
    monkeypatch.setattr(layout, "BLOCK", 64)
    monkeypatch.setattr(layout, "BLOCK_WIDTH", 256)


@pytest.fixture
def cli(capsys):
    """Run a command in this process: cli('segment', ...) -> (exit code, last line's JSON or None, stderr)."""

    def run(*argv):
        code = main([str(part) for part in argv])
        out, err = capsys.readouterr()
        last = out.strip().splitlines()[-1:] or [""]
        return code, json.loads(last[0]) if last[0].startswith("{") else None, err

    return run
