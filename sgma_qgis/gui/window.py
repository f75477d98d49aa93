"""What the plugin adds to QGIS's window: the dock, an action that opens and closes it, and one for the wizard.

QGIS waits for its plugins when it starts, so the dock is empty at first: it is filled when it is first seen, or when
something in it is first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QAction

from ..i18n import tr
from ..icons import icon
from .dock import SgmaDock
from .settings_factory import SettingsPageFactory

if TYPE_CHECKING:  # loaded when the dock is filled
    from .controller import Controller
    from .strokes.session import StrokesSession
    from .wizard.opening import WizardOpening

MENU = "SGMA"


class Window:
    """Adds everything when made, and takes it away in `close`."""

    def __init__(self, iface: QgisInterface) -> None:
        self._iface = iface
        self._filled = False
        self._controller: Optional[Controller] = None
        self._strokes: Optional[StrokesSession] = None
        self._finetuning: Optional[WizardOpening] = None
        main = iface.mainWindow()
        self._dock = SgmaDock(iface.mapCanvas(), main)
        # addDockWidget shows what it adds; restoreDockWidget knows whether it was open when QGIS was closed
        if not main.restoreDockWidget(self._dock):
            iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
            self._dock.hide()
        self.action = self._action("sgma", "sgma_dock", tr("SGMA land cover"))
        self.action.setToolTip(tr("Map land cover from whatever sensor layers there are"))
        self.action.setCheckable(True)
        self.action.setChecked(self._dock.isVisible())
        self.action.triggered.connect(self._show)
        self._dock.visibilityChanged.connect(self._seen)
        self._opening = self._action("finetune", "sgma_finetune", tr("Fine-tune a model…"))
        self._opening.setToolTip(tr("Teach a model classes and a landscape that it does not know, from your labels"))
        self._opening.triggered.connect(lambda: self.finetuning.open())
        self._settings = SettingsPageFactory()
        iface.registerOptionsWidgetFactory(self._settings)
        # QGIS restores its window after starting its plugins: a dock that was left open is seen, and filled, when that
        # appears. One that is seen already (the plugin is switched on in a session) is filled when QGIS is done
        # with that. Neither is part of starting the plugin: who has the dock open pays for it, nobody else.
        self._soon = QTimer(self._dock)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.opened)
        if self._dock.isVisible():
            self._soon.start(0)

    @property
    def dock(self) -> SgmaDock:
        """The dock, filled."""
        self.opened()
        return self._dock

    @property
    def controller(self) -> Controller:
        """What the dock's panels do."""
        self.opened()
        return self._controller

    @property
    def strokes(self) -> StrokesSession:
        """The strokes at work."""
        self.opened()
        return self._strokes

    @property
    def finetuning(self) -> WizardOpening:
        """The opening of the wizard."""
        self.opened()
        return self._finetuning

    def opened(self) -> None:
        """Fill the dock and set it to work, once. Each part reads what the project holds when it is made."""
        if self._filled:
            return
        self._filled = True  # first: panels that appear may have Qt process events
        from .controller import Controller
        from .strokes.session import StrokesSession
        from .wizard.opening import WizardOpening

        self._dock.fill()
        self._controller = Controller(self._dock, self._iface)
        self._strokes = StrokesSession(self._dock, self._controller, self._iface)
        self._finetuning = WizardOpening(self._opening, self._dock, self._controller, self._iface)
        self._strokes.maker.open_wizard = self._finetuning.open_with_labels

    def close(self) -> None:
        """Take everything out of QGIS's window."""
        self._soon.stop()
        for part in (self._strokes, self._finetuning, self._controller):
            if part is not None:
                part.close()
        self._iface.unregisterOptionsWidgetFactory(self._settings)
        self._dock.visibilityChanged.disconnect(self._seen)
        self._iface.removeDockWidget(self._dock)
        for action in (self.action, self._opening):
            self._iface.removePluginRasterMenu(MENU, action)
            self._iface.removeToolBarIcon(action)
            action.deleteLater()
        self._dock.deleteLater()

    def _action(self, picture: str, name: str, text: str) -> QAction:
        action = QAction(icon(picture), text, self._iface.mainWindow())
        action.setObjectName(name)
        self._iface.addPluginToRasterMenu(MENU, action)
        self._iface.addToolBarIcon(action)  # of the plugins: QGIS hides the one named Raster at first
        return action

    def _show(self, on: bool) -> None:
        if on:
            self.opened()  # first: it gets the room that its panels need
        self._dock.setUserVisible(on)

    def _seen(self, on: bool) -> None:
        self.action.setChecked(on)
        if on:
            self.opened()
