"""What adds the plugin's page to QGIS's options; the page itself is imported when they are opened."""

from __future__ import annotations

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget

from ..icons import icon

PAGE = "sgma"


class SettingsPageFactory(QgsOptionsWidgetFactory):
    """Makes the page whenever QGIS's options are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle("SGMA")

    def icon(self) -> QIcon:
        return icon("sgma")

    def createWidget(self, parent: QWidget) -> QgsOptionsPageWidget:
        from .settings_page import SettingsPage  # here: QGIS starts sooner without

        return SettingsPage(parent)
