"""How to train: the recipe and its checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..contract.errors import BadInput
from . import samplers
from .metrics import Sensors

FUSED_PATHS = ("available", "sampler")
CLASS_WEIGHTS = ("none", "balanced")


@dataclass(frozen=True)
class Recipe:
    """How to train. Ends after `epochs`, or, when `minutes` is above 0, after so much time.

    An epoch goes through the training data, as often as it takes for `least_steps` steps.

    crop: side in pixels. encoder_rate: of the encoder, relative to `rate`. scales: ground resolutions of crops relative
    to the data's. averaging: share of the averaged weights kept a step. checks: validations at most, each after a whole
    epoch, on at most `check_chips` samples. patience: epochs without a better validation after which to end; 0 = never.

    Loss = full_weight * L(fused path) + sampled_weight * L(sampled path) + contrastive_weight * sum over pairs of
    modalities of InfoNCE + distil * KL(starting model || path), L = cross-entropy + dice * Dice. The fused path sees
    all a sample has (fused_path "available") or a draw of its own ("sampler"); the sampled path sees what the sampler
    draws. sampler_options: its options, as key=value. class_weights: of cross-entropy, "balanced" = 1 / share.
    """

    epochs: int = 50
    least_steps: int = 0
    minutes: float = 0.0
    crop: int = 128
    batch: int = 16
    rate: float = 2e-3
    encoder_rate: float = 1.0
    weight_decay: float = 1e-2
    scales: tuple[float, float] = (1.0, 1.0)
    sampler: str = "modality_aware"
    sampler_options: tuple[str, ...] = ()
    fused_path: str = "available"
    full_weight: float = 2.0
    sampled_weight: float = 1.0
    contrastive_weight: float = 0.0
    dice: float = 0.0
    distil: float = 0.0
    class_weights: str = "none"
    averaging: float = 0.99
    checks: int = 20
    check_chips: int = 64
    patience: int = 0
    seed: int = 0


_FEW_LABELS = {"epochs": 30, "least_steps": 20, "batch": 8, "rate": 2e-3, "patience": 10}
#: what a training that goes on from a model does otherwise, by strategy: fewer, gentler steps
FROM_MODEL = {
    "head": _FEW_LABELS,
    "adapters": _FEW_LABELS,
    "all": {**_FEW_LABELS, "encoder_rate": 0.3},
}


def made(changes: Mapping[str, Any], scales: tuple[float, float], strategy: str = "") -> Recipe:
    """Return the default recipe with `changes`, by name. strategy: of a training that goes on from a model, else "".

    Raises BadInput for values that cannot be used.
    """
    known = {row.name: type(row.default) for row in fields(Recipe)}
    values = {**FROM_MODEL.get(strategy, {}), "scales": scales}
    for name, value in changes.items():
        if name not in known:
            raise BadInput(f"A recipe has no {name!r}; it has {', '.join(known)}.", "Correct the job.")
        kinds = {float: (int, float), tuple: (list, tuple)}.get(known[name], (known[name],))
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise BadInput(f"{name} of a recipe is {value!r:.60}, not a {known[name].__name__}.", "Correct the job.")
        values[name] = known[name](value)
    recipe = Recipe(**values)
    check(recipe)
    return recipe


def check(recipe: Recipe) -> None:
    """Raise BadInput for values that cannot be used, in the words of the command line."""
    samplers.create(recipe.sampler, recipe.sampler_options)
    for name, value in (
        ("--epochs", recipe.epochs),
        ("--crop", recipe.crop),
        ("--batch", recipe.batch),
        ("checks", recipe.checks),
        ("check_chips", recipe.check_chips),
    ):
        at_least(name, value, 1)
    for name, value in (
        ("--seed", recipe.seed),
        ("--patience", recipe.patience),
        ("least_steps", recipe.least_steps),
        ("weight_decay", recipe.weight_decay),
        ("encoder_rate", recipe.encoder_rate),
        ("--minutes", recipe.minutes),
        ("--full-weight", recipe.full_weight),
        ("--sampled-weight", recipe.sampled_weight),
        ("--contrastive-weight", recipe.contrastive_weight),
        ("--dice", recipe.dice),
        ("--distil", recipe.distil),
    ):
        at_least(name, value, 0)
    if not 0 < recipe.rate < math.inf:
        raise BadInput(f"--lr {recipe.rate} must be above 0.", "Correct --lr.")
    for name, value, choices in (
        ("--fused-path", recipe.fused_path, FUSED_PATHS),
        ("--class-weights", recipe.class_weights, CLASS_WEIGHTS),
    ):
        if value not in choices:
            raise BadInput(f"{name} {value} must be {' or '.join(choices)}.", f"Correct {name}.")
    if not 0 <= recipe.averaging < 1:
        raise BadInput(f"averaging {recipe.averaging} must be 0 or more and below 1.", "Correct the job.")
    if recipe.full_weight + recipe.sampled_weight <= 0:
        raise BadInput("--full-weight and --sampled-weight are both 0.", "One of the two paths must count.")


def at_least(name: str, value: float, least: int) -> None:
    """Raise BadInput when an option is below `least` or not finite."""
    if not least <= value < math.inf:
        raise BadInput(f"{name} {value} must be {least} or more.", f"Correct {name}.")


def practised(recipe: Recipe, keys: Sensors, available: set[Sensors]) -> set[Sensors]:
    """Return the combinations that a training shows, given those that its samples have."""
    shown = set()
    if recipe.fused_path == "available" and recipe.full_weight > 0:
        shown |= available
    if recipe.fused_path == "sampler" or recipe.sampled_weight > 0:
        drawn = samplers.create(recipe.sampler, recipe.sampler_options).scenarios(keys)
        for whole in available:
            shown |= {part for part in drawn if set(part) <= set(whole)} or {whole}
    return shown
