"""What a user does, in a real QGIS window: run by `take.py` as QGIS's --code file.

Each step is a generator: it yields conditions, and goes on when one holds. QGIS's own event loop runs in between, as it
does for a user.
"""

import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from qgis.core import Qgis, QgsApplication, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QMessageBox, QToolBar
from qgis.utils import iface, plugins

LAYERS = Path(os.environ["SGMA_TOUR_LAYERS"])
OUTPUT = Path(os.environ["SGMA_TOUR_OUTPUT"])
FAILED = Path(os.environ["SGMA_TOUR_FAILED"])
TICK_MS = 50
PATIENCE_S = float(os.environ.get("SGMA_TOUR_PATIENCE", "300"))
TITLES = {"rgb": "Orthophoto", "nir": "Near infrared", "dsm": "Surface model", "sar": "Radar"}


def plugin():
    return plugins["sgma_qgis"]


def dock():
    return plugin().window.dock


def controller():
    return plugin().window.controller


def shot(name, widget=None):
    """Keep a picture of the window, or of one widget."""
    widget = widget or iface.mainWindow()
    picture = widget.grab().toImage()
    picture = picture.convertToFormat(QImage.Format.Format_Indexed8, palette(picture))
    picture.save(str(OUTPUT / f"{name}.png"), "PNG", 0)


def palette(picture):
    """Return the 256 colours that occur most, of those that differ in five bits: a picture of a third of the size."""
    small = picture.scaled(picture.width() // 2, picture.height() // 2)
    points = ((x, y) for y in range(small.height()) for x in range(small.width()))
    counts = Counter(small.pixel(x, y) & 0xF8F8F8 for x, y in points)
    return [0xFF000000 | color | 0x040404 for color, _ in counts.most_common(256)]


def pause(seconds):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def drawn():
    return not iface.mapCanvas().isDrawing()


def checked():
    return controller().checker.found is not None and dock().run_bar.value().can_run


def no_preview():
    return not controller().previewer.text and controller().previewer.is_shown()


def idle():
    return not controller().runner.runs


def look(width):
    """Make the window that of a small laptop, with the dock as wide as asked."""
    main = iface.mainWindow()
    main.setGeometry(0, 0, 1366, 768)
    main.resizeDocks([dock()], [width], Qt.Orientation.Horizontal)


def begin():
    """An empty window: the dock is closed."""
    main = iface.mainWindow()
    for bar in main.findChildren(QToolBar):
        if bar.objectName() not in ("mFileToolBar", "mMapNavToolBar", "mRasterToolBar"):
            bar.hide()
    for other in main.findChildren(QDockWidget):
        if other.objectName() not in ("Layers", "SgmaDock"):
            other.hide()
    yield pause(1)
    assert not dock().isVisible(), "the dock opened itself"
    for key, title in reversed(TITLES.items()):
        path = LAYERS / f"{key}.tif"
        if path.exists():
            QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), title))
    iface.mapCanvas().zoomToFullExtent()
    main.setGeometry(0, 0, 1366, 768)
    yield drawn


def set_up():
    """The dock is opened: its rows fill themselves."""
    plugin().window.action.trigger()
    look(360)
    yield checked
    assert dock().layers.sensors() == tuple(key for key in TITLES if (LAYERS / f"{key}.tif").exists())
    yield drawn
    yield pause(1)
    shot("1_set_up")


def preview():
    """What the map shows, as the run will map it."""
    canvas = iface.mapCanvas()
    canvas.zoomByFactor(0.3)
    yield drawn
    dock().run_bar.preview_button.click()
    yield no_preview
    yield drawn
    yield pause(1)
    shot("2_preview")


def run():
    """A run is started, watched and stopped."""
    iface.mapCanvas().zoomToFullExtent()
    dock().outputs.folder.setFilePath(str(LAYERS.parent))
    for box in dock().outputs.boxes.values():
        box.setChecked(True)
    yield checked
    dock().run_bar.run_button.click()
    yield lambda: controller().runner.current() is not None
    yield (
        lambda: idle() or (controller().runner.current().live is not None and controller().runner.current().share > 0.3)
    )
    yield pause(1.5)
    yield drawn
    shot("3_run")
    dock().run_bar.stop_button.click()
    yield idle
    yield pause(1)
    shot("4_stopped")
    assert dock().run_bar.value().resumes, "nothing to resume"


