"""Colours that must not be taken for one another, by readers with and without colour vision deficiencies."""

import json

import numpy as np
import pytest
from osgeo import gdal
from plugin_support import ROOT
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from sgma_qgis.outputs import StyleOnLoad
from sgma_qgis.styling import DIFFERS, style_errors, style_suggestions

CLASSES = {
    row["color"]
    for card in (ROOT / "resources" / "models").glob("*/card.json")
    for row in json.loads(card.read_text(encoding="utf-8"))["classes"]
}
#: What is left of linear RGB: Machado, Oliveira and Fernandes 2009, at full severity.
EYES = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.072175), (0.0193339, 0.119192, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector)) for row in matrix]


def lab(color, eyes):
    """Return CIE L*a*b* of '#rrggbb' as these eyes see it."""
    rgb = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in rgb]
    seen = [min(1.0, max(0.0, v)) for v in times(EYES[eyes], linear)]
    x, y, z = (
        v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116
        for v in (value / white for value, white in zip(times(XYZ, seen), WHITE))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("eyes", EYES)
def test_where_maps_differ_is_no_colour_of_a_class(eyes):
    assert len(CLASSES) >= 6
    ours = lab(DIFFERS, eyes)
    for color in CLASSES:
        apart = sum((a - b) ** 2 for a, b in zip(ours, lab(color, eyes))) ** 0.5
        assert apart > 30, f"{DIFFERS} and {color}: {apart:.0f}"  # 10 is told apart at a glance


def test_errors_glare_and_are_seen(qgis_app, tmp_path):
    path = str(tmp_path / "errors.tif")
    file = gdal.GetDriverByName("GTiff").Create(path, 3, 1, 3, gdal.GDT_Byte)
    for band, row in enumerate(((1, 1, 255), (1, 2, 255), (0, 1, 255)), 1):
        file.GetRasterBand(band).SetNoDataValue(255)
        file.GetRasterBand(band).WriteArray(np.array([row], np.uint8))
    file = None
    layer = QgsRasterLayer(path, "Errors")
    QgsProject.instance().addMapLayer(layer)
    StyleOnLoad("errors", style_errors).postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())
    block = layer.renderer().block(1, layer.extent(), 3, 1)
    right, wrong, unmeasured = (QColor.fromRgba(block.color(0, column)) for column in range(3))
    assert wrong.name() == DIFFERS and wrong.alpha() == 255
    assert 0 < right.alpha() < 128 and right.saturation() == 0
    assert unmeasured.alpha() == 0
    assert QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isVisible()
    QgsProject.instance().removeAllMapLayers()


def test_places_to_label_are_seen(qgis_app):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32616&field=rank:int", "Places", "memory")
    QgsProject.instance().addMapLayer(layer)
    processor = StyleOnLoad("suggestions", style_suggestions)
    processor.postProcessLayer(layer, QgsProcessingContext(), QgsProcessingFeedback())
    assert QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isVisible()
    QgsProject.instance().removeAllMapLayers()
