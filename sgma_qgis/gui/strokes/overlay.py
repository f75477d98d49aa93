"""The map of the strokes as a layer: one that takes new rasters, coloured by class or by how sure it is."""

from __future__ import annotations

import contextlib
import re
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from qgis.core import (
    QgsColorRampShader,
    QgsCoordinateReferenceSystem,
    QgsPalettedRasterRenderer,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsRasterRenderer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from ... import unsaved
from ...i18n import tr
from ...styling import ROLE_PROPERTY, open_layer
from . import ours
from .patches import Picture

OPACITY = 0.55
CLASSES, CONFIDENCE = 1, 2  #: bands
#: how unsure, over the picture below: clear where sure, glaring where two classes are alike
DOUBT = ((0.0, "#d0ff00ff"), (50.0, "#d0ff00ff"), (75.0, "#80ff8c00"), (95.0, "#00ffffff"), (100.0, "#00ffffff"))


class Overlay:
    """`show` takes what an interact job made. Files are never written again: QGIS may still be drawing them."""

    def __init__(self, put: Callable[[QgsRasterLayer], None]) -> None:
        """put: adds the layer to the project, where it belongs."""
        self._put = put
        self._layer_id = ""
        self._shown = self._before = 0  # numbers of the file that is shown, and of the one before
        self._folder: Optional[Path] = None
        self._count = 0
        self._classes: List[Dict[str, Any]] = []
        self._colors: Dict[str, str] = {}
        self._doubt = False
        self.opacity = OPACITY

    @property
    def layer(self) -> Optional[QgsRasterLayer]:
        """Return the layer while it is in the project."""
        return QgsProject.instance().mapLayer(self._layer_id) if self._layer_id else None

    @property
    def classes(self) -> List[Dict[str, Any]]:
        """Return the classes of what is shown: id, name, color as the engine says."""
        return self._classes

    def next_file(self) -> str:
        """Return the name of a file for the next job."""
        if self._folder is None or not self._folder.is_dir():
            self._folder = Path(tempfile.mkdtemp(prefix="sgma_strokes_", dir=QgsProcessingUtils.tempFolder()))
        self._count += 1
        return str(self._folder / f"overlay_{self._count}.tif")

    def show(self, result: Dict[str, Any], colors: Dict[str, str]) -> None:
        """Show a result; colors: by class name, where they are not the engine's."""
        self._classes, self._colors = result["classes"], colors
        path, layer = Path(result["overlay"]), self.layer
        if layer is None:
            layer = open_layer(str(path), tr("Map of the strokes"), "classes")
            layer.setCustomProperty(ROLE_PROPERTY, "strokes")  # no sensor
            ours.mark(layer, ours.MAP)
            unsaved.mark(layer)
            self._put(layer)
            self._layer_id = layer.id()
        else:
            self.opacity = layer.opacity()
            layer.setDataSource(str(path), layer.name(), "gdal", False)
        self._paint()
        self._clean(path)

    def recolor(self, colors: Dict[str, str]) -> None:
        """Show the classes in other colours."""
        self._colors = colors
        self._paint()

    def set_doubt(self, on: bool) -> None:
        """Show how unsure the map is, instead of its classes."""
        self._doubt = on
        self._paint()

    def set_opacity(self, opacity: float) -> None:
        """Show it so strongly: 0..1."""
        self.opacity = opacity
        if self.layer is not None:
            self.layer.setOpacity(opacity)
            self.layer.triggerRepaint()

    def remove(self) -> None:
        """Take it off the map, and delete its files."""
        if self.layer is not None:
            QgsProject.instance().removeMapLayer(self._layer_id)
        self._layer_id = ""
        self._clean(None)

    def crs(self) -> QgsCoordinateReferenceSystem:
        """Return the CRS of what is shown."""
        return self.layer.crs() if self.layer is not None else QgsCoordinateReferenceSystem()

    def picture(self, band: int, most: int = 0) -> Optional[Picture]:
        """Return a band of what is shown, None where nothing is. most: pixels; coarser where it has more; 0 = as is."""
        layer = self.layer
        if layer is None or not layer.isValid():
            return None
        provider, extent = layer.dataProvider(), layer.extent()
        width, height = provider.xSize(), provider.ySize()
        share = min(1.0, (most / (width * height)) ** 0.5) if most else 1.0
        width, height = max(1, round(width * share)), max(1, round(height * share))
        block = provider.block(band, extent, width, height)
        data = bytes(block.data())
        if len(data) < width * height:
            return None
        dx, dy = extent.width() / width, extent.height() / height
        return Picture(data, width, height, extent.xMinimum(), extent.yMaximum(), dx, dy)

    def _clean(self, shown: Optional[Path]) -> None:
        """Delete files that are shown no more, or never were: of answers that came too late, of a worker that ended."""
        self._before, self._shown = self._shown, _number(shown) if shown is not None else self._count
        for path in self._folder.glob("*overlay_*") if self._folder is not None else ():
            if _number(path) < self._shown and _number(path) != self._before:  # the one before may still be being drawn
                with contextlib.suppress(OSError):  # gone, or on Windows still being drawn
                    path.unlink()

    def _paint(self) -> None:
        layer = self.layer
        if layer is not None and layer.isValid():
            layer.setRenderer(self._doubts(layer) if self._doubt else self._by_class(layer))
            layer.setOpacity(self.opacity)
            layer.triggerRepaint()

    def _by_class(self, layer: QgsRasterLayer) -> QgsRasterRenderer:
        rows = [
            QgsPalettedRasterRenderer.Class(c["id"], QColor(self._colors.get(c["name"], c["color"])), c["name"])
            for c in self._classes
        ]
        return QgsPalettedRasterRenderer(layer.dataProvider(), CLASSES, rows)

    @staticmethod
    def _doubts(layer: QgsRasterLayer) -> QgsRasterRenderer:
        ramp = QgsColorRampShader(0.0, 100.0, None, QgsColorRampShader.Type.Interpolated)
        items = [QgsColorRampShader.ColorRampItem(at, QColor(color), f"{at:.0f} %") for at, color in DOUBT]
        ramp.setColorRampItemList(items)
        shader = QgsRasterShader(0.0, 100.0)
        shader.setRasterShaderFunction(ramp)
        renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), CONFIDENCE, shader)
        renderer.setClassificationMin(0.0)
        renderer.setClassificationMax(100.0)
        return renderer


def _number(path: Path) -> int:
    """Return the number of a file of ours: `overlay_7.tif`, what GDAL writes beside it, one that is half written."""
    return int(re.findall(r"overlay_(\d+)", path.name)[0])
