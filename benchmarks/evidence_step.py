"""What a training step of each row costs: processor time, side by side, medians."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice
from statistics import median

import torch

from sgma_qgis.model.nn.network import Network
from sgma_qgis.model.training import samplers
from sgma_qgis.model.training.chipset import ChipSet
from sgma_qgis.model.training.dataset import Crops
from sgma_qgis.model.training.loop import GRADIENT_NORM
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.step import step_loss

BATCHES = 4  # different ones, in turns
WARM = 2  # steps that do not count


def compare(chips: ChipSet, ways: dict[str, tuple[Network, Recipe]], repeats: int) -> dict[str, float]:
    """Return seconds of processor time a step, without reading data, by name. The ways take turns."""
    any_recipe = next(iter(ways.values()))[1]
    crops = Crops(any_recipe.crop, any_recipe.batch, (1.0, 1.0), 0)
    batches = list(islice(chips.epoch(crops, 0), BATCHES))
    optimizers = {name: torch.optim.AdamW(network.train().parameters()) for name, (network, _) in ways.items()}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(WARM + repeats):
        for name, (network, recipe) in ways.items():
            sampler = samplers.create(recipe.sampler, recipe.sampler_options)
            began = time.process_time()
            loss = step_loss(
                network, batches[turn % BATCHES], recipe, sampler, torch.Generator().manual_seed(turn), done=0.5
            )
            optimizers[name].zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
            optimizers[name].step()
            spent[name].append(time.process_time() - began)
    return {name: median(times[WARM:]) for name, times in spent.items()}


def table(seconds: dict[str, float], titles: dict[str, str]) -> Iterable[str]:
    """Yield a Markdown table; the first is the one to compare with."""
    base = next(iter(seconds.values()))
    yield "| fusion / fused path / sampler | ms a step | times the first |"
    yield "|---|---|---|"
    for name, value in seconds.items():
        yield f"| {titles[name]} | {1000 * value:.0f} | {value / base:.2f} |"
