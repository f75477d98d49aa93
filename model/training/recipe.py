"""How to train: the recipe, its options on the command line, its checks."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from ..contract.errors import BadInput
from . import samplers
from .metrics import Sensors

FUSED_PATHS = ("available", "sampler")


@dataclass(frozen=True)
class Recipe:
    """How to train. Ends after `epochs`, or, when `minutes` is above 0, after so much time.

    crop: side in pixels. scales: ground resolutions of crops relative to the chips'. averaging: share of the averaged
    weights kept a step. checks: validations during training, on at most `check_chips` chips.

    Loss = full_weight * L(fused path) + sampled_weight * L(sampled path) + contrastive_weight * sum over pairs of
    modalities of InfoNCE + distil * KL(starting model || path), L = cross-entropy + dice * Dice. The fused path sees
    all a sample has (fused_path "available") or a draw of its own ("sampler"); the sampled path sees what the sampler
    draws. sampler_options: its options, as key=value.
    """

    epochs: int = 50
    minutes: float = 0.0
    crop: int = 128
    batch: int = 16
    rate: float = 2e-3
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
    averaging: float = 0.99
    checks: int = 8
    check_chips: int = 64
    seed: int = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that set a recipe, but for the resolutions, which come from --gsd."""
    parser.add_argument("--sampler", default=Recipe.sampler, help=f"one of {', '.join(samplers.BY_NAME)}")
    parser.add_argument(
        "--sampler-option",
        action="append",
        metavar="KEY=VALUE",
        help=f"of the sampler; may be repeated. {samplers.told()}".replace("%", "%%"),
    )
    parser.add_argument(
        "--fused-path",
        choices=FUSED_PATHS,
        default=Recipe.fused_path,
        help="what the fused path sees: all sensors a sample has, or a draw of the sampler, too (modality dropout)",
    )
    for name, default, told in (
        ("--full-weight", Recipe.full_weight, "of the fused path's loss"),
        ("--sampled-weight", Recipe.sampled_weight, "of the loss with the sensors that the sampler drew"),
        ("--contrastive-weight", Recipe.contrastive_weight, "of the loss that pulls sensors' features together"),
        ("--dice", Recipe.dice, "of the Dice loss added to cross-entropy in both paths, for rare classes"),
        ("--distil", Recipe.distil, "of staying close to the starting model's scores with all sensors"),
    ):
        parser.add_argument(name, type=float, default=default, metavar="W", help=f"weight {told} ({default:g})")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=int, default=Recipe.epochs, metavar="N", help="passes over the chips")
    length.add_argument("--minutes", type=float, default=0.0, metavar="N", help="train for so long instead")
    parser.add_argument("--crop", type=int, default=Recipe.crop, metavar="PX", help="side of training crops")
    parser.add_argument("--batch", type=int, default=Recipe.batch, metavar="N", help="crops a step")
    parser.add_argument("--lr", type=float, default=Recipe.rate, metavar="RATE", help="peak learning rate")
    parser.add_argument("--seed", type=int, default=0, metavar="N")


def from_options(args: argparse.Namespace, scales: tuple[float, float]) -> Recipe:
    """Return the recipe of a command line. Raises BadInput for options that cannot be used."""
    recipe = Recipe(
        epochs=args.epochs,
        minutes=args.minutes,
        crop=args.crop,
        batch=args.batch,
        rate=args.lr,
        scales=scales,
        sampler=args.sampler,
        sampler_options=tuple(args.sampler_option or ()),
        fused_path=args.fused_path,
        full_weight=args.full_weight,
        sampled_weight=args.sampled_weight,
        contrastive_weight=args.contrastive_weight,
        dice=args.dice,
        distil=args.distil,
        seed=args.seed,
    )
    check(recipe)
    return recipe


def check(recipe: Recipe) -> None:
    """Raise BadInput for values that cannot be used, in the words of the command line."""
    samplers.create(recipe.sampler, recipe.sampler_options)
    for name, value in (("--epochs", recipe.epochs), ("--crop", recipe.crop), ("--batch", recipe.batch)):
        at_least(name, value, 1)
    for name, value in (
        ("--seed", recipe.seed),
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
