"""One sensor's row: its layer, the bands and unit taken from it, and a badge that says what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Tuple

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QSizePolicy, QToolButton, QWidget

from ..i18n import tr, unit_title
from ..model.contract.modality import UNITS, Modality
from .badge import Badge, BadgeLabel
from .bands_editor import BandsEditor
from .elided_combo import ElidedCombo, ElidedLayerCombo


@dataclass(frozen=True)
class Slot:
    """A layer in a sensor's row; () and '' = bands and unit as guessed."""

    layer_id: str
    bands: Tuple[int, ...] = ()
    unit: str = ""


class SlotRow(QObject):
    """The widgets of one row, for a grid of two columns. Its value is a Slot, or None when the sensor is absent.

    The label is a tick that leaves the sensor out, and takes it in again with the layer that it had.

    `changed` when the choice changes, `picked(sensor)` when the user took another layer, `lost(sensor, name)` when the
    layer was removed from the project. `touched`: the user chose, so no guess must replace it.
    """

    changed = pyqtSignal()
    picked = pyqtSignal(str)
    lost = pyqtSignal(str, str)

    def __init__(self, modality: Modality, parent: QWidget) -> None:
        super().__init__(parent)
        self.modality = modality
        self.touched = False
        self._visible = True
        self._layer_id = ""
        self._leaving = ""
        self._left_out: List[QgsMapLayer] = []
        self._before: Optional[Slot] = None  # what was chosen when the row was last emptied
        self.label = QCheckBox(modality.title, parent)
        self.label.setObjectName(f"use_{modality.key}")
        self.layers = ElidedLayerCombo(parent)
        self.layers.setObjectName(f"layer_{modality.key}")
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.layers.setAllowEmptyLayer(True, tr("none"))
        self.layers.setShowCrs(False)
        self.layers.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layers.setMinimumContentsLength(8)
        self.layers.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._why = ""
        self._tip = tr("Layer with {sensor}; leave it empty if you have none. One file may fill several rows.").format(
            sensor=modality.title
        )
        self.layers.setAccessibleName(modality.title)
        self.unit = ElidedCombo(parent)
        self.unit.setObjectName(f"unit_{modality.key}")
        self.unit.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.unit.setMinimumContentsLength(4)
        self.unit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.unit.addItem(tr("automatic"), "")
        for key in modality.units:
            self.unit.addItem(unit_title(key), key)
        self.bands_button = QToolButton(parent)
        self.bands_button.setObjectName(f"bands_{modality.key}")
        self.bands_button.setCheckable(True)
        self.bands_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bands_button.setArrowType(Qt.ArrowType.RightArrow)
        self.bands_button.setAccessibleName(tr("Bands of {sensor}").format(sensor=modality.title))
        self.bands = BandsEditor(parent)
        self.badge = BadgeLabel(parent)
        self.label.clicked.connect(self._switched)
        self.layers.activated.connect(self._picked)
        self.unit.activated.connect(self._user_changed)
        self.bands.changed.connect(self._user_changed)
        self.bands_button.toggled.connect(self._show)
        QgsProject.instance().layersWillBeRemoved["QStringList"].connect(self._remember_name)
        QgsProject.instance().layersRemoved.connect(self._removed)
        self._show()

    def value(self) -> Optional[Slot]:
        """Return the choice; None = absent."""
        if not self._layer_id or self.layer() is None:
            return None
        return Slot(self._layer_id, self.bands.value(), str(self.unit.currentData() or ""))

    def set_value(self, slot: Optional[Slot]) -> None:
        """Choose a layer of the project, or none."""
        before = self.value()
        self._put(slot)
        self._show()
        if self.value() != before:
            self.changed.emit()

    def layer(self) -> Optional[QgsRasterLayer]:
        """Return the layer chosen, while it is in the project."""
        return QgsProject.instance().mapLayer(self._layer_id) if self._layer_id else None

    def leave_out(self, layers: List[QgsMapLayer]) -> None:
        """Offer no such layers, but for the one chosen."""
        self._left_out = layers
        self._select(self.layer())

    def set_visible(self, visible: bool) -> None:
        """Show or hide the row."""
        self._visible = visible
        self._show()

    def set_guess(self, bands: Tuple[int, ...], unit: str) -> None:
        """Show what is taken where nothing is chosen."""
        self.bands.set_guess(bands)
        known = unit in UNITS
        self.unit.setItemText(0, tr("auto: {unit}").format(unit=unit_title(unit)) if known else tr("automatic"))
        self._show()

    def set_reason(self, why: str) -> None:
        """Say in the tooltip why this layer was taken."""
        self._why = why
        self._show()

    def set_badge(self, badge: Optional[Badge]) -> None:
        """Show what the layer is worth."""
        self.badge.set_value(badge if self._visible else None)

    def _put(self, slot: Optional[Slot]) -> None:
        layer = _layer_of(slot)
        self._take(layer)
        if layer is not None:
            self.bands.set_value(slot.bands)
            self.unit.setCurrentIndex(max(0, self.unit.findData(slot.unit)))

    def _switched(self, on: bool) -> None:
        """Leave the sensor out, or take what it had; without that, ask for a layer."""
        if on and _layer_of(self._before) is None:
            self._show()
            self.layers.showPopup()
            return
        self._put(self._before if on else None)
        self._user_changed()

    def _picked(self) -> None:
        layer = self.layers.currentLayer()
        self._take(layer)
        if layer is not None:
            self.picked.emit(self.modality.key)
        self._user_changed()

    def _user_changed(self) -> None:
        self.touched = True
        self._show()
        self.changed.emit()

    def _take(self, layer: Optional[QgsMapLayer]) -> None:
        """Make a layer the chosen one; bands and unit of another are forgotten."""
        chosen = layer.id() if isinstance(layer, QgsRasterLayer) else ""
        if chosen != self._layer_id:
            self._before = self.value() or self._before
            self._layer_id = chosen
            self.bands.set_value(())
            self.bands.set_guess(())
            self.unit.setCurrentIndex(0)
            self.unit.setItemText(0, tr("automatic"))
            self.badge.set_value(None)
            self.bands_button.setChecked(False)
            self._why = ""
        self.bands.set_layer(layer if chosen else None)
        self._select(layer if chosen else None)

    def _select(self, layer: Optional[QgsMapLayer]) -> None:
        self.layers.setExceptedLayerList([other for other in self._left_out if other is not layer])
        if layer is None:
            self.layers.setCurrentIndex(0)  # the empty entry; setLayer would leave nothing chosen, not even that
        else:
            self.layers.setLayer(layer)

    def _remember_name(self, ids: list) -> None:
        if self._layer_id in ids:
            self._leaving = self.layer().name()

    def _removed(self, ids: list) -> None:
        """A removed layer leaves its row empty: the list itself would go on to the next layer."""
        gone = self._layer_id in ids
        there = QgsProject.instance().mapLayers().values()
        self._left_out = [layer for layer in there if layer in self._left_out]
        if gone:
            self._take(None)
            self.touched = False
        else:
            self._select(self.layer())
        self._show()
        if gone:
            if self._visible:
                self.lost.emit(self.modality.key, self._leaving)
            self.changed.emit()

    def _show(self) -> None:
        filled = self._visible and bool(self._layer_id)
        for widget in (self.label, self.layers):
            widget.setVisible(self._visible)
        self.label.setChecked(bool(self._layer_id))
        self.label.setToolTip(self._switch_tip())
        name = self.layer().name() if self.layer() is not None else ""  # in a narrow dock the text is cut
        self.layers.setToolTip("\n".join(filter(None, (name, self._tip, self._why))))
        tip = tr("What the values are. Automatic is a guess from type, name and values: look at it.")
        self.unit.setToolTip(f"{self.unit.currentText()}\n{tip}")
        text = self.bands.text()
        self.bands_button.setText(text or tr("Bands"))
        self.bands_button.setToolTip(tr("Which band is which: {bands}").format(bands=text or tr("as guessed")))
        opened = filled and self.bands_button.isChecked()
        self.bands_button.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        for widget in (self.unit, self.bands_button):
            widget.setVisible(filled)
        self.bands.setVisible(opened)
        if not filled:
            self.badge.set_value(None)

    def _switch_tip(self) -> str:
        before = _layer_of(self._before)
        if self._layer_id:
            return tr("Untick to leave {sensor} out; the layer is remembered.").format(sensor=self.modality.title)
        if before is not None:
            return tr("Tick to use {layer} again.").format(layer=before.name())
        return tr("Tick to choose a layer with {sensor}.").format(sensor=self.modality.title)


def _layer_of(slot: Optional[Slot]) -> Optional[QgsMapLayer]:
    """Return a slot's layer while it is in the project."""
    return QgsProject.instance().mapLayer(slot.layer_id) if slot is not None else None
