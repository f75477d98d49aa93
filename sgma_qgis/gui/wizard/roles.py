"""Areas by role, as a layer has them: what they hold of each class, how far they are apart, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFillSymbol,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsRendererCategory,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QColor

from ...i18n import tr
from ...model.contract.card import ClassInfo
from ..ground import measure_in
from ..texts import grouped
from . import label_values, meanings
from .jobs import ROLE_FIELD, ROLES
from .label_values import Found
from .state import IGNORE

COLORS = {"train": "#0072b2", "validation": "#e69f00", "test": "#7a7a7a"}
_FILL_ALPHA = 60
FEW = 200  #: pixels of a class in a role under which accuracy says little
_SAMPLED_PX = 200  # a side, of what is looked at of a raster of labels


@dataclass
class Roles:
    """By role: polygons counted, square metres, all polygons as one shape in the layer's CRS.

    gaps: metres between two roles. objects: labels of vectors by role and target, see `balance`.
    problem: why they cannot be used, '' = they can.
    """

    counts: Dict[str, int] = field(default_factory=dict)
    areas: Dict[str, float] = field(default_factory=dict)
    shapes: Dict[str, QgsGeometry] = field(default_factory=dict)
    gaps: Dict[Tuple[str, str], float] = field(default_factory=dict)
    objects: Dict[str, Dict[str, int]] = field(default_factory=dict)
    problem: str = ""


def title(role: str) -> str:
    """Return what a person calls a role."""
    return {"train": tr("Training"), "validation": tr("Validation"), "test": tr("Test")}[role]


def word(role: str) -> str:
    """Return a role as it stands within a sentence; a language may have capitals there."""
    return {"train": tr("training"), "validation": tr("validation"), "test": tr("test")}[role]


def style(layer: QgsVectorLayer) -> None:
    """Show areas in the colours of their roles, the map below them visible."""
    categories = []
    for role in ROLES:
        color = QColor(COLORS[role])
        symbol = QgsFillSymbol.createSimple({"outline_color": color.name(), "outline_width": "0.6"})
        color.setAlpha(_FILL_ALPHA)
        symbol.setColor(color)
        categories.append(QgsRendererCategory(role, symbol, title(role)))
    layer.setRenderer(QgsCategorizedSymbolRenderer(ROLE_FIELD, categories))
    layer.triggerRepaint()


def read(layer: Optional[QgsVectorLayer], pixel: float) -> Roles:
    """Return the areas in a layer. pixel: ground metres; roles that share more ground than one are refused."""
    if layer is None:
        return Roles(problem=tr("Choose the layer with your areas, or let them be proposed."))
    index, name = layer.fields().lookupField(ROLE_FIELD), layer.name()
    hint = tr("Give polygons with a text field 'role' that is train, validation or test.")
    if index < 0 or layer.fields()[index].name() != ROLE_FIELD:
        return Roles(problem=tr("Layer {layer} has no field 'role'.").format(layer=name) + " " + hint)
    if not layer.crs().isValid():
        return Roles(problem=tr("Layer {layer} has no CRS: set the one it was made in.").format(layer=name))
    parts: Dict[str, List[QgsGeometry]] = {}
    for feature in layer.getFeatures():
        value = feature.attribute(index)
        role = "" if label_values.is_null(value) else str(value).strip().casefold()
        if role not in ROLES:
            if not role:
                return Roles(problem=tr("A polygon of {layer} has no role.").format(layer=name) + " " + hint)
            return Roles(problem=tr("{role} is no role.").format(role=f"'{value}'") + " " + hint)
        shape = feature.geometry()
        if not shape.isNull() and not shape.isEmpty():
            parts.setdefault(role, []).append(shape if shape.isGeosValid() else shape.makeValid())
    if ROLES[0] not in parts:
        return Roles(problem=tr("There is no area for training in {layer}.").format(layer=name) + " " + hint)
    return _measured(layer, parts, pixel)


def balance(
    roles: Roles, crs: QgsCoordinateReferenceSystem, layer: QgsMapLayer, found: Found, targets: Dict[str, str]
) -> Dict[str, Dict[str, float]]:
    """Return {role: {target: labelled square metres}}; of a raster about. crs: of the areas. layer: of the labels.

    Of vectors, the objects are counted into `roles.objects`.
    """
    held: Dict[str, Dict[str, float]] = {role: {} for role in roles.shapes}
    shapes = {role: _carried(shape, crs, layer.crs()) for role, shape in roles.shapes.items()}
    raster = isinstance(layer, QgsRasterLayer)
    labels = [(label.key, label.shape, label.area) for label in found.labels if not label.shape.isNull()]
    whole = raster or layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    measure = label_values.metres(layer)
    for role, shape in shapes.items():
        if shape is None:
            continue
        box, engine = shape.boundingBox(), QgsGeometry.createGeometryEngine(shape.constGet())
        engine.prepareGeometry()
        for key, one, area in _sampled(layer, box) if raster else labels:
            target = targets.get(key, IGNORE)
            if target == IGNORE or not one.boundingBox().intersects(box) or not engine.intersects(one.constGet()):
                continue
            if not whole and not engine.contains(one.constGet()):
                valid = one if one.isGeosValid() else one.makeValid()
                area = measure.measureArea(valid.intersection(shape))
            held[role][target] = held[role].get(target, 0.0) + area
            if not raster:
                counts = roles.objects.setdefault(role, {})
                counts[target] = counts.get(target, 0) + 1
    return held


def add_rest(
    held: Dict[str, Dict[str, float]],
    roles: Roles,
    crs: QgsCoordinateReferenceSystem,
    area: QgsVectorLayer,
    target: str,
) -> None:
    """Add what is unlabelled in the labelled area, about, to the m2 held of a target. crs: of the roles' areas."""
    whole = QgsGeometry.unaryUnion([feature.geometry() for feature in area.getFeatures() if feature.hasGeometry()])
    moved, measure = _carried(whole, area.crs(), crs), measure_in(crs)
    if moved is None or target == IGNORE:
        return
    for role, shape in roles.shapes.items():
        common = shape.intersection(moved)
        free = (measure.measureArea(common) if not common.isEmpty() else 0.0) - sum(held[role].values())
        if free > 0:
            held[role][target] = held[role].get(target, 0.0) + free


