"""Strokes in the dock, by mouse and keys on a real canvas, with a worker that computes nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from gui_support import add, settle, until
from plugin_support import make_card, make_raster
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)
from qgis.gui import QgsMapToolPan, QgsVertexMarker
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QInputDialog
from strokes_support import LEFT, MIDDLE, MOVE, NONE, PRESS, RELEASE, at, click, drag, mouse, press, wheel

from sgma_qgis import settings, tasks
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.strokes import objects, store
from sgma_qgis.gui.strokes.stroke_class import StrokeClass
from sgma_qgis.model.contract.card import PixelHead, to_json
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.settings import Settings

SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
X, Y = 500000, 4599970  # lower left corner of the overlay of the tests' worker, 40 x 30 m


@pytest.fixture()
def plugin(iface, data_dir, fake_python, monkeypatch):
    from sgma_qgis import classFactory

    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_strokes")
    found = classFactory(iface)
    found.initGui()
    yield found
    found.unload()


@pytest.fixture()
def dock(plugin, layers, tmp_path):
    """The dock with two layers, its tab of strokes open, in a project that is saved."""
    QgsProject.instance().write(str(tmp_path / "town.qgz"))
    for name in ("RGB", "NIR"):
        add(layers[name], name)
    dock = plugin.window.dock
    dock.show()
    dock.model.set_value("test-trees")
    until(lambda: dock.run_bar.value().can_run)
    dock.tabs.setCurrentWidget(dock.strokes_page)
    return dock


@pytest.fixture()
def session(plugin, dock):
    return plugin.window.strokes


@pytest.fixture()
def panel(plugin, dock):
    """The tab with two classes, the brush in hand; the layers were looked at."""
    live = plugin.window.strokes.live
    dock.strokes.classes.set_value([StrokeClass("tree", "#117733"), StrokeClass("street", "#888888")])
    dock.strokes.set_value("brush")
    try:
        until(lambda: live.result is not None)
    except AssertionError:
        raise AssertionError((dock.strokes.status.text(), live._on, live._task, live._timer.isActive())) from None
    return dock.strokes


@pytest.fixture()
def canvas(iface):
    return iface.canvas


def rested(session):
    return lambda: session.live._task is None and not session.live._timer.isActive()


@pytest.fixture()
def painted(session, panel, canvas):
    """A stroke of each class, and the map that follows."""
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    press(canvas, Qt.Key.Key_2)
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 20))
    until(lambda: session.overlay.layer is not None)
    until(rested(session))
    return session


def job_of(session):
    return json.loads(Path(session.overlay.layer.source() + ".job.json").read_text())


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


def test_undo_and_redo_by_key_and_button(painted, panel, canvas):
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert painted.store.names() == ["tree"] and painted.overlay.layer is None
    press(canvas, Qt.Key.Key_Z, CTRL | SHIFT)
    assert painted.store.names() == ["tree", "street"]
    until(lambda: painted.overlay.layer is not None)
    panel.undo_button.click()
    panel.undo_button.click()
    assert painted.store.names() == [] and not panel.undo_button.isEnabled()
    press(canvas, Qt.Key.Key_Y, CTRL)
    assert painted.store.names() == ["tree"]


def test_the_wheel_sizes_the_brush_with_ctrl_or_shift_alone(session, panel, canvas):
    scale = canvas.scale()
    wheel(canvas, 1, CTRL)
    wheel(canvas, 1, SHIFT)
    assert session.tool._size == 20 and panel.size_text.text() == "20 px" and panel.size.value() == 20
    wheel(canvas, -1, CTRL)
    assert session.tool._size == 17 and canvas.scale() == scale
    wheel(canvas, 1, Qt.KeyboardModifier.NoModifier)
    assert canvas.scale() != scale and session.tool._size == 17
    panel.size.setValue(3)
    for _ in range(5):
        wheel(canvas, -1, CTRL)
    assert session.tool._size == 1


def test_the_map_moves_in_the_middle_of_a_stroke(session, panel, canvas):
    start = at(canvas, X + 5, Y + 10)
    centre = canvas.center().x()
    mouse(canvas, PRESS, start, LEFT, LEFT)
    mouse(canvas, MOVE, start + QPoint(30, 0), NONE, LEFT)
    mouse(canvas, PRESS, start + QPoint(30, 0), MIDDLE, LEFT | MIDDLE)
    for i in range(4):
        mouse(canvas, MOVE, start + QPoint(30 - 20 * i, 0), NONE, LEFT | MIDDLE)
    mouse(canvas, RELEASE, start + QPoint(-30, 0), MIDDLE, LEFT)
    moved = canvas.center().x() - centre
    assert moved == pytest.approx(60 * canvas.mapUnitsPerPixel(), rel=0.05) and session.tool.is_painting()
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    for i in range(4):
        mouse(canvas, MOVE, start + QPoint(-30 + 20 * i, 0), NONE, LEFT)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.center().x() == pytest.approx(centre, abs=2 * canvas.mapUnitsPerPixel())
    mouse(canvas, MOVE, start + QPoint(60, 0), NONE, LEFT)
    mouse(canvas, RELEASE, start + QPoint(60, 0), LEFT, NONE)
    (stroke,) = session.store.features()
    box = stroke.geometry().boundingBox()
    assert box.width() == pytest.approx(75 * canvas.mapUnitsPerPixel(), rel=0.1)
    assert box.xMinimum() == pytest.approx(X + 5 - 7.5 * canvas.mapUnitsPerPixel(), abs=0.3)


def test_space_alone_moves_the_map_and_paints_nothing(session, panel, canvas):
    start, centre = at(canvas, X + 10, Y + 10), canvas.center().x()
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    mouse(canvas, MOVE, start)
    mouse(canvas, PRESS, start, LEFT, LEFT)
    for i in range(4):
        mouse(canvas, MOVE, start + QPoint(20 * i, 0), NONE, LEFT)
    mouse(canvas, RELEASE, start + QPoint(60, 0), LEFT, NONE)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert session.store.features() == [] and canvas.center().x() != centre


def test_another_tool_keeps_what_is_being_painted(session, panel, canvas):
    start = at(canvas, X + 5, Y + 10)
    mouse(canvas, PRESS, start, LEFT, LEFT)
    mouse(canvas, MOVE, start + QPoint(50, 0), NONE, LEFT)
    pan = QgsMapToolPan(canvas)
    canvas.setMapTool(pan)
    assert session.store.names() == ["tree"] and panel.value() == ""
    assert not session.tool.is_painting()


def test_a_polygon_is_drawn_by_corners(session, panel, canvas):
    panel.set_value("polygon")
    for point in ((X + 5, Y + 5), (X + 15, Y + 5), (X + 30, Y + 29), (X + 15, Y + 15)):
        click(canvas, point)
    press(canvas, Qt.Key.Key_Backspace)
    press(canvas, Qt.Key.Key_Backspace)
    click(canvas, (X + 15, Y + 15))
    press(canvas, Qt.Key.Key_Return)
    (stroke,) = session.store.features()
    assert stroke.geometry().area() == pytest.approx(50, rel=0.1) and stroke["width"] == 0
    click(canvas, (X + 5, Y + 5))
    press(canvas, Qt.Key.Key_Escape)
    assert not session.tool.is_painting() and len(session.store.features()) == 1


def test_the_eraser_erases_and_that_is_undone(painted, panel, canvas):
    before = painted.store.features()[0].geometry().area()
    panel.set_value("eraser")
    drag(canvas, (X + 2, Y + 15), (X + 15, Y + 15))
    assert 0 < painted.store.features()[0].geometry().area() < before
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert painted.store.features()[0].geometry().area() == pytest.approx(before)


def test_strokes_erased_to_nothing_take_their_map_along(painted, panel, canvas):
    painted.tool.set_size(200)
    panel.set_value("eraser")
    for y in (5, 15, 25):
        drag(canvas, (X, Y + y), (X + 40, Y + y))
    assert painted.store.features() == [] and painted.overlay.layer is None
    until(rested(painted))
    assert "Take the brush" in panel.status.text() and not panel.run_button.isEnabled()


def test_keys_are_the_maps_when_the_mouse_is_on_it(painted, panel, canvas, iface):
    name = panel.classes.name
    name.setFocus()
    assert iface.window.focusWidget() is name or panel.window().focusWidget() is name
    settle(0.1)
    assert panel.window().focusWidget() is name  # the mouse is elsewhere: typing goes on
    mouse(canvas, MOVE, at(canvas, X + 10, Y + 10))
    assert iface.window.focusWidget() is canvas
    for button in (panel.clear_button, panel.undo_button, panel.tools["polygon"], panel.classes.add_button):
        QTest.mouseClick(button, LEFT)
        assert iface.window.focusWidget() is canvas
    name.setFocus()
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Enter))
    assert iface.window.focusWidget() is canvas


def test_without_a_class_nothing_is_painted_and_it_is_said(session, dock, canvas):
    dock.strokes.set_value("brush")
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert session.store.layer() is None
    assert "Add a class first" in dock.strokes.status.text()


def test_the_map_is_asked_again_when_the_view_moves(painted, canvas):
    before, view = painted.overlay.layer.source(), job_of(painted)["view"]
    canvas.zoomByFactor(0.5)
    until(lambda: painted.overlay.layer.source() != before)
    until(rested(painted))
    assert job_of(painted)["view"] != view
    assert len(list(Path(painted.overlay.layer.source()).parent.glob("*.tif"))) <= 2


def test_a_hair_of_a_brush_still_covers_pixels(session, panel, canvas):
    session.tool.set_size(1)
    canvas.zoomByFactor(0.05)
    centre = canvas.center()
    drag(canvas, (centre.x(), centre.y()), (centre.x() + 0.5, centre.y()))
    (stroke,) = session.store.features()
    assert stroke["width"] == pytest.approx(1.5, rel=0.01)


def test_uncertainty_opacity_and_hint(painted, panel, canvas):
    panel.show_box.setCurrentIndex(1)
    assert painted.overlay.layer.renderer().type() == "singlebandpseudocolor"
    panel.opacity.setOpacity(0.3)
    assert painted.overlay.layer.opacity() == pytest.approx(0.3)
    panel.hint_button.click()
    assert "less than 60 % sure" in panel.status.text()
    (mark,) = [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    assert mark.center().x() > X + 20  # the half that the worker is less sure of
    panel.set_value("eraser")
    assert not [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    panel.hint_button.click()
    (first,) = [item.center() for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    panel.hint_button.click()
    (second,) = [item.center() for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]
    assert first != second  # the next best place
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert not [item for item in canvas.scene().items() if isinstance(item, QgsVertexMarker)]


def test_objects_are_picked_and_kept(painted, panel, canvas, tmp_path):
    panel.set_value("objects")
    click(canvas, (X + 10, Y + 5))
    assert "1 object is selected" in panel.status.text()
    canvas.zoomByFactor(0.8)  # nothing is lost
    click(canvas, (X + 30, Y + 15), keys=SHIFT)
    assert len(painted.picker.picked.shapes) == 2
    click(canvas, (X + 10, Y + 15), keys=ALT)
    assert [name for name, _ in painted.picker.picked.shapes] == ["tree"]
    click(canvas, (X + 10, Y + 15), keys=SHIFT)
    press(canvas, Qt.Key.Key_Return)
    layer = objects.layer_of(QgsProject.instance())
    assert layer.source().startswith(str(tmp_path / "town_objects.gpkg"))
    assert sorted((f["class"], f["area_m2"]) for f in layer.getFeatures()) == [
        ("street", pytest.approx(600, rel=0.01)), ("tree", pytest.approx(600, rel=0.01)),
    ]  # fmt: skip
    assert painted.picker.picked.shapes == [] and layer.startEditing() and layer.rollBack()
    drag(canvas, (X + 21, Y + 1), (X + 39.5, Y + 29.5))
    assert len(painted.picker.picked.shapes) == 1
    click(canvas, (X + 10, Y + 5), keys=SHIFT)
    click(canvas, (X + 30, Y + 15), keys=CTRL)
    assert [name for name, _ in painted.picker.picked.shapes] == ["street"]
    press(canvas, Qt.Key.Key_Escape)
    assert painted.picker.picked.shapes == [] and panel.status.text() == "Nothing is selected."
    press(canvas, Qt.Key.Key_Return)
    assert "Nothing is selected" in panel.status.text() and layer.featureCount() == 2


def test_a_run_on_the_whole_area_has_strokes_of_its_own(painted, dock, plugin, tmp_path):
    from sgma_qgis.gui.outputs_panel import OutputChoice

    dock.outputs.set_value(OutputChoice(("confidence",), str(tmp_path), "map"))
    dock.strokes.run_button.click()
    until(lambda: dock.result.value() is not None)
    job = dock.result.value().job
    assert (job.strokes, job.class_field) == (str(tmp_path / "map.strokes.gpkg"), "class")
    assert "sgma:segmentfromstrokes" in dock.result.value().command and "--STROKES=" in dock.result.value().command
    assert [(c.name, c.color) for c in dock.result.value().card.classes] == [
        ("street", "#888888"), ("tree", "#117733"),
    ]  # fmt: skip
    copy = QgsVectorLayer(job.strokes, "copy", "ogr")
    assert [(f["class"], f["color"]) for f in copy.getFeatures()] == [("tree", "#117733"), ("street", "#888888")]
    group = next(g for g in QgsProject.instance().layerTreeRoot().children() if g.name() == "Strokes")
    assert not group.findLayer(painted.overlay.layer.id()).isVisible()  # the result lies over the same ground
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert QgsProject.instance().layerTreeRoot().children()[0].name() == "Strokes"
    assert painted.store.layer() is not None and painted.overlay.layer is not None


def test_strokes_become_labels_that_do_not_overlap(painted, panel, canvas, iface, tmp_path):
    drag(canvas, (X + 5, Y + 10), (X + 35, Y + 20))  # street, over the tree's stroke
    painted.maker.open_wizard = None
    panel.labels_button.click()
    (layer,) = QgsProject.instance().mapLayersByName("Labels from strokes")
    rows = list(layer.getFeatures())
    assert [f["class"] for f in rows] == ["tree", "street", "street"]
    trees = [f.geometry() for f in rows if f["class"] == "tree"]
    streets = [f.geometry() for f in rows if f["class"] == "street"]
    assert not any(a.intersection(b).area() > 1e-6 for a in trees for b in streets)
    assert any("holds the strokes as labels" in text for text in iface.said())
    opened = []
    painted.maker.open_wizard = lambda layer_id, field: opened.append((layer_id, field))
    panel.labels_button.click()
    assert opened[0][1] == "class" and QgsProject.instance().mapLayer(opened[0][0]).isValid()


def test_the_wizard_opens_with_the_strokes_as_labels(painted, panel, plugin):
    panel.labels_button.click()
    (layer,) = QgsProject.instance().mapLayersByName("Labels from strokes")
    wizard = plugin.window.finetuning.wizard
    assert wizard.isVisible() and wizard.currentId() == 1
    assert (wizard._state.labels, wizard._state.class_field) == (layer.id(), "class")
    assert list(wizard._state.slots) == ["rgb", "nir"]
    panel.labels_button.click()  # once more, while it is open
    assert plugin.window.finetuning.wizard is not wizard
    assert plugin.window.finetuning.wizard._state.labels != layer.id()
    plugin.window.finetuning.wizard.close()


def test_a_model_needs_a_name_of_its_own(painted, iface):
    painted.maker.save("Test trees")
    assert any("test-trees already" in text for text in iface.said())
    painted.maker.save("!!!")
    assert any("letters or digits" in text for text in iface.said())


def install(data_dir, folder, own, base_classes, **provenance):
    """Install a model that strokes made."""
    card = make_card()
    network = replace(card.network, pixels=PixelHead(32, base_classes))
    if not base_classes:
        network = replace(network, backbone="none", fusion="none")
    made = replace(card, id=own, title=folder, network=network, provenance=provenance)
    place = data_dir / "models" / folder
    place.mkdir()
    (place / "card.json").write_text(to_json(made), encoding="utf-8")


def test_a_model_that_strokes_made_leads_back_to_what_it_was_made_from(painted, panel, dock, data_dir):
    install(data_dir, "My roofs", "my-roofs", 2, base="test-trees")
    install(data_dir, "Lost", "lost", 2, base="gone")
    install(data_dir, "Bare", "bare", 0)
    dock.model.refresh()
    for own, model, title in (
        ("my-roofs", "test-trees", "Trees <for tests> é"),
        ("bare", "none", "Pixels alone, as Bare"),
        ("lost", "lost", "Lost"),
    ):
        dock.model.set_value(own)
        assert (painted.live.model, panel.start.itemText(0)) == (model, title)
    assert panel.run_button.isEnabled()
    painted.live.failed.emit(BadInput("Model 'lost' was itself made from strokes.", "Start from the one below it."))
    assert "itself made" in panel.status.text()
    assert not panel.run_button.isEnabled() and not panel.model_button.isEnabled()


def test_a_model_that_is_saved_has_the_name_that_was_typed(painted, dock, iface, data_dir, monkeypatch):
    asked = []
    real = tasks.interact_task
    monkeypatch.setattr(
        tasks, "interact_task", lambda title, job, **more: asked.append(job) or real(title, job, **more)
    )
    painted.maker.save("My roofs: 2")
    until(lambda: painted.maker._task is None)
    assert Path(asked[0].save_model) == data_dir / "models" / "My roofs- 2"
    assert any("Model My roofs- 2 is in the list" in text for text in iface.said())


def test_a_stroke_beside_the_layers_is_kept_and_told(session, panel, canvas, iface):
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert not any("outside the layers" in text for text in iface.said())
    canvas.setExtent(QgsRectangle(X - 200, Y - 200, X - 100, Y - 100))
    drag(canvas, (X - 150, Y - 150), (X - 140, Y - 150))
    assert len(session.store.features()) == 2
    assert any("outside the layers" in text for text in iface.said())


# --- the project --------------------------------------------------------------------------------------------------


def test_project_and_strokes_come_back(painted, panel, dock, tmp_path):
    panel.set_start("none")
    QgsProject.instance().write()
    path = QgsProject.instance().fileName()
    QgsProject.instance().clear()
    assert panel.classes.value() == () and painted.store.layer() is None
    QgsProject.instance().read(path)
    assert [known.name for known in panel.classes.value()] == ["tree", "street"]
    assert painted.store.names() == ["tree", "street"] and panel.starts_from() == "none"
    until(lambda: painted.overlay.layer is not None)
    names = [layer.name() for layer in QgsProject.instance().mapLayers().values()]
    assert names.count("Map of the strokes") == names.count("Strokes") == 1


def test_strokes_of_a_session_that_was_not_saved_are_taken_up(painted, panel, iface, tmp_path):
    path = QgsProject.instance().fileName()
    QgsProject.instance().clear()
    QgsProject.instance().read(path)  # as it was before the first stroke
    assert painted.store.names() == ["tree", "street"]
    assert [(known.name, known.color) for known in panel.classes.value()] == [
        ("tree", "#117733"), ("street", "#888888"),
    ]  # fmt: skip
    assert any("earlier session" in text for text in iface.said())


def test_strokes_of_a_project_that_was_read_before_the_dock_was_opened(painted, plugin, iface, tmp_path):
    path = str(tmp_path / "saved.qgz")
    assert QgsProject.instance().write(path)
    plugin.window.dock.hide()  # else it would be open when the plugin is switched on again
    plugin.unload()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QgsProject.instance().clear()
    plugin.initGui()
    assert QgsProject.instance().read(path)
    assert iface.window.findChild(QDockWidget, "SgmaDock").widget() is None
    dock, session = plugin.window.dock, plugin.window.strokes
    dock.show()
    assert session.store.layer() is None  # until the tab is seen, as ever
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert session.store.names() == ["tree", "street"]
    assert [known.name for known in dock.strokes.classes.value()] == ["tree", "street"]


def test_a_project_without_a_file_keeps_them_in_the_data_folder(plugin, layers, data_dir, iface, canvas):
    QgsProject.instance().clear()
    add(layers["RGB"], "RGB")
    dock, session = plugin.window.dock, plugin.window.strokes
    dock.show()
    dock.tabs.setCurrentWidget(dock.strokes_page)
    dock.strokes.classes.add("tree")
    dock.strokes.set_value("brush")
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert Path(session.store.path()).parent == data_dir / "strokes"
    path = session.store.path()
    assert any("Strokes are kept in" in text for text in iface.said())  # where, in full, is behind Details
    QgsProject.instance().clear()
    session.project.open_file(path)
    assert session.store.names() == ["tree"]
    session.project.open_file(layers["RGB"])
    assert any("holds no strokes" in text for text in iface.said())


def test_a_layer_of_strokes_that_is_removed_is_not_forced_back(painted, panel, canvas, iface, tmp_path):
    path = painted.store.path()
    QgsProject.instance().removeMapLayer(painted.store.layer().id())
    assert any("was removed; its file stays" in text for text in iface.said())
    assert painted.overlay.layer is None and not panel.undo_button.isEnabled()
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert painted.store.path() == str(tmp_path / "town_strokes_2.gpkg") and Path(path).exists()
    assert len(painted.store.features()) == 1


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
    dock.strokes.clear_button.click()
    assert result.itemVisibilityChecked()  # nothing takes its place


def test_layers_that_come_lie_below_the_strokes(painted, panel):
    root = QgsProject.instance().layerTreeRoot()
    top = QgsVectorLayer("Point?crs=EPSG:32616", "on top", "memory")
    inside = QgsVectorLayer("Point?crs=EPSG:32616", "inside", "memory")
    QgsProject.instance().addMapLayer(top)
    QgsProject.instance().addMapLayer(inside, False)
    next(g for g in root.children() if g.name() == "Strokes").insertLayer(0, inside)
    settle(0.1)
    group = root.children()[0]
    assert [node.layer().name() for node in group.findLayers()] == ["Strokes", "Map of the strokes"]
    assert {root.children()[1].name(), root.children()[2].name()} == {"on top", "inside"}
    assert inside.isValid() and painted.store.layer() is not None and painted.overlay.layer is not None


def test_strokes_that_are_opened_take_the_place_of_others(painted, panel, iface, tmp_path):
    before, path = painted.store.layer(), tmp_path / "other.gpkg"
    store.make(path, before.crs())
    painted.project.open_file(painted.store.path())
    assert any("open already" in text for text in iface.said()) and painted.store.layer() is before
    painted.project.open_file(str(path))
    assert painted.store.path() == str(path) and before.name() == "town_strokes (earlier)"
    assert any("count no more" in text for text in iface.said())
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert group.findLayer(before.id()) is None and group.findLayer(painted.store.layer().id()) is not None
    assert not QgsProject.instance().layerTreeRoot().findLayer(before.id()).itemVisibilityChecked()
    assert painted.store.in_project() is painted.store.layer()
    assert {c.symbol().color().name() for c in before.renderer().categories()} == {"#666666"}


# --- faults -------------------------------------------------------------------------------------------------------


def test_layers_removed_in_the_middle_of_a_stroke(painted, panel, canvas):
    start = at(canvas, X + 5, Y + 10)
    mouse(canvas, PRESS, start, LEFT, LEFT)
    mouse(canvas, MOVE, start + QPoint(40, 0), NONE, LEFT)
    rasters = [k for k, v in QgsProject.instance().mapLayers().items() if v.name() in ("RGB", "NIR")]
    QgsProject.instance().removeMapLayers(rasters)
    mouse(canvas, RELEASE, start + QPoint(40, 0), LEFT, NONE)
    assert len(painted.store.features()) == 3
    until(lambda: "No layer is picked" in panel.status.text())


def test_the_map_is_removed_by_hand_and_comes_back_with_the_next_stroke(painted, panel, canvas):
    QgsProject.instance().removeMapLayer(painted.overlay.layer.id())
    panel.hint_button.click()
    assert "no map" in panel.status.text()
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 25))
    until(lambda: painted.overlay.layer is not None)


def test_another_start_asks_again(painted, panel):
    before = painted.overlay.layer.source()
    panel.set_start("none")
    until(lambda: painted.overlay.layer.source() != before)
    assert job_of(painted)["model"] == "none"
    until(lambda: "pixels alone" in panel.status.text())


def test_a_worker_that_is_killed_is_started_again(session, panel, canvas, monkeypatch, tmp_path):
    from sgma_qgis import service

    service.shutdown()  # a worker keeps the environment it began in
    crash = tmp_path / "crash"
    monkeypatch.setenv("SGMA_FAKE_CRASH_ONCE", str(crash))
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    until(lambda: "Only tree" in panel.status.text())
    crash.write_text("")
    press(canvas, Qt.Key.Key_2)
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 20))
    until(lambda: session.overlay.layer is not None)
    assert not crash.exists() and len(job_of(session)["strokes"]) == 2


def test_a_question_that_an_older_one_overtook_is_asked_again(painted, panel, canvas):
    before = painted.overlay.layer.source()
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 25))
    painted.live._task.cancel()  # as the service does with a job whose thread began before its forerunner's
    until(lambda: painted.overlay.layer.source() != before)
    until(rested(painted))
    assert len(job_of(painted)["strokes"]) == 3


def test_the_worker_may_take_what_the_settings_allow(painted, panel, canvas):
    assert job_of(painted)["memory_mb"] == 1024
    settings.save(Settings(strokes_memory_mb=2048))
    before = painted.overlay.layer.source()
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 25))
    until(lambda: painted.overlay.layer.source() != before)
    assert job_of(painted)["memory_mb"] == 2048


def test_a_project_without_crs_takes_that_of_the_layers(session, panel, canvas):
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem())
    canvas.setExtent(QgsRectangle(X, Y, X + 60, Y + 40))
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    press(canvas, Qt.Key.Key_2)
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 20))
    until(lambda: session.overlay.layer is not None)
    assert session.store.crs().authid() == "EPSG:32616" and job_of(session)["view_crs"] == "EPSG:32616"


def test_neither_project_nor_layers_have_one_crs(session, panel, canvas, tmp_path):
    other = add(make_raster(tmp_path / "dsm.tif", 1, "Float32", epsg=32617), "other")
    session._dock.layers.set_value({**session._dock.layers.value(), "dsm": Slot(other.id())})
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem())
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    until(lambda: "no coordinate reference system" in panel.status.text())
    assert session.store.layer() is None


def test_strokes_in_another_crs_than_the_map(session, panel, canvas):
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    first = session.store.features()[0].geometry()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    settle(0.3)
    assert abs(canvas.center().x()) < 180
    place = QgsGeometry.fromPointXY(first.centroid().asPoint())

    carry = QgsCoordinateTransform(
        session.store.crs(), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    )
    place.transform(carry)
    point = place.asPoint()
    step = 20 * canvas.mapUnitsPerPixel()
    drag(canvas, (point.x(), point.y()), (point.x() + step, point.y()))
    second = session.store.features()[1]
    assert second.geometry().distance(first) == 0
    assert 0.05 < second["width"] < 20
    until(rested(session))


def test_a_worker_that_refuses_says_why_in_the_tab(plugin, layers, monkeypatch, canvas):
    monkeypatch.setenv("SGMA_FAKE_FAIL", "bad_input")
    add(layers["RGB"], "RGB")
    dock = plugin.window.dock
    dock.show()
    dock.tabs.setCurrentWidget(dock.strokes_page)
    dock.strokes.classes.add("tree")
    until(lambda: "The RGB layer has 2 bands. Give one with 3." in dock.strokes.status.text().replace("\n", " "))


# --- classes ------------------------------------------------------------------------------------------------------


def test_classes_are_named_renamed_coloured_and_removed(painted, panel, canvas):
    classes = panel.classes
    classes.name.setText(" grass ")
    classes.add_button.click()
    assert [known.name for known in classes.value()] == ["tree", "street", "grass"]
    assert classes.current().name == "grass" and classes.name.text() == ""
    classes.add("TREE")  # is there: only chosen
    assert classes.current().name == "tree" and len(classes.value()) == 3
    item = classes.tree.topLevelItem(0)
    item.setText(1, "oak")
    assert painted.store.names() == ["oak", "street"]
    classes.tree.topLevelItem(0).setText(1, "street")  # taken
    assert classes.value()[0].name == "oak"
    classes.set_color(0, "#aa0000")
    assert painted.store.layer().renderer().categories()[0].symbol().color().name() == "#aa0000"
    classes.choose(0)
    classes.remove_button.click()
    assert painted.store.names() == ["street"] and painted.overlay.layer is None
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert painted.store.names() == ["oak", "street"]
    assert {known.name for known in classes.value()} == {"oak", "street", "grass"}


def test_classes_come_from_the_model_and_from_labels(session, dock, monkeypatch, iface):
    classes = dock.strokes.classes
    classes.from_model_wanted.emit()
    assert [(known.name, known.color) for known in classes.value()] == [("not tree", "#dddddd"), ("tree", "#117733")]
    classes.from_layer_wanted.emit()
    assert any("No layer of the project has a field" in text for text in iface.said())
    labels = QgsVectorLayer("Point?crs=EPSG:32616&field=kind:string", "labels", "memory")
    for kind in ("oak", "Tree", None):
        feature = QgsVectorLayerUtils.createFeature(labels, QgsGeometry(), {0: kind})
        labels.dataProvider().addFeatures([QgsFeature(feature)])
    QgsProject.instance().addMapLayer(labels)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *given: (given[3][0], True))
    classes.from_layer_wanted.emit()
    assert [known.name for known in classes.value()] == ["not tree", "tree", "oak"]


def test_the_layers_stay_valid_while_files_change(painted, canvas):
    shown = []
    for i in range(3):
        before = painted.overlay.layer.source()
        drag(canvas, (X + 5 + i, Y + 10), (X + 10 + i, Y + 20))
        until(lambda b=before: painted.overlay.layer.source() != b)
        shown.append(painted.overlay.layer.isValid() and isinstance(painted.overlay.layer, QgsRasterLayer))
    assert shown == [True] * 3
