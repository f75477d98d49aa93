"""How large things are on the ground: the pixel that the model sees, a training crop, the room between areas."""

from __future__ import annotations

import math
from typing import Optional

from qgis.core import QgsMapLayer, QgsPointXY, QgsRasterLayer, QgsRectangle

from ...model.contract.card import Card
from ..job_builder import picks
from .label_values import around, metres, pixel_area
from .state import WizardState

CROP = 128  #: pixels, side of training crops where nobody says
LEAST_CROP, _STEP = 32, 16
_ACROSS = 4  # crops that should fit into a scene's side


def pixel_metres(state: WizardState, card: Optional[Card]) -> float:
    """Return ground metres of a pixel of the grid: the finest layer's, within what the model was made for."""
    finest = min((math.sqrt(pixel_area(raster)) for raster in _rasters(state)), default=1.0)
    if state.options.resolution:
        return state.options.resolution
    if card is None:
        return finest
    return max(min(max(finest, card.gsd[0]), card.gsd[2]), finest / 2)


def crop_metres(state: WizardState, card: Optional[Card]) -> float:
    """Return ground metres of a training crop's side: so much room areas need between them."""
    return (state.crop or CROP) * pixel_metres(state, card)


def fitting_crop(state: WizardState, card: Optional[Card], labels: Optional[QgsMapLayer]) -> Optional[int]:
    """Return the side of smaller training crops, in pixels, that a small place needs; None = the usual ones do."""
    if labels is None:
        return None
    extent = labels.extent()
    place = around(labels, _rasters(state))
    if place is not None and place.intersects(extent):
        extent = place.intersect(extent)
    side = _least_side(extent, labels) / pixel_metres(state, card)
    if side >= _ACROSS * CROP:
        return None
    return max(LEAST_CROP, int(side / _ACROSS) // _STEP * _STEP)


def _least_side(extent: QgsRectangle, layer: QgsMapLayer) -> float:
    """Return ground metres of the shorter side of a box in the layer's CRS."""
    measure, centre = metres(layer), extent.center()
    corners = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
    across = measure.measureLine(QgsPointXY(corners[0], centre.y()), QgsPointXY(corners[2], centre.y()))
    down = measure.measureLine(QgsPointXY(centre.x(), corners[1]), QgsPointXY(centre.x(), corners[3]))
    return min(across, down)


def _rasters(state: WizardState) -> list:
    found = picks(state.slots).values()
    return [pick.layer for pick in found if isinstance(pick.layer, QgsRasterLayer) and pick.layer.isValid()]
