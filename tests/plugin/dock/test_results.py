"""The result in the dock: its buttons, why here, what-if."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from gui_support import LEFT, finished, keep, settle, until
from qgis.core import (
    QgsPointXY,
    QgsProject,
)
from qgis.gui import QgsMapToolPan, QgsVertexMarker
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication

from sgma_qgis import process_program
from sgma_qgis.gui.draw_tools import place_marker
from sgma_qgis.gui.report_window import report_html


def test_the_result_s_buttons(dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    dock.result.copy_button.click()
    assert QApplication.clipboard().text().startswith(f"{process_program.program()} run sgma:segment")
    window = controller.results.open_report(dock.result.value())
    text = window.page.toPlainText()
    assert "tree" in text and "RGB" in text and "qgis_process" in text and "DSM is absent." in text
    window.close()
    layer = dock.result.classes_layer()
    dock.result.opacity.setOpacity(0.25)
    assert layer.opacity() == pytest.approx(0.25)
    layer.setOpacity(0.5)  # elsewhere
    assert dock.result.opacity.opacity() == pytest.approx(0.5)
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    dock.result.peek.pressed.emit()
    assert not node.isVisible()
    dock.result.peek.released.emit()
    assert node.isVisible()


def test_a_command_in_the_report_breaks_between_its_words_alone(dock, controller, tmp_path):
    keep(dock, tmp_path / ("a-long-way-" * 8))
    dock.run_bar.run_button.click()
    until(finished(dock))
    window = controller.results.open_report(dock.result.value())
    document = window.page.document()
    blocks = [document.findBlockByNumber(i) for i in range(document.blockCount())]
    (command,) = [block for block in blocks if "run sgma:segment" in block.text()]
    lines = [command.layout().lineAt(i) for i in range(command.layout().lineCount())]
    texts = [command.text()[line.textStart() : line.textStart() + line.textLength()] for line in lines]
    assert len(texts) > 2 and not any(text.rstrip("\u2060").endswith("-") for text in texts)
    window.page.selectAll()
    window.page.copy()
    assert dock.result.value().command in QApplication.clipboard().text()
    window.close()


def test_the_report_tells_how_sure_the_map_is_where_that_was_written(dock, controller, tmp_path):
    keep(dock, tmp_path, "confidence")
    dock.run_bar.run_button.click()
    until(finished(dock))
    result = dock.result.value()
    assert "about 80 %" in report_html(result)
    Path(result.result["outputs"]["confidence"]).unlink()
    assert "Mean confidence" not in report_html(result)


def test_what_is_told_of_a_result_has_no_zeros(dock, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    result = dock.result.value()

    def facts(**changes):
        dock.result.set_value(replace(result, result={**result.result, "warnings": [], **changes}))
        return dock.result.facts.text()

    assert facts() == "3 tiles computed on cpu. 1 tile taken from an earlier run."
    assert facts(tiles_run=4, tiles_resumed=0) == "4 tiles computed on cpu."
    assert facts(tiles_run=0, tiles_resumed=4) == "4 tiles taken from an earlier run."
    facts(class_area_m2={"not tree": 5999.9, "tree": 0.1})
    assert [bar.text for bar in dock.result.bars.value()] == ["6\u202f000 m², 100.0 %", "< 1 m², < 0.1 %"]


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
    assert marked(iface) == [] and dock.why.value() is not None  # the answer names its place
    settle(0.3)  # QGIS deletes the task; unloading must not touch it
    controller.inspector.explain(QgsPointXY(500020, 4599970))
    assert marked(iface) == [(500020, 4599970)]
    dock.result.set_value(None)
    assert marked(iface) == []


@pytest.fixture()
def pan(iface):
    """The canvas's tool before one of ours, with the button that shows it."""
    tool, action = QgsMapToolPan(iface.canvas), QAction(iface.window)
    action.setCheckable(True)
    tool.setAction(action)
    iface.canvas.setMapTool(tool)
    return tool


def test_why_here_gives_the_map_back(dock, controller, iface, pan):
    tool = controller.inspector._tool
    dock.why.button.click()
    assert iface.canvas.mapTool() is tool and not pan.action().isChecked()
    assert dock.why.heading.text() == "Click on the map."
    dock.why.button.click()
    assert iface.canvas.mapTool() is pan and pan.action().isChecked() and dock.why.heading.text() == ""
    dock.show_result(dock.result)
    for place in (dock.why.button, iface.canvas):
        dock.why.button.click()
        assert iface.canvas.mapTool() is tool
        iface.window.activateWindow()
        place.setFocus()
        until(place.hasFocus)
        QTest.keyClick(place, Qt.Key.Key_Escape)
        assert iface.canvas.mapTool() is pan and not dock.why.button.isChecked(), place
    dock.why.button.click()
    other = QgsMapToolPan(iface.canvas)
    iface.canvas.setMapTool(other)  # the user takes another from the toolbar
    assert not dock.why.button.isChecked() and dock.why.heading.text() == ""
    dock.why.button.click()
    QgsProject.instance().clear()
    assert iface.canvas.mapTool() is other


