"""Where the next stroke helps most: in the largest patch of the view of which the map is not sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.core import Qgis, QgsCoordinateTransform, QgsCsException, QgsPointXY, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsVertexMarker

from ...i18n import tr
from ...model.contract.errors import SgmaError
from ..draw_tools import place_marker
from .brush_item import remove
from .live_map import LiveMap
from .overlay import CONFIDENCE, Overlay
from .patches import NODATA, Picture, patches, pixels

DOUBT = (60, 75, 90)  # percent: patches below the first of these that there are
LEAST_PIXELS = 9
MOST_PIXELS = 200_000  # that are looked at: a patch that is lost in coarser ones is small


@dataclass(frozen=True)
class Hint:
    """A point inside a patch, in the picture's CRS; how sure the map is there at least, in percent."""

    point: QgsPointXY
    below: int


class Hinter:
    """Marks the place on the map."""

    def __init__(self, overlay: Overlay, live: LiveMap, canvas: QgsMapCanvas) -> None:
        self._overlay = overlay
        self._live = live
        self._canvas = canvas
        self._marker: Optional[QgsVertexMarker] = None

    def show(self) -> str:
        """Mark where a stroke helps most, and return that in words."""
        self.clear()
        picture = self._overlay.picture(CONFIDENCE, MOST_PIXELS)
        if picture is None:
            return tr("There is no map of the strokes yet.")
        try:
            extent, crs = self._live.view()
            carry = QgsCoordinateTransform(self._overlay.crs(), crs, QgsProject.instance())
            seen = carry.transformBoundingBox(extent, Qgis.TransformDirection.Reverse)
            found = hint(picture, seen)
            point = carry.transform(found.point) if found is not None else None
        except (QgsCsException, SgmaError):
            point = None
        if point is None:
            return tr("The map is sure of itself everywhere in the view.")
        self._marker = place_marker(self._canvas, point)
        return tr("The map is less than {percent} % sure at the cross.").format(percent=found.below)

    def clear(self) -> None:
        """Take the mark off."""
        if self._marker is not None:
            remove(self._marker)
            self._marker = None


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
