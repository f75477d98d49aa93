"""Learning rates, parameter groups, averaged weights, and when a loss is past hope."""

from __future__ import annotations

import math

import torch

from ..nn.network import Network
from .recipe import Recipe

WARM_UP = 0.05  # of the training
DECAY_POWER = 0.9
LAST_RATE = 0.01  # of the peak learning rate: the floor of the decay
_BETAS = (0.9, 0.99)
_EXPLODED = 10.0  # times what not knowing anything costs


def rate_factor(done: float) -> float:
    """Return the learning rate relative to its peak at a share 0..1 of the training."""
    if done < WARM_UP:
        return max(done / WARM_UP, 0.1)
    return max((1 - (done - WARM_UP) / (1 - WARM_UP)) ** DECAY_POWER, LAST_RATE)


def optimizer(network: Network, recipe: Recipe) -> tuple[torch.optim.AdamW, list[str]]:
    """Return AdamW over what is not frozen, and the names of its parameters in its order.

    Each group has a `factor` to the learning rate. Norms and biases are not decayed.
    """
    groups: dict[tuple[float, float], list[tuple[str, torch.nn.Parameter]]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            factor = recipe.encoder_rate if name.startswith("backbone.") else 1.0
            decay = recipe.weight_decay if parameter.dim() > 1 else 0.0
            groups.setdefault((factor, decay), []).append((name, parameter))
    rows = [
        {"params": [parameter for _, parameter in rows], "weight_decay": decay, "factor": factor}
        for (factor, decay), rows in groups.items()
    ]
    names = [name for rows in groups.values() for name, _ in rows]
    return torch.optim.AdamW(rows, lr=recipe.rate, betas=_BETAS), names


def set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, done: float) -> float:
    """Set the learning rates for a share 0..1 of the training; return that of a group with factor 1."""
    rate = recipe.rate * rate_factor(done)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]
    return rate


@torch.no_grad()
def average(averaged: Network, network: Network, keep: float, steps: int) -> None:
    """Move the averaged weights towards the network's; faster at first, when the start still weighs too much."""
    keep = min(keep, (1 + steps) / (10 + steps))
    for slow, fast in zip(averaged.state_dict().values(), network.state_dict().values()):
        if slow.is_floating_point():
            slow.lerp_(fast, 1 - keep)
        else:
            slow.copy_(fast)


def limit(recipe: Recipe, classes: int, first: float) -> float:
    """Return the loss above which a training has diverged. first: its loss at the first step."""
    ignorant = math.log(max(classes, 2)) * (recipe.full_weight + recipe.sampled_weight)
    return _EXPLODED * max(first, ignorant)