def test_unloading_gives_the_map_back(plugin, dock, iface, pan):
    dock.why.button.click()
    plugin.window.controller.close()
    assert iface.canvas.mapTool() is pan
    plugin.window.controller.close = lambda: None  # the fixture unloads once more


def test_where_the_earlier_tool_is_gone_the_map_can_be_panned(dock, iface, pan, monkeypatch):
    action = QAction(iface.window)
    action.triggered.connect(lambda: iface.canvas.setMapTool(QgsMapToolPan(iface.canvas)))
    monkeypatch.setattr("qgis.utils.iface", SimpleNamespace(actionPan=lambda: action))
    dock.why.button.click()
    sip.delete(pan)
    dock.why.button.click()
    assert isinstance(iface.canvas.mapTool(), QgsMapToolPan) and not dock.why.button.isChecked()


def test_an_answer_that_comes_after_why_here_is_off_leaves_no_mark(slow, dock, controller, iface):
    dock.why.button.click()
    controller.inspector.explain(QgsPointXY(500010, 4599980))
    dock.why.button.click()
    assert marked(iface) == [(500010, 4599980)]  # it is still looked at
    until(lambda: dock.why.value() is not None)
    assert marked(iface) == []


def test_a_click_beside_the_map_is_refused_at_once(dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    dock.why.button.click()
    controller.inspector.explain(QgsPointXY(500010, 4599980))
    assert len(marked(iface)) == 1
    controller.inspector.explain(QgsPointXY(400000, 4599980))
    assert dock.why.heading.text() == "This place lies outside the result town." and marked(iface) == []
    settle(0.3)
    assert dock.why.value() is None  # nor does the answer to the click before come


def test_why_here_stays_under_the_mouse(dock, controller, iface):
    iface.window.resize(1000, 420)
    dock.show_result(dock.why)
    settle(0.3)
    bar, button = dock.result_page.verticalScrollBar(), dock.why.button
    bar.setValue(bar.maximum() - 40)
    dock.why.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
    places = set()
    for text in ("", "Click on the map.", "Looking…", "This place lies outside the result town."):
        dock.why.set_value(None, text)
        settle(0.2)
        places.add((button.mapTo(dock, QPoint(0, 0)).y(), dock.why.classes.y(), dock.what_if.y()))
    assert len(places) == 1, places


@pytest.mark.parametrize("below", ["#0072b2", "#ffffff", "#000000", "#aa00ff"])
def test_the_mark_is_seen_on_anything(iface, below):
    iface.canvas.setCanvasColor(QColor(below))
    marker = place_marker(iface.canvas, iface.canvas.extent().center())
    picture = iface.canvas.grab().toImage()
    centre = QPoint(picture.width() // 2, picture.height() // 2)
    near = [QColor(picture.pixel(centre + QPoint(x, y))).name() for x in range(-14, 15) for y in range(-14, 15)]
    assert near.count("#000000") > 30 and near.count("#ffffff") > 60 and below in near
    iface.canvas.scene().removeItem(marker)


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


def test_a_difference_goes_with_what_it_was_made_of(dock, controller, tmp_path):
    what_if, project = controller.what_if, QgsProject.instance()

    def compare():
        dock.what_if.button.click()
        until(lambda: "%" in dock.what_if.text.text())
        return project.mapLayer(what_if.layer_id)

    def gone():
        return what_if.layer_id == "" and dock.what_if.text.text() == "" and not named("Difference")

    def named(text):
        return [layer for layer in project.mapLayers().values() if layer.name().startswith(text)]

    assert compare() is not None
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    until(gone)
    compare()
    assert not gone() and controller.previewer.is_shown()
    dock.layers.rows["nir"].set_value(None)
    until(gone)
    compare()
    dock.outputs.changed.emit()  # nothing that the difference is made of
    settle(0.1)
    assert not gone()
    keep(dock, tmp_path)
    until(lambda: dock.run_bar.run_button.isEnabled())
    dock.run_bar.run_button.click()
    assert gone()
    until(finished(dock))


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
