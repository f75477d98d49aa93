"""What a person has chosen in the fine-tune wizard, kept in the project: it can be left at any page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, Optional

from qgis.core import QgsProject

from ...model.contract.job import Options
from ...model.contract.learning import SAMPLERS
from ..memory import SCOPE
from ..slot_row import Slot

KEY = "finetune"
IGNORE = "ignore"  #: target of label values that are not used
NEW = "new:"  #: target of label values that become a class, followed by its name


@dataclass
class WizardState:
    """Choices by page; layers by id, files by path.

    page: index of the page that is open.
    classes: {label value: class id of the base as text | "new:NAME" | "ignore"}; empty = by name, as the engine does.
    areas: polygon layer with the field `role`; "" = none.
    output: model folder that the training writes; its checkpoints lie beside it, in OUTPUT.part.
    trained: the training came to its end. reports: {"before" | "after": report (JSON) of the base, of the new model}.
    """

    page: int = 0
    slots: Dict[str, Slot] = field(default_factory=dict)
    labels: str = ""
    class_field: str = ""
    radius: Optional[float] = None
    classes: Dict[str, str] = field(default_factory=dict)
    labelled_area: str = ""
    areas: str = ""
    base: str = ""
    strategy: str = "adapters"
    sampler: str = SAMPLERS[0]
    epochs: Optional[int] = None
    crop: Optional[int] = None
    seed: int = 0
    options: Options = field(default_factory=Options)
    output: str = ""
    trained: bool = False
    reports: Dict[str, str] = field(default_factory=dict)
    title: str = ""
    licence: str = ""


def remember(state: WizardState) -> None:
    """Write the choices into the project, when they differ from what it holds."""
    text = json.dumps(asdict(state), sort_keys=True)
    if QgsProject.instance().readEntry(SCOPE, KEY, "")[0] != text:
        QgsProject.instance().writeEntry(SCOPE, KEY, text)


def recall() -> WizardState:
    """Return what the project holds, else the first choices."""
    text = QgsProject.instance().readEntry(SCOPE, KEY, "")[0]
    try:
        return _read(json.loads(text)) if text else WizardState()
    except (ValueError, TypeError, KeyError, AttributeError):  # of another version, or edited by hand
        return WizardState()


def _read(raw: Dict[str, Any]) -> WizardState:
    slots = {key: Slot(s["layer_id"], tuple(s["bands"]), s["unit"]) for key, s in raw["slots"].items()}
    changed = {"slots": slots, "options": Options(**raw["options"])}
    return WizardState(**{**raw, **changed})
