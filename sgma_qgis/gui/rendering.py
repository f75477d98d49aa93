"""Layers without a file (WMS, XYZ, in memory): their picture as a GeoTIFF, made once for the same area."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)

from .. import tasks
from ..i18n import tr
from ..model.contract.errors import BadInput
from ..model.contract.job import Area
from ..rendering import is_fileless, prepare
from .job_builder import JobBuilder

MOST_PIXELS = 20_000 * 20_000


class Renderer:
    """Gives `{sensor: GeoTIFF}` of the layers that have no file, rendering them first where that was not done yet."""

    def __init__(self, builder: JobBuilder) -> None:
        self._builder = builder
        self._done: Dict[Tuple[Any, ...], str] = {}
        self.task: Optional[tasks.Task] = None

    def ready(self) -> Dict[str, str]:
        """Return the pictures that are there already."""
        found = {}
        for key, layer in self._builder.fileless().items():
            try:
                path = self._done.get(self._place(layer), "")
            except BadInput:
                continue
            if path and Path(path).exists():
                found[key] = path
        return found

    def prepare(
        self,
        then: Callable[[Dict[str, str]], None],
        failed: Callable[[Exception], None],
        progress: Callable[[float, str], None],
        warn: Callable[[str], None],
    ) -> None:
        """Call `then` with the pictures, at once when there are none to make. Raises SgmaError."""
        missing = {key: layer for key, layer in self._builder.fileless().items() if key not in self.ready()}
        if not missing:
            then(self.ready())
            return
        ((key, layer),) = missing.items()  # RGB alone can be rendered
        place = self._place(layer)
        _, extent, crs, metres = place
        rendering = prepare(layer, QgsRectangle(*extent), QgsCoordinateReferenceSystem(crs), metres)
        if rendering.width * rendering.height > MOST_PIXELS:
            raise BadInput(
                tr("The picture of {layer} would have {width} x {height} pixels.").format(
                    layer=layer.name(), width=rendering.width, height=rendering.height
                ),
                tr("Choose a smaller area, or a coarser resolution."),
            )
        warn(rendering.warning)
        task = tasks.start(tasks.Task(tr("Render {layer}").format(layer=layer.name()), rendering.write))
        self.task = task
        task.progressed.connect(progress)
        task.succeeded.connect(lambda path: self._rendered(place, key, path, then))
        task.failed.connect(failed)

    def _rendered(self, place: Tuple[Any, ...], key: str, path: str, then: Callable[[Dict[str, str]], None]) -> None:
        self.task = None
        self._done[place] = path
        then({**self.ready(), key: path})  # also when the map, being the area, has been moved meanwhile

    def _place(self, layer: QgsRasterLayer) -> Tuple[Any, ...]:
        """Return what a picture depends on: layer, extent, CRS and metres a pixel. Raises BadInput."""
        metres = self._builder.options().resolution or self._builder.card().gsd[1]
        extent, crs = _bounds(self._builder, layer)
        corners = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        return layer.id(), corners, crs.authid(), metres


def _bounds(builder: JobBuilder, layer: QgsRasterLayer) -> Tuple[QgsRectangle, QgsCoordinateReferenceSystem]:
    """Return what to render, in the CRS of the layers that have a file, else in metres: a UTM zone."""
    files = [pick.layer for pick in builder.picks().values() if not is_fileless(pick.layer)]
    area: Area = builder.area()
    if area.extent:
        crs = QgsCoordinateReferenceSystem()
        crs.createFromUserInput(area.extent_crs)
        extent = QgsRectangle(*area.extent)
    elif area.polygons:
        polygons = QgsVectorLayer(area.polygons, "area", "ogr")
        extent, crs = polygons.extent(), polygons.crs()
    elif files:
        crs, extent = files[0].crs(), QgsRectangle(files[0].extent())
        for other in files[1:]:
            extent.combineExtentWith(_moved(other.extent(), other.crs(), crs))
    else:
        extent, crs = layer.extent(), layer.crs()
    target = next((other.crs() for other in files if _metric(other.crs())), None)
    if target is None:
        target = crs if _metric(crs) else _utm(extent, crs)
    return _moved(extent, crs, target), target


def _metric(crs: QgsCoordinateReferenceSystem) -> bool:
    # Metres of web Mercator are not ground metres.
    return crs.isValid() and not crs.isGeographic() and crs.authid() not in ("EPSG:3857", "EPSG:900913")


def _utm(extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> QgsCoordinateReferenceSystem:
    centre = _moved(extent, crs, QgsCoordinateReferenceSystem("EPSG:4326")).center()
    zone = min(60, max(1, math.floor((centre.x() + 180) / 6) + 1))
    return QgsCoordinateReferenceSystem(f"EPSG:{(32600 if centre.y() >= 0 else 32700) + zone}")


def _moved(
    extent: QgsRectangle, crs: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsRectangle:
    if crs == target:
        return extent
    try:
        return QgsCoordinateTransform(crs, target, QgsProject.instance()).transformBoundingBox(extent)
    except QgsCsException:
        raise BadInput(
            tr("The area cannot be shown in {crs}.").format(crs=target.authid()), tr("Choose a smaller area.")
        ) from None
