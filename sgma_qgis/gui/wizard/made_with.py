"""What a training was started with, as a digest: to tell whether the wizard's choices are others since."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from qgis.core import QgsFeatureRequest, QgsMapLayer, QgsProject, QgsVectorLayer

from .label_values import MOST_FEATURES
from .state import WizardState

_CHOICES = (
    "slots", "labels", "class_field", "radius", "classes", "labelled_area", "areas", "base", "strategy", "sampler",
    "epochs", "crop", "seed",
)  # fmt: skip


def digest(state: WizardState) -> str:
    """Return a text that differs when layers, labels, meanings, areas or the recipe do. Main thread: layers are read.

    Of large layers the first features alone are looked at.
    """
    chosen = {name: value for name, value in asdict(state).items() if name in _CHOICES}
    found = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    for identifier, field in ((state.labels, state.class_field), (state.labelled_area, ""), (state.areas, "role")):
        layer = QgsProject.instance().mapLayer(identifier) if identifier else None
        if layer is not None:
            found.update(of_layer(layer, field))
    return found.hexdigest()


def differs(state: WizardState) -> bool:
    """Tell whether the choices are others than those that the model in the output's folder was trained with.

    Of a model that an older version of the plugin trained nothing is known: it counts as this one.
    """
    known = state.made_with.get(state.output)
    return known is not None and known != digest(state)


def of_layer(layer: QgsMapLayer, field: str) -> bytes:
    """Return a digest of features with one field; of a raster its file's size and date."""
    found = hashlib.sha256()
    if isinstance(layer, QgsVectorLayer):
        request, index = QgsFeatureRequest(), layer.fields().indexOf(field)
        request.setLimit(MOST_FEATURES)
        found.update(str(layer.featureCount()).encode())
        for feature in layer.getFeatures(request):
            found.update(bytes(feature.geometry().asWkb()))
            found.update(str(feature.attribute(index) if index >= 0 else "").encode())
    else:
        file = Path(layer.source())
        if file.is_file():
            found.update(f"{file.stat().st_size} {file.stat().st_mtime_ns}".encode())
    return found.digest()