def resume():
    """The run goes on where it was stopped, and its result is shown."""
    dock().run_bar.run_button.click()
    yield lambda: controller().runner.current() is not None
    yield idle
    yield lambda: dock().result.value() is not None
    assert dock().result.value().result["tiles_resumed"] > 0, "nothing was taken from the run that was stopped"
    yield drawn
    yield pause(1.5)
    shot("5_result")


def why_here():
    """A click on the map is explained."""
    dock().why.button.click()
    centre = iface.mapCanvas().extent().center()
    controller().inspector.explain(QgsPointXY(centre))
    yield lambda: dock().why.value() is not None
    yield pause(0.5)
    shot("6_why_here")


def what_if():
    """The view without one sensor."""
    dock().why.button.click()
    iface.mapCanvas().zoomByFactor(0.3)
    yield drawn
    panel = dock().what_if
    panel.set_value("dsm" if "dsm" in dock().layers.sensors() else dock().layers.sensors()[-1])
    panel.button.click()
    yield lambda: "%" in panel.text.text()
    yield drawn
    yield pause(1)
    shot("7_what_if")


def windows():
    """The model card and the report."""
    card = dock().model.open_card()
    report = controller().results.open_report(dock().result.value())
    yield pause(1)
    shot("8_model_card", card)
    shot("9_report", report)
    card.close()
    report.close()


def dark():
    """The narrowest dock, in the dark theme."""
    QgsApplication.setUITheme("Night Mapping")
    dock().tabs.setCurrentIndex(0)
    look(320)
    yield pause(1.5)
    look(320)
    yield drawn
    shot("10_dark_320")
    dock().tabs.setCurrentIndex(1)
    yield pause(0.5)
    shot("11_dark_320_result", dock())


STEPS = (begin, set_up, preview, run, resume, why_here, what_if, windows, dark)


class Tour:
    """Goes through the steps from a timer, so that QGIS runs as ever in between."""

    def __init__(self):
        self.steps = iter(STEPS)
        self.step = self.waiting = None
        self.name, self.ticks = "", 0
        self.timer = QTimer()
        self.timer.timeout.connect(self.tick)
        QgsApplication.messageLog().messageReceived[str, str, Qgis.MessageLevel].connect(self.heard)
        self.timer.start(TICK_MS)

    def tick(self):
        try:
            self.go_on()
        except Exception:  # whatever a step raises ends the tour and is told
            self.end(f"{self.name}:\n{traceback.format_exc()}")

    def go_on(self):
        if self.waiting is not None and not self.waiting():
            self.ticks += 1
            if self.ticks * TICK_MS > 1000 * PATIENCE_S:
                shot("failed")
                said = [item.text() for item in iface.messageBar().items()]
                self.end(f"{self.name}: waited too long; {dock().run_bar.estimate.text()!r}, {said}\n")
            return
        if self.step is None:
            step = next(self.steps, None)
            if step is None:
                self.end("")
                return
            self.name, self.step = step.__name__, step()
        self.waiting, self.ticks = next(self.step, None), 0
        if self.waiting is None:
            self.step = None

    def heard(self, text, tag, level):
        """What QGIS's log says in warnings and errors belongs to the tour's own."""
        if level in (Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical):
            sys.stderr.write(f"[{tag}] {text}\n")

    def end(self, failure):
        if failure:
            FAILED.write_text(failure, encoding="utf-8")
        self.timer.timeout.disconnect()
        self.timer.timeout.connect(leave)


def leave():
    """Quit once no task is left; that temporary layers will be lost is known."""
    if QgsApplication.taskManager().countActiveTasks() == 0:
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(TICK_MS, answer)  # of its own: a timer does not fire again while its slot waits in a box
        iface.actionExit().trigger()


def answer():
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        box.button(QMessageBox.StandardButton.Yes).click()
    QTimer.singleShot(TICK_MS, answer)


TOUR = Tour()
