"""Page 2: what is known on the ground, and what it means to the model."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsFieldComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from ... import report
from ...i18n import tr
from ...model.contract.card import Card
from ...model.contract.errors import SgmaError
from ..badge import BAD, DOUBT, NEUTRAL, Badge
from ..job_builder import picks
from . import jobs, label_checks, label_layer, label_values, meanings, scale
from .label_values import BACKGROUND, Found, Value
from .layer_combo import LayerCombo
from .meaning_table import MOST_ROWS, MeaningTable
from .notes import Notes
from .state import WizardState
from .watching import Watcher

_MOST_RADIUS = 1000.0  # metres


class LabelsPage(QWizardPage):
    """Complete when something can be learned from the labels."""

    changed = pyqtSignal()

    def __init__(self, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._card: Optional[Card] = None
        self._found: Optional[Found] = None
        self._faults = label_checks.Faults()
        self._problem = ""
        self._setting = False
        self.setTitle(tr("Labels"))
        self.setSubTitle(tr("Polygons, points or a raster that say what is where, and what their values mean."))
        polygons = QgsMapLayerProxyModel.Filter.PolygonLayer
        kinds = polygons | QgsMapLayerProxyModel.Filter.PointLayer | QgsMapLayerProxyModel.Filter.RasterLayer
        self.layer = LayerCombo(kinds, tr("none"), self)
        self.layer.setToolTip(tr("Polygons, points or a raster of class numbers, in any CRS"))
        self.create_button = QPushButton(tr("C&reate a label layer…"), self)
        self.create_button.setToolTip(tr("A new GeoPackage with the model's classes, ready to draw into"))
        self.field = QgsFieldComboBox(self)
        self.field.setObjectName("class_field")
        self.field.setToolTip(tr("The field that holds the class"))
        self.field.setAllowEmptyFieldName(True)
        self.radius = QDoubleSpinBox(self)
        self.radius.setRange(-1.0, _MOST_RADIUS)
        self.radius.setDecimals(2)
        self.radius.setSuffix(tr(" m"))
        self.radius.setSpecialValueText(tr("not said"))
        self.radius.setToolTip(tr("So much ground around a point has its class; 0: its pixel alone"))
        self.table = MeaningTable(self)
        self.reset_button = QPushButton(tr("Rese&t meanings"), self)
        self.reset_button.setToolTip(tr("By name where all values are classes of the model, else all new"))
        self.numbers_button = QPushButton(tr("Take as class &numbers"), self)
        self.numbers_button.setToolTip(tr("The values are the numbers that the model's own maps have for its classes"))
        self.told = QLabel(self)
        self.told.setWordWrap(True)
        self.area = LayerCombo(polygons, tr("unknown: nothing is learned there"), self)
        self.area.setToolTip(
            tr("Polygons in which everything is labelled: what you left free there is a class, 'background'")
        )
        self.notes = Notes(self)
        self._lay_out()
        self._watcher = Watcher(self)
        self._watcher.changed.connect(self._edited)
        self.layer.chosen.connect(self._layer_chosen)
        self.field.fieldChanged.connect(self._field_chosen)
        self.radius.valueChanged.connect(self._user_changed)
        self.area.chosen.connect(self._area_chosen)
        for combo in (self.layer, self.area):
            combo.lost.connect(self._look)
        self.table.changed.connect(self._meant)
        self.table.colored.connect(self._color_chosen)
        self.reset_button.clicked.connect(self._reset)
        self.numbers_button.clicked.connect(self._take_numbers)
        self.create_button.clicked.connect(self._ask)

    def initializePage(self) -> None:
        """Show the state's choices."""
        self._card = jobs.base_card(self._state)
        self._setting = True
        project = QgsProject.instance()
        self.layer.set_value(project.mapLayer(self._state.labels))
        self.area.set_value(project.mapLayer(self._state.labelled_area))
        self.radius.setValue(-1.0 if self._state.radius is None else self._state.radius)
        self._show_field()
        self._setting = False
        self._look()

    def cleanupPage(self) -> None:
        """Nothing is undone when one goes back."""

    def isComplete(self) -> bool:
        return self._found is not None and not self._problem

    def lost(self) -> str:
        """Say which layer is gone since it was chosen, '' = none."""
        project = QgsProject.instance()
        if self._state.labels and project.mapLayer(self._state.labels) is None:
            return tr("The layer with your labels is no longer in the project: choose another.")
        if self._state.labelled_area and project.mapLayer(self._state.labelled_area) is None:
            return tr("The layer with the labelled area is no longer in the project: choose another, or none.")
        return ""

    def create(self, wanted: label_layer.Wanted) -> None:
        """Make a new layer for labels and choose it, or say why that cannot be done."""
        try:
            layer = label_layer.create(wanted, self._classes(), self._crs())
        except SgmaError as error:
            self.notes.set_value([Badge(BAD, " ".join(report.lines(error)))])
            return
        self.layer.setLayer(layer)

    # --- what is chosen -----------------------------------------------------------------------------------------

    def _layer_chosen(self, layer: Optional[QgsMapLayer]) -> None:
        if self._setting:
            return
        chosen = layer.id() if layer is not None else ""
        if chosen != self._state.labels:
            self._state.labels, self._state.class_field = chosen, ""
            self._state.classes, self._state.picked = {}, {}
            self._setting = True
            self._show_field()
            self._setting = False
            self._look()
            self.changed.emit()

    def _field_chosen(self, name: str) -> None:
        if not self._setting and name != self._state.class_field:
            self._state.class_field, self._state.classes, self._state.picked = name, {}, {}
            self._look()
            self.changed.emit()

    def _area_chosen(self, layer: Optional[QgsMapLayer]) -> None:
        if not self._setting:
            self._state.labelled_area = layer.id() if layer is not None else ""
            self._look()
            self.changed.emit()

    def _user_changed(self, *ignored: object) -> None:
        if not self._setting:
            self._state.radius = self.radius.value() if self.radius.value() >= 0 else None
            self._look()
            self.changed.emit()

    def _meant(self) -> None:
        self._state.classes = {**self._state.classes, **self.table.value()}
        self._judge()
        self.changed.emit()

    def _color_chosen(self, value: str, color: str) -> None:
        """Give the class of a value a colour: all values that mean it."""
        classes = self._state.classes
        same = [key for key, target in classes.items() if target == classes[value]]
        self._state.picked = {**self._state.picked, **dict.fromkeys(same, color)}
        self._judge()
        self.changed.emit()

    def _reset(self) -> None:
        self._state.classes, self._state.picked = {}, {}
        self._look()
        self.changed.emit()

    def _take_numbers(self) -> None:
        self._state.classes = meanings.by_number(self._found.values.values(), self._classes())
        self._look()
        self.changed.emit()

    def _edited(self) -> None:
        self._look()
        self.changed.emit()

    def _ask(self) -> None:
        home = QgsProject.instance().homePath() or str(Path.home())
        dialog = label_layer.LabelLayerDialog(str(Path(home) / "labels.gpkg"), self._classes(), self)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.create(dialog.value())
        dialog.deleteLater()

    # --- what is shown ------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Read the layer and show what it holds."""
        layer = self.layer.value()
        self._watcher.watch(layer)
        points = _is_of(layer, QgsWkbTypes.GeometryType.PointGeometry)
        vector = isinstance(layer, QgsVectorLayer)
        for widget, seen in ((self._field_label, vector), (self.field, vector), (self._radius_label, points),
                             (self.radius, points)):  # fmt: skip
            widget.setVisible(seen)
        self._found = None
        self._problem = self.lost() or label_checks.of_layer(layer, self._state.class_field, self._state.radius)
        if not self._problem:
            self._found = label_values.of_layer(layer, self._state.class_field, self._state.radius, self._rasters())
            pixel = scale.pixel_metres(self._state, self._card)
            self._faults = label_checks.faults_of(layer, self._found, pixel)
            if self._state.labelled_area:
                self._found.values.setdefault(BACKGROUND, Value(BACKGROUND, BACKGROUND))
            self._fill()
        else:
            self.table.set_rows([], {}, ())
        self._judge()

    def _fill(self) -> None:
        """Show the values with their meanings; values that came since they were last shown mean what they would."""
        values = list(self._found.values.values())
        usual = meanings.defaults(values, self._classes())
        known = self._state.classes
        self._state.classes = {key: known.get(key, target) for key, target in usual.items()}
        self._state.colors = {value.key: value.color for value in values if value.color}
        raster = isinstance(self.layer.value(), QgsRasterLayer)
        self.table.set_rows(values, self._state.classes, self._classes(), raster)

    def _judge(self) -> None:
        """Say what is wrong or odd."""
        notes: List[Badge] = []
        for widget in (self.told, self.reset_button):
            widget.setVisible(self._found is not None and self._found.whole_numbers)  # else there is nothing to mean
        if self._found is not None:
            layer, classes, targets = self.layer.value(), self._classes(), self._state.classes
            background = bool(self._state.labelled_area)
            away, some = label_checks.outside(layer, self._found, self._rasters())
            self._problem = label_checks.of_content(self._found, targets, classes, background) or away
            values = list(self._found.values.values())
            self.told.setText(meanings.told(values, targets, classes))
            notes = [Badge(DOUBT, some)] if some else []
            if len(values) > MOST_ROWS:
                text = tr("{count} different values: are these classes? The first {most} are listed.")
                notes.append(Badge(DOUBT, text.format(count=len(values), most=MOST_ROWS)))
            notes += label_checks.odd(layer, self._found, self._faults, targets, classes, self._crs())
            known = {**self._state.colors, **self._state.picked}
            self.table.set_colors(meanings.colors(targets, known, classes))
            own = targets != meanings.defaults(values, classes) or bool(self._state.picked)
            self.reset_button.setEnabled(own)
            numbers = meanings.by_number(values, classes)
            self.numbers_button.setVisible(bool(numbers) and numbers != targets)
        else:
            self.reset_button.setEnabled(False)
            self.numbers_button.hide()
        nothing = not self._state.labels and not self.lost()
        head = [Badge(NEUTRAL if nothing else BAD, self._problem)] if self._problem else []
        self.notes.set_value(head + notes)
        self.completeChanged.emit()

    def _show_field(self) -> None:
        """Offer the layer's fields; the only text field there is, or the only one, is taken."""
        layer = self.layer.value()
        if not isinstance(layer, QgsVectorLayer):
            self.field.setLayer(None)
            return
        self.field.setLayer(layer)
        if not self._state.class_field:
            self._state.class_field = _likely(layer)
        self.field.setField(self._state.class_field)

    def _classes(self) -> tuple:
        return self._card.classes if self._card is not None else ()

    def _rasters(self) -> List[QgsRasterLayer]:
        return [pick.layer for pick in picks(self._state.slots).values()]

    def _crs(self) -> QgsCoordinateReferenceSystem:
        """Return the CRS of the layers to learn from, else the project's."""
        for raster in self._rasters():
            if raster.crs().isValid():
                return raster.crs()
        return QgsProject.instance().crs()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        layer_label, self._field_label = QLabel(tr("&Labels"), self), QLabel(tr("Class &field"), self)
        self._radius_label, area_label = QLabel(tr("Ra&dius of points"), self), QLabel(tr("&Unlabelled ground"), self)
        for row, (label, widget) in enumerate((
            (layer_label, self.layer), (self._field_label, self.field), (self._radius_label, self.radius),
        )):  # fmt: skip
            label.setBuddy(widget)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1)
        grid.addWidget(self.create_button, 0, 2)
        grid.setColumnStretch(1, 1)
        means = QHBoxLayout()
        means.addWidget(self.told, 1)
        means.addWidget(self.numbers_button)
        means.addWidget(self.reset_button)
        below = QGridLayout()
        area_label.setBuddy(self.area)
        below.addWidget(area_label, 0, 0)
        below.addWidget(self.area, 0, 1)
        below.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addLayout(means)
        layout.addWidget(self.table, 1)
        layout.addLayout(below)
        layout.addWidget(self.notes)


def _likely(layer: QgsVectorLayer) -> str:
    """Return the field that most likely holds the class: the only one, one called so, else the only text."""
    keys = set(layer.primaryKeyAttributes())
    names = [row.name() for index, row in enumerate(layer.fields()) if index not in keys]
    texts = [row.name() for index, row in enumerate(layer.fields()) if index not in keys and not row.isNumeric()]
    called = [name for name in texts if "class" in name.casefold()] or [n for n in names if "class" in n.casefold()]
    for found in (names, called, texts):
        if len(found) == 1:
            return found[0]
    return called[0] if called else ""


def _is_of(layer: Optional[QgsMapLayer], kind: object) -> bool:
    return isinstance(layer, QgsVectorLayer) and layer.geometryType() == kind
