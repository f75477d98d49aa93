"""Which layers belong to the strokes: each bears what it is, and its own id.

Who copies a layer's style to another one copies its properties, too: that one is not ours.
"""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayer, QgsProject

OBJECTS, STROKES, MAP = KINDS = ("objects", "strokes", "map")  #: from top to bottom
_PROPERTY = "sgma/strokes"


def mark(layer: QgsMapLayer, kind: str) -> None:
    """Make a layer one of ours."""
    layer.setCustomProperty(_PROPERTY, f"{kind} {layer.id()}")


def unmark(layer: QgsMapLayer) -> None:
    """Make a layer none of ours."""
    layer.removeCustomProperty(_PROPERTY)


def kind_of(layer: Optional[QgsMapLayer]) -> str:
    """Return what a layer is, '' for one that is not ours, or none."""
    kind, _, layer_id = str(layer.customProperty(_PROPERTY, "")).partition(" ") if layer is not None else ("", "", "")
    return kind if kind in KINDS and layer_id == layer.id() else ""


def find(kind: str) -> Optional[QgsMapLayer]:
    """Return a layer of the project of this kind that can be read."""
    layers = QgsProject.instance().mapLayers().values()
    return next((layer for layer in layers if kind_of(layer) == kind and layer.isValid()), None)
