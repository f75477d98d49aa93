"""Fills the rows of the layers panel from the project's layers, where the user has not chosen."""

from __future__ import annotations

from typing import List

from qgis.core import QgsMapLayer, QgsProject, QgsRasterLayer

from ..guess import guess, is_result, look_anew
from ..model.contract.card import Card
from .layers_panel import LayersPanel
from .slot_row import Slot


def candidates() -> List[QgsRasterLayer]:
    """Return the project's rasters that may be inputs: valid ones that are no results of ours."""
    return [layer for layer in QgsProject.instance().mapLayers().values() if is_candidate(layer)]


def is_candidate(layer: QgsMapLayer) -> bool:
    """Return whether a layer may be an input."""
    return isinstance(layer, QgsRasterLayer) and layer.isValid() and not is_result(layer)


def complete(panel: LayersPanel, key: str) -> None:
    """Choose the bands of a layer that the user has just picked."""
    row = panel.rows[key]
    layer = row.layer()
    found = guess([layer], (key,)) if layer is not None else {}
    if key in found:
        row.set_value(Slot(layer.id(), found[key].bands))
        row.set_guess(found[key].bands, found[key].unit)
        row.set_reason(found[key].why)


def fill(panel: LayersPanel, card: Card, every: bool) -> None:
    """Choose the layers that look right; every: also in rows where the user chose, and with another look at each."""
    if every:
        look_anew(QgsProject.instance().mapLayers().values())
    found = guess(candidates(), card.keys)
    chosen = {} if every else dict(panel.value())
    for key, pick in found.items():
        row = panel.rows[key]
        if every:
            row.touched = False
        if not row.touched and key not in chosen:
            chosen[key] = Slot(pick.layer.id(), pick.bands)
    panel.set_value(chosen)
    for key, pick in found.items():
        slot = panel.rows[key].value()
        if slot is not None and slot.layer_id == pick.layer.id():
            panel.rows[key].set_guess(pick.bands, pick.unit)
            panel.rows[key].set_reason(pick.why)
