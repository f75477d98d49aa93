"""Accuracy of every combination of sensors: each sample is encoded once, fused once a combination.

B samples, M modalities, K classes, N blocks of the bootstrap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..contract.card import Calibration
from ..data.labels import IGNORE
from ..nn.network import Features, Network
from .ablation import ABLATIONS, replaced, weighs
from .calibration import BINS, fit_temperature, reliability
from .dataset import Part
from .metrics import Scores, Sensors, confusions, scores, subsets

_PIXELS = 100_000  # labelled pixels a combination that `sampled` keeps
#: pixels' worth of belief in a temperature of 1. Neighbours are no independent witnesses: a strip of some thousand is a
#: handful of places, and on the next ones confidence by its plain fit was often worse than without
_PRIOR = 2560


@dataclass
class Tally:
    """What was counted for one combination; more parts add up.

    matrices: int64 (N,K,K), rows = truth. reliability: by name of the temperature, as `calibration.reliability`.
    """

    matrices: np.ndarray
    reliability: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def matrix(self) -> np.ndarray:
        """Return the confusion matrix (K,K) of all blocks."""
        return self.matrices.sum(0)


@dataclass(frozen=True)
class Measurement:
    """combinations: by sensors, in the order asked for. ablations: those of the last one, by name; may be empty."""

    combinations: dict[Sensors, Tally]
    ablations: dict[str, Tally]


@torch.inference_mode()
def measure(
    network: Network,
    parts: Iterable[Part],
    combinations: Sequence[Sensors],
    blocks: int,
    temperatures: Mapping[str, Mapping[Sensors, float]] | None = None,
    *,
    ablate: bool = False,
    record: Callable[[np.ndarray], None] | None = None,
) -> Measurement:
    """Count hits and misses of the combinations in one pass; those that no sample has are left out.

    blocks: N. temperatures: by name, those to tabulate confidence for (1 where a combination is not named).
    ablate: measure the last combination with replaced weights, too. record: called with what the last combination maps
    each part as, class indices (B,H,W) uint8, IGNORE where nothing was measured; before the next part is asked for.
    """
    tallies: dict[Sensors, Tally] = {}
    ablated: dict[str, Tally] = {}
    ways = tuple(ABLATIONS) if ablate and weighs(network) and len(combinations[-1]) > 1 else ()
    for features, part in _encoded(network, parts):
        for sensors in combinations:
            found = _decoded(network, features, part, sensors)
            if found is None:
                continue
            tally = tallies.setdefault(sensors, Tally(0))
            _count(tally, found, blocks)
            if record is not None and sensors == combinations[-1]:
                record(found.mapped())
            for name, by_sensors in (temperatures or {}).items():
                table = reliability(found.logits, found.truth, by_sensors.get(sensors, 1.0))
                tally.reliability[name] = tally.reliability.get(name, np.zeros((BINS, 3))) + table
        for way in ways:
            with replaced(network, way):
                found = _decoded(network, features, part, combinations[-1])
            if found is not None:
                _count(ablated.setdefault(way, Tally(0)), found, blocks)
    return Measurement({sensors: tallies[sensors] for sensors in combinations if sensors in tallies}, ablated)


def evaluate(network: Network, parts: Iterable[Part]) -> dict[Sensors, Scores]:
    """Return the scores of every combination that some sample has: one confusion matrix over all pixels."""
    one_block = (replace(part, blocks=torch.zeros_like(part.blocks)) for part in parts)
    found = measure(network, one_block, subsets(network.keys), 1)
    return {sensors: scores(tally.matrix) for sensors, tally in found.combinations.items()}


@torch.inference_mode()
def sampled(
    network: Network, parts: Iterable[Part], combinations: Sequence[Sensors], pixels: int, seed: int
) -> dict[Sensors, tuple[np.ndarray, np.ndarray]]:
    """Return logits (n,K) and class indices (n,) of a random part of the labelled pixels, by combination.

    pixels: how many are labelled in all; about 100,000 of them are kept.
    """
    rng = np.random.default_rng(seed)
    share = min(1.0, _PIXELS / max(pixels, 1))
    kept: dict[Sensors, list[tuple[np.ndarray, np.ndarray]]] = {}
    for features, part in _encoded(network, parts):
        for sensors in combinations:
            found = _decoded(network, features, part, sensors)
            if found is not None:
                logits, truth = found.logits.cpu().numpy(), found.truth.cpu().numpy()
                taken = rng.random(len(truth)) < share
                kept.setdefault(sensors, []).append((logits[taken], truth[taken]))
    return {
        sensors: tuple(np.concatenate(column) for column in zip(*kept[sensors]))
        for sensors in combinations
        if sensors in kept
    }


def calibrate(
    network: Network, parts: Iterable[Part], combinations: Sequence[Sensors], pixels: int, seed: int = 0
) -> tuple[Calibration, ...]:
    """Return the card's rows: the temperature that fits each combination, on data kept out of the training.

    The fewer pixels there are, the nearer to 1 it stays.
    """
    found = sampled(network, parts, combinations, pixels, seed)
    return tuple(Calibration(sensors, fit_temperature(*pair, _PRIOR)) for sensors, pair in found.items())


@torch.inference_mode()
def predicted(network: Network, part: Part, combinations: Sequence[Sensors]) -> list[np.ndarray]:
    """Return the class indices (H,W) uint8 of the part's first sample for each combination.

    IGNORE where none of its sensors has data; all of it where the sample has none of them.
    """
    ((features, part),) = _encoded(network, [part])
    found = []
    for sensors in combinations:
        subset = torch.tensor([key in sensors for key in network.keys], device=part.valid.device)
        covered = (part.valid[0] & subset[:, None, None]).any(0)
        if not covered.any():
            found.append(np.full(covered.shape, IGNORE, np.uint8))
            continue
        fused, _ = network.fuse(features, subset.expand(len(part.labels), -1))
        classes = network.decode(fused, features.size).argmax(1)[0]
        found.append(classes.masked_fill(~covered, IGNORE).to(torch.uint8).cpu().numpy())
    return found


def average(found: Mapping[Sensors, Scores]) -> float:
    """Return the mean mIoU over combinations, by which checkpoints are chosen."""
    return float(np.mean([row.miou for row in found.values()]))


def _encoded(network: Network, parts: Iterable[Part]) -> Iterator[tuple[Features, Part]]:
    """Yield the features of every part, and the part on the network's device. Puts the network into evaluation mode."""
    network.eval()
    device = next(network.parameters()).device
    for part in parts:
        part = part.to(device)
        yield network.encode(part.values, part.valid, part.affine), part


