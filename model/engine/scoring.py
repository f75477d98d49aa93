"""How much labels would help in each square of a tile: how unsure a model is there, how much its sensors disagree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

LEAST = 0.5  # of a square that has to be looked at


@dataclass(frozen=True)
class Square:
    """A square of the grid. Scores are means over its pixels, 0..1.

    row, col: of its first pixel. uncertainty: entropy of the probabilities by all sensors, relative to the greatest
    there is. disagreement: Jensen-Shannon divergence between what each sensor alone says and what all say, in bits,
    the mean of the sensors. mix: share of each class (K,). between: the two classes that most of the doubt is about.
    sensors: the two that differ most often, () where there are less than two.
    """

    row: int
    col: int
    uncertainty: float
    disagreement: float
    mix: np.ndarray
    between: tuple[int, int]
    sensors: tuple[str, ...]

    @property
    def score(self) -> float:
        """Return what squares are ranked by: the mean of both, or the doubt where one sensor has nobody to differ."""
        return (self.uncertainty + self.disagreement) / 2 if self.sensors else self.uncertainty


def squares(
    every: Tensor,
    alone: Mapping[str, Tensor],
    valid: Mapping[str, Tensor],
    counted: Tensor,
    side: int,
    corner: tuple[int, int],
) -> Iterable[Square]:
    """Yield the squares of an area of whole squares, those of which enough is counted.

    every: probabilities by all sensors (K,h,w). alone: by each of them (K,h,w), and where it has data, bool (h,w).
    counted: bool (h,w), pixels to look at. corner: row and column of the first pixel.
    """
    classes, height, width = every.shape
    across = width // side
    number = _numbers(height, width, side, every.device)
    total = (height // side) * across
    weight = counted.float()
    count = _sums(weight, number, total)
    entropy = _entropy(every) / math.log(classes)
    doubt = _sums(entropy * weight, number, total)
    divergence, seen = torch.zeros_like(weight), torch.zeros_like(weight)
    for key, one in alone.items():
        there = valid[key].float()
        divergence += there * (_entropy((one + every) / 2) - (_entropy(one) + _entropy(every)) / 2) / math.log(2)
        seen += there
    disagreement = _sums(weight * divergence / seen.clamp(min=1) * (seen > 1), number, total)
    mix = torch.stack([_sums(weight * part, number, total) for part in every], 1)
    between = _between(every, entropy * weight, number, total)
    differ = _differing(alone, valid, weight, number, total)
    enough = (count >= LEAST * side * side).cpu().numpy()
    count, doubt, disagreement, mix = (part.cpu().numpy() for part in (count, doubt, disagreement, mix))
    for place in np.flatnonzero(enough).tolist():
        apart = max(differ, key=lambda pair: differ[pair][place], default=())
        yield Square(
            corner[0] + place // across * side,
            corner[1] + place % across * side,
            float(doubt[place] / count[place]),
            float(max(disagreement[place] / count[place], 0.0)),
            mix[place] / count[place],
            divmod(int(between[place]), classes),
            apart,
        )


def _numbers(height: int, width: int, side: int, device: torch.device) -> Tensor:
    """Return which square each pixel is in, (h,w) int64, row by row."""
    rows, cols = torch.arange(height, device=device) // side, torch.arange(width, device=device) // side
    return rows[:, None] * (width // side) + cols[None]


def _sums(values: Tensor, number: Tensor, total: int) -> Tensor:
    return torch.zeros(total, device=values.device).index_add_(0, number.reshape(-1), values.reshape(-1).float())


def _entropy(probabilities: Tensor) -> Tensor:
    return -torch.xlogy(probabilities, probabilities).sum(0)


def _between(every: Tensor, doubt: Tensor, number: Tensor, total: int) -> np.ndarray:
    """Return for each square the pair of likeliest classes that holds most of the doubt, as first * K + second."""
    pairs = len(every) ** 2
    first, second = every.topk(2, 0).indices
    pair = torch.minimum(first, second) * len(every) + torch.maximum(first, second)
    kinds, which = torch.unique(number * pairs + pair, return_inverse=True)
    sums = _sums(doubt, which, len(kinds)).cpu().numpy()
    place, pair = np.divmod(kinds.cpu().numpy(), pairs)
    order = np.lexsort((sums, place))  # of each square the greatest sum comes last
    return pair[order][np.searchsorted(place[order], np.arange(total), "right") - 1]


def _differing(
    alone: Mapping[str, Tensor], valid: Mapping[str, Tensor], weight: Tensor, number: Tensor, total: int
) -> dict[tuple[str, str], np.ndarray]:
    """Return for each two sensors how many pixels of each square they give different classes."""
    maps = {key: part.argmax(0) for key, part in alone.items()}
    return {
        (a, b): _sums(weight * (valid[a] & valid[b] & (maps[a] != maps[b])), number, total).cpu().numpy()
        for a, b in combinations(alone, 2)
    }
