"""Shows a place on the map: the canvas goes there, its outline flashes and stays until the next one."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand

from ..draw_tools import rubber_band

_AROUND = 4.0  # sides of the place that the canvas shows
_LEAST = 25.0  # metres that it shows at least: the CRS of maps is in metres


class Spotlight:
    """Belongs to one canvas."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        self._canvas = canvas
        self._band: Optional[QgsRubberBand] = None

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
        self._canvas.setExtent(view)
        self._canvas.refresh()
        self._canvas.flashGeometries([outline], target)
        return True

    def hide(self) -> None:
        """Take the outline off the map."""
        if self._band is not None:
            self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
            self._canvas.scene().removeItem(self._band)
            self._band = None
