"""Our engine against geodeep 0.9.13 (PyPI): one RGB network, same tile and overlap, both by their command lines.

python -m benchmarks.bench_geodeep [--size 8192] [--repeats 5] [--networks small pvt_v2_b0]. Needs .venv-bench
(`make bench` makes it). `small` has at most 1 GMAC a tile. Ours writes the classes; geodeep writes its mask (-t mask),
after its median filter and sieve, at their defaults: they are part of what its users get, and their time is told apart.
pip installs it without scipy and it then filters by numpy, in much more memory; that is the run that our figures are
held against. Where scipy happens to be installed it filters by scipy: told in a row of its own. What was set in the
ONNX file stands in benchmarks/export_onnx.py. Each run is a process with the same number of threads, in turns;
conversion of our network is paid before, on 1024 x 1024. Ratios are of whole processes, imports included. "Other
classes" compares our map with its, which is filtered and not blended.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.bench_plain_loop import share_different
from benchmarks.inputs import BENCH_PYTHON, PIXEL_M, ROOT, Ours, each_network, segment, warm_up, write_model
from benchmarks.processes import run
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.nn.build import load

SETTINGS = {"small": ("mean", 384), "pvt_v2_b0": ("mean", 512)}  # fusion of one sensor; tile, for small of < 1 GMAC
NEEDED = {"small": 3.0, "pvt_v2_b0": 1.0}  # times as fast
MOST_MEMORY = 0.25
SCIPY = BENCH_PYTHON.parents[1] / "scipy"  # apart, so that geodeep runs with and without


def main() -> int:
    """Print a table a network; returns 1 when a figure is missed."""
    return each_network(__doc__, ("rgb",), _compare, size=2048, repeats=3, networks=("small",), choices=SETTINGS)


def _compare(where: Path, layers: dict[str, Path], network: str, args: argparse.Namespace) -> bool:
    model, ours_map, mask, onnx = where / network, where / "ours.tif", where / "geodeep.tif", where / f"{network}.onnx"
    fusion, tile = SETTINGS[network]
    write_model(model, network, fusion, ("rgb",), tile)

    first = warm_up(model, ("rgb",), threads=args.threads)
    command = [str(BENCH_PYTHON), "-m", "benchmarks.export_onnx", str(model), str(onnx), "--tile", str(first.tile)]
    run([*command, "--geodeep-overlap", str(first.overlap), "--resolution", str(100 * PIXEL_M)], cwd=ROOT)
    geodeep = [str(BENCH_PYTHON.with_name("geodeep")), str(layers["rgb"]), str(onnx)]
    geodeep += ["-t", "mask", "-o", str(mask), "--max-threads", str(args.threads)]
    runs: dict[str, list] = {"ours": [], "geodeep": [], "geodeep with scipy": []}
    for _ in range(args.repeats):
        runs["ours"].append(segment(model, layers, ours_map, threads=args.threads))
        runs["geodeep"].append(run(geodeep, marker="Finalizing"))
        runs["geodeep with scipy"].append(run(geodeep, marker="Finalizing", env={"PYTHONPATH": str(SCIPY)}))
    tiles = runs["ours"][0].facts["result"]["tiles_run"]
    print(
        f"{args.size} x {args.size}, {network}, RGB, {tiles} tiles of {first.tile}, "
        f"overlap {first.overlap}, {macs(model, first.tile) / 1e9:.2f} GMAC a tile; ours: backend "
        f"{first.backend}, {first.precision}; {args.threads} threads; medians of {args.repeats}\n"
    )
    return _table(runs, NEEDED[network], share_different(ours_map, mask))


def _table(runs: dict[str, list], needed: float, different: float) -> bool:
    """Print the table; return whether the figures are met."""
    ours: list[Ours] = runs.pop("ours")
    wall, job = median(r.process.wall_s for r in ours), median(r.job_s for r in ours)
    cpu, peak = median(r.process.cpu_s for r in ours), median(r.process.peak_mb for r in ours)
    print("| | process | tiles | rest | processor time | peak memory | ours: times as fast | ours: share of memory |")
    print("|---|---|---|---|---|---|---|---|")
    print(f"| ours | {wall:.1f} s | {job:.1f} s | {wall - job:.1f} s | {cpu:.1f} s | {peak:.0f} MB | | |")
    faster, share = [], []
    for name, theirs in runs.items():
        their_wall, tiles = median(r.wall_s for r in theirs), median(r.marked_s for r in theirs)
        their_cpu, their_peak = median(r.cpu_s for r in theirs), median(r.peak_mb for r in theirs)
        faster.append(their_wall / wall)
        share.append(peak / their_peak)
        print(
            f"| {name} | {their_wall:.1f} s | {tiles:.1f} s | {their_wall - tiles:.1f} s | {their_cpu:.1f} s "
            f"| {their_peak:.0f} MB | {faster[-1]:.2f} | {share[-1]:.2f} |"
        )
    print(
        f"\nNeeded against geodeep as pip installs it: {needed:g} times as fast, {MOST_MEMORY} of the memory.\n"
        "Tiles: ours from started to done, geodeep's with imports; rest: our imports, its filters and writing.\n"
        f"Other classes: {100 * different:.1f} %.\n",
        flush=True,
    )
    return faster[0] >= needed and share[0] <= MOST_MEMORY


def macs(model: Path, tile: int) -> int:
    """Return the multiply-accumulates of a tile, as torch counts them: convolutions and matrix products."""
    package = find(str(model))
    network = load(package.card, package.weights(), str(model))
    image = torch.zeros(1, 3, tile, tile)
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network({"rgb": image}, torch.ones(1, 1, dtype=torch.bool))
    return counter.get_total_flops() // 2


if __name__ == "__main__":
    sys.exit(main())
