"""What a user does with strokes, by mouse and keys: run by `take.py` as QGIS's --code file.

Besides the layers, the folder holds truth.tif of a generated town, or label.tif: it only tells where to paint what.
"""

import os
import sys

from qgis.core import Qgis, QgsCoordinateTransform, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

sys.path.insert(0, os.environ["SGMA_TOUR_FOLDER"])  # --code files have none of their own
from drive import LAYERS, TITLES, Tour, checked, controller, dock, drawn, idle, look, pause, plugin, shot, tidy  # noqa: E402, I001

LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
SHIFT, CTRL, PLAIN = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.NoModifier,
)
CLASSES = {"truth": {"roof": 1, "road": 0, "tree": 2}, "label": {"ground": 1, "roof": 4, "tree": 3}}
_state = {}


def session():
    return plugin().window.strokes


def panel():
    return dock().strokes


def canvas():
    return iface.mapCanvas()


def rested():
    return session().live._task is None and not session().live._timer.isActive()


def event(kind, point, button=NONE, held=NONE, keys=PLAIN):
    QApplication.sendEvent(canvas().viewport(), QMouseEvent(kind, QPointF(point), button, held, keys))


def draw(points, keys=PLAIN, let_go=True):
    """Move along pixels of the canvas with the left button down."""
    event(MOVE, points[0], keys=keys)
    event(PRESS, points[0], LEFT, LEFT, keys)
    for first, second in zip(points, points[1:]):
        for i in range(1, 9):
            event(MOVE, first + (second - first) * (i / 8), NONE, LEFT, keys)
    if let_go:
        event(RELEASE, points[-1], LEFT, NONE, keys)


def click(point, keys=PLAIN):
    event(MOVE, point, keys=keys)
    event(PRESS, point, LEFT, LEFT, keys)
    event(RELEASE, point, LEFT, NONE, keys)


def spots(value, count=4):
    """Return stretches (two pixels of the canvas) in the largest patches of a class that the map shows."""
    from sgma_qgis.gui.strokes import patches

    layer = _state["truth"]
    carry = QgsCoordinateTransform(canvas().mapSettings().destinationCrs(), layer.crs(), QgsProject.instance())
    extent = carry.transformBoundingBox(canvas().extent()).intersect(layer.extent())
    side = min(extent.width(), extent.height()) / 300
    width, height = max(1, round(extent.width() / side)), max(1, round(extent.height() / side))
    block = layer.dataProvider().block(1, extent, width, height)
    data = bytes(block.data())
    shown = patches.Picture(data, width, height, extent.xMinimum(), extent.yMaximum(), side, side)
    found = []
    for patch in sorted(patches.patches(shown, [value]), key=patches.pixels, reverse=True)[:count]:
        rows = sorted(run.row for run in patch)
        middle = [run for run in patch if abs(run.row - rows[len(rows) // 2]) <= 2]
        run = max(middle, key=lambda run: run.right - run.left)
        box = shown.rectangle(run)
        centre, inner = box.center(), box.width() * 0.3
        ends = [QgsPointXY(centre.x() + side, centre.y()) for side in (-inner, inner)]
        found.append([pixel(carry.transform(end, Qgis.TransformDirection.Reverse)) for end in ends])
    return found


def pixel(point):
    place = canvas().getCoordinateTransform().transform(point)
    return QPoint(round(place.x()), round(place.y()))


def begin():
    """Layers and the dock."""
    tidy()
    yield pause(1)
    kind = "truth" if (LAYERS / "truth.tif").exists() else "label"
    _state["truth"] = QgsRasterLayer(str(LAYERS / f"{kind}.tif"), "truth")
    _state["classes"] = CLASSES[kind]
    for key, title in reversed(TITLES.items()):
        path = LAYERS / f"{key}.tif"
        if path.exists():
            QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), title))
    QgsProject.instance().write(str(LAYERS.parent / "town.qgz"))
    canvas().zoomToFullExtent()
    iface.mainWindow().setGeometry(0, 0, 1366, 768)
    plugin().window.action.trigger()
    dock().model.set_value("town-demo")
    look(360)
    yield checked
    dock().tabs.setCurrentWidget(dock().strokes_page)
    for name in _state["classes"]:
        panel().classes.add(name)
    yield lambda: session().live.result is not None  # nothing is computed before there is a class
    yield drawn


