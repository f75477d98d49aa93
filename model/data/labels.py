"""From label values to class indices: one map for training and for evaluation. No file formats but the map's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from ..contract.card import Card, ClassInfo
from ..contract.colors import PALETTE, color_or_none
from ..contract.errors import BadInput

IGNORE = 255  #: index of pixels whose class is not known
UNKNOWN = np.int32(-(2**31))  #: label value where there is none; typed, so that it never wraps into a byte's range
NULL = "null"  #: how a class map names features without a class
#: of the chip cache, which `data.chips` writes and `training.chipset` reads
CACHE_VERSION, CACHE_INDEX = 1, "index.json"
ROLES = ("train", "validation", "test")
PROPOSED = "proposed"  #: how a card calls the areas of a training where none were given
_NEW, _IGNORED = "new:", "ignore"
_HINT = 'A class map is {"label value": class id of the base model | "new:NAME" | "new:NAME #rrggbb" | "ignore"}.'
_UNASKED = 100  # classes at most that nobody named: a picture has more values
_TOLD = 12  # classes or values that a message lists
_COLORED = re.compile(r"(.*\S)\s+(#[0-9a-fA-F]{6})", re.DOTALL)


@dataclass(frozen=True)
class ClassMap:
    """classes: in the order of the network's outputs. indices: label value, as `key` writes it -> index or IGNORE.

    others: what a message says of a value that is not there. told: what was decided without being asked for; "" =
    nothing.
    """

    classes: tuple[ClassInfo, ...]
    indices: dict[str, int]
    others: str
    told: str = ""

    def index(self, value: object, where: str) -> int:
        """Return the class index of a label value, or IGNORE. `where` names the file. Raises BadInput."""
        index = self.indices.get(key(value))
        if index is None:
            raise BadInput(
                f"{where} holds {value!r}, which is {self.others}.",
                'Say what it means with --class-map: {"label value": class id | "ignore" | in training "new:NAME"}.',
            )
        return index


def key(value: object) -> str:
    """Return a label value as it is compared: 3, 3.0, '3' and ' 3 ' are one; letters' case does not count."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return NULL
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip().casefold()


def of_classes(classes: tuple[ClassInfo, ...], whose: str = "these classes") -> ClassMap:
    """Return the map of labels that are class ids or names; 255 is ignored unless it is an id."""
    indices = {key(info.name): index for index, info in enumerate(classes)}
    indices |= {str(info.id): index for index, info in enumerate(classes)}
    indices.setdefault(str(IGNORE), IGNORE)
    return ClassMap(classes, indices, f"no class of {whose}: it has {_named(classes)}")


def of_model(card: Card, path: str = "") -> ClassMap:
    """Return the map to a model's classes: label values are its ids or names, or what the class map `path` says.

    There "new:NAME", with a colour or without, means the class NAME, which training made. Raises BadInput for a class
    that the model lacks.
    """
    own = of_classes(card.classes, f"the model '{card.id}'")
    if not path:
        return own
    found = {}
    for value, target in _pairs(path).items():
        text = key(_new(target)[0] or target)
        index = IGNORE if text == _IGNORED else own.indices.get(text)
        if index is None:
            raise _no_class(path, value, target, card)
        found[value] = index
    return ClassMap(card.classes, found, _not_named(path, found))


def read(path: str, base: Card | None = None) -> ClassMap:
    """Return the map of a training: what a JSON file says of label values. Raises BadInput.

    Where it names classes of the base model, all of these stay, and new ones come after them. A new class's id is the
    lowest label value that means it, where that is free, else the lowest free number; its colour is that of the first
    value with one, else one left over.
    """
    own = of_classes(base.classes).indices if base else {}
    old, new, ignored = {}, {}, []
    colors: dict[str, str] = {}
    for value, target in sorted(_pairs(path).items(), key=lambda pair: _rank(pair[0])):
        name, color = _new(target)
        if name:
            new[value] = name
            if color:
                colors.setdefault(name, color)
        elif key(target) == _IGNORED:
            ignored.append(value)
        elif own.get(key(target), IGNORE) != IGNORE:
            old[value] = own[key(target)]
        elif base:
            raise _no_class(path, value, target, base)
        else:
            raise BadInput(
                f"Class map {path}: label value {value} means {target!r}, and there is no base model.", _HINT
            )
    kept = base.classes if old else ()
    taken = {key(info.name) for info in kept} & {key(name) for name in new.values()}
    if taken:
        raise BadInput(
            f"Class map {path} makes a new class {taken.pop()!r}, which '{base.id}' has already.",
            "Give its id instead, or another name.",
        )
    classes, indices = _extended(kept, new, colors)
    indices |= old | dict.fromkeys(ignored, IGNORE)
    return ClassMap(classes, indices, _not_named(path, indices))


