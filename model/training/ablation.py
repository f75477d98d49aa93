"""What the fusion's weights are worth: the network with them replaced. If scores stay, the trust maps mean nothing.

uniform   every available sensor counts the same (1 / M)
shuffled  every pixel gets the weights of another one that has the same sensors
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

from ..nn.network import Network
from ..nn.weighing import Weighing


def weighs(network: Network) -> bool:
    """Tell whether the fusion has learned weights that can be replaced."""
    return any(isinstance(part, Weighing) for part in network.modules())


@contextmanager
def replaced(network: Network, how: str) -> Iterator[None]:
    """Replace the fusion's weights within the context. how: a key of ABLATIONS."""
    replace = ABLATIONS[how]
    with ExitStack() as stack:
        for part in network.modules():
            if isinstance(part, Weighing):
                handle = part.register_forward_hook(lambda _module, _inputs, weights: replace(weights))
                stack.callback(handle.remove)
        yield


def uniform(weights: Tensor) -> Tensor:
    """(B,M,N,...) -> the same shape, 1 / number available where available."""
    there = (weights > 0).to(weights.dtype)
    return there / there.sum(1, keepdim=True).clamp(min=1)


def shuffled(weights: Tensor) -> Tensor:
    """(B,M,N,h) -> the same shape, tokens drawn anew among those of the batch that have the same modalities."""
    tokens = weights.transpose(1, 2).flatten(0, 1)  # (B*N,M,h)
    bits = 2 ** torch.arange(tokens.shape[1], device=tokens.device)
    have = ((tokens > 0).any(2) * bits).sum(1)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.empty_like(tokens)
    for group in have.unique():
        index = (have == group).nonzero()[:, 0]
        order = torch.randperm(len(index), generator=generator).to(index.device)
        drawn[index] = tokens[index[order]]
    return drawn.unflatten(0, (weights.shape[0], -1)).transpose(1, 2)


ABLATIONS = {"uniform": uniform, "shuffled": shuffled}
