"""The map of the strokes follows strokes and view, and is shown as asked."""

from pathlib import Path

import pytest
from gui_support import add, settle, until
from qgis.core import QgsProject, QgsRasterLayer
from qgis.gui import QgsVertexMarker
from qgis.PyQt.QtCore import Qt
from strokes_support import CTRL, X, Y, drag, job_of, press, rested

from sgma_qgis import settings
from sgma_qgis.settings import Settings


def test_nothing_is_asked_before_the_tab_is_seen(plugin, layers):
    add(layers["RGB"], "RGB")
    plugin.window.dock.show()
    until(lambda: plugin.window.dock.run_bar.value().can_run)
    settle(0.5)
    session = plugin.window.strokes
    assert session.live.result is None and session.live._task is None
    plugin.window.dock.tabs.setCurrentWidget(plugin.window.dock.strokes_page)
    settle(0.5)
    assert session.live.result is None and session.live._task is None  # there is nothing to follow
    assert "To begin" in plugin.window.dock.strokes.status.text()
    plugin.window.dock.strokes.classes.add("roof")
    until(lambda: session.live.result is not None)
    assert "Add two classes" in plugin.window.dock.strokes.status.text()
    assert not plugin.window.dock.run_bar.run_button.isVisible()
    plugin.window.dock.tabs.setCurrentIndex(0)
    assert plugin.window.dock.run_bar.run_button.isVisible()


def test_strokes_are_kept_and_the_map_follows(session, panel, canvas, tmp_path):
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert session.store.path() == str(tmp_path / "town_strokes.gpkg")
    (stroke,) = session.store.features()
    scale = canvas.mapUnitsPerPixel()
    assert (stroke["class"], stroke["color"]) == ("tree", "#117733")
    assert stroke["width"] == pytest.approx(15 * scale, rel=0.01)
    length = (5**2 + 10**2) ** 0.5
    wide = 15 * scale
    assert stroke.geometry().area() == pytest.approx(length * wide + 3.14 * wide**2 / 4, rel=0.05)
    until(lambda: "Only tree has strokes" in panel.status.text())
    press(canvas, Qt.Key.Key_2)
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 20))
    until(lambda: session.overlay.layer is not None)
    until(rested(session))
    job = job_of(session)
    assert [(s["name"], s["color"]) for s in job["strokes"]] == [("tree", "#117733"), ("street", "#888888")]
    assert job["model"] == "test-trees" and job["strokes_crs"] == job["view_crs"] == "EPSG:32616"
    assert [c.label for c in session.overlay.layer.renderer().classes()] == ["street", "tree"]
    assert {c.color.name() for c in session.overlay.layer.renderer().classes()} == {"#888888", "#117733"}
    assert panel.classes.tree.topLevelItem(0).text(2) == "50" and "100 pixels labelled" in panel.status.text()
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert [node.layer().name() for node in group.findLayers()] == ["Strokes", "Map of the strokes"]


def test_the_map_is_asked_again_when_the_view_moves(painted, canvas):
    before, view = painted.overlay.layer.source(), job_of(painted)["view"]
    canvas.zoomByFactor(0.5)
    until(lambda: painted.overlay.layer.source() != before)
    until(rested(painted))
    assert job_of(painted)["view"] != view
    assert len(list(Path(painted.overlay.layer.source()).parent.glob("*.tif"))) <= 2


