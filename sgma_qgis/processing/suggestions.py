"""An entry field of Processing dialogs with values to choose from, into which any other text can be typed or pasted."""

from __future__ import annotations

from typing import Any, List, Optional

from processing.gui.wrappers import WidgetWrapper
from qgis.PyQt.QtWidgets import QComboBox, QWidget


class SuggestionsWidget(WidgetWrapper):
    """An editable list. QGIS's own `value_hints` gives a list into which nothing can be typed."""

    def createWidget(self, values: Optional[List[str]] = None) -> QWidget:
        box = QComboBox()
        box.setEditable(True)
        box.addItems(values or [])
        box.setCurrentIndex(-1)  # empty, until the parameter's default is set
        box.setToolTip(self.parameterDefinition().toolTip())
        box.currentTextChanged.connect(lambda: self.widgetValueHasChanged.emit(self))
        return box

    def setValue(self, value: Any) -> None:
        self.widget.setCurrentText(str(value or ""))

    def value(self) -> str:
        return self.widget.currentText().strip()
