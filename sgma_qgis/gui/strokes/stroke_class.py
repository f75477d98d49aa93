"""A class that can be painted: its name and the colour it is shown in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

COLORS = (  # Okabe and Ito's, told apart by the colour-blind, then darker ones
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999",
    "#8c5f00", "#1d5f86", "#00543d", "#93890d", "#003a5c", "#7a3600", "#7d3a60", "#444444",
)  # fmt: skip


@dataclass(frozen=True)
class StrokeClass:
    """color: '#rrggbb'."""

    name: str
    color: str


def free_color(classes: Iterable[StrokeClass]) -> str:
    """Return the first colour that no class has; where all are taken, one again."""
    taken = [known.color.lower() for known in classes]
    return next((color for color in COLORS if color not in taken), COLORS[len(taken) % len(COLORS)])
