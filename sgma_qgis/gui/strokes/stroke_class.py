"""A class that can be painted: its name and the colour it is shown in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Iterable, List

from ...model.contract.colors import PALETTE, color_or_none

LEAST_DISTANCE = 100  # of two colours, summed over red, green and blue: nearer ones are taken for each other
USUAL = (  # colours that a map's readers expect, and the words that ask for them, English and German
    ("#c0392b", ("roof", "building", "house", "dach", "dächer", "gebäude", "haus", "häuser")),
    ("#1b7837", ("tree", "forest", "wood", "wald", "wälder", "baum", "bäume")),
    ("#8fce5a", ("grass", "meadow", "lawn", "pasture", "gras", "wiese", "rasen", "weide")),
    ("#2f7fd6", ("water", "river", "lake", "sea", "pond", "wasser", "gewässer", "fluss", "see", "teich")),
    ("#7f7f7f", ("road", "street", "asphalt", "straße", "strasse", "weg")),
    ("#a8753c", ("soil", "ground", "earth", "sand", "boden", "erde")),
    ("#f2c230", ("crop", "field", "farmland", "cropland", "acker", "äcker", "feld")),
)


@dataclass(frozen=True)
class StrokeClass:
    """color: '#rrggbb'."""

    name: str
    color: str


def free_color(classes: Iterable[StrokeClass], name: str = "") -> str:
    """Return the usual colour of a class of this name, else the first unlike those of others; where all are taken, one
    again."""
    taken = [known.color.lower() for known in classes]
    usual = _usual(name)
    if usual and usual not in taken:
        return usual
    free = [color for color in PALETTE if color not in taken]
    apart = [color for color in free if all(_distance(color, other) > LEAST_DISTANCE for other in taken)]
    return [*apart, *free, PALETTE[len(taken) % len(PALETTE)]][0]


def colored(classes: Iterable[StrokeClass]) -> List[StrokeClass]:
    """Return classes as a project holds them, which may have been edited by hand: what is no colour becomes a free
    one."""
    found = list(classes)
    taken = [known for known in found if color_or_none(known.color)]
    for place, known in enumerate(found):
        if not color_or_none(known.color):
            found[place] = replace(known, color=free_color(taken, known.name))
            taken.append(found[place])
    return found


def _distance(first: str, second: str) -> int:
    return sum(abs(int(first[i : i + 2], 16) - int(second[i : i + 2], 16)) for i in (1, 3, 5))


def _usual(name: str) -> str:
    """Return the colour that a word of a name asks for, the last word first ("forest road" is a road); '' = none."""
    for word in reversed(re.findall(r"\w+", name.casefold())):
        for color, asking in USUAL:
            if any(word in (one, one + "s", one + "n", one + "en") for one in map(str.casefold, asking)):
                return color
    return ""
