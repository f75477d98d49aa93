"""What the engine says, in words of QGIS: it speaks of files, and of options of its command line."""

from __future__ import annotations

import re
from typing import Callable, Dict, Mapping

from .i18n import tr, unit_title
from .model.contract.errors import WorkerFailed
from .model.contract.modality import UNITS

_BRACKETED = re.compile(r" \(--[a-z-]+\)")
_UNIT = re.compile(r"--units [a-z]+=([a-z0-9_]+)")
_ANOTHER = re.compile(r"\b(another|an?(?: [a-z]+)?) --([a-z]+(?:-[a-z]+)*)")
_ARTICLE = re.compile(r"^(?:the|an?|der|die|das|den|eine?n?) ")
_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


def options_called(text: str, called: Callable[[str], str]) -> str:
    """Return the text with each `--option` called as `called` says of its name."""
    return _OPTION.sub(lambda found: called(found[1]), text)


def in_dialogs(text: str, called: Callable[[str], str]) -> str:
    """Return the same for people who choose in lists: a unit by its title, no option in brackets."""
    text = _BRACKETED.sub("", text)
    text = _UNIT.sub(lambda found: _unit(found[1]) or found[0], text)
    text = _ANOTHER.sub(lambda found: f"{found[1]} {_ARTICLE.sub('', called(found[2]))}", text)
    return options_called(text, called)


def in_dock(text: str, layers: Mapping[str, str]) -> str:
    """Return a sentence of the engine as the dock says it. layers: names by path."""
    for path in sorted(layers, key=len, reverse=True):  # one path may begin another
        text = text.replace(path, layers[path])
    names = _dock_names()
    return in_dialogs(text, lambda option: names.get(option, option.replace("-", " ")))


def error_in(error: Exception, words: Callable[[str], str]) -> Exception:
    """Return an error of the engine with its sentences put into other words; others as they are."""
    if not isinstance(error, WorkerFailed):
        return error
    return WorkerFailed(error.code, words(error.message), words(error.hint), error.detail)


def _unit(key: str) -> str:
    return tr("Choose the unit '{unit}'").format(unit=unit_title(key)) if key in UNITS else ""


def _dock_names() -> Dict[str, str]:
    """Return what an option is called in the dock."""
    bands = {f"{key}-bands": tr("the bands") for key in ("rgb", "nir", "dsm", "sar")}
    return {
        **bands,
        "units": tr("the unit"),
        "nodata": tr("the nodata value of"),
        "resolution": tr("the resolution"),
        "extent": tr("the area"),
        "area": tr("the area"),
        "crs": tr("the CRS"),
        "output": tr("the folder or name"),
    }
