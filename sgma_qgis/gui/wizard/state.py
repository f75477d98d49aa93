"""What a person has chosen in the fine-tune wizard, kept in the project: it can be left at any page.

A draft (`draft.py`) outlives a QGIS that was killed before the project was saved.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Dict, Optional, Set

from qgis.core import QgsProject

from ...model.contract.colors import color_or_none
from ...model.contract.job import Options
from ...model.contract.learning import SAMPLERS, STRATEGIES
from ..memory import SCOPE
from ..slot_row import Slot
from . import draft

KEY = "finetune"
IGNORE = "ignore"  #: target of label values that are not used
NEW = "new:"  #: target of label values that become a class, followed by its name


@dataclass
class WizardState:
    """Choices by page; layers by id, files by path.

    page: index of the page that is open.
    classes: {label value: class id of the base as text | "new:NAME" | "ignore"}; empty = by name, as the engine does.
    colors: {label value: "#rrggbb"} as the labels' own style has them. picked: the same, as a person has chosen.
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
    colors: Dict[str, str] = field(default_factory=dict)
    picked: Dict[str, str] = field(default_factory=dict)
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


def remember(state: WizardState) -> None:
    """Write the choices into the project, when they differ from what it holds, and as a draft until it is saved."""
    project, text = QgsProject.instance(), json.dumps(asdict(state), sort_keys=True)
    if project.readEntry(SCOPE, KEY, "")[0] == text:
        return
    project.writeEntry(SCOPE, KEY, text)
    slots = (slot.layer_id for slot in state.slots.values())
    draft.write(text, filter(None, (*slots, state.labels, state.labelled_area, state.areas)))


def recall() -> WizardState:
    """Return what was chosen in the project, also when QGIS was killed before it was saved, else the first choices."""
    for text in (draft.read(), QgsProject.instance().readEntry(SCOPE, KEY, "")[0]):
        try:
            if text:
                return _read(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError):  # of another version, or edited by hand
            continue
    return WizardState()


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
    state.colors, state.picked = _colors(state.colors), _colors(state.picked)
    return state


def _colors(known: Dict[str, Any]) -> Dict[str, str]:
    return {value: color for value, color in known.items() if color_or_none(color)}


def _names(kind: Any) -> Set[str]:
    return {known.name for known in fields(kind)}
