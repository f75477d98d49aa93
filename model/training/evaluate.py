"""Accuracy of every combination of sensors on a chip cache: each chip is encoded once, fused once a combination."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from ..nn.network import Network
from .augment import mask_uncovered
from .chipset import Chips
from .metrics import Scores, Sensors, confusion, scores, subsets

_TALK = Callable[[int, int], None]


@torch.inference_mode()
def predictions(
    network: Network, chips: Chips, combinations: Sequence[Sensors], *, batch: int = 4, tell: _TALK | None = None
) -> Iterator[tuple[Sensors, Tensor, Tensor]]:
    """Yield (combination, logits (B,K,S,S), labels (B,S,S)) for every batch of chips and every combination.

    Only chips that have every sensor of the combination take part; labels are IGNORE where none of its sensors has
    data. `tell` is called with (chips done, chips). The network is put into evaluation mode.
    """
    network.eval()
    device = next(network.parameters()).device
    keys = network.keys
    for start in range(0, len(chips), batch):
        part = slice(start, min(start + batch, len(chips)))
        valid = torch.from_numpy(np.array(chips.valid[part])).to(device)
        labels = torch.from_numpy(np.array(chips.labels[part])).to(device)
        inputs = {key: _tensor(chips.values[key][part]).to(device) for key in keys}
        features = network.encode(inputs, valid)
        available = valid.flatten(2).any(2)
        for combination in combinations:
            subset = torch.tensor([key in combination for key in keys], device=device)
            complete = (available | ~subset).all(1)
            if not complete.any():
                continue
            # chips that lack a sensor are fused with what they have, and dropped: a batch stays one batch
            fused, _ = network.fuse(features, torch.where(complete[:, None], subset, available))
            logits = network.decode(fused, features.size)
            truth = mask_uncovered(labels, valid & subset[:, None, None])
            yield combination, logits[complete], truth[complete]
        if tell is not None:
            tell(part.stop, len(chips))


def evaluate(network: Network, chips: Chips, *, batch: int = 4, tell: _TALK | None = None) -> dict[Sensors, Scores]:
    """Return the scores of every combination that some chip has: one confusion matrix over all pixels of all chips."""
    matrices: dict[Sensors, np.ndarray] = {}
    for combination, logits, labels in predictions(network, chips, subsets(network.keys), batch=batch, tell=tell):
        matrix = confusion(labels.cpu().numpy(), logits.argmax(1).cpu().numpy(), logits.shape[1])
        matrices[combination] = matrices.get(combination, 0) + matrix
    return {
        combination: scores(matrices[combination]) for combination in subsets(network.keys) if combination in matrices
    }


def average(found: dict[Sensors, Scores]) -> float:
    """Return the mean mIoU over combinations, by which checkpoints are chosen."""
    return float(np.mean([row.miou for row in found.values()]))


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(values))
