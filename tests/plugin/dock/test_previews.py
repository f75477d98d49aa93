"""Previews from the dock: of the view alone, following the map, the newest alone."""

import json
from pathlib import Path

import pytest
from gui_support import finished, keep, settle, until
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtTest import QSignalSpy

from sgma_qgis.gui.area_panel import CANVAS, AreaChoice


@pytest.fixture()
def hidden(dock, controller, tmp_path):
    """The place in the tree of a result that a preview hides."""
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    found = QgsProject.instance().layerTreeRoot().findLayer(dock.result.classes_layer().id())
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    assert not found.isVisible()
    return found


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


def test_results_are_seen_again_when_a_preview_was_removed_by_hand(hidden, controller):
    QgsProject.instance().removeMapLayers([layer.id() for layer in controller.previewer._preview.layers.values()])
    assert hidden.isVisible()
    until(lambda: QgsProject.instance().layerTreeRoot().findGroup("Preview") is None)


def test_a_preview_that_goes_is_gone_from_the_map(hidden, controller, iface):
    iface.canvas.setLayers([controller.previewer.layer()])
    until(lambda: not iface.canvas.isDrawing())
    settle(0.5)
    begun = QSignalSpy(iface.canvas.renderStarting)
    controller.previewer.remove()
    until(lambda: len(begun))


def test_a_group_of_previews_stays_for_what_is_left_in_it(hidden, controller):
    QgsProject.instance().removeMapLayer(controller.previewer.layer())
    settle(0.1)
    assert len(QgsProject.instance().layerTreeRoot().findGroup("Preview").findLayers()) == 1


def test_results_are_seen_again_when_the_plugin_goes_while_a_preview_hides_them(hidden, plugin):
    plugin.unload()
    assert hidden.isVisible()
    plugin.initGui()  # the fixture unloads it once more


def test_a_preview_in_work_ends_with_its_project(slow, dock, controller):
    shown = []
    controller.previewer.shown.connect(shown.append)
    dock.run_bar.preview_button.click()
    settle(0.3)
    QgsProject.instance().clear()
    settle(1.5)
    assert shown == [] and not controller.previewer.is_shown() and controller.previewer.text == ""
    assert QgsProject.instance().mapLayers() == {}


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


def test_nothing_jumps_while_previews_run(slow, dock, controller):
    heights, texts = set(), set()

    def look():
        heights.add((dock.tabs.height(), dock.area.tiles.height(), dock.resolution.grid_text.height()))
        texts.add(dock.run_bar.estimate.text())

    settle(0.3)
    look()
    dock.area.set_value(AreaChoice(CANVAS))  # every move of the map is another area
    dock.area.changed.emit()
    dock.run_bar.follow.setChecked(True)
    until(lambda: (look(), controller.previewer.is_shown())[1] and not controller.previewer.text)
    settle(0.3)
    look()
    assert len(heights) == 1 and len(texts) > 1, (heights, texts)
