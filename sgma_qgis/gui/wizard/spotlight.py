"""Shows a place on the map: the canvas goes there, its outline flashes and stays until the next one."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtWidgets import QWidget

from ..draw_tools import rubber_band
from . import beside

_AROUND = 4.0  # sides of the place that the canvas shows
_LEAST = 25.0  # metres that it shows at least: the CRS of maps is in metres


class Spotlight:
    """Belongs to one canvas, and to a widget whose window may cover a part of it: places are shown beside it."""

    def __init__(self, canvas: QgsMapCanvas, widget: QWidget) -> None:
        self._canvas, self._widget = canvas, widget
        self._band: Optional[QgsRubberBand] = None
        self._before: Optional[QgsRectangle] = None  # what the canvas showed before the first place
        self._shown = QgsRectangle()  # what it shows of the last one

    def show(self, bounds: Sequence[float], crs: str) -> bool:
        """Go to (xmin, ymin, xmax, ymax) in a CRS; return whether that place lies in the map's CRS at all."""
        source = QgsCoordinateReferenceSystem(crs)
        target = self._canvas.mapSettings().destinationCrs()
        outline = QgsGeometry.fromRect(QgsRectangle(*bounds))
        view = outline.boundingBox()
        view.scale(max(_AROUND, _LEAST / max(view.width(), view.height())))
        try:
            if source.isValid() and source != target:
                there = QgsCoordinateTransform(source, target, QgsProject.instance())
                outline.transform(there)
                view = there.transformBoundingBox(view)
        except QgsCsException:
            return False
        self.hide()
        self._band = rubber_band(self._canvas)
        self._band.setToGeometry(outline, None)
        if self._before is None or self._canvas.extent() != self._shown:
            self._before = self._canvas.extent()
        self._canvas.setExtent(self._beside(view))
        self._shown = self._canvas.extent()
        self._canvas.refresh()
        self._canvas.flashGeometries([outline], target)
        return True

    def _beside(self, view: QgsRectangle) -> QgsRectangle:
        """Return what the canvas has to show for the view to lie in the part of it that can be seen."""
        free, whole = beside.free(self._canvas, self._widget.window()), self._canvas.rect()
        if free == whole:
            return view
        pixel = max(view.width() / free.width(), view.height() / free.height())
        shift = free.center() - whole.center()
        middle = QgsPointXY(view.center().x() - shift.x() * pixel, view.center().y() + shift.y() * pixel)
        return QgsRectangle.fromCenterAndSize(middle, whole.width() * pixel, whole.height() * pixel)

    def back(self) -> None:
        """Take the outline off the map, and show what was seen before, unless a person has moved on since."""
        self.hide()
        if self._before is not None and self._canvas.extent() == self._shown:
            self._canvas.setExtent(self._before)
            self._canvas.refresh()
        self._before = None

    def hide(self) -> None:
        """Take the outline off the map."""
        if self._band is not None:
            self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
            self._canvas.scene().removeItem(self._band)
            self._band = None
