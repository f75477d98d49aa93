"""Run inside QGIS by `bench_event_loop.py`: notes the event loop's gaps, idle and during a run."""

import json
import os
import time
from pathlib import Path

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from qgis.utils import iface, plugins

LAYERS = Path(os.environ["SGMA_TOUR_LAYERS"])
OUTPUT = Path(os.environ["SGMA_TOUR_OUTPUT"])
FAILED = Path(os.environ["SGMA_TOUR_FAILED"])
TICK_MS, IDLE_S, PATIENCE_S = 5, 20.0, 300.0


class Watch:
    """Phases: wait for the dock, idle, run, done."""

    def __init__(self):
        self.phase, self.begun, self.last = "start", time.monotonic(), None
        self.gaps = {"idle": [], "run": []}
        window = plugins["sgma_qgis"].window
        self.dock, self.controller = window.dock, window.controller
        for key in ("sar", "dsm", "nir", "rgb"):
            path = LAYERS / f"{key}.tif"
            if path.exists():
                QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), key))
        iface.mapCanvas().zoomToFullExtent()
        iface.mainWindow().setGeometry(0, 0, 1366, 768)
        window.action.trigger()
        self.timer = QTimer()
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
        self.timer.start(TICK_MS)

    def tick(self):
        now = time.monotonic()
        if self.phase in self.gaps and self.last is not None:
            self.gaps[self.phase].append(1000.0 * (now - self.last))
        self.last = now
        runner = self.controller.runner
        if now - self.begun > PATIENCE_S:
            self.end(f"{self.phase} took longer than {PATIENCE_S:g} s: {self.dock.run_bar.estimate.text()}")
        elif self.phase == "start" and self.controller.checker.found and self.dock.run_bar.value().can_run:
            self.go("settle")
        elif self.phase == "settle" and now - self.begun > 3 and not iface.mapCanvas().isDrawing():
            self.go("idle")
        elif self.phase == "idle" and now - self.begun > IDLE_S:
            self.seconds = {"idle": now - self.begun}
            self.go("run")
            self.dock.run_bar.run_button.click()
        elif self.phase == "run" and not runner.runs and self.dock.result.value() is not None:
            self.seconds["run"] = now - self.begun
            self.end("")

    def go(self, phase):
        self.phase, self.begun, self.last = phase, time.monotonic(), None

    def end(self, failure):
        if failure:
            FAILED.write_text(failure + "\n", encoding="utf-8")
        else:
            found = {name: self.row(name) for name in self.gaps}
            found["tiles"] = self.dock.result.value().result["tiles_run"]
            (OUTPUT / "gaps.json").write_text(json.dumps(found), encoding="utf-8")
        self.timer.timeout.disconnect()
        self.timer.timeout.connect(leave)
        self.timer.start(200)

    def row(self, name):
        gaps = sorted(self.gaps[name])
        at = {"median": 0.5, "p99": 0.99, "p999": 0.999, "longest": 1.0}
        row = {key: gaps[min(len(gaps) - 1, int(share * len(gaps)))] for key, share in at.items()}
        return {**row, "count": len(gaps), "seconds": self.seconds[name]}


def leave():
    """Quit once no task is left; that temporary layers will be lost is known."""
    if QgsApplication.taskManager().countActiveTasks() == 0:
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(200, answer)  # of its own: a timer does not fire again while its slot waits in a box
        iface.actionExit().trigger()


def answer():
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        box.button(QMessageBox.StandardButton.Yes).click()
    QTimer.singleShot(200, answer)


WATCH = Watch()
