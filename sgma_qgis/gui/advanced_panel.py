"""How to compute; nobody needs to touch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QSizePolicy, QSpinBox, QWidget

from ..i18n import tr
from ..model.contract.job import DEVICES, PRECISIONS

TILE_STEP = 32


@dataclass(frozen=True)
class Advanced:
    """Fields of `contract.job.Options`; None and 'auto' = the default."""

    overlap: Optional[float] = None
    tile: Optional[int] = None
    batch: Optional[int] = None
    device: str = "auto"
    precision: str = "auto"
    threads: Optional[int] = None


class AdvancedPanel(QWidget):
    """Its value is an Advanced; every number has 'automatic' as its lowest value."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.overlap = QDoubleSpinBox(self)
        self.overlap.setRange(-1.0, 50.0)
        self.overlap.setDecimals(1)
        self.overlap.setSuffix(" %")
        self.tile, self.batch, self.threads = QSpinBox(self), QSpinBox(self), QSpinBox(self)
        self.tile.setRange(0, 4096)
        self.tile.setSingleStep(TILE_STEP)
        self.tile.setSuffix(tr(" px"))
        self.batch.setRange(0, 256)
        self.threads.setRange(0, 256)
        self.device, self.precision = QComboBox(self), QComboBox(self)
        self.device.setEditable(True)
        for box, keys in ((self.device, DEVICES), (self.precision, PRECISIONS)):
            for key in keys:
                box.addItem(tr("automatic") if key == "auto" else key, key)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        for text, box, tip in (
            (tr("Overlap"), self.overlap, tr("How much of a tile is blended with its neighbours")),
            (tr("Tile"), self.tile, tr("Pixels of a tile's side; smaller takes less memory")),
            (tr("Batch"), self.batch, tr("Tiles computed at a time; halved when memory does not suffice")),
            (tr("Device"), self.device, tr("cuda:1 is the second graphics card")),
            (tr("Precision"), self.precision, tr("bf16 is faster where the processor computes in it")),
            (tr("Threads"), self.threads, tr("Processor cores used")),
        ):
            box.setToolTip(tip)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            if isinstance(box, QComboBox):
                box.setMinimumContentsLength(8)
                box.currentIndexChanged.connect(self._emit)
                if box.isEditable():
                    box.lineEdit().editingFinished.connect(self._emit)
            else:
                box.setSpecialValueText(tr("automatic"))
                box.setValue(box.minimum())
                box.setKeyboardTracking(False)
                box.valueChanged.connect(self._emit)
            form.addRow(text, box)

    def value(self) -> Advanced:
        """Return the choice."""
        return Advanced(
            self.overlap.value() if self.overlap.value() >= 0 else None,
            self._whole(self.tile, TILE_STEP),
            self._whole(self.batch),
            self._key(self.device),
            self._key(self.precision),
            self._whole(self.threads),
        )

    def set_value(self, choice: Advanced) -> None:
        """Choose how to compute."""
        self.overlap.setValue(-1.0 if choice.overlap is None else choice.overlap)
        for box, number in ((self.tile, choice.tile), (self.batch, choice.batch), (self.threads, choice.threads)):
            box.setValue(number or 0)
        for box, key in ((self.device, choice.device), (self.precision, choice.precision)):
            if box.findData(key) >= 0:
                box.setCurrentIndex(box.findData(key))
            elif box.isEditable():
                box.setEditText(key)
        self.changed.emit()

    @staticmethod
    def _whole(box: QSpinBox, step: int = 1) -> Optional[int]:
        return max(step, box.value() // step * step) if box.value() else None

    @staticmethod
    def _key(box: QComboBox) -> str:
        row = box.findText(box.currentText())
        return str(box.itemData(row)) if row >= 0 else box.currentText().strip() or "auto"

    def _emit(self, *ignored: object) -> None:
        self.changed.emit()
