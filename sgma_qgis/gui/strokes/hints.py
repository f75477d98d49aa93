"""Where the next stroke helps most: in the largest patch of the view of which the map is not sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.core import QgsPointXY, QgsRectangle

from .patches import NODATA, Picture, patches, pixels

DOUBT = (60, 75, 90)  # percent: patches below the first of these that there are
LEAST_PIXELS = 9
MOST_PIXELS = 200_000  # that are looked at: a patch that is lost in coarser ones is small


@dataclass(frozen=True)
class Hint:
    """A point inside a patch, in the picture's CRS; how sure the map is there at least, in percent."""

    point: QgsPointXY
    below: int


def hint(picture: Picture, view: QgsRectangle) -> Optional[Hint]:
    """Return a place to paint, None where the map is sure of itself. picture: of confidence in percent; view: in its
    CRS."""
    for below in DOUBT:
        unsure = bytes([1 if value < below else NODATA for value in range(NODATA)] + [NODATA])
        shown = Picture(picture.data.translate(unsure), *_place(picture))
        found = [patch for patch in patches(shown) if pixels(patch) >= LEAST_PIXELS and _seen(shown, patch, view)]
        if found:
            return Hint(_middle(shown, max(found, key=pixels)), below)
    return None


def _place(picture: Picture) -> tuple:
    return picture.width, picture.height, picture.x, picture.y, picture.dx, picture.dy


def _middle(picture: Picture, patch: list) -> QgsPointXY:
    """Return a point in a patch with room around it: the middle of a long run that lies in its middle."""
    rows = [run.row for run in patch]
    centre, half = (min(rows) + max(rows)) / 2, (max(rows) - min(rows)) / 2 + 1
    best = max(patch, key=lambda run: (run.right - run.left) * (1.2 - abs(run.row - centre) / half))
    return picture.rectangle(best).center()


def _seen(picture: Picture, patch: list, view: QgsRectangle) -> bool:
    return view.contains(_middle(picture, patch))
