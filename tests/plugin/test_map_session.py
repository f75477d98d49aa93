"""What an analyst does, through tasks and layers, with the real engine: run, stop, resume, preview, why, what-if."""

import subprocess
import time
from dataclasses import replace

import pytest
from plugin_support import ROOT
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication

from sgma_qgis import live, outputs, tasks
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.job import (
    CheckJob,
    DifferenceJob,
    ExplainJob,
    Options,
    Outputs,
    PreviewJob,
    SegmentJob,
    Source,
)

MAKE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
random_model.make(Path(sys.argv[2]) / "model", tile=128)
write_scenes(Path(sys.argv[2]) / "town", {"test": [3]}, 300, 0.5, JobFeedback("town", lambda event: None))
"""
OPTIONS = Options(resolution=0.1, device="cpu", backend="torch")


@pytest.fixture(scope="module")
def made(tmp_path_factory, runtime_python):
    """A folder with `model` and `town/scene_3`."""
    folder = tmp_path_factory.mktemp("session")
    subprocess.run([runtime_python, "-c", MAKE, str(ROOT), str(folder)], check=True)
    return folder


def outcome(task):
    """Wait for a task's end in the event loop and return its result or its error."""
    found = []
    task.succeeded.connect(found.append)
    task.failed.connect(found.append)
    deadline = time.monotonic() + 120
    while not found:
        assert time.monotonic() < deadline
        QCoreApplication.processEvents()
        time.sleep(0.01)
    return found[0]


def pixels(layer, extent):
    size = layer.rasterUnitsPerPixelX()
    width, height = round(extent.width() / size), round(extent.height() / size)
    block = layer.dataProvider().block(1, extent, width, height)  # held: it owns the data
    return bytes(block.data())


def test_a_session(qgis_app, real_python, made, tmp_path):
    project = QgsProject.instance()
    project.clear()
    card = store.find(str(made / "model")).card
    sources = tuple(Source(key, str(made / f"town/scene_3/{key}.tif")) for key in ("rgb", "nir"))
    model, classes = str(made / "model"), str(tmp_path / "map.tif")
    job = SegmentJob(sources, model, Outputs(classes, confidence=str(tmp_path / "c.tif")), options=OPTIONS)

    checked = outcome(tasks.interact_task("Check", CheckJob(sources, model, options=OPTIONS, tolerant=True)))
    assert {row["state"] for row in checked["states"].values()} == {"used"}
    assert checked["registration"][0]["offset_px"] < 0.3 / 0.1

    # run, blocks on the map, stop
    view = live.LiveView("In work", card)
    shown = []
    task = tasks.run_task("Run", job)

    def block(path, window):
        view.add(path, window)
        shown.append(view.layer.isValid() and view.layer.height())
        task.cancel()

    task.block.connect(block)
    assert isinstance(outcome(task), Cancelled)
    assert shown[0] > 0
    view.close()
    assert (tmp_path / "map.tif.part" / "journal.jsonl").exists()
    assert not (tmp_path / "map.tif").exists()

    # resume, and a preview while it goes on
    run = tasks.run_task("Run", job)
    picture = QgsRasterLayer(sources[0].path, "rgb")
    x, y, crs = picture.extent().center().x(), picture.extent().center().y(), picture.crs().authid()
    corners = (x - 20, y - 15, x + 20, y + 15)
    (tmp_path / "p").mkdir()
    wanted = PreviewJob(sources, model, Outputs(str(tmp_path / "p/1.tif")), corners, crs, options=OPTIONS)
    seen = outcome(tasks.interact_task("Preview", wanted))
    result = outcome(run)
    assert result["tiles_resumed"] > 0
    group = outputs.add_result(result, card, name="session")
    layer = outputs.layers(group)["classes"]
    preview = outputs.Preview().show({"classes": seen["outputs"]["classes"]}, card, "Preview")["classes"]
    assert preview.width() == 400
    assert pixels(preview, preview.extent()) == pixels(layer, preview.extent())

    # why here, what if
    why = outcome(tasks.interact_task("Why", ExplainJob(sources, model, (x, y), crs, options=OPTIONS)))
    assert why["class"]["id"] == layer.dataProvider().sample(layer.extent().center(), 1)[0]
    assert [row["present"] for row in why["sensors"]] == [True, True, False, False]
    less = replace(wanted, sources=sources[:1], outputs=Outputs(str(tmp_path / "p/2.tif")))
    outcome(tasks.interact_task("What if", less, topic="whatif"))
    compare = DifferenceJob(wanted.outputs.classes, less.outputs.classes, str(tmp_path / "p/d.tif"), model)
    told = outcome(tasks.interact_task("What if", compare, topic="whatif"))
    assert 0 < told["changed_percent"] < 100
    assert outputs.difference_layer(told["output"], "Without NIR").isValid()
    project.clear()
