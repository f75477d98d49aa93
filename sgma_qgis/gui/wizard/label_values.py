"""What a layer of labels holds: its values with counts, areas and colours. Main thread: layers are read here."""

from __future__ import annotations

import array
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    Qgis,
    QgsCategorizedSymbolRenderer,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsRenderContext,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..ground import measure_in

NULL = "null"  #: how a class map calls features without a class
BACKGROUND = "background"  #: label value of what is unlabelled in the labelled area
NODATA = "255"  #: a label value that counts as none unless a model has a class of that number
MOST_FEATURES = 20_000  #: that are looked at; of a larger layer those near the layers to learn from
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
    """values: by key, NULL last. labels: of vectors. more: features beyond those looked at, about.

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


def of_layer(layer: QgsMapLayer, name: str, radius: Optional[float], rasters: Sequence[QgsRasterLayer] = ()) -> Found:
    """Return what a layer holds. name: of the class's field, in vectors. radius: metres around points.

    rasters: to learn from; of a large layer only what lies near them is looked at.
    """
    found = _of_raster(layer) if isinstance(layer, QgsRasterLayer) else _of_vector(layer, name, radius, rasters)
    found.values = {value.key: value for value in sorted(found.values.values(), key=_rank)}
    coloured = [value for value in found.values.values() if value.color]
    one = len({value.color for value in coloured}) == 1
    if one and (len(coloured) > 1 or len(found.values) == 1):  # a colour of all says nothing
        for value in coloured:
            value.color = ""
    return found


def frames(layer: QgsMapLayer, rasters: Sequence[QgsRasterLayer]) -> List[QgsRectangle]:
    """Return the extents of rasters in the labels' CRS, without those that cannot be carried there."""
    found = []
    for raster in rasters:
        extent = raster.extent()
        if raster.crs().isValid() and raster.crs() != layer.crs():
            try:
                transform = QgsCoordinateTransform(raster.crs(), layer.crs(), QgsProject.instance())
                extent = transform.transformBoundingBox(extent)
            except QgsCsException:
                continue
        found.append(extent)
    return found


def around(layer: QgsMapLayer, rasters: Sequence[QgsRasterLayer]) -> Optional[QgsRectangle]:
    """Return the box around rasters in the labels' CRS; None where there is none."""
    places = frames(layer, rasters)
    found = QgsRectangle(places[0]) if places else None
    for place in places[1:]:
        found.combineExtentWith(place)
    return found


def metres(layer: QgsMapLayer) -> QgsDistanceArea:
    """Return what measures a layer's shapes in metres on the ellipsoid of its CRS."""
    return measure_in(layer.crs())


def pixel_area(layer: QgsRasterLayer) -> float:
    """Return the square metres of a pixel in a raster's middle."""
    centre, measure = layer.extent().center(), metres(layer)
    east = QgsPointXY(centre.x() + layer.rasterUnitsPerPixelX(), centre.y())
    north = QgsPointXY(centre.x(), centre.y() + layer.rasterUnitsPerPixelY())
    return measure.measureLine(centre, east) * measure.measureLine(centre, north)


def pixels(
    layer: QgsRasterLayer, most: int = _RASTER_PX, box: Optional[QgsRectangle] = None
) -> Tuple[List[Optional[int]], int, int]:
    """Return a raster's first band, None where it is nodata, its width and height; larger ones are thinned out.

    box: the part of its extent that is read; None = all.
    """
    box, provider = box or layer.extent(), layer.dataProvider()
    width = min(max(1, round(box.width() / layer.rasterUnitsPerPixelX())), most)
    height = min(max(1, round(box.height() / layer.rasterUnitsPerPixelY())), most)
    code = _TYPES.get(provider.dataType(1))
    block = provider.block(1, box, width, height)
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


def _of_vector(layer: QgsVectorLayer, name: str, radius: Optional[float], rasters: Sequence[QgsRasterLayer]) -> Found:
    index, measure = layer.fields().indexOf(name), metres(layer)
    points = layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    circle = math.pi * (radius or 0.0) ** 2
    context, renderer = QgsRenderContext(), layer.renderer().clone() if layer.renderer() is not None else None
    if renderer is not None:
        renderer.startRender(context, layer.fields())
    found, request = Found(), QgsFeatureRequest()
    place = around(layer, rasters) if layer.featureCount() > MOST_FEATURES else None
    if place is not None:
        request.setFilterRect(place)
    for number, feature in enumerate(layer.getFeatures(request)):
        if number >= MOST_FEATURES:
            found.more = 1  # at least: not every source counts its features
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
    if found.more or place is not None:
        found.more = max(found.more, layer.featureCount() - len(found.labels))
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
