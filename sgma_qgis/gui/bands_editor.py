"""Which band of a layer is which: one list a band that the model wants, or left to the engine."""

from __future__ import annotations

from typing import List, Optional, Tuple

from qgis.core import QgsRasterLayer
from qgis.gui import QgsRasterBandComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QPushButton, QSizePolicy, QWidget

from ..i18n import tr


class BandsEditor(QWidget):
    """Its value is the bands in the model's order, 1-based; () = as guessed. `changed` when the user changes them."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._names: Tuple[str, ...] = ()
        self._bands: Tuple[int, ...] = ()
        self._guess: Tuple[int, ...] = ()
        self._combos: List[QgsRasterBandComboBox] = []
        self._layer: Optional[QgsRasterLayer] = None
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self.automatic = QPushButton(tr("Guess"), self)
        self.automatic.setToolTip(tr("By the bands' own names or colours, else the first ones"))
        self.automatic.clicked.connect(self._reset)
        self._form.addRow(self.automatic)

    def value(self) -> Tuple[int, ...]:
        """Return the bands chosen by the user; () = as guessed."""
        return self._bands

    def set_value(self, bands: Tuple[int, ...]) -> None:
        """Choose bands; () = as guessed."""
        self._bands = tuple(bands) if len(bands) == len(self._names) else ()
        self._show()

    def set_names(self, names: Tuple[str, ...]) -> None:
        """Say which bands the model wants; the choice is forgotten when that changes."""
        if names == self._names:
            return
        self._names, self._bands, self._guess = names, (), ()
        for combo in self._combos:
            self._form.removeRow(combo)
        self._combos = []
        for row, name in enumerate(names):
            combo = QgsRasterBandComboBox(self)
            combo.setSizeAdjustPolicy(combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(6)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            combo.setToolTip(tr("Band of the layer that holds {name}").format(name=name))
            combo.activated.connect(self._taken)
            QWidget.setTabOrder(self._before_automatic(), combo)
            self._form.insertRow(row, name, combo)
            self._combos.append(combo)
        self.set_layer(self._layer)

    def _before_automatic(self) -> QWidget:
        """Return what the Tab key reaches before the last button."""
        widget = self.automatic.previousInFocusChain()
        while widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            widget = widget.previousInFocusChain()
        return widget

    def set_layer(self, layer: Optional[QgsRasterLayer]) -> None:
        """Offer this layer's bands."""
        self._layer = layer
        for combo in self._combos:
            combo.setLayer(layer)
        self._show()

    def set_guess(self, bands: Tuple[int, ...]) -> None:
        """Show what the engine takes when nothing is chosen."""
        self._guess = tuple(bands)
        self._show()

    def text(self) -> str:
        """Return '4, 3, 2', or '' while neither a choice nor a guess is known."""
        return ", ".join(str(band) for band in self._bands or self._guess)

    def _show(self) -> None:
        for combo, band in zip(self._combos, self._bands or self._guess):
            combo.setBand(band)
        self.automatic.setEnabled(bool(self._bands))

    def _taken(self) -> None:
        self._bands = tuple(max(1, combo.currentBand()) for combo in self._combos)
        self.automatic.setEnabled(True)
        self.changed.emit()

    def _reset(self) -> None:
        self._bands = ()
        self._show()
        self.changed.emit()
