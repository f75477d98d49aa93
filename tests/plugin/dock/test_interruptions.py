"""What may happen in the middle of a run: layers, project, CRS or plugin go."""

from gui_support import add, finished, keep, settle, until
from plugin_support import gone
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
)
from qgis.PyQt.QtCore import QEvent
from qgis.PyQt.QtWidgets import QApplication

from sgma_qgis import service, tasks


def workers():
    """Return the process ids of the workers that live."""
    return [w._client.pid for w in (service._run_worker, service._interactive) if w._client is not None]


def test_a_layer_in_use_may_go_during_a_run(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    QgsProject.instance().removeAllMapLayers()
    until(finished(dock))
    assert dock.result.value().layer_ids


def test_the_project_may_be_closed_during_a_run(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    QgsProject.instance().clear()
    assert QgsProject.instance().mapLayers() == {}
    until(finished(dock))
    assert QgsProject.instance().mapLayers() == {}  # they belong to a project that is gone
    assert "town, begun in another project, is done" in iface.said()[-1] and (tmp_path / "town.tif").exists()
    dock.show_result(dock.result)
    assert dock.result.opacity.isHidden() and dock.result.peek.isHidden() and dock.result.show_button.isVisible()


def test_the_map_s_crs_may_change_during_a_run(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.follow.setChecked(True)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    iface.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    until(finished(dock))


def test_the_plugin_may_be_unloaded_during_a_run(iface, data_dir, fake_python, layers, tmp_path, monkeypatch, slow):
    from sgma_qgis import classFactory

    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_mid")
    plugin = classFactory(iface)
    plugin.initGui()
    add(layers["RGB"], "RGB")
    dock, controller = plugin.window.dock, plugin.window.controller
    dock.show()
    until(lambda: dock.run_bar.value().can_run and controller.checker.found is not None)
    keep(dock, tmp_path)
    dock.run_bar.follow.setChecked(True)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    pids = workers()
    plugin.unload()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    settle(0.5)
    assert pids and all(gone(pid) for pid in pids) and tasks.active() == []
