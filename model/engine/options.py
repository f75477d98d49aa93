"""Checking a job's options before anything is opened."""

from __future__ import annotations

from ..contract.errors import BadInput
from ..contract.job import PRECISIONS, Options
from .backends import NAMES


def check_options(options: Options) -> None:
    """Check numbers and names of the options. Raises BadInput naming the option."""
    rules = (
        ("tile", options.tile, lambda v: 64 <= v <= 4096 and v % 32 == 0, "a multiple of 32 from 64 to 4096"),
        ("overlap", options.overlap, lambda v: 0 <= v <= 50, "a percentage from 0 to 50"),
        ("batch", options.batch, lambda v: 1 <= v <= 256, "a number from 1 to 256"),
        ("threads", options.threads, lambda v: 1 <= v <= 1024, "a number from 1 to 1024"),
        ("resolution", options.resolution, lambda v: 0 < v < 1e6, "ground metres above 0"),
        ("min-area", options.min_area, lambda v: 0 < v < 1e12, "square metres above 0"),
        ("simplify", options.simplify, lambda v: 0 < v < 1e6, "metres above 0"),
        (
            "backend",
            options.backend,
            lambda v: v == "auto" or v in NAMES,
            f"one of auto, {', '.join(NAMES)}",
        ),
        ("precision", options.precision, lambda v: v in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
    )
    for name, value, holds, need in rules:
        if value is not None and not holds(value):
            raise BadInput(f"Option {name} is {value}; it must be {need}.", "Leave it out for the default.")
