"""What a training starts from: a model, or an encoder, and the network made of it."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch

from ..contract.card import Card, parse, to_json
from ..contract.errors import BadInput, BadModel
from ..contract.learning import TrainJob
from ..contract.store import Package, find, installed, is_path
from ..feedback import JobFeedback
from ..nn import backbones, build
from ..nn.inherit import carried, inherit
from ..nn.network import Network
from . import bias, strategies
from .dataset import TrainingData
from .losses import class_weights
from .recipe import Recipe
from .step import Teacher


@dataclass(frozen=True)
class Start:
    """What a network starts from: a model (`base`), or an encoder, pretrained or not. strategy: what may change."""

    base: Package | None = None
    pretrained: bool = False
    strategy: str = "all"


def base_of(job: TrainJob) -> Package | None:
    """Return the model to go on from, None for an encoder. Raises BadInput when the base is neither."""
    if job.base in backbones.BY_NAME:
        return None
    if not is_path(job.base) and job.base not in {row.card.id for row in installed()}:
        models = ", ".join(sorted(row.card.id for row in installed())) or "none"
        raise BadInput(
            f"--base {job.base!r} is neither an installed model ({models}) nor an encoder "
            f"({', '.join(backbones.BY_NAME)}).",
            "Choose one of these, or give the path of a model.",
        )
    package = find(job.base)
    if package.card.network.pixels is not None:
        raise BadInput(
            f"--base {job.base} was made from strokes: its head reads pixels, which training does not know.",
            "Start from the model that it was made from, with the strokes as labels.",
        )
    return package


def check_start(job: TrainJob, start: Start, recipe: Recipe) -> None:
    """Raise BadInput for options that do not go with what the training starts from."""
    if start.base is None:
        if recipe.distil > 0:
            raise BadInput(
                f"--distil keeps close to a trained starting model; {job.base} is an encoder without one.",
                "Leave --distil out.",
            )
        if start.strategy != "all":
            raise BadInput(
                f"--strategy {start.strategy} keeps most of a trained model; {job.base} is an encoder alone.",
                "Leave --strategy out, or give a model as --base.",
            )
    elif job.pretrained:
        raise BadInput("--pretrained is of encoders; the base is a trained model.", "Leave --pretrained out.")
    strategies.check(start.strategy)


def started(
    card: Card, start: Start, data: TrainingData, recipe: Recipe, device: torch.device, feedback: JobFeedback
) -> tuple[Network, Teacher | None]:
    """Return the network to train, on its device, and the teacher when the recipe distils."""
    network = new_network(card, start.pretrained)
    counts = data.class_counts()
    weights = class_weights(counts, recipe.class_weights)
    shares = counts if weights is None else counts * weights.numpy()
    if start.base is None:
        bias.start_at_shares(network, shares)
        return network.to(device), None
    base_card = start.base.card
    base = build.load(base_card, start.base.weights(), str(start.base.path))
    for text in inherit(network, card, base, base_card):
        feedback.info(text)
    known = carried(card, base_card)
    bias.start_new_at_shares(network, shares, [k for k, _ in known])
    network.to(device)
    teacher = None
    if recipe.distil > 0:
        if len(known) < 2:
            raise BadInput(
                f"--distil compares classes that '{base_card.id}' knows; the labels have {len(known)} of them.",
                "Leave --distil out.",
            )
        sensors = torch.tensor([key in base_card.keys for key in card.keys], device=device)
        teacher = Teacher(
            copy.deepcopy(network).eval().requires_grad_(False), sensors, torch.tensor([k for k, _ in known]).to(device)
        )
    strategies.apply(network, start.strategy)
    sizes = [(p.numel(), p.requires_grad) for p in network.parameters()]
    free, whole = sum(n for n, learns in sizes if learns), sum(n for n, _ in sizes)
    feedback.info(f"Strategy {start.strategy}: {free:,} of {whole:,} weights learn.")
    return network, teacher


def new_network(card: Card, pretrained: bool) -> Network:
    """Return the card's network, untrained. Raises BadInput when the card would be refused once it is written."""
    try:
        parse(to_json(card), "The card to be written")
        return build.build(card, pretrained=pretrained)
    except BadModel as error:
        raise BadInput(error.message, "Correct the option.") from None
