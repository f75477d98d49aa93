"""Map tools of ours are lent to the canvas: whoever ends one finds the tool that was there before."""

from __future__ import annotations

from typing import Any, List, Optional

from qgis import utils
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QEvent, QObject, Qt, QTimer
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QDockWidget, QShortcut, QWidget

OURS = "sgma_lent"  #: a property of tools that are never given back, since they were lent themselves


class ToolLoan(QObject):
    """Remembers the canvas's last tool that was not lent, and gives it back.

    Esc does so on the map and in the dock, and so does closing the dock.
    """

    def __init__(self, canvas: QgsMapCanvas, owner: QWidget, *tools: QgsMapTool) -> None:
        """owner: a widget of the dock; tools: one of them at a time is lent."""
        super().__init__(owner)
        self._canvas = canvas
        self._owner = owner
        self._tools = tools
        self._before: Optional[QgsMapTool] = None
        self._keys: List[QShortcut] = []
        self._home: Optional[QWidget] = None  # the dock, while a tool of ours is the canvas's
        self._hidden = QTimer(self)
        self._hidden.setSingleShot(True)
        self._hidden.setInterval(0)
        self._hidden.timeout.connect(self._look)
        for tool in tools:
            tool.setProperty(OURS, True)
            tool.activated.connect(self._listen)
            tool.deactivated.connect(self._listen_no_more)
        self._remember(canvas.mapTool())
        canvas.mapToolSet.connect(self._remember)

    def lend(self, tool: QgsMapTool) -> None:
        """Make one of the tools the canvas's."""
        self._canvas.setMapTool(tool)

    def give_back(self) -> None:
        """Give the canvas the tool it had, if it has one of ours; where that is gone, QGIS's own for panning."""
        now = self._canvas.mapTool()
        if now not in self._tools:
            return
        if self._before is not None:
            self._canvas.setMapTool(self._before)
        elif utils.iface is not None:
            utils.iface.actionPan().trigger()
        self._canvas.unsetMapTool(now)  # does nothing where another is there by now

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide and not event.spontaneous():  # closed, not minimised with its window
            self._hidden.start()  # a dock that is made to float, or docked again, is hidden for a moment
        return False

    def close(self) -> None:
        """Give the tool back for good."""
        self.give_back()
        self._canvas.mapToolSet.disconnect(self._remember)
        self._listen_no_more()
        self._forget()

    def _look(self) -> None:
        if self._home is not None and not self._home.isVisible():
            self.give_back()

    def _remember(self, tool: Optional[QgsMapTool], *ignored: Any) -> None:
        if tool is not None and tool.property(OURS):
            return
        self._forget()
        self._before = tool
        if tool is not None:
            tool.destroyed.connect(self._gone)

    def _forget(self) -> None:
        if self._before is not None:
            self._before.destroyed.disconnect(self._gone)
            self._before = None

    def _gone(self, *ignored: Any) -> None:
        self._before = None

    def _listen(self) -> None:
        self._listen_no_more()
        self._home = _dock(self._owner)
        self._home.installEventFilter(self)
        for widget in (self._canvas, self._home):
            key = QShortcut(QKeySequence(Qt.Key.Key_Escape), widget)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(self.give_back)
            self._keys.append(key)

    def _listen_no_more(self) -> None:
        if self._home is not None:
            self._home.removeEventFilter(self)
            self._home = None
        for key in self._keys:
            key.setEnabled(False)  # it may be the one that is being pressed
            key.deleteLater()
        self._keys = []


def _dock(widget: QWidget) -> QWidget:
    """Return the dock a widget lies in, else its window."""
    while widget.parentWidget() is not None and not isinstance(widget, QDockWidget):
        widget = widget.parentWidget()
    return widget
