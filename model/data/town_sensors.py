"""How four sensors see a generated town: aerial RGB and NIR, a surface model, and a side-looking radar.

Rasters are (h, w); x runs right and y down. Every function is deterministic in its generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Tuple

import numpy as np

STREET, BUILDING, TREE, LOW, WATER, SOIL = range(6)


# What the ground, a roof or a crown is made of; finer than the land cover classes:
# class, reflectance of red, green, blue, near infrared, backscatter VV and VH in dB, strength of the fine texture
_ROWS = {
    "ASPHALT": (STREET, 0.150, 0.150, 0.155, 0.17, -17, -25, 0.07),
    "PAVERS": (STREET, 0.300, 0.285, 0.265, 0.32, -14, -22, 0.08),
    "PAINT": (STREET, 0.550, 0.550, 0.530, 0.52, -17, -25, 0.05),
    "COURT_GREEN": (STREET, 0.110, 0.230, 0.150, 0.20, -18, -26, 0.04),
    "COURT_RED": (STREET, 0.360, 0.170, 0.120, 0.34, -18, -26, 0.05),
    "CAR": (STREET, 0.280, 0.280, 0.290, 0.28, -6, -16, 0.10),
    "CAR_RED": (STREET, 0.320, 0.060, 0.060, 0.35, -6, -16, 0.10),
    "CAR_BLUE": (STREET, 0.060, 0.100, 0.240, 0.22, -6, -16, 0.10),
    "TILE_RED": (BUILDING, 0.340, 0.155, 0.105, 0.38, -9, -18, 0.08),
    "TILE_BROWN": (BUILDING, 0.210, 0.140, 0.110, 0.27, -9, -18, 0.08),
    "SLATE": (BUILDING, 0.170, 0.175, 0.190, 0.19, -9, -18, 0.06),
    "BITUMEN": (BUILDING, 0.130, 0.130, 0.135, 0.15, -11, -20, 0.06),
    "GRAVEL_ROOF": (BUILDING, 0.430, 0.420, 0.400, 0.45, -10, -19, 0.06),
    "COPPER_ROOF": (BUILDING, 0.220, 0.330, 0.290, 0.30, -8, -19, 0.05),
    "PLANTED_ROOF": (BUILDING, 0.150, 0.190, 0.090, 0.36, -11, -18, 0.13),
    "BROADLEAF": (TREE, 0.070, 0.120, 0.050, 0.47, -9, -13.5, 0.22),
    "BROADLEAF_PALE": (TREE, 0.110, 0.165, 0.065, 0.52, -9, -13.5, 0.22),
    "CONIFER": (TREE, 0.045, 0.085, 0.048, 0.31, -10, -14, 0.24),
    "COPPER_BEECH": (TREE, 0.130, 0.075, 0.060, 0.42, -9, -13.5, 0.22),
    "LAWN": (LOW, 0.125, 0.190, 0.075, 0.45, -13.5, -20, 0.09),
    "MEADOW": (LOW, 0.160, 0.195, 0.090, 0.42, -12.5, -19, 0.15),
    "DRY_GRASS": (LOW, 0.290, 0.250, 0.150, 0.36, -13, -20.5, 0.12),
    "GREEN_CROP": (LOW, 0.095, 0.175, 0.060, 0.54, -11, -17, 0.09),
    "RAPE": (LOW, 0.370, 0.345, 0.060, 0.52, -10, -16, 0.08),
    "CEREAL": (LOW, 0.340, 0.280, 0.160, 0.40, -12, -20, 0.07),
    "WATER": (WATER, 0.055, 0.080, 0.075, 0.025, -25, -33, 0.03),
    "POOL": (WATER, 0.190, 0.420, 0.470, 0.06, -23, -32, 0.05),
    "PLOUGHED": (SOIL, 0.260, 0.195, 0.140, 0.31, -11.5, -22.5, 0.10),
    "DARK_SOIL": (SOIL, 0.165, 0.125, 0.095, 0.21, -12, -23, 0.11),
    "SAND": (SOIL, 0.430, 0.360, 0.265, 0.48, -15, -25, 0.09),
    "TRACK": (SOIL, 0.340, 0.295, 0.235, 0.38, -14, -23, 0.10),
}
Mat = IntEnum("Mat", list(_ROWS), start=0)
_TABLE = np.array(list(_ROWS.values()), np.float32)
CLASS_OF = _TABLE[:, 0].astype(np.uint8)
_TEXTURE = _TABLE[:, 7]


@dataclass(frozen=True)
class Ground:
    """The true town: material uint8, height above ground m, tint (log brightness), terrain m above sea; all (h, w)."""

    material: np.ndarray
    height: np.ndarray
    tint: np.ndarray
    terrain: np.ndarray
    gsd: float

    def is_class(self, class_id: int) -> np.ndarray:
        """Return the (h, w) mask of one land cover class."""
        return CLASS_OF[self.material] == class_id


@dataclass(frozen=True)
class Box:
    """A rectangle: centre, unit vector of its long axis, half lengths along and across it."""

    x: float
    y: float
    ax: float
    ay: float
    along: float
    across: float

    def turned(self) -> Box:
        return Box(self.x, self.y, -self.ay, self.ax, self.across, self.along)

    def part(self, a: float, b: float, along: float, across: float) -> Box:
        """Return a box with the same axes whose centre is (a, b) metres along and across from this one's."""
        return Box(
            self.x + a * self.ax - b * self.ay, self.y + a * self.ay + b * self.ax, self.ax, self.ay, along, across
        )


