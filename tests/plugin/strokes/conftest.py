"""Strokes in the dock, by mouse and keys on a real canvas, with a worker that computes nothing."""

import pytest
from gui_support import add, until
from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from strokes_support import X, Y, drag, press, rested

from sgma_qgis.gui.strokes.stroke_class import StrokeClass


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


@pytest.fixture()
def painted(session, panel, canvas):
    """A stroke of each class, and the map that follows."""
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    press(canvas, Qt.Key.Key_2)
    drag(canvas, (X + 30, Y + 10), (X + 35, Y + 20))
    until(lambda: session.overlay.layer is not None)
    until(rested(session))
    return session
