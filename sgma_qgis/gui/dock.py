"""The dock: composes the panels when it is filled; `controller` connects them to the work."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.gui import QgsCollapsibleGroupBox, QgsDockWidget, QgsMapCanvas
from qgis.PyQt.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr

NAME = "SgmaDock"
LEAST_WIDTH = 300


class SgmaDock(QgsDockWidget):
    """One column: status line, tabs (set-up, strokes, result), and the run bar, which is always in sight."""

    def __init__(self, canvas: QgsMapCanvas, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName(NAME)  # QGIS remembers by it whether the dock was open, and where
        self.setWindowTitle(tr("SGMA land cover"))
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self.setMinimumWidth(LEAST_WIDTH)
        self._canvas = canvas

    def fill(self) -> None:
        """Make the panels, once: QGIS starts sooner without, so their modules are imported here and below."""
        from .history_panel import HistoryPanel
        from .job_builder import Panels
        from .run_bar import RunBar
        from .status_line import StatusLine

        body = QWidget(self)
        # The Tab key goes in the order of making: from top to bottom.
        self.status = StatusLine(body)
        self.tabs = QTabWidget(body)
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)  # a narrow dock shortens the tabs' names: all stay in sight
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.addTab(self._set_up_page(), tr("Set up"))
        self.strokes_page = self._strokes_page()
        self.tabs.addTab(self.strokes_page, tr("Strokes"))
        self.result_page = self._result_page()
        self.tabs.addTab(self.result_page, tr("Result"))
        self.history = HistoryPanel(self.tabs)
        self.tabs.addTab(self.history, tr("History"))
        self.run_bar = RunBar(body)
        self.panels = Panels(self.model, self.layers, self.area, self.resolution, self.outputs, self.advanced)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.status)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.run_bar)
        self._wanted: QWidget = self.result
        self._soon = QTimer(self)  # a panel's new height is known when its layout has been done
        self._soon.setSingleShot(True)
        self._soon.setInterval(50)
        self._soon.timeout.connect(self._bring)
        self._guard = _WheelGuard(self)
        for box in body.findChildren((QComboBox, QAbstractSpinBox)):
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.installEventFilter(self._guard)
        self.setWidget(body)
        body.show()  # Qt leaves that to us where the dock is open already

    def show_result(self, panel: QWidget) -> None:
        """Bring the page of results into sight, and of it that panel: whole, or its top."""
        self.tabs.setCurrentWidget(self.result_page)
        if panel is not self.result:
            self._inspect.setCollapsed(False)
        self._wanted = panel
        self._soon.start()

    def _bring(self) -> None:
        page, panel = self.result_page, self._wanted
        top = panel.mapTo(page.widget(), QPoint(0, 0)).y()
        if panel is self.result:
            page.verticalScrollBar().setValue(0)
        elif panel.height() > page.viewport().height():
            page.verticalScrollBar().setValue(top)
        else:
            page.ensureWidgetVisible(panel, 0, 6)

    def _set_up_page(self) -> QWidget:
        from .accuracy_strip import AccuracyStrip
        from .advanced_panel import AdvancedPanel
        from .area_panel import AreaPanel
        from .layers_panel import LayersPanel
        from .model_panel import ModelPanel
        from .outputs_panel import OutputsPanel
        from .resolution_panel import ResolutionPanel

        scroll, page, column = _page(self.tabs)
        self.model = ModelPanel(page)
        column.addWidget(self.model)
        box = _box("layers", tr("Layers by sensor"), column)
        self.layers, self.accuracy = LayersPanel(box), AccuracyStrip(box)
        _fill(box, self.layers, self.accuracy)
        box = _box("area", tr("Area and resolution"), column)
        self.area, self.resolution = AreaPanel(self._canvas, box), ResolutionPanel(box)
        _fill(box, self.area, self.resolution)
        box = _box("outputs", tr("Outputs"), column)
        self.outputs = OutputsPanel(box)
        _fill(box, self.outputs)
        box = _box("advanced", tr("Advanced"), column)
        self.advanced = AdvancedPanel(box)
        _fill(box, self.advanced)
        box.setCollapsed(True)
        column.addStretch(1)
        return scroll

    def _strokes_page(self) -> QWidget:
        from .strokes.panel import StrokesPanel

        scroll, page, column = _page(self.tabs)
        self.strokes = StrokesPanel(page)
        column.addWidget(self.strokes)
        column.addStretch(1)
        return scroll

    def _result_page(self) -> QWidget:
        from .result_panel import ResultPanel
        from .what_if_panel import WhatIfPanel
        from .why_panel import WhyPanel

        scroll, page, column = _page(self.tabs)
        self.result = ResultPanel(page)
        column.addWidget(self.result)
        self._inspect = box = _box("inspect", tr("Inspect"), column)
        box.setScrollOnExpand(False)  # it processes events in the middle: answers came before what was to be shown
        self.why, self.what_if = WhyPanel(box), WhatIfPanel(box)
        _fill(box, self.why, self.what_if)
        column.addStretch(1)
        return scroll


class _WheelGuard(QObject):
    """Turning the wheel scrolls the dock; it changes a value only where that has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _page(parent: QWidget) -> Tuple[QScrollArea, QWidget, QVBoxLayout]:
    """Return a page that scrolls up and down, its content, and the content's column."""
    scroll = QScrollArea(parent)
    page = QWidget(scroll)
    scroll.setWidget(page)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    column = QVBoxLayout(page)
    column.setContentsMargins(6, 6, 6, 6)
    return scroll, page, column


def _box(name: str, title: str, column: QVBoxLayout) -> QgsCollapsibleGroupBox:
    box = QgsCollapsibleGroupBox(title, column.parentWidget())
    box.setObjectName(f"sgma_{name}")  # QGIS remembers by it whether the box was open
    box.setSettingGroup("sgma")
    column.addWidget(box)
    return box


def _fill(box: QgsCollapsibleGroupBox, *panels: QWidget) -> None:
    column = QVBoxLayout(box)
    column.setContentsMargins(6, 2, 6, 4)
    for panel in panels:
        column.addWidget(panel)
