"""The plugin as QGIS sees it: creates and removes things, decides nothing."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsApplication

from . import tasks
from .processing.provider import SgmaProvider


class SgmaPlugin:
    """Adds the Processing provider; `qgis_process` calls initProcessing alone."""

    def __init__(self) -> None:
        self.provider: Optional[SgmaProvider] = None

    def initProcessing(self) -> None:
        if self.provider is None:
            self.provider = SgmaProvider()
            QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        self.initProcessing()

    def unload(self) -> None:
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        tasks.shutdown()