def unfit(held: Dict[str, Dict[str, float]], classes: Sequence[ClassInfo]) -> str:
    """Return why nothing can be learned or measured in these areas, '' when it can."""
    for role, have in held.items():
        if not have:
            text = tr("The {role} areas hold no label: move them to where labels are, or take them away.")
            return text.format(role=word(role))
    if len(held[ROLES[0]]) < 2:
        name = meanings.title(next(iter(held[ROLES[0]])), classes)
        text = tr("The training areas hold labels of one class only, {name}: make them larger, or label more there.")
        return text.format(name=name)
    return ""


def missing(held: Dict[str, Dict[str, float]], targets: Dict[str, str], classes: Sequence[ClassInfo]) -> List[str]:
    """Say of each role which classes it has no label of."""
    told = []
    used = [target for target in dict.fromkeys(targets.values()) if target != IGNORE]
    for role, have in held.items():
        names = ", ".join(meanings.title(target, classes) for target in used if target not in have)
        if names and role == ROLES[0]:
            told.append(tr("No training label is {names}: the model cannot learn that.").format(names=names))
        elif names:
            text = tr("No label in the {role} areas is {names}: accuracy there says nothing about that.")
            told.append(text.format(role=word(role), names=names))
    return told


def few(
    roles: Roles, held: Dict[str, Dict[str, float]], pixel: float, classes: Sequence[ClassInfo], rest: str
) -> List[str]:
    """Say which classes validation or test areas hold little of. pixel: metres. rest: target of what is unlabelled."""
    told = []
    for role in ROLES[1:]:
        parts = []
        for target, area in held.get(role, {}).items():
            count, pixels = roles.objects.get(role, {}).get(target), round(area / pixel**2)
            if pixels < FEW or (count == 1 and target != rest):
                name = meanings.title(target, classes)
                objects = tr("1 object") if count == 1 else tr("{count} objects").format(count=count) if count else ""
                size = tr("{count} px").format(count=grouped(pixels))
                parts.append(f"{name} ({', '.join(filter(None, (size, objects)))})")
        if parts:
            text = tr("The {role} areas hold little of {names}: accuracy there says little about that.")
            told.append(text.format(role=word(role), names=", ".join(parts)))
    return told


def _measured(layer: QgsVectorLayer, parts: Dict[str, List[QgsGeometry]], pixel: float) -> Roles:
    measure = label_values.metres(layer)
    ordered = {role: parts[role] for role in ROLES if role in parts}
    shapes = {role: QgsGeometry.unaryUnion(rows) for role, rows in ordered.items()}
    found = Roles(
        {role: len(rows) for role, rows in ordered.items()},
        {role: measure.measureArea(shape) for role, shape in shapes.items()},
        shapes,
    )
    for one, other in combinations(shapes, 2):
        common = shapes[one].intersection(shapes[other])
        shared = measure.measureArea(common) if not common.isEmpty() else 0.0
        if shared > pixel**2:
            text = tr("The areas for {one} and {other} overlap by {area} m²: draw them apart, else the accuracy "
                      "says nothing.")  # fmt: skip
            found.problem = text.format(one=word(one), other=word(other), area=grouped(shared, 1))
        between = shapes[one].shortestLine(shapes[other])
        line = between.asPolyline()
        found.gaps[one, other] = measure.measureLine(line) if len(line) > 1 else 0.0
    return found


def _carried(
    shape: QgsGeometry, crs: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> Optional[QgsGeometry]:
    """Return a shape in another CRS; None where it cannot be carried there."""
    moved = QgsGeometry(shape)
    if crs != target:
        try:
            moved.transform(QgsCoordinateTransform(crs, target, QgsProject.instance()))
        except QgsCsException:
            return None
    return moved


def _sampled(layer: QgsRasterLayer, box: QgsRectangle) -> List[Tuple[str, QgsGeometry, float]]:
    """Return (value, point, square metres it stands for) of pixels all over a part of a raster."""
    extent = box.intersect(layer.extent())
    if extent.isEmpty():
        return []
    raw, width, height = label_values.pixels(layer, _SAMPLED_PX, extent)
    across, down = extent.width() / layer.rasterUnitsPerPixelX(), extent.height() / layer.rasterUnitsPerPixelY()
    ground = label_values.pixel_area(layer) * across * down / max(1, width * height)
    found = []
    for number, value in enumerate(raw):
        if value is not None:
            row, col = divmod(number, width)
            x = extent.xMinimum() + (col + 0.5) * extent.width() / width
            y = extent.yMaximum() - (row + 0.5) * extent.height() / height
            found.append((str(value), QgsGeometry.fromPointXY(QgsPointXY(x, y)), ground))
    return found
