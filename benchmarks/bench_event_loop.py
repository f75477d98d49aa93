"""Does a run hold up QGIS's window? Gaps of its event loop, idle and during a run of the dock, in a real window.

A timer of 5 ms in QGIS's own event loop notes when it is served; a gap is the time between two notes. The window is
drawn under Xvfb, with the dock open and all layers shown; during the run finished blocks appear on the map.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_MS = 50.0


def main() -> int:
    """Print the table; return 1 when the run holds the window up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=3072, help="side of the generated town in pixels")
    parser.add_argument("--layers", type=Path, help="layers of your own instead")
    parser.add_argument("--plugins", type=Path, default=ROOT / "build" / "stage")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        layers = options.layers
        if layers is None:
            town = [sys.executable, "-m", "sgma_qgis.model", "town", "--output", folder, "--size", str(options.size)]
            subprocess.run(town, cwd=ROOT, check=True)
            (layers,) = Path(folder).glob("scene_*")
        command = [
            "python3", "docs/screenshots/take.py", "--layers", layers, "--output", folder, "--plugins", options.plugins,
            "--runtime", sys.executable, "--tour", ROOT / "benchmarks" / "event_loop_window.py",
        ]  # fmt: skip
        subprocess.run([str(part) for part in command], cwd=ROOT, check=True)
        found = json.loads((Path(folder) / "gaps.json").read_text())
    print(f"{'':8}  {'seconds':>7}  {'gaps':>6}  {'median':>8}  {'99 %':>8}  {'99.9 %':>8}  {'longest':>8}")
    for name in ("idle", "run"):
        row = found[name]
        numbers = "  ".join(f"{row[key]:6.1f} ms"[:9].rjust(8) for key in ("median", "p99", "p999", "longest"))
        print(f"{name:8}  {row['seconds']:7.1f}  {row['count']:6d}  {numbers}")
    more = found["run"]["p99"] - found["idle"]["p99"]
    print(f"99th percentile during a run of {found['tiles']} tiles: {more:+.1f} ms (asked: less than {MOST_MS:g})")
    return 0 if more < MOST_MS else 1


if __name__ == "__main__":
    sys.exit(main())
