"""Where the next stroke helps most: in the middle of what the map is not sure of in the view, the widest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

from qgis.core import Qgis, QgsCoordinateTransform, QgsCsException, QgsPointXY, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsVertexMarker

from ...i18n import tr
from ...model.contract.errors import SgmaError
from ..draw_tools import place_marker
from .brush_item import remove
from .live_map import LiveMap
from .overlay import CONFIDENCE, Overlay
from .patches import Picture, Run

DOUBT = (60, 75, 90)  # percent: spots below the first of these come first
LEAST_DEPTH = 2  # steps to what is surer: narrower ones are the seams between classes, of which no map is sure
MOST_HINTS = 9  # then the first comes again
MOST_PIXELS = 100_000  # that are looked at: a spot that is lost in coarser ones is small


@dataclass(frozen=True)
class Hint:
    """A point inside a spot, in the picture's CRS; below how many percent the map is sure there."""

    point: QgsPointXY
    below: int


class Hinter:
    """Marks the place on the map."""

    def __init__(self, overlay: Overlay, live: LiveMap, canvas: QgsMapCanvas) -> None:
        self._overlay = overlay
        self._live = live
        self._canvas = canvas
        self._marker: Optional[QgsVertexMarker] = None
        self._told: List[Hint] = []

    def show(self) -> str:
        """Mark where a stroke helps most, the next best place when asked again, and return that in words."""
        self._unmark()
        picture = self._overlay.picture(CONFIDENCE, MOST_PIXELS)
        if picture is None:
            return tr("There is no map of the strokes yet.")
        try:
            extent, crs = self._live.view()
            carry = QgsCoordinateTransform(self._overlay.crs(), crs, QgsProject.instance())
            seen = carry.transformBoundingBox(extent, Qgis.TransformDirection.Reverse)
            places = hints(picture, seen)
            left = [place for place in places if place not in self._told] or places
            point = carry.transform(left[0].point) if left else None
        except (QgsCsException, SgmaError):
            point = None
        if point is None:
            return tr("The map is sure of itself everywhere in the view.")
        self._told = [*self._told, left[0]] if left is not places else [left[0]]
        self._marker = place_marker(self._canvas, point)
        return tr("The map is less than {percent} % sure at the cross.").format(percent=left[0].below)

    def clear(self) -> None:
        """Take the mark off, and begin with the best place again."""
        self._told = []
        self._unmark()

    def _unmark(self) -> None:
        if self._marker is not None:
            remove(self._marker)
            self._marker = None


def hints(picture: Picture, view: QgsRectangle) -> List[Hint]:
    """Return places to paint, the best first; none where the map is sure of itself, but for seams between classes.

    Each is the middle of the widest spot that no better one is in. picture: of confidence in percent; view: in its CRS.
    """
    top, left = picture.place(view.xMinimum(), view.yMaximum())
    bottom, right = picture.place(view.xMaximum(), view.yMinimum())
    seen = picture.cut(top, left, bottom, right)
    if seen is None:
        return []
    found: List[Hint] = []
    spots: List[Tuple[int, int, int]] = []  # row, column, half of the width
    for below in DOUBT:
        depth = depths(seen, below)
        for spot in spots:
            _take_out(depth, seen, spot)
        while len(found) < MOST_HINTS and max(depth) >= LEAST_DEPTH:
            deepest = max(depth)
            row, col = divmod(depth.index(deepest), seen.width)
            found.append(Hint(seen.rectangle(Run(row, col, col + 1, 0)).center(), below))
            spots.append((row, col, deepest))
            _take_out(depth, seen, spots[-1])
    return found


def depths(picture: Picture, below: int) -> List[int]:
    """Return of each pixel how many steps it is to one that is surer, or to the picture's rim; 0 of surer ones."""
    width, height = picture.width, picture.height
    found = [0] * (width * height)
    for row in range(1, height - 1):
        for at in range(row * width + 1, (row + 1) * width - 1):
            if picture.data[at] < below:
                near = found[at - 1], found[at - width - 1], found[at - width], found[at - width + 1]
                found[at] = 1 + min(near)
    for row in range(height - 2, 0, -1):
        for at in range((row + 1) * width - 2, row * width, -1):
            if found[at]:
                near = found[at + 1], found[at + width + 1], found[at + width], found[at + width - 1]
                found[at] = min(found[at], 1 + min(near))
    return found


def _take_out(depth: List[int], picture: Picture, spot: Tuple[int, int, int]) -> None:
    """Take a square out of what is still to be looked at."""
    row, col, half = spot
    left, right = max(0, col - half), min(picture.width, col + half + 1)
    for line in range(max(0, row - half), min(picture.height, row + half + 1)):
        depth[line * picture.width + left : line * picture.width + right] = [0] * (right - left)
