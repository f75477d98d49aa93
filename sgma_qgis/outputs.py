"""Results as layers: their renderers, made from the model card. Main thread only."""

from __future__ import annotations

from typing import Dict, Tuple

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from .model.contract.card import Card
from .model.contract.modality import combinations

#: Matplotlib's magma at 0, 25, 50, 75 and 100 percent; and a single-hue ramp for shares.
MAGMA = ("#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf")
SHARE = ("#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b")
SHOWN = ("classes", "polygons")  #: results that are visible at first; the others lie ready, unchecked


def style(layer: QgsMapLayer, role: str, card: Card) -> None:
    """Give a result layer its renderer; role is a field of `contract.job.Outputs`."""
    if not layer.isValid():
        return
    if role == "polygons":
        _style_polygons(layer, card)
        return
    if role == "classes":
        renderer = _paletted(layer, {c.id: (c.name, c.color) for c in card.classes})
    elif role == "availability":
        renderer = _paletted(layer, combinations(card.keys))
    else:
        renderer = _ramp(layer, MAGMA if role == "confidence" else SHARE)
    layer.setRenderer(renderer)
    layer.triggerRepaint()


def _paletted(layer: QgsRasterLayer, values: Dict[int, Tuple[str, str]]) -> QgsPalettedRasterRenderer:
    classes = [QgsPalettedRasterRenderer.Class(value, QColor(color), name) for value, (name, color) in values.items()]
    return QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes)


def _ramp(layer: QgsRasterLayer, colors: Tuple[str, ...]) -> QgsSingleBandPseudoColorRenderer:
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
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(0.0)
    renderer.setClassificationMax(100.0)
    return renderer


def _style_polygons(layer: QgsVectorLayer, card: Card) -> None:
    categories = []
    for c in card.classes:
        symbol = QgsFillSymbol.createSimple({"color": c.color, "outline_color": QColor(c.color).darker(150).name()})
        categories.append(QgsRendererCategory(c.id, symbol, c.name))
    layer.setRenderer(QgsCategorizedSymbolRenderer("class_id", categories))
    layer.triggerRepaint()


class StyleOnLoad(QgsProcessingLayerPostProcessorInterface):
    """Styles a result when Processing has loaded it.

    QGIS keeps a plain pointer to it; whoever sets it must keep the object until the layer is loaded.
    """

    _kept: list[StyleOnLoad] = []
    _KEEP = 64

    def __init__(self, role: str, card: Card) -> None:
        super().__init__()
        self._role = role
        self._card = card

    @classmethod
    def attach(cls, context: QgsProcessingContext, path: str, role: str, card: Card) -> None:
        """Have the layer at `path` styled if it will be loaded."""
        if context.willLoadLayerOnCompletion(path):
            processor = cls(role, card)
            cls._kept = [*cls._kept, processor][-cls._KEEP :]
            context.layerToLoadOnCompletionDetails(path).setPostProcessor(processor)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        style(layer, self._role, self._card)
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None and self._role not in SHOWN:
            node.setItemVisibilityChecked(False)
            node.setExpanded(False)
