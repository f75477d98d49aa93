"""Which model: the installed ones in a list, its classes as chips, its card, and adding one from a file."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import List, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr
from ..model.contract import store
from ..model.contract.card import Card
from ..model.contract.errors import BadModel
from ..model.contract.modality import titles
from .card_dialog import CardDialog
from .elided_combo import ElidedCombo
from .texts import class_chips


class ModelPanel(QWidget):
    """Its value is what a job names: the id of an installed model, or the path of another.

    `changed` when another model is chosen; `failed(error)` when one that was to be added cannot be used.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(object)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._packages: List[store.Package] = []
        self._names: List[str] = []
        self.combo = ElidedCombo(self)
        self.combo.setObjectName("model")
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(12)
        self.combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.combo.setToolTip(tr("The model that maps: it decides the classes and the sensors that can be used."))
        label = QLabel(tr("Model"), self)
        label.setBuddy(self.combo)
        self.chips = QLabel(self)
        self.chips.setWordWrap(True)
        self.chips.setToolTip(tr("Classes of the map, with their colours"))
        self.caution = QLabel(self)
        self.caution.setObjectName("caution")
        self.caution.setWordWrap(True)
        self.caution.setTextFormat(Qt.TextFormat.PlainText)  # a stranger's text
        self.card_button = QPushButton(tr("Model card"), self)
        self.card_button.setToolTip(tr("Classes, sensors, units, resolution, measured accuracy, licence"))
        self.add_button = QPushButton(tr("Add model…"), self)
        self.add_button.setToolTip(tr("Use a model from a .sgma file; it stays where it is"))
        row = QGridLayout()
        row.addWidget(label, 0, 0)
        row.addWidget(self.combo, 0, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.card_button)
        buttons.addWidget(self.add_button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.caution)
        layout.addWidget(self.chips)
        layout.addLayout(buttons)
        self.combo.currentIndexChanged.connect(self._show)
        self.card_button.clicked.connect(self.open_card)
        self.add_button.clicked.connect(self._ask)
        self.refresh()

    def value(self) -> str:
        """Return the model's id or path; '' when none is installed."""
        row = self.combo.currentIndex()
        return self._names[row] if 0 <= row < len(self._names) else ""

    def card(self) -> Optional[Card]:
        """Return the chosen model's card."""
        row = self.combo.currentIndex()
        return self._packages[row].card if 0 <= row < len(self._packages) else None

    def set_value(self, model: str) -> None:
        """Choose a model by id or path. Raises BadModel; the choice then stays as it is."""
        if model not in self._names:
            self._append(store.find(model), model)
        self.combo.setCurrentIndex(self._names.index(model))

    def refresh(self) -> None:
        """Read the list of installed models again; the choice stays where it can."""
        chosen, added = self.value(), [name for name in self._names if store.is_path(name)]
        self.combo.blockSignals(True)
        self.combo.clear()
        self._packages, self._names = [], []
        for package in store.installed():
            self._append(package, package.card.id)
        for path in added:
            try:
                self._append(store.find(path), path)
            except BadModel:  # gone since
                continue
        self.combo.setCurrentIndex(self._names.index(chosen) if chosen in self._names else 0 if self._names else -1)
        self.combo.blockSignals(False)
        self._show()

    def open_card(self) -> Optional[CardDialog]:
        """Open the chosen model's card beside everything else."""
        card = self.card()
        if card is None:
            return None
        dialog = CardDialog(card, self.window())
        dialog.show()
        return dialog

    def add(self, path: str) -> None:
        """Choose the model in that file or folder, or say why it cannot be used."""
        try:
            self.set_value(str(Path(path)))
        except BadModel as error:
            self.failed.emit(error)

    def _ask(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Add model"), "", tr("Models") + f" (*{store.SUFFIX} {store.CARD_FILE})"
        )
        if path:
            self.add(str(Path(path).parent) if Path(path).name == store.CARD_FILE else path)

    def _append(self, package: store.Package, name: str) -> None:
        self._packages.append(package)
        self._names.append(name)
        self.combo.addItem(package.card.title)
        tip = _plain(package.card.title, _warned(package.card), str(package.path))
        self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def _show(self) -> None:
        card = self.card()
        self.card_button.setEnabled(card is not None)
        self.caution.setText(_warned(card))
        self.caution.setVisible(bool(self.caution.text()))
        if card is None:
            self.chips.setText(tr("No model is installed: add one."))
        else:
            self.chips.setText(class_chips(card.classes))
            sensors = tr("Sensors:") + f" {titles(card.keys)}"
            self.combo.setToolTip(_plain(card.title, _warned(card), sensors))
        self.changed.emit()


def _plain(*lines: str) -> str:
    """Return a tooltip of the lines that are not empty; no mark-up of a stranger's card counts."""
    return "<p>" + "<br>".join(escape(line) for line in lines if line) + "</p>"


def _warned(card: Optional[Card]) -> str:
    """Return what the model warns of itself, '' for nothing."""
    return f"⚠ {card.caution}" if card is not None and card.caution else ""
