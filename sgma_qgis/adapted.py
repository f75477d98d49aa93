"""Cards of maps that strokes made: there is no package of theirs, but layers of results need names and colours."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable, Tuple

from qgis.core import QgsRasterLayer

from .i18n import tr
from .model.contract import store
from .model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec
from .model.contract.errors import BadInput
from .model.contract.job import SegmentJob
from .model.contract.modality import BY_KEY, in_order
from .styling import open_layer

NO_MODEL = "none"  #: what a job names where the pixels alone decide


def card(model: str, sensors: Iterable[str], classes: Tuple[ClassInfo, ...]) -> Card:
    """Return a card with these classes, as far as layers of results need one. Raises BadModel."""
    if model != NO_MODEL:
        return replace(store.find(model).card, classes=classes)
    stats = []
    for key in in_order(sensors):
        known, zeros = BY_KEY[key], (0.0,) * len(BY_KEY[key].bands)
        ones = (1.0,) * len(zeros)
        stats.append(ModalityStats(key, known.bands, known.units[0], zeros, ones, zeros, ones))
    return Card(
        id="pixels-strokes",
        title=tr("Strokes on pixels alone"),
        classes=classes,
        modalities=tuple(stats),
        network=NetworkSpec("none", "none"),
        gsd=(0.001, 1.0, 1000.0),
        tile=512,
        weights_file="weights.safetensors",
        weights_sha256="0" * 64,
    )


def card_of(job: SegmentJob) -> Card:
    """Return a card for the finished map of a job: of its model or, by strokes, with the classes that the map names.

    Raises BadInput or BadModel.
    """
    if not job.strokes:
        return store.find(job.model).card
    layer = open_layer(job.outputs.classes, "", "classes")
    if not layer.isValid():
        raise BadInput(f"{job.outputs.classes} cannot be opened.", "Run it again.")
    return unfinished_card(job, _classes(layer))


def unfinished_card(job: SegmentJob, classes: Tuple[ClassInfo, ...]) -> Card:
    """Return a card for the map of a job that is not there yet; classes: of a job by strokes. Raises BadModel."""
    if not job.strokes:
        return store.find(job.model).card
    return card(job.model, [source.modality for source in job.sources], classes)


def _classes(layer: QgsRasterLayer) -> Tuple[ClassInfo, ...]:
    """Return the classes that a raster of ours names: its colours by value, and the names beside them."""
    return tuple(
        ClassInfo(int(row.value), row.label, row.color.name())
        for row in layer.dataProvider().colorTable(1)
        if row.label and row.label != str(int(row.value))  # what QGIS calls a colour that has no name
    )
