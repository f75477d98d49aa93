"""Object mode: patches of the map are selected by click or box, shown, and kept in a layer when they are accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Dict, Optional

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
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

from ...i18n import tr
from ...model.contract.errors import BadInput, SgmaError
from . import group, objects, ours
from .brush_item import remove
from .overlay import CLASSES, Overlay
from .store import StrokeStore

TAKING = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier  # many desktops keep Alt for themselves
LINE, FILL = QColor(255, 255, 0), QColor(255, 255, 0, 60)


class Picker(QObject):
    """`told(text)` after each selection; `failed(error)`.

    view_crs: returns the CRS of the canvas's coordinates. colors: returns colours by class name.
    """

    told = pyqtSignal(str)
    failed = pyqtSignal(object)

    def __init__(
        self,
        overlay: Overlay,
        store: StrokeStore,
        canvas: QgsMapCanvas,
        view_crs: Callable[[], QgsCoordinateReferenceSystem],
        colors: Callable[[], Dict[str, str]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._overlay = overlay
        self._store = store
        self._canvas = canvas
        self._view_crs = view_crs
        self._colors = colors
        self._band: Optional[QgsRubberBand] = None
        self.picked = objects.Picked()

    def click(self, point: QgsPointXY, modifiers: Qt.KeyboardModifier) -> None:
        """Select the patch at a point of the canvas; Shift adds it, Ctrl or Alt takes it out."""
        place = self._carried(QgsGeometry.fromPointXY(point))
        if place is not None:
            at = place.asPoint()
            self._pick(place, lambda picture: objects.at_point(picture, at.x(), at.y()), modifiers)

    def box(self, box: QgsRectangle, modifiers: Qt.KeyboardModifier) -> None:
        """Select the patches in a box of the canvas; Shift adds them, Ctrl or Alt takes out what it touches."""
        place = self._carried(QgsGeometry.fromRect(box))
        if place is not None:
            self._pick(place, lambda picture: objects.in_box(picture, place.boundingBox()), modifiers)

    def accept(self) -> None:
        """Keep what is selected in the layer of objects."""
        if not self.picked.shapes:
            self.told.emit(tr("Nothing is selected: click a patch of the map."))
            return
        try:
            layer = ours.find(ours.OBJECTS)
            if layer is None:
                layer = objects.make(self._place(), self.picked.crs)
                group.put(layer)
            count = objects.keep(layer, self.picked)
        except SgmaError as error:
            self.failed.emit(error)
            return
        objects.paint(layer, self._colors(), filled=False)
        self.cancel()
        text = (
            tr("1 object is kept in layer {layer}.") if count == 1 else tr("{count} objects are kept in layer {layer}.")
        )
        self.told.emit(text.format(count=count, layer=layer.name()))

    def cancel(self) -> None:
        """Select nothing."""
        if self.picked.shapes:
            self.told.emit(tr("Nothing is selected."))
        self.picked = objects.Picked()
        self._show()

    def close(self) -> None:
        """Take everything off the canvas."""
        if self._band is not None:
            remove(self._band)
            self._band = None

    def _pick(self, place: QgsGeometry, find: Callable, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & TAKING:
            self.picked.remove(place)
        else:
            picture = self._overlay.picture(CLASSES)
            if picture is None:
                self.failed.emit(BadInput(tr("There is no map of the strokes yet."), tr("Paint two classes first.")))
                return
            only = not modifiers & Qt.KeyboardModifier.ShiftModifier
            names = {int(known["id"]): str(known["name"]) for known in self._overlay.classes}
            found = [(names[value], ground) for value, ground in find(picture)]
            self.picked.add(self._overlay.crs(), found, only)
        self._show()
        count = len(self.picked.shapes)
        if not count:
            self.told.emit(tr("Nothing is selected."))
        elif count == 1:
            self.told.emit(tr("1 object is selected: Enter keeps it, Esc gives up."))
        else:
            self.told.emit(tr("{count} objects are selected: Enter keeps them, Esc gives up.").format(count=count))

    def _carried(self, geometry: QgsGeometry) -> Optional[QgsGeometry]:
        """Return a geometry of the canvas in the map's CRS; None where it has no place there."""
        try:
            geometry.transform(QgsCoordinateTransform(self._view_crs(), self._overlay.crs(), QgsProject.instance()))
        except (QgsCsException, SgmaError):
            return None
        return geometry

    def _show(self) -> None:
        if self._band is None:
            self._band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
            self._band.setStrokeColor(LINE)
            self._band.setFillColor(FILL)
            self._band.setWidth(2)
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        for _, shape in self.picked.shapes:
            self._band.addGeometry(shape, self.picked.crs)

    def _place(self) -> Path:
        """Return the file for objects: beside the strokes; one that is there is gone on with."""
        strokes = Path(self._store.path())
        stem = strokes.stem[: -len("_strokes")] if strokes.stem.endswith("_strokes") else strokes.stem
        return strokes.with_name(f"{stem}_objects.gpkg")
