"""Quit a real QGIS window in the middle of a run, with a preview under way: neither a crash nor a worker must be left.

python3 docs/screenshots/take.py --layers FOLDER --output /tmp --tour tests/plugin/gui_quit.py
"""

import os
import time
from pathlib import Path

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from qgis.utils import iface, plugins

LAYERS = Path(os.environ["SGMA_TOUR_LAYERS"])
FAILED = Path(os.environ["SGMA_TOUR_FAILED"])
PATIENCE_S = 600


class Quit:
    """Waits for the dock, runs, and leaves when the first block is on the map; QGIS's question is answered with yes."""

    def __init__(self):
        window = plugins["sgma_qgis"].window
        self.dock, self.controller = window.dock, window.controller
        self.begun, self.running, self.leaving, self.waited = time.monotonic(), False, False, 0
        for key in ("dsm", "rgb"):
            QgsProject.instance().addMapLayer(QgsRasterLayer(str(LAYERS / f"{key}.tif"), key))
        iface.mapCanvas().zoomToFullExtent()
        window.action.trigger()
        self.timer = QTimer()
        self.timer.timeout.connect(self.tick)
        self.timer.start(100)

    def tick(self):
        box = QApplication.activeModalWidget()
        if self.leaving and isinstance(box, QMessageBox):
            buttons = QMessageBox.StandardButton
            (box.button(buttons.Yes) or box.button(buttons.Discard)).click()
            return
        if self.leaving:  # QGIS cancels its tasks at the first try, and leaves at the next
            self.waited += 1
            if self.waited % 10 == 0:
                self.leave()
            return
        run = self.controller.runner.current()
        if time.monotonic() - self.begun > PATIENCE_S:
            FAILED.write_text(f"nothing happened: {self.dock.run_bar.estimate.text()}\n", encoding="utf-8")
            self.leave()
        elif not self.running and self.controller.checker.found and self.dock.run_bar.value().can_run:
            self.running = True
            self.dock.run_bar.run_button.click()
        elif not self.leaving and run is not None and run.live is not None:
            self.dock.run_bar.preview_button.click()
            self.leave()
        elif self.running and not self.leaving and run is None:
            FAILED.write_text("the run ended before it could be left\n", encoding="utf-8")
            self.leave()

    def leave(self):
        self.leaving = True
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(0, iface.actionExit().trigger)


QUIT = Quit()
