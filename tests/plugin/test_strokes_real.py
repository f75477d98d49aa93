"""Strokes with the real engine: the tab, Processing and the command line give the same; faults are told or right."""

import json
import os
import signal
import subprocess
from pathlib import Path

import processing
import pytest
from gui_support import Iface, add, until
from osgeo import gdal
from plugin_support import ROOT, gone
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingFeedback, QgsProject, QgsRectangle, QgsSettings
from qgis.PyQt.QtCore import Qt
from strokes_support import drag, press

from sgma_qgis import history, service, tasks
from sgma_qgis.gui.outputs_panel import OutputChoice
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.strokes.stroke_class import StrokeClass
from sgma_qgis.model.contract import store

PATIENCE_S = 90  # a network is converted for the whole area
SIDE = 320
EXTRA = ("confidence", "availability", "trust")


@pytest.fixture(scope="module")
def town(tmp_path_factory, runtime_python):
    folder = tmp_path_factory.mktemp("town")
    command = [
        runtime_python, "-m", "sgma_qgis.model", "town", "--output", str(folder), "--size", str(SIDE), "--seed", "7"
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("scene_*"))


@pytest.fixture()
def dock(qgis_app, real_python, town, tmp_path, monkeypatch):
    """The dock with a town's height and picture, its tab of strokes open; pixels alone decide."""
    from sgma_qgis import classFactory

    QgsSettings().remove("sgma")
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_strokes_real")
    QgsProject.instance().write(str(tmp_path / "town.qgz"))
    iface = Iface()
    plugin = classFactory(iface)
    plugin.initGui()
    for key in ("dsm", "rgb"):
        layer = add(town / f"{key}.tif", key)
    iface.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(layer.crs()))
    iface.canvas.setExtent(layer.extent())
    dock = plugin.window.dock
    dock.show()
    dock.model.set_value("town-demo")
    dock.session = plugin.window.strokes
    dock.canvas = iface.canvas
    dock.iface = iface
    dock.tabs.setCurrentWidget(dock.strokes_page)
    dock.strokes.classes.set_value([StrokeClass("roof", "#aa0000"), StrokeClass("rest", "#00aa00")])
    dock.strokes.set_start("none")
    dock.strokes.set_value("brush")
    yield dock
    pids = [worker._client.pid for worker in (service._run_worker, service._interactive) if worker._client]
    plugin.unload()
    assert tasks.active() == [] and all(gone(pid) for pid in pids)
    QgsProject.instance().clear()
    iface.close()


def paint(dock, key, *points):
    """Paint with the class of that key; points as shares of the layers' side, from their lower left corner."""
    extent = QgsProject.instance().mapLayersByName("rgb")[0].extent()
    press(dock.canvas, key)
    left, bottom, side = extent.xMinimum(), extent.yMinimum(), extent.width()
    drag(dock.canvas, *((left + x * side, bottom + y * side) for x, y in points))


def rested(dock):
    return lambda: dock.session.live._task is None and not dock.session.live._timer.isActive()


def followed(dock):
    until(lambda: dock.session.overlay.layer is not None, PATIENCE_S)
    until(rested(dock), PATIENCE_S)


def two_strokes(dock):
    paint(dock, Qt.Key.Key_1, (0.2, 0.2), (0.3, 0.3))
    paint(dock, Qt.Key.Key_2, (0.7, 0.2), (0.8, 0.8), (0.6, 0.8))
    followed(dock)


@pytest.mark.parametrize("start, model", [("none", "none"), ("model", "town-demo")])
def test_the_tab_processing_and_the_command_line_give_the_same(
    qgis_processing, dock, town, tmp_path, real_python, start, model
):
    dock.strokes.set_start(start)
    two_strokes(dock)
    assert dock.session.live.result["pixels"].keys() == {"roof", "rest"}
    assert ("pixels alone" in dock.strokes.status.text()) == (model == "none")
    dock.outputs.set_value(OutputChoice(EXTRA, str(tmp_path), "tab"))
    dock.strokes.run_button.click()
    until(lambda: dock.result.value() is not None, PATIENCE_S)
    job = dock.result.value().job
    assert job.model == model
    given = {
        "MODEL": model, "STROKES": job.strokes, "CLASS_FIELD": "class", "OUTPUT": str(tmp_path / "qgis.tif"),
        **{f"OUTPUT_{role.upper()}": str(tmp_path / f"qgis_{role}.tif") for role in EXTRA},
        **{source.modality.upper(): source.path for source in job.sources},
    }  # fmt: skip
    processing.run("sgma_strokes_real:segmentfromstrokes", given, feedback=QgsProcessingFeedback(False))
    command = [
        "segment", "--model", model, "--strokes", job.strokes, "--class-field", "class",
        "--output", str(tmp_path / "cli.tif"),
    ]  # fmt: skip
    for role in EXTRA:
        command += [f"--{role}", str(tmp_path / f"cli_{role}.tif")]
    for source in job.sources:
        command += [f"--{source.modality}", source.path]
    subprocess.run([real_python, "-m", "sgma_qgis.model", *command], cwd=ROOT, check=True, capture_output=True)
    for role in ("", *(f"_{role}" for role in EXTRA)):
        files = [tmp_path / f"{way}{role}.tif" for way in ("tab", "qgis", "cli")]
        assert len({file.read_bytes() for file in files}) == 1, role
    tab = gdal.Open(str(tmp_path / "tab.tif"))  # held: it owns its bands
    assert tab.GetRasterBand(1).GetColorTable().GetColorEntry(1)[:3] == (0xAA, 0, 0)
    again = {key: value for key, value in given.items() if not key.startswith("OUTPUT_")}
    again.update({"OUTPUT": str(tmp_path / "again.tif"), "SAVE_MODEL": str(tmp_path / "kept model")})
    found = processing.run("sgma_strokes_real:segmentfromstrokes", again, feedback=QgsProcessingFeedback(False))
    assert found["SAVE_MODEL"] == str(tmp_path / "kept model")
    assert gdal.Open(found["OUTPUT"]).ReadRaster() == tab.ReadRaster()
    card = store.open_package(tmp_path / "kept model").card
    assert [(info.name, info.color) for info in card.classes] == [("rest", "#00aa00"), ("roof", "#aa0000")]
    assert "sgma:segmentfromstrokes" in dock.result.value().command
    run_file = history.run_file(job.outputs.classes)
    assert json.loads(Path(run_file).read_text())["job"]["strokes"] == job.strokes
    shown = dock.findChild(type(dock.session.maker._controller)).runner.show(run_file)
    assert [(info.name, info.color) for info in shown.card.classes] == [("rest", "#00aa00"), ("roof", "#aa0000")]