def test_uncertainty_opacity_and_hint(painted, panel, canvas):
    panel.show_box.setCurrentIndex(1)
    assert painted.overlay.layer.renderer().type() == "singlebandpseudocolor"
    panel.opacity.setOpacity(0.3)
    assert painted.overlay.layer.opacity() == pytest.approx(0.3)
    panel.hint_button.click()
    assert "less than 60 % sure" in panel.status.text()
    (mark,) = [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    assert mark.center().x() > X + 20  # the half that the worker is less sure of
    panel.set_value("")
    panel.set_value("brush")  # to paint there
    assert [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)] == [mark]
    panel.set_value("eraser")
    assert not [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    panel.hint_button.click()
    (first,) = [item.center() for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    panel.hint_button.click()
    (second,) = [item.center() for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    assert first != second  # the next best place
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert not [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]


def test_results_are_hidden_while_the_map_follows(painted, dock, tmp_path):
    from sgma_qgis import sight
    from sgma_qgis.gui.outputs_panel import OutputChoice

    dock.outputs.set_value(OutputChoice((), str(tmp_path), "map"))
    dock.strokes.run_button.click()
    until(lambda: dock.result.value() is not None)
    (result,) = sight.our_groups(QgsProject.instance(), sight.RESULT)
    assert result.itemVisibilityChecked()
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert not result.itemVisibilityChecked() and painted.overlay.layer is not None
    node = QgsProject.instance().layerTreeRoot().findLayer(painted.overlay.layer.id())
    node.setItemVisibilityChecked(False)
    before = painted.overlay.layer.source()
    drag(painted._canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    until(lambda: painted.overlay.layer.source() != before)
    assert not node.itemVisibilityChecked() and not result.itemVisibilityChecked()  # as the person left it
    dock.tabs.setCurrentIndex(0)
    assert result.itemVisibilityChecked()
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert not result.itemVisibilityChecked()
    QgsProject.instance().removeMapLayer(painted.overlay.layer.id())
    assert result.itemVisibilityChecked()  # nothing takes its place
    drag(painted._canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    until(lambda: painted.overlay.layer is not None)
    assert not result.itemVisibilityChecked()
    dock.strokes.clear_button.click()
    assert result.itemVisibilityChecked()


def test_a_preview_ends_where_the_map_of_the_strokes_begins(painted, dock, plugin):
    previewer = plugin.window.controller.previewer
    dock.tabs.setCurrentIndex(0)
    dock.run_bar.follow.setChecked(True)
    until(previewer.is_shown)
    assert dock.run_bar.follows()  # as long as it is looked at
    painted.live.ask()
    settle(0.1)
    assert previewer.is_shown()
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert not previewer.is_shown() and not dock.run_bar.follows()
    assert painted.overlay.layer is not None
    dock.tabs.setCurrentIndex(0)
    dock.run_bar.preview_button.click()
    until(lambda: previewer.text)
    dock.tabs.setCurrentWidget(dock.strokes_page)
    settle(0.5)
    assert not previewer.is_shown() and not previewer.text


def test_a_comparison_ends_where_the_map_of_the_strokes_begins(painted, dock, plugin):
    what_if = plugin.window.controller.what_if
    dock.tabs.setCurrentIndex(0)
    dock.what_if.wanted.emit("nir")
    assert what_if.layer_id == "" and dock.what_if.text.text()  # in work
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert dock.what_if.text.text() == ""
    settle(0.5)
    assert what_if.layer_id == "" and dock.tabs.currentWidget() is dock.strokes_page


def test_another_start_asks_again(painted, panel):
    before = painted.overlay.layer.source()
    panel.set_start("none")
    until(lambda: painted.overlay.layer.source() != before)
    assert job_of(painted)["model"] == "none"
    until(lambda: "pixels alone" in panel.status.text())


def test_the_worker_may_take_what_the_settings_allow(painted, panel, canvas):
    assert job_of(painted)["memory_mb"] == 1024
    settings.save(Settings(strokes_memory_mb=2048))
    before = painted.overlay.layer.source()
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 25))
    until(lambda: painted.overlay.layer.source() != before)
    assert job_of(painted)["memory_mb"] == 2048


def test_the_layers_stay_valid_while_files_change(painted, canvas):
    shown = []
    for i in range(3):
        before = painted.overlay.layer.source()
        drag(canvas, (X + 5 + i, Y + 10), (X + 10 + i, Y + 20))
        until(lambda b=before: painted.overlay.layer.source() != b)
        shown.append(painted.overlay.layer.isValid() and isinstance(painted.overlay.layer, QgsRasterLayer))
    assert shown == [True] * 3
