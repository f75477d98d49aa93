"""Page 4: how much of the model may change, for how long, what it needs, and where the new model goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from ... import report, settings, tasks
from ...i18n import tr
from ...model.contract import store
from ...model.contract.card import Card
from ...model.contract.errors import Cancelled, SgmaError
from ...model.contract.job import DEVICES
from ...model.contract.learning import SAMPLERS, STRATEGIES, TrainJob
from ..badge import BAD, DOUBT, NEUTRAL, Badge
from ..card_dialog import CardDialog
from . import dry_run, jobs, recipe_words, wording
from .command_box import CommandBox
from .data_page import scrolling
from .notes import Notes
from .state import WizardState
from .training import Trainer

_MOST_EPOCHS, _MOST_SEED, _MOST_THREADS = 1000, 2**31 - 1, 256
_COMMAND_MS = 300  # after the last change: labels that are no file are written to be named


class ModelPage(QWizardPage):
    """Complete when the new model has a place."""

    changed = pyqtSignal()

    def __init__(self, state: WizardState, parent: Optional[QWidget], trainer: Trainer) -> None:
        super().__init__(parent)
        self._state, self._trainer = state, trainer
        self._trains = trainer.running
        self._card: Optional[Card] = None
        self._setting = False
        self._task: Optional[tasks.Task] = None
        self._tried: List[Badge] = []
        self.setTitle(tr("Model and budget"))
        self.setSubTitle(tr("How much of the model may change, for how long, and where the new one goes."))
        body = QWidget(self)
        self.base = QLabel(body)
        self.base.setWordWrap(True)
        self.card_button = QPushButton(tr("Model &card"), body)
        self.card_button.setToolTip(tr("Classes, sensors, units, resolution, measured accuracy, licence"))
        self.strategies, strategy_box = _choices(body, tr("What may change"), recipe_words.strategies())
        practice = tr("Training leaves sensors out, so that the model can map where one is missing")
        self.samplers, sampler_box = _choices(body, practice, recipe_words.samplers())
        self.epochs, self.seed, self.threads = QSpinBox(body), QSpinBox(body), QSpinBox(body)
        self.device = QComboBox(body)
        self.folder, self.name = QgsFileWidget(body), QLineEdit(body)
        self.try_button = QPushButton(body)
        self.bar = QProgressBar(body)
        self.notes = Notes(body)
        self.command = CommandBox(state, body)
        self._set_up()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(body, self))
        self._lay_out(body, strategy_box, sampler_box)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_COMMAND_MS)
        self._soon.timeout.connect(self.command.show_command)
        for group in (self.strategies, self.samplers):
            group.buttonToggled.connect(self._user_changed)
        for box in (self.epochs, self.seed, self.threads):
            box.valueChanged.connect(self._user_changed)
        self.device.currentTextChanged.connect(self._user_changed)
        self.folder.fileChanged.connect(self._user_changed)
        self.name.textChanged.connect(self._user_changed)
        trainer.changed.connect(self._training_changed)
        self.card_button.clicked.connect(self._open_card)
        self.try_button.clicked.connect(self._try_or_stop)

    def initializePage(self) -> None:
        """Show the state's choices."""
        self._card = jobs.base_card(self._state)
        state = self._state
        if not state.output:
            state.output = jobs.default_output(state)
        self._setting = True
        self.base.setText(tr("Starts from: {title}").format(title=self._card.title if self._card else state.base))
        self.card_button.setEnabled(self._card is not None)
        _check(self.strategies, STRATEGIES, state.strategy)
        _check(self.samplers, SAMPLERS, state.sampler)
        self.epochs.setValue(state.epochs or 0)
        self.seed.setValue(state.seed)
        self.threads.setValue(state.options.threads or 0)
        row = self.device.findData(state.options.device)
        if row >= 0:
            self.device.setCurrentIndex(row)
        else:
            self.device.setEditText(state.options.device)
        self.folder.setFilePath(str(Path(state.output).parent))
        self.name.setText(Path(state.output).name)
        self._setting = False
        self._forget_trial()
        self._show()

    def cleanupPage(self) -> None:
        """Nothing is undone when one goes back."""

    def leave(self, *_: object) -> None:
        """Try no more: the window is closed."""
        self._soon.stop()
        self._forget_trial()

    def outdate(self) -> None:
        """Forget what was tried: layers, labels or areas are others now."""
        self._forget_trial()
        self._show()

    def isComplete(self) -> bool:
        return not self._problem()

    def validatePage(self) -> bool:
        """Going on ends a trial: the training would wait for it."""
        self._forget_trial()
        return True

    # --- what is chosen -----------------------------------------------------------------------------------------

    def _user_changed(self, *ignored: object) -> None:
        if self._setting:
            return
        state = self._state
        state.strategy = STRATEGIES[max(0, self.strategies.checkedId())]
        state.sampler = SAMPLERS[max(0, self.samplers.checkedId())]
        state.epochs = self.epochs.value() or None
        state.seed = self.seed.value()
        row = self.device.findText(self.device.currentText())
        device = str(self.device.itemData(row)) if row >= 0 else self.device.currentText().strip() or DEVICES[0]
        state.options = replace(state.options, threads=self.threads.value() or None, device=device)
        folder, name = self.folder.filePath().strip(), self.name.text().strip()
        output = str(Path(folder) / name) if folder and name else ""
        if output != state.output:
            state.title = ""  # it is another model's
        if output != state.output and (Path(output) / store.CARD_FILE).is_file():
            state.made_with.setdefault(output, "")  # not by this wizard
        state.output = output
        state.trained = bool(state.output) and (Path(state.output) / store.CARD_FILE).is_file()
        self._forget_trial()
        self._show()
        self.changed.emit()

    def _problem(self) -> str:
        """Return why the new model has no place, '' when it has one."""
        folder, name = self.folder.filePath().strip(), self.name.text().strip()
        if not folder or not Path(folder).is_absolute():
            return tr("Choose a folder for the new model, with its whole path.")
        if not name or Path(name).name != name:
            return tr("Give the new model a name without slashes.")
        output = Path(folder) / name
        if output.is_file():
            return tr("{path} is a file: choose another name.").format(path=output)
        if store.holds_other_files(output):
            return tr("{path} holds other files and no model: choose another name.").format(path=output)
        return ""

    def _open_card(self) -> None:
        if self._card is not None:
            CardDialog(self._card, self.window()).show()

    # --- the trial ----------------------------------------------------------------------------------------------

    def _try_or_stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.try_out()

    def try_out(self) -> None:
        """Take a few steps in the background and tell what the training will need."""
        self._forget_trial()
        try:
            job = jobs.dry_run_job(self._state)
        except SgmaError as error:
            self._tried = [Badge(BAD, " ".join(report.lines(error)))]
            self._show()
            return
        python = settings.load().runtime_python
        task = tasks.run_task(tr("Try a training"), job, python_setting=python, continues=False)
        task.progressed.connect(lambda share, text: self._progressed(task, share, text))
        task.succeeded.connect(lambda result: self._succeeded(task, job, result))
        task.failed.connect(lambda error: self._failed(task, job, error))
        self._task = task
        self._show()
        self.bar.setFormat(tr("Waits for its turn…"))

    def _training_changed(self) -> None:
        if self._trainer.running != self._trains:
            self._trains = self._trainer.running
            self._show()

    def _progressed(self, task: tasks.Task, share: float, text: str) -> None:
        if task is self._task:
            self.bar.setValue(round(100 * share))
            self.bar.setFormat(text)

    def _succeeded(self, task: tasks.Task, job: TrainJob, result: Dict[str, Any]) -> None:
        if task is self._task:
            self._task = None
            self._tried = [dry_run.badge(result)]
            self._tried += [Badge(DOUBT, wording.in_pages(text, self._state, job)) for text in result["warnings"]]
            self._show()

    def _failed(self, task: tasks.Task, job: TrainJob, error: Exception) -> None:
        if task is self._task:
            self._task = None
            self._tried = [] if isinstance(error, Cancelled) else [Badge(BAD, wording.error(error, self._state, job))]
            self._show()

    def _forget_trial(self) -> None:
        """What was tried no longer is what is chosen."""
        task, self._task, self._tried = self._task, None, []
        if task is not None:
            task.cancel()

    # --- what is shown ------------------------------------------------------------------------------------------

    def _show(self) -> None:
        problem = self._problem()
        taken = not problem and (Path(self._state.output) / store.CARD_FILE).is_file()
        text = tr("There is a model of that name already: training again replaces it.")
        told = [Badge(BAD, problem)] if problem else [Badge(DOUBT, text)] if taken else []
        if self._trains:
            told.append(Badge(NEUTRAL, tr("A trial can be made once the training that is running has ended.")))
        self.notes.set_value([*told, *self._tried])
        going = self._task is not None
        self.try_button.setText(tr("Stop") if going else tr("&Try it out"))
        self.try_button.setEnabled(going or not (problem or self._trains))
        self.bar.setVisible(going)
        if not going:
            self.bar.reset()
        self._soon.start()
        self.completeChanged.emit()

    def _set_up(self) -> None:
        for box, most, text, tip in (
            (self.epochs, _MOST_EPOCHS, tr("automatic"), tr("Rounds through the labels, at most")),
            (self.seed, _MOST_SEED, "", tr("The same number gives the same model again")),
            (self.threads, _MOST_THREADS, tr("automatic"), tr("Processor cores used")),
        ):
            box.setRange(0, most)
            box.setSpecialValueText(text)
            box.setKeyboardTracking(False)
            box.setToolTip(tip)
        self.device.setEditable(True)
        for key in DEVICES:
            self.device.addItem(tr("automatic") if key == "auto" else key, key)
        self.device.setToolTip(tr("cuda:1 is the second graphics card"))
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setToolTip(tr("What an interrupted training goes on from lies here, too"))
        self.name.setToolTip(tr("The new model is a folder of this name"))
        self.try_button.setToolTip(tr("Takes a few steps and tells memory and time; writes nothing"))
        self.bar.setRange(0, 100)

    def _lay_out(self, body: QWidget, strategy_box: QGroupBox, sampler_box: QGroupBox) -> None:
        top = QHBoxLayout()
        top.addWidget(self.base, 1)
        top.addWidget(self.card_button)
        budget = QGridLayout()
        for column, (text, widget) in enumerate(((tr("&Epochs"), self.epochs), (tr("&Seed"), self.seed))):
            label = QLabel(text, body)
            label.setBuddy(widget)
            budget.addWidget(label, 0, 2 * column)
            budget.addWidget(widget, 0, 2 * column + 1)
        budget.addWidget(self.try_button, 0, 4)
        budget.addWidget(self.bar, 0, 5)
        budget.setColumnStretch(5, 1)
        place = QGridLayout()
        for row, (text, widget) in enumerate(((tr("&Folder"), self.folder), (tr("N&ame"), self.name))):
            label = QLabel(text, body)
            label.setBuddy(widget)
            place.addWidget(label, row, 0)
            place.addWidget(widget, row, 1)
        machine = QgsCollapsibleGroupBox(tr("Computer"), body)
        machine.setObjectName("sgma_finetune_machine")
        machine.setSettingGroup("sgma")
        form = QFormLayout(machine)
        form.addRow(tr("&Device"), self.device)
        form.addRow(tr("T&hreads"), self.threads)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        for part in (top, strategy_box, sampler_box, budget, self.notes, place, machine, self.command):
            if isinstance(part, QLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        column.addStretch(1)
        machine.setCollapsed(True)


def _choices(parent: QWidget, text: str, rows: Tuple[Tuple[str, str], ...]) -> Tuple[QButtonGroup, QGroupBox]:
    """Return radio buttons, numbered by row, in a box."""
    box = QGroupBox(text, parent)
    group = QButtonGroup(box)
    grid = QGridLayout(box)
    grid.setColumnStretch(1, 1)
    grid.setVerticalSpacing(2)
    for number, (name, sentence) in enumerate(rows):
        button, hint = QRadioButton(name, box), QLabel(sentence, box)
        hint.setWordWrap(True)
        button.setToolTip(sentence)
        group.addButton(button, number)
        grid.addWidget(button, number, 0)
        grid.addWidget(hint, number, 1)
    return group, box


def _check(group: QButtonGroup, names: Tuple[str, ...], name: str) -> None:
    group.button(names.index(name) if name in names else 0).setChecked(True)
