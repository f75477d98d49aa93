"""The dock with the real engine, from layers to what-if: a generated town and the model that comes with the plugin."""

import json
import subprocess
from pathlib import Path

import pytest
from gui_support import Iface, add, until
from plugin_support import ROOT, gone
from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsSettings
from qgis.PyQt.QtWidgets import QApplication

from sgma_qgis import history, service, tasks
from sgma_qgis.gui.controller import Controller
from sgma_qgis.gui.outputs_panel import OutputChoice

PATIENCE_S = 120  # the network is converted in the first job


@pytest.fixture(scope="module")
def town(tmp_path_factory, runtime_python):
    folder = tmp_path_factory.mktemp("town")
    command = [runtime_python, "-m", "sgma_qgis.model", "town", "--output", str(folder), "--size", "640", "--seed", "7"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("scene_*"))


@pytest.fixture()
def dock(qgis_app, real_python, town, tmp_path, monkeypatch):
    """The dock of a loaded plugin, with the four layers of the town in the project."""
    from sgma_qgis import classFactory

    QgsSettings().remove("sgma")
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_real")
    iface = Iface()
    plugin = classFactory(iface)
    plugin.initGui()
    for key in ("sar", "dsm", "nir", "rgb"):
        layer = add(town / f"{key}.tif", key)
    iface.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(layer.crs()))
    iface.canvas.setExtent(layer.extent().buffered(-0.4 * layer.extent().width()))
    plugin.window.dock.show()
    yield plugin.window.dock
    pids = [worker._client.pid for worker in (service._run_worker, service._interactive) if worker._client]
    plugin.unload()
    assert tasks.active() == [] and all(gone(pid) for pid in pids)
    QgsProject.instance().clear()
    iface.close()


def test_from_layers_to_what_if(dock, tmp_path):
    controller = dock.findChild(Controller)
    dock.model.set_value("town-demo")
    until(lambda: controller.checker.found and dock.run_bar.value().can_run, PATIENCE_S)
    assert dock.layers.sensors() == ("rgb", "nir", "dsm", "sar")
    assert {row.badge.value().text for row in dock.layers.rows.values()} == {"used"}
    assert dock.accuracy.value().sensors == ("rgb", "nir", "dsm", "sar")
    assert dock.model.caution.text().endswith(dock.model.card().caution) and dock.layers.message.isHidden()
    assert dock.model.card().caution in dock.run_bar.warnings_button.toolTip()  # the check has it, too
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown, PATIENCE_S)
    preview = Path(controller.previewer._preview.layers["classes"].source())
    shown = _pixels(preview)
    dock.outputs.set_value(OutputChoice(("confidence", "availability", "trust", "polygons"), str(tmp_path), "town"))
    dock.run_bar.run_button.click()
    until(lambda: dock.result.value() is not None, PATIENCE_S)
    result = dock.result.value().result
    assert set(result["outputs"]) >= {"classes", "confidence", "availability", "trust", "polygons"}
    assert dock.model.card().caution in result["warnings"][-1]
    assert abs(sum(result["class_area_m2"].values()) - (640 * 0.5) ** 2) < 200
    assert _same_place(shown, tmp_path / "town.tif")  # the preview was a cut of the run's own map
    controller.inspector.explain(QgsPointXY(dock.area._canvas.extent().center()))
    until(lambda: dock.why.value() is not None, PATIENCE_S)
    answer = dock.why.value()
    assert sum(row["percent"] for row in answer["probabilities"]) == pytest.approx(100, abs=0.5)
    assert all(row["present"] for row in answer["sensors"])
    dock.what_if.set_value("dsm")
    dock.what_if.button.click()
    until(lambda: "%" in dock.what_if.text.text(), PATIENCE_S)
    assert QgsProject.instance().mapLayer(controller.what_if.layer_id).isValid()
    dock.result.copy_button.click()
    assert QApplication.clipboard().text() == dock.result.value().command
    assert json.loads(Path(history.run_file(result["outputs"]["classes"])).read_text())["result"]["tiles_failed"] == 0


def _pixels(path):
    """Return the bytes of a raster with its corner and size."""
    from osgeo import gdal

    data = gdal.Open(str(path))
    return data.ReadRaster(), data.GetGeoTransform(), (data.RasterXSize, data.RasterYSize)


def _same_place(shown, path):
    """Return whether a raster holds these bytes at their place."""
    from osgeo import gdal

    values, place, (width, height) = shown
    data = gdal.Open(str(path))
    whole = data.GetGeoTransform()
    col, row = round((place[0] - whole[0]) / whole[1]), round((place[3] - whole[3]) / whole[5])
    return data.ReadRaster(col, row, width, height) == values