class _Decoded(NamedTuple):
    """The labelled pixels of a part that some sensors cover. known: bool (B,H,W), which they are.

    logits: (n,K). truth: class indices (n,) int64. block: (n,).
    """

    logits: Tensor
    truth: Tensor
    block: Tensor
    known: Tensor

    def mapped(self) -> np.ndarray:
        """Return the class indices (B,H,W) uint8 that they are mapped as, IGNORE elsewhere."""
        out = torch.full_like(self.known, IGNORE, dtype=torch.uint8)
        out[self.known] = self.logits.argmax(1).to(torch.uint8)
        return out.cpu().numpy()


def _decoded(network: Network, features: Features, part: Part, sensors: Sensors) -> _Decoded | None:
    """Return the labelled pixels that `sensors` cover.

    Only samples that have every one of them take part; None when there is none.
    """
    subset = torch.tensor([key in sensors for key in network.keys], device=part.valid.device)
    available = part.valid.flatten(2).any(2)
    complete = (available | ~subset).all(1)
    if not complete.any():
        return None
    # samples that lack a sensor are fused with what they have, and dropped: a batch stays one batch
    fused, _ = network.fuse(features, torch.where(complete[:, None], subset, available))
    logits = network.decode(fused, features.size)
    labels = part.labels.masked_fill(~(part.valid & subset[:, None, None]).any(1), IGNORE)  # nothing to see there
    known = (labels != IGNORE) & complete[:, None, None]
    block = part.blocks.expand_as(labels)[known]
    return _Decoded(logits.permute(0, 2, 3, 1)[known], labels[known].long(), block, known)


def _count(tally: Tally, found: _Decoded, blocks: int) -> None:
    arrays = (tensor.cpu().numpy() for tensor in (found.truth, found.logits.argmax(1), found.block))
    tally.matrices = tally.matrices + confusions(*arrays, blocks, found.logits.shape[1])
