"""Parts of the tab of strokes alone: files of its map, names of objects, rendered layers, a window made an icon."""

import json
from pathlib import Path

import pytest
from plugin_support import make_raster
from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtGui import QColor, QHideEvent, QIcon, QShowEvent
from qgis.PyQt.QtWidgets import QApplication

from sgma_qgis.gui.memory import SCOPE
from sgma_qgis.gui.strokes import objects, store
from sgma_qgis.gui.strokes.class_list import swatch
from sgma_qgis.gui.strokes.live_map import LiveMap
from sgma_qgis.gui.strokes.overlay import Overlay
from sgma_qgis.gui.strokes.panel import StrokesPanel
from sgma_qgis.gui.strokes.picking import Picker
from sgma_qgis.gui.strokes.project import KEY, StrokeProject
from sgma_qgis.gui.strokes.stroke_class import USUAL, StrokeClass, free_color
from sgma_qgis.model.contract.colors import COLOR
from sgma_qgis.model.contract.errors import BadInput

CRS = QgsCoordinateReferenceSystem("EPSG:32616")
COLORS = {"street": "#888888", "tree": "#117733"}


@pytest.fixture()
def overlay(qgis_app):
    QgsProject.instance().clear()
    yield Overlay(lambda layer: QgsProject.instance().addMapLayer(layer))
    QgsProject.instance().clear()


def answer(overlay, names=("street", "tree")):
    """What the engine answers: an overlay in the next file, of class 1 everywhere."""
    path = overlay.next_file()
    make_raster(Path(path), 2, value=1)
    classes = [{"id": i, "name": name, "color": "#777777"} for i, name in enumerate(names)]
    return {"overlay": path, "classes": classes}


def left(overlay):
    """Return the files there are, each with what GDAL wrote beside it."""
    return sorted({path.name.replace(".aux.xml", "") for path in overlay._folder.iterdir()})


def test_answers_that_came_too_late_and_half_written_ones_leave_no_file(overlay):
    shown = [answer(overlay) for _ in range(5)]
    (overlay._folder / ".overlay_4.unfinished.tif").write_bytes(b"half")
    (overlay._folder / "overlay_4.tif.aux.xml").write_bytes(b"<PAMDataset/>")
    overlay.show(shown[0], COLORS)
    overlay.show(shown[4], COLORS)
    assert left(overlay) == ["overlay_1.tif", "overlay_5.tif"]  # the one before may still be being drawn
    coming = answer(overlay)
    overlay.remove()
    assert left(overlay) == ["overlay_5.tif", "overlay_6.tif"]  # the last is in work
    overlay.show(coming, COLORS)
    overlay.show(answer(overlay), COLORS)
    assert left(overlay) == ["overlay_6.tif", "overlay_7.tif"]


def test_what_is_picked_keeps_its_name_whatever_the_next_map_calls_its_classes(overlay, iface, tmp_path):
    overlay.show(answer(overlay), COLORS)
    picker = Picker(overlay, store.StrokeStore(), iface.canvas, lambda: overlay.crs(), lambda: COLORS, None)
    picker.click(overlay.layer.extent().center(), Qt.KeyboardModifier.NoModifier)
    assert [name for name, _ in picker.picked.shapes] == ["tree"]
    overlay.show(answer(overlay, ("asphalt", "street", "tree")), COLORS)
    layer = objects.make(tmp_path / "objects.gpkg", overlay.crs())
    QgsProject.instance().addMapLayer(layer)
    picker.accept()
    assert [feature["class"] for feature in layer.getFeatures()] == ["tree"]
    picker.close()


class Rendering:
    """A renderer whose picture is done when a test says so."""

    def __init__(self):
        self.waiting = []

    def prepare(self, then, failed, progress, warn):
        self.waiting.append((then, failed))


def test_a_layer_is_rendered_once_however_many_strokes_come_meanwhile(overlay, iface, monkeypatch):
    parent, rendering = QObject(), Rendering()
    live = LiveMap(store.StrokeStore(), overlay, None, rendering, iface.canvas, parent)
    started, failed = [], []
    monkeypatch.setattr(live, "_start", started.append)
    live.failed.connect(failed.append)
    live.ask()
    assert rendering.waiting == []  # it rests
    live._on = True
    for _ in range(4):
        live.ask()
    ((then, _),) = rendering.waiting
    then({"rgb": "old.tif"})
    assert started == [] and len(rendering.waiting) == 2  # the map may have been moved: looked at once more
    rendering.waiting[1][0]({"rgb": "new.tif"})
    assert started == [{"rgb": "new.tif"}]
    live.ask()
    refused = BadInput("No picture.", "Try again.")
    rendering.waiting[2][1](refused)
    live.ask()
    assert failed == [refused] and len(rendering.waiting) == 4
    live.close()


