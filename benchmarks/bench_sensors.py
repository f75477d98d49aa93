"""What sensors and overlap cost: time with one sensor against three, and computed pixels over output pixels.

python -m benchmarks.bench_sensors [--size 4096] [--repeats 5] [--networks pvt_v2_b0]. The same model of three sensors
(random weights, semantic-guided fusion) is given RGB alone and RGB, NIR and a coarser height model, in turns, each run
a process of its own, all rasters written; conversion is paid before, on 1024 x 1024. The ratio is from `started` to
`done`; that of whole processes, imports included, stands beside it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from statistics import median

from benchmarks.inputs import Ours, each_network, segment, warm_up, write_model

KEYS, TILE = ("rgb", "nir", "dsm"), 512
ROLES = ("confidence", "availability", "trust")
MOST_TIME, MOST_COMPUTED = 0.45, 1.30


def main() -> int:
    """Print a table a network; returns 1 when a figure is missed."""
    return each_network(__doc__, KEYS, _compare, size=4096, repeats=1)


def _compare(where: Path, layers: dict[str, Path], network: str, args: argparse.Namespace) -> bool:
    model = where / network
    write_model(model, network, "semantic_guided", KEYS, TILE)
    given = {"RGB": {"rgb": layers["rgb"]}, "RGB + NIR + DSM": layers}
    runs: dict[str, list[Ours]] = {name: [] for name in given}
    for files in given.values():
        warm_up(model, tuple(files), threads=args.threads, roles=ROLES)
    for _ in range(args.repeats):
        for name, files in given.items():
            runs[name].append(segment(model, files, where / "map.tif", threads=args.threads, roles=ROLES))
    first = runs["RGB"][0]
    facts = first.facts
    height, width = facts["tile"]
    computed = facts["result"]["tiles_run"] * height * width / args.size**2
    print(
        f"{args.size} x {args.size}, {network}, tiles of {height}, overlap {facts['overlap']}; backend "
        f"{first.backend}, {first.precision}; {args.threads} threads; medians of {args.repeats}\n"
    )
    print("| sensors | started to done | process | processor time | peak memory |")
    print("|---|---|---|---|---|")
    for name, of_name in runs.items():
        processes = [r.process for r in of_name]
        print(
            f"| {name} | {median(r.job_s for r in of_name):.1f} s | {median(p.wall_s for p in processes):.1f} s "
            f"| {median(p.cpu_s for p in processes):.1f} s | {median(p.peak_mb for p in processes):.0f} MB |"
        )
    one, three = runs.values()
    share = median(r.job_s for r in one) / median(r.job_s for r in three)
    whole = median(r.process.wall_s for r in one) / median(r.process.wall_s for r in three)
    print(f"\nOne sensor takes {share:.2f} of the time of three (needed {MOST_TIME}); whole processes {whole:.2f}.")
    print(f"Computed pixels over output pixels: {computed:.3f} (needed {MOST_COMPUTED:.2f}).\n", flush=True)
    return share <= MOST_TIME and computed <= MOST_COMPUTED


if __name__ == "__main__":
    sys.exit(main())
