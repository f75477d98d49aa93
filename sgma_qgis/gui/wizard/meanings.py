"""What label values mean to a model: classes of the base, new ones, or nothing; as the engine takes them by itself."""

from __future__ import annotations

from typing import Dict, Iterable, List, Sequence

from ...i18n import tr
from ...model.contract.card import ClassInfo
from ..strokes.stroke_class import StrokeClass, free_color
from .label_values import NODATA, NULL, Value
from .state import IGNORE, NEW


def defaults(values: Iterable[Value], classes: Sequence[ClassInfo]) -> Dict[str, str]:
    """Return {value's key: target} as the engine has it: by name where all are classes of the base, else all new."""
    counted = [value for value in values if value.key not in (NULL, NODATA)]
    by_name = {info.name.strip().casefold(): str(info.id) for info in classes}
    named = is_by_name(counted, classes)
    found = {value.key: by_name[value.key] if named else NEW + new_name(value) for value in counted}
    return {**found, **{value.key: IGNORE for value in values if value.key in (NULL, NODATA)}}


def is_by_name(values: Iterable[Value], classes: Sequence[ClassInfo]) -> bool:
    """Tell whether all values are names of the base's classes."""
    keys = {value.key for value in values} - {NULL, NODATA}
    return bool(keys) and keys <= {info.name.strip().casefold() for info in classes}


def by_number(values: Iterable[Value], classes: Sequence[ClassInfo]) -> Dict[str, str]:
    """Return what values mean where they are the base's class numbers; {} where one of them is no such number."""
    numbers = {str(info.id) for info in classes}
    found = {value.key: IGNORE if value.key in {NULL, NODATA} - numbers else value.key for value in values}
    return found if set(found.values()) <= numbers | {IGNORE} and set(found.values()) != {IGNORE} else {}


def new_name(value: Value) -> str:
    """Return what a value's new class is called by itself: as in the layer's style, else as the engine has it."""
    if value.name:
        return value.name
    return f"Class {value.key}" if value.key.lstrip("-").isdecimal() else value.text


def title(target: str, classes: Sequence[ClassInfo]) -> str:
    """Return a target in words."""
    if target.startswith(NEW):
        return target[len(NEW) :]
    return next((info.name for info in classes if str(info.id) == target), target)


def given_colors(targets: Dict[str, str], known: Dict[str, str]) -> Dict[str, str]:
    """Return the colours of new classes by name, each that of the first of its values with one, of those that have any.

    known: {value's key: "#rrggbb"}.
    """
    found: Dict[str, str] = {}
    for value, target in targets.items():
        if value in known and target.startswith(NEW):
            found.setdefault(target[len(NEW) :].strip(), known[value])
    return found


def colors(targets: Dict[str, str], known: Dict[str, str], classes: Sequence[ClassInfo]) -> Dict[str, str]:
    """Return the colour of each new class by name: that of the first of its values with one, else one that is free.

    known: {value's key: "#rrggbb"}. classes: of the base; where they stay, theirs are taken.
    """
    found = given_colors(targets, known)
    stay = classes if _stay(targets) else ()
    taken = [StrokeClass(info.name, info.color) for info in stay] + [StrokeClass(*row) for row in found.items()]
    for target in targets.values():
        name = target[len(NEW) :].strip()
        if target.startswith(NEW) and name not in found:
            found[name] = free_color(taken, name)
            taken.append(StrokeClass(name, found[name]))
    return found


def told(values: Sequence[Value], targets: Dict[str, str], classes: Sequence[ClassInfo]) -> str:
    """Say how values are taken, and what becomes of the base's classes."""
    if targets != defaults(values, classes):
        if _stay(targets):
            return tr("All {count} classes of the model stay; new ones come after them.").format(count=len(classes))
        return tr("The new model has the new classes alone.")
    if is_by_name(values, classes):
        return tr("All values are names of the model's classes: they mean these, and all its classes stay.")
    return tr(
        "Not all values are names of the model's classes: each is a new class, unless you choose otherwise. Choose a "
        "class of the model for one of them, and all its classes stay."
    )


def named_again(targets: Dict[str, str], classes: Sequence[ClassInfo]) -> str:
    """Return a new class that is called as one of the base's while these stay, '' = none: the engine refuses that."""
    if not _stay(targets):
        return ""
    known = {info.name.strip().casefold(): info.name for info in classes}
    new = (target[len(NEW) :].strip().casefold() for target in targets.values() if target.startswith(NEW))
    return next((known[name] for name in new if name in known), "")


def titles(targets: Dict[str, str], classes: Sequence[ClassInfo]) -> List[str]:
    """Return the classes that values mean, each once, without those that are ignored."""
    return list(dict.fromkeys(title(target, classes) for target in targets.values() if target != IGNORE))


def _stay(targets: Dict[str, str]) -> bool:
    """Tell whether the base's classes stay: a value means one of them."""
    return any(target != IGNORE and not target.startswith(NEW) for target in targets.values())
