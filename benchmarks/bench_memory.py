"""Peak memory of a segment run as the raster grows: it must not depend on width or height.

python -m benchmarks.bench_memory [--cases NETWORK:SENSORS:WIDTHxHEIGHT ...], as in pvt_v2_b2:rgb+nir+dsm:4096x4096.
A case is compared with the first one of its network and sensors, once each: at most 1.10 times its peak, and with
pvt_v2_b2 at most 1500 MB. Random weights; all four rasters are written; each run is a process of its own. Before its
first case a network runs once on 1024 x 1024, so that conversion, which is paid once, is not in the peak.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import folder, segment, warm_up, write_layers, write_model
from sgma_qgis.model.contract.modality import BY_KEY

MOST_GROWTH = 1.10
MOST_MB = {"pvt_v2_b2": 1500}
ROLES = ("confidence", "availability", "trust")
SHORT = ("small:rgb:4096x4096", "small:rgb:12288x4096", "small:rgb:4096x12288")


@dataclass(frozen=True)
class Case:
    """Sides in pixels, multiples of 1024."""

    network: str
    keys: tuple[str, ...]
    width: int
    height: int

    @property
    def kind(self) -> tuple[str, tuple[str, ...]]:
        """Return what cases that are compared have in common."""
        return self.network, self.keys


def main() -> int:
    """Run all cases and print the table; returns 1 when a figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=_case, nargs="+", default=[_case(text) for text in SHORT])
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="default: all cores")
    args = parser.parse_args()
    print("| network | sensors | size | tiles | time | peak memory | ratio |")
    print("|---|---|---|---|---|---|---|")
    first: dict[tuple, float] = {}
    met = True
    for case in args.cases:
        peak, tiles, seconds = _measure(case, warm=case.kind not in first, threads=args.threads)
        ratio = peak / first.setdefault(case.kind, peak)
        met &= ratio <= MOST_GROWTH and peak <= MOST_MB.get(case.network, peak)
        print(
            f"| {case.network} | {'+'.join(case.keys)} | {case.width} x {case.height} | {tiles} | {seconds:.0f} s "
            f"| {peak:.0f} MB | {ratio:.3f} |",
            flush=True,
        )
    limits = "; ".join(f"with {name} at most {most} MB" for name, most in MOST_MB.items())
    print(f"\nNeeded: a ratio of at most {MOST_GROWTH:.2f}; {limits}.")
    return 0 if met else 1


def _case(text: str) -> Case:
    network, keys, size = text.split(":")
    width, height = size.split("x")
    # sensors in the card's order, whatever order they are named in
    return Case(network, tuple(key for key in BY_KEY if key in keys.split("+")), int(width), int(height))


def _measure(case: Case, *, warm: bool, threads: int) -> tuple[float, int, float]:
    """Return peak MB, tiles run and seconds. Inputs and outputs of one case are on the disk at a time."""
    with folder() as name:
        where = Path(name)
        model = where / case.network
        write_model(model, case.network, "semantic_guided", case.keys, 512)
        if warm:
            warm_up(model, case.keys, threads=threads, roles=ROLES)
        layers = write_layers(where / "layers", case.keys, case.width, case.height)
        began = time.monotonic()
        ours = segment(model, layers, where / "map.tif", threads=threads, roles=ROLES)
        return ours.process.peak_mb, ours.facts["result"]["tiles_run"], time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
