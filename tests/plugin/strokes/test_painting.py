"""Brush, polygon and eraser by mouse and keys, undone and made again."""

import pytest
from gui_support import settle, until
from qgis.core import QgsRectangle
from qgis.gui import QgsMapToolPan
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from strokes_support import (
    CTRL,
    LEFT,
    MIDDLE,
    MOVE,
    NONE,
    PRESS,
    RELEASE,
    SHIFT,
    X,
    Y,
    at,
    click,
    drag,
    mouse,
    press,
    rested,
    wheel,
)


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


def test_the_map_has_its_tool_again_when_the_brush_is_put_down(session, dock, panel, canvas):
    panel.set_value("")
    before = QgsMapToolPan(canvas)
    canvas.setMapTool(before)
    panel.tools["brush"].click()
    assert canvas.mapTool() is session.tool
    panel.tools["brush"].click()
    assert canvas.mapTool() is before and before.isActive()
    panel.tools["brush"].click()
    press(canvas, Qt.Key.Key_Escape)
    assert canvas.mapTool() is before and panel.value() == ""
    panel.tools["polygon"].click()
    click(canvas, (X + 5, Y + 5))
    press(canvas, Qt.Key.Key_Escape)  # gives up what is begun
    assert canvas.mapTool() is session.tool and panel.value() == "polygon"
    press(canvas, Qt.Key.Key_Escape)
    assert canvas.mapTool() is before
    panel.tools["eraser"].click()
    other, seen = QgsMapToolPan(canvas), []
    canvas.mapToolSet.connect(lambda tool, *_: seen.append(tool))
    canvas.setMapTool(other)  # from the toolbar: nothing is given back in between
    assert canvas.mapTool() is other and seen == [other] and panel.value() == ""
    panel.tools["brush"].click()
    dock.tabs.setCurrentIndex(0)
    assert canvas.mapTool() is other


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


def test_a_hair_of_a_brush_still_covers_pixels(session, panel, canvas):
    session.tool.set_size(1)
    canvas.zoomByFactor(0.05)
    centre = canvas.center()
    drag(canvas, (centre.x(), centre.y()), (centre.x() + 0.5, centre.y()))
    (stroke,) = session.store.features()
    assert stroke["width"] == pytest.approx(1.5, rel=0.01)


def test_a_stroke_beside_the_layers_is_kept_and_told(session, panel, canvas, iface):
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert not any("outside the layers" in text for text in iface.said())
    canvas.setExtent(QgsRectangle(X - 200, Y - 200, X - 100, Y - 100))
    drag(canvas, (X - 150, Y - 150), (X - 140, Y - 150))
    assert len(session.store.features()) == 2
    assert any("outside the layers" in text for text in iface.said())