class Canvas:
    """The ground rasters and the only code that writes shapes into them."""

    def __init__(self, height: int, width: int, gsd: float) -> None:
        shape = (height, width)
        self.gsd, self.shape = gsd, shape
        self.material = np.full(shape, Mat.MEADOW, np.uint8)
        self.height = np.full(shape, 0.08, np.float32)
        self.tint = np.zeros(shape, np.float32)
        self.taken = np.zeros(shape, bool)

    def window(self, x0: float, y0: float, x1: float, y1: float):
        """Return (slices, x, y) of the pixel centres within the bounds in metres, or None off the canvas."""
        h, w = self.shape
        c0, c1 = max(0, int(x0 / self.gsd)), min(w, int(x1 / self.gsd) + 1)
        r0, r1 = max(0, int(y0 / self.gsd)), min(h, int(y1 / self.gsd) + 1)
        if c0 >= c1 or r0 >= r1 or x1 < 0 or y1 < 0:
            return None
        x = (np.arange(c0, c1, dtype=np.float32) + 0.5)[None] * self.gsd
        y = (np.arange(r0, r1, dtype=np.float32) + 0.5)[:, None] * self.gsd
        return (slice(r0, r1), slice(c0, c1)), x, y

    def local(self, box: Box, margin: float):
        """Return (slices, a, b, inside): metres along and across the box's axes and its mask; None off the canvas."""
        along, across = box.along + margin, box.across + margin
        rx, ry = along * abs(box.ax) + across * abs(box.ay), along * abs(box.ay) + across * abs(box.ax)
        found = self.window(box.x - rx, box.y - ry, box.x + rx, box.y + ry)
        if found is None:
            return None
        sl, x, y = found
        a, b = (x - box.x) * box.ax + (y - box.y) * box.ay, (y - box.y) * box.ax - (x - box.x) * box.ay
        return sl, a, b, (abs(a) <= along) & (abs(b) <= across)

    def free(self, box: Box, margin: float) -> bool:
        """Return whether the box lies on the canvas, in part at least, and touches nothing taken."""
        found = self.local(box, margin)
        return found is not None and not (self.taken[found[0]] & found[3]).any()

    def put(self, sl, mask: np.ndarray, material: int, tint=0.0, height=0.0, take: bool = True) -> None:
        """Write where the mask holds; tint and height are numbers or arrays of the window."""
        self.material[sl][mask] = material
        self.tint[sl][mask] = tint if np.isscalar(tint) else tint[mask]
        self.height[sl][mask] = height if np.isscalar(height) else height[mask]
        if take:
            self.taken[sl] |= mask

    def paint(self, box: Box, material: int, tint: float = 0.0, height: float = 0.0, take: bool = True) -> None:
        """Fill a box where nothing is taken yet."""
        found = self.local(box, 0)
        if found is not None:
            self.put(found[0], found[3] & ~self.taken[found[0]], material, tint, height, take)

    def roof(self, box: Box, kind: str, eave: float, pitch: float, material: int, tint: float) -> None:
        """Draw a house: gable, hip or flat. The ridge runs along unless the box is much deeper."""
        box = box.turned() if box.along < 0.7 * box.across else box
        found = self.local(box, 0)
        if found is None:
            return
        sl, a, b, inside = found
        edge = np.minimum(box.along - abs(a), box.across - abs(b))
        if kind == "flat":
            top = eave + np.where(edge < 0.6, 0.5, 0.0)
        else:
            top = eave + pitch * (edge if kind == "hip" else box.across - abs(b) + 0 * a)
        mask = inside & (top > self.height[sl])
        self.put(sl, mask, material, tint, top.astype(np.float32))
        self.taken[sl] |= inside

    def crown(self, x: float, y: float, radius: float, top: float, material: int, tint: float, phase: float) -> None:
        """Draw a tree with a lobed outline; conifers are cones, the others domes on a short trunk."""
        found = self.window(x - 1.3 * radius, y - 1.3 * radius, x + 1.3 * radius, y + 1.3 * radius)
        if found is None:
            return
        sl, px, py = found
        angle = np.arctan2(py - y, px - x)
        reach = radius * (1 + 0.12 * np.sin(3 * angle + phase) + 0.09 * np.sin(5 * angle + 2.3 * phase))
        rho = np.hypot(px - x, py - y) / reach
        if material == Mat.CONIFER:
            height = top * (1 - 0.8 * rho)
        else:
            height = top * (0.5 + 0.5 * np.sqrt(np.maximum(1 - rho * rho, 0)))
        self.put(sl, (rho < 1) & (height > self.height[sl]), material, tint, height.astype(np.float32), take=False)


