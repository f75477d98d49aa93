"""Page 3: where labels train, where they choose the best weights, and where they measure."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Optional

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import (
    QGridLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from ...i18n import tr
from ...model.contract.card import Card
from ..badge import BAD, DOUBT, NEUTRAL, Badge
from ..job_builder import picks
from . import jobs, label_values, roles, scale
from .balance_table import BalanceTable
from .label_values import BACKGROUND, Found
from .layer_combo import LayerCombo
from .notes import Notes
from .propose_box import ProposeBox
from .state import IGNORE, WizardState
from .watching import Watcher

_MOST_CROP = 1024


class AreasPage(QWizardPage):
    """Complete when there is ground to train on, and no role's ground is another's."""

    changed = pyqtSignal()

    def __init__(self, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._card: Optional[Card] = None
        self._found: Optional[Found] = None
        self._roles = roles.Roles()
        self._held: Dict[str, Dict[str, float]] = {}
        self._problem = ""
        self._from_engine = False  # the areas are those proposed last
        self._setting = False
        self._outdated = False  # the labels are others than those counted
        self.setTitle(tr("Areas"))
        self.setSubTitle(
            tr("Ground to train on, to choose the best epoch by, and to measure: accuracy counts only elsewhere.")
        )
        self.layer = LayerCombo(QgsMapLayerProxyModel.Filter.PolygonLayer, tr("none"), self)
        self.layer.setToolTip(tr("Polygons with a text field 'role': train, validation or test"))
        self.crop = QSpinBox(self)
        self.crop.setObjectName("crop")
        self.crop.setRange(0, _MOST_CROP)
        self.crop.setSingleStep(16)
        self.crop.setSuffix(tr(" px"))
        self.crop.setSpecialValueText(tr("automatic: {crop} px").format(crop=scale.CROP))
        self.crop.setKeyboardTracking(False)
        self.crop.setToolTip(
            tr("Side of training crops. So much room stays between areas: a small place needs smaller ones.")
        )
        self.gap = QLabel(self)
        self.propose = ProposeBox(state, self)
        self.table = BalanceTable(self)
        self.notes = Notes(self)
        self._lay_out()
        self._watcher, self._labels_watcher = Watcher(self), Watcher(self)
        self._watcher.changed.connect(self._edited)
        self._labels_watcher.changed.connect(self._labels_changed)
        QgsProject.instance().layersRemoved.connect(self._removed)
        self.layer.chosen.connect(self._chosen)
        self.layer.lost.connect(self._look)
        self.crop.valueChanged.connect(self._crop_chosen)
        self.propose.proposed.connect(self._proposed)
        self.propose.changed.connect(self._show)

    def initializePage(self) -> None:
        """Show the state's choices."""
        self._card = jobs.base_card(self._state)
        project = QgsProject.instance()
        labels = project.mapLayer(self._state.labels)
        self._setting = True
        if self._state.crop is None and not self._state.areas:
            self._state.crop = scale.fitting_crop(self._state, self._card, labels)
        self.crop.setValue(self._state.crop or 0)
        if not self._state.areas:
            self._state.areas = _only()
        self.layer.set_value(project.mapLayer(self._state.areas))
        self.propose.offer(_place(labels))
        self._setting = False
        self._read_labels()

    def cleanupPage(self) -> None:
        """Nothing is undone when one goes back."""

    def leave(self, *_: object) -> None:
        """Propose no more: the window is closed, the project may be another soon."""
        self.propose.leave()

    def isComplete(self) -> bool:
        return not self._problem and bool(self._roles.shapes) and not self.propose.running

    def lost(self) -> str:
        """Say that the layer is gone since it was chosen, '' = it is there."""
        if self._state.areas and QgsProject.instance().mapLayer(self._state.areas) is None:
            return tr("The layer with the areas is no longer in the project: choose another, or propose new ones.")
        return ""

    # --- what is chosen -----------------------------------------------------------------------------------------

    def _chosen(self, layer: Optional[QgsMapLayer]) -> None:
        if self._setting:
            return
        self._state.areas = layer.id() if layer is not None else ""
        self.propose.forget()
        self._from_engine = False
        self._look()
        self.changed.emit()

    def _crop_chosen(self, value: int) -> None:
        if not self._setting:
            self._state.crop = value or None
            self._look()
            self.changed.emit()

    def _edited(self) -> None:
        self._look()
        self.changed.emit()

    def _labels_changed(self, *_: object) -> None:
        """The labels were edited: what areas hold of them is counted again, once somebody sees it."""
        self._outdated = True
        if self.isVisible():
            self._read_labels()

    def _removed(self, ids: List[str]) -> None:
        if self._state.labels in ids:
            self._labels_changed()

    def _proposed(self, layer: QgsVectorLayer) -> None:
        self._state.areas = layer.id()
        self.layer.set_value(layer)
        self._from_engine = True
        self._look()
        self.changed.emit()

    # --- what is shown ------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._outdated:
            self._read_labels()

    def _read_labels(self) -> None:
        """Read what is labelled, then the areas."""
        labels = QgsProject.instance().mapLayer(self._state.labels)
        self._labels_watcher.watch(labels)
        self._found, self._outdated = None, False
        if labels is not None:
            rasters = [pick.layer for pick in picks(self._state.slots).values()]
            self._found = label_values.of_layer(labels, self._state.class_field, self._state.radius, rasters)
        self._look()

    def _look(self) -> None:
        """Read the areas and what they hold."""
        layer, labels = self.layer.value(), QgsProject.instance().mapLayer(self._state.labels)
        self._watcher.watch(layer)
        self._roles = roles.read(layer, scale.pixel_metres(self._state, self._card))
        self._problem, self._held = self.lost() or self._roles.problem, {}
        if labels is None or self._found is None:
            self._problem = self._problem or tr("Choose your labels on the page before.")
        elif self._roles.shapes:
            targets = self._state.classes
            self._held = roles.balance(self._roles, layer.crs(), labels, self._found, targets)
            labelled = QgsProject.instance().mapLayer(self._state.labelled_area)
            if labelled is not None:
                roles.add_rest(self._held, self._roles, layer.crs(), labelled, targets.get(BACKGROUND, IGNORE))
            if not self._found.more:  # what was not looked at may be there
                self._problem = self._problem or roles.unfit(self._held, self._classes())
        self._show()

    def _show(self) -> None:
        classes = self._classes()
        need = scale.crop_metres(self._state, self._card)
        self.gap.setText(tr("Room needed between areas: {metres:.3g} m").format(metres=need))
        targets = [target for target in dict.fromkeys(self._state.classes.values()) if target != IGNORE]
        self.table.set_value(self._roles, self._held, targets, classes, self._colors())
        self.table.setVisible(bool(self._roles.shapes))
        self.notes.set_value(self._told(need))
        self.completeChanged.emit()

    def _told(self, need: float) -> List[Badge]:
        notes = list(self.propose.notes)
        if self._problem:
            nothing = not self._state.areas and not self.lost()
            if not (nothing and notes):
                notes.append(Badge(NEUTRAL if nothing else BAD, self._problem))
        if not self._roles.shapes:
            return notes
        for (one, other), gap in self._roles.gaps.items():
            if gap < need * (1 - 1e-3):
                text = tr("{one} and {other} are {gap:.3g} m apart; {need:.3g} m are needed, a training crop's side: "
                          "accuracy may look better than it is elsewhere.")  # fmt: skip
                notes.append(
                    Badge(DOUBT, text.format(one=roles.title(one), other=roles.title(other), gap=gap, need=need))
                )
        if "validation" not in self._roles.shapes:
            notes.append(Badge(DOUBT, tr("No validation area: the last weights are taken, not the best.")))
        if "test" not in self._roles.shapes:
            text = tr("No test area: there will be no independent estimate of the accuracy.")
            notes.append(Badge(DOUBT, " ".join(filter(None, (text, self._advice())))))
        return notes + [Badge(DOUBT, text) for text in self._missing()]

    def _advice(self) -> str:
        """Say how areas that were proposed might have room for a test."""
        if not self._from_engine or (self._state.crop or scale.CROP) <= scale.LEAST_CROP:
            return ""
        return tr("Smaller training crops may leave room for one: lower them, then propose again.")

    def _missing(self) -> List[str]:
        if self._problem or self._found.more:
            return []
        targets, pixel = self._state.classes, scale.pixel_metres(self._state, self._card)
        rest = targets.get(BACKGROUND, IGNORE)
        few = roles.few(self._roles, self._held, pixel, self._classes(), rest)
        return roles.missing(self._held, targets, self._classes()) + few

    def _classes(self) -> tuple:
        return self._card.classes if self._card is not None else ()

    def _colors(self) -> Dict[str, str]:
        """Return the colours of targets: the model's, and for new classes those of the labels."""
        found = {str(info.id): info.color for info in self._classes()}
        for value in self._found.values.values() if self._found is not None else ():
            if value.color:
                found.setdefault(self._state.classes.get(value.key, IGNORE), value.color)
        return found

    def _lay_out(self) -> None:
        grid = QGridLayout()
        for number, (text, widget, more) in enumerate((
            (tr("&Areas"), self.layer, None), (tr("Training &crops"), self.crop, self.gap),
        )):  # fmt: skip
            label = QLabel(text, self)
            label.setBuddy(widget)
            grid.addWidget(label, number, 0)
            grid.addWidget(widget, number, 1, 1, 1 if more else 2)
            if more:
                grid.addWidget(more, number, 2)
        grid.setColumnStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addWidget(self.propose)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.notes)
        layout.addStretch(0)


def _place(labels: Optional[QgsMapLayer]) -> Path:
    """Return where proposed areas are kept: beside the project, else beside the labels."""
    home = QgsProject.instance().homePath()
    if home:
        return Path(home) / "areas.gpkg"
    source = Path(labels.source().split("|")[0]) if labels is not None else Path()
    return (source.parent if source.is_absolute() and source.is_file() else Path.home()) / "areas.gpkg"


def _only() -> str:
    """Return the one polygon layer of the project whose features have roles; '' where there is none, or several."""
    polygons = QgsWkbTypes.GeometryType.PolygonGeometry
    found = [
        layer.id()
        for layer in QgsProject.instance().mapLayers().values()
        if isinstance(layer, QgsVectorLayer)
        and layer.geometryType() == polygons
        and layer.fields().indexOf(jobs.ROLE_FIELD) >= 0
    ]
    return found[0] if len(found) == 1 else ""
