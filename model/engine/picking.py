"""Which squares to label first: the highest scores, but not ten times the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..contract.modality import BY_KEY
from .scoring import Square

_REACH = 3.0  # squares' sides over which neighbours tell much the same
_ALIKE = 0.5  # of a square's score that is lost where one with the same mix of classes was picked


def pick(found: Sequence[Square], count: int, side: int) -> list[Square]:
    """Return at most `count` squares, the first the most useful. Greedy and deterministic.

    Each next one has the highest score after what it shares with one that is picked is taken off: nearness on the
    ground, and the mix of classes.
    """
    if not found:
        return []
    scores = np.array([square.score for square in found])
    places = np.array([(square.row, square.col) for square in found], float)
    mixes = np.stack([square.mix for square in found])
    order = np.lexsort((places[:, 1], places[:, 0], -scores))  # ties go to the upper left one
    scores, places, mixes = scores[order], places[order], mixes[order]
    near, alike, free = np.zeros(len(found)), np.zeros(len(found)), np.ones(len(found), bool)
    picked = []
    while len(picked) < min(count, len(found)):
        best = int(np.where(free, scores * (1 - near) * (1 - _ALIKE * alike), -1).argmax())
        picked.append(found[order[best]])
        free[best] = False
        near = np.maximum(near, np.exp(-np.hypot(*(places - places[best]).T) / (_REACH * side)))
        alike = np.maximum(alike, 1 - np.abs(mixes - mixes[best]).sum(1) / 2)
    return picked


def reasons(picked: Sequence[Square], found: Sequence[Square], names: Sequence[str]) -> list[str]:
    """Return for each square picked why, in a sentence. names: of the classes.

    What is told is what stands out from the squares looked at.
    """
    doubt = np.array([square.uncertainty for square in found])
    apart = np.array([square.disagreement for square in found])
    told = []
    for square in picked:
        unsure = f"unsure between {names[square.between[0]]} and {names[square.between[1]]}"
        if not square.sensors:
            told.append(unsure)
            continue
        one, other = (BY_KEY[key].title for key in square.sensors)
        high = (doubt <= square.uncertainty).mean(), (apart <= square.disagreement).mean()
        differ = f"{one} and {other} disagree"
        if min(high) >= 0.75:
            told.append(f"{unsure}; {differ}")
        else:
            told.append(unsure if high[0] >= high[1] else differ)
    return told
