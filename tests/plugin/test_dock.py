"""The dock at work: a window of our own, QGIS's task manager, and a worker that computes nothing."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
import test_rendering
from gui_support import LEFT, Iface, add, settle, until
from plugin_support import gone, make_raster
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.gui import QgsVertexMarker
from qgis.PyQt.QtCore import QEvent, QPoint
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QMessageBox

from sgma_qgis import history, service, tasks
from sgma_qgis.gui.area_panel import CANVAS, POLYGONS, AreaChoice
from sgma_qgis.gui.outputs_panel import OutputChoice
from sgma_qgis.gui.slot_row import Slot

tiles = test_rendering.tiles  # a fixture: a server of plain tiles


@pytest.fixture()
def iface(qgis_app):
    QgsSettings().remove("sgma")
    found = Iface()
    yield found
    QgsProject.instance().clear()
    found.close()


@pytest.fixture()
def plugin(iface, data_dir, fake_python, monkeypatch):
    """The plugin as QGIS loads it, its dock closed."""
    from sgma_qgis import classFactory

    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_dock")
    found = classFactory(iface)
    found.initGui()
    yield found
    found.unload()


@pytest.fixture()
def dock(plugin, layers):
    """The dock, open, with three layers and the model of the tests; the check has been answered."""
    for name in ("RGB", "NIR", "DSM"):
        add(layers[name], name)
    plugin.window.dock.show()
    plugin.window.dock.model.set_value("test-trees")
    until(lambda: plugin.window.controller.checker.found is not None and plugin.window.dock.run_bar.value().can_run)
    return plugin.window.dock


@pytest.fixture()
def controller(plugin):
    return plugin.window.controller


@pytest.fixture()
def slow(monkeypatch):
    """Runs that take long enough to be looked at; asked for first, since a worker keeps the environment it began in."""
    monkeypatch.setenv("SGMA_FAKE_SLEEP", "0.3")


def keep(dock, folder, *roles):
    dock.outputs.set_value(OutputChoice(roles, str(folder), "town"))


def finished(dock):
    return lambda: dock.result.value() is not None


def job_of(dock):
    return json.loads(Path(dock.result.value().result["outputs"]["classes"] + ".job.json").read_text())


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


def test_rows_fill_themselves_and_are_marked(dock, controller):
    assert list(dock.layers.value()) == ["rgb", "nir", "dsm"]
    assert {key: row.badge.value().text for key, row in dock.layers.rows.items() if row.value()} == {
        "rgb": "used", "nir": "used", "dsm": "used",
    }  # fmt: skip
    assert dock.area.tiles.text() == "4 of 4 tiles" and "EPSG:32616" in dock.resolution.grid_text.text()
    assert "4 tiles" in dock.run_bar.estimate.text() and "1.2 GB of memory" in dock.run_bar.estimate.text()
    assert "cpu" in dock.status.text()


def test_badges_say_partial_shifted_and_outside(dock, controller, tmp_path):
    rows = dock.layers.rows
    chosen = {
        "rgb": Slot(add(make_raster(tmp_path / "half.tif", 3), "half").id()),
        "nir": Slot(add(make_raster(tmp_path / "outside.tif", 1), "outside").id()),
        "dsm": Slot(add(make_raster(tmp_path / "shifted.tif", 1), "shifted").id()),
    }
    dock.layers.set_value(chosen)
    until(lambda: rows["rgb"].badge.value() and "partial" in rows["rgb"].badge.value().text)
    assert rows["rgb"].badge.value().text == "partial 62 %"
    assert rows["nir"].badge.value().text == "no overlap: It lies elsewhere."
    assert rows["dsm"].badge.value().text == "used · offset 2.3 px to RGB"
    assert "RGB + DSM" in dock.accuracy.text()  # what cannot be used does not count


def test_expected_accuracy_follows_the_layers(dock):
    assert dock.accuracy.value() is None and "not measured" in dock.accuracy.text()
    dock.layers.rows["dsm"].set_value(None)
    assert dock.accuracy.value().miou == 0.71
    until(lambda: "Measured on: test data" in dock.accuracy.text() and "does not hold" not in dock.accuracy.text())
    dock.resolution.set_value(5.0)
    until(lambda: "your pixels are 5 m" in dock.accuracy.text())


def test_a_layer_that_goes_is_no_longer_used(dock, controller):
    QgsProject.instance().removeMapLayer(dock.layers.value()["nir"].layer_id)
    assert list(dock.layers.value()) == ["rgb", "dsm"]
    until(lambda: set(controller.checker.badges) == {"rgb", "dsm"} and dock.run_bar.value().can_run)
    assert dock.layers.rows["nir"].badge.value() is None


def test_a_layer_that_comes_fills_an_empty_row(dock, layers, tmp_path):
    assert "sar" not in dock.layers.value()
    radar = add(make_raster(tmp_path / "sar_vv_vh.tif", 2, "Float32", value=-12), "radar VV VH")
    assert dock.layers.value()["sar"].layer_id == radar.id()


def test_a_row_that_the_user_emptied_stays_empty(dock, tmp_path):
    row = dock.layers.rows["nir"]
    row.layers.setCurrentIndex(0)
    row.layers.activated.emit(0)
    add(make_raster(tmp_path / "nir_2.tif", 1), "near infrared nir")
    assert "nir" not in dock.layers.value()
    dock.layers.guess_button.click()
    assert "nir" in dock.layers.value()


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


def test_a_project_of_others_is_not_changed_by_looking(plugin, iface, layers):
    add(layers["RGB"], "RGB")
    QgsProject.instance().setDirty(False)
    plugin.window.dock.show()
    until(lambda: plugin.window.controller.checker.found is not None)
    assert not QgsProject.instance().isDirty() and plugin.window.dock.layers.value()


def test_a_preview_shows_the_view_and_runs_nothing_else(dock, controller, iface):
    iface.canvas.setExtent(QgsRectangle(500010, 4599970, 500030, 4599990))
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    job = json.loads(Path(controller.previewer._preview.layers["classes"].source() + ".job.json").read_text())
    assert job["kind"] == "preview" and job["view_crs"] == "EPSG:32616" and job["area"]["extent"] is None
    left, bottom, right, top = job["view"]
    assert left <= 500010 and right >= 500030 and bottom <= 4599970 and top >= 4599990
    assert controller.runner.runs == [] and dock.result.value() is None


def test_a_preview_follows_the_map_when_asked(dock, controller, iface):
    shown = []
    controller.previewer.shown.connect(shown.append)
    dock.run_bar.follow.setChecked(True)
    until(lambda: len(shown) == 1)
    iface.canvas.setExtent(QgsRectangle(500010, 4599970, 500030, 4599990))
    until(lambda: len(shown) == 2)
    assert len(controller.previewer._preview.layers) == 2  # those of the last one alone
    dock.run_bar.follow.setChecked(False)
    iface.canvas.setExtent(QgsRectangle(500020, 4599970, 500040, 4599990))
    settle(0.8)
    assert len(shown) == 2


def test_a_newer_preview_takes_the_place_of_one_in_work(slow, dock, controller):
    shown, errors = [], []
    controller.previewer.shown.connect(shown.append)
    controller.previewer.failed.connect(errors.append)
    dock.run_bar.preview_button.click()
    settle(0.5)
    dock.run_bar.preview_button.click()
    until(lambda: shown)
    settle(0.5)
    assert len(shown) == 1 and errors == []


def test_a_run_shows_its_blocks_and_ends_as_a_result(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path, "confidence", "trust")
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    state = dock.run_bar.value()
    assert state.running and "of 4 tiles" in dock.run_bar.progress_text.text()
    assert any("in work" in layer.name() for layer in QgsProject.instance().mapLayers().values())
    until(finished(dock))
    result = dock.result.value()
    assert [bar.name for bar in dock.result.bars.value()] and set(result.layer_ids) >= {"classes", "confidence"}
    assert not any("in work" in layer.name() for layer in QgsProject.instance().mapLayers().values())
    assert not dock.run_bar.value().running and dock.tabs.currentWidget() is dock.result_page
    assert any("town is done" in text for text in iface.said())
    job = job_of(dock)
    assert [source["modality"] for source in job["sources"]] == ["rgb", "nir", "dsm"]
    assert job["outputs"]["classes"] == str(tmp_path / "town.tif") and job["outputs"]["polygons"] == ""


def test_results_are_temporary_unless_a_folder_is_named(dock, controller):
    dock.run_bar.run_button.click()
    until(finished(dock))
    from sgma_qgis import resolve

    assert resolve.is_temporary(dock.result.value().result["outputs"]["classes"])


def test_a_run_that_is_stopped_can_be_resumed(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    dock.run_bar.stop_button.click()
    assert not dock.run_bar.stop_button.isEnabled()
    until(lambda: not controller.runner.runs)
    assert dock.run_bar.value().resumes and "Res" in dock.run_bar.run_button.text()
    assert "finished block" in iface.said()[-1] and "Resume" in iface.said()[-1] and dock.result.value() is None
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert dock.result.value().result["tiles_resumed"] == 3 and not dock.run_bar.value().resumes
    assert job_of(dock)["outputs"]["classes"] == str(tmp_path / "town.tif")


def test_a_run_that_is_stopped_before_a_block_starts_afresh(slow, dock, controller, iface, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_UNFINISHED", "1")
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    dock.run_bar.stop_button.click()
    until(lambda: not controller.runner.runs)
    assert "Nothing was finished yet" in iface.said()[-1] and "Resume" not in iface.said()[-1]
    assert not dock.run_bar.value().resumes


def test_runs_queue(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    dock.run_bar.run_button.click()
    dock.run_bar.run_button.click()
    assert len(controller.runner.runs) == 3 and dock.run_bar.value().waiting == 2
    ended = []
    controller.runner.finished.connect(ended.append)
    until(lambda: len(ended) == 3)
    names = [result.result["outputs"]["classes"] for result in ended]
    assert names == [str(tmp_path / name) for name in ("town.tif", "town_2.tif", "town_3.tif")]


def test_a_worker_that_crashes_is_told_and_the_next_run_works(dock, controller, iface, tmp_path, monkeypatch):
    keep(dock, tmp_path)
    service.shutdown()
    monkeypatch.setenv("SGMA_FAKE_FAIL", "crash")
    dock.run_bar.run_button.click()
    until(lambda: any("worker stopped" in text for text in iface.said()))
    assert not controller.runner.runs and dock.run_bar.value().can_run
    monkeypatch.delenv("SGMA_FAKE_FAIL")
    service.shutdown()
    dock.run_bar.run_button.click()
    until(finished(dock))


def test_no_result_comes_as_a_box(dock, controller, monkeypatch, tmp_path):
    for name in ("information", "warning", "critical", "question"):
        monkeypatch.setattr(QMessageBox, name, lambda *a: pytest.fail("a box"))
    dock.outputs.set_value(OutputChoice((), str(tmp_path / "missing" / "more")))
    until(lambda: "does not exist" in dock.run_bar.estimate.text())  # told before Run is pressed, too
    dock.run_bar.run_button.click()
    assert "does not exist" in controller._iface.said()[-1] and controller.runner.runs == []


def test_the_last_part_of_a_folder_is_made(dock, controller, tmp_path):
    keep(dock, tmp_path / "new")
    until(lambda: f"The folder {tmp_path / 'new'} will be made." in dock.run_bar.estimate.text())
    assert not (tmp_path / "new").exists()
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert (tmp_path / "new" / "town.tif").exists()


def polygons(iface):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32616", "fields", "memory")
    for i in range(2):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(500010 + 20 * i, 4599970, 500020 + 20 * i, 4599980)))
        layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_the_area_is_what_was_chosen(dock, controller, iface, tmp_path):
    fields = polygons(iface)
    fields.selectByIds([2])
    dock.area.set_value(AreaChoice(POLYGONS, fields.id(), True))
    area = controller.builder.area()
    assert [f.geometry().boundingBox().xMinimum() for f in QgsVectorLayer(area.polygons).getFeatures()] == [500030.0]
    assert controller.builder.area().polygons == area.polygons  # exported once
    fields.selectByIds([1])
    assert controller.builder.area().polygons != area.polygons
    dock.area.changed.emit()
    until(lambda: dock.area.tiles.text() == "1 of 4 tiles")
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert job_of(dock)["area"]["polygons"] == str(tmp_path / "town.area.gpkg")  # kept beside the map


def test_an_area_that_is_not_there_is_told(dock, controller):
    dock.area.kind.setCurrentIndex(dock.area.kind.findData("drawn"))
    until(lambda: "Draw a rectangle" in dock.run_bar.estimate.text())
    assert not dock.run_bar.run_button.isEnabled()


def test_the_result_s_buttons(dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    dock.result.copy_button.click()
    assert QApplication.clipboard().text().startswith("qgis_process run sgma:segment")
    window = controller.results.open_report(dock.result.value())
    text = window.page.toPlainText()
    assert "tree" in text and "RGB" in text and "qgis_process" in text and "DSM is absent." in text
    window.close()
    layer = dock.result.classes_layer()
    dock.result.opacity.setOpacity(0.25)
    assert layer.opacity() == pytest.approx(0.25)
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    dock.result.peek.pressed.emit()
    assert not node.isVisible()
    dock.result.peek.released.emit()
    assert node.isVisible()


def marked(iface):
    """Return the places on the map that have a marker."""
    markers = [item for item in iface.canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    return [(marker.center().x(), marker.center().y()) for marker in markers]


def test_why_here(dock, controller, iface):
    dock.why.button.click()
    assert iface.canvas.mapTool() is controller.inspector._tool
    controller.inspector._tool.canvasClicked.emit(QgsPointXY(500010, 4599980), LEFT)
    until(lambda: dock.why.value() is not None)
    assert "tree, 83 % sure" in dock.why.heading.text()
    assert marked(iface) == [(500010, 4599980)]
    shares = {bar.name: bar.text for bar in dock.why.sensors.value()}
    assert shares == {"RGB": "33 %", "NIR": "33 %", "DSM": "33 %", "SAR": "not given"}
    dock.why.button.click()
    assert iface.canvas.mapTool() is not controller.inspector._tool
    settle(0.3)  # QGIS deletes the task; unloading must not touch it
    controller.inspector.explain(QgsPointXY(500020, 4599970))
    assert marked(iface) == [(500020, 4599970)]
    dock.result.set_value(None)
    assert marked(iface) == []


def test_why_here_asks_of_the_run_that_is_shown(dock, controller, tmp_path, monkeypatch):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    dock.layers.rows["dsm"].set_value(None)  # a choice for the next run
    job = controller.inspector._job(QgsPointXY(500010, 4599980))
    assert [source.modality for source in job.sources] == ["rgb", "nir", "dsm"]


def test_what_if_without_a_sensor(dock, controller):
    dock.what_if.set_value("dsm")
    dock.what_if.button.click()
    until(lambda: "%" in dock.what_if.text.text())
    assert "Without DSM, 50.0 % of the view" in dock.what_if.text.text()
    layer = QgsProject.instance().mapLayer(controller.what_if.layer_id)
    assert layer.isValid() and "without DSM" in layer.name()


def in_sight(dock, widget):
    """Return whether the top of a widget of the Result page is in the part that is shown."""
    top = widget.mapTo(dock.result_page.viewport(), QPoint(0, 0)).y()
    return dock.tabs.currentWidget() is dock.result_page and 0 <= top < dock.result_page.viewport().height()


def test_answers_are_in_sight_and_go_with_their_result(dock, controller, iface, tmp_path):
    iface.window.resize(1000, 420)  # the page of results must be scrolled
    keep(dock, tmp_path)
    dock.what_if.button.click()
    until(lambda: "%" in dock.what_if.text.text())
    settle(0.2)
    assert in_sight(dock, dock.what_if.text)
    controller.inspector.explain(QgsPointXY(500010, 4599980))
    until(lambda: dock.why.value() is not None)
    settle(0.2)
    assert in_sight(dock, dock.why.heading)
    dock.run_bar.run_button.click()
    until(finished(dock))
    settle(0.2)
    assert dock.why.value() is None and dock.what_if.text.text() == "" and in_sight(dock, dock.result.title)
    controller.inspector.explain(QgsPointXY(500010, 4599980))
    until(lambda: dock.why.value() is not None)
    QgsProject.instance().clear()
    assert dock.result.value() is None and dock.why.value() is None and dock.why.heading.text() == ""


def test_results_are_no_inputs(dock, controller, tmp_path):
    keep(dock, tmp_path, "confidence")
    dock.run_bar.run_button.click()
    until(finished(dock))
    dock.layers.guess_button.click()
    ours = set(dock.result.value().layer_ids.values())
    assert not ours & {slot.layer_id for slot in dock.layers.value().values()}


def test_without_an_engine_the_dock_says_what_to_do(plugin, iface, layers, monkeypatch, tmp_path):
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", str(tmp_path / "nothing"))
    add(layers["RGB"], "RGB")
    dock = plugin.window.dock
    dock.show()
    assert not dock.status.value().ready and not dock.run_bar.run_button.isEnabled()
    assert "Install the engine" in dock.run_bar.estimate.text()
    dock.status.click()
    assert iface.options == ["sgma"]


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
    assert str(tmp_path / "town.tif") in iface.said()[-1] and (tmp_path / "town.tif").exists()


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


def test_a_layer_without_a_file_is_rendered_first(dock, controller, iface, tiles, tmp_path):
    address = f"http://127.0.0.1:{tiles.server_port}/{{z}}/{{x}}/{{y}}.png"
    layer = QgsRasterLayer(f"type=xyz&url={quote(address, safe='')}&zmin=0&zmax=18", "web map", "wms")
    QgsProject.instance().addMapLayer(layer)
    dock.area.set_value(AreaChoice(CANVAS))
    dock.layers.set_value({"rgb": Slot(layer.id())})
    until(
        lambda: dock.layers.rows["rgb"].badge.value() and "8-bit picture" in dock.layers.rows["rgb"].badge.value().text
    )
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    (source,) = job_of(dock)["sources"]
    picture = QgsRasterLayer(source["path"], "picture")
    assert picture.isValid() and source["bands"] == [1, 2, 3] and tiles.asked > 0
    assert picture.crs().authid() == "EPSG:32616" and picture.extent().contains(iface.canvas.extent())
    assert any("8-bit" in text for text in iface.said())
    asked = tiles.asked
    dock.run_bar.run_button.click()
    until(lambda: (tmp_path / "town_2.tif").exists() and not controller.runner.runs)
    assert tiles.asked == asked  # the same area was drawn already


def test_past_runs_are_shown_and_run_again(dock, controller, tmp_path):
    from sgma_qgis.model.contract.wire import job_to_dict

    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    first = dock.result.value()
    run_file = Path(history.run_file(first.job.outputs.classes))  # the real worker writes it
    run_file.write_text(
        json.dumps({"job": job_to_dict(first.job), "result": first.result, "finished": "", "model": {}})
    )
    dock.result.set_value(None)
    dock.history.opened.emit(str(run_file))
    assert dock.result.value().job == first.job and dock.result.classes_layer().isValid()
    dock.history.rerun.emit(first.job)
    until(lambda: (tmp_path / "town_2.tif.job.json").exists() and not controller.runner.runs)
    assert job_of(dock)["sources"] == json.loads((tmp_path / "town.tif.job.json").read_text())["sources"]
    dock.history.opened.emit(str(tmp_path / "gone.run.json"))
    assert any("cannot be read" in text for text in controller._iface.said())


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
