"""The demo: map one scene through qgis_process with all its sensors and with each alone, and draw the maps.

python -m benchmarks.demo --qgis-process PATH [--scene FOLDER] [--model ID]

FOLDER holds any of rgb.tif, nir.tif, dsm.tif, sar.tif, and truth.tif where the truth is known. Without it a town is
generated. Writes build/demo/demo.png and build/demo/result.json and prints their paths.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import rasterio
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from rasterio.enums import Resampling
from rasterio.warp import reproject

from sgma_qgis.model.contract.card import Card
from sgma_qgis.model.contract.modality import KEYS, titles
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.metrics import confusion, scores

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "demo"
SEED, SIZE, GSD = 90_001, 1024, 0.5  # a seed that no training scene has
TIMEOUT_S = 900
LARGEST = 1024  # pixels a side in the picture


def main() -> int:
    """Run the demo; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--qgis-process", required=True)
    parser.add_argument("--scene", type=Path)
    parser.add_argument("--model", default="town-demo")
    args = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    scene = (args.scene or _generate()).resolve()
    layers = {key: scene / f"{key}.tif" for key in KEYS if (scene / f"{key}.tif").is_file()}
    if not layers:
        print(f"{scene} holds none of {', '.join(f'{key}.tif' for key in KEYS)}.", file=sys.stderr)
        return 2
    card = find(args.model).card
    layers = {key: path for key, path in layers.items() if key in card.keys}
    truth = scene / "truth.tif"
    qgis = QgisProcess(args.qgis_process)
    runs = []
    sets = [tuple(layers)] + ([(key,) for key in layers] if len(layers) > 1 else [])
    for sensors in sets:
        began = time.monotonic()
        output = BUILD / f"{'_'.join(sensors)}.tif"
        qgis.segment(args.model, {key: layers[key] for key in sensors}, output)
        score = miou(output, truth, card) if truth.is_file() else None
        runs.append({"sensors": list(sensors), "output": str(output), "miou": score})
        shown = "no truth" if score is None else f"mIoU {score:.3f}"
        print(f"{titles(sensors):<24} {shown}   ({time.monotonic() - began:.0f} s, QGIS start included)", flush=True)
    picture, result = BUILD / "demo.png", BUILD / "result.json"
    result.write_text(json.dumps({"model": args.model, "scene": str(scene), "runs": runs}, indent=1) + "\n")
    draw(picture, layers, truth, runs, card)
    print(picture)
    print(result)
    return 0


def _generate() -> Path:
    folder = BUILD / "town"
    write_scenes(folder, {"test": [SEED]}, SIZE, GSD, JobFeedback("demo", lambda event: None))
    return folder / f"scene_{SEED}"


class QgisProcess:
    """qgis_process with a profile of its own and the staged plugin, as an analyst would have it installed."""

    def __init__(self, program: str) -> None:
        home = BUILD / "home"
        shutil.rmtree(home, ignore_errors=True)  # a profile left by an earlier demo has the plugin enabled already
        home.mkdir()
        self._program = program
        # QGIS finds its own Python modules only with the system's python3 first on PATH
        self._env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_PLUGINPATH": str(ROOT / "build" / "stage"),
            "SGMA_RUNTIME_PYTHON": str(ROOT / ".venv-runtime" / "bin" / "python"),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
        }
        self._run("plugins", "enable", "sgma_qgis")

    def segment(self, model: str, layers: dict[str, Path], output: Path) -> None:
        """Run sgma:segment."""
        inputs = [f"{key.upper()}={path}" for key, path in layers.items()]
        self._run("run", "sgma:segment", "--", *inputs, f"MODEL={model}", f"OUTPUT={output}")

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [self._program, *arguments], env=self._env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        if done.returncode:
            raise SystemExit(
                f"qgis_process {' '.join(arguments)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            )


def miou(output: Path, truth: Path, card: Card) -> float:
    """Return the mean IoU over classes that occur, on pixels where the truth is known."""
    with rasterio.open(output) as file:
        classes = file.read(1)
        known = _like(truth, file)
    index = np.full(1 << 16, IGNORE)
    for i, info in enumerate(card.classes):
        index[info.id] = i
    use = (known != IGNORE) & (classes != card.nodata)
    return scores(confusion(index[known[use]], index[classes[use]], len(card.classes))).miou


def _like(truth: Path, grid: rasterio.DatasetReader) -> np.ndarray:
    """Return the truth on the output's grid, nearest, 255 outside."""
    known = np.full(grid.shape, 255, np.uint8)
    with rasterio.open(truth) as file:
        reproject(
            rasterio.band(file, 1), known, dst_transform=grid.transform, dst_crs=grid.crs,
            resampling=Resampling.nearest, dst_nodata=255,
        )  # fmt: skip
    return known


def draw(path: Path, layers: dict[str, Path], truth: Path, runs: list[dict], card: Card) -> None:
    """Draw the picture, the truth and each map with its score."""
    panels = []
    if "rgb" in layers:
        with rasterio.open(layers["rgb"]) as file:
            panels.append(("RGB", _picture(file)))
    if truth.is_file():
        with rasterio.open(truth) as file:
            panels.append(("truth", _paint(file.read(1, out_shape=_shown(file)), card)))
    for run in runs:
        with rasterio.open(run["output"]) as file:
            score = "" if run["miou"] is None else f", mIoU {run['miou']:.2f}"
            panels.append((titles(run["sensors"]) + score, _paint(file.read(1, out_shape=_shown(file)), card)))
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.2 * columns, 4.5 * rows + 0.6), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (title, image) in zip(axes.flat, panels):  # noqa: B905  the last row may have empty places
        axis.imshow(image, interpolation="nearest")
        axis.set_title(title, fontsize=12)
    patches = [Patch(color=info.color, label=info.name) for info in card.classes]
    figure.legend(handles=patches, loc="lower center", ncols=len(patches), frameon=False, fontsize=11)
    figure.subplots_adjust(left=0.01, right=0.99, top=0.94, bottom=0.08, wspace=0.03, hspace=0.12)
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _shown(file: rasterio.DatasetReader) -> tuple[int, int]:
    """Return the (height, width) to draw: more pixels than these are never seen."""
    scale = min(1.0, LARGEST / max(file.shape))
    return max(int(file.height * scale), 1), max(int(file.width * scale), 1)


def _picture(file: rasterio.DatasetReader) -> np.ndarray:
    """Return the first three bands, or the first one three times, stretched from their 2nd to 98th percentile."""
    bands = [1, 2, 3] if file.count >= 3 else [1, 1, 1]
    image = file.read(bands, out_shape=(3, *_shown(file)), masked=True).astype(float).filled(np.nan)
    low, high = np.nanpercentile(image, (2, 98), axis=(1, 2), keepdims=True)
    return np.nan_to_num(np.moveaxis((image - low) / np.maximum(high - low, 1e-9), 0, 2), nan=1.0).clip(0, 1)


def _paint(classes: np.ndarray, card: Card) -> np.ndarray:
    image = np.ones((*classes.shape, 3))
    for info in card.classes:
        image[classes == info.id] = to_rgb(info.color)
    return image


if __name__ == "__main__":
    sys.exit(main())
