"""Objects of the map, picked by click or box, and the layer that keeps those that were accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsRendererCategory,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from ...i18n import tr
from ...model.contract.errors import BadInput, OutputFailed
from ..ground import measure_in
from . import files, ours
from .patches import NODATA, Picture, Run, outline, patches, pixels

TABLE = "objects"
CLASS, AREA = "class", "area_m2"  #: fields
_GREY = "#666666"
LEAST_SHARE = 0.01  # of a box: smaller patches in it are specks


@dataclass
class Picked:
    """What is selected: patches of a picture. Holds no layer, so that moving the map loses nothing.

    shapes: (class, ground in `crs`). By name: ids are the classes' order, which the next stroke may change.
    """

    crs: QgsCoordinateReferenceSystem = field(default_factory=QgsCoordinateReferenceSystem)
    shapes: List[Tuple[str, QgsGeometry]] = field(default_factory=list)

    def add(self, crs: QgsCoordinateReferenceSystem, found: List[Tuple[str, QgsGeometry]], only: bool) -> None:
        """Select these, beside what is selected or, `only`, in its place. What is selected already stays as it is."""
        if only or crs != self.crs:
            self.shapes = []
        self.crs = crs
        for name, shape in found:
            if not any(name == known and ground.equals(shape) for known, ground in self.shapes):
                self.shapes.append((name, shape))

    def remove(self, place: QgsGeometry) -> None:
        """Take what meets a point or a box out of the selection; in `crs`."""
        self.shapes = [(name, ground) for name, ground in self.shapes if not ground.intersects(place)]


def at_point(picture: Picture, x: float, y: float) -> List[Tuple[int, QgsGeometry]]:
    """Return (class id, ground) of the patch at a point of the picture's CRS; none outside, or without data."""
    row, col = picture.place(x, y)
    if not picture.holds(row, col):
        return []
    value = picture.data[row * picture.width + col]
    if value == NODATA:
        return []
    for patch in patches(picture, [value]):
        if any(run.row == row and run.left <= col < run.right for run in patch):
            return [(value, outline(picture, patch))]
    return []


def in_box(picture: Picture, box: QgsRectangle) -> List[Tuple[int, QgsGeometry]]:
    """Return the patches that lie in a box; where none does, the one that fills most of it."""
    top, left = (max(0, place) for place in picture.place(box.xMinimum(), box.yMaximum()))
    bottom, right = picture.place(box.xMaximum(), box.yMinimum())
    seen = picture.cut(top - 1, left - 1, bottom + 1, right + 1)  # with a rim: what reaches it lies not in the box
    if seen is None:
        return []
    found = patches(seen)
    least = LEAST_SHARE * seen.width * seen.height
    inside = [patch for patch in found if pixels(patch) >= least and not _reaches_out(picture, seen, patch)]
    if inside or not found:
        return [(patch[0].value, outline(seen, patch)) for patch in inside]
    run = max(found, key=pixels)[0]
    centre = seen.rectangle(Run(run.row, run.left, run.left + 1, run.value)).center()
    return at_point(picture, centre.x(), centre.y())


def _reaches_out(picture: Picture, seen: Picture, patch: List[Run]) -> bool:
    """Tell whether a patch of a cut may go on in the picture: it touches a side that is not the picture's own."""
    row, col = picture.place(seen.x + seen.dx / 2, seen.y - seen.dy / 2)
    return (
        (row > 0 and patch[0].row == 0)
        or (row + seen.height < picture.height and patch[-1].row == seen.height - 1)
        or (col > 0 and any(run.left == 0 for run in patch))
        or (col + seen.width < picture.width and any(run.right == seen.width for run in patch))
    )


def make(path: Path, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Write an empty layer of objects, or open the one that is there; not yet in a project. Raises OutputFailed."""
    title = tr("Objects")
    if path.exists():
        layer = files.read(path, TABLE, title)
        if not layer.isValid():
            raise files.unkept(title, path)
    else:
        layer = files.make(path, TABLE, title, f"field={CLASS}:string&field={AREA}:double", crs)
    ours.mark(layer, ours.OBJECTS)
    return layer


def keep(layer: QgsVectorLayer, picked: Picked) -> int:
    """Put what is picked into the layer and return how many objects that were. Raises BadInput or OutputFailed."""
    if layer.isEditable():
        raise BadInput(
            tr("Layer {layer} is being edited.").format(layer=layer.name()), tr("Save its edits, then accept again.")
        )
    carry = QgsCoordinateTransform(picked.crs, layer.crs(), QgsProject.instance())
    measure = measure_in(layer.crs())
    features = []
    for name, shape in picked.shapes:
        ground = QgsGeometry(shape)
        ground.transform(carry)
        ground.convertToMultiType()
        feature = QgsFeature(layer.fields())
        feature.setGeometry(ground)
        feature.setAttribute(CLASS, name)
        feature.setAttribute(AREA, round(measure.measureArea(ground), 3))
        features.append(feature)
    done, _ = layer.dataProvider().addFeatures(features)
    if not done:
        raise OutputFailed(
            tr("The objects could not be kept ({reason}).").format(reason="; ".join(layer.dataProvider().errors())),
            tr("Make room on the disk, or choose another project folder."),
        )
    layer.updateExtents()
    layer.triggerRepaint()
    return len(features)


def paint(layer: QgsVectorLayer, colors: Dict[str, str], filled: bool) -> None:
    """Show polygons in the colours of their classes, filled or as outlines; in grey those without a field `class`."""
    if layer.fields().indexOf(CLASS) < 0:
        layer.setRenderer(QgsSingleSymbolRenderer(_symbol(QColor(_GREY), filled)))
        layer.triggerRepaint()
        return
    categories = []
    found = {str(value) for value in layer.uniqueValues(layer.fields().indexOf(CLASS)) if value}
    for name in (*colors, *sorted(found - set(colors))):
        categories.append(QgsRendererCategory(name, _symbol(QColor(colors.get(name, _GREY)), filled), name))
    layer.setRenderer(QgsCategorizedSymbolRenderer(CLASS, categories))
    layer.triggerRepaint()


def _symbol(color: QColor, filled: bool) -> QgsFillSymbol:
    return QgsFillSymbol.createSimple(
        {
            "color": f"{color.red()},{color.green()},{color.blue()},{150 if filled else 40}",
            "outline_color": color.darker(130).name(),
            "outline_width": "0.26" if filled else "0.6",
        }
    )