def test_a_window_made_an_icon_keeps_the_brush_in_hand(qgis_app):
    panel = StrokesPanel()
    seen = []
    panel.seen.connect(seen.append)
    panel.show()
    panel.set_value("brush")
    for event, handler in ((QHideEvent(), panel.hideEvent), (QShowEvent(), panel.showEvent)):
        event.spontaneous = lambda: True  # as those of the window system are; a test cannot send one
        handler(event)
    assert seen == [True] and panel.value() == "brush"
    panel.hide()
    assert seen == [True, False]
    panel.deleteLater()


def test_a_class_that_undo_brings_back_is_listed_again(qgis_app, tmp_path):
    QgsProject.instance().clear()
    panel, parent = StrokesPanel(), QObject()
    kept = store.StrokeStore(parent)
    project = StrokeProject(kept, panel, parent)
    kept.changed.connect(project.list_classes)
    layer = store.make(tmp_path / "s.gpkg", CRS)
    QgsProject.instance().addMapLayer(layer)
    kept.take(layer)
    panel.classes.set_value([StrokeClass("street", "#888888")])
    kept.add("tree", QgsGeometry.fromRect(QgsRectangle(0, 0, 9, 9)), 1.0, "#117733")
    panel.classes.set_value([StrokeClass("street", "#888888")])  # removed, and its strokes with it
    kept.remove_class("tree")
    assert [one.name for one in panel.classes.value()] == ["street"]
    kept.undo()
    assert panel.classes.value() == (StrokeClass("street", "#888888"), StrokeClass("tree", "#117733"))
    assert panel.classes.current().name == "street"  # what is in hand stays in hand
    panel.classes.choose(0)
    kept.add("street", QgsGeometry.fromRect(QgsRectangle(20, 0, 29, 9)), 1.0, "#888888")
    panel.classes.removed.connect(kept.remove_class)
    panel.classes.remove_button.click()
    assert [one.name for one in panel.classes.value()] == ["tree"]
    kept.undo()
    assert [one.name for one in panel.classes.value()] == ["street", "tree"]  # its key is as before
    project.close()
    QgsProject.instance().clear()
    panel.deleteLater()


@pytest.mark.parametrize("wrong", ["", "red", "#12", "#gggggg", "#e69f00ff"])
def test_what_is_no_colour_in_a_project_becomes_a_free_one(qgis_app, wrong):
    QgsProject.instance().clear()
    rows = [["crop", "#F2C230"], ["tree", wrong], ["thing", wrong]]
    QgsProject.instance().writeEntry(SCOPE, KEY, json.dumps({"classes": rows, "start": "none"}))
    panel, parent = StrokesPanel(), QObject()
    project = StrokeProject(store.StrokeStore(parent), panel, parent)
    project.open()
    panel.classes.add("other")
    colors = [one.color for one in panel.classes.value()]
    assert colors[:2] == ["#F2C230", free_color([], "tree")]
    assert len(set(colors)) == 4 and all(map(COLOR.match, colors))
    project.close()
    QgsProject.instance().clear()
    panel.deleteLater()


def test_well_known_classes_have_well_known_colours(qgis_app):
    classes = []
    for name in ("Dach", "Trees", "grass", "Wasser", "Straße", "bare soil", "crops", "thing", "forest road", "Weg"):
        classes.append(StrokeClass(name, free_color(classes, name)))
    colors = {one.name: QColor(one.color) for one in classes}
    assert len({one.color for one in classes}) == len(classes)
    assert colors["Dach"].red() > 2 * colors["Dach"].blue() and colors["Wasser"].blue() > 2 * colors["Wasser"].red()
    assert colors["Trees"].green() > 2 * colors["Trees"].red() and colors["Straße"].saturation() == 0
    assert free_color([], "building") == free_color([], "Gebäude") == free_color([], "roofs")
    assert free_color([], "forest road") == free_color([], "street") != free_color([], "forest")
    assert free_color([StrokeClass("crop", "#f2c230")], "thing") == "#56b4e9"  # orange would be taken for it
    for i, (one, _) in enumerate(USUAL):
        for other, _ in USUAL[i + 1 :]:
            a, b = QColor(one), QColor(other)
            assert abs(a.red() - b.red()) + abs(a.green() - b.green()) + abs(a.blue() - b.blue()) > 100


def test_the_chosen_class_shows_its_true_colour(qgis_app):
    image = swatch("#f2c230").pixmap(14, 14, QIcon.Mode.Selected).toImage()
    assert image.pixelColor(7, 7) == QColor("#f2c230")


def test_the_status_moves_nothing_with_one_line_or_three(qgis_app):
    panel = StrokesPanel()
    panel.resize(320, 700)
    panel.show()
    heights = []
    for text in ("One.", "One.\nTwo.\nThree.", "One.\nTwo.", ""):
        panel.set_status(text)
        QApplication.processEvents()
        heights.append((panel.status.height(), panel.run_button.y()))
    assert len(set(heights)) == 1
    panel.hide()
    panel.deleteLater()
