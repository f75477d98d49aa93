"""Which bands of a file fill a slot: by description or colour interpretation, else the first n."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rasterio.io import DatasetReader

from ..contract.errors import BadInput
from ..contract.guessing import OTHERS, WORDS
from ..contract.job import Source
from ..contract.modality import BY_KEY
from .native import layer_name


@dataclass(frozen=True)
class Choice:
    """The bands taken, 1-based, and a note on how they were found ('' when they were named or recognised)."""

    bands: tuple[int, ...]
    note: str = ""


def choose(dataset: DatasetReader, source: Source, names: tuple[str, ...]) -> Choice:
    """Return the bands for a slot that needs `names`.

    Raises BadInput for a number out of range, too few bands, or a NIR slot on a file of three or more bands of which
    none is recognisable as NIR.
    """
    option, layer = f"--{source.modality}-bands", layer_name(source)
    need = f"{len(names)} band{'s' if len(names) > 1 else ''} ({', '.join(names)})"
    if source.bands:
        wrong = [band for band in source.bands if not 1 <= band <= dataset.count]
        if wrong:
            raise BadInput(
                f"{layer} has bands 1 to {dataset.count}; band {wrong[0]} was asked for.", f"Correct {option}."
            )
        if len(source.bands) != len(names):
            raise BadInput(
                f"{layer}: {len(source.bands)} band numbers were given; {need} are needed.", f"Correct {option}."
            )
        return Choice(tuple(source.bands))
    if dataset.count < len(names):
        raise BadInput(
            f"{layer} has {dataset.count} band{'s' if dataset.count > 1 else ''}; {need} are needed.",
            "Choose another file, or a model that needs fewer bands.",
        )
    found = [_find(dataset, name) for name in names]
    if all(found) and len(set(found)) == len(found):
        return Choice(tuple(found))
    if source.modality == "nir" and dataset.count >= 3:
        raise BadInput(
            f"{layer} has {dataset.count} bands and none is recognisable as near infrared.",
            f"Say which one it is, for example {option} 4.",
        )
    bands = tuple(range(1, len(names) + 1))
    if dataset.count == len(bands):
        return Choice(bands)
    taken = ", ".join(str(band) for band in bands)
    return Choice(
        bands, f"{BY_KEY[source.modality].title}: bands {taken} taken, as no band is named {' or '.join(names)}"
    )


def _find(dataset: DatasetReader, name: str) -> int:
    """Return the first band that is called `name`, else the first with that colour interpretation, else 0."""
    wanted = WORDS.get(name.lower(), {name.lower()})
    for band, description in enumerate(dataset.descriptions, 1):
        words = set(re.findall(r"[a-z]+\d*[a-z]*|\d+", (description or "").lower()))
        if words & wanted and not words & OTHERS:
            return band
    for band, colour in enumerate(dataset.colorinterp, 1):
        if colour.name == name.lower():
            return band
    return 0
