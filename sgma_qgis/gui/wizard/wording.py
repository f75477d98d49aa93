"""What the engine says, in the words of the wizard's pages: it speaks of files, and of options of its command line."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import QgsProject

from ... import report, wording
from ...i18n import tr
from .state import WizardState

#: begins what the engine advises where a checkpoint is of another training
GO_ON = "Repeat that training's command to go on with it, add --no-resume to start afresh, "


def in_pages(text: str, state: WizardState, job: Any) -> str:
    """Return a sentence of the engine about a job, with layers by their names and options as the pages call them."""
    for path, identifier in (
        (getattr(job, "labels", "") or getattr(job, "reference", ""), state.labels),
        (getattr(job, "areas", ""), state.areas),
        (getattr(job, "labelled_area", ""), state.labelled_area),
    ):
        layer = QgsProject.instance().mapLayer(identifier) if path and identifier else None
        if layer is not None:
            text = text.replace(path, layer.name())
    text = text.replace(GO_ON, tr("Set all as it was when it began to go on with it, start afresh, "))
    names = _names()
    return wording.in_dialogs(text, lambda option: names.get(option, f"--{option}"))


def error(failure: Exception, state: WizardState, job: Any) -> str:
    """Return an error of a job as one text."""
    return in_pages(" ".join(report.lines(failure)), state, job)


def _names() -> Dict[str, str]:
    """Return what an option is called on the pages."""
    return {
        "class-map": tr("the meanings (page Labels)"),
        "class-field": tr("the class field (page Labels)"),
        "point-radius": tr("the radius of points (page Labels)"),
        "labelled-area": tr("a labelled area (page Labels)"),
        "labels": tr("the labels (page Labels)"),
        "reference": tr("the labels (page Labels)"),
        "areas": tr("areas (page Areas)"),
        "crop": tr("the training crops (page Areas)"),
        "base": tr("the model (page Data)"),
        "units": tr("the unit (page Data)"),
        "output": tr("the name (page Model and budget)"),
        "epochs": tr("the epochs (page Model and budget)"),
        "seed": tr("the seed (page Model and budget)"),
        "threads": tr("the threads (page Model and budget)"),
    }