def paint():
    """A stroke of each class, and a second: the map follows."""
    panel().tools["brush"].click()
    assert canvas().mapTool() is session().tool
    for i in range(2):
        for key, value in enumerate(_state["classes"].values()):
            QTest.keyClick(canvas(), Qt.Key(Qt.Key.Key_1 + key))
            draw(spots(value)[i])
            yield pause(0.2)
            yield rested
    yield lambda: session().overlay.layer is not None
    yield drawn
    yield pause(1)
    shot("21_strokes")
    count = len(session().store.features())
    QTest.keyClick(canvas(), Qt.Key.Key_Z, CTRL)
    assert len(session().store.features()) == count - 1, "undo"
    QTest.keyClick(canvas(), Qt.Key.Key_Z, CTRL | SHIFT)
    assert len(session().store.features()) == count, "redo"
    yield rested


def move():
    """The map is moved in the middle of a stroke, and the map of the strokes follows."""
    before, source = canvas().center().x(), session().overlay.layer.source()
    QTest.keyClick(canvas(), Qt.Key(Qt.Key.Key_1 + list(_state["classes"]).index("roof")))
    start = spots(_state["classes"]["roof"])[2][0]
    draw([start, start + QPoint(6, 4)], let_go=False)
    event(PRESS, start, MIDDLE, LEFT | MIDDLE)
    for i in range(6):
        event(MOVE, start + QPoint(20 * i, 0), NONE, LEFT | MIDDLE)
    event(RELEASE, start + QPoint(100, 0), MIDDLE, LEFT)
    assert session().tool.is_painting() and canvas().center().x() != before, "moving the map ended the stroke"
    event(RELEASE, start + QPoint(106, 4), LEFT, NONE)
    canvas().zoomByFactor(0.5)
    yield lambda: session().overlay.layer.source() != source
    yield pause(0.5)
    yield rested
    yield drawn
    yield pause(1)
    shot("22_strokes_zoomed")


def doubt():
    """Where the map is not sure, and where to paint next."""
    panel().show_box.setCurrentIndex(1)
    panel().hint_button.click()
    yield pause(0.5)
    yield drawn
    shot("23_strokes_doubt")
    panel().show_box.setCurrentIndex(0)


def pick():
    """Objects: one by click, another added, both kept."""
    panel().tools["objects"].click()
    places = [spot[0] for spot in spots(_state["classes"]["roof"], 3)]
    click(places[0])
    for place in places[1:]:
        click(place, SHIFT)
    yield pause(0.3)
    yield drawn
    shot("24_strokes_objects")
    QTest.keyClick(canvas(), Qt.Key.Key_Return)
    assert "kept in layer" in panel().status.text(), panel().status.text()


def run():
    """The whole area, a model, labels."""
    dock().outputs.folder.setFilePath(str(LAYERS.parent))
    yield checked
    canvas().zoomToFullExtent()
    panel().run_button.click()
    yield lambda: controller().runner.current() is not None
    yield idle
    yield lambda: dock().result.value() is not None
    yield drawn
    yield pause(1.5)
    shot("25_strokes_result")
    dock().tabs.setCurrentWidget(dock().strokes_page)
    session().maker.save("my town")
    yield lambda: session().maker._task is None
    assert "my-town" in dock().model._names, panel().status.text()
    panel().labels_button.click()
    yield lambda: plugin().window.finetuning.wizard is not None
    yield pause(1.5)
    shot("26_strokes_labels", plugin().window.finetuning.wizard)
    plugin().window.finetuning.wizard.close()


TOUR = Tour((begin, paint, move, doubt, pick, run))
