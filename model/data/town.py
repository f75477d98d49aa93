"""Generated small towns with known truth, seen by four sensors: demo, tests and unlimited training scenes.

Lengths are metres, x right and y down from the upper left corner. Streets and plots are laid out in bent street
coordinates (u, v); everything is drawn through small windows, so memory stays at a few arrays of scene size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

import numpy as np

from ..contract.card import ClassInfo
from . import town_sensors as sensors
from .town_buildings import CARS, Buildings
from .town_sensors import Canvas, Ground, Mat, noise
from .town_streets import Block, Frame, Street

CLASSES: Tuple[ClassInfo, ...] = (
    ClassInfo(sensors.STREET, "Street and paved", "#7f7f7f"),
    ClassInfo(sensors.BUILDING, "Building", "#d55e00"),
    ClassInfo(sensors.TREE, "Tree and hedge", "#00664b"),
    ClassInfo(sensors.LOW, "Grass and field", "#b8de6f"),
    ClassInfo(sensors.WATER, "Water", "#0072b2"),
    ClassInfo(sensors.SOIL, "Bare soil", "#f0d9a8"),
)

#: modality key -> (unit key, band names), as in contract.modality
SENSORS: Dict[str, Tuple[str, Tuple[str, ...]]] = {
    "rgb": ("dn8", ("red", "green", "blue")),
    "nir": ("dn8", ("nir",)),
    "dsm": ("dsm", ("height",)),
    "sar": ("db", ("VV", "VH")),
}


@dataclass(frozen=True)
class Scene:
    """One co-registered scene; gsd in metres a pixel."""

    rgb: np.ndarray  # (3, h, w) uint8
    nir: np.ndarray  # (1, h, w) uint8
    dsm: np.ndarray  # (1, h, w) float32, metres above sea
    sar: np.ndarray  # (2, h, w) float32, VV and VH in dB
    truth: np.ndarray  # (h, w) uint8, ids of CLASSES
    material: np.ndarray  # (h, w) uint8, town_sensors.Mat: finer than the classes
    gsd: float


def make_scene(seed: int, height: int = 512, width: int = 512, gsd: float = 0.5) -> Scene:
    """Return the scene of this seed (0 or more); the same arguments always give the same scene."""
    if seed < 0 or height < 1 or width < 1 or not gsd > 0:
        raise ValueError(f"no scene has seed {seed}, size {height} x {width}, {gsd} m")
    build, light, relief, echo = (
        np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(4)
    )
    ground = _Town(build, height, width, gsd).ground()
    rgb, nir = sensors.optical(ground, light)
    dsm, sar = sensors.surface(ground, relief), sensors.radar(ground, echo)
    return Scene(rgb, nir, dsm, sar, sensors.CLASS_OF[ground.material], ground.material, gsd)


_TREES = ((Mat.BROADLEAF, Mat.BROADLEAF_PALE, Mat.CONIFER, Mat.COPPER_BEECH), (0.46, 0.32, 0.18, 0.04))
_USES = {
    "town": (("homes", "terraces", "flats", "park", "courts", "site"), (0.58, 0.10, 0.13, 0.07, 0.05, 0.07)),
    "land": (("field", "wood", "orchard", "farm"), (0.70, 0.17, 0.06, 0.07)),
}
_CROPS = (
    (Mat.GREEN_CROP, Mat.RAPE, Mat.CEREAL, Mat.PLOUGHED, Mat.DARK_SOIL, Mat.MEADOW, Mat.LAWN, Mat.DRY_GRASS),
    (0.17, 0.08, 0.15, 0.27, 0.12, 0.10, 0.05, 0.06),
)


class _Town:
    """One town being laid out: plan first, then ground, water, streets, houses and at last the trees."""

    def __init__(self, rng: np.random.Generator, height: int, width: int, gsd: float) -> None:
        self.rng = rng
        self.size = (width * gsd, height * gsd)
        self.canvas = Canvas(height, width, gsd)
        self.frame = Frame(rng, *self.size)
        reach = max(*self.size, 220.0)
        count = 1 + int(self.size[0] * self.size[1] / 700**2)
        self.centres = [
            (*(rng.uniform(0.2, 0.8, 2) * self.size), rng.uniform(0.55, 0.95) * reach / count**0.5)
            for _ in range(count)
        ]
        self.ripple = rng.uniform(0, 2 * np.pi, 2)
        self.streets: List[Street] = []
        self.blocks: List[Block] = []
        self.trees: List[tuple] = []
        self.buildings = Buildings(rng, self.canvas, self.frame, self._tree)
        shape = self.canvas.shape
        relief = noise(rng, shape, 120 / gsd) * np.float32(rng.uniform(0.5, 4.0))
        for axis, tilt in enumerate(rng.uniform(-0.025, 0.025, 2)):
            relief += np.arange(shape[axis], dtype=np.float32).reshape((-1, 1) if axis == 0 else (1, -1)) * float(
                tilt * gsd
            )
        self.terrain = relief + np.float32(rng.uniform(80, 900))

    def ground(self) -> Ground:
        """Lay out the town and return its rasters."""
        river = self._plan()
        for block in self.blocks:
            self._cover(block)
        self._pave([s for s in self.streets if s.kind != "main"])
        self._water(river)
        self._pave([s for s in self.streets if s.kind == "main"])
        for block in self.blocks:
            self._build(block)
        self._furnish()
        canvas = self.canvas
        for tree in self.trees:
            canvas.crown(*tree)
        return Ground(canvas.material, canvas.height, canvas.tint, self.terrain, canvas.gsd)

    def _is_town(self, u: float, v: float) -> bool:
        x, y = self.frame.xy(u, v)
        score = max(1 - np.hypot(x - cx, y - cy) / r for cx, cy, r in self.centres)
        return score + 0.1 * (np.sin(x / 41 + self.ripple[0]) + np.sin(y / 53 + self.ripple[1])) > 0.22

    def _plan(self) -> Optional[Street]:
        """Split the plane into blocks along streets; return the river, if there is one, as a line."""
        rng, (u0, v0), (u1, v1) = self.rng, self.frame.lo, self.frame.hi
        main = u0 + rng.uniform(0.3, 0.7) * (u1 - u0)
        self.streets.append(Street(0, main, v0, v1, 4.2, "main"))
        river, stack = None, []
        if rng.random() < 0.55:
            river = Street(1, v0 + rng.uniform(0.25, 0.75) * (v1 - v0), u0, u1, rng.uniform(6, 16), "river")
        for a, b in ((u0, main), (main, u1)):
            if river is None:
                stack.append((a, v0, b, v1, 1))
            else:
                band = river.half + 12
                self.blocks.append(Block((a, river.at - band), (b, river.at + band), "bank"))
                stack += [(a, v0, b, river.at - band, 1), (a, river.at + band, b, v1, 1)]
        while stack:
            u0, v0, u1, v1, level = stack.pop()
            lo, hi = (u0, v0), (u1, v1)
            middle = ((u0 + u1) / 2, (v0 + v1) / 2)
            town = self._is_town(*middle)
            sides = (u1 - u0, v1 - v0)
            if max(sides) < (rng.uniform(72, 118) if town else rng.uniform(95, 180)) or min(sides) < 30:
                names, chances = _USES["town" if town else "land"]
                self.blocks.append(Block(lo, hi, str(rng.choice(names, p=chances))))
                continue
            axis = int(sides[1] > sides[0])
            at = lo[axis] + rng.uniform(0.4, 0.6) * sides[axis]
            kind, half = ("main", 3.6) if level == 1 else ("side", rng.uniform(2.4, 3.0))
            if not self._is_town(*((at, middle[1]) if axis == 0 else (middle[0], at))):
                kind, half = ("side", 2.5) if level == 1 else (str(rng.choice(["track", "hedge", "none"])), 1.5)
            if kind != "none":
                self.streets.append(Street(axis, at, lo[1 - axis], hi[1 - axis], half, kind))
            stack.append((*lo, *((at, v1) if axis == 0 else (u1, at)), level + 1))
            stack.append((*((at, v0) if axis == 0 else (u0, at)), *hi, level + 1))
        return river

    def _area(self, lo: Tuple[float, float], hi: Tuple[float, float]):
        """Return (slices, u, v, mask) of a rectangle in street coordinates, or None off the canvas."""
        edge = np.linspace(0, 1, 9)
        u = lo[0] + (hi[0] - lo[0]) * np.r_[edge, edge, 0 * edge, 0 * edge + 1]
        v = lo[1] + (hi[1] - lo[1]) * np.r_[0 * edge, 0 * edge + 1, edge, edge]
        x, y = self.frame.xy(u, v)
        found = self.canvas.window(x.min() - 2, y.min() - 2, x.max() + 2, y.max() + 2)
        if found is None:
            return None
        u, v = self.frame.uv(found[1], found[2])
        return found[0], u, v, (u >= lo[0]) & (u <= hi[0]) & (v >= lo[1]) & (v <= hi[1])

    def _cover(self, block: Block) -> None:
        """Give a block its ground: crops in rows, lawn, wood floor or the sand of a building site."""
        rng = self.rng
        if block.use == "field":
            axis = int(rng.integers(2))
            cuts = np.linspace(block.lo[axis], block.hi[axis], int(rng.integers(1, 4)) + 1)
            for a, b in zip(cuts[:-1], cuts[1:]):
                lo, hi = list(block.lo), list(block.hi)
                lo[axis], hi[axis] = a + 0.7, b - 0.7
                self._crop(lo, hi, 1 - axis)
            return
        floor = {"wood": Mat.MEADOW, "orchard": Mat.MEADOW, "farm": Mat.MEADOW, "bank": Mat.MEADOW, "site": Mat.SAND}
        material = floor.get(block.use, Mat.LAWN)
        if block.use == "site" and rng.random() < 0.5:
            material = Mat.PLOUGHED
        found = self._area(block.lo, block.hi)
        if found is not None:
            self.canvas.put(found[0], found[3], material, rng.normal(0, 0.08), 0.06, take=False)

    def _crop(self, lo, hi, axis: int) -> None:
        """Fill a strip of field with one crop; rows and tramlines run across `axis`."""
        rng = self.rng
        found = self._area(lo, hi)
        if found is None:
            return
        material = int(rng.choice(_CROPS[0], p=_CROPS[1]))
        across = (found[1], found[2])[axis]
        rows = np.sin(across * (2 * np.pi / rng.uniform(1.6, 4.5)))
        tall = {Mat.GREEN_CROP: rng.uniform(0.3, 2.0), Mat.RAPE: 1.2, Mat.CEREAL: 0.8}.get(material, 0.1)
        depth = 0.05 if material in (Mat.MEADOW, Mat.LAWN, Mat.DRY_GRASS) else rng.uniform(0.05, 0.16)
        tint = rows * depth + rng.normal(0, 0.12)
        if tall > 0.2:
            tint = tint - 0.25 * (np.abs(np.mod(across, 18.0) - 9.0) < 0.6)
        height = tall * (0.85 + 0.15 * rows)
        self.canvas.put(found[0], found[3], material, tint.astype(np.float32), height.astype(np.float32), take=False)

    def _pave(self, streets: List[Street]) -> None:
        """Draw pavements, then carriageways, then lines, in short pieces so that windows stay small."""
        for layer in range(3):
            for street in streets:
                if street.kind == "hedge" or (layer != 1 and street.kind == "track"):
                    continue
                for t in np.arange(street.lo, street.hi, 40.0):
                    self._piece(street, t, min(t + 40.0, street.hi), layer)

    def _piece(self, street: Street, t0: float, t1: float, layer: int) -> None:
        """Draw one layer of a street from t0 to t1: 0 pavement, 1 carriageway, 2 centre line."""
        axis, reach = street.axis, street.half + 5
        lo, hi = [t0, t0], [t1, t1]
        lo[axis], hi[axis] = street.at - reach, street.at + reach
        found = self._area(lo, hi)
        if found is None:
            return
        sl, canvas = found[0], self.canvas
        scale = self.frame.stretch(axis, street.at, (t0 + t1) / 2)
        away, along = np.abs(found[1 + axis] - street.at) * scale, found[2 - axis]
        over = canvas.material[sl] == Mat.WATER
        height = np.where(over | (canvas.height[sl] > 1.5) & canvas.taken[sl], 1.9, 0.12 if layer == 0 else 0.02)
        material = Mat.TRACK if street.kind == "track" else Mat.ASPHALT
        if layer == 0:
            mask, material = away < street.half + (2.2 if street.kind == "main" else 1.6), Mat.PAVERS
        elif layer == 1:
            mask = away < street.half
        else:
            mask, material = (away < 0.3) & (np.mod(along, 9.0) < 4.0), Mat.PAINT
            if street.kind != "main":
                return
        canvas.put(sl, found[3] & mask, material, -0.05 if street.kind == "main" else 0.08, height.astype(np.float32))

    def _water(self, river: Optional[Street]) -> None:
        """Dig the river and ponds; a scene without a river gets at least one pond."""
        rng, whole = self.rng, self.canvas.window(0, 0, *self.size)
        if river is not None:
            u, v = self.frame.uv(whole[1], whole[2])
            course = river.at + 6 * np.sin(u / rng.uniform(18, 40) + rng.uniform(0, 6.3))
            width = river.half * (1 + 0.15 * np.sin(u / 23 + rng.uniform(0, 6.3)))
            self._flood(whole[0], np.abs(v - course) * self.frame.stretch(1, river.at, 0.0) - width)
        inside = []
        for block in self.blocks:
            x, y = self.frame.xy(*block.middle)
            if block.use in ("field", "park", "site") and 0 < x < self.size[0] and 0 < y < self.size[1]:
                inside.append((x, y, min(block.hi[0] - block.lo[0], block.hi[1] - block.lo[1]) / 2 - 6))
        rng.shuffle(inside)
        fewest = 0 if river is not None else 1
        count = min(len(inside), max(fewest, int(len(inside) * rng.uniform(0.0, 0.3))))
        if fewest and not count:
            inside, count = [(*(rng.uniform(0.15, 0.85, 2) * self.size), 22.0)], 1
        for x, y, most in inside[:count]:
            radius = min(most, rng.uniform(16, 44)) * 0.8
            reach = 2 * radius + 40
            found = self.canvas.window(x - reach, y - reach, x + reach, y + reach)
            if found is None or radius < 2:
                continue
            dx, dy, phase = found[1] - x, found[2] - y, rng.uniform(0, 6.3, 3)
            angle = np.arctan2(dy, dx)
            shore = 1 + 0.22 * np.sin(2 * angle + phase[0]) + 0.12 * np.sin(3 * angle + phase[1])
            shore = shore + 0.05 * np.sin(7 * angle + phase[2])
            self._flood(found[0], np.hypot(dx, dy) - radius * shore)

    def _flood(self, sl, shore: np.ndarray) -> None:
        """Fill a window with water where `shore` (metres from the waterline) is negative; lower the land."""
        wet = shore < 0
        if not wet.any():
            return
        terrain, canvas = self.terrain[sl], self.canvas
        level = float(terrain[wet].mean()) - 1.0
        rise = np.clip(shore / 38, 0, 1)
        flat = level + 1.2 * np.clip(shore / 4, 0, 1)
        terrain[...] = flat + (terrain - flat) * rise * rise * (3 - 2 * rise)
        canvas.put(sl, shore < 4, Mat.MEADOW, 0.0, 0.2)
        canvas.put(sl, shore < self.rng.uniform(0.3, 2.5), int(self.rng.choice([Mat.DARK_SOIL, Mat.SAND])), 0.0, 0.0)
        canvas.put(sl, wet, Mat.WATER, (np.clip(shore / 8, -1, 0) * 0.2).astype(np.float32), 0.0)

    def _tree(self, x: float, y: float, radius: float, material: Optional[int] = None) -> None:
        """Remember a tree for the last step, unless its trunk would stand on something taken."""
        gsd, (h, w) = self.canvas.gsd, self.canvas.shape
        row, col = int(y // gsd), int(x // gsd)
        if 0 <= row < h and 0 <= col < w and self.canvas.taken[row, col]:
            return
        if not (-9 < x < self.size[0] + 9 and -9 < y < self.size[1] + 9):
            return
        rng = self.rng
        if material is None:
            material = int(rng.choice(_TREES[0], p=_TREES[1]))
        top = radius * rng.uniform(1.6, 2.6) * (1.6 if material == Mat.CONIFER else 1.0) + 1.0
        self.trees.append((x, y, radius, min(top, 24.0), material, rng.normal(0, 0.12), rng.uniform(0, 6.3)))

    def _grove(self, block: Block, gap: float, radius: Tuple[float, float], jitter: float, chance: float) -> None:
        """Plant a block on a grid of `gap` metres, jittered by a share of it; a jitter of 0 is an orchard."""
        rng, conifers = self.rng, self.rng.uniform(0, 0.8) ** 2
        for u in np.arange(block.lo[0] + 4, block.hi[0] - 3, gap):
            for v in np.arange(block.lo[1] + 4, block.hi[1] - 3, gap):
                if rng.random() < chance:
                    x, y = self.frame.xy(*(np.array([u, v]) + rng.uniform(-jitter, jitter, 2) * gap))
                    material = Mat.CONIFER if jitter and rng.random() < conifers else None
                    self._tree(x, y, rng.uniform(*radius), material if jitter else Mat.BROADLEAF_PALE)

    def _build(self, block: Block) -> None:
        """Put houses, yards and plants on a block."""
        rng = self.rng
        if block.use in ("homes", "terraces"):
            self.buildings.homes(block)
        elif block.use in ("flats", "farm", "site"):
            self.buildings.halls(block)
        elif block.use == "courts":
            self.buildings.courts(block)
        elif block.use == "wood":
            self._grove(block, rng.uniform(4.2, 5.6), (2.2, 4.6), 0.42, 0.93)
        elif block.use == "orchard":
            self._grove(block, rng.uniform(5.5, 7.5), (1.5, 2.2), 0.0, 0.93)
        elif block.use == "bank":
            self._grove(block, 7.0, (1.8, 4.5), 0.5, rng.uniform(0.2, 0.6))
        if block.use in ("park", "flats", "courts", "farm"):
            self._grove(block, 9.0, (1.8, 5.0), 0.5, 0.5 if block.use == "park" else 0.22)

    def _furnish(self) -> None:
        """Park cars and plant rows of trees along streets; grow hedges between fields."""
        rng = self.rng
        for street in self.streets:
            rows = rng.random() < 0.35
            gap = rng.uniform(2.2, 5) if street.kind == "hedge" else rng.uniform(8, 14)
            for t in np.arange(street.lo + 9, street.hi - 8, gap):
                here = self.frame.site(street.axis, street.at, t)
                if street.kind == "hedge" and rng.random() < 0.8:
                    self._tree(here.x, here.y, rng.uniform(1.0, 2.8))
                    continue
                side = float(rng.choice([-1, 1]))
                spot = here.part(0, side * (street.half + 3.4), 0, 0)
                if street.kind in ("main", "side") and rows:
                    self._tree(spot.x, spot.y, rng.uniform(1.6, 3.4), Mat.BROADLEAF)
                if street.kind == "side" and rng.random() < 0.3:
                    car = self.canvas.local(here.part(0, side * (street.half - 1.1), 2.2, 0.9), 0)
                    if car is not None:
                        on_road = car[3] & (self.canvas.material[car[0]] == Mat.ASPHALT)
                        self.canvas.put(car[0], on_road, int(rng.choice(CARS)), rng.normal(0, 0.4), 1.5)
