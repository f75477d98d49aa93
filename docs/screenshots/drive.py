"""Drives a real QGIS window step by step, and keeps pictures; run by `take.py` as part of QGIS's --code file.

Each step is a generator: it yields conditions, and goes on when one holds. QGIS's own event loop runs in between, as it
does for a user.
"""

import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from qgis.core import Qgis, QgsApplication, QgsProject
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


def tidy():
    """Leave the map, the list of layers and the toolbars that matter."""
    main = iface.mainWindow()
    for bar in main.findChildren(QToolBar):
        if bar.objectName() not in ("mFileToolBar", "mMapNavToolBar", "mRasterToolBar"):
            bar.hide()
    for other in main.findChildren(QDockWidget):
        if other.objectName() not in ("Layers", "SgmaDock"):
            other.hide()


class Tour:
    """Goes through the steps from a timer, so that QGIS runs as ever in between."""

    def __init__(self, steps):
        self.steps = iter(steps)
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
