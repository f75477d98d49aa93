"""A window for tests of the dock: what the plugin asks of QGIS's own, with a real canvas and message bar."""

import json
import time
from pathlib import Path

from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtWidgets import QMainWindow, QMenu, QToolBar


class Iface:
    """The part of QgisInterface that the plugin uses."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.canvas.resize(400, 300)
        self.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32616"))
        self.canvas.setExtent(QgsRectangle(500000, 4599960, 500060, 4600000))
        self.window.setCentralWidget(self.canvas)
        self.bar = QgsMessageBar(self.window)
        self.menu, self.toolbar = QMenu(self.window), QToolBar(self.window)
        self.options = []
        self.window.resize(1000, 700)
        self.window.show()

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def messageBar(self):
        return self.bar

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)

    def addPluginToRasterMenu(self, name, action):
        self.menu.addAction(action)

    def removePluginRasterMenu(self, name, action):
        self.menu.removeAction(action)

    def addToolBarIcon(self, action):
        self.toolbar.addAction(action)

    def removeToolBarIcon(self, action):
        self.toolbar.removeAction(action)

    def showOptionsDialog(self, parent, page):
        self.options.append(page)

    def registerOptionsWidgetFactory(self, factory):
        """Options pages are tested by themselves."""

    def unregisterOptionsWidgetFactory(self, factory):
        """As above."""

    def said(self):
        """Return the texts on the message bar, oldest first."""
        return [item.text() for item in self.bar.items()]

    def close(self):
        """Delete the window and all in it, now."""
        self.bar.clearWidgets()
        self.canvas.setLayers([])
        self.window.close()
        self.window.deleteLater()
        QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def until(condition, seconds=20, why="it did not happen"):
    """Process events until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why
        QgsApplication.processEvents()
        time.sleep(0.01)


def settle(seconds=0.2):
    """Process events for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        QgsApplication.processEvents()
        time.sleep(0.01)


def add(path, name):
    """Add a raster to the project and return it."""
    from qgis.core import QgsRasterLayer

    layer = QgsRasterLayer(str(path), name)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def keep(dock, folder, *roles):
    """Have the dock write 'town' and these further outputs into a folder."""
    from sgma_qgis.gui.outputs_panel import OutputChoice

    dock.outputs.set_value(OutputChoice(roles, str(folder), "town"))


def finished(dock):
    """Return a condition for `until`: a result is shown."""
    return lambda: dock.result.value() is not None


def map_town(dock, folder):
    """Run and return the result."""
    keep(dock, folder)
    before = dock.result.value()
    dock.run_bar.run_button.click()
    until(lambda: dock.result.value() is not None and dock.result.value() is not before)
    return dock.result.value()


def listed(result, finished=""):
    """Write the run.json of a result, as the real worker does, and return its path."""
    from sgma_qgis import history
    from sgma_qgis.model.contract.wire import job_to_dict

    path = Path(history.run_file(result.job.outputs.classes))
    told = {
        "job": job_to_dict(result.job),
        "result": result.result,
        "finished": finished,
        "model": {"id": "test-trees"},
    }
    path.write_text(json.dumps(told))
    return str(path)


def job_of(dock):
    """Return the job that the fake worker got for the result shown."""
    return json.loads(Path(dock.result.value().result["outputs"]["classes"] + ".job.json").read_text())


LEFT = Qt.MouseButton.LeftButton
