"""The map tool of the strokes alone on a canvas: what a hand does that no clean test of the tab does."""

import pytest
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QColor, QFocusEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from strokes_support import LEFT, MIDDLE, MOVE, NONE, PRESS, RELEASE, at, click, drag, mouse, press

from sgma_qgis.gui.strokes.map_tool import BRUSH, ERASER, POLYGON, StrokeTool

X, Y = 500010, 4599970
CORNERS = (X, Y), (X + 20, Y), (X + 20, Y + 20)
DOUBLE = QEvent.Type.MouseButtonDblClick
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture()
def canvas(iface):
    return iface.canvas


@pytest.fixture()
def tool(canvas):
    """The brush in hand; `painted`, `erased` and `keys` hold what it told."""
    found = StrokeTool(canvas)
    found.told, found.rubbed, found.keys = [], [], []
    found.painted.connect(lambda ground, width: found.told.append(ground))
    found.erased.connect(found.rubbed.append)
    found.key_pressed.connect(found.keys.append)
    canvas.setMapTool(found)
    found.set_color(QColor("#117733"))
    yield found
    canvas.unsetMapTool(found)


def twice(canvas, point, button=LEFT):
    """Double click, as the window system tells it: the second press is the double click, and it is released, too."""
    click(canvas, point, button=button)
    place = at(canvas, *point)
    mouse(canvas, DOUBLE, place, button, button)
    mouse(canvas, RELEASE, place, button, NONE)


def test_a_double_click_ends_a_polygon_and_begins_no_other(tool, canvas):
    tool.set_mode(POLYGON)
    click(canvas, CORNERS[0])
    click(canvas, CORNERS[1])
    twice(canvas, CORNERS[2])
    (ground,) = tool.told
    assert ground.area() == pytest.approx(200, rel=0.1)
    assert not tool.is_painting()
    for corner in CORNERS:
        click(canvas, corner)
    press(canvas, Qt.Key.Key_Return)
    assert [round(ground.area(), -1) for ground in tool.told] == [200, 200]


def test_two_quick_clicks_of_the_middle_button_end_no_polygon(tool, canvas):
    tool.set_mode(POLYGON)
    for corner in CORNERS:
        click(canvas, corner)
    twice(canvas, (X + 5, Y + 5), MIDDLE)
    assert tool.is_painting() and tool.told == []


def test_two_quick_dabs_are_two(tool, canvas):
    twice(canvas, CORNERS[0])
    assert len(tool.told) == 2


@pytest.mark.parametrize("mode", [BRUSH, POLYGON])
def test_a_class_chosen_in_the_middle_ends_nothing(tool, canvas, mode):
    tool.set_mode(mode)
    place = at(canvas, *CORNERS[0])
    if mode == BRUSH:
        mouse(canvas, PRESS, place, LEFT, LEFT)
        mouse(canvas, MOVE, at(canvas, *CORNERS[1]), NONE, LEFT)
    else:
        for corner in CORNERS:
            click(canvas, corner)
    tool.set_color(QColor("#888888"))
    assert tool.told == [] and tool.is_painting()
    assert tool._item._color == QColor("#888888")  # what it will be kept as is seen
    if mode == BRUSH:
        mouse(canvas, RELEASE, at(canvas, *CORNERS[1]), LEFT, NONE)
    else:
        press(canvas, Qt.Key.Key_Return)
    assert len(tool.told) == 1
    click(canvas, CORNERS[0])
    tool.set_color(None)  # the last class is gone: what is begun has no name to be kept under
    assert not tool.is_painting()


def test_without_a_class_the_eraser_goes_on(tool, canvas):
    tool.set_mode(ERASER)
    mouse(canvas, PRESS, at(canvas, *CORNERS[0]), LEFT, LEFT)
    tool.set_color(None)
    mouse(canvas, RELEASE, at(canvas, *CORNERS[0]), LEFT, NONE)
    assert len(tool.rubbed) == 1


def test_undo_takes_back_what_is_being_painted_first(tool, canvas):
    mouse(canvas, PRESS, at(canvas, *CORNERS[0]), LEFT, LEFT)
    press(canvas, Qt.Key.Key_Z, CTRL)
    mouse(canvas, RELEASE, at(canvas, *CORNERS[1]), LEFT, NONE)
    assert tool.told == tool.keys == []
    tool.set_mode(POLYGON)
    for corner in (*CORNERS, (X + 5, Y + 25)):
        click(canvas, corner)
    press(canvas, Qt.Key.Key_Z, CTRL)
    press(canvas, Qt.Key.Key_Return)
    (ground,) = tool.told
    assert ground.area() == pytest.approx(200, rel=0.1) and tool.keys == []
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert tool.keys == ["undo"]


def test_each_digit_names_its_class(tool, canvas):
    for key in range(Qt.Key.Key_1, Qt.Key.Key_9 + 1):
        press(canvas, Qt.Key(key))
    assert "".join(tool.keys) == "123456789"


def test_space_that_comes_up_elsewhere_does_not_stop_the_brush(tool, canvas):
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, CORNERS[0], CORNERS[1])
    assert tool.told == []
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))  # another window takes the keys
    drag(canvas, CORNERS[0], CORNERS[1])
    assert len(tool.told) == 1
