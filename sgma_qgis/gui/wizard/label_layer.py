"""A new layer to draw labels into: a GeoPackage with a field of the class, and the classes to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsEditorWidgetSetup,
    QgsFillSymbol,
    QgsProject,
    QgsRendererCategory,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QPlainTextEdit, QWidget

from ...i18n import tr
from ...model.contract.card import ClassInfo
from ...model.contract.errors import BadInput
from ..strokes.stroke_class import StrokeClass, free_color

FIELD = "class"
_LENGTH = 80  # letters of a class's name


@dataclass(frozen=True)
class Wanted:
    """path: of the GeoPackage. names: of the classes, in order."""

    path: str
    names: Sequence[str]


class LabelLayerDialog(QDialog):
    """Asks where the layer shall lie, and for the classes; `value` is a Wanted."""

    def __init__(self, path: str, classes: Sequence[ClassInfo], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Create a label layer"))
        self.file = QgsFileWidget(self)
        self.file.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.file.setFilter(tr("GeoPackage") + " (*.gpkg)")
        self.file.setFilePath(path)
        self.names = QPlainTextEdit("\n".join(info.name for info in classes), self)
        self.names.setTabChangesFocus(True)
        self.names.setToolTip(tr("Take away what you will not draw; add classes that the model shall learn"))
        hint = QLabel(tr("One class a line; those that the model does not know are new ones."), self)
        hint.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(tr("&File"), self.file)
        form.addRow(tr("C&lasses"), self.names)
        form.addRow("", hint)
        form.addRow(self.buttons)
        self.file.fileChanged.connect(self._show)
        self.names.textChanged.connect(self._show)
        self.resize(460, 340)
        self._show()

    def value(self) -> Wanted:
        """Return what was asked for."""
        names: Dict[str, str] = {}
        for line in self.names.toPlainText().splitlines():
            if line.strip():
                names.setdefault(line.strip().casefold(), line.strip())
        path = self.file.filePath().strip()
        return Wanted(path if path.lower().endswith(".gpkg") or not path else path + ".gpkg", tuple(names.values()))

    def _show(self) -> None:
        wanted = self.value()
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(wanted.path and len(wanted.names) > 1))


def create(wanted: Wanted, classes: Sequence[ClassInfo], crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Write the layer and return it, in the project, ready to be drawn into. Raises BadInput."""
    path = Path(wanted.path)
    if path.exists():
        raise BadInput(tr("{path} is there already.").format(path=path), tr("Choose another name."))
    # A layer in memory takes the type by name; its number is another class's in Qt 6.
    fields = QgsVectorLayer(f"NoGeometry?field={FIELD}:string({_LENGTH})", "", "memory").fields()
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    options.layerName = path.stem
    writer = QgsVectorFileWriter.create(
        str(path), fields, QgsWkbTypes.Type.MultiPolygon, crs, QgsProject.instance().transformContext(), options
    )
    failed = writer.hasError() != QgsVectorFileWriter.WriterError.NoError and writer.errorMessage()
    del writer  # closes the file
    if failed:
        raise BadInput(
            tr("{path} cannot be written: {why}.").format(path=path, why=failed), tr("Choose another place.")
        )
    layer = QgsVectorLayer(str(path), path.stem, "ogr")
    index = layer.fields().indexOf(FIELD)
    rows: List[Dict[str, str]] = [{name: name} for name in wanted.names]
    layer.setEditorWidgetSetup(index, QgsEditorWidgetSetup("ValueMap", {"map": rows}))
    layer.setRenderer(_renderer(wanted.names, classes))
    QgsProject.instance().addMapLayer(layer)
    layer.startEditing()
    return layer


def _renderer(names: Sequence[str], classes: Sequence[ClassInfo]) -> QgsCategorizedSymbolRenderer:
    known = {info.name.casefold(): info.color for info in classes}
    taken = [StrokeClass(info.name, info.color) for info in classes]
    categories = []
    for name in names:
        taken.append(StrokeClass(name, known.get(name.casefold()) or free_color(taken, name)))
        color = QColor(taken[-1].color)
        outline = color.darker(150).name()
        color.setAlpha(150)
        symbol = QgsFillSymbol.createSimple({"color": color.name(QColor.NameFormat.HexArgb), "outline_color": outline})
        symbol.setColor(color)
        categories.append(QgsRendererCategory(name, symbol, name))
    return QgsCategorizedSymbolRenderer(FIELD, categories)