def of_values(values: Iterable[object], base: Card | None = None) -> ClassMap:
    """Return the map of a training without a class map.

    Where all label values are names of the base's classes, they mean these; else each value is a new class, called
    as it is, or "Class N". The number 255 and features without a class are nobody's: the one is ignored, the others
    are not in the map. Raises BadInput.
    """
    spelled: dict[str, object] = {}
    for value in values:
        spelled.setdefault(key(value), value)
    texts = sorted(set(spelled) - {NULL, str(IGNORE)}, key=_rank)
    by_name = {key(info.name): i for i, info in enumerate(base.classes)} if base else {}
    indices = {str(IGNORE): IGNORE}
    if texts and set(texts) <= set(by_name):
        told = f"The labels are classes of '{base.id}': {_listed(texts)}. All {len(by_name)} of its classes stay."
        indices |= {text: by_name[text] for text in texts}
        return ClassMap(
            base.classes, indices, f"no class of the model '{base.id}': it has {_named(base.classes)}", told
        )
    names = {text: f"Class {text}" if _number(text) is not None else str(spelled[text]).strip() for text in texts}
    if len(names) > _UNASKED:
        raise BadInput(
            f"The labels hold {len(names)} different values: are these classes?",
            "Say which are, and what they are called, with --class-map.",
        )
    classes, found = _extended((), names, {})
    told = ""
    if base:
        other = [str(spelled[text]) for text in texts if text not in by_name]
        told = (
            f"All labels are new classes, {_listed([info.name for info in classes])}, since {_listed(other)} "
            f"{'is no class' if len(other) == 1 else 'are no classes'} of '{base.id}', which has "
            f"{_named(base.classes)}. To keep classes of it, give --class-map."
        )
    return ClassMap(classes, indices | found, "not among the values that the classes were made of", told)


def listed(names: Sequence[str]) -> str:
    """Return names for a message, the first twelve and how many more."""
    return _listed(names)


def _new(target: object) -> tuple[str, str]:
    """Return the name and the colour of a new class, '' where the target has none."""
    if not isinstance(target, str) or not target.startswith(_NEW):
        return "", ""
    text = target[len(_NEW) :].strip()
    if color_or_none(text):  # of a class without a name
        return "", ""
    found = _COLORED.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


def _extended(
    kept: tuple[ClassInfo, ...], names: dict[str, str], given: Mapping[str, str]
) -> tuple[tuple[ClassInfo, ...], dict[str, int]]:
    """Return the kept classes with new ones after them, and the index of each new one's label values, in `names`.

    given: colours by name; the others get colours that are left over.
    """
    order = list(dict.fromkeys(names.values()))
    count = len(kept) + len(order)
    if not 2 <= count <= IGNORE:
        named = {0: "no class", 1: "1 class"}.get(count, f"{count} classes")
        hints = {
            0: "Fill in the field of the class, or say in the class map which values are classes.",
            1: "Label what is something else, too, or give a --labelled-area; the rest of it is then a class.",
        }
        raise BadInput(
            f"The labels name {named}; a model has 2 to {IGNORE}.",
            hints.get(count, "Is this a file of classes? Join values with --class-map."),
        )
    used = {info.id for info in kept}
    taken = {info.color.lower() for info in kept} | {color.lower() for color in given.values()}
    spare = cycle([color for color in PALETTE if color not in taken] or PALETTE)
    numbers: dict[str, int] = {}
    for value, name in names.items():  # values that are numbers come first, in rising order
        number = _number(value)
        if name not in numbers and number is not None and 0 <= number < IGNORE and number not in used:
            numbers[name] = number
            used.add(number)
    for name in order:
        if name not in numbers:
            numbers[name] = next(number for number in range(2 * IGNORE) if number not in used)
            used.add(numbers[name])
    made = tuple(ClassInfo(numbers[name], name, given.get(name) or next(spare)) for name in order)
    return (*kept, *made), {value: len(kept) + order.index(name) for value, name in names.items()}


def _pairs(path: str) -> dict[str, object]:
    """Return a class map's pairs; path: of a file, or the JSON itself."""
    try:
        raw = json.loads(path if path.lstrip().startswith("{") else Path(path).read_text(encoding="utf-8"))
        return {key(value): target for value, target in raw.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(f"Class map {path} cannot be read ({error}).", _HINT) from None


def _no_class(path: str, value: str, target: object, card: Card) -> BadInput:
    return BadInput(
        f"Class map {path}: {value!r} means {target!r}, but the model '{card.id}' has {_named(card.classes)}.",
        "Give a class id of the model, or 'ignore', or in training 'new:NAME'.",
    )


def _not_named(path: str, indices: dict[str, int]) -> str:
    return f"not in the class map {path}: it names {_listed(sorted(indices, key=_rank))}"


def _rank(text: str) -> tuple[bool, float, str]:
    """Return what sorts label values: numbers first, rising, then words."""
    number = _number(text)
    return (number is None, number or 0, text)


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _named(classes: Sequence[ClassInfo]) -> str:
    return _listed([f"{info.id} {info.name}" for info in classes])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_TOLD]) + (f" and {len(names) - _TOLD} more" if len(names) > _TOLD else "")
