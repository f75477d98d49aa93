"""What is built on the blocks of a generated town: houses with gardens, large buildings with yards, tennis courts."""

from __future__ import annotations

from typing import Callable

import numpy as np

from .town_sensors import Box, Canvas, Mat
from .town_streets import Block, Frame

_ROOFS = (
    (Mat.TILE_RED, Mat.TILE_RED, Mat.TILE_BROWN),
    (Mat.TILE_BROWN, Mat.TILE_RED, Mat.SLATE),
    (Mat.SLATE, Mat.BITUMEN, Mat.TILE_BROWN),
    (Mat.SLATE, Mat.GRAVEL_ROOF, Mat.PLANTED_ROOF, Mat.TILE_RED),
)
_FLAT_ROOFS = (Mat.GRAVEL_ROOF, Mat.BITUMEN, Mat.GRAVEL_ROOF, Mat.PLANTED_ROOF, Mat.COPPER_ROOF, Mat.SLATE)
CARS = (Mat.CAR, Mat.CAR, Mat.CAR, Mat.CAR_RED, Mat.CAR_BLUE)


class Buildings:
    """Draws on a canvas. plant(x, y, radius, material): remembers a tree, of any kind without a material."""

    def __init__(self, rng: np.random.Generator, canvas: Canvas, frame: Frame, plant: Callable[..., None]) -> None:
        self.rng, self.canvas, self.frame, self.plant = rng, canvas, frame, plant

    def homes(self, block: Block) -> None:
        """Line up houses along the four sides of a block, its longer sides first; all share one style."""
        rng, terraces = self.rng, block.use == "terraces"
        style = (_ROOFS[int(rng.integers(len(_ROOFS)))], rng.uniform(0.45, 0.95), rng.uniform(3.0, 6.0))
        for axis in (0, 1) if block.hi[0] - block.lo[0] < block.hi[1] - block.lo[1] else (1, 0):
            for sign, at in ((1, block.lo[axis]), (-1, block.hi[axis])):
                t, end = block.lo[1 - axis] + 7, block.hi[1 - axis] - 7
                while t < end - 7:
                    lot = 7.2 if terraces else rng.uniform(13, 22)
                    here = self.frame.site(axis, at, t + lot / 2)
                    # b of the plot must grow into the block, whichever way the line runs
                    u, v = self.frame.uv(here.x - here.ay, here.y + here.ax)
                    if ((u, v)[axis] - at) * sign < 0:
                        here = Box(here.x, here.y, -here.ax, -here.ay, 0, 0)
                    self._plot(here, lot, style, terraces)
                    t += lot

    def _plot(self, edge: Box, lot: float, style, terrace: bool) -> None:
        """Build one house with its garden; `edge` sits on the street line with b pointing into the block."""
        rng, canvas, (roofs, pitch, eave) = self.rng, self.canvas, style
        setback = 8.5 if terrace else rng.uniform(8.0, 13.0)
        width = lot if terrace else min(lot - 4.0, rng.uniform(8, 14))
        depth = 9.5 if terrace else rng.uniform(8, 11.5)
        shift = 0.0 if terrace else rng.uniform(-0.5, 0.5) * max(0.0, lot - width - 6)
        house = edge.part(shift, setback + depth / 2, width / 2, depth / 2)
        if not canvas.free(house, -0.3 if terrace else 1.2):
            return
        garden = edge.part(0, 17, lot / 2, 12)
        if rng.random() < 0.6:
            lawn = int(rng.choice([Mat.LAWN, Mat.LAWN, Mat.MEADOW, Mat.DRY_GRASS]))
            canvas.paint(garden, lawn, rng.normal(0, 0.14), 0.06, take=False)
        kind = "gable" if terrace else str(rng.choice(["gable", "hip", "flat"], p=[0.6, 0.27, 0.13]))
        material = int(rng.choice(_FLAT_ROOFS if kind == "flat" else roofs))
        tint, eave = rng.normal(0, 0.13), max(2.7, eave + rng.normal(0, 0.4))
        roof = (kind, eave + (2 if kind == "flat" else 0), pitch, material, tint)
        canvas.roof(house, *roof)
        if not terrace and rng.random() < 0.3:
            canvas.roof(house.part(rng.uniform(-2, 2), depth / 2, width / 4.5, depth / 2.5), *roof)
        if rng.random() < 0.2 and kind != "flat":
            panels = canvas.local(house.part(0, depth / 4, width / 3.2, depth / 7), 0)
            if panels is not None:
                canvas.material[panels[0]][panels[3]] = Mat.BITUMEN
        self._yard(edge, lot, setback, depth, terrace)

    def _yard(self, edge: Box, lot: float, setback: float, depth: float, terrace: bool) -> None:
        """Add drive, garage, terrace, beds, shed, pool, hedges and trees to a plot."""
        rng, canvas, back = self.rng, self.canvas, setback + depth
        side = (lot / 2 - 1.9) * float(rng.choice([-1, 1]))
        stone = int(rng.choice([Mat.PAVERS, Mat.PAVERS, Mat.ASPHALT, Mat.TRACK]))
        if terrace:
            canvas.paint(edge.part(0, 6, 0.8, 4), stone)
        else:
            canvas.paint(edge.part(side, (2 + back) / 2, 1.5, (back - 2) / 2), stone, rng.normal(0, 0.1))
            garage = edge.part(side, back - 1.0, 1.7, 3.2)
            if lot > 15 and rng.random() < 0.6:
                canvas.roof(garage, "flat", 2.6, 0.0, int(rng.choice(_FLAT_ROOFS)), rng.normal(0, 0.1))
            elif rng.random() < 0.6:
                canvas.paint(edge.part(side, setback - 1, 0.9, 2.2), int(rng.choice(CARS)), rng.normal(0, 0.4), 1.5)
        canvas.paint(edge.part(-side * 0.3, back + 1.9, min(2.6, lot / 2 - 1), 1.9), Mat.PAVERS, rng.normal(0, 0.1))
        extras = rng.random(5)
        if extras[0] < 0.35:
            bed = edge.part(-side * 0.5, back + rng.uniform(7, 10), rng.uniform(1.5, 3.2), rng.uniform(1.0, 2.5))
            canvas.paint(bed, Mat.DARK_SOIL, rng.normal(0, 0.1))
        if extras[1] < 0.3:
            canvas.paint(edge.part(side * 0.8, back + 11, 1.4, 1.2), Mat.BITUMEN, rng.normal(0.1, 0.2), 2.3)
        if extras[2] < 0.06 and not terrace:
            canvas.paint(edge.part(side * 0.2, back + 7.5, 3.2, 1.8), Mat.POOL)
        for a, low, high, chance in ((lot / 2, setback, back + 10, 0.45), (-lot / 2, back, back + 10, 0.3)):
            if rng.random() < chance:
                for b in np.arange(low, high, 1.2):
                    spot = edge.part(a, b, 0, 0)
                    self.plant(spot.x, spot.y, rng.uniform(0.8, 1.2), Mat.BROADLEAF)
        for _ in range(rng.poisson(1.0 if terrace else 3.4)):
            front = rng.random() < 0.2
            b = 7.5 if front else back + rng.uniform(3, 13)
            spot = edge.part(rng.uniform(-0.45, 0.45) * lot, b, 0, 0)
            self.plant(spot.x, spot.y, rng.uniform(1.2, 2.2) if front else min(rng.gamma(5, 0.6) + 0.9, 5.6))

    def halls(self, block: Block) -> None:
        """Put large buildings, yards and parked cars on a block: flats, shops and farms."""
        rng, canvas, farm = self.rng, self.canvas, block.use == "farm"
        here = self.frame.site(0, *block.middle)
        half = (block.hi[1] - block.lo[1]) / 2, (block.hi[0] - block.lo[0]) / 2
        if block.use == "flats":
            yard = here.part(0, 0, half[0] * rng.uniform(0.4, 0.8), half[1] * rng.uniform(0.4, 0.75))
            canvas.paint(yard, int(rng.choice([Mat.ASPHALT, Mat.PAVERS])), rng.normal(0, 0.1), 0.02, take=False)
        for _ in range(1 if block.use == "site" else int(rng.integers(4, 9))):
            along, across = min(rng.uniform(0.25, 0.6) * half[0], 22), min(rng.uniform(0.16, 0.36) * half[1], 10)
            room = max(half[0] - along - 9, 0), max(half[1] - across - 9, 0)
            hall = here.part(rng.uniform(-1, 1) * room[0], rng.uniform(-1, 1) * room[1], along, max(across, 4.5))
            if canvas.free(hall, 3.0):
                kind = "gable" if farm or rng.random() < 0.25 else "flat"
                roof = int(rng.choice(_ROOFS[1] if kind == "gable" else _FLAT_ROOFS))
                eave = rng.uniform(4, 6) if farm else rng.uniform(5, 14)
                canvas.roof(hall, kind, eave, 0.35, roof, rng.normal(0, 0.12))
                if kind == "flat":
                    lift = hall.part(along * rng.uniform(-0.6, 0.6), 0, 2.5, 2)
                    canvas.roof(lift, "flat", eave + 2.5, 0, roof, -0.1)
        for a in np.arange(-0.5 * half[0], 0.5 * half[0], 2.7):
            spot = here.part(a, 0, 0.9, 2.2)
            if block.use == "flats" and rng.random() < 0.6 and canvas.free(spot, 0.3):
                canvas.paint(spot, int(rng.choice(CARS)), rng.normal(0, 0.4), 1.5)

    def courts(self, block: Block) -> None:
        """Lay two or three tennis courts in a row."""
        rng, here = self.rng, self.frame.site(0, *block.middle)
        colour = int(rng.choice([Mat.COURT_GREEN, Mat.COURT_RED]))
        for k in range(int(rng.integers(2, 4))):
            court = here.part(18 * k - 20, 0, 8, 17)
            found = self.canvas.local(court, 0)
            if found is not None and self.canvas.free(court, 0.5):
                sl, a, b, inside = found
                self.canvas.put(sl, inside, colour)
                lines = (abs(abs(a) - 5.5) < 0.3) & (abs(b) < 12.3) | (abs(abs(b) - 12) < 0.3) & (abs(a) < 5.8)
                self.canvas.material[sl][lines] = Mat.PAINT
