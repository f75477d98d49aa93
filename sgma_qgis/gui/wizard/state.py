"""What a person has chosen in the fine-tune wizard, kept in the project: it can be left at any page.

A draft in QGIS's settings outlives a QGIS that was killed before the project was saved.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Dict, Optional, Set

from qgis.core import QgsProject, QgsSettings

from ...model.contract.job import Options
from ...model.contract.learning import SAMPLERS, STRATEGIES
from ...settings import PREFIX
from ..memory import SCOPE
from ..slot_row import Slot

KEY = "finetune"
DRAFT = PREFIX + "finetune_draft"
IGNORE = "ignore"  #: target of label values that are not used
NEW = "new:"  #: target of label values that become a class, followed by its name


@dataclass
class WizardState:
    """Choices by page; layers by id, files by path.

    page: index of the page that is open.
    classes: {label value: class id of the base as text | "new:NAME" | "ignore"}; empty = by name, as the engine does.
    areas: polygon layer with the field `role`; "" = none.
    output: model folder that the training writes; its checkpoints lie beside it, in OUTPUT.part.
    trained: the training came to its end. made_with: {output: digest of what it was trained with}, "" = elsewhere.
    reports: {"before" | "after": report (JSON) of the base, of the new model}.
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
    made_with: Dict[str, str] = field(default_factory=dict)
    reports: Dict[str, str] = field(default_factory=dict)
    title: str = ""
    licence: str = ""


#: what fields that may be empty hold
_MAYBE = {"radius": (int, float, type(None)), "epochs": (int, type(None)), "crop": (int, type(None))}
_drafted = False  # in this session: what another one left is not ours to forget


def remember(state: WizardState) -> None:
    """Write the choices into the project, when they differ from what it holds, and as a draft until it is saved."""
    project, text = QgsProject.instance(), json.dumps(asdict(state), sort_keys=True)
    if project.readEntry(SCOPE, KEY, "")[0] == text:
        return
    project.writeEntry(SCOPE, KEY, text)
    if project.fileName():
        global _drafted
        _drafted = True
        store = QgsSettings()
        store.setValue(DRAFT, json.dumps({"project": project.fileName(), "text": text}))
        store.sync()


def forget_draft() -> None:
    """The project was saved, or left as a person wants it."""
    global _drafted
    if _drafted:
        _drafted = False
        QgsSettings().remove(DRAFT)


def recall() -> WizardState:
    """Return what was chosen in the project, also when QGIS was killed before it was saved, else the first choices."""
    for text in (_draft(), QgsProject.instance().readEntry(SCOPE, KEY, "")[0]):
        try:
            if text:
                return _read(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):  # of another version, or edited by hand
            continue
    return WizardState()


def _draft() -> str:
    """Return the draft of this project, '' where there is none."""
    raw, name = str(QgsSettings().value(DRAFT, "") or ""), QgsProject.instance().fileName()
    try:
        draft = json.loads(raw) if raw and name else {}
        return str(draft["text"]) if draft and draft["project"] == name else ""
    except (ValueError, TypeError, KeyError):
        return ""


def _read(raw: Dict[str, Any]) -> WizardState:
    """Return the choices as far as this version knows them. Raises one of the errors that `recall` catches."""
    slots = {key: Slot(s["layer_id"], tuple(s["bands"]), s["unit"]) for key, s in raw["slots"].items()}
    options = Options(**{name: value for name, value in raw["options"].items() if name in _names(Options)})
    known = {name: value for name, value in raw.items() if name in _names(WizardState)}
    state = WizardState(**{**known, "slots": slots, "options": options})
    for name, usual in vars(WizardState()).items():
        kinds = _MAYBE.get(name, (type(usual),))
        if not isinstance(getattr(state, name), kinds):
            raise TypeError(name)
    state.strategy = state.strategy if state.strategy in STRATEGIES else WizardState.strategy
    state.sampler = state.sampler if state.sampler in SAMPLERS else WizardState.sampler
    return state


def _names(kind: Any) -> Set[str]:
    return {known.name for known in fields(kind)}