def test_a_model_is_saved_and_maps_without_strokes(dock, town, tmp_path):
    dock.strokes.set_start("model")
    two_strokes(dock)
    assert dock.session.live.result["model"] == "town-demo"
    dock.session.maker.save("Roofs & rest")
    until(lambda: "roofs-rest" in dock.model._names, PATIENCE_S)
    card = store.find("roofs-rest").card
    assert [info.name for info in card.classes] == ["rest", "roof"]
    assert card.title == "Roofs & rest"
    assert any("rest is in the list" in text for text in dock.iface.said())
    dock.model.set_value("roofs-rest")  # a model of strokes is no start of others: the one under it is
    assert dock.session.live.model == "town-demo"
    assert dock.strokes.start.itemText(0) == store.find("town-demo").card.title


def test_a_worker_that_is_killed_in_a_stroke_loses_nothing(dock):
    two_strokes(dock)
    before = dock.session.overlay.layer.source()
    pid = service._interactive._client.pid
    paint(dock, Qt.Key.Key_1, (0.3, 0.6), (0.4, 0.7))
    os.kill(pid, signal.SIGKILL)
    until(lambda: dock.session.overlay.layer.source() != before, PATIENCE_S)
    until(rested(dock), PATIENCE_S)
    assert service._interactive._client.pid != pid and len(dock.session.store.features()) == 3
    assert dock.session.live.result["pixels"]["roof"] > 0


def test_a_view_that_is_larger_than_the_layers_or_beside_them(dock):
    two_strokes(dock)
    layer = QgsProject.instance().mapLayersByName("rgb")[0]
    dock.canvas.setExtent(layer.extent().buffered(3 * layer.extent().width()))
    until(rested(dock), PATIENCE_S)
    shown = dock.session.overlay.layer.extent()
    assert layer.extent().buffered(5).contains(shown) and shown.buffered(5).contains(layer.extent())
    dock.canvas.setExtent(QgsRectangle(0, 0, 100, 100))
    until(lambda: "lies outside the layers" in dock.strokes.status.text(), PATIENCE_S)
    dock.canvas.setExtent(layer.extent())
    until(lambda: "pixels labelled" in dock.strokes.status.text(), PATIENCE_S)


def test_strokes_beside_the_layers_are_told(dock):
    dock.canvas.setExtent(QgsProject.instance().mapLayersByName("rgb")[0].extent().buffered(100))
    paint(dock, Qt.Key.Key_1, (-0.3, 0.2), (-0.2, 0.3))
    paint(dock, Qt.Key.Key_2, (1.2, 0.2), (1.3, 0.8))
    until(lambda: "lie outside the layers" in dock.strokes.status.text(), PATIENCE_S)
    assert dock.session.overlay.layer is None
    paint(dock, Qt.Key.Key_1, (0.2, 0.2), (0.3, 0.3))
    until(lambda: "one class only, 'roof'; two are needed" in dock.strokes.status.text(), PATIENCE_S)
    paint(dock, Qt.Key.Key_2, (0.7, 0.2), (0.8, 0.8))
    followed(dock)


def test_strokes_where_there_is_no_data_are_told(dock, town, tmp_path):
    path = tmp_path / "half.tif"
    path.write_bytes((town / "rgb.tif").read_bytes())
    data = gdal.Open(str(path), gdal.GA_Update)
    for band in range(1, 4):
        values = data.GetRasterBand(band)
        values.SetNoDataValue(0)
        values.WriteRaster(0, 0, SIDE // 2, SIDE, bytes(SIDE // 2 * SIDE))
    data = None
    half = add(path, "half")
    dock.layers.set_value({"rgb": Slot(half.id())})
    paint(dock, Qt.Key.Key_1, (0.1, 0.2), (0.2, 0.3))
    paint(dock, Qt.Key.Key_2, (0.3, 0.2), (0.3, 0.8))
    until(lambda: "lie where no layer has data" in dock.strokes.status.text(), PATIENCE_S)
    paint(dock, Qt.Key.Key_1, (0.7, 0.2), (0.8, 0.2))
    paint(dock, Qt.Key.Key_2, (0.7, 0.6), (0.8, 0.8))
    followed(dock)
