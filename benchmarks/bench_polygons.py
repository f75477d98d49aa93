"""Polygons of a class map by strips, against tracing the whole raster at once: CPU seconds and peak memory.

python -m benchmarks.bench_polygons. Each run is a process of its own on a generated map of patches of 5 classes; its
peak is what it needs beyond what it had after its imports. `at once` is
rasterio.features.shapes into a list of shapely polygons, without confidence, area or junctions; `strips` are
ours up to the finished polygons with all three; the last rows are whole runs of ours, GeoPackage written.
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

ROOT = Path(__file__).resolve().parents[1]
SIDES = (4096, 8192)
CLASSES = 5
PATCHES = ((96, 1.0), (24, 0.5), (6, 0.22))  # size in pixels and weight of the waves that make the map
WAYS = {
    "at once": None,
    "strips": {"write": False},
    "strips, written": {},
    "min_area 25 m2, written": {"min_area": 25.0},
    "simplify 1 m, written": {"simplify": 1.0},
}


def main() -> int:
    """Run all ways at both sizes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)  # the measured child: folder, way
    args = parser.parse_args()
    if args.one:
        return _child(Path(args.one[0]), args.one[1])
    print("| map | way | polygons | CPU | of at once | peak memory | of at once |")
    print("|---|---|---|---|---|---|---|")
    for side in SIDES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _write(folder, side)
            rows = {way: _run(folder, way) for way in WAYS}
        base = rows["at once"]
        for way, row in rows.items():
            cpu, peak = row["cpu_s"] / base["cpu_s"], row["peak_mb"] / base["peak_mb"]
            print(
                f"| {side} x {side} | {way} | {row['polygons']} | {row['cpu_s']:.1f} s | {cpu:.2f} "
                f"| {row['peak_mb']:.0f} MB | {peak:.2f} |"
            )
    return 0


def _run(folder: Path, way: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.bench_polygons", "--one", str(folder), way]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _child(folder: Path, way: str) -> int:
    from sgma_qgis.model.contract.card import ClassInfo
    from sgma_qgis.model.data import polygons
    from sgma_qgis.model.data.native import configure

    class Card:
        classes = tuple(ClassInfo(i, f"class {i}", "#000000") for i in range(CLASSES))

    configure(128)
    options = WAYS[way]
    classes, confidence = folder / "classes.tif", folder / "confidence.tif"
    before, began = _resident("VmRSS"), time.process_time()
    if options is None:
        count = _at_once(classes)
    else:
        options = dict(options)
        if not options.pop("write", True):
            polygons.pyogrio.raw.write = lambda *args, **kwargs: None
        count = polygons.polygonize(classes, confidence, folder / "map.gpkg", Card, **options)
    seconds = time.process_time() - began
    print(json.dumps({"polygons": count, "cpu_s": seconds, "peak_mb": _resident("VmHWM") - before}))
    return 0


def _at_once(path: Path) -> int:
    from rasterio.features import shapes
    from shapely.geometry import shape

    with rasterio.open(path) as dataset:
        found = shapes(rasterio.band(dataset, 1), connectivity=4)
        return len([(shape(outline), value) for outline, value in found if value != dataset.nodata])


def _resident(field: str) -> float:
    """Return memory in MB as the kernel counts it; getrusage's peak would begin with the parent's."""
    return int(Path("/proc/self/status").read_text().split(f"{field}:")[1].split()[0]) / 1024


def _write(folder: Path, side: int) -> None:
    """Write classes.tif, the highest of some random waves at each pixel, and confidence.tif, how high that is."""
    random = np.random.default_rng(1)
    waves = [
        [(random.standard_normal((side // size + 2,) * 2).astype(np.float32), size, w) for size, w in PATCHES]
        for _ in range(CLASSES)
    ]
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint8", "nodata": 255, "tiled": True,
        "blockxsize": 512, "blockysize": 512, "compress": "deflate", "crs": "EPSG:32632",
        "transform": from_origin(500_000, 5_300_000, 0.5, 0.5),
    }  # fmt: skip
    with (
        rasterio.open(folder / "classes.tif", "w", **profile) as classes,
        rasterio.open(folder / "confidence.tif", "w", **profile) as confidence,
    ):
        for row in range(0, side, 512):
            heights = np.stack([sum(_wave(*wave, row, 512, side) for wave in of_class) for of_class in waves])
            window = Window(0, row, side, 512)
            classes.write(heights.argmax(0).astype(np.uint8), 1, window=window)
            confidence.write(np.clip(50 + 30 * heights.max(0), 0, 100).astype(np.uint8), 1, window=window)


def _wave(lattice: np.ndarray, size: int, weight: float, row: int, rows: int, side: int) -> np.ndarray:
    """Return rows of a lattice of random heights (n,n), `size` pixels apart, interpolated: (rows,side) float32."""
    down, right = np.arange(row, row + rows) / size, np.arange(side) / size
    i, j = down.astype(int), right.astype(int)
    y, x = (down - i).astype(np.float32)[:, None], (right - j).astype(np.float32)
    lines = lattice[i] * (1 - y) + lattice[i + 1] * y
    return weight * (lines[:, j] * (1 - x) + lines[:, j + 1] * x)


if __name__ == "__main__":
    sys.exit(main())
