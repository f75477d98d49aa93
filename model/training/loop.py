"""The training loop of SGMA (IEEE TGRS 2026, arXiv 2603.02505); the loss of its two-path step is in `step.py`.

Around the step: AdamW, warm-up, polynomial decay, clipped gradients, averaged weights, best checkpoint by validation.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..feedback import JobFeedback
from ..nn.network import Network
from . import samplers
from .dataset import Batch, Crops, TrainingData
from .distortion import measure
from .evaluate import average, evaluate
from .recipe import Recipe
from .scenarios import ScenarioTable
from .step import step_loss

WARM_UP = 0.05  # of the training
DECAY_POWER = 0.9
LAST_RATE = 0.01  # of the peak learning rate: the floor of the decay
GRADIENT_NORM = 1.0
_BETAS = (0.9, 0.99)


@dataclass
class Outcome:
    """The trained network (the averaged weights of the best check, evaluation mode) and how it got there."""

    network: Network
    steps: int = 0
    seconds: float = 0.0
    best: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    table: ScenarioTable | None = None  # the last one measured, of samplers that measure


def train(network: Network, data: TrainingData, recipe: Recipe, feedback: JobFeedback) -> Outcome:
    """Train the network in place on its device. Raises BadInput for an unknown sampler, Cancelled when asked to stop.

    Without validation data the last weights win. Same seed, epochs and machine give the same weights; with a time
    budget the number of steps depends on the machine.
    """
    run = _Run(network, data, recipe, feedback)
    while run.done() < 1.0:
        feedback.check()
        run.measure()
        for number, batch in enumerate(data.epoch(run.crops, run.epochs_done)):
            run.step(batch, number)
            if run.done() >= 1.0:
                break
        else:
            run.epochs_done += 1
    return run.finish()


class _Run:
    """The state of one training."""

    def __init__(self, network: Network, data: TrainingData, recipe: Recipe, feedback: JobFeedback) -> None:
        self.recipe = recipe
        self.feedback = feedback
        self.network = network.train()
        self.device = next(network.parameters()).device
        self.averaged = copy.deepcopy(network).eval()
        self.data = data
        self.crops = Crops(recipe.crop, recipe.batch, recipe.scales, recipe.seed)
        self.steps_planned = recipe.epochs * data.steps(recipe.batch)
        self.sampler = samplers.create(recipe.sampler, recipe.sampler_options)
        self.sampler.scenarios(network.keys)  # refuses what cannot be drawn
        self.teacher = copy.deepcopy(network).eval().requires_grad_(False) if recipe.distil > 0 else None
        self.optimizer = torch.optim.AdamW(_groups(network, recipe.weight_decay), lr=recipe.rate, betas=_BETAS)
        self.outcome = Outcome(self.averaged)
        self.best_weights: dict[str, Tensor] | None = None
        self.checks_done = 0
        self.epochs_done = 0
        self.loss = 0.0
        self.began = time.monotonic()

    def measure(self) -> None:
        """Measure the scenarios at the start of an epoch, when the sampler asks for it, with the averaged weights."""
        if not self.sampler.measures:
            return
        keys = self.network.keys
        if self.sampler.due(self.epochs_done):
            found = measure(
                self.averaged,
                self.data.complete(self.recipe.crop, self.sampler.chips),
                self.sampler.scenarios(keys),
                self.feedback.check,
            )
            self.outcome.table = self.sampler.weigh(keys, found)
        elif self.outcome.table is None:
            self.outcome.table = self.sampler.stored(keys)

    def done(self) -> float:
        """Return which share of the training is over, 0..1."""
        if self.recipe.minutes > 0:
            return min((time.monotonic() - self.began) / (60 * self.recipe.minutes), 1.0)
        return self.outcome.steps / max(self.steps_planned, 1)

    def step(self, batch: Batch, number: int) -> None:
        """Train on batch `number` of the epoch; validate when it is time."""
        # chance is a function of (seed, epoch, step): a training that is continued draws what it would have drawn
        draws, dropout = np.random.SeedSequence((self.recipe.seed, self.epochs_done, number)).generate_state(2)
        torch.manual_seed(int(dropout))
        done = self.done()
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate * rate_factor(done)
        loss = step_loss(
            self.network,
            batch.to(self.device),
            self.recipe,
            self.sampler,
            torch.Generator().manual_seed(int(draws)),
            done=done,
            table=self.outcome.table,
            teacher=self.teacher,
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_NORM)
        self.optimizer.step()
        self.outcome.steps += 1
        _average(self.averaged, self.network, self.recipe.averaging, self.outcome.steps)
        value = float(loss.detach())
        self.loss = value if self.outcome.steps == 1 else 0.98 * self.loss + 0.02 * value
        done = self.done()
        self.feedback.progress("train", min(int(1000 * done), 999), 1000)
        if done >= (self.checks_done + 1) / self.recipe.checks:
            self.checks_done = int(done * self.recipe.checks)
            self.check()

    def check(self) -> None:
        """Validate the averaged weights and keep them if they are the best so far."""
        row = {"step": self.outcome.steps, "epoch": self.epochs_done, "loss": round(self.loss, 4)}
        if "validation" in self.data.names:
            parts = self.data.parts("validation", self.recipe.check_chips, lambda *_: self.feedback.check())
            found = evaluate(self.averaged, parts)
            row["miou"] = round(average(found), 4)
            if self.best_weights is None or row["miou"] > self.outcome.best:
                self.outcome.best = row["miou"]
                self.best_weights = copy.deepcopy(self.averaged.state_dict())
        self.outcome.history.append(row)
        score = f", validation mIoU {row['miou']:.3f}" if "miou" in row else ""
        self.feedback.info(f"Step {row['step']}, epoch {row['epoch']}: loss {row['loss']:.4f}{score}")

    def finish(self) -> Outcome:
        """Return the outcome, its network holding the best weights."""
        if self.checks_done < self.recipe.checks:
            self.check()
        if self.best_weights is not None:
            self.averaged.load_state_dict(self.best_weights)
        self.outcome.seconds = round(time.monotonic() - self.began, 1)
        self.feedback.progress("train", 1000, 1000)
        return self.outcome


def rate_factor(done: float) -> float:
    """Return the learning rate relative to its peak at a share 0..1 of the training."""
    if done < WARM_UP:
        return max(done / WARM_UP, 0.1)
    return max((1 - (done - WARM_UP) / (1 - WARM_UP)) ** DECAY_POWER, LAST_RATE)


def _groups(network: Network, weight_decay: float) -> list[dict]:
    """Return parameter groups: norms and biases are not decayed."""
    decayed = [p for p in network.parameters() if p.dim() > 1]
    plain = [p for p in network.parameters() if p.dim() <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]


@torch.no_grad()
def _average(averaged: Network, network: Network, keep: float, steps: int) -> None:
    """Move the averaged weights towards the network's; faster at first, when the start still weighs too much."""
    keep = min(keep, (1 + steps) / (10 + steps))
    for slow, fast in zip(averaged.state_dict().values(), network.state_dict().values()):
        if slow.is_floating_point():
            slow.lerp_(fast, 1 - keep)
        else:
            slow.copy_(fast)
