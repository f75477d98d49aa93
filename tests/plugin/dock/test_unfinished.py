"""A run that was stopped: its parts stay on the map, the history tells of it, also to the next QGIS, and resumes it."""

import re
from dataclasses import replace

import pytest
from gui_support import finished, keep, settle, until
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QPushButton

from sgma_qgis import unfinished
from sgma_qgis.gui.area_panel import CANVAS, DRAWN, AreaChoice
from sgma_qgis.gui.history_panel import HistoryPanel
from sgma_qgis.model.contract.job import Area, Options, Outputs, SegmentJob, Source


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Have the map of a run grow with every block."""
    monkeypatch.setattr("sgma_qgis.live.REFRESH_MS", 50)


def views():
    """Return the layers that show parts of runs."""
    layers = QgsProject.instance().mapLayers().values()
    return [layer for layer in layers if "(in work)" in layer.name() or "(unfinished)" in layer.name()]


def stop_after(dock, controller, parts):
    """Start a run and stop it when so many parts are on the map."""
    dock.run_bar.run_button.click()
    until(lambda: views() and views()[0].height() >= 30 * parts)
    dock.run_bar.stop_button.click()
    until(lambda: not controller.runner.runs)


def test_parts_stay_on_the_map_until_the_result_takes_their_place(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    stop_after(dock, controller, 2)
    (layer,) = views()
    settle(1.2)
    assert layer.name() == "Map town (unfinished)" and layer.isValid() and layer.height() >= 60
    assert layer.opacity() < 1 and QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isVisible()
    done = layer.height()
    heights = []
    dock.run_bar.run_button.click()
    until(lambda: (heights.append(sum(view.height() for view in views())), finished(dock)())[1])
    assert min(heights[:-1]) >= done  # nothing that was done went from sight
    assert views() == []


def test_parts_of_before_are_shown_when_the_layer_was_removed(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    stop_after(dock, controller, 2)
    QgsProject.instance().removeMapLayer(views()[0].id())
    dock.run_bar.run_button.click()
    until(views)
    until(lambda: views()[0].height() >= 60)
    assert views()[0].name() == "Map town (in work)"
    until(finished(dock))


def test_parts_go_with_the_project(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    stop_after(dock, controller, 1)
    QgsProject.instance().clear()
    assert views() == [] and controller.runner._unfinished == {}


def test_the_history_resumes_what_was_stopped(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: views())
    assert unfinished.past() == []  # it goes on
    dock.run_bar.stop_button.click()
    until(lambda: not controller.runner.runs)
    panel = HistoryPanel()  # of the next QGIS
    panel.resumed.connect(controller.results.resume)
    panel.show()
    until(lambda: panel.tree.topLevelItemCount() == 1)
    item = panel.tree.topLevelItem(0)
    name, _, state = item.text(0).split("\n")
    assert name == "town" and re.match(r"unfinished, (25|50|75) %$", state) and item.text(1) == ""
    assert "Resume" in item.toolTip(0)
    panel.tree.setCurrentItem(item)
    assert panel.run_button.text().replace("&", "") == "Resume" and panel.run_button.isEnabled()
    assert not panel.show_button.isEnabled()
    panel.resize(300, 300)
    panel.run_button.click()
    panel.hide()
    until(finished(dock))
    assert dock.result.value().result["tiles_resumed"] == 3
    assert unfinished.past() == [] and not unfinished._read()


def test_what_is_kept_is_not_given_to_a_run_of_other_choices(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    stop_after(dock, controller, 1)
    chosen, area = dock.layers.value(), dock.area.value()
    kept = unfinished.kept(str(tmp_path / "town.tif"))
    assert dock.run_bar.value().resumes and kept.done
    dock.layers.set_value({key: slot for key, slot in chosen.items() if key != "nir"})
    until(lambda: dock.run_bar.value().can_run)
    assert not dock.run_bar.value().resumes
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert dock.result.value().name == "town_2" and unfinished.kept(str(tmp_path / "town.tif")) == kept
    dock.layers.set_value(chosen)
    until(lambda: dock.run_bar.value().resumes)
    keep(dock, tmp_path, "confidence")
    assert not dock.run_bar.value().resumes
    keep(dock, tmp_path, "polygons")  # made of the same pixels
    assert dock.run_bar.value().resumes
    dock.area.set_value(AreaChoice(CANVAS))
    assert not dock.run_bar.value().resumes
    dock.area.set_value(area)
    unfinished.forget(str(tmp_path / "town.tif"))
    dock.area.changed.emit()
    assert not dock.run_bar.value().resumes  # nobody knows what it is of


def test_another_drawn_area_is_another_run(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    wide, narrow = (f"Polygon ((500000 4599960, 5000{x} 4599960, 500000 4600000, 500000 4599960))" for x in (50, 20))
    dock.area.set_value(AreaChoice(DRAWN, wkt=wide, crs="EPSG:32616"))
    stop_after(dock, controller, 1)
    assert dock.run_bar.value().resumes
    dock.area.set_value(AreaChoice(DRAWN, wkt=narrow, crs="EPSG:32616"))
    dock.area.changed.emit()
    assert not dock.run_bar.value().resumes


def test_an_area_goes_on_where_its_polygons_are_the_same(tmp_path, data_dir):
    first, copy, other = (tmp_path / name for name in ("a.gpkg", "b.gpkg", "c.gpkg"))
    for path, text in ((first, "one"), (copy, "one"), (other, "two")):
        path.write_text(text)
    classes = tmp_path / "town.tif"
    (tmp_path / "town.tif.part").mkdir()
    (tmp_path / "town.tif.part" / "journal.jsonl").write_text('{"digest": "a"}\n{"key": "0"}\n')
    job = SegmentJob((Source("rgb", "/rgb.tif"),), "trees", Outputs(str(classes)), Area(polygons=str(first)))
    unfinished.begin(job, ())
    unfinished.end(str(classes))
    for area, same in ((first, True), (copy, True), (other, False), (tmp_path / "gone.gpkg", False), ("", False)):
        assert unfinished.goes_on_as(replace(job, area=Area(polygons=str(area)))) is same
    assert unfinished.goes_on_as(replace(job, options=Options(threads=1, batch=2)))
    assert not unfinished.goes_on_as(replace(job, options=Options(resolution=2.0)))
    assert not unfinished.goes_on_as(replace(job, model="roofs"))
    assert not unfinished.goes_on_as(replace(job, strokes="/strokes.gpkg"))


def test_a_run_that_left_nothing_is_forgotten(slow, dock, controller, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_UNFINISHED", "1")
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: views())
    assert len(unfinished._read()) == 1
    dock.run_bar.stop_button.click()
    until(lambda: not controller.runner.runs)
    assert unfinished._read() == [] and views() == []


def test_the_list_takes_no_harm_from_what_others_wrote(data_dir):
    for text in ("", "null", "[1, {}]", '[{"job": {"outputs": {"classes": "/nowhere/a.tif"}}}]'):
        unfinished._file().write_text(text)
        assert unfinished.past() == []


@pytest.mark.parametrize(("done", "total", "percent"), [(2, 9, 22), (1, 500, 1), (9, 9, 99), (2, 0, 0)])
def test_how_much_is_done(done, total, percent):
    assert unfinished.Kept(done, total).percent == percent


def test_what_was_forgotten_is_brought_back(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    stop_after(dock, controller, 1)
    dock.tabs.setCurrentWidget(dock.history)
    until(lambda: dock.history.tree.topLevelItemCount() == 1)
    dock.history.tree.setCurrentItem(dock.history.tree.topLevelItem(0))
    listed = unfinished._read()
    dock.history.forget_button.click()
    until(lambda: dock.history.tree.topLevelItemCount() == 0)
    assert unfinished._read() == []
    item = next(item for item in iface.bar.items() if "off the list" in item.text())
    next(button for button in item.findChildren(QPushButton) if button.text() == "Undo").click()
    until(lambda: dock.history.tree.topLevelItemCount() == 1)
    assert unfinished._read() == listed
    unfinished.bring_back(listed)
    assert unfinished._read() == listed  # once


def test_one_button_resumes(dock):
    bar = dock.run_bar.run_button
    for page, offered in ((dock.history, False), (dock.result_page, True), (dock.strokes_page, False)):
        dock.tabs.setCurrentWidget(page)
        assert bar.isVisible() is offered and dock.run_bar.estimate.isVisible() is offered
    dock.tabs.setCurrentWidget(dock.history)
    assert not bar.isVisible()
    dock.tabs.setCurrentIndex(0)
    assert bar.isVisible()
