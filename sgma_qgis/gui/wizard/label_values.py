"""What a layer of labels holds: its values with counts, areas and colours. Main thread: layers are read here."""

from __future__ import annotations

import array
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsDistanceArea,
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
    QgsWkbTypes,
)

NULL = "null"  #: how a class map calls features without a class
BACKGROUND = "background"  #: label value of what is unlabelled in the labelled area
NODATA = "255"  #: a label value that counts as none unless a model has a class of that number
MOST_FEATURES = 50_000  #: that are looked at; of a larger layer the first ones
_RASTER_PX = 2048  # a side, of what is read of a raster
_TYPES = {
    Qgis.DataType.Byte: "B",
    Qgis.DataType.UInt16: "H",
    Qgis.DataType.Int16: "h",
    Qgis.DataType.UInt32: "I",
    Qgis.DataType.Int32: "i",
}
if hasattr(Qgis.DataType, "Int8"):  # newer QGIS
    _TYPES[Qgis.DataType.Int8] = "b"


@dataclass(frozen=True)
class Label:
    """One labelled feature. key: of its value. shape: in the layer's CRS. area: square metres on the ellipsoid."""

    key: str
    shape: QgsGeometry
    area: float


@dataclass
class Value:
    """One value. key: as a class map writes it. text: as a person does. count: of features or pixels. area: in m2.

    color: "#rrggbb", and name: by the layer's own style; "" = none.
    """

    key: str
    text: str
    count: int = 0
    area: float = 0.0
    color: str = ""
    name: str = ""


@dataclass
class Found:
    """values: by key, NULL last. labels: of vectors. more: features beyond those looked at.

    whole_numbers: False for a raster of other numbers, whose values are no classes.
    """

    values: Dict[str, Value] = field(default_factory=dict)
    labels: List[Label] = field(default_factory=list)
    more: int = 0
    whole_numbers: bool = True


def key(value: Any) -> str:
    """Return a label value as the engine compares it: 3, 3.0, '3' and ' 3 ' are one; letters' case does not count."""
    if is_null(value):
        return NULL
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


def is_null(value: Any) -> bool:
    """Tell whether a feature's value says nothing."""
    null = value is None or (hasattr(value, "isNull") and value.isNull())
    return null or (isinstance(value, float) and math.isnan(value)) or not str(value).strip()


def of_layer(layer: QgsMapLayer, name: str, radius: Optional[float]) -> Found:
    """Return what a layer holds. name: of the class's field, in vectors. radius: metres around points."""
    found = _of_raster(layer) if isinstance(layer, QgsRasterLayer) else _of_vector(layer, name, radius)
    found.values = {value.key: value for value in sorted(found.values.values(), key=_rank)}
    if len({value.color for value in found.values.values()}) == 1:  # a colour of all says nothing
        for value in found.values.values():
            value.color = ""
    return found


def metres(layer: QgsMapLayer) -> QgsDistanceArea:
    """Return what measures a layer's shapes in metres on the ellipsoid of its CRS."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(layer.crs(), QgsProject.instance().transformContext())
    measure.setEllipsoid(layer.crs().ellipsoidAcronym() or "EPSG:7030")
    return measure


def pixel_area(layer: QgsRasterLayer) -> float:
    """Return the square metres of a pixel in a raster's middle."""
    centre, measure = layer.extent().center(), metres(layer)
    east = QgsPointXY(centre.x() + layer.rasterUnitsPerPixelX(), centre.y())
    north = QgsPointXY(centre.x(), centre.y() + layer.rasterUnitsPerPixelY())
    return measure.measureLine(centre, east) * measure.measureLine(centre, north)


