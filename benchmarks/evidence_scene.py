"""The generated scene of six sensors, one of them noisy: methods, section 9.

Four classes, the arg-max of smooth noise; each sensor is one band that shows the class as a level of its own order,
with noise. Every step sees new scenes, so nothing but the number of steps limits what can be learned; the test scenes
are the same for all rows and seeds.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch.nn import functional as F

from sgma_qgis.model.contract.card import ClassInfo, ModalityStats
from sgma_qgis.model.nn.network import Network
from sgma_qgis.model.training import samplers
from sgma_qgis.model.training.chipset import Chips, ChipSet
from sgma_qgis.model.training.dataset import Batch
from sgma_qgis.model.training.loop import GRADIENT_NORM
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.schedule import rate_factor
from sgma_qgis.model.training.step import step_loss

NOISE = (0.25, 0.25, 0.25, 0.25, 0.25, 2.5)
SIDE, CLASSES, BLOCK = 64, 4, 8
STEPS, BATCH, RATE, AVERAGING = 150, 8, 2e-3, 0.9
TESTED, TEST_SEED = 32, 987_654
KEYS = tuple(f"sensor{i + 1}" for i in range(len(NOISE)))


def chips() -> ChipSet:
    """Return the test scenes, with what a network needs to know."""
    classes = tuple(ClassInfo(k, f"Class {k}", "#808080") for k in range(CLASSES))
    stats = tuple(ModalityStats(key, ("level",), "dn8", (-9.0,), (9.0,), (0.0,), (1.0,)) for key in KEYS)
    values, labels = draw(np.random.default_rng(TEST_SEED), TESTED)
    test = Chips(values, np.ones((TESTED, len(KEYS), SIDE, SIDE), bool), labels)
    return ChipSet(classes, stats, (1.0, 1.0, 1.0), {"test": test}, {})


def draw(rng: np.random.Generator, count: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return values by sensor (count,1,64,64) float32 and labels (count,64,64) uint8."""
    coarse = torch.from_numpy(rng.normal(size=(count, CLASSES, SIDE // BLOCK, SIDE // BLOCK)))
    smooth = F.interpolate(coarse, scale_factor=float(BLOCK), mode="bilinear", align_corners=False)
    labels = smooth.argmax(1).numpy()
    values = {}
    for index, (key, noise) in enumerate(zip(KEYS, NOISE)):
        order = np.random.default_rng(index).permutation(CLASSES) - (CLASSES - 1) / 2
        clean = order[labels][:, None]
        values[key] = ((clean + noise * rng.normal(size=clean.shape)) / (1 + noise)).astype(np.float32)
    return values, labels.astype(np.uint8)


def train(network: Network, recipe: Recipe, steps: int) -> tuple[Network, float]:
    """Train in place; return the averaged network, and the processor time spent, seconds."""
    averaged = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGING)
    )
    sampler = samplers.create(recipe.sampler, recipe.sampler_options)
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay)
    rng = np.random.default_rng((recipe.seed, 1))
    generator = torch.Generator().manual_seed(recipe.seed)
    network.train()
    began = time.process_time()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * rate_factor(step / steps)
        loss = step_loss(network, _batch(rng, recipe.batch), recipe, sampler, generator, done=step / steps)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
        optimizer.step()
        averaged.update_parameters(network)
    return averaged.module.eval(), time.process_time() - began


def _batch(rng: np.random.Generator, count: int) -> Batch:
    values, labels = draw(rng, count)
    still = {key: (torch.ones(count, 1), torch.zeros(count, 1)) for key in KEYS}
    return Batch(
        {key: torch.from_numpy(part) for key, part in values.items()},
        torch.ones(count, len(KEYS), SIDE, SIDE, dtype=torch.bool),
        torch.from_numpy(labels),
        still,
    )