def noise(rng: np.random.Generator, shape: Tuple[int, int], cell: float) -> np.ndarray:
    """Return smooth float32 noise (h, w), about unit variance, with blobs of `cell` pixels."""
    cell = max(cell, 1.0)
    offset = rng.random(2)
    knots = rng.standard_normal([int(n / cell) + 3 for n in shape], dtype=np.float32) * 1.6
    for axis, n in enumerate(shape):
        at = np.arange(n) / cell + offset[axis]
        low = at.astype(np.intp)
        part = (at - low).astype(np.float32)
        part = part * part * (3 - 2 * part)
        part = part[:, None] if axis == 0 else part[None, :]
        knots = np.take(knots, low, axis) * (1 - part) + np.take(knots, low + 1, axis) * part
    return knots


def blur(image: np.ndarray, passes: int) -> np.ndarray:
    """Return a copy of (h, w) smoothed `passes` times with 1-2-1, edges repeated: spread sqrt(passes / 2) pixels."""
    for _ in range(passes):
        for axis in (0, 1):
            rows = image if axis == 0 else image.T
            out = rows * np.float32(0.5)
            out[1:] += rows[:-1] * np.float32(0.25)
            out[0] += rows[0] * np.float32(0.25)
            out[:-1] += rows[1:] * np.float32(0.25)
            out[-1] += rows[-1] * np.float32(0.25)
            image = out if axis == 0 else out.T
    return np.ascontiguousarray(image)


def slopes(surface: np.ndarray, gsd: float, limit: float) -> Tuple[np.ndarray, np.ndarray]:
    """Return d/dx and d/dy of (h, w), central differences held within +-limit (walls would be infinite)."""
    wide = np.pad(surface, 1, mode="edge")
    scale = np.float32(0.5 / gsd)
    x = np.clip((wide[1:-1, 2:] - wide[1:-1, :-2]) * scale, -limit, limit)
    y = np.clip((wide[2:, 1:-1] - wide[:-2, 1:-1]) * scale, -limit, limit)
    return x, y