def pixels(layer: QgsRasterLayer, most: int = _RASTER_PX) -> Tuple[List[Optional[int]], int, int]:
    """Return a raster's first band, None where it is nodata, its width and height; larger ones are thinned out."""
    width, height = min(layer.width(), most), min(layer.height(), most)
    provider = layer.dataProvider()
    code = _TYPES.get(provider.dataType(1))
    block = provider.block(1, layer.extent(), width, height)
    if code is None or not block.isValid():
        return [], 0, 0
    raw: List[Optional[int]] = array.array(code, bytes(block.data())).tolist()
    if block.hasNoDataValue():
        nodata = block.noDataValue()
        raw = [None if value == nodata else value for value in raw]
    return raw, width, height


def _of_raster(layer: QgsRasterLayer) -> Found:
    if layer.dataProvider().dataType(1) not in _TYPES:
        return Found(whole_numbers=False)
    raw, width, height = pixels(layer)
    counts = Counter(raw)
    counts.pop(None, None)
    share = layer.width() * layer.height() / max(1, width * height)
    ground = pixel_area(layer) * share
    colors, names = _raster_colors(layer)
    found = Found()
    for number, count in counts.items():
        text, name = str(number), names.get(number, "").strip()
        found.values[text] = Value(
            text, text, round(count * share), count * ground, colors.get(number, ""), "" if name == text else name
        )
    return found


def _raster_colors(layer: QgsRasterLayer) -> Tuple[Dict[int, str], Dict[int, str]]:
    renderer = layer.renderer()
    if not isinstance(renderer, QgsPalettedRasterRenderer):
        return {}, {}
    classes = renderer.classes()
    return {int(c.value): c.color.name() for c in classes}, {int(c.value): c.label for c in classes}


def _of_vector(layer: QgsVectorLayer, name: str, radius: Optional[float]) -> Found:
    index, measure = layer.fields().indexOf(name), metres(layer)
    points = layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    circle = math.pi * (radius or 0.0) ** 2
    context, renderer = QgsRenderContext(), layer.renderer().clone() if layer.renderer() is not None else None
    if renderer is not None:
        renderer.startRender(context, layer.fields())
    found = Found()
    for number, feature in enumerate(layer.getFeatures()):
        if number >= MOST_FEATURES:
            found.more = max(0, layer.featureCount() - number)
            break
        raw, shape = feature.attribute(index), feature.geometry()
        text = key(raw)
        if text not in found.values:
            plain = "" if text == NULL else str(_plain(raw)).strip()
            name = _name(renderer, raw, layer.fields()[index].name())
            color = _color(renderer, feature, context)
            found.values[text] = Value(text, plain, color=color, name="" if name == plain else name)
        area = circle * _count(shape) if points else measure.measureArea(shape) if not shape.isNull() else 0.0
        found.values[text].count += 1
        found.values[text].area += area
        found.labels.append(Label(text, shape, area))
    if renderer is not None:
        renderer.stopRender(context)
    if found.more:
        for raw in layer.uniqueValues(index):
            found.values.setdefault(key(raw), Value(key(raw), str(_plain(raw)).strip()))
    return found


def _color(renderer: Any, feature: QgsFeature, context: QgsRenderContext) -> str:
    symbol = renderer.symbolForFeature(feature, context) if renderer is not None else None
    return symbol.color().name() if symbol is not None else ""


def _name(renderer: Any, raw: Any, name: str) -> str:
    """Return what a style by categories of this field calls a value."""
    if not isinstance(renderer, QgsCategorizedSymbolRenderer) or renderer.classAttribute().strip('"') != name:
        return ""
    number = renderer.categoryIndexForValue(raw)
    return renderer.categories()[number].label().strip() if number >= 0 and not is_null(raw) else ""


def _count(shape: QgsGeometry) -> int:
    return shape.constGet().partCount() if not shape.isNull() else 0


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _rank(value: Value) -> Tuple[bool, bool, float, str]:
    """Return what sorts values: numbers first, rising, then words; features without a class last."""
    number = float(value.key) if value.key.lstrip("-").isdecimal() else None
    return value.key == NULL, number is None, number or 0.0, value.key
