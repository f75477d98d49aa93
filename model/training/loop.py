"""The training loop of SGMA (IEEE TGRS 2026, arXiv 2603.02505); the loss of its two-path step is in `step.py`.

Around the step: AdamW, warm-up, polynomial decay, clipped gradients, averaged weights (`schedule.py`); after each epoch
a checkpoint, and as often as the recipe says a validation: the best one's weights are the outcome.

Chance is a function of (seed, epoch, step): with the same data, machine, threads and versions a training gives the same
weights, killed and continued as often as you like, unless a time budget sets its length.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..contract.errors import BadInput, Cancelled
from ..feedback import JobFeedback
from ..nn.device import memory_is_short
from ..nn.network import Network
from . import samplers, schedule
from .dataset import Batch, Crops, Tell, TrainingData
from .distortion import measure
from .evaluate import average, evaluate
from .losses import class_weights
from .metrics import Scores, Sensors
from .pictures import ExampleWindow
from .recipe import Recipe
from .resuming import Keeping, copied, restore, save
from .scenarios import ScenarioTable
from .step import Teacher, step_loss

GRADIENT_NORM = 1.0
_SMOOTH = 0.98  # share of the loss told that is older than this step


@dataclass
class Outcome:
    """The trained network (the averaged weights of the best check, evaluation mode) and how it got there."""

    network: Network
    steps: int = 0
    seconds: float = 0.0
    best: float = 0.0
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    epochs: int = 0  # done
    table: ScenarioTable | None = None  # the last one measured, of samplers that measure


def train(
    network: Network,
    data: TrainingData,
    recipe: Recipe,
    feedback: JobFeedback,
    *,
    teacher: Teacher | None = None,
    keeping: Keeping | None = None,
    dtype: torch.dtype | None = None,
    trained: bool = False,
) -> Outcome:
    """Train what is not frozen of the network, in place, on its device.

    teacher: needed when the recipe distils. keeping: None = no checkpoints and no pictures. dtype: of the autocast,
    None = float32. trained: the network knows something already: it is validated before the first step, and kept if
    nothing beats it. Without validation data the last weights win. Raises BadInput for what cannot be used, a
    checkpoint of another training included, or a loss that diverges in the first epoch; Cancelled when asked to stop,
    the last checkpoint stays.
    """
    if recipe.distil > 0 and teacher is None:
        raise BadInput("--distil keeps close to a trained starting model; there is none.", "Leave --distil out.")
    run = Run(network, data, recipe, feedback, teacher, dtype)
    if keeping is not None:
        restore(run, keeping)
    example = ExampleWindow(data, feedback.check) if keeping is not None else None

    def show() -> None:
        if example is not None and example.draw(run.averaged, keeping.folder.example):
            feedback.example(str(keeping.folder.example))

    try:
        if trained and not run.outcome.history:
            run.tell(run.check())
            show()
        while not run.over():
            if run.epoch() and keeping is not None:
                save(run, keeping)
                show()
    except Diverged as error:
        run.fall_back(error)
    except Cancelled:
        if keeping is not None and keeping.folder.kept:
            feedback.info(f"Epoch {run.epochs_done} is kept in {keeping.folder.path}.")
        raise
    return run.finish()


class Diverged(Exception):
    """The loss, or its gradient, is past hope."""


class Run:
    """The state of one training."""

    def __init__(
        self,
        network: Network,
        data: TrainingData,
        recipe: Recipe,
        feedback: JobFeedback,
        teacher: Teacher | None,
        dtype: torch.dtype | None,
    ) -> None:
        self.recipe, self.feedback, self.data, self.teacher, self.dtype = recipe, feedback, data, teacher, dtype
        self.network = network.train()
        self.device = next(network.parameters()).device
        self.averaged = copy.deepcopy(network).eval()
        self.crops = Crops(recipe.crop, recipe.batch, recipe.scales, recipe.seed)
        steps = max(data.steps(recipe.batch), 1)
        self.passes = max(math.ceil(recipe.least_steps / steps), 1)  # through the data an epoch
        self.epoch_steps = steps * self.passes
        self.sampler = samplers.create(recipe.sampler, recipe.sampler_options)
        self.sampler.scenarios(network.keys)  # refuses what cannot be drawn
        weights = class_weights(data.class_counts(), recipe.class_weights)
        self.weights = None if weights is None else weights.to(self.device)
        self.optimizer, self.names = schedule.optimizer(network, recipe)
        self.outcome = Outcome(self.averaged)
        self.told: list[dict[str, Any]] = []  # of every epoch, for the curves of a training that is gone on with
        self.best_weights: dict[str, Tensor] | None = None
        self.last_weights: dict[str, Tensor] | None = None  # averaged, of the end of the last epoch
        self.epochs_done = self.position = self.checks_done = 0
        self.checked_step = -1
        self.loss = self.first_loss = math.nan
        self.pieces = 1  # that a batch is cut into, for want of memory
        self.began = time.monotonic() - feedback.paused_s

    # --- time ----------------------------------------------------------------------------------------------------

    def seconds(self) -> float:
        """Return how long the training has run, pauses not counted."""
        return time.monotonic() - self.began - self.feedback.paused_s

    def done(self) -> float:
        """Return which share of the training is over, 0..1."""
        if self.recipe.minutes > 0:
            return min(self.seconds() / (60 * self.recipe.minutes), 1.0)
        return min((self.epochs_done + min(self.position / self.epoch_steps, 1.0)) / self.recipe.epochs, 1.0)

    def over(self) -> bool:
        """Return whether to end: all is done, the caller says so, or nothing has become better for long."""
        waited = self.epochs_done - self.outcome.best_epoch
        if 0 < self.recipe.patience <= waited and self.best_weights is not None and self.done() < 1:
            self.feedback.info(f"No better validation for {waited} epochs: the training ends early.")
            return True
        return self.done() >= 1 or self.feedback.stopping

    def tell(self, values: dict[str, Any]) -> None:
        """Tell how it goes; values as in `messages.Metrics`."""
        self.told.append({"epoch": self.epochs_done, "step": self.outcome.steps, "values": values})
        self.feedback.metrics(self.epochs_done, self.outcome.steps, values)

    # --- an epoch ------------------------------------------------------------------------------------------------

    def epoch(self) -> bool:
        """Train one epoch; validate when it is time. Return whether it came to its end."""
        self.feedback.check()
        self.measure_scenarios()
        self.position = 0
        for number, batch in enumerate(self.batches()):
            self.step(batch, number)
            self.feedback.progress("train", min(int(1000 * self.done()), 999), 1000)
            if self.feedback.stopping or (self.recipe.minutes > 0 and self.done() >= 1):
                return False
        self.check_data()
        self.epochs_done, self.position = self.epochs_done + 1, 0
        self.last_weights = copied(self.averaged)
        values = {"loss": round(self.loss, 4), "rate": self.optimizer.param_groups[0]["lr"]}
        if self.done() >= (self.checks_done + 1) / self.recipe.checks:
            self.checks_done = int(self.done() * self.recipe.checks)
            values |= self.check()
        self.tell(values)
        return True

    def check_data(self) -> None:
        """Raise BadInput when no step was taken of this epoch's batches."""
        if not self.position:
            raise BadInput("No crop of the training data has a pixel of data.", "Check the layers' nodata and areas.")

    def batches(self) -> Iterator[Batch]:
        """Yield the batches of the epoch that comes."""
        for number in range(self.passes):
            yield from self.data.epoch(self.crops, self.epochs_done * self.passes + number)

    def measure_scenarios(self) -> None:
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

    def step(self, batch: Batch, number: int) -> None:
        """Train on batch `number` of the epoch. Raises Diverged."""
        done = self.done()
        schedule.set_rate(self.optimizer, self.recipe, done)
        value = self._with_memory(lambda: self._gradients(batch, number, done))
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), GRADIENT_NORM)
        self.loss = value if not self.outcome.steps else _SMOOTH * self.loss + (1 - _SMOOTH) * value
        self.first_loss = self.loss if not self.outcome.steps else self.first_loss
        highest = schedule.limit(self.recipe, len(self.data.classes), self.first_loss)
        if not (math.isfinite(value) and math.isfinite(float(norm)) and self.loss <= highest):
            raise Diverged(f"{value:.3g}")
        self.optimizer.step()
        self.outcome.steps += 1
        self.position = number + 1
        schedule.average(self.averaged, self.network, self.recipe.averaging, self.outcome.steps)

    def _gradients(self, batch: Batch, number: int, done: float) -> float:
        """Leave the gradients of the batch, piece by piece, in the network and return the loss."""
        # chance is a function of (seed, epoch, step): a training that is continued draws what it would have drawn
        draws, dropout = np.random.SeedSequence((self.recipe.seed, self.epochs_done, number)).generate_state(2)
        torch.manual_seed(int(dropout))
        generator = torch.Generator().manual_seed(int(draws))
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for piece in batch.split(self.pieces):
            with torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not None):
                loss = step_loss(
                    self.network,
                    piece.to(self.device),
                    self.recipe,
                    self.sampler,
                    generator,
                    done=done,
                    table=self.outcome.table,
                    teacher=self.teacher,
                    weights=self.weights,
                )
            loss = loss * (len(piece) / len(batch))
            loss.backward()
            total += float(loss.detach())
        return total

    def _with_memory(self, compute: Callable[[], float]) -> float:
        """Compute; where memory does not suffice, again with the batch in pieces of half the size."""
        while True:
            try:
                return compute()
            except (RuntimeError, MemoryError) as error:
                if not memory_is_short(error):
                    raise
            # out here: the error holds on to all that the network had in memory
            self.optimizer.zero_grad(set_to_none=True)
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            if self.pieces >= self.recipe.batch:
                raise BadInput(
                    f"Not even one crop of {self.recipe.crop} pixels fits into the memory of {self.device}.",
                    "Choose a smaller --crop.",
                )
            self.pieces *= 2
            self.feedback.warn(
                f"Memory is short: the {self.recipe.batch} crops of a step go through the network in {self.pieces} "
                "pieces from now on. Crops, steps and learning rates stay what they are."
            )

    # --- validation ----------------------------------------------------------------------------------------------

    def check(self) -> dict[str, Any]:
        """Validate the averaged weights, keep them if they are the best so far, and return the values for `metrics`."""
        row = {"step": self.outcome.steps, "epoch": self.epochs_done}
        if row["step"]:
            row["loss"] = round(self.loss, 4)
        values = {}
        if "validation" in self.data.names:
            found = self.validate()
            row["miou"] = round(average(found), 4)
            values = {"miou": row["miou"], "combinations": _combinations(found, self.data)}
            if self.best_weights is None or row["miou"] > self.outcome.best:
                self.outcome.best, self.outcome.best_epoch = row["miou"], self.epochs_done
                self.best_weights = copied(self.averaged)
        self.checked_step = self.outcome.steps
        self.outcome.history.append(row)
        told = [
            f"{title} {row[name]:.3f}" for name, title in (("loss", "loss"), ("miou", "validation mIoU")) if name in row
        ]
        if told:
            self.feedback.info(f"Step {row['step']}, epoch {row['epoch']}: {', '.join(told)}")
        return values

    def validate(self, tell: Tell | None = None) -> dict[Sensors, Scores]:
        """Return the scores of the averaged weights on validation data, of as many samples as a check takes."""
        parts = self.data.parts("validation", self.recipe.check_chips, tell or (lambda *_: self.feedback.check()))
        return evaluate(self.averaged, parts)

    # --- the end -------------------------------------------------------------------------------------------------

    def fall_back(self, error: Diverged) -> None:
        """Go back to the last good weights. Raises BadInput when there are none."""
        weights = self.best_weights or self.last_weights
        if not self.epochs_done:
            raise BadInput(
                f"The loss diverged in the first epoch ({error}): nothing was learned.",
                f"Choose a lower --lr than {self.recipe.rate:g}, and check the labels.",
            ) from None
        epoch = self.outcome.best_epoch if self.best_weights else self.epochs_done
        self.feedback.warn(
            f"The loss diverged in epoch {self.epochs_done + 1} ({error}): the training ends, and the model is that of "
            f"epoch {epoch}. A lower --lr than {self.recipe.rate:g} may help."
        )
        self.averaged.load_state_dict(weights)
        self.checked_step = self.outcome.steps  # what diverged is not looked at

    def finish(self) -> Outcome:
        """Return the outcome, its network holding the best weights."""
        if self.checked_step != self.outcome.steps and self.outcome.steps:
            self.tell({"loss": round(self.loss, 4), **self.check()})
        if self.best_weights is not None:
            self.averaged.load_state_dict(self.best_weights)
        self.outcome.seconds = round(self.seconds(), 1)
        self.outcome.epochs = self.epochs_done
        self.feedback.progress("train", 1000, 1000)
        return self.outcome


def _combinations(found: dict[Sensors, Scores], data: TrainingData) -> list[dict[str, Any]]:
    return [
        {
            "sensors": list(sensors),
            "miou": round(row.miou, 4),
            "iou": {data.classes[k].name: round(value, 4) for k, value in row.iou.items()},
        }
        for sensors, row in found.items()
    ]
