"""Layers that are no files (WMS, WMTS, XYZ, PostGIS raster, virtual, in memory) as pictures that the engine reads."""

from __future__ import annotations

import contextlib
import math
import threading
from pathlib import Path
from typing import List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDistanceArea,
    QgsPointXY,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterBlockFeedback,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRasterProjector,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QThread

from .i18n import tr
from .model.contract.errors import BadInput, Cancelled, OutputFailed
from .service import Feedback

TILE_PX = 1024  # rendered at a time
POLL_S = 0.1
LOOKED_AT_PX = 256  # a side, to see how much of the picture is missing
ALPHA_BAND = 4


def is_fileless(layer: QgsRasterLayer) -> bool:
    """Return whether the engine cannot open a layer, so that only its picture can be used."""
    return layer.providerType() != "gdal" or layer.dataProvider().dataSourceUri().startswith("/vsimem/")


def prepare(
    layer: QgsRasterLayer, extent: QgsRectangle, crs: QgsCoordinateReferenceSystem, metres: float, path: str = ""
) -> Rendering:
    """Prepare the picture of a layer in an extent in `crs`, with pixels of so many ground metres. Main thread.

    path: a GeoTIFF to write, '' = a temporary one. Raises BadInput.
    """
    if not layer.isValid() or layer.dataProvider() is None:
        raise BadInput(
            tr("Layer {name} is not valid in QGIS.").format(name=layer.name()), tr("Repair its source, or remove it.")
        )
    context = QgsProject.instance().transformContext()
    width, height = _size(extent, crs, metres, context)
    target = path or QgsProcessingUtils.generateTempFilename("picture.tif")
    return Rendering(layer, extent, crs, context, (width, height), Path(target))


class Rendering:
    """A picture of a layer to be made: prepared on the main thread, written in any one other.

    `warning` says what a picture cannot tell.
    """

    def __init__(
        self,
        layer: QgsRasterLayer,
        extent: QgsRectangle,
        crs: QgsCoordinateReferenceSystem,
        context: QgsCoordinateTransformContext,
        size: Tuple[int, int],
        path: Path,
    ) -> None:
        self.width, self.height = size
        self.path = str(path)
        self.warning = tr(
            "{layer} is no file: its 8-bit picture is taken, as QGIS draws it. Values of the sensor beyond what the "
            "picture shows are lost, and the map may be poorer for it."
        ).format(layer=layer.name())
        self._name, self._extent, self._crs, self._context = layer.name(), QgsRectangle(extent), crs, context
        projector = QgsRasterProjector()
        projector.setCrs(layer.crs(), crs, context)
        self._provider = layer.dataProvider().clone()
        self._provider.moveToThread(None)  # until the thread that writes takes it
        self._pipe = QgsRasterPipe()
        for part in (self._provider, layer.renderer().clone(), projector):
            self._pipe.set(part)

    def write(self, feedback: Feedback) -> str:
        """Write the picture and return its path. Once. Raises Cancelled, or OutputFailed."""
        self._provider.moveToThread(QThread.currentThread())
        unfinished = Path(self.path).with_suffix(".unfinished.tif")
        try:
            problems = self._render(unfinished, feedback)
            if feedback.is_cancelled():
                raise Cancelled()
            missing = _missing(unfinished)
            if missing is None or missing == 1.0:
                why = problems[0] if problems else tr("nothing came")
                raise OutputFailed(
                    tr("No picture of {layer} could be made: {why}.").format(layer=self._name, why=why),
                    tr("Check the connection, and that the layer shows something there at this scale."),
                )
            if missing > 0:
                text = tr("{percent:.0f} % of the picture of {layer} did not come; it counts as no data.")
                feedback.log("warning", text.format(percent=max(100 * missing, 1), layer=self._name))
            unfinished.replace(self.path)
        finally:
            self._pipe = self._provider = None  # it belongs to this thread now
            for left in (unfinished, Path(f"{unfinished}.aux.xml")):  # QGIS's statistics
                with contextlib.suppress(OSError):
                    left.unlink()
        return self.path

    def _render(self, target: Path, feedback: Feedback) -> List[str]:
        """Let QGIS render into a file, tile by tile, and return what went wrong."""
        writer = QgsRasterFileWriter(str(target))
        writer.setOutputFormat("GTiff")
        writer.setCreateOptions(["COMPRESS=DEFLATE", "TILED=YES", "BIGTIFF=IF_SAFER"])
        writer.setMaxTileWidth(TILE_PX)
        writer.setMaxTileHeight(TILE_PX)
        control = QgsRasterBlockFeedback()
        text = tr("Rendering {layer}").format(layer=self._name)
        control.progressChanged.connect(lambda percent: feedback.progress(percent / 100, text))
        ended = threading.Event()

        def watch() -> None:  # a server that hangs is left at once, not after its tile
            while not ended.wait(POLL_S):
                if feedback.is_cancelled():
                    control.cancel()
                    return

        threading.Thread(target=watch, name="sgma-render", daemon=True).start()
        try:
            failed = writer.writeRaster(
                self._pipe, self.width, self.height, self._extent, self._crs, self._context, control
            )
        finally:
            ended.set()
        return [*control.errors(), *([tr("QGIS could not write it")] if failed else [])]


def _size(
    extent: QgsRectangle, crs: QgsCoordinateReferenceSystem, metres: float, context: QgsCoordinateTransformContext
) -> Tuple[int, int]:
    """Return (width, height) in pixels of so many ground metres."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, context)
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    centre = extent.center()
    across = measure.measureLine(QgsPointXY(extent.xMinimum(), centre.y()), QgsPointXY(extent.xMaximum(), centre.y()))
    down = measure.measureLine(QgsPointXY(centre.x(), extent.yMinimum()), QgsPointXY(centre.x(), extent.yMaximum()))
    if not (across > 0 and down > 0 and metres > 0 and math.isfinite(across + down)):
        raise BadInput(tr("The area to draw is empty."), tr("Choose an area that the layer covers."))
    return math.ceil(across / metres - 1e-3), math.ceil(down / metres - 1e-3)


def _missing(path: Path) -> Optional[float]:
    """Return the share of a picture that is clear, from a small version of it; None when it is no picture."""
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = QgsRasterLayer(str(path), "picture", "gdal", options)
    if not layer.isValid() or layer.bandCount() < ALPHA_BAND:
        return None
    width, height = min(layer.width(), LOOKED_AT_PX), min(layer.height(), LOOKED_AT_PX)
    alpha = layer.dataProvider().block(ALPHA_BAND, layer.extent(), width, height)
    values = bytes(alpha.data())
    return values.count(0) / len(values) if values else None
