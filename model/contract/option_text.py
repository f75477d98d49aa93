"""What people type: '4,3,2' for bands, 'rgb=dn16,dsm=ndsm' for units. One reading for Processing and command line.

`option` is what the caller's user knows the option as: '--units' or 'UNITS'.
"""

from __future__ import annotations

import math
from typing import Dict, Iterable, Tuple

from .errors import BadInput
from .modality import BY_KEY


def check_keys(option: str, named: Iterable[str], given: Iterable[str]) -> None:
    """Raise BadInput when an option names a sensor for which no layer was given."""
    layers = set(given)
    for key in named:
        if key not in layers:
            raise BadInput(f"{option} names {key}, for which no layer was given.", "Remove it, or add the layer.")


def bands(text: str, option: str) -> Tuple[int, ...]:
    """Return (4, 3, 2) for '4,3,2', () for an empty text. Raises BadInput naming the option."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and int(part) >= 1 for part in parts):
        raise BadInput(
            f"{option} is {text!r}; it needs band numbers from 1, as in 4,3,2.", "Correct it, or leave it empty."
        )
    return tuple(int(part) for part in parts)


def units(text: str, option: str) -> Dict[str, str]:
    """Return {'rgb': 'dn16'} for 'rgb=dn16'. Raises BadInput."""
    found = _pairs(text, option, "rgb=dn16,dsm=ndsm")
    for key, unit in found.items():
        if unit not in BY_KEY[key].units:
            raise BadInput(f"{option} gives {key} the unit {unit!r}.", f"Use one of {', '.join(BY_KEY[key].units)}.")
    return found


def nodata(text: str, option: str) -> Dict[str, float]:
    """Return {'rgb': 0.0} for 'rgb=0'. Raises BadInput."""
    found = {}
    for key, value in _pairs(text, option, "rgb=0,dsm=-9999").items():
        try:
            found[key] = float(value)
        except ValueError:
            found[key] = math.nan
        if not math.isfinite(found[key]):
            raise BadInput(f"{option} gives {key} the value {value!r}.", "Use a number; NaN always counts as no data.")
    return found


def _pairs(text: str, option: str, example: str) -> Dict[str, str]:
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        key = key.lower()
        if not equals or not value or key not in BY_KEY or key in found:
            raise BadInput(
                f"{option} has {part!r}; it needs each sensor once ({', '.join(BY_KEY)}), as in {example}.",
                "Correct it, or leave it empty.",
            )
        found[key] = value
    return found