def overtop(height: np.ndarray, gsd: float, dx: float, dy: float, rise: float) -> np.ndarray:
    """Return by how many metres what stands towards (dx, dy) exceeds a ray leaving (h, w) that climbs `rise` m per m.

    Positive means hidden: from the sun (shadow) or from the radar.
    """
    h, w = height.shape
    best = np.full_like(height, -1.0)
    steps = int(float(height.max()) / rise / gsd) + 1
    for k in range(1, steps + 1):
        c, r = round(k * dx), round(k * dy)
        if abs(r) >= h or abs(c) >= w:
            break
        here = (slice(max(0, -r), h - max(0, r)), slice(max(0, -c), w - max(0, c)))
        there = (slice(max(0, r), h - max(0, -r)), slice(max(0, c), w - max(0, -c)))
        ray = height[there] - np.float32(k * gsd * rise)
        np.maximum(best[here], ray, out=best[here])
    best -= height
    return best


def _season(rng: np.random.Generator) -> np.ndarray:
    """Return the optical columns (materials, 4) of one day: drought, autumn and batch-to-batch variation."""
    table = _TABLE[:, 1:5].copy()
    drought = rng.random() ** 2 * 0.9
    for grass in (Mat.LAWN, Mat.MEADOW):
        table[grass] += (table[Mat.DRY_GRASS] - table[grass]) * drought
    if rng.random() < 0.22:
        leaves = np.float32([0.26, 0.17, 0.06, 0.38])
        for tree in (Mat.BROADLEAF, Mat.BROADLEAF_PALE):
            table[tree] += (leaves - table[tree]) * rng.uniform(0.15, 0.7)
    murky = rng.uniform(0.5, 1.7)
    table[Mat.WATER, :3] *= np.float32([murky, murky, rng.uniform(0.6, 1.6)])
    table *= np.exp(rng.normal(0, 0.10, (len(table), 1)) + rng.normal(0, 0.04, table.shape))
    return table


def _sunlight(ground: Ground, rng: np.random.Generator) -> Tuple[np.ndarray, float]:
    """Return direct sunlight (h, w), 1 on open level ground, 0 in shadow, and the share of diffuse skylight."""
    azimuth, elevation = np.radians(rng.uniform(95, 265)), np.radians(rng.uniform(30, 62))
    sx, sy = float(np.sin(azimuth)), float(-np.cos(azimuth))
    tan = float(np.tan(elevation))
    crowns = noise(rng, ground.height.shape, 1.7 / ground.gsd) * ground.is_class(TREE) * np.float32(0.35)
    gx, gy = slopes(ground.terrain + ground.height + crowns, ground.gsd, 1.1)
    light = np.clip((tan - gx * sx - gy * sy) / (tan * np.sqrt(1 + gx * gx + gy * gy)), 0.05, 1.7)
    hidden = overtop(ground.height, ground.gsd, sx, sy, tan)
    light *= 1 - blur(np.clip(hidden / 0.4, 0, 1), 1)
    diffuse = rng.uniform(0.65, 0.8) if rng.random() < 0.12 else rng.uniform(0.16, 0.34)
    return light.astype(np.float32), diffuse


def optical(ground: Ground, rng: np.random.Generator) -> Tuple[np.ndarray, np.ndarray]:
    """Return RGB (3, h, w) and NIR (1, h, w), uint8, of one flight: same sun, own gain, gamma and noise."""
    shape = ground.material.shape
    light, diffuse = _sunlight(ground, rng)
    table = _season(rng)
    texture = blur(rng.standard_normal(shape, dtype=np.float32), 1) * np.float32(1.5)
    texture += noise(rng, shape, 2.2 / ground.gsd) * np.float32(0.7)
    texture *= _TEXTURE[ground.material]
    texture += ground.tint + noise(rng, shape, 25 / ground.gsd) * np.float32(0.06)
    texture += noise(rng, shape, 8 / ground.gsd) * np.where(ground.is_class(LOW), np.float32(0.06), np.float32(0.02))
    np.exp(texture, out=texture)
    haze = rng.uniform(0.0, 0.07)
    balance = np.exp(rng.normal(0, 0.07, 4)) * np.float32([1, 1, 1, rng.uniform(0.75, 1.35)])
    gain, gamma = rng.uniform(0.95, 1.75), rng.uniform(1.6, 2.3)
    grain = rng.uniform(0.006, 0.02)
    sun, sky, veil = (1.0, 0.96, 0.88, 1.0), (0.82, 0.95, 1.2, 0.6), (0.8, 0.95, 1.2, 0.4)
    out = np.empty((4, *shape), np.uint8)
    for b in range(4):
        band = table[:, b].astype(np.float32)[ground.material] * texture
        band *= light * np.float32(sun[b] * (1 - diffuse)) + np.float32(sky[b] * diffuse)
        band = blur(band, 1) * np.float32(gain * balance[b] * (1 - haze)) + np.float32(haze * veil[b])
        band = np.power(np.maximum(band, 0), np.float32(1 / gamma))
        band += rng.standard_normal(shape, dtype=np.float32) * np.float32(grain * (1.3 if b == 3 else 1.0))
        out[b] = np.clip(band * 255 + 0.5, 0, 255)
    return out[:3], out[3:]


