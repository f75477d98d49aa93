"""Options of a part, given as key=value words: the fields of a frozen dataclass declare them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import Field, field, fields
from typing import Any, TypeVar

from ..contract.errors import BadInput

_Part = TypeVar("_Part")
_SWITCH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def option(default: Any, told: str, *, choices: tuple = (), least: float = -math.inf, most: float = math.inf) -> Any:
    """Return a dataclass field. told: what it does, in a few words. Numbers lie in least..most."""
    return field(default=default, metadata={"told": told, "choices": choices, "least": least, "most": most})


def read(part: type[_Part], title: str, words: Sequence[str]) -> _Part:
    """Return a part with its options set. Raises BadInput for an option it does not have, or a value it cannot take."""
    known = {row.name: row for row in fields(part)}
    values = {}
    for word in words:
        key, sign, text = word.partition("=")
        if not sign:
            raise BadInput(f"Option {word!r} of {title} must be key=value.", _hint(part))
        if key not in known:
            raise BadInput(f"{title[0].upper()}{title[1:]} has no option {key!r}.", _hint(part))
        values[key] = _value(known[key], title, text)
    return part(**values)


def told(part: type) -> str:
    """Return the options of a part in words, "" when there are none."""
    return "; ".join(f"{row.name} ({_plain(row)}): {row.metadata['told']}" for row in fields(part))


def _value(row: Field, title: str, text: str) -> Any:
    kind, meta = type(row.default), row.metadata
    try:
        value = _SWITCH[text.lower()] if kind is bool else kind(text)
        if meta["choices"]:
            proper = value in meta["choices"]
        else:
            proper = kind in (bool, str) or (meta["least"] <= value <= meta["most"] and math.isfinite(value))
    except (ValueError, KeyError):
        proper = False
    if not proper:
        raise BadInput(f"Option {row.name}={text} of {title} must be {_need(row)}.", f"The default is {_plain(row)}.")
    return value


def _need(row: Field) -> str:
    meta, kind = row.metadata, type(row.default)
    if meta["choices"] or kind is bool:
        return " or ".join(meta["choices"] or ("yes", "no"))
    span = f"{meta['least']:g} or more" if meta["most"] == math.inf else f"{meta['least']:g} to {meta['most']:g}"
    return f"{'a whole number' if kind is int else 'a number'}, {span}"


def _hint(part: type) -> str:
    return f"It knows: {told(part)}." if fields(part) else "It has no options."


def _plain(row: Field) -> str:
    """Return the default as it is written on a command line."""
    if isinstance(row.default, bool):
        return "yes" if row.default else "no"
    return str(row.default) or "none"
