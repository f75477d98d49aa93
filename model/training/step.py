"""The loss of one step: a fused path and a sampled path over one encoder pass and one head call (methods 2.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from ..data.labels import IGNORE
from ..nn.network import MOST, Features, Network, Projected
from .contrastive import contrastive
from .dataset import Batch
from .drawing import Sampler, View, draw
from .losses import cross_entropy, distillation, soft_dice
from .recipe import Recipe
from .scenarios import ScenarioTable


class _Path(NamedTuple):
    """weight: of its loss. maps: fused, per stage (B,C_i,h,w). sees: bool (B,H,W), pixels that it has data of."""

    weight: float
    maps: Sequence[Tensor]
    sees: Tensor


class Teacher(NamedTuple):
    """The frozen starting model that a training stays close to.

    sensors: bool (M,), those it knows; it sees no other. classes: (k,) int64, those of the network's that it knows:
    only what the scores say among these is compared.
    """

    network: Network
    sensors: Tensor
    classes: Tensor


def step_loss(
    network: Network,
    batch: Batch,
    recipe: Recipe,
    sampler: Sampler,
    generator: torch.Generator,
    *,
    done: float = 0.0,
    table: ScenarioTable | None = None,
    teacher: Teacher | None = None,
    weights: Tensor | None = None,
) -> Tensor:
    """Return the recipe's loss, a scalar.

    A sample whose draw repeats what the fused path sees of it takes no part in the sampled path: it has no labels
    there. done, table: as in View. teacher: needed when the recipe distils. weights: of the classes, (K,).
    """
    features = network.encode(batch.values, batch.valid, batch.affine)
    available = batch.valid.flatten(2).any(2)
    sees_all = recipe.fused_path == "available" and recipe.full_weight > 0
    projected = network.project(features) if sees_all else None
    fused, robustness = None, ()
    if sees_all:
        fused, robustness = network.fuse(features, projected=projected)
    elif sampler.uses_robustness:
        with torch.no_grad():
            _, robustness = network.fuse(features)
    view = View(network.keys, available, robustness, _there(features, robustness), done, table)
    paths = []
    if sees_all:
        paths.append(_Path(recipe.full_weight, fused, batch.valid.any(1)))
    elif recipe.full_weight > 0:
        sets = draw(sampler, view, generator, beside_whole=False)
        paths.append(_Path(recipe.full_weight, _fuse(network, features, sets, projected), _sees(batch, sets)))
    if recipe.sampled_weight > 0:
        sets = draw(sampler, view, generator, beside_whole=sees_all)
        takes_part = torch.stack([(part != available).any(1) for part in sets]).any(0) | (not sees_all)
        if takes_part.any():
            sees = _sees(batch, sets) & takes_part[:, None, None]
            paths.append(_Path(recipe.sampled_weight, _fuse(network, features, sets, projected), sees))
    loss = _supervised(network, features, batch, paths, recipe, teacher, weights)
    if recipe.contrastive_weight > 0:
        loss = loss + recipe.contrastive_weight * contrastive(network, features, generator)
    return loss


def _supervised(
    network: Network,
    features: Features,
    batch: Batch,
    paths: Sequence[_Path],
    recipe: Recipe,
    teacher: Teacher | None,
    weights: Tensor | None,
) -> Tensor:
    """Return the weighted sum over paths, and the distance to the teacher of the one that sees least, the last."""
    logits = network.decode([torch.cat(parts) for parts in zip(*(path.maps for path in paths))], features.size)
    parts = logits.split(len(batch.labels))
    loss = 0.0
    for path, part in zip(paths, parts):
        labels = batch.labels.masked_fill(~path.sees, IGNORE)
        one = cross_entropy(part, labels, weights)
        if recipe.dice > 0:
            one = one + recipe.dice * soft_dice(part, labels)
        loss = loss + path.weight * one
    if recipe.distil > 0:
        loss = loss + recipe.distil * _distance(teacher, batch, parts[-1], paths[-1].sees)
    return loss


def _distance(teacher: Teacher, batch: Batch, logits: Tensor, sees: Tensor) -> Tensor:
    """Return how far scores are from the teacher's, where it has data of a sensor it knows."""
    valid = batch.valid & teacher.sensors[:, None, None]
    knows = valid.flatten(1).any(1)
    if not knows.any():
        return logits.sum() * 0.0
    index = knows.nonzero()[:, 0]
    with torch.no_grad():
        part = batch.take(index)
        wanted = teacher.network(part.values, valid[index], part.affine).logits
    where = sees[index] & valid[index].any(1)
    return distillation(logits[index][:, teacher.classes], wanted[:, teacher.classes], where)


def _fuse(
    network: Network, features: Features, sets: Sequence[Tensor], projected: Projected | None
) -> Sequence[Tensor]:
    """Return the fused maps of one set a sample, or of one set a sample and stage."""
    if len(sets) == 1:
        return network.fuse(features, sets[0], projected)[0]
    return [network.fuse(features, part, projected)[0][i] for i, part in enumerate(sets)]


def _sees(batch: Batch, sets: Sequence[Tensor]) -> Tensor:
    """Return the pixels that any drawn modality has data of, bool (B,H,W): elsewhere there is nothing to learn."""
    drawn = torch.stack(list(sets)).any(0)
    return (batch.valid & drawn[:, :, None, None]).any(1)


def _there(features: Features, robustness: Sequence[Tensor]) -> list[Tensor]:
    """Return which tokens the fusion counted as data, per stage bool (B,M,h,w)."""
    found = []
    for coverage, share in zip(features.coverage, robustness):
        height, width = share.shape[-2:]
        # by coverage, not by share alone: a share may underflow to 0; the rest are the best covered of their token
        found.append((coverage[..., :height, :width] >= MOST) | (share > 0))
    return found