def surface(ground: Ground, rng: np.random.Generator) -> np.ndarray:
    """Return the surface model (1, h, w), float32 metres above sea: soft edges, smoothed crowns, matching noise."""
    shape = ground.material.shape
    tree, water = ground.is_class(TREE), ground.is_class(WATER)
    height = np.where(tree, blur(ground.height, 4), blur(ground.height, 2))
    error = blur(rng.standard_normal(shape, dtype=np.float32), 1) * np.float32(0.10)
    error += noise(rng, shape, 6 / ground.gsd) * np.float32(0.05)
    rough = np.float32([0.6, 1.0, 3.5, 1.1, 0.3, 0.9])[CLASS_OF[ground.material]]
    height += blur(rough, 1) * error
    return (ground.terrain + np.where(water, np.minimum(height, 0.3), height))[None].astype(np.float32)


def _echo(ground: Ground, rng: np.random.Generator, dx: float, incidence: float) -> Tuple[np.ndarray, np.ndarray]:
    """Return masks (h, w) in 0..1: bright strip before walls, and radar shadow; the radar looks from -dx."""
    solid = ground.height * np.where(ground.is_class(TREE), np.float32(0.45), np.float32(1.0))
    built = ground.height * ground.is_class(BUILDING)
    tilt = float(rng.uniform(-0.2, 0.2))
    hidden = overtop(solid, ground.gsd, -dx, tilt, 1 / np.tan(incidence))
    before = overtop(built, ground.gsd, dx, -tilt, float(np.tan(incidence)) * 1.6)
    strip = (before > 0.3) & (built < 1)
    return strip.astype(np.float32), (hidden > 0.5).astype(np.float32)


def radar(ground: Ground, rng: np.random.Generator) -> np.ndarray:
    """Return backscatter (2, h, w), VV and VH in dB, float32: coarser than the optics, about four looks of speckle."""
    shape = ground.material.shape
    dx = 1.0 if rng.random() < 0.5 else -1.0
    incidence = float(np.radians(rng.uniform(30, 45)))
    strip, hidden = _echo(ground, rng, dx, incidence)
    facing = slopes(ground.terrain + ground.height, ground.gsd, 0.9)[0] * np.float32(4.0 * dx)
    facing *= ~ground.is_class(WATER)
    facing += ground.tint * np.float32(2.5) + noise(rng, shape, 18 / ground.gsd) * np.float32(0.7)
    level = _TABLE[:, 5:7] + rng.normal(0, 1.2, (len(_TABLE), 2)) + rng.normal(0, 0.8, 2)
    out = np.empty((2, *shape), np.float32)
    for b, (wall, floor) in enumerate(((0.9, -24.0), (0.06, -31.0))):
        power = np.power(np.float32(10), (level[:, b].astype(np.float32)[ground.material] + facing) / 10)
        power *= 1 - np.float32(0.92) * hidden
        power += strip * np.float32(wall)
        power = blur(power, 6) + np.float32(10 ** (floor / 10))
        speckle = rng.standard_exponential((shape[0] + 1, shape[1] + 1), dtype=np.float32)
        speckle = (speckle[1:, 1:] + speckle[:-1, 1:] + speckle[1:, :-1] + speckle[:-1, :-1]) / 4
        out[b] = 10 * np.log10(np.maximum(power * speckle, 1e-5))
    return out
