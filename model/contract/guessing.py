"""What a layer likely holds, from what its file says and how its values spread. One rule for plugin and engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .modality import BY_KEY, HEIGHT, IMAGE, UNITS

#: Words in a band's description that name a standard band.
WORDS = {
    "red": {"red", "rot", "rouge", "r"},
    "green": {"green", "gruen", "vert", "g"},
    "blue": {"blue", "blau", "bleu", "b"},
    "nir": {"nir", "infrared", "nir1", "pir", "cir", "irc"},
    "height": {"height", "elevation", "dsm", "ndsm", "dem", "dtm", "chm", "altitude"},
}
#: Words that turn 'red' or 'infrared' into another band.
OTHERS = {"edge", "rededge", "swir", "short", "shortwave", "mid", "thermal", "tir", "mwir", "lwir", "far"}
EIGHT_BITS = ("uint8", "int8")
_SENTINEL_BAND = re.compile(r"\bb(0?[1-9]|1[0-2]|8a)\b")


@dataclass(frozen=True)
class Spread:
    """Percentiles of valid samples, after scale and offset of the file: 2nd, 50th, 98th and 100th."""

    low: float
    middle: float
    high: float
    top: float


def guess_unit(modality: str, dtype: str, words: str, path: str, spread: Optional[Spread]) -> str:
    """Return the likeliest unit, a key of UNITS.

    dtype: of the values, after scale and offset of the file, by numpy's name. words: band descriptions and unit names
    of the file. spread: None when the layer holds no valid value.
    """
    kind, text = BY_KEY[modality].kind, words.lower()
    if kind == IMAGE:
        return _optical(dtype, text, spread)
    if kind == HEIGHT:
        return _height(text, f"{text} {Path(path).stem.lower()}", spread)
    return _radar(dtype, text, spread)


def _optical(dtype: str, text: str, spread: Optional[Spread]) -> str:
    if dtype in EIGHT_BITS:
        return "dn8"
    high = spread.high if spread else 0.0
    if dtype.startswith("float"):
        if high <= 2:
            return "reflectance"
        if high <= 255:
            return "dn8"
    elif spread and spread.top <= 255:
        return "dn8"
    if "reflectance" in text or _SENTINEL_BAND.search(text) or dtype == "int16":
        return "reflectance10000"  # no camera writes signed numbers; satellite products do
    return "dn16"


def _height(text: str, named: str, spread: Optional[Spread]) -> str:
    foot = "_ft" if re.search(r"(?<![a-z])(ft|feet|foot|us survey foot)(?![a-z])", text) else ""
    if re.search(r"ndsm|(?<![a-z])(chm|ndom)(?![a-z])|canopy|above[ _]ground", named):
        return "ndsm" + foot
    if re.search(r"(?<![a-z])(dsm|dem|dom|dhm|elevation|altitude|surface)(?![a-z])", named) or not spread:
        return "dsm" + foot
    near_ground = -2 <= spread.low <= 1 and spread.top < 120 / (UNITS["dsm" + foot].gain or 1)
    return ("ndsm" if near_ground else "dsm") + foot


def _radar(dtype: str, text: str, spread: Optional[Spread]) -> str:
    if dtype.startswith("complex"):
        return "complex"
    if re.search(r"(?<![a-z])db(?![a-z])", text):
        return "db"
    for unit in ("amplitude", "power"):
        if unit in text:
            return unit
    if "intensity" in text:
        return "power"
    if spread and spread.middle < 0:
        return "db"
    return "amplitude" if dtype.startswith("uint") or (spread and spread.high > 100) else "power"
