"""The plugin's settings: a dataclass, kept in QgsSettings as strings (enums and booleans differ between Qt 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from qgis.core import QgsSettings

from .model.contract.choices import DEVICES, PRECISIONS

if TYPE_CHECKING:
    from .model.contract.job import Options

PREFIX = "sgma/"


@dataclass(frozen=True)
class Settings:
    """runtime_python: interpreter of the runtime, empty = found by itself. data_dir: empty = the platform's.

    device: as the run's; threads: 0 = all processors; precision: as the run's. torch_index: where the installer gets
    torch's processor builds, empty = the public index. strokes_memory_mb: of the worker that maps strokes.
    """

    runtime_python: str = ""
    data_dir: str = ""
    device: str = DEVICES[0]
    threads: int = 0
    precision: str = PRECISIONS[0]
    torch_index: str = ""
    strokes_memory_mb: int = 1024

    def options(self) -> Options:
        """Return how a run computes by default."""
        from .model.contract.job import Options  # here: QGIS starts sooner without

        return Options(device=self.device, threads=self.threads or None, precision=self.precision)


def load() -> Settings:
    """Return what is stored, defaults for the rest and for what cannot be read."""
    store = QgsSettings()
    found = {}
    for field in fields(Settings):
        text = str(store.value(PREFIX + field.name, "") or "")
        if text and isinstance(field.default, int):
            found[field.name] = int(text) if text.isdecimal() else field.default
        elif text:
            found[field.name] = text
    settings = Settings(**found)
    if settings.precision not in PRECISIONS:
        settings = Settings(**{**found, "precision": PRECISIONS[0]})
    return settings


def save(settings: Settings) -> None:
    """Store the settings; what is at its default is not kept."""
    store = QgsSettings()
    for field in fields(Settings):
        value = getattr(settings, field.name)
        if value == field.default:
            store.remove(PREFIX + field.name)
        else:
            store.setValue(PREFIX + field.name, str(value))
