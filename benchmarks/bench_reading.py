"""CPU time of reading a 512 x 512 tile onto the grid, beside GDAL's own bilinear warp of the same windows.

python -m benchmarks.bench_reading. Layers are generated, uncompressed, in a temporary folder; 16 tiles that overlap as
a run's do, medians of 5 passes. Each pass opens its layer afresh, so that finding the local ground is paid as in a run.
GDAL's warp knows neither local ground nor radar units nor validity beside the values: its work is the smaller.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform as carry
from rasterio.windows import Window as RioWindow

from sgma_qgis.model.contract.card import ModalityStats
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.modality import BY_KEY
from sgma_qgis.model.data.grid import Grid, Window, starts
from sgma_qgis.model.data.layer import inspect
from sgma_qgis.model.data.native import Layer, configure
from sgma_qgis.model.data.raster import LayerReader

UTM, LEFT, TOP, PIXEL = "EPSG:32632", 500_000.0, 5_300_000.0, 0.5
SIDE, TILE, OVERLAP, PASSES = 1856, 512, 64, 5
GROUND = 16 * PIXEL  # metres: the block that a plan chooses for a model trained on this resolution


@dataclass(frozen=True)
class Case:
    """One layer to be read onto the grid. pixel: of the layer, in grid pixels; shift: of its corner, in grid pixels."""

    title: str
    key: str
    unit: str
    dtype: str = "uint8"
    pixel: float = 1.0
    shift: float = 0.0
    crs: str = UTM
    nodata: float | None = None


CASES = (
    Case("RGB uint8, aligned", "rgb", "dn8"),
    Case("RGB uint8, half a pixel off", "rgb", "dn8", shift=-0.5),
    Case("RGB uint8, half a pixel off, with gaps", "rgb", "dn8", shift=-0.5, nodata=0),
    Case("RGB uint8, 0.7 of the pixel", "rgb", "dn8", pixel=0.7),
    Case("RGB uint8, from Web Mercator", "rgb", "dn8", crs="EPSG:3857"),
    Case("RGB uint8, 2 x finer, averaged", "rgb", "dn8", pixel=0.5),
    Case("RGB uint16, 3 x finer and off, averaged", "rgb", "dn16", "uint16", pixel=0.33),
    Case("DSM, 2 x coarser, above local ground", "dsm", "dsm", "float32", pixel=2.0),
    Case("DSM, 3 x coarser, above local ground", "dsm", "dsm", "float32", pixel=3.0),
    Case("SAR dB, two bands, 4 x coarser", "sar", "db", "float32", pixel=4.0),
    Case("SAR complex, two bands, aligned", "sar", "complex", "complex64"),
)


def main() -> int:
    """Measure every case and print the table."""
    configure()
    grid = Grid(UTM, (PIXEL, 0.0, LEFT, 0.0, -PIXEL, TOP), SIDE, SIDE)
    places, _ = starts(SIDE, TILE, OVERLAP)
    windows = [Window(col, row, TILE, TILE) for row in places for col in places]
    print("| layer | ms a tile | GDAL's warp | ratio |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            layer = _layer(case, _write(case, Path(folder) / f"{number}.tif"))
            ours, warp = [], []
            for _ in range(PASSES):
                ours.append(_tile_ms(_ours, layer, grid, windows))
                warp.append(_tile_ms(_gdal, layer, grid, windows))
            one, other = statistics.median(ours), statistics.median(warp)
            print(f"| {case.title} | {one:.1f} | {other:.1f} | {one / other:.2f} |", flush=True)
    return 0


def _tile_ms(
    read: Callable[[Layer, Grid, list[Window]], None], layer: Layer, grid: Grid, windows: list[Window]
) -> float:
    """Return the CPU milliseconds that reading takes for each of the windows."""
    began = time.process_time()
    read(layer, grid, windows)
    return 1000 * (time.process_time() - began) / len(windows)


def _ours(layer: Layer, grid: Grid, windows: list[Window]) -> None:
    with LayerReader(layer, grid) as reader:
        for window in windows:
            reader.read(window)


def _gdal(layer: Layer, grid: Grid, windows: list[Window]) -> None:
    how = {"crs": grid.crs, "transform": Affine(*grid.transform), "width": grid.width, "height": grid.height}
    with rasterio.open(layer.source.path) as file, WarpedVRT(file, resampling=Resampling.bilinear, **how) as warped:
        for window in windows:
            warped.read(layer.source.bands, window=RioWindow(window.col, window.row, window.width, window.height))


def _layer(case: Case, path: Path) -> Layer:
    bands = ("VV", "VH") if case.key == "sar" else BY_KEY[case.key].bands
    n = len(bands)
    unit = {"rgb": case.unit, "dsm": "ndsm", "sar": "db"}[case.key]
    stats = ModalityStats(case.key, bands, unit, (0.0,) * n, (255.0,) * n, (0.0,) * n, (1.0,) * n)
    return inspect(Source(case.key, str(path), unit=case.unit), stats, ground_block=GROUND)


def _write(case: Case, path: Path) -> Path:
    """Write the case's layer: smooth fields and noise, enough of them to cover the grid."""
    scale, left, top = 1.0, LEFT, TOP
    if case.crs != UTM:
        (left,), (top,) = carry(UTM, case.crs, [LEFT], [TOP])
        scale = 1.49  # what Web Mercator stretches by here
    pixel = case.pixel * PIXEL * scale
    side = int(SIDE / case.pixel * (1.02 if case.crs != UTM else 1)) + 2
    transform = Affine(pixel, 0, left + case.shift * PIXEL, 0, -pixel, top - case.shift * PIXEL)
    bands = {"rgb": 3, "dsm": 1, "sar": 2}[case.key]
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=bands, dtype=case.dtype, crs=case.crs,
        transform=transform, tiled=True, nodata=case.nodata,
    ) as file:  # fmt: skip
        file.write(_field(case, bands, side))
        if case.key == "sar":
            file.descriptions = ("VV", "VH")
    return path


def _field(case: Case, bands: int, side: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    place = np.arange(side) * case.pixel * PIXEL
    wave = np.sin(place / 40)[:, None] * np.cos(place / 55)[None]
    noise = rng.random((bands, side, side), np.float32)
    if case.key == "dsm":
        return (400 + 20 * wave + 9 * (noise > 0.98)).astype(case.dtype)
    if case.unit == "complex":
        return (0.1 * (noise + 1j * noise[::-1])).astype(case.dtype)
    if case.key == "sar":
        return (-12 + 4 * wave + 3 * noise).astype(case.dtype)
    image = 120 + 80 * wave + 50 * noise
    if case.nodata is not None:
        image[:, place % 90 < 9] = case.nodata
    return (image * (1 if case.dtype == "uint8" else 40)).astype(case.dtype)


if __name__ == "__main__":
    sys.exit(main())
