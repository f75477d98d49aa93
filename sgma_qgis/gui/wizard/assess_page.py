"""Page 6: the new model against the one before, where it errs, whether to believe it, where to label next."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Dict, List, Optional

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
    QWizard,
    QWizardPage,
)

from ... import report, resolve
from ...i18n import tr
from ...model.contract import store
from ...model.contract.errors import BadModel, NothingLeft, SgmaError
from ...model.contract.learning import EvaluateJob
from ...model.contract.modality import titles
from ..badge import BAD, DOUBT, NEUTRAL, Badge
from . import jobs, outcome, reports, wording
from .assessing import Assessor, Step
from .confusion_view import ConfusionView
from .next_places import NextPlaces
from .notes import Notes
from .origin import roles
from .reliability_view import ReliabilityView
from .reports import AFTER, BEFORE, Report
from .scores_view import ScoresView
from .spotlight import Spotlight
from .state import WizardState

SUGGEST = "label-next"
_BAR = 1000
_WARNINGS = 3  # of a report that are shown; the file has all


class AssessPage(QWizardPage):
    """Measures when it is opened, unless reports of these two models are there. `labels_wanted`: back to page 2."""

    changed = pyqtSignal()
    labels_wanted = pyqtSignal()

    def __init__(self, state: WizardState, parent: Optional[QWidget], canvas: QgsMapCanvas) -> None:
        super().__init__(parent)
        self._state = state
        self._spot = Spotlight(canvas, self)
        self._assessor = Assessor(self)
        self._reports: Dict[str, Optional[Report]] = {}
        self._jobs: Dict[str, Any] = {}
        self._why: Dict[str, str] = {}  # by name, why there is no report
        self._role = ""
        self._classes: List[str] = []  # names of the new model's
        self._outdated = False  # what is measured, or was, is not what the pages before say now
        self._turns: Counter = Counter()  # clicks by cell: each one shows the next place
        self.setTitle(tr("Assess"))
        self.setSubTitle(tr("What the training was worth, with every combination of your layers."))
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _BAR)
        self.bar.setTextVisible(False)
        self.progress = QLabel(self)
        self.notes = Notes(self)
        self.scores, self.confusion = ScoresView(self), ConfusionView(self)
        self.reliability, self.next = ReliabilityView(self), NextPlaces(self)
        self.tabs = QTabWidget(self)
        for view, title in (
            (self.scores, tr("Accuracy")),
            (self.confusion, tr("Confusions")),
            (self.reliability, tr("Confidence")),
            (self.next, tr("Where to label next")),
        ):
            self.tabs.addTab(view, title)
        self.again_button = QPushButton(tr("&Measure again"), self)
        self.labels_button = QPushButton(tr("More &labels: back to page 2"), self)
        self.labels_button.setToolTip(tr("Draw more labels, then train again"))
        buttons = QHBoxLayout()
        buttons.addWidget(self.again_button)
        buttons.addStretch(1)
        buttons.addWidget(self.labels_button)
        layout = QVBoxLayout(self)
        for widget in (self.summary, self.bar, self.progress, self.notes):
            layout.addWidget(widget)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(buttons)
        self.again_button.clicked.connect(lambda: self.measure(True))
        self.labels_button.clicked.connect(self.labels_wanted)
        self.confusion.cell_clicked.connect(self._show_errors)
        self.next.picked.connect(self._spot.show)
        self._assessor.changed.connect(self._show)
        self._assessor.done.connect(self._done)
        self._assessor.refused.connect(self._refused)
        if isinstance(parent, QWizard):
            parent.finished.connect(self.leave)

    # --- the wizard ---------------------------------------------------------------------------------------------

    def initializePage(self) -> None:
        self.measure(False)

    def cleanupPage(self) -> None:
        self.leave()

    def validatePage(self) -> bool:
        """Leave the map as it was: the next page can map what it shows."""
        self._spot.back()
        return True

    def leave(self, *_: object) -> None:
        """Break off what is measured, and take our marks off the map."""
        self._assessor.cancel()
        self._spot.hide()

    def outdate(self) -> None:
        """Say that layers, labels or areas are others than those measured with."""
        self._outdated = True
        self._show()

    # --- measuring ------------------------------------------------------------------------------------------------

    def measure(self, again: bool) -> None:
        """Measure both models and look for places to label; again: also what is known."""
        self._reports, self._why, self._outdated = {}, {}, False
        self._turns.clear()
        package = outcome.model_in(self._state.output)
        if package is None:
            self._why[AFTER] = tr("There is no model in {folder}.").format(folder=self._state.output)
            self._show()
            return
        self._classes = [info.name for info in package.card.classes]
        known = roles(package.card)
        self._role = next((role for role in ("test", "validation") if role in known), "")
        steps: List[Step] = []
        if not self._role:
            self._why[AFTER] = tr("Neither test nor validation areas hold labels: nothing can be measured.")
        for name, model in ((BEFORE, self._state.base), (AFTER, self._state.output)):
            if self._role:
                steps += self._step(name, model, again)
        steps += self._suggestions(package, again)
        self._jobs = {step.name: step.job for step in steps}
        if steps:
            self._assessor.start(steps)
        self._show()

    def _suggestions(self, package: store.Package, again: bool) -> List[Step]:
        """Return the job that finds places to label; none where those of this model are there."""
        path = resolve.place_of(self._state.output, SUGGEST)
        weights = package.path / package.card.weights_file
        if not again and path.is_file() and path.stat().st_mtime >= weights.stat().st_mtime:
            if self.next.value() != str(path):
                self.next.set_value(str(path), self._classes)
            return []
        self.next.set_value("")
        try:
            return [Step(SUGGEST, tr("Looking for places to label"), jobs.suggest_job(self._state, str(path)))]
        except SgmaError as error:
            self._why[SUGGEST] = " ".join(report.lines(error))
            return []

    def _step(self, name: str, model: str, again: bool) -> List[Step]:
        """Return the job that measures a model; none where its report is there, or it cannot be measured."""
        path = reports.path_of(self._state.output, name)
        try:
            sha = store.find(model).card.weights_sha256
            there = name in self._state.reports and not again  # one of before the last training: of other labels
            known = reports.read(path, _titles()[name]) if there else None
            if known is not None and known.sha256 == sha:
                self._reports[name] = known
                return []
            job = jobs.evaluate_job(self._state, model, path, self._role)
        except (SgmaError, BadModel) as error:
            self._why[name] = " ".join(report.lines(error))
            return []
        title = tr("Measuring the model before") if name == BEFORE else tr("Measuring the new model")
        return [Step(name, title, self._on_the_same_ground(job))]

    def _on_the_same_ground(self, job: EvaluateJob) -> EvaluateJob:
        """Return the job with the areas that the training proposed, where none were drawn."""
        proposed = resolve.place_of(self._state.output, "areas")
        return replace(job, areas=str(proposed)) if not job.areas and proposed.is_file() else job

    def _done(self, name: str, result: Dict) -> None:
        if name == SUGGEST:
            self.next.set_value(str(resolve.place_of(self._state.output, SUGGEST)), self._classes)
            return
        path = reports.path_of(self._state.output, name)
        self._reports[name] = reports.read(path, _titles()[name])
        if not self._outdated:
            self._state.reports = {**self._state.reports, name: path}
            self.changed.emit()

    def _refused(self, name: str, error: Exception) -> None:
        text = wording.error(error, self._state, self._jobs[name])
        if getattr(error, "code", "") == NothingLeft.code:  # what is labelled is left out
            text = tr("All ground with data is labelled, or lies too near to labels.")
        self._why[name] = text

    # --- what is shown --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        running = self._assessor.running
        self.bar.setVisible(running)
        self.progress.setVisible(running)
        self.bar.setValue(round(_BAR * self._assessor.share))
        self.progress.setText(self._assessor.text)
        self.again_button.setEnabled(not running)
        before, after = self._reports.get(BEFORE), self._reports.get(AFTER)
        if self.scores.value() != (before, after):
            self.scores.set_value((before, after))
            self._show_report(before, after)
        self.summary.setText(self._summary(before, after))
        self.summary.setVisible(after is not None)
        self.tabs.setEnabled(after is not None)
        self.notes.set_value(self._notes(before, after))
        self.next.set_missing(self._why.get(SUGGEST, ""))

    def _show_report(self, before: Optional[Report], after: Optional[Report]) -> None:
        if after is None:
            self.confusion.set_value(())
            self.reliability.set_value(())
            return
        self.confusion.set_value(after.confusion, *zip(*after.classes), after.every.sensors)
        curves = [found.reliability for found in (before, after) if found is not None]
        self.reliability.set_value(curves)

    def _summary(self, before: Optional[Report], after: Optional[Report]) -> str:
        if after is None:
            return ""
        row = after.every
        text = tr("With {sensors}: mIoU {miou:.3f}").format(sensors=titles(row.sensors), miou=row.miou)
        if row.interval:
            text += " " + tr("({low:.3f} to {high:.3f} in 95 of 100 cases)").format(
                low=row.interval[0], high=row.interval[1]
            )
        old, new = reports.mean_change(before, row, reports.shared(before, after))
        if old is not None:
            text += "; " + tr("the classes that both models know went from {old:.3f} to {new:.3f}").format(
                old=old, new=new
            )
        where = tr("on the test areas") if self._role == "test" else tr("on the validation areas")
        return f"{text}, {where}."

    def _notes(self, before: Optional[Report], after: Optional[Report]) -> List[Badge]:
        found: List[Badge] = []
        if self._why.get(AFTER):
            found.append(Badge(BAD, self._why[AFTER]))
        if after is not None and self._outdated:
            text = tr("Layers, labels or areas have changed since this was measured: measure again.")
            found.append(Badge(DOUBT, text))
        if after is not None and self._role == "validation":
            text = tr("No independent estimate: there is no test area, and the training chose by the validation areas.")
            found.append(Badge(DOUBT, text))
        if self._why.get(BEFORE):
            found.append(Badge(NEUTRAL, tr("Before is not comparable: {why}").format(why=self._why[BEFORE])))
        elif before is not None and after is not None and not reports.shared(before, after):
            text = tr("Before is not comparable: the two models have no class in common.")
            found.append(Badge(NEUTRAL, text))
        if self._why.get(SUGGEST):
            found.append(Badge(DOUBT, tr("Where to label next is not known: {why}").format(why=self._why[SUGGEST])))
        if after is not None:
            job = self._jobs.get(AFTER)
            found += [Badge(DOUBT, wording.in_pages(text, self._state, job)) for text in after.warnings[:_WARNINGS]]
        return found

    # --- the map --------------------------------------------------------------------------------------------------

    def _show_errors(self, reference: int, mapped: int) -> None:
        """Go to the largest place where one class was mapped as the other; the next click to the next one."""
        after = self._reports.get(AFTER)
        if after is None:
            return
        names = [name for name, _ in after.classes]
        kind = (names[reference], names[mapped])
        places = [place for place in after.places if (place.reference, place.mapped) == kind]
        if not places:
            right = reference == mapped
            text = tr("These pixels are right.") if right else tr("No such error lies in one piece.")
            self.confusion.hint.setText(text)
            return
        turn = self._turns[kind] % len(places)
        self._turns[kind] += 1
        text = tr(
            "{reference} mapped as {mapped}: place {number} of {count}, {pixels} pixels, framed on the map. "
            "Click for the next one."
        )
        self.confusion.hint.setText(
            text.format(
                reference=kind[0], mapped=kind[1], number=turn + 1, count=len(places), pixels=places[turn].pixels
            )
        )
        self._spot.show(places[turn].bounds, after.crs)


def _titles() -> Dict[str, str]:
    """Return what the two models are called."""
    return {BEFORE: tr("Before"), AFTER: tr("After")}
