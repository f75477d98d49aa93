"""Layers that go, workers that end or refuse, and coordinate systems that differ, in the middle of painting."""

from gui_support import add, settle, until
from plugin_support import make_raster
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsGeometry, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QPoint, Qt
from strokes_support import LEFT, MOVE, NONE, PRESS, RELEASE, X, Y, at, drag, job_of, mouse, press, rested

from sgma_qgis.gui.slot_row import Slot


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
