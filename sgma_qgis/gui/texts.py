"""Small pieces of text that several panels show."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from html import escape
from typing import Iterable, List, Sequence

from ..i18n import tr
from ..model.contract.card import ClassInfo

JOINER = "\u2060"  #: behind hyphens and slashes where Qt would break a line
LEAST_HECTARES = 0.1  #: smaller areas are told in square metres


def class_chips(classes: Iterable[ClassInfo]) -> str:
    """Return the classes as rich text, a square of the class's colour before each name; names are a stranger's."""
    return " ".join(
        f'<span style="color:{c.color}">\u25a0</span>&nbsp;{escape(c.name).replace(" ", "&nbsp;")}' for c in classes
    )


def hectares(square_metres: float) -> str:
    """Return '12.34 ha', with fewer decimals for large areas; below 0.1 ha '850 m²'."""
    if square_metres < LEAST_HECTARES * 10_000:
        return tr("{value} m²").format(value=grouped(square_metres))
    value = square_metres / 10_000
    return tr("{value} ha").format(value=grouped(value, 2 if value < 100 else 0))


def areas(square_metres: Sequence[float]) -> List[str]:
    """Return areas of a list in one unit with one precision, those of the largest: below 1 ha square metres."""
    most = max(square_metres, default=0.0)
    if most < 10_000:
        return [tr("{value} m²").format(value=_counted(area, 0)) for area in square_metres]
    digits = 2 if most < 1e6 else 1 if most < 1e7 else 0
    return [tr("{value} ha").format(value=_counted(area / 10_000, digits)) for area in square_metres]


def percent(value: float) -> str:
    """Return '12.3'; '< 0.1' for less, and '0.0' for nothing alone."""
    return _counted(value, 1)


def _counted(value: float, digits: int) -> str:
    """Return a number, with so many decimals; what there is never reads as 0."""
    least = 10**-digits
    return f"< {least:.{digits}f}" if 0 < value < least / 2 else grouped(value, digits)


def grouped(value: float, digits: int = 0) -> str:
    """Return '12 345.6': a comma between thousands is read as the decimal sign in half of the world."""
    return f"{value:,.{digits}f}".replace(",", "\u202f")


def when(time: str) -> str:
    """Return '2026-11-21 16:40' by this machine's clock; the text itself when it is no time. time: ISO."""
    for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S"):
        with suppress(ValueError):
            return f"{datetime.strptime(time, form).astimezone():%Y-%m-%d %H:%M}"
    return time


def tiles(count: int) -> str:
    """Return '1 tile' or '214 tiles'."""
    return tr("1 tile") if count == 1 else tr("{count} tiles").format(count=count)


def warning_count(count: int) -> str:
    """Return '1 warning' or '3 warnings'."""
    return tr("1 warning") if count == 1 else tr("{count} warnings").format(count=count)


def temporary() -> str:
    """Say that a run's files will not last."""
    return tr("The files are temporary: they are gone when QGIS is closed.")


def gaps(count: int) -> str:
    """Say that this many tiles, one or more, are missing from a map."""
    if count == 1:
        return tr("1 tile could not be computed: it is a gap.")
    return tr("{count} tiles could not be computed: they are gaps.").format(count=count)
