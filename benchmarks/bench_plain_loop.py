"""Our engine against a plain loop with onnxruntime: same network, tiles, overlap and blending, three sensors.

python -m benchmarks.bench_plain_loop [--size 4096] [--repeats 5] [--networks pvt_v2_b0]. Needs .venv-bench
(`make bench` makes it). RGB and NIR lie on the result's grid, the height model has twice its pixel. Ours writes classes
and confidence with overviews and syncs them to disk; the loop (benchmarks/plain_loop.py) writes one file of both.
Each run is a process with the same number of threads, in turns. Conversion of our network is paid before, on
1024 x 1024, and is not counted, as the export to ONNX is not. Ratios are of whole processes, imports included. At most
0.1 % of the pixels may have other classes at fp32, else it is not the same job; random weights are less sure of
themselves than trained ones, so bf16 is allowed 2 %.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median

import numpy as np
import rasterio

from benchmarks.inputs import BENCH_PYTHON, ROOT, each_network, segment, warm_up, write_model
from benchmarks.processes import run
from sgma_qgis.model.data.grid import starts
from sgma_qgis.model.engine.blend import ramp

KEYS, TILE = ("rgb", "nir", "dsm"), 512
NEEDED = {"auto": 2.0, "fp32": 1.2}
MOST_DIFFERENT = {"auto": 0.02, "fp32": 0.001}


def main() -> int:
    """Print a table a network; returns 1 when a figure is missed."""
    return each_network(__doc__, KEYS, _compare, size=2048, repeats=3)


def _compare(where: Path, layers: dict[str, Path], network: str, args: argparse.Namespace) -> bool:
    model, loop_map = where / network, where / f"{network}_loop.tif"
    card = write_model(model, network, "semantic_guided", KEYS, TILE)
    maps = {precision: where / f"{network}_{precision}.tif" for precision in NEEDED}

    how = {"threads": args.threads, "roles": ("confidence",)}
    default = [warm_up(model, KEYS, precision=precision, **how) for precision in ("fp32", "auto")][-1]
    precisions = ["fp32"] if default.precision == "fp32" else ["auto", "fp32"]
    tile, overlap = default.tile, default.overlap
    begins, _ = starts(args.size, tile, overlap)
    onnx, job = where / f"{network}.onnx", where / f"{network}.json"
    run([str(BENCH_PYTHON), "-m", "benchmarks.export_onnx", str(model), str(onnx), "--tile", str(tile)], cwd=ROOT)
    facts = {
        "network": str(onnx),
        "layers": {key: str(path) for key, path in layers.items()},
        "stats": {s.key: [s.low, s.high, s.mean, s.std] for s in card.modalities},
        "output": str(loop_map),
        "tile": tile,
        "rows": begins,
        "cols": begins,
        "ramp": ramp(tile, overlap).tolist(),
        "threads": args.threads,
    }
    job.write_text(json.dumps(facts))
    runs = {name: [] for name in (*precisions, "loop")}
    for _ in range(args.repeats):
        for precision in precisions:
            runs[precision].append(segment(model, layers, maps[precision], precision=precision, **how))
        runs["loop"].append(run([str(BENCH_PYTHON), "-m", "benchmarks.plain_loop", str(job)], cwd=ROOT))
    print(
        f"{args.size} x {args.size}, {network}, 3 sensors, {len(begins) ** 2} tiles of {tile}, overlap {overlap}; "
        f"backend {default.backend}; {args.threads} threads; medians of {args.repeats}\n"
    )
    different = {precision: share_different(maps[precision], loop_map) for precision in precisions}
    return _table(runs, different, default.precision)


def _table(runs: dict[str, list], different: dict[str, float], default: str) -> bool:
    """Print the table; return whether the figures are met. Where the default is fp32, its need is asked of fp32."""
    loop = runs.pop("loop")
    print("| | process | started to done | processor time | peak memory | times as fast | needed | other classes |")
    print("|---|---|---|---|---|---|---|---|")
    loop_s, met = median(r.wall_s for r in loop), True
    for name, ours in runs.items():
        processes = [r.process for r in ours]
        wall = median(p.wall_s for p in processes)
        needed = NEEDED["auto" if name == default else name]
        met &= loop_s / wall >= needed and different[name] <= MOST_DIFFERENT[name]
        label = f"default ({default})" if name == "auto" or name == default else name
        print(
            f"| ours, {label} | {wall:.1f} s | {median(r.job_s for r in ours):.1f} s "
            f"| {median(p.cpu_s for p in processes):.1f} s | {median(p.peak_mb for p in processes):.0f} MB "
            f"| {loop_s / wall:.2f} | {needed} | {100 * different[name]:.3f} % |"
        )
    cpu, peak = median(r.cpu_s for r in loop), median(r.peak_mb for r in loop)
    print(f"| plain loop, fp32 | {loop_s:.1f} s | | {cpu:.1f} s | {peak:.0f} MB | | | |\n", flush=True)
    return met


def share_different(one: Path, other: Path) -> float:
    """Return the share of pixels whose first bands differ."""
    count = 0
    with rasterio.open(one) as a, rasterio.open(other) as b:
        for _, window in a.block_windows(1):
            count += int(np.count_nonzero(a.read(1, window=window) != b.read(1, window=window)))
        return count / (a.width * a.height)


if __name__ == "__main__":
    sys.exit(main())
