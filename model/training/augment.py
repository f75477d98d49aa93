"""Random crops of chips: one geometry for every sensor, its validity and the labels; radiometry per sensor.

S side of a chip, c side of a crop, M modalities, C bands. NumPy alone: torch's operations would bring threads of their
own to each thread that reads, and these keep those of the training step from their cores.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from ..contract.card import ModalityStats
from ..contract.modality import BY_KEY, HEIGHT, IMAGE, RADAR
from ..data.labels import IGNORE

#: standard deviations of log gain and offset of scaled values, by kind. Metres and decibels mean what they say: little.
JITTER = {IMAGE: (0.15, 0.2), HEIGHT: (0.03, 0.03), RADAR: (0.05, 0.1)}
_BAND_SHARE = 0.3  # of the jitter that bands of one sensor do not have in common
SCALED_SHARE = 0.25  # of the crops that show another ground resolution than the chip's


@dataclass(frozen=True)
class Geometry:
    """Where a crop lies in its chip and how it is turned: rows [top, top + side), flip, quarter turns, resizing."""

    top: int
    left: int
    side: int
    flip: bool
    turns: int

    def cut(self, array: np.ndarray) -> np.ndarray:
        """Return the part of (..., S, S), turned: (..., side, side)."""
        part = array[..., self.top : self.top + self.side, self.left : self.left + self.side]
        part = part[..., ::-1] if self.flip else part
        return np.ascontiguousarray(np.rot90(part, self.turns, (-2, -1)))


def draw(rng: np.random.Generator, chip: int, crop: int, scales: tuple[float, float]) -> Geometry:
    """Return a random geometry. scales: least and most ground resolution of a crop's pixels, relative to the chip's."""
    side = min(drawn_side(rng, crop, scales), chip)
    top, left = (int(v) for v in rng.integers(0, chip - side + 1, 2))
    return turned(rng, top, left, side)


def drawn_side(rng: np.random.Generator, crop: int, scales: tuple[float, float]) -> int:
    """Return how many pixels become the `crop` pixels of a crop's side."""
    factor = 1.0
    if rng.random() < SCALED_SHARE:
        factor = math.exp(rng.uniform(math.log(scales[0]), math.log(scales[1])))
    return max(round(crop * factor), 1)


def turned(rng: np.random.Generator, top: int, left: int, side: int) -> Geometry:
    """Return a square at a place, flipped and turned at random."""
    return Geometry(top, left, side, bool(rng.integers(2)), int(rng.integers(4)))


def image(geometry: Geometry, values: np.ndarray, valid: np.ndarray, crop: int) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 (C,c,c) and bool (c,c) of a chip's values (C,S,S) and validity (S,S).

    Values are 0 where not valid. Resized values are means of valid pixels only.
    """
    there = geometry.cut(valid)
    pixels = geometry.cut(values).astype(np.float32) * there
    if geometry.side != crop:
        weight = _resize(there.astype(np.float32), crop)
        there = weight >= 0.5
        pixels = _resize(pixels, crop) / np.maximum(weight, 1e-6) * there
    return pixels, there


def labels(geometry: Geometry, values: np.ndarray, crop: int) -> np.ndarray:
    """Return labels (c,c) uint8 of a chip's (S,S), nearest pixel."""
    part = geometry.cut(values)
    if geometry.side == crop:
        return part
    nearest = ((np.arange(crop) + 0.5) * (geometry.side / crop)).astype(int)
    return part[np.ix_(nearest, nearest)]


def jitter(rng: np.random.Generator, stats: ModalityStats) -> tuple[np.ndarray, np.ndarray]:
    """Return (gain, offset), each (C,), for values in the card's unit; drawn in scaled values, where 1 is one std."""
    gain_std, offset_std = JITTER[BY_KEY[stats.key].kind]
    draws = rng.normal(size=2) + _BAND_SHARE * rng.normal(size=(len(stats.bands), 2))
    gain, offset = np.exp(gain_std * draws[:, 0]), offset_std * draws[:, 1]
    mean, std = np.array(stats.mean), np.array(stats.std)
    # (x - mean) / std * gain + offset, written as an affine map of x
    return gain, mean * (1 - gain) + offset * std


def mask_uncovered(truth: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return labels (H,W) with IGNORE where no modality of valid (M,H,W) has data."""
    return np.where(valid.any(0), truth, np.uint8(IGNORE))


def _resize(values: np.ndarray, side: int) -> np.ndarray:
    """Return float32 (...,side,side) of (...,S,S): bilinear, over all pixels that become one where it gets smaller."""
    pixels, shares = _parts(values.shape[-1], side)
    rows = sum(share[:, None] * values[..., pixel, :] for pixel, share in zip(pixels, shares))
    return sum(share * rows[..., pixel] for pixel, share in zip(pixels, shares))


@functools.lru_cache(maxsize=256)
def _parts(length: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which of `length` pixels in a row become each of `side`, int64 (T, side), and their shares, float32."""
    scale = length / side
    reach = max(scale, 1.0)
    middles = (np.arange(side) + 0.5) * scale - 0.5
    pixels = np.floor(middles - reach).astype(int) + 1 + np.arange(math.ceil(2 * reach))[:, None]
    shares = np.maximum(1 - np.abs(pixels - middles) / reach, 0) * ((pixels >= 0) & (pixels < length))
    return pixels.clip(0, length - 1), (shares / shares.sum(0)).astype(np.float32)
