"""What a new model's card says of its sensors, found from the layers it is trained on: bands, units, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..contract.card import Card, ModalityStats, NetworkSpec
from ..contract.errors import BadInput
from ..contract.job import Source
from ..contract.modality import BY_KEY, IMAGE, RADAR, UNITS, in_order, titles
from .layer import inspect

SAMPLES = 2_000_000  # pixels a band that are enough


def provisional(sources: Mapping[str, Source], gsd: tuple[float, float, float], base: Card | None = None) -> Card:
    """Return a card that makes the readers hand on values in the units that the network will take.

    sources: by modality. Sensors that the base knows with as many bands keep its rows; statistics of the others are
    void. Raises BadInput for a layer whose bands or unit cannot be told.
    """
    rows = tuple(_row(sources[key], sources, base) for key in in_order(sources))
    return Card("data", "data", (), rows, NetworkSpec("small", "mean"), gsd, 64, "none", "")


def is_new(row: ModalityStats, base: Card | None) -> bool:
    """Tell whether a provisional row has no statistics yet."""
    return base is None or row not in base.modalities


def measured(row: ModalityStats, values: np.ndarray, where: str) -> ModalityStats:
    """Return a row with the statistics of values (C,N) in its unit: 2nd and 98th percentiles, then mean and std.

    where: for the message. Raises BadInput when there is no value.
    """
    if not values.shape[1]:
        raise BadInput(f"{titles([row.key])} holds no valid pixel {where}.", "Check nodata, or leave that layer out.")
    low, high, mean, std = [], [], [], []
    for sample in values.astype(np.float64):
        a, b = np.percentile(sample, (2, 98))
        b = b if b > a else a + 1.0  # a flat band: any width above 0 will do
        clipped = sample.clip(a, b)
        for part, value in zip((low, high, mean, std), (a, b, clipped.mean(), clipped.std() or 1.0)):
            part.append(round(float(value), 6))
    return replace(row, low=tuple(low), high=tuple(high), mean=tuple(mean), std=tuple(std))


def _row(source: Source, sources: Mapping[str, Source], base: Card | None) -> ModalityStats:
    kind, names = BY_KEY[source.modality].kind, BY_KEY[source.modality].bands
    if base is not None and source.modality in base.keys:
        known = base.stats(source.modality)
        if not source.bands or len(source.bands) == len(known.bands):
            return known
    if source.bands and len(source.bands) != len(names):
        names = tuple(f"band {band}" for band in source.bands)
    unit = {IMAGE: "dn8", RADAR: "db"}.get(kind, "ndsm")
    count = len(names)
    stats = ModalityStats(source.modality, names, unit, (0.0,) * count, (1.0,) * count, (0.0,) * count, (1.0,) * count)
    if kind != IMAGE:
        return stats
    named = frozenset(band for other in sources.values() if other.path == source.path for band in other.bands)
    return replace(stats, unit=UNITS[inspect(source, stats, named).source.unit].base)
