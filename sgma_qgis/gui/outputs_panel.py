"""What is written, and where: temporary unless a folder is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ..i18n import tr

EXTRA = ("confidence", "availability", "trust", "polygons")
DEFAULTS = ("confidence", "availability")


@dataclass(frozen=True)
class OutputChoice:
    """roles: outputs beside the classes. folder: '' = temporary. name: stem of every file.

    min_area: square metres, simplify: metres; None = polygons as traced.
    """

    roles: Tuple[str, ...] = DEFAULTS
    folder: str = ""
    name: str = ""
    min_area: Optional[float] = None
    simplify: Optional[float] = None


class OutputsPanel(QWidget):
    """Its value is an OutputChoice."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._make_boxes())
        self.polygon_options = self._make_polygon_options()
        layout.addWidget(self.polygon_options)
        layout.addLayout(self._make_place())
        self._show()

    def _make_boxes(self) -> QGridLayout:
        """Return the ticks of what is written, the map's first."""
        self.boxes: Dict[str, QCheckBox] = {}
        grid = QGridLayout()
        classes = self._box("classes", tr("Land cover"), tr("The land cover map: always written"))
        classes.setChecked(True)
        # enabled: dark themes show one that is disabled as if it were not ticked
        classes.clicked.connect(lambda: classes.setChecked(True))
        grid.addWidget(classes, 0, 0)
        for (role, text, tip), place in zip(
            (
                ("confidence", tr("Confidence"), tr("How sure the model is, in percent")),
                ("availability", tr("Sensors available"), tr("Which sensors had data at each pixel")),
                ("trust", tr("Trust"), tr("How much each sensor counted at each pixel, in percent")),
                ("polygons", tr("Polygons"), tr("The map as polygons with areas and mean confidence")),
            ),
            ((0, 1, 1, 1), (2, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1)),  # the longest has a row of its own
        ):
            box = self._box(role, text, tip)
            box.setChecked(role in DEFAULTS)
            box.toggled.connect(self._changed)
            grid.addWidget(box, *place)
            self.boxes[role] = box
        return grid

    def _make_polygon_options(self) -> QWidget:
        self.min_area = self._number(tr(" m²"), tr("as traced"), tr("Smaller polygons go into a neighbour"))
        self.simplify = self._number(tr(" m"), tr("as traced"), tr("Corners nearer than this are left out"))
        options = QWidget(self)
        grid = QGridLayout(options)
        grid.setContentsMargins(16, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        _add_row(grid, tr("Smallest area"), self.min_area, self.min_area)
        _add_row(grid, tr("Simplify by"), self.simplify, self.simplify)
        return options

    def _make_place(self) -> QGridLayout:
        self.folder = QgsFileWidget(self)
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setDialogTitle(tr("Folder for the results"))
        self.folder.lineEdit().setPlaceholderText(tr("temporary"))
        self.folder.setToolTip(tr("Empty: results are temporary, and gone when QGIS is closed"))
        self.folder.fileChanged.connect(self._changed)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(tr("landcover"))
        self.name.setToolTip(tr("NAME.tif, NAME_confidence.tif and so on"))
        self.name.editingFinished.connect(self._changed)
        grid = QGridLayout()
        _add_row(grid, tr("Folder"), self.folder, self.folder.lineEdit())
        _add_row(grid, tr("Name"), self.name, self.name)
        return grid

    def value(self) -> OutputChoice:
        """Return the choice."""
        return OutputChoice(
            tuple(role for role in EXTRA if self.boxes[role].isChecked()),
            self.folder.filePath().strip(),
            self.name.text().strip(),
            self.min_area.value() or None,
            self.simplify.value() or None,
        )

    def set_value(self, choice: OutputChoice) -> None:
        """Choose what is written."""
        for role, box in self.boxes.items():
            box.setChecked(role in choice.roles)
        self.folder.setFilePath(choice.folder)
        self.name.setText(choice.name)
        self.min_area.setValue(choice.min_area or 0.0)
        self.simplify.setValue(choice.simplify or 0.0)
        self._changed()

    def set_start_folder(self, folder: str) -> None:
        """Have the dialog that asks for a folder begin there, while none is chosen."""
        self.folder.setDefaultRoot(folder)

    def _box(self, role: str, text: str, tip: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setObjectName(f"output_{role}")
        box.setToolTip(tip)
        return box

    def _number(self, suffix: str, none: str, tip: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(0.0, 100_000.0)
        box.setDecimals(1)
        box.setSuffix(suffix)
        box.setSpecialValueText(none)
        box.setToolTip(tip)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(self._changed)
        return box

    def _changed(self, *ignored: object) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.polygon_options.setVisible(self.boxes["polygons"].isChecked())


def _add_row(grid: QGridLayout, text: str, widget: QWidget, buddy: QWidget) -> None:
    """Add a row to a grid, its label leading to the buddy."""
    row = grid.count() // 2
    label = QLabel(text)
    label.setBuddy(buddy)
    grid.addWidget(label, row, 0)
    grid.addWidget(widget, row, 1)
