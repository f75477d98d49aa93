"""How long a stroke takes: from the message to the worker to its answer, overlay written; and memory while panning.

python -m benchmarks.bench_stroke_latency [--networks none small pvt_v2_b0] [--repeats 11]. A view of 512 x 512 pixels,
three sensors, random weights, all cores. First view: the first answer of a worker that is up, features of the view
included. Update: one stroke more on features that are kept; half of the views lie across the tiles' lattice. Processor
time, of all threads together, stands beside: it hardly depends on what else the machine does. Then 16 views of a layer
of 4096 x 4096 are panned over, every fourth one as wide as a large screen, large polygons being painted; memory is the
process's peak.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.inputs import PIXEL_M, ROOT, RUNTIME_PYTHON, folder, write_layers, write_model

KEYS, SIDE, VIEW = ("rgb", "nir", "dsm"), 4096, 512
SCREEN, FIELD = (1600, 1000), 600  # pixels: of a wide view, and of the side of a large polygon
ORIGIN = (500_000.0, 5_300_000.0)
BOOT = "import sys; sys.path.append(sys.argv[1]); from sgma_qgis.model.worker import main; sys.exit(main())"
MOST_UPDATE_S, MOST_MB = 0.3, 1024
MOST_FIRST_S = {"none": 2.0, "small": 2.0, "pvt_v2_b0": 4.0}
CLASSES, PANS = 5, 16


@dataclass(frozen=True)
class Run:
    """seconds: from the request to the answer. processor_s: of the worker. parts: seconds by step."""

    seconds: float
    processor_s: float
    parts: dict[str, float]


class Worker:
    """A worker process and its pipes."""

    def __init__(self) -> None:
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [str(RUNTIME_PYTHON), "-I", "-c", BOOT, str(ROOT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._send({"type": "hello", "protocol": 1})
        self._until("ready")
        self.start_s = time.perf_counter() - began

    def run(self, job: dict[str, Any]) -> Run:
        """Return what came of a job."""
        began, used = time.perf_counter(), self._processor_s()
        self._send({"type": "run", "id": "a", "job": job})
        event = self._until("done", "failed")
        seconds = time.perf_counter() - began
        if event["type"] == "failed":
            raise SystemExit(f"{event['message']} {event['hint']}")
        return Run(seconds, self._processor_s() - used, event["result"]["seconds"])

    def _processor_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> float:
        """Return the most resident memory so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    def end(self) -> None:
        """Have the worker quit."""
        self._send({"type": "quit"})
        self.process.wait(10)

    def _send(self, request: dict[str, Any]) -> None:
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def _until(self, *types: str) -> dict[str, Any]:
        for line in self.process.stdout:
            event = json.loads(line)
            if event["type"] in types:
                return event
        raise SystemExit("The worker ended.")


def main() -> int:
    """Print the table; returns 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=["none", "small", "pvt_v2_b0"])
    parser.add_argument("--repeats", type=int, default=11, help="updates of each kind of view (default 11)")
    args = parser.parse_args()
    print("| model | worker up | first view | update | of it fit, map | update across tiles | peak memory |")
    print("|---|---|---|---|---|---|---|")
    with folder() as where:
        layers = write_layers(Path(where) / "layers", KEYS, SIDE, SIDE)
        met = [_measure(Path(where), layers, network, args.repeats) for network in args.networks]
    return 0 if all(met) else 1


def _measure(where: Path, layers: dict[str, Path], network: str, repeats: int) -> bool:
    model = network
    if network != "none":
        model = str(where / network)
        write_model(Path(model), network, "semantic_guided", KEYS, 512)
    base = {
        "kind": "interact",
        "sources": [
            {"modality": key, "path": str(path), "unit": "ndsm" if key == "dsm" else ""} for key, path in layers.items()
        ],
        "model": model,
        "overlay": str(where / "overlay.tif"),
        "view_crs": "EPSG:32632",
        "strokes_crs": "EPSG:32632",
    }
    worker = Worker()
    first = worker.run({**base, "view": _view(1024, 1024), "strokes": _strokes(CLASSES, 1024)})
    updates: dict[int, list[Run]] = {1024: [], 1024 + 130: []}
    for at, done in updates.items():
        worker.run({**base, "view": _view(at, at), "strokes": _strokes(CLASSES, 1024)})
        for repeat in range(repeats):
            done.append(worker.run({**base, "view": _view(at, at), "strokes": _strokes(CLASSES + repeat, 1024)}))
    for pan in range(PANS):
        width, height = SCREEN if pan % 4 == 0 else (VIEW, VIEW)
        at = _view(pan * 977 % (SIDE - width), pan * 1553 % (SIDE - height), width, height)
        worker.run({**base, "view": at, "strokes": _strokes(CLASSES, 1024) + _fields(pan // 2)})
    peak = worker.peak_mb()
    worker.end()
    plain, across = (median(run.seconds for run in done) for done in updates.values())
    used = [median(run.processor_s for run in done) for done in updates.values()]
    parts = [median(run.parts[name] for run in updates[1024]) for name in ("fit", "map")]
    print(
        f"| {network} | {worker.start_s:.1f} s | {first.seconds:.2f} s ({first.processor_s:.2f} s) | "
        f"{1000 * plain:.0f} ms ({1000 * used[0]:.0f} ms) | {1000 * parts[0]:.0f}, {1000 * parts[1]:.0f} ms | "
        f"{1000 * across:.0f} ms ({1000 * used[1]:.0f} ms) | {peak:.0f} MB |",
        flush=True,
    )
    missed = [
        text
        for text, value, most in (
            ("first view", first.seconds, MOST_FIRST_S[network]),
            ("update", max(plain, across), MOST_UPDATE_S),
            ("memory", peak, MOST_MB),
        )
        if value > most
    ]
    if missed:
        print(f"Missed, {network}: {', '.join(missed)}", file=sys.stderr)
    return not missed


def _view(col: int, row: int, width: int = VIEW, height: int = VIEW) -> list[float]:
    left, top = ORIGIN[0] + PIXEL_M * col, ORIGIN[1] - PIXEL_M * row
    return [left, top - PIXEL_M * height, left + PIXEL_M * width, top]


def _fields(count: int) -> list[dict[str, Any]]:
    """Return so many large polygons, spread over the layer."""
    fields = []
    for number in range(count):
        left, bottom, right, top = _view(number * 1111 % (SIDE - FIELD), number * 1777 % (SIDE - FIELD), FIELD, FIELD)
        wkt = f"POLYGON(({left} {bottom},{right} {bottom},{right} {top},{left} {top},{left} {bottom}))"
        fields.append({"name": f"class {number % CLASSES}", "wkt": wkt, "width": 0.0})
    return fields


def _strokes(count: int, at: int) -> list[dict[str, Any]]:
    """Return strokes of 30 pixels, spread over the view at (at, at), of CLASSES classes in turn."""
    strokes = []
    for number in range(count):
        x = ORIGIN[0] + PIXEL_M * (at + 30 + number * 137 % 430)
        y = ORIGIN[1] - PIXEL_M * (at + 30 + number * 211 % 430)
        wkt = f"LINESTRING({x} {y},{x + 15} {y - 4})"
        strokes.append({"name": f"class {number % CLASSES}", "wkt": wkt, "width": 0.0})
    return strokes


if __name__ == "__main__":
    sys.exit(main())
