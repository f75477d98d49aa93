"""Icons, loaded by path: compiled Qt resources would tie the plugin to one Qt."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtGui import QIcon

from .model import contract


def icon(name: str) -> QIcon:
    """Return `resources/icons/NAME.svg`; the folder lies beside `model` in the checkout and in the package."""
    folder = Path(contract.__file__).resolve().parents[2] / "resources" / "icons"
    return QIcon(str(folder / f"{name}.svg"))
