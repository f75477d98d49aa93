"""The dock's choices, kept in the project file; of other projects only the last model and folder are remembered."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Dict

from qgis.core import QgsProject, QgsSettings

from ..model.contract.errors import BadModel
from ..settings import PREFIX
from .advanced_panel import Advanced
from .area_panel import AreaChoice
from .job_builder import Panels
from .outputs_panel import OutputChoice
from .slot_row import Slot

SCOPE = "sgma"
KEY = "dock"
LAST_MODEL = PREFIX + "last_model"
LAST_FOLDER = PREFIX + "last_folder"


def remember(panels: Panels) -> None:
    """Write the choices into the project, when they differ from what it holds."""
    text = json.dumps(_choices(panels), sort_keys=True)
    if QgsProject.instance().readEntry(SCOPE, KEY, "")[0] != text:
        QgsProject.instance().writeEntry(SCOPE, KEY, text)
    store = QgsSettings()
    store.setValue(LAST_MODEL, panels.model.value())
    folder = panels.outputs.value().folder
    if folder:
        store.setValue(LAST_FOLDER, folder)
        panels.outputs.set_start_folder(folder)


def recall(panels: Panels) -> bool:
    """Set the panels to what the project holds, else to defaults; return whether the project held any."""
    panels.outputs.set_start_folder(str(QgsSettings().value(LAST_FOLDER, "") or ""))
    text = QgsProject.instance().readEntry(SCOPE, KEY, "")[0]
    try:
        raw = json.loads(text) if text else {}
        known = _set_choices(panels, raw) if isinstance(raw, dict) and raw else False
    except (ValueError, TypeError, KeyError):  # of another version, or edited by hand
        known = False
    if not known:
        reset(panels)
        _set_model(panels, str(QgsSettings().value(LAST_MODEL, "") or ""))
    return known


def reset(panels: Panels) -> None:
    """Set the panels, but for the model, as in a project that they were never used in.

    Where results go is a choice for one project: in the next one they would lie where nobody looks for them.
    """
    panels.layers.set_value({})
    for row in panels.layers.rows.values():
        row.touched = False
    panels.area.set_value(AreaChoice())
    panels.resolution.set_value(None)
    panels.outputs.set_value(OutputChoice())
    panels.advanced.set_value(Advanced())


def forget() -> None:
    """Take the choices out of the project, which is not changed by it as far as the user is concerned."""
    project = QgsProject.instance()
    dirty = project.isDirty()
    project.removeEntry(SCOPE, KEY)
    project.setDirty(dirty)


def _choices(panels: Panels) -> Dict[str, Any]:
    return {
        "model": panels.model.value(),
        "layers": {key: asdict(slot) for key, slot in panels.layers.value().items()},
        "area": asdict(panels.area.value()),
        "resolution": panels.resolution.value(),
        "outputs": asdict(panels.outputs.value()),
        "advanced": asdict(panels.advanced.value()),
    }


def _set_choices(panels: Panels, raw: Dict[str, Any]) -> bool:
    _set_model(panels, str(raw["model"]))
    slots = {key: Slot(str(s["layer_id"]), tuple(s["bands"]), str(s["unit"])) for key, s in raw["layers"].items()}
    panels.layers.set_value(slots)
    for key in slots:
        if key in panels.layers.rows:
            panels.layers.rows[key].touched = True
    panels.area.set_value(AreaChoice(**raw["area"]))
    panels.resolution.set_value(raw["resolution"])
    outputs = dict(raw["outputs"])
    panels.outputs.set_value(OutputChoice(**{**outputs, "roles": tuple(outputs["roles"])}))
    panels.advanced.set_value(Advanced(**raw["advanced"]))
    return True


def _set_model(panels: Panels, model: str) -> None:
    try:
        if model:
            panels.model.set_value(model)
    except BadModel:  # not installed here: the first one stays chosen
        return
