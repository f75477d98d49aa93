"""The dock in its window: opened, unloaded, kept in the project, with and without an engine."""

import os

from gui_support import add, settle, until
from qgis.core import (
    QgsProject,
    QgsRectangle,
)
from qgis.gui import QgsMapToolPan
from qgis.PyQt.QtCore import QEvent
from qgis.PyQt.QtWidgets import QApplication, QDockWidget

from sgma_qgis import service
from sgma_qgis.gui.advanced_panel import Advanced
from sgma_qgis.gui.area_panel import CANVAS, DRAWN, AreaChoice
from sgma_qgis.gui.outputs_panel import OutputChoice
from sgma_qgis.gui.slot_row import Slot


def test_the_dock_is_closed_until_it_is_asked_for_and_computes_nothing(plugin, iface, layers):
    add(layers["RGB"], "RGB")
    dock = plugin.window.dock
    settle(0.6)
    assert not dock.isVisible() and dock.layers.value() == {} and service.workers()["interactive"] == "none"
    plugin.window.action.trigger()
    assert dock.isVisible() and list(dock.layers.value()) == ["rgb"]


def test_unloading_takes_everything_away(iface, data_dir, fake_python, monkeypatch):
    from sgma_qgis import classFactory

    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_away")
    plugin = classFactory(iface)
    plugin.initGui()
    plugin.window.dock.show()
    plugin.unload()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert iface.window.findChildren(QDockWidget) == [] and iface.menu.actions() == [] == iface.toolbar.actions()
    iface.canvas.setExtent(QgsRectangle(0, 0, 1, 1))  # nobody of ours listens any more
    QgsProject.instance().clear()


def test_closing_the_dock_gives_the_map_its_tool_back(dock, iface):
    pan = QgsMapToolPan(iface.canvas)
    iface.canvas.setMapTool(pan)
    for button in (dock.why.button, dock.area.rectangle_button):
        button.click()
        assert button.isChecked() and iface.canvas.mapTool() is not pan
        tool = iface.canvas.mapTool()
        for floating in (True, False):
            dock.setFloating(floating)  # hidden for a moment
            settle(0.1)
            assert iface.canvas.mapTool() is tool and button.isChecked()
        dock.close()
        until(lambda: iface.canvas.mapTool() is pan)
        assert not button.isChecked()
        dock.show()


def test_a_drawn_area_goes_with_its_project(dock, controller, tmp_path):
    drawn = AreaChoice(DRAWN, wkt="Polygon ((0 0, 9 0, 9 9, 0 0))", crs="EPSG:32616")
    dock.area.set_value(drawn)
    dock.area.changed.emit()
    path = str(tmp_path / "town.qgz")
    assert QgsProject.instance().write(path)
    QgsProject.instance().clear()
    dock.area.kind.setCurrentIndex(dock.area.kind.findData(DRAWN))
    assert dock.area.value().wkt == ""
    assert QgsProject.instance().read(path)
    assert dock.area.value() == drawn


def test_choices_are_kept_in_the_project(dock, controller, tmp_path):
    dock.layers.rows["rgb"].set_value(Slot(dock.layers.value()["rgb"].layer_id, (3, 2, 1), "dn16"))
    dock.resolution.set_value(0.75)
    dock.area.set_value(AreaChoice(CANVAS))
    dock.area.changed.emit()
    kept = {key: panel.value() for key, panel in vars(dock.panels).items()}
    path = str(tmp_path / "town.qgz")
    assert QgsProject.instance().write(path)
    QgsProject.instance().clear()
    assert dock.layers.value() == {} and dock.area.value() == AreaChoice()
    assert QgsProject.instance().read(path)
    assert {key: panel.value() for key, panel in vars(dock.panels).items()} == kept


def test_a_new_project_begins_with_defaults(dock, controller, tmp_path, monkeypatch):
    dock.outputs.set_value(OutputChoice(("trust", "polygons"), str(tmp_path), "town", 25.0, 1.5))
    dock.resolution.set_value(0.75)
    dock.advanced.set_value(Advanced(tile=256))
    model = dock.model.value()
    QgsProject.instance().clear()
    assert dock.outputs.value() == OutputChoice() and dock.advanced.value() == Advanced()
    assert dock.resolution.value() is None and dock.model.value() == model
    assert not QgsProject.instance().isDirty() and dock.layers.message.text() == ""
    assert dock.outputs.folder.defaultRoot() == str(tmp_path)  # where its dialog begins
    assert QgsProject.instance().readEntry("sgma", "dock", "")[0] == ""
    controller._recall()  # as in a project that was made without the dock
    assert dock.outputs.value() == OutputChoice() and dock.outputs.folder.defaultRoot() == str(tmp_path)


def test_a_project_of_others_is_not_changed_by_looking(plugin, iface, layers):
    add(layers["RGB"], "RGB")
    QgsProject.instance().setDirty(False)
    plugin.window.dock.show()
    until(lambda: plugin.window.controller.checker.found is not None)
    assert not QgsProject.instance().isDirty() and plugin.window.dock.layers.value()


def test_without_an_engine_the_dock_says_what_to_do(plugin, iface, layers, monkeypatch, tmp_path):
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", str(tmp_path / "nothing"))
    add(layers["RGB"], "RGB")
    dock = plugin.window.dock
    dock.show()
    assert not dock.status.value().ready and not dock.run_bar.run_button.isEnabled()
    assert "Install the engine" in dock.run_bar.estimate.text()
    dock.status.click()
    assert iface.options == ["sgma"]


def test_an_engine_that_is_set_up_later_is_used_at_once(plugin, iface, layers, monkeypatch, tmp_path, controller):
    engine = os.environ["SGMA_RUNTIME_PYTHON"]
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", str(tmp_path / "nothing"))
    add(layers["RGB"], "RGB")
    dock = plugin.window.dock
    dock.show()
    until(lambda: controller.checker.problem)
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", engine)
    until(lambda: dock.run_bar.run_button.isEnabled())
    assert "tiles" in dock.run_bar.estimate.text()
