"""Streets of a generated town: the bent coordinates that they follow, and the blocks between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from .town_sensors import Box


@dataclass(frozen=True)
class Street:
    """The line u = at (axis 0) or v = at (axis 1) from lo to hi; half is half the carriageway in metres."""

    axis: int
    at: float
    lo: float
    hi: float
    half: float
    kind: str  # main, side, track, hedge, river


@dataclass(frozen=True)
class Block:
    """What lies between streets: lo[axis] <= (u, v)[axis] <= hi[axis]."""

    lo: Tuple[float, float]
    hi: Tuple[float, float]
    use: str

    @property
    def middle(self) -> Tuple[float, float]:
        return (self.lo[0] + self.hi[0]) / 2, (self.lo[1] + self.hi[1]) / 2


class Frame:
    """Street coordinates: the plane turned, then bent by two shears, so that the way back is exact."""

    def __init__(self, rng: np.random.Generator, width: float, height: float) -> None:
        angle = rng.uniform(0, np.pi)
        # plain floats: a numpy scalar would turn every float32 window into float64
        self.c, self.s, self.x, self.y = float(np.cos(angle)), float(np.sin(angle)), width / 2, height / 2
        self.length = rng.uniform(55, 130, 2).tolist()
        self.bend = [length * rng.uniform(0.08, 0.3) for length in self.length]
        self.phase = rng.uniform(0, 2 * np.pi, 2).tolist()
        edge = np.linspace(0, 1, 33)
        zero = np.zeros_like(edge)
        u, v = self.uv(np.r_[edge, edge, zero, zero + 1] * width, np.r_[zero, zero + 1, edge, edge] * height)
        self.lo, self.hi = (u.min() - 25, v.min() - 25), (u.max() + 25, v.max() + 25)

    def _shear(self, i: int, t):
        return self.bend[i] * np.sin(t / self.length[i] + self.phase[i])

    def uv(self, x, y):
        p, q = self.c * (x - self.x) + self.s * (y - self.y), self.c * (y - self.y) - self.s * (x - self.x)
        u = p + self._shear(0, q)
        return u, q + self._shear(1, u)

    def xy(self, u, v):
        q = v - self._shear(1, u)
        p = u - self._shear(0, q)
        return self.x + self.c * p - self.s * q, self.y + self.s * p + self.c * q

    def site(self, axis: int, at: float, t: float) -> Box:
        """Return a box without size on the line at `t`, its long axis along the line."""
        ends = [self.xy(*((at, k) if axis == 0 else (k, at))) for k in (t - 1, t, t + 1)]
        dx, dy = ends[2][0] - ends[0][0], ends[2][1] - ends[0][1]
        norm = np.hypot(dx, dy)
        return Box(ends[1][0], ends[1][1], dx / norm, dy / norm, 0, 0)

    def stretch(self, axis: int, at: float, t: float) -> float:
        """Return metres on the ground per unit of the coordinate `axis`, across the line at `t`."""
        here = self.site(axis, at, t)
        u, v = self.uv(here.x - 0.5 * here.ay, here.y + 0.5 * here.ax)
        return 0.5 / max(abs((u, v)[axis] - at), 0.2)
