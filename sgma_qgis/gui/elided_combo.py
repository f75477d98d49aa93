"""A list to choose from whose text ends in dots where it is cut."""

from __future__ import annotations

from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QPaintEvent
from qgis.PyQt.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter

ROOM, ICON_GAP = 6, 4  # pixels: styles keep a rim around the text, and a gap behind an icon


class ElidedCombo(QComboBox):
    """Qt itself cuts a long text in the middle of a letter."""

    def paintEvent(self, event: QPaintEvent) -> None:
        _paint(self)


class ElidedLayerCombo(QgsMapLayerComboBox):
    """The same for layers."""

    def paintEvent(self, event: QPaintEvent) -> None:
        _paint(self)


def _paint(combo: QComboBox) -> None:
    painter = QStylePainter(combo)
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    field = combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )
    icon = 0 if option.currentIcon.isNull() else option.iconSize.width() + ICON_GAP
    option.currentText = combo.fontMetrics().elidedText(
        option.currentText, Qt.TextElideMode.ElideRight, field.width() - icon - ROOM
    )
    painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
    painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
