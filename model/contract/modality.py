"""The sensors we know. A new sensor is one row of MODALITIES; scaling, screens and tests iterate over it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Dict, Iterable, Optional, Tuple

IMAGE = "image"  #: linear units, warped as stored
HEIGHT = "height"  #: metres; a surface model becomes height above a local ground
RADAR = "radar"  #: averaged as power, handed on in dB


@dataclass(frozen=True)
class Unit:
    """A unit of pixel values. `gain` turns it linearly into `base`; None: not linear, `data.scaling` converts."""

    key: str
    title: str
    base: str
    gain: Optional[float] = 1.0


@dataclass(frozen=True)
class Modality:
    """One sensor slot.

    key: name in jobs, cards, options. bit: value in the availability raster. kind: IMAGE, HEIGHT or RADAR.
    bands: default band names of a card, in order. units: keys of UNITS that a layer of this slot may have.
    color: "#rrggbb" on availability maps; told apart by colour-blind readers too (Okabe and Ito).
    """

    key: str
    title: str
    bit: int
    kind: str
    bands: Tuple[str, ...]
    units: Tuple[str, ...]
    color: str


UNITS: Dict[str, Unit] = {
    unit.key: unit
    for unit in (
        Unit("dn8", "8-bit numbers", "dn8"),
        Unit("dn16", "16-bit numbers", "dn16"),
        Unit("reflectance", "reflectance 0-1", "reflectance"),
        Unit("reflectance10000", "reflectance x 10000", "reflectance", 1e-4),
        Unit("dsm", "surface height, m", "dsm"),
        Unit("dsm_ft", "surface height, ft", "dsm", 0.3048),
        Unit("ndsm", "height above ground, m", "ndsm"),
        Unit("ndsm_ft", "height above ground, ft", "ndsm", 0.3048),
        Unit("db", "backscatter, dB", "db"),
        Unit("power", "backscatter, power", "db", None),
        Unit("amplitude", "backscatter, amplitude", "db", None),
        Unit("complex", "single-look complex", "db", None),
    )
}

OPTICAL_UNITS = ("dn8", "dn16", "reflectance", "reflectance10000")

MODALITIES: Tuple[Modality, ...] = (
    Modality("rgb", "RGB", 1, IMAGE, ("red", "green", "blue"), OPTICAL_UNITS, "#009e73"),
    Modality("nir", "NIR", 2, IMAGE, ("nir",), OPTICAL_UNITS, "#cc79a7"),
    Modality("dsm", "DSM", 4, HEIGHT, ("height",), ("dsm", "ndsm", "dsm_ft", "ndsm_ft"), "#e69f00"),
    Modality("sar", "SAR", 8, RADAR, ("VV", "VH"), ("db", "power", "amplitude", "complex"), "#0072b2"),
)
BY_KEY: Dict[str, Modality] = {modality.key: modality for modality in MODALITIES}
KEYS: Tuple[str, ...] = tuple(BY_KEY)


def in_order(keys: Iterable[str]) -> Tuple[str, ...]:
    """Return the keys in registry order, each once. Raises KeyError for one that is not registered."""
    wanted = set(keys)
    unknown = wanted - set(KEYS)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    return tuple(key for key in KEYS if key in wanted)


def titles(keys: Iterable[str]) -> str:
    """Return 'RGB + DSM' for ('dsm', 'rgb')."""
    return " + ".join(BY_KEY[key].title for key in in_order(keys))


def combinations(keys: Iterable[str]) -> Dict[int, Tuple[str, str]]:
    """Return {value in the availability raster: ('RGB + DSM', '#rrggbb')} for every combination of these sensors."""
    sensors = [BY_KEY[key] for key in in_order(keys)]
    found = {}
    for size in range(1, len(sensors) + 1):
        for present in itertools.combinations(sensors, size):
            parts = [bytes.fromhex(modality.color[1:]) for modality in present]
            # the more sensors, the darker: mixtures of three and four would otherwise look alike
            shade = 1 / (1 + 0.15 * (size - 1))
            mixed = bytes(int(sum(channel) / size * shade) for channel in zip(*parts))
            title = " + ".join(modality.title for modality in present)
            found[sum(modality.bit for modality in present)] = (title, f"#{mixed.hex()}")
    return dict(sorted(found.items()))
