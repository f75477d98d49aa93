"""Colours of classes: what is one, and those that classes get by themselves."""

from __future__ import annotations

import re

COLOR = re.compile(r"#[0-9a-fA-F]{6}\Z")
PALETTE = (  # Okabe and Ito's, told apart by the colour-blind, then darker and lighter ones
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999",
    "#8c5f00", "#1d5f86", "#00543d", "#93890d", "#003a5c", "#7a3600", "#7d3a60", "#444444",
)  # fmt: skip


def color_or_none(found: object) -> str:
    """Return a colour as it is; '' where it is none, as in a file or a project that was edited by hand."""
    return found if isinstance(found, str) and COLOR.match(found) else ""
