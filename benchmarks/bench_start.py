"""How long people wait before anything happens: worker start to first tile, and what the plugin adds to QGIS's start.

python -m benchmarks.bench_start [--model ID ...] [--qgis-python PATH]. Medians of 5 processes each, files in the cache
of the system, a model's conversion (if its backend has one) paid before. The plugin is started as QGIS does it, in a
window with a map, Processing being there already: import, classFactory, initGui with the dock closed. What the dock
takes when it is first opened, until it is painted, is a row of its own; QGIS's start does not wait for it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback

ROOT = Path(__file__).resolve().parents[1]
RUNS = 5
MOST_WORKER_S, MOST_PLUGIN_MS = 3.0, 50.0
BOOT = "import sys; sys.path.append(sys.argv[1]); from sgma_qgis.model.worker import main; sys.exit(main())"
IN_QGIS = """
import json, sys, time
from qgis.core import QgsApplication
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtWidgets import QMainWindow, QMenu
application = QgsApplication([], True)
application.initQgis()
sys.path.append(QgsApplication.pkgDataPath() + "/python/plugins")
import processing
from processing.core.Processing import Processing
Processing.initialize()
sys.path.append(sys.argv[1])

class Iface:
    def __init__(self):
        main = QMainWindow()
        canvas, bar, menu, tools = QgsMapCanvas(main), QgsMessageBar(main), QMenu(main), main.addToolBar("plugins")
        main.setCentralWidget(canvas)
        main.resize(1000, 700)
        main.show()
        self.mainWindow, self.mapCanvas, self.messageBar = lambda: main, lambda: canvas, lambda: bar
        self.addPluginToRasterMenu = lambda name, action: menu.addAction(action)
        self.addToolBarIcon, self.addDockWidget = tools.addAction, main.addDockWidget

    def __getattr__(self, name):
        return lambda *ignored: None

iface = Iface()
application.processEvents()
times = [time.perf_counter()]
import sgma_qgis
plugin = sgma_qgis.classFactory(iface)
times.append(time.perf_counter())
plugin.initGui()
times.append(time.perf_counter())
plugin.window.action.trigger()
application.processEvents()
times.append(time.perf_counter())
plugin.unload()
print(json.dumps([1000 * (after - before) for before, after in zip(times, times[1:])]))
"""


def main() -> int:
    """Print both tables; returns 1 when a figure is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", action="append", help="default: the shipped models")
    parser.add_argument("--qgis-python", default=str(ROOT / ".venv-qgis" / "bin" / "python"))
    args = parser.parse_args()
    slow = False
    print("| worker, seconds after its start | `ready` | `started` | tile 1 |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        sources = _write_scene(Path(folder))
        for model in args.model or ("town-demo", "trees-aerial"):
            _start_worker(model, sources, Path(folder))  # pays for conversion and fills caches
            row = np.median([_start_worker(model, sources, Path(folder)) for _ in range(RUNS)], axis=0)
            print(f"| {model} | {row[0]:.2f} | {row[1]:.2f} | {row[2]:.2f} |")
            slow |= row[2] > MOST_WORKER_S
    imported, ready, opened = zip(*(_start_plugin(args.qgis_python) for _ in range(RUNS)), strict=True)
    total = median(map(sum, zip(imported, ready, strict=True)))
    print("\n| plugin in QGIS's window, milliseconds | import and classFactory | initGui | all |")
    print("|---|---|---|---|")
    print(f"| added to QGIS's start, the dock closed | {median(imported):.0f} | {median(ready):.0f} | {total:.0f} |")
    print(f"| first opening of the dock | | | {median(opened):.0f} |")
    return int(slow or total > MOST_PLUGIN_MS)


def _write_scene(folder: Path) -> list[dict]:
    """Write a small town; returns its RGB and NIR as sources in a job's JSON form."""
    (scene,) = write_scenes(folder, {"test": [1]}, 640, 0.5, JobFeedback("bench", lambda event: None))
    return [{"modality": key, "path": str(scene[key])} for key in ("rgb", "nir")]


def _start_worker(model: str, sources: list[dict], folder: Path) -> tuple[float, float, float]:
    """Start a worker and give it a job; returns seconds until it is ready, has started, and has done a tile."""
    job = {"kind": "segment", "sources": sources, "model": model, "outputs": {"classes": str(folder / "map.tif")}}
    requests = ({"type": "hello", "protocol": 1}, {"type": "run", "id": "1", "job": job})
    seen = {}
    began = time.perf_counter()
    worker = subprocess.Popen(
        [sys.executable, "-I", "-c", BOOT, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_WAIT_POLICY": "passive"},  # as the plugin sets it
    )
    with worker:
        worker.stdin.write("".join(json.dumps(request) + "\n" for request in requests).encode())
        worker.stdin.flush()
        for line in worker.stdout:
            event = json.loads(line)
            first_tile = event["type"] == "progress" and event["stage"] == "segment" and event["done"]
            seen.setdefault("tile" if first_tile else event["type"], time.perf_counter() - began)
            if event["type"] in ("done", "failed"):
                break
        worker.stdin.close()
    if "done" not in seen:
        raise SystemExit(f"The job on {model} did not end well: {event}")
    return seen["ready"], seen["started"], seen["tile"]


def _start_plugin(python: str) -> tuple[float, float, float]:
    """Return milliseconds of importing the plugin, of its initGui, and of opening its dock, after QGIS itself is up."""
    done = subprocess.run(
        [python, "-c", IN_QGIS, str(ROOT)],
        env={**os.environ, "PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return tuple(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
