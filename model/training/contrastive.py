"""InfoNCE between sensors: the features of one place should be alike whichever sensor saw it."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor
from torch.nn import functional as F

from ..nn.network import MOST, Features, Network

TEMPERATURE = 0.07
TOKENS = 256  # at most, a pair of modalities and step


def contrastive(network: Network, features: Features, generator: torch.Generator) -> Tensor:
    """Return the sum over pairs of modalities, each over tokens of the deepest stage that both have data of.

    Tokens are those after the fusion's projector where it has one (semantic-guided fusion), else the encoder's. 0
    without gradients when no two modalities meet. `generator` lives on the CPU and chooses tokens above TOKENS.
    """
    tokens, present = _tokens(network, features)
    total = features.maps[-1].new_zeros((), dtype=torch.float32)
    for first, second in combinations(range(len(network.keys)), 2):
        places = (present[:, first] & present[:, second]).flatten().nonzero()[:, 0]
        if len(places) > TOKENS:
            chosen = torch.randperm(len(places), generator=generator)[:TOKENS]
            places = places[chosen.to(places.device)]
        if len(places) > 1:  # one token alone has nothing to be told from
            total = total + info_nce(tokens[first][places], tokens[second][places])
    return total


def info_nce(first: Tensor, second: Tensor) -> Tensor:
    """Return the loss of n pairs (n,C): each should be most alike to its own partner, in both directions."""
    alike = F.normalize(first.float(), dim=1) @ F.normalize(second.float(), dim=1).T / TEMPERATURE
    target = torch.arange(len(alike), device=alike.device)
    return (F.cross_entropy(alike, target) + F.cross_entropy(alike.T, target)) / 2


def _tokens(network: Network, features: Features) -> tuple[list[Tensor], Tensor]:
    """Return, per modality, tokens (B*N,C) of the deepest stage, 0 where absent; present, bool (B,M,N)."""
    maps, coverage = features.maps[-1], features.coverage[-1]
    stages = getattr(network.fusion, "stages", None)
    found = []
    for m in range(len(network.keys)):
        samples = [b for b, row in enumerate(features.rows) if row[m] is not None]
        part = maps[[features.rows[b][m] for b in samples]]
        if stages is not None and samples:
            there = (coverage[samples, m] > 0)[:, None]
            part = stages[-1].project(part[:, None], there, (m,))[:, 0]
        else:
            part = part.flatten(2).transpose(1, 2)
        index = torch.tensor(samples, dtype=torch.long, device=part.device)
        found.append(part.new_zeros(len(features.rows), *part.shape[1:]).index_copy(0, index, part).flatten(0, 1))
    return found, (coverage >= MOST).flatten(2)
