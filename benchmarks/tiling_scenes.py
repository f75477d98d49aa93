"""Large scenes with known truth for bench_tiling."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import torch
from torch import Tensor

from sgma_qgis.model.contract.card import Card
from sgma_qgis.model.contract.job import Area, Options, Source
from sgma_qgis.model.data.grid import Window
from sgma_qgis.model.data.plan import plan
from sgma_qgis.model.data.raster import LayerReader
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback

ROOT = Path(__file__).resolve().parents[1]
GSD = 0.5


@dataclass(frozen=True)
class Scene:
    """inputs: key -> (1,C,H,W); truth (H,W) uint8, 255 = unknown."""

    inputs: dict[str, Tensor]
    truth: np.ndarray


def towns(seeds: Sequence[int], side: int, card: Card) -> Iterator[Scene]:
    """Generated towns, read as the engine reads them: heights are those above the local ground."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            (entry,) = write_scenes(Path(folder), {"test": [seed]}, side, GSD, JobFeedback("bench", lambda event: None))
            sources = tuple(
                Source(key, entry[key], unit="dsm") if key == "dsm" else Source(key, entry[key]) for key in card.keys
            )
            scene = plan(sources, card, Area(), Options())
            inputs = {}
            for layer in scene.layers:
                with LayerReader(layer, scene.grid) as reader:
                    inputs[layer.key] = torch.from_numpy(reader.read(Window(0, 0, side, side))[0])[None].float()
            with rasterio.open(entry["labels"]) as file:
                yield Scene(inputs, file.read(1))


def collages(seeds: Sequence[int], side: int) -> Iterator[Scene]:
    """Chips of a city that was not trained on, put side by side in an order drawn by the seed."""
    folder = Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data") / "naip_urban_trees"
    with (folder / "chips.csv").open(newline="", encoding="utf-8") as file:
        chips = [row["chip"] for row in csv.DictReader(file) if row["city"] == "riverside" and row["year"] == "2020"]
    across = side // 256
    for seed in seeds:
        chosen = np.random.default_rng(seed).permutation(chips)[: across * across]
        image, truth = np.zeros((4, side, side), np.float32), np.full((side, side), 255, np.uint8)
        for i, chip in enumerate(chosen):
            place = np.s_[i // across * 256 : (i // across + 1) * 256, i % across * 256 : (i % across + 1) * 256]
            with rasterio.open(folder / "images" / f"{chip}.tif") as file:
                image[(slice(None), *place)] = file.read()
            with rasterio.open(folder / "labels_weak" / f"{chip}.tif") as file:
                truth[place] = file.read(1)
        values = torch.from_numpy(image)[None]
        yield Scene({"rgb": values[:, :3], "nir": values[:, 3:]}, truth)
