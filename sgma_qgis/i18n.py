"""Translation of every text that a person reads: one context, so that one file a language holds all."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

CONTEXT = "SGMA"


def tr(text: str) -> str:
    """Return the text in the user's language; the English one where there is no translation."""
    return QCoreApplication.translate(CONTEXT, text)
