"""Where classes to paint come from: the model under Set up, or a layer of labels."""

from __future__ import annotations

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QInputDialog

from ...i18n import tr
from ...model.contract.errors import BadInput
from ..model_panel import ModelPanel
from . import ours
from .class_list import ClassList
from .stroke_class import StrokeClass, free_color


def take_model(classes: ClassList, model: ModelPanel) -> None:
    """List the classes of the model under Set up, in place of those there are. Raises BadInput."""
    card = model.card()
    if card is None:
        raise BadInput(tr("No model is chosen under Set up."), tr("Choose one there, or add classes by name."))
    classes.set_value([StrokeClass(info.name, info.color) for info in card.classes])


def take_layer(classes: ClassList, layer: QgsVectorLayer, field: str) -> None:
    """List the classes that a layer of labels names in a field, beside those there are."""
    known = list(classes.value())
    for value in sorted({str(v) for v in layer.uniqueValues(layer.fields().indexOf(field)) if v is not None}):
        if value.casefold() not in {one.name.casefold() for one in known}:
            known.append(StrokeClass(value, free_color(known, value)))
    classes.set_value(known)


def ask_layer(classes: ClassList) -> None:
    """Ask for a layer and its field in one list, and take its classes. Raises BadInput."""
    rows = {}
    for layer in QgsProject.instance().mapLayers().values():
        if isinstance(layer, QgsVectorLayer) and layer.isValid() and ours.kind_of(layer) != ours.STROKES:
            for field in layer.fields():
                rows[f"{layer.name()}: {field.name()}"] = (layer, field.name())
    if not rows:
        raise BadInput(tr("No layer of the project has a field with classes."), tr("Add a layer of labels first."))
    text, given = QInputDialog.getItem(classes, tr("Classes of a layer"), tr("Layer and field"), list(rows), 0, False)
    if given:
        take_layer(classes, *rows[text])
