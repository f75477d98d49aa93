"""The plain loop that we are compared with: what a competent user writes. Runs in .venv-bench.

python -m benchmarks.plain_loop JOB.json

Read a window of every sensor with rasterio, scale in numpy, run onnxruntime, blend, take numpy's arg-max, write with
rasterio: one tile after another, one row of tiles in memory. The job names files, statistics, where tiles begin and the
blending ramp of our engine; the output has two bands, classes and confidence in percent.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import onnxruntime
import rasterio
from rasterio.enums import Resampling
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window


def main() -> int:
    """Map the job's sensors."""
    job = json.loads(Path(sys.argv[1]).read_text())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    session = onnxruntime.InferenceSession(job["network"], options, providers=["CPUExecutionProvider"])
    classes = session.get_outputs()[0].shape[1]
    tile, rows, cols = job["tile"], job["rows"], job["cols"]
    ramp = np.array(job["ramp"], np.float32)
    weight = ramp[:, None] * ramp[None]
    stats = {key: np.array(values, np.float32)[..., None, None] for key, values in job["stats"].items()}
    with ExitStack() as stack:
        files = _open(job["layers"], stack)
        grid = next(iter(files.values()))
        width, height = grid.width, grid.height
        target = stack.enter_context(
            rasterio.open(
                job["output"], "w", driver="GTiff", width=width, height=height, count=2, dtype="uint8", crs=grid.crs,
                transform=grid.transform, nodata=255, tiled=True, compress="deflate",
            )
        )  # fmt: skip
        total, weights = np.zeros((classes, tile, width), np.float32), np.zeros((tile, width), np.float32)
        for row, after in zip(rows, [*rows[1:], height]):
            for col in cols:
                window = Window(col, row, tile, tile)
                inputs = {key: _scaled(files[key].read(window=window), *stats[key]) for key in files}
                (probabilities,) = session.run(None, inputs)
                total[:, :, col : col + tile] += probabilities[0] * weight
                weights[:, col : col + tile] += weight
            done = after - row
            blended = total[:, :done] / weights[:done]
            out = np.stack([blended.argmax(0), np.rint(100 * blended.max(0))]).astype(np.uint8)
            target.write(out, window=Window(0, row, width, done))
            for held in (total, weights):
                held[..., : tile - done, :] = held[..., done:, :].copy()
                held[..., tile - done :, :] = 0
    return 0


def _open(layers: dict[str, str], stack: ExitStack) -> dict:
    """Open the layers; those of another grid than the first are warped onto it when read."""
    files = {key: stack.enter_context(rasterio.open(path)) for key, path in layers.items()}
    grid = next(iter(files.values()))
    how = {"crs": grid.crs, "transform": grid.transform, "width": grid.width, "height": grid.height}
    for key, file in files.items():
        if file.transform != grid.transform:
            files[key] = stack.enter_context(WarpedVRT(file, resampling=Resampling.bilinear, **how))
    return files


def _scaled(values: np.ndarray, low: np.ndarray, high: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return (1,C,h,w) float32 as the network was trained on."""
    return ((np.clip(values.astype(np.float32), low, high) - mean) / std)[None]


if __name__ == "__main__":
    sys.exit(main())
