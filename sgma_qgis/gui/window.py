"""What the plugin adds to QGIS's window: the dock, an action that opens and closes it, and the wizard."""

from __future__ import annotations

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAction

from ..i18n import tr
from ..icons import icon
from .controller import Controller
from .dock import SgmaDock
from .settings_page import SettingsPageFactory
from .strokes.session import StrokesSession
from .wizard.opening import WizardOpening

MENU = "SGMA"


class Window:
    """Adds everything when made, and takes it away in `close`."""

    def __init__(self, iface: QgisInterface) -> None:
        self._iface = iface
        main = iface.mainWindow()
        self.dock = SgmaDock(iface.mapCanvas(), main)
        # addDockWidget shows what it adds; restoreDockWidget knows whether it was open when QGIS was closed
        if not main.restoreDockWidget(self.dock):
            iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
            self.dock.hide()
        self.controller = Controller(self.dock, iface)
        self.strokes = StrokesSession(self.dock, self.controller, iface)
        self.action = QAction(icon("sgma"), tr("SGMA land cover"), main)
        self.action.setObjectName("sgma_dock")
        self.action.setToolTip(tr("Map land cover from whatever sensor layers there are"))
        self.action.setCheckable(True)
        self.action.setChecked(self.dock.isVisible())
        self.action.triggered.connect(self.dock.setUserVisible)
        self.dock.visibilityChanged.connect(self.action.setChecked)
        iface.addPluginToRasterMenu(MENU, self.action)
        iface.addToolBarIcon(self.action)  # of the plugins: QGIS hides the one named Raster at first
        self.finetuning = WizardOpening(MENU, self.dock, self.controller, iface)
        self.strokes.maker.open_wizard = self.finetuning.open_with_labels
        self._settings = SettingsPageFactory()
        iface.registerOptionsWidgetFactory(self._settings)

    def close(self) -> None:
        """Take everything out of QGIS's window."""
        self.strokes.close()
        self.finetuning.close()
        self.controller.close()
        self._iface.removePluginRasterMenu(MENU, self.action)
        self._iface.removeToolBarIcon(self.action)
        self._iface.unregisterOptionsWidgetFactory(self._settings)
        self.dock.visibilityChanged.disconnect(self.action.setChecked)
        self._iface.removeDockWidget(self.dock)
        self.dock.deleteLater()
        self.action.deleteLater()
