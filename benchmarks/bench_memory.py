"""Peak memory of a segment run at 4096 x 4096 against 4096 wide x 16384 high: it must not grow with the height.

python -m benchmarks.bench_memory [--model ID]. Each run is a process of its own; peak resident memory as the kernel
counts it. RGB and a height model, all rasters written.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

from sgma_qgis.model.data.town import make_scene

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHTS = 4096, (4096, 16384)
PATCH = 1024


def main() -> int:
    """Run both and print the table; returns 1 when the ratio is above 1.10."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="town-demo")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # the measured child: one run, peak on stdout
    args = parser.parse_args()
    if args.one:
        return _child(args.one, args.model)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for height in HEIGHTS:
            scene = Path(folder) / str(height)
            _write(scene, height)
            began = time.monotonic()
            command = [sys.executable, "-m", "benchmarks.bench_memory", "--model", args.model, "--one", str(scene)]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
            rows.append((height, json.loads(done.stdout.splitlines()[-1]), time.monotonic() - began))
    base = rows[0][1]["peak_mb"]
    print("| size | peak memory | ratio | tiles | time |")
    print("|---|---|---|---|---|")
    for height, row, seconds in rows:
        ratio = row["peak_mb"] / base
        print(f"| {WIDTH} x {height} | {row['peak_mb']:.0f} MB | {ratio:.3f} | {row['tiles']} | {seconds:.0f} s |")
    return int(rows[-1][1]["peak_mb"] / base > 1.10)


def _child(scene: Path, model: str) -> int:
    from sgma_qgis.model.contract.job import Outputs, SegmentJob, Source
    from sgma_qgis.model.engine.segment import segment
    from sgma_qgis.model.feedback import JobFeedback

    outputs = Outputs(*(str(scene / f"{name}.tif") for name in ("map", "confidence", "availability", "trust")))
    sources = (Source("rgb", str(scene / "rgb.tif")), Source("dsm", str(scene / "dsm.tif"), unit="dsm"))
    result = segment(SegmentJob(sources, model, outputs), JobFeedback("bench", lambda event: None))
    # not getrusage: a child starts with its parent's peak
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps({"peak_mb": peak, "tiles": result.tiles_run}))
    return 0


def _write(folder: Path, height: int) -> None:
    """Write rgb.tif and dsm.tif, one generated patch repeated, without holding the scene in memory."""
    folder.mkdir()
    scene = make_scene(1, PATCH, PATCH)
    for name in ("rgb", "dsm"):
        array = getattr(scene, name)
        with rasterio.open(
            folder / f"{name}.tif", "w", driver="GTiff", width=WIDTH, height=height, count=array.shape[0],
            dtype=array.dtype, crs="EPSG:32632", transform=from_origin(500_000, 5_300_000, 0.5, 0.5),
            tiled=True, compress="deflate", BIGTIFF="IF_SAFER",
        ) as file:  # fmt: skip
            for row in range(0, height, PATCH):
                for col in range(0, WIDTH, PATCH):
                    file.write(np.ascontiguousarray(array), window=Window(col, row, PATCH, PATCH))


if __name__ == "__main__":
    sys.exit(main())
