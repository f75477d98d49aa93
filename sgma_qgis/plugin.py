"""The plugin as QGIS sees it: creates and removes things, decides nothing."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication

from . import i18n, language, settings
from .model.contract import store
from .processing.provider import SgmaProvider


class SgmaPlugin:
    """Adds the Processing provider and, in QGIS's window, the dock; `qgis_process` calls initProcessing alone."""

    def __init__(self, iface: Any = None) -> None:
        self.iface = iface
        self.provider: Optional[SgmaProvider] = None
        self.window: Any = None
        i18n.load(QgsApplication.locale())
        language.translate = i18n.tr
        store.choose_data_dir(settings.load().data_dir)

    def initProcessing(self) -> None:
        if self.provider is None:
            self.provider = SgmaProvider()
            QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        self.initProcessing()
        if self.iface is not None:
            from .gui.window import Window  # here: qgis_process has no window, and starts sooner without

            self.window = Window(self.iface)

    def unload(self) -> None:
        from . import tasks  # here: QGIS starts sooner without what runs jobs

        if self.window is not None:
            self.window.close()
            self.window = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        tasks.shutdown()
        i18n.unload()
