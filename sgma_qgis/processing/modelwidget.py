"""The model's entry field in Processing dialogs: installed models to choose from, or any path typed or pasted."""

from __future__ import annotations

from typing import Any, List, Optional

from processing.gui.wrappers import WidgetWrapper
from qgis.PyQt.QtWidgets import QComboBox, QWidget


class ModelWidget(WidgetWrapper):
    """An editable list. QGIS's own `value_hints` gives a list into which no path can be typed."""

    def createWidget(self, ids: Optional[List[str]] = None) -> QWidget:
        box = QComboBox()
        box.setEditable(True)
        box.addItems(ids or [])
        box.setToolTip(self.parameterDefinition().help())
        box.currentTextChanged.connect(lambda: self.widgetValueHasChanged.emit(self))
        return box

    def setValue(self, value: Any) -> None:
        self.widget.setCurrentText(str(value or ""))

    def value(self) -> str:
        return self.widget.currentText().strip()
