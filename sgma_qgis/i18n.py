"""Translation of every text that a person reads: one context, so that one file a language holds all."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from qgis.PyQt.QtCore import QCoreApplication, QLocale, QTranslator

from .model import contract
from .model.contract.modality import UNITS

CONTEXT = "SGMA"

_translator: Optional[QTranslator] = None  # Qt keeps no hold of it


def tr(text: str) -> str:
    """Return the text in the user's language; the English one where there is no translation."""
    return QCoreApplication.translate(CONTEXT, text)


def unit_title(key: str) -> str:
    """Return what a unit of pixel values is called, in the user's language; an unknown one by its key."""
    return QCoreApplication.translate(CONTEXT, UNITS[key].title) if key in UNITS else key


def load(locale: str, folder: Optional[Path] = None) -> bool:
    """Show texts in that language ('de', 'pt_BR') from now on, if there is a translation; return whether there is.

    folder: of the compiled translations, `resources/i18n` by default; `make stage` makes them.
    """
    unload()
    folder = folder or Path(contract.__file__).resolve().parents[2] / "resources" / "i18n"
    translator = QTranslator()
    if not translator.load(QLocale(locale), "sgma", "_", str(folder), ".qm"):
        return False
    global _translator
    _translator = translator
    return QCoreApplication.installTranslator(translator)


def unload() -> None:
    """Show texts as they are written."""
    global _translator
    if _translator is not None:
        QCoreApplication.removeTranslator(_translator)
        _translator = None
