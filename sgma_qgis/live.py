"""The map of a run that goes on, as far as it is finished: its blocks under a virtual raster. Main thread only."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import List, Optional, Set, Tuple
from xml.sax.saxutils import escape

from qgis.core import Qgis, QgsProcessingUtils, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer

from . import sight, unsaved
from .model.contract.card import Card
from .styling import ROLE_PROPERTY, open_layer, over_a_picture, style

REFRESH_MS = 1000  # at most so often: each new virtual raster is opened anew
LINGER_MS = 10_000  # files are deleted when the map no longer draws them; at the latest with QGIS's temporary folder

_Window = Tuple[int, int, int, int]


class LiveView:
    """A layer that grows with every finished block. The blocks are copied: the run deletes its own when it is done.

    A layer that the user has removed stays away; the results below are seen again. It may outlast a run that was
    stopped, and go on with the next.
    """

    def __init__(self, title: str, card: Card, project: Optional[QgsProject] = None) -> None:
        """title: of the layer, which appears on top with the first block."""
        self._title, self._card = title, card
        self._project = project or QgsProject.instance()
        self._folder = Path(tempfile.mkdtemp(prefix="sgma-live-", dir=QgsProcessingUtils.tempFolder()))
        self._blocks: List[Tuple[str, _Window]] = []
        self._place: Optional[_Place] = None
        self._layer_id = ""
        self._met: Set[str] = set()  # maps of results that were hidden once, or shall be seen: the user's from then on
        self._versions = self._copies = 0
        self._afresh = False  # the next block is the first of another run
        self._timer = QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)

    @property
    def layer(self) -> Optional[QgsRasterLayer]:
        """Return the layer, None before the first block, once it was removed, and after `close`."""
        return self._project.mapLayer(self._layer_id) if self._layer_id else None

    def add(self, path: str, window: _Window) -> None:
        """Show a finished block. window: (col, row, width, height) on the run's grid. One that is gone is left out."""
        if self._layer_id and self.layer is None:
            return
        name, self._copies = f"{self._copies}.tif", self._copies + 1
        try:
            shutil.copyfile(path, self._folder / name)
        except OSError:  # the run has just put its map together
            return
        if self._afresh:
            self._blocks, self._place, self._afresh = [], None, False
        if self._place is None:
            self._place = _place(self._folder / name, window)
            if self._place is None:
                return
        self._blocks.append((name, window))
        if not self._layer_id:
            self._refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def rename(self, title: str) -> None:
        """Give the layer another name."""
        self._title = title
        if self.layer is not None:
            self.layer.setName(title)

    def begin_again(self, title: str) -> None:
        """Be another run's from now on: what is shown gives way to its blocks, once the first of them comes."""
        self.rename(title)
        self._met = set()
        self._afresh = True

    def spare(self, layer_id: str) -> None:
        """Leave a result in sight, given its map: the user wants to see it while the run goes on."""
        self._met.add(layer_id)

    def close(self) -> None:
        """Remove the layer and the copies; the results below are seen again."""
        self._timer.stop()
        sight.show_results(self._folder.name, self._project)
        if self._layer_id:
            self._project.layersRemoved.disconnect(self._removed)
        if self.layer is not None:
            self._project.removeMapLayer(self._layer_id)
        self._layer_id, self._blocks = "", []
        QTimer.singleShot(LINGER_MS, partial(shutil.rmtree, self._folder, ignore_errors=True))

    def _removed(self, ids: List[str]) -> None:
        if self._layer_id in ids:
            sight.show_results(self._folder.name, self._project)

    def _hide_results(self, layer: QgsRasterLayer) -> None:
        self._met |= sight.hide_results(layer, self._folder.name, self._project, but=self._met)

    def _refresh(self) -> None:
        if not self._blocks:
            return
        old, self._versions = self._folder / f"{self._versions}.vrt", self._versions + 1
        path = self._folder / f"{self._versions}.vrt"  # a new name: the old one is still being drawn
        path.write_text(_virtual(self._place, self._blocks), encoding="utf-8")
        layer = self.layer
        if layer is not None:
            layer.setDataSource(str(path), self._title, "gdal", False)
            layer.triggerRepaint()
            self._hide_results(layer)
        elif not self._layer_id:
            layer = open_layer(str(path), self._title, "classes")
            style(layer, "classes", self._card)
            over_a_picture(layer)
            layer.setCustomProperty(ROLE_PROPERTY, "live")
            unsaved.mark(layer)
            self._project.addMapLayer(layer, False)
            node = self._project.layerTreeRoot().insertLayer(0, layer)
            node.setExpanded(False)
            self._layer_id = layer.id()
            self._project.layersRemoved.connect(self._removed)
            self._hide_results(layer)
        with contextlib.suppress(OSError):
            old.unlink()


class _Place:
    """Where the run's grid lies: CRS as WKT, its corner, the size of a pixel; and what its pixels are."""

    def __init__(self, layer: QgsRasterLayer, window: _Window) -> None:
        provider = layer.dataProvider()
        extent = provider.extent()
        self.crs = provider.crs().toWkt()
        self.dx, self.dy = extent.width() / provider.xSize(), extent.height() / provider.ySize()
        self.x, self.y = extent.xMinimum() - window[0] * self.dx, extent.yMaximum() + window[1] * self.dy
        self.kind = "UInt16" if provider.dataType(1) == Qgis.DataType.UInt16 else "Byte"
        self.nodata = provider.sourceNoDataValue(1)


def _place(path: Path, window: _Window) -> Optional[_Place]:
    layer = open_layer(str(path), path.name, "classes")
    return _Place(layer, window) if layer.isValid() else None


def _virtual(place: _Place, blocks: List[Tuple[str, _Window]]) -> str:
    """Return the text of GDAL's virtual raster over the blocks; it covers no more than they do."""
    left, top = min(w[0] for _, w in blocks), min(w[1] for _, w in blocks)
    right, bottom = max(w[0] + w[2] for _, w in blocks), max(w[1] + w[3] for _, w in blocks)
    x, y = place.x + left * place.dx, place.y - top * place.dy
    lines = [
        f'<VRTDataset rasterXSize="{right - left}" rasterYSize="{bottom - top}">',
        f"<SRS>{escape(place.crs)}</SRS>",
        f"<GeoTransform>{x!r}, {place.dx!r}, 0, {y!r}, 0, {-place.dy!r}</GeoTransform>",
        f'<VRTRasterBand dataType="{place.kind}" band="1"><NoDataValue>{place.nodata:g}</NoDataValue>',
    ]
    for name, (col, row, width, height) in blocks:
        lines.append(
            f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename><SourceBand>1</SourceBand>'
            f'<SourceProperties RasterXSize="{width}" RasterYSize="{height}" DataType="{place.kind}"/>'
            f'<SrcRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/>'
            f'<DstRect xOff="{col - left}" yOff="{row - top}" xSize="{width}" ySize="{height}"/></SimpleSource>'
        )
    return "\n".join([*lines, "</VRTRasterBand>", "</VRTDataset>"])
