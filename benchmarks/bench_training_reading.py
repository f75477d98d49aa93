"""What reading straight from layers adds to a training step: the same steps with batches that lie in memory.

python -m benchmarks.bench_training_reading [--threads N]. Three generated sensors of three resolutions (0.5, 1 and
2 m, deflate-compressed), labels as 600 polygons, the small encoder with the default recipe, crops of 128 pixels, 16 a
step. The ways take turns, so that other work on the machine falls on all of them; medians of the steps of all turns.
Processor time counts the threads that read, too. Both include cutting, turning and jittering crops, which memory has
ready.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median

import numpy as np
import pyogrio
import rasterio
import shapely
import torch
from rasterio.transform import from_origin

from benchmarks import inputs
from sgma_qgis.model.contract.card import Card, NetworkSpec
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.data import ground
from sgma_qgis.model.data.town import CLASSES, make_scene
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn.build import build
from sgma_qgis.model.training import samplers
from sgma_qgis.model.training.dataset import Batch, Crops, TrainingData
from sgma_qgis.model.training.loop import GRADIENT_NORM
from sgma_qgis.model.training.open_data import open_training_data
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.step import step_loss

SIDE, GSD, POLYGONS = 2048, 0.5, 600
COARSER = {"rgb": 1, "nir": 2, "dsm": 4}
CROP, BATCH, STEPS, TURNS = 128, 16, 8, 3
CRS, CORNER = "EPSG:32632", (500_000.0, 5_300_000.0)


@dataclass
class Way:
    """How batches come, and what steps took: seconds of wall and of processor time."""

    title: str
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=None, help="of torch (default: all)")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    ways = {
        "memory": Way("batches in memory"),
        "first": Way("layers, first epoch: nothing was read before"),
        "later": Way("layers, later epochs"),
        "direct": Way("layers, more labelled ground than memory keeps"),
    }
    crops = Crops(CROP, BATCH, (0.7, 1.5), 0)
    with inputs.folder() as folder:
        place = Path(folder)
        _write(place)
        kept = _open(place)
        trainer = _Trainer(kept)
        memory = list(islice(kept.epoch(crops, 0), STEPS))
        trainer.steps(memory, Way("warm-up"))
        for turn in range(TURNS):
            trainer.steps(memory, ways["memory"])
            trainer.steps(islice(_open(place).epoch(crops, turn), STEPS), ways["first"])
            trainer.steps(islice(kept.epoch(crops, turn), STEPS), ways["later"])
            with _nothing_kept():
                direct = _open(place)
            trainer.steps(islice(direct.epoch(crops, turn), STEPS), ways["direct"])
    base = ways["memory"]
    print(f"{torch.get_num_threads()} thread(s) of torch, {TURNS * STEPS} steps each\n")
    print("| batches | ms a step | times memory | processor ms a step | times memory |")
    print("|---|---|---|---|---|")
    for way in ways.values():
        wall, processor = median(way.wall), median(way.processor)
        print(
            f"| {way.title} | {1000 * wall:.0f} | {wall / median(base.wall):.3f} | {1000 * processor:.0f} | "
            f"{processor / median(base.processor):.3f} |"
        )
    return 0


class _Trainer:
    """A network in training; takes batches from anywhere."""

    def __init__(self, data: TrainingData) -> None:
        spec = NetworkSpec("small", "semantic_guided", 64)
        card = Card("b", "b", data.classes, data.modalities, spec, data.gsd, 512, "w", "0" * 64)
        torch.manual_seed(0)
        self.network = build(card).train()
        self.recipe = Recipe(crop=CROP, batch=BATCH)
        self.sampler = samplers.create(self.recipe.sampler, self.recipe.sampler_options)
        self.optimizer = torch.optim.AdamW(self.network.parameters())

    def steps(self, batches: Iterable[Batch], way: Way) -> None:
        """Train; a step's time runs from the end of the one before, waiting for its batch included."""
        batches: Iterator[Batch] = iter(batches)
        wall, processor = time.perf_counter(), time.process_time()
        for number, batch in enumerate(batches):
            generator = torch.Generator().manual_seed(number)
            loss = step_loss(self.network, batch, self.recipe, self.sampler, generator, done=0.5)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_NORM)
            self.optimizer.step()
            way.wall.append(time.perf_counter() - wall)
            way.processor.append(time.process_time() - processor)
            wall, processor = time.perf_counter(), time.process_time()


class _nothing_kept:  # noqa: N801  (used like a function)
    """Data opened meanwhile reads windows one by one."""

    def __enter__(self) -> None:
        self._before, ground.KEPT = ground.KEPT, 0

    def __exit__(self, *_: object) -> None:
        ground.KEPT = self._before


def _open(place: Path) -> TrainingData:
    sources = tuple(Source(key, str(place / f"{key}.tif")) for key in COARSER)
    job = TrainJob("small", str(place / "model"), sources, str(place / "labels.gpkg"), class_field="kind")
    feedback = JobFeedback("bench", lambda event: None)
    return open_training_data(job, None, crop=CROP, scales=(0.7, 1.5), work=place / "work", feedback=feedback)


def _write(place: Path) -> None:
    """Write a town's layers, and squares of 4 to 20 m with the class of their middle."""
    scene = make_scene(1, SIDE, SIDE, GSD)
    for key, factor in COARSER.items():
        values = getattr(scene, key)
        side = SIDE // factor
        means = values.reshape(len(values), side, factor, side, factor).mean((2, 4)).astype(values.dtype)
        profile = {
            "driver": "GTiff", "width": side, "height": side, "count": len(values), "dtype": values.dtype, "crs": CRS,
            "transform": from_origin(*CORNER, GSD * factor, GSD * factor), "compress": "deflate", "tiled": True,
        }  # fmt: skip
        with rasterio.open(place / f"{key}.tif", "w", **profile) as file:
            file.write(means)
    rng = np.random.default_rng(0)
    rows, cols = rng.integers(20, SIDE - 20, (2, POLYGONS))
    x, y, half = CORNER[0] + GSD * cols, CORNER[1] - GSD * rows, rng.uniform(2, 10, POLYGONS)
    names = {info.id: info.name for info in CLASSES}
    kinds = np.array([names[int(scene.truth[row, col])] for row, col in zip(rows, cols)], object)
    shapes = shapely.to_wkb(shapely.box(x - half, y - half, x + half, y + half)).astype(object)
    pyogrio.raw.write(place / "labels.gpkg", shapes, [kinds], ["kind"], geometry_type="Polygon", crs=CRS)


if __name__ == "__main__":
    sys.exit(main())
