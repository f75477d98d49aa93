"""A few of many, evenly spread. numpy only: training from a chip cache loads without GDAL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

_Row = TypeVar("_Row")


def spread(rows: Sequence[_Row], most: int | None) -> list[_Row]:
    """Return at most `most` of the rows, in their order; all when None."""
    if most is None or len(rows) <= most:
        return list(rows)
    return [rows[i] for i in np.linspace(0, len(rows) - 1, most).round().astype(int)]
