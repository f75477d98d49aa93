"""The language of sentences that are made where QGIS is not known: in service, installation and data folder."""

from __future__ import annotations

from typing import Callable

translate: Callable[[str], str] = str


def tr(text: str) -> str:
    """Return the text in the user's language: `translate` does, if the plugin has set it."""
    return translate(text)
