"""Icons and pictures, loaded by path: compiled Qt resources would tie the plugin to one Qt."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtGui import QIcon

from .model import contract


def resource(*parts: str) -> Path:
    """Return a file of `resources`; the folder lies beside `model` in the checkout and in the package."""
    return Path(contract.__file__).resolve().parents[2].joinpath("resources", *parts)


def icon(name: str) -> QIcon:
    """Return `resources/icons/NAME.svg`."""
    return QIcon(str(resource("icons", f"{name}.svg")))
