"""Small pieces of text that several panels show."""

from __future__ import annotations

from html import escape
from typing import Iterable

from qgis.core import QgsCoordinateReferenceSystem

from ..i18n import tr
from ..model.contract.card import ClassInfo


def class_chips(classes: Iterable[ClassInfo]) -> str:
    """Return the classes as rich text, a square of the class's colour before each name; names are a stranger's."""
    return " ".join(
        f'<span style="color:{c.color}">\u25a0</span>&nbsp;{escape(c.name).replace(" ", "&nbsp;")}' for c in classes
    )


def hectares(square_metres: float) -> str:
    """Return '12.34 ha', with fewer decimals for large areas."""
    value = square_metres / 10_000
    return tr("{value} ha").format(value=f"{value:,.2f}" if value < 100 else f"{value:,.0f}")


def crs_name(text: str) -> str:
    """Return the 'EPSG:32616' of a CRS given as such or as WKT; its description where it has none."""
    crs = QgsCoordinateReferenceSystem()
    crs.createFromUserInput(text)
    return crs.authid() or crs.description()
