"""Page 1: the model to start from, and the layers to learn from."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFrame,
    QGroupBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from ... import report
from ...guess import LayerPick
from ...i18n import tr
from ...model.contract.errors import BadModel, SgmaError
from ...model.contract.job import CheckJob, Options, Source
from ...model.contract.modality import BY_KEY, titles
from .. import guessing
from ..badge import BAD, DOUBT, NEUTRAL, Badge
from ..checking import Checker, grid_text
from ..job_builder import checkable, picks
from ..layers_panel import LayersPanel
from ..model_panel import ModelPanel
from . import jobs
from .notes import Notes
from .state import WizardState


class DataPage(QWizardPage):
    """Complete when every layer chosen can be used, and the model knows one of the sensors."""

    changed = pyqtSignal()

    def __init__(self, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._setting = True
        self._lost = self._refused = ""  # layers that are gone; why a model cannot be used
        self.setTitle(tr("Data"))
        self.setSubTitle(
            tr("Which model to start from, and the layers of the place that it shall learn. Leave out what you lack.")
        )
        body = QWidget(self)
        self.model = ModelPanel(body)
        box = QGroupBox(tr("Layers by sensor"), body)
        self.layers = LayersPanel(box, wide=True)
        self.grid = QLabel(body)
        self.again_button = QPushButton(tr("&Look again"), body)
        self.again_button.setToolTip(tr("Look at the layers once more"))
        self.notes = Notes(body)
        QVBoxLayout(box).addWidget(self.layers)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        for widget in (self.model, box, self.grid, self.notes):
            column.addWidget(widget)
        column.addWidget(self.again_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(body, self))
        self._checker = Checker(_Choices(self, state), None, self, "wizard")
        self._checker.checked.connect(self._show)
        self.model.changed.connect(self._model_changed)
        self.model.failed.connect(self._model_refused)
        self.layers.changed.connect(self._layers_changed)
        self.layers.picked.connect(lambda key: guessing.complete(self.layers, key))
        self.layers.guess_wanted.connect(self._guess)
        self.again_button.clicked.connect(self._look_again)
        self._setting = False

    def initializePage(self) -> None:
        """Show the state's choices, else guesses."""
        self._setting = True
        self._lost, self._refused = self._gone(), ""
        if self._state.base:
            try:
                self.model.set_value(self._state.base)
            except BadModel as error:
                self._refused = " ".join(report.lines(error))
        self._show_rows()
        self.layers.set_value(self._state.slots)
        self._setting = False
        if not self._state.slots:
            self._guess()
        self._take()
        self._checker.look()
        self._show()

    def cleanupPage(self) -> None:
        """Nothing is undone when one goes back."""

    def leave(self, *_: object) -> None:
        """Look no more: the window is closed."""
        self._checker.close()

    def isComplete(self) -> bool:
        return not self._problem() and self._checker.found is not None and not self._checker.looking

    def lost(self) -> str:
        """Say which layers were gone when the page was opened, '' = none."""
        return self._lost

    def found(self) -> Optional[Dict[str, Any]]:
        """Return what the last look at the layers found: the result of a check job."""
        return self._checker.found

    def _gone(self) -> str:
        gone = [key for key, slot in self._state.slots.items() if QgsProject.instance().mapLayer(slot.layer_id) is None]
        if not gone:
            return ""
        return tr("The layer of {sensors} is no longer in the project: choose another, or leave the row empty.").format(
            sensors=titles(gone)
        )

    def _model_refused(self, error: Exception) -> None:
        self._refused = " ".join(report.lines(error))
        self._show()

    def _model_changed(self) -> None:
        self._show_rows()
        self._user_changed()

    def _layers_changed(self) -> None:
        self._user_changed()

    def _user_changed(self) -> None:
        if self._setting:
            return
        self._lost = self._refused = ""
        self._take()
        self._checker.look()
        self.changed.emit()
        self._tell()  # badges and guesses are those of the layers before

    def _look_again(self) -> None:
        self._checker.look()
        self._tell()

    def _take(self) -> None:
        """Put what is shown into the state."""
        if self._state.base != self.model.value():
            self._state.base = self.model.value()
            self._state.classes = {}  # they name classes of the other model
        self._state.slots = self.layers.value()

    def _show_rows(self) -> None:
        self.layers.set_card(self.model.card(), every=True)

    def _guess(self) -> None:
        card = self.model.card()
        if card is not None:
            guessing.fill(self.layers, card, every=True)

    def _problem(self) -> str:
        """Return why one cannot go on, '' when one can."""
        card, chosen = self.model.card(), self.layers.value()
        if card is None:
            return tr("No model is installed: add one.")
        if not chosen:
            return self._checker.problem or tr("Pick at least one layer.")
        if not set(chosen) & set(card.keys):
            return tr(
                "The model knows {sensors} only: pick a layer for one of them, or start from another model."
            ).format(sensors=titles(card.keys))
        for key, badge in self._checker.badges.items():
            if badge.kind == BAD:
                why = " ".join(dict.fromkeys((badge.text, *badge.hint.splitlines()))).rstrip(".")
                return tr("{sensor}: {why}. Or choose another layer, or leave the row empty.").format(
                    sensor=BY_KEY[key].title, why=why
                )
        return self._checker.problem

    def _show(self, *ignored: object) -> None:
        found, card = self._checker.found, self.model.card()
        badges = dict(self._checker.badges)
        for key in self.layers.value():
            if card is not None and key not in card.keys and key not in badges:
                badges[key] = Badge(NEUTRAL, tr("new to the model: it is learned from nothing"))
        self.layers.set_badges(badges)
        if found and not self._checker.looking:
            for layer in found["layers"]:
                self.layers.rows[layer["modality"]].set_guess(tuple(layer["bands"]), layer["unit"])
        self._tell()

    def _tell(self) -> None:
        found, named = self._checker.found, self._checker.named
        failed = found is None and bool(self._checker.problem) and bool(self.layers.value())
        self.again_button.setVisible(failed and not self._checker.looking)
        self.grid.setText(tr("Map: {grid}").format(grid=grid_text(found)) if found and found["grid"] else "")
        notes = [Badge(DOUBT, text) for text in (self._refused, self._lost) if text]
        problem = self._problem()
        if problem:
            notes.append(Badge(BAD, problem))
        if found:  # what it says of mapping with these layers does not matter here
            notes += [Badge(DOUBT, named(text)) for layer in found["layers"] for text in layer["warnings"]]
            notes += [Badge(DOUBT, named(shift["text"])) for shift in found["registration"] if shift["warning"]]
        self.notes.set_value(notes)
        self.completeChanged.emit()


class _Choices:
    """The page's layers as `checking.Checker` takes them; sensors that are new to the model are not looked at."""

    def __init__(self, page: DataPage, state: WizardState) -> None:
        self._page = page
        self._state = state

    def picks(self) -> Dict[str, LayerPick]:
        return picks(self._page.layers.value())

    def checkable(self, rendered: Dict[str, str]) -> Tuple[Tuple[Source, ...], Dict[str, SgmaError]]:
        good, wrong = checkable(self.picks())
        card = self._page.model.card()
        return tuple(source for source in good if card is not None and source.modality in card.keys), wrong

    def check_job(self, sources: Tuple[Source, ...]) -> CheckJob:
        return jobs.check_job(self._state, sources)

    def options(self) -> Options:
        return jobs.options(self._state)


def scrolling(body: QWidget, parent: QWidget) -> QScrollArea:
    """Return an area that scrolls a page's content up and down where the screen is small."""
    area = QScrollArea(parent)
    area.setWidget(body)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area
