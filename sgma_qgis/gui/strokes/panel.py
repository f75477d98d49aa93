"""The tab 'Strokes': classes, tools, how the map of the strokes is shown, and what can be made of it."""

from __future__ import annotations

from typing import Dict, Optional

from qgis.core import QgsApplication
from qgis.gui import QgsOpacityWidget
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QHideEvent, QShowEvent
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...i18n import tr
from ..elided_combo import ElidedCombo
from ..steady_label import SteadyLabel
from .class_list import ClassList
from .map_tool import BRUSH, ERASER, OBJECTS, POLYGON
from .overlay import OPACITY

MOST_SIZE = 100  # of the slider, pixels; the wheel goes further
FIRST_SIZE = 15
STATUS_LINES = 3  # kept free: what is below stays put when a text has fewer
MODEL, PIXELS = "model", "none"  #: what the map of the strokes starts from


class StrokesPanel(QWidget):
    """Its value is the tool that is in hand: BRUSH, POLYGON, ERASER, OBJECTS, or '' for none.

    `changed` when another is taken; `start_changed` when the map starts from something else; `seen(on)` when the tab is
    shown or hidden; others are buttons.
    """

    changed = pyqtSignal()
    seen = pyqtSignal(bool)
    start_changed = pyqtSignal()
    size_changed = pyqtSignal(int)
    undo_wanted = pyqtSignal()
    redo_wanted = pyqtSignal()
    clear_wanted = pyqtSignal()
    hint_wanted = pyqtSignal()
    opacity_changed = pyqtSignal(float)
    doubt_changed = pyqtSignal(bool)
    run_wanted = pyqtSignal()
    model_wanted = pyqtSignal()
    labels_wanted = pyqtSignal()
    open_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.start = ElidedCombo(self)
        self.start.setObjectName("strokes_start")
        self.start.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.start.setMinimumContentsLength(10)
        self.start.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.start.addItem("", MODEL)
        self.start.addItem(tr("Pixels alone, no model"), PIXELS)
        self.start.setToolTip(
            tr("What knows of the picture beside your strokes: the model chosen under Set up, or nothing.")
        )
        self.classes = ClassList(self)
        self.tools: Dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self.status = SteadyLabel(self, STATUS_LINES)
        self.status.setObjectName("strokes_status")
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        label = QLabel(tr("Start from"), self)
        label.setBuddy(self.start)
        row.addWidget(label)
        row.addWidget(self.start, 1)
        layout.addLayout(row)
        layout.addWidget(self.classes)
        layout.addLayout(self._tool_row())
        layout.addLayout(self._size_row())
        layout.addWidget(self.status)
        layout.addWidget(_line(self))
        layout.addLayout(self._view_rows())
        layout.addWidget(_line(self))
        layout.addLayout(self._make_rows())
        for button in self.findChildren(QAbstractButton):  # a click on one leaves the keys to the map
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.start.currentIndexChanged.connect(self.start_changed)
        self.set_model("")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # as when QGIS's window comes back
            self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # as when it is made an icon: the brush stays in hand
            self.seen.emit(False)

    def value(self) -> str:
        """Return the tool in hand."""
        return next((mode for mode, button in self.tools.items() if button.isChecked()), "")

    def set_value(self, mode: str) -> None:
        """Take a tool, '' for none."""
        if mode != self.value():
            for name, button in self.tools.items():
                button.setChecked(name == mode)
            self.changed.emit()

    def starts_from(self) -> str:
        """Return MODEL or PIXELS."""
        return str(self.start.currentData())

    def set_start(self, kind: str) -> None:
        """Choose MODEL or PIXELS."""
        self.start.setCurrentIndex(max(0, self.start.findData(kind)))

    def set_model(self, title: str) -> None:
        """Say which model is chosen under Set up; '' = none is."""
        self.start.setItemText(0, title or tr("No model is chosen"))

    def set_size(self, pixels: int) -> None:
        """Show the brush's size."""
        self.size.blockSignals(True)
        self.size.setValue(min(pixels, MOST_SIZE))
        self.size.blockSignals(False)
        self.size_text.setText(tr("{count} px").format(count=pixels))

    def set_steps(self, undo: bool, redo: bool) -> None:
        """Say whether there is something to take back, or to make again."""
        self.undo_button.setEnabled(undo)
        self.redo_button.setEnabled(redo)

    def set_status(self, text: str, hint: str = "") -> None:
        """Show a sentence."""
        self.status.show_text(text)
        self.status.setToolTip(hint)

    def set_passing(self, text: str) -> None:
        """Show a sentence that another one follows soon."""
        self.status.show_text(text, passing=True)
        self.status.setToolTip("")

    def set_ready(self, strokes: bool, shown: bool) -> None:
        """Enable what needs strokes, and what needs their map."""
        for widget in (self.clear_button, self.labels_button):
            widget.setEnabled(strokes)
        self.hint_button.setEnabled(shown)
        self.tools[OBJECTS].setEnabled(shown)
        self.set_makeable(shown)

    def set_makeable(self, on: bool) -> None:
        """Enable what makes a map or a model of the strokes; the status says why not."""
        for widget in (self.run_button, self.model_button):
            widget.setEnabled(on)

    def _tool_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for mode, text, image, tip in (
            (BRUSH, tr("Brush"), "/mActionEditTable.svg", tr(
                "Paint with the left button. Ctrl or Shift with the wheel, or [ and ]: size. Space or middle button: "
                "move the map, also in a stroke. 1 to 9: class. Esc puts it down.")),
            (POLYGON, tr("Polygon"), "/mActionAddPolygon.svg", tr(
                "Click corners; right click, double click or Enter ends, Backspace takes one back, Esc gives up.")),
            (ERASER, tr("Eraser"), "/mActionDeleteSelected.svg", tr("Take strokes off where you paint.")),
            (OBJECTS, tr("Objects"), "/mActionSelectRectangle.svg", tr(
                "Click a patch of the map, or drag a box around some: Shift adds, Ctrl or Alt takes out, Enter keeps "
                "them in a layer, Esc gives up.")),
        ):  # fmt: skip
            button = QToolButton(self)
            button.setObjectName(f"strokes_{mode}")
            button.setText(text)
            button.setIcon(QgsApplication.getThemeIcon(image))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # equal shares of a narrow dock
            button.setCheckable(True)
            button.setToolTip(tip)
            button.clicked.connect(lambda on, name=mode: self._taken(name, on))
            row.addWidget(button)
            self.tools[mode] = button
        self.undo_button = self._step(tr("Undo"), "/mActionUndo.svg", tr("Take the last stroke back (Ctrl+Z)"))
        self.redo_button = self._step(tr("Redo"), "/mActionRedo.svg", tr("Make it again (Ctrl+Shift+Z)"))
        self.undo_button.clicked.connect(self.undo_wanted)
        self.redo_button.clicked.connect(self.redo_wanted)
        return row

    def _step(self, name: str, image: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(QgsApplication.getThemeIcon(image))
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button

    def _taken(self, mode: str, on: bool) -> None:
        for name, button in self.tools.items():
            button.setChecked(on and name == mode)
        self.changed.emit()

    def _size_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.size = QSlider(Qt.Orientation.Horizontal, self)
        self.size.setObjectName("strokes_size")
        self.size.setRange(1, MOST_SIZE)
        self.size.setToolTip(tr("Diameter of brush and eraser on the screen"))
        self.size_text = QLabel(self)
        self.size_text.setMinimumWidth(self.fontMetrics().horizontalAdvance("000 px"))
        label = QLabel(tr("Brush si&ze"), self)
        label.setBuddy(self.size)
        row.addWidget(label)
        row.addWidget(self.size, 1)
        row.addWidget(self.size_text)
        for button in (self.undo_button, self.redo_button):  # beside the tools they would be too wide for 320 pixels
            row.addWidget(button)
        self.size.valueChanged.connect(self.size_changed)
        self.size.valueChanged.connect(self.set_size)
        self.set_size(FIRST_SIZE)
        return row

    def _view_rows(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        self.show_box = QComboBox(self)
        self.show_box.setObjectName("strokes_show")
        self.show_box.addItem(tr("Classes"), False)
        self.show_box.addItem(tr("Uncertainty"), True)
        self.show_box.setToolTip(tr("Uncertainty glares where two classes are nearly alike to the map"))
        self.opacity = QgsOpacityWidget(self)
        self.opacity.setObjectName("strokes_opacity")
        self.opacity.setOpacity(OPACITY)
        self.opacity.setToolTip(tr("How strongly the map covers the picture"))
        for i, (text, widget) in enumerate(((tr("Show"), self.show_box), (tr("Opacit&y"), self.opacity))):
            label = QLabel(text, self)
            label.setBuddy(widget)
            grid.addWidget(label, i, 0)
            grid.addWidget(widget, i, 1)
        self.hint_button = QPushButton(tr("Where ne&xt?"), self)
        self.hint_button.setToolTip(tr("Mark where the map is least sure: a stroke helps most there"))
        self.clear_button = QPushButton(tr("Clear strokes"), self)
        self.clear_button.setToolTip(tr("Take all strokes off; Undo brings them back"))
        row = QHBoxLayout()
        row.addWidget(self.hint_button)
        row.addWidget(self.clear_button)
        grid.addLayout(row, 2, 0, 1, 2)
        self.show_box.currentIndexChanged.connect(lambda: self.doubt_changed.emit(bool(self.show_box.currentData())))
        self.opacity.opacityChanged.connect(self.opacity_changed)
        self.hint_button.clicked.connect(self.hint_wanted)
        self.clear_button.clicked.connect(self.clear_wanted)
        return grid

    def _make_rows(self) -> QGridLayout:
        grid = QGridLayout()
        self.run_button = QPushButton(tr("Run on the whole area"), self)
        self.run_button.setObjectName("strokes_run")
        self.run_button.setToolTip(tr("Map the area chosen under Set up, with the outputs chosen there"))
        self.model_button = QPushButton(tr("Save as model…"), self)
        self.model_button.setToolTip(tr("Keep what the strokes taught as a model of its own, in the list of models"))
        self.labels_button = QPushButton(tr("Use as labels"), self)
        self.labels_button.setToolTip(tr("Copy the strokes into a layer of labels, to train a model with them"))
        self.open_button = QPushButton(tr("Open strokes…"), self)
        self.open_button.setToolTip(tr("Go on with strokes that were kept earlier"))
        grid.addWidget(self.run_button, 0, 0, 1, 2)
        grid.addWidget(self.model_button, 1, 0)
        grid.addWidget(self.labels_button, 1, 1)
        grid.addWidget(self.open_button, 2, 0, 1, 2)
        self.run_button.clicked.connect(self.run_wanted)
        self.model_button.clicked.connect(self.model_wanted)
        self.labels_button.clicked.connect(self.labels_wanted)
        self.open_button.clicked.connect(self.open_wanted)
        return grid


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
