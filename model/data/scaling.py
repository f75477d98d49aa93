"""Units of pixel values: guessed, stated, and turned into the unit of the model's card."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contract import guessing
from ..contract.card import ModalityStats
from ..contract.errors import BadInput
from ..contract.guessing import EIGHT_BITS, Spread
from ..contract.job import Source
from ..contract.modality import BY_KEY, HEIGHT, IMAGE, UNITS

_FLOOR_DB = -100.0  # of weaker power too; zero and the negatives of noise removal have no logarithm
_DECIBEL = np.float32(np.log(10) / 10)  # numpy's natural logarithm is quick on every processor, the decimal on some
_CALIBRATED_DB = (-60.0, 15.0)  # medians outside are digital numbers, not backscatter
_NEAR_GROUND = 5.0  # m: a layer of heights above ground has some pixels below
_MOST_REFLECTANCE = 3.0  # bright snow and clouds reach 1.5 or so; 8-bit numbers taken for reflectance far more
_EMPTY = {True: 0.02, False: 0.2}  # more zeros are no picture; by whether the layer has three or more bands


@dataclass(frozen=True)
class Scaling:
    """Per band: value as read -> card unit by `gain * value + offset`; `warning` is '' for convertible units."""

    gain: tuple[float, ...]
    offset: tuple[float, ...]
    warning: str = ""


def to_power(values: np.ndarray, unit: str) -> np.ndarray:
    """Return radar values (any shape) in `unit` as float32 power."""
    if unit == "db":
        return np.exp(values.astype(np.float32) * _DECIBEL)
    if unit == "power":
        return values.astype(np.float32)
    if unit == "complex":
        power = np.square(values.real, dtype=np.float32, casting="same_kind")
        power += np.square(values.imag, dtype=np.float32, casting="same_kind")
        return power
    return values.astype(np.float32) ** 2


def to_db(power: np.ndarray) -> np.ndarray:
    """Return power as float32 dB."""
    with np.errstate(divide="ignore", invalid="ignore"):
        db = np.log(power)
    db /= _DECIBEL
    return np.fmax(db, np.float32(_FLOOR_DB), out=db)


def check_unit(source: Source) -> None:
    """Raise BadInput when the unit given does not belong to the slot."""
    units = BY_KEY[source.modality].units
    if source.unit and source.unit not in units:
        raise BadInput(
            f"Unit '{source.unit}' does not fit {BY_KEY[source.modality].title}; it takes {', '.join(units)}.",
            f"Correct --units {source.modality}=...",
        )


def is_plain(source: Source, stats: ModalityStats, dtype: str) -> bool:
    """Tell whether a layer is an 8-bit picture for a model of such: then no value decides about unit or scaling."""
    picture = BY_KEY[source.modality].kind == IMAGE and dtype in EIGHT_BITS
    return picture and source.unit in ("", "dn8") and UNITS[stats.unit].base == UNITS["dn8"].base


def guess_unit(modality: str, dtype: str, words: str, path: str, values: np.ndarray) -> str:
    """Return the likeliest unit of a layer.

    words: band descriptions and unit names of the file. values: (C,N) valid samples, after scale and offset of the
    file; dtype: theirs when it has such, else as stored.
    """
    picture = BY_KEY[modality].kind == IMAGE and dtype in EIGHT_BITS
    told = picture or np.iscomplexobj(values)  # percentiles would tell no more
    spread = Spread(*np.percentile(values, (2, 50, 98, 100)).tolist()) if values.size and not told else None
    return guessing.guess_unit(modality, dtype, words, path, spread)


def contradiction(source: Source, values: np.ndarray) -> str:
    """Return a warning when the values do not look like the unit, else ''.

    source: unit filled in. values: (C,N) valid samples of the whole layer, after scale and offset of the file.
    """
    title = BY_KEY[source.modality].title
    if not values.size:
        return ""
    if source.unit == "dn8" and values.max() > 255 and np.percentile(values, 98) > 255:
        return f"{title}: values up to {values.max():g} are not 8-bit numbers: check --units"
    unit = UNITS[source.unit]
    if unit.base == UNITS["reflectance"].base:
        high = float(np.percentile(values, 98))
        if high * (unit.gain or 1.0) > _MOST_REFLECTANCE:
            return f"{title}: the values do not fit {unit.title}, the 98th percentile is {high:.6g}: check --units"
    if unit.base == "ndsm":
        low = float(np.percentile(values, 2)) * (unit.gain or 1.0)
        if low > _NEAR_GROUND:
            surface = source.unit.replace("ndsm", "dsm")
            return (
                f"{title}: hardly a pixel is near the ground (2nd percentile {low:.1f} m): is this a surface model? "
                f"--units {source.modality}={surface}"
            )
    return ""


def empty_border(source: Source, values: np.ndarray) -> str:
    """Return a warning when more of a picture is 0 than pictures have, else ''.

    values: (C,N) samples as stored of a layer that has neither nodata nor a mask.
    """
    if not values.size:
        return ""
    share = float((values == 0).all(axis=0).mean())
    if share <= _EMPTY[len(values) >= 3]:
        return ""
    return (
        f"{BY_KEY[source.modality].title}: {100 * share:.0f} % of the pixels are 0 in all bands and no nodata value is "
        f"named: if that is an empty border, give --nodata {source.modality}=0"
    )


def scaling(source: Source, stats: ModalityStats, values: np.ndarray) -> Scaling:
    """Return how values as read become the card's unit.

    source: unit filled in. values: (C,N) valid samples of the whole layer, after scale and offset of the file.
    """
    kind, count = BY_KEY[source.modality].kind, len(stats.bands)
    unit, wanted = UNITS[source.unit], UNITS[stats.unit]
    zeros = (0.0,) * count
    if kind == HEIGHT:  # a reader hands on metres
        return Scaling((1 / (wanted.gain or 1.0),) * count, zeros)
    if kind == IMAGE:
        if unit.base == wanted.base:
            return Scaling(((unit.gain or 1.0) / (wanted.gain or 1.0),) * count, zeros)
        reason = f"{unit.title} cannot be converted to the model's {wanted.title}"
        return _by_percentiles(source, stats, values, reason)
    values = to_db(to_power(values, source.unit))
    middle = float(np.median(values)) if values.size else 0.0
    if unit.key == "db" or not values.size or _CALIBRATED_DB[0] <= middle <= _CALIBRATED_DB[1]:
        return Scaling((1.0,) * count, zeros)
    return _by_percentiles(source, stats, values, f"{middle:.0f} dB in the middle is no calibrated backscatter")


def _by_percentiles(source: Source, stats: ModalityStats, values: np.ndarray, reason: str) -> Scaling:
    """Map the layer's own 2nd and 98th percentiles onto the card's."""
    gain, offset = [], []
    for i in range(len(stats.bands)):
        low, high = (float(v) for v in np.percentile(values[i], (2, 98))) if values.size else (0.0, 1.0)
        span = stats.high[i] - stats.low[i]
        gain.append(span / (high - low) if high > low else 0.0)  # a flat band lands in the middle
        offset.append(stats.low[i] - gain[i] * low if high > low else stats.low[i] + span / 2)
    title = BY_KEY[source.modality].title
    return Scaling(
        tuple(gain),
        tuple(offset),
        f"{title}: {reason}; the layer's 2nd and 98th percentiles were mapped onto the model's. Results may be poorer.",
    )
