"""The plugin's settings: a dataclass, kept in QgsSettings as strings (enums and booleans differ between Qt 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from qgis.core import QgsSettings

PREFIX = "sgma/"


@dataclass(frozen=True)
class Settings:
    """runtime_python: interpreter of the runtime, empty = found by itself."""

    runtime_python: str = ""


def load() -> Settings:
    """Return what is stored, defaults for the rest."""
    store = QgsSettings()
    return Settings(**{f.name: str(store.value(PREFIX + f.name, f.default) or "") for f in fields(Settings)})
