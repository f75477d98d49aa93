"""Drive a real QGIS window (under Xvfb where there is no display) through `tour.py` and keep its pictures.

    python3 docs/screenshots/take.py --layers FOLDER --output FOLDER [--plugins build/stage] [--runtime PYTHON]

FOLDER of layers: rgb.tif, nir.tif, dsm.tif, sar.tif, those there are; for the wizard's tour (finetune_tour.py) labels,
too. QGIS gets a profile of its own that is thrown away, and copies of the layers, since it may write beside them. Ends
with 1 when a step of the tour failed, QGIS crashed, or a process that it started outlives it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOUR = Path(__file__).with_name("tour.py")
SCREEN = "1366x768x24"
PROFILE = ".local/share/QGIS/QGIS3/profiles/default/QGIS/QGIS3.ini"
SETTINGS = """[PythonPlugins]
sgma_qgis=true

[qgis]
showTips346=false
checkVersion=false
newsFeed\\httpsfeedqgisorg\\disabled=true

[app]
minTaskLengthForSystemNotification=3600
news-feed\\disabled=true
"""


def workers_left(folder: str) -> list[int]:
    """Return the processes begun in that home that are alive after 15 seconds; where /proc tells."""
    mark = f"HOME={folder}\0".encode()
    for _ in range(30):
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                alive = (entry / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
                if alive and mark in (entry / "environ").read_bytes() and b"python" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:  # ended meanwhile, or not ours to read
                continue
        if not found:
            break
        time.sleep(0.5)
    return found


def main() -> int:
    """Take the pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--plugins", type=Path, default=Path("build/stage"))
    parser.add_argument("--runtime", type=Path, default=Path(".venv-runtime/bin/python"))
    parser.add_argument("--tour", type=Path, default=TOUR)
    parser.add_argument("--timeout", type=int, default=1800)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sgma_tour_") as folder:
        home = Path(folder)
        (home / PROFILE).parent.mkdir(parents=True)
        (home / PROFILE).write_text(SETTINGS, encoding="utf-8")
        shutil.copytree(options.layers, home / "layers")
        log = home / "failed.txt"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QT_", "VIRTUAL_"))},
            "PATH": "/usr/bin:/bin",
            "HOME": folder,
            "XDG_RUNTIME_DIR": folder,
            "QGIS_PLUGINPATH": str(options.plugins.resolve()),
            "SGMA_RUNTIME_PYTHON": str(options.runtime.absolute()),
            "SGMA_DATA_DIR": str(home / "data"),
            "SGMA_TOUR_LAYERS": str(home / "layers"),
            "SGMA_TOUR_OUTPUT": str(options.output.resolve()),
            "SGMA_TOUR_FAILED": str(log),
            "SGMA_TOUR_FOLDER": str(TOUR.parent.resolve()),
        }
        command = [
            shutil.which("qgis.bin") or "qgis", "--nologo", "--noversioncheck", "--code", str(options.tour.resolve())
        ]  # fmt: skip
        if not os.environ.get("DISPLAY"):
            command = ["xvfb-run", "-a", "-s", f"-screen 0 {SCREEN}", *command]
        qgis = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            ended = qgis.wait(options.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(qgis.pid, signal.SIGTERM)  # the display, too
            qgis.wait()
            sys.stderr.write(f"QGIS did not end within {options.timeout} s.\n")
            return 1
        left = workers_left(folder)
        if left:
            sys.stderr.write(f"QGIS is gone, but processes that it started are not: {left}\n")
            return 1
        if log.exists():
            sys.stderr.write(log.read_text(encoding="utf-8"))
            return 1
        if ended != 0:
            sys.stderr.write(f"QGIS ended with {ended}.\n")
        return 1 if ended else 0


if __name__ == "__main__":
    sys.exit(main())
