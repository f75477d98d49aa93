"""Result layers opened, and their renderers, made from the model card. Main thread only."""

from __future__ import annotations

from typing import Dict, Iterable, Tuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsPalLayerSettings,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from .i18n import tr
from .model.contract.card import Card, ClassInfo
from .model.contract.modality import combinations

#: Matplotlib's magma at 0, 25, 50, 75 and 100 percent; and a single-hue ramp for shares.
MAGMA = ("#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf")
SHARE = ("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
RIGHT = "#40808080"  #: faint grey (#AARRGGBB): where a map was measured, and is right
ERRORS_BAND = 3  #: of a raster of errors that is shown: 1 where the map is wrong, 0 where it is right
DIFFERS = "#aa00ff"  #: far from the classes of our models, for colour-blind readers too
SUGGESTED = "#d9534f"  #: outline of places to label next
CLASSES_OPACITY = 0.7  #: of a map that lies over the picture it was made of
DIFFERENCE_OPACITY = 0.5  #: what differs is tinted, what the map says there can still be told
ROLE_PROPERTY = "sgma/role"  #: what a layer of ours shows: a field of Outputs, trust with its sensor (trust_rgb)


def open_layer(path: str, title: str, role: str) -> QgsMapLayer:
    """Return a result's layer, not yet in a project, without the style that QGIS would read the whole file for."""
    if role == "polygons":
        return QgsVectorLayer(path, title, "ogr", QgsVectorLayer.LayerOptions(False))
    options = QgsRasterLayer.LayerOptions()
    options.loadDefaultStyle = False
    return QgsRasterLayer(path, title, "gdal", options)


def style(layer: QgsMapLayer, role: str, card: Card, band: int = 1) -> None:
    """Give a result layer its renderer; role is a field of `contract.job.Outputs`. band: of trust, one a sensor."""
    if not layer.isValid():
        return
    if role == "polygons":
        style_polygons(layer, card.classes)
        return
    if role == "classes":
        renderer = _paletted(layer, {c.id: (c.name, c.color) for c in card.classes})
    elif role == "availability":
        renderer = _paletted(layer, combinations(card.keys))
    else:
        renderer = _ramp(layer, MAGMA if role == "confidence" else SHARE, band)
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def style_difference(layer: QgsRasterLayer, name: str) -> None:
    """Show where two maps differ, by this name; where they are the same the layer is clear."""
    layer.setRenderer(_paletted(layer, {1: (name, DIFFERS)}))
    layer.triggerRepaint()


def style_errors(layer: QgsRasterLayer) -> None:
    """Show what is wrong of a raster of errors, whose third band tells; what is right is faint, the rest clear."""
    layer.setRenderer(_paletted(layer, {1: (tr("wrong"), DIFFERS), 0: (tr("right"), RIGHT)}, ERRORS_BAND))
    layer.triggerRepaint()


def style_suggestions(layer: QgsVectorLayer) -> None:
    """Show places to label as outlines with their rank."""
    color = QColor(SUGGESTED)
    outlined = {"style": "no", "outline_color": color.name(), "outline_width": "0.7"}
    layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(outlined)))
    words, text = QgsPalLayerSettings(), QgsTextFormat()
    text.setColor(color)
    text.setSize(12)
    around = QgsTextBufferSettings()
    around.setEnabled(True)
    text.setBuffer(around)
    words.setFormat(text)
    words.fieldName = "rank"
    layer.setLabeling(QgsVectorLayerSimpleLabeling(words))
    layer.setLabelsEnabled(True)
    layer.triggerRepaint()


def outline(layer: QgsVectorLayer) -> None:
    """Take the fill off styled polygons: what lies below stays visible."""
    renderer = layer.renderer().clone()
    for index, category in enumerate(renderer.categories()):
        color = QColor(category.symbol().color())
        properties = {"style": "no", "outline_color": color.darker(130).name(), "outline_width": "0.46"}
        renderer.updateCategorySymbol(index, QgsFillSymbol.createSimple(properties))
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def _paletted(layer: QgsRasterLayer, values: Dict[int, Tuple[str, str]], band: int = 1) -> QgsPalettedRasterRenderer:
    classes = [QgsPalettedRasterRenderer.Class(value, QColor(color), name) for value, (name, color) in values.items()]
    return QgsPalettedRasterRenderer(layer.dataProvider(), band, classes)


def _ramp(layer: QgsRasterLayer, colors: Tuple[str, ...], band: int) -> QgsSingleBandPseudoColorRenderer:
    ramp = QgsColorRampShader(0.0, 100.0, None, QgsColorRampShader.Type.Interpolated)
    step = 100.0 / (len(colors) - 1)
    ramp.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(i * step, QColor(color), f"{i * step:.0f} %")
            for i, color in enumerate(colors)
        ]
    )
    shader = QgsRasterShader(0.0, 100.0)
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), band, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(100.0)
    return renderer


def style_polygons(layer: QgsVectorLayer, classes: Iterable[ClassInfo]) -> None:
    """Give polygons the colours of their classes."""
    categories = []
    for c in classes:
        symbol = QgsFillSymbol.createSimple({"color": c.color, "outline_color": QColor(c.color).darker(150).name()})
        categories.append(QgsRendererCategory(c.id, symbol, c.name))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", categories))
    layer.triggerRepaint()


def over_a_picture(layer: QgsMapLayer) -> None:
    """Let what lies below shine through."""
    # not multiplied: over a height model or another map, colours would be none of the legend's
    layer.setOpacity(CLASSES_OPACITY)
