"""Pictures of a place: a sensor as a person sees it, classes in their colours, and how a training maps one window."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from ..contract.card import ClassInfo, ModalityStats
from ..data.labels import IGNORE
from ..nn.network import Network
from . import figures
from .dataset import Part, TrainingData
from .evaluate import predicted

UNKNOWN = 245  # grey of pixels whose class is not known
_SIDE = 256  # pixels of the network's input that an example shows at most
_LEAST = 192  # pixels of the picture; smaller windows are magnified
_BESIDE, _NARROWEST = 16, 64  # pixels shown around labels, and of a side, as far as there is data
_GAP = 8  # white pixels between the pictures
_LOOKED_AT = 16  # samples that the window is chosen from

Pair = tuple[np.ndarray, np.ndarray]  # gain and offset, (C,) each


def view(
    rows: Sequence[ModalityStats], values: Mapping[str, np.ndarray], affine: Mapping[str, Pair], valid: np.ndarray
) -> np.ndarray:
    """Return the first sensor that is there as (h,w,3) uint8: three bands in colour, else one in grey; gaps are white.

    values: key -> (C,h,w) as stored. affine: from these to the card's unit; nothing = they are in it. valid: (M,h,w) in
    the order of `rows`.
    """
    number, row = next((m, row) for m, row in enumerate(rows) if row.key in values and valid[m].any())
    shown = values[row.key].astype(np.float32)
    if row.key in affine:
        gain, offset = affine[row.key]
        shown = shown * gain[:, None, None] + offset[:, None, None]
    low, high = (np.array(side, np.float32)[:, None, None] for side in (row.low, row.high))
    shown = 255 * ((shown - low) / (high - low)).clip(0, 1)
    shown = shown[:3] if len(shown) >= 3 else shown[:1].repeat(3, 0)
    return np.where(valid[number], shown, 255).transpose(1, 2, 0).astype(np.uint8)


def in_colours(classes: Sequence[ClassInfo], indices: np.ndarray) -> np.ndarray:
    """Return class indices (h,w) as (h,w,3) uint8, light grey where the class is not known."""
    lut = np.full((IGNORE + 1, 3), UNKNOWN, np.uint8)
    for index, info in enumerate(classes):
        lut[index] = list(bytes.fromhex(info.color[1:]))
    return lut[indices]


class ExampleWindow:
    """One window of the data, the same all through a training: picture, labels and map side by side.

    It is chosen to hold many classes, and tells them as the PNG's text `classes`: JSON, a row (name, colour, whether
    the picture has it) each. It is of the validation data where there is some, else of the training data.
    """

    def __init__(self, data: TrainingData, check: Callable[[], None]) -> None:
        """check: called while samples are read; raises when the caller wants to stop."""
        self._rows, self._classes = data.modalities, data.classes
        role = "validation" if "validation" in data.names else "train"
        self._part: Part | None = None
        best = -1.0
        for part in data.parts(role, _LOOKED_AT, lambda *_: check()):
            for number in range(len(part.labels)):
                there = part.valid[number].any(0).numpy()
                labels = np.where(there, part.labels[number].numpy(), IGNORE)
                score, cut = _richest(labels)
                if not score:  # no label where there is data: the most data
                    _, cut = _richest(np.where(there, 0, IGNORE))
                if score > best and there.any():
                    best, self._part = score, _one(part, number)
                    self._cut = _around(labels, there, cut)

    def draw(self, network: Network, path: Path) -> bool:
        """Write the picture as PNG; a file that is there is replaced. Return whether that could be done."""
        if self._part is None:  # there is no data
            return False
        part, cut = self._part, self._cut
        (mapped,) = predicted(network, part, (network.keys,))
        values = {key: pixels[0].numpy()[(slice(None), *cut)] for key, pixels in part.values.items()}
        affine = {key: tuple(side.reshape(-1).numpy() for side in pair) for key, pair in part.affine.items()}
        valid = part.valid[0].numpy()[(slice(None), *cut)]
        known, mapped = part.labels[0].numpy()[cut], mapped[cut]
        labels = in_colours(self._classes, known)
        images = [view(self._rows, values, affine, valid), labels, in_colours(self._classes, mapped)]
        seen = np.union1d(known, mapped).tolist()
        classes = [(info.name, info.color, index in seen) for index, info in enumerate(self._classes)]
        times = math.ceil(_LEAST / min(labels.shape[:2]))
        images = [image.repeat(times, 0).repeat(times, 1) for image in images]
        gap = np.full((len(images[0]), _GAP, 3), 255, np.uint8)
        whole = np.concatenate([images[0], gap, images[1], gap, images[2]], axis=1)
        new = path.with_suffix(".new")
        with contextlib.suppress(OSError):  # a picture is no reason to end a training
            new.write_bytes(figures.png_file(whole, [("classes", json.dumps(classes))]))
            new.replace(path)
            return True
        return False


def _richest(labels: np.ndarray) -> tuple[float, tuple[slice, slice]]:
    """Return how much of how many classes (h,w) the best part of labels holds, and which part that is."""
    side = min(_SIDE, *labels.shape)
    best = (-1.0, (slice(0, side), slice(0, side)))
    for top in _starts(labels.shape[0], side):
        for left in _starts(labels.shape[1], side):
            cut = (slice(top, top + side), slice(left, left + side))
            counts = np.bincount(labels[cut].ravel(), minlength=IGNORE + 1)[:IGNORE]
            score = float(np.sqrt(counts).sum())
            if score > best[0]:
                best = (score, cut)
    return best


def _around(labels: np.ndarray, valid: np.ndarray, cut: tuple[slice, slice]) -> tuple[slice, slice]:
    """Return the part of `cut` that has data, and no more of it than lies near labels; these lie on data."""
    there, known = np.zeros_like(valid), np.zeros_like(valid)
    there[cut], known[cut] = valid[cut], labels[cut] != IGNORE
    sides = []
    for axis, side in enumerate(cut):
        data, drawn = np.flatnonzero(there.any(1 - axis)), np.flatnonzero(known.any(1 - axis))
        if not drawn.size:  # nothing is labelled: all of the data
            drawn = data
        room = max(_BESIDE, (_NARROWEST - (drawn[-1] + 1 - drawn[0])) // 2)
        first, last = max(side.start, data[0], drawn[0] - room), min(side.stop, data[-1] + 1, drawn[-1] + 1 + room)
        sides.append(slice(int(first), int(last)))
    return sides[0], sides[1]


def _starts(length: int, side: int) -> list[int]:
    return sorted({*range(0, length - side, max(side // 2, 1)), length - side})


def _one(part: Part, number: int) -> Part:
    """Return one sample of a part, apart from the others' memory."""
    here = slice(number, number + 1)
    affine = {
        key: tuple(side[here].clone() if side.dim() == 2 else side for side in pair)
        for key, pair in part.affine.items()
    }
    values = {key: pixels[here].clone() for key, pixels in part.values.items()}
    return Part(values, part.valid[here].clone(), part.labels[here].clone(), affine, torch.zeros(1, 1, 1).long())
