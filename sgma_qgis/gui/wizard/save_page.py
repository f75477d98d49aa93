"""Page 7: the new model gets its name, goes into the list of models or into a file, and onto the map."""

from __future__ import annotations

import enum
from dataclasses import replace
from pathlib import Path
from typing import Callable, Optional

from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from ... import report
from ...cardpage import card_html
from ...i18n import tr
from ...model.contract import packing, store
from ...model.contract.card import Card
from ...model.contract.errors import BadInput, SgmaError
from ..badge import BAD, DOUBT, GOOD, NEUTRAL, Badge
from . import meanings, outcome
from .notes import Notes
from .origin import origin_html
from .state import WizardState


class _Taken(enum.Enum):
    """What bears an id: nothing, this very model, another one of the user's own, one that comes with the plugin."""

    FREE, SAME, OTHER, PLUGIN = range(4)


class SavePage(QWizardPage):
    """Complete while what the card would say is valid; the card is written by every button, and by Finish.

    `installed` when the list of models is another one; `run_wanted` with the id or path of the model to map with.
    """

    changed = pyqtSignal()
    installed = pyqtSignal()
    run_wanted = pyqtSignal(str)

    def __init__(self, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._state = state
        self._package: Optional[store.Package] = None
        self.setTitle(tr("Save"))
        self.setSubTitle(tr("Name the new model, add it to your models, and use it."))
        self.title_edit = QLineEdit(self)
        self.title_edit.setToolTip(tr("What the list of models shows"))
        self.id_edit = QLineEdit(self)
        self.id_edit.setToolTip(tr("What commands and scripts name it: small letters, digits and . _ -"))
        self.licence_edit = QLineEdit(self)
        self.licence_edit.setPlaceholderText(tr("for example CC-BY-4.0, or: internal use only"))
        self.licence_edit.setToolTip(tr("What others may do with the model; think of the licences of your data"))
        form = QFormLayout()
        form.addRow(tr("&Title"), self.title_edit)
        form.addRow(tr("&Id"), self.id_edit)
        form.addRow(tr("&Licence"), self.licence_edit)
        self.replace_box = QCheckBox(self)
        self.install_button = QPushButton(tr("&Add to my models"), self)
        self.install_button.setToolTip(tr("Copies the model into the data folder: every project finds it in its list"))
        self.export_button = QPushButton(tr("&Export as a file…"), self)
        self.export_button.setToolTip(tr("One .sgma file with card and weights, to pass on"))
        self.run_button = QPushButton(tr("&Run on the canvas now"), self)
        self.run_button.setToolTip(tr("Chooses the model in the dock and maps what the canvas shows"))
        buttons = QHBoxLayout()
        for button in (self.install_button, self.export_button, self.run_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.notes = Notes(self)
        label = QLabel(tr("The model's card:"), self)
        self.card = QTextBrowser(self)
        self.card.setOpenLinks(False)
        label.setBuddy(self.card)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.replace_box)
        layout.addLayout(buttons)
        layout.addWidget(self.notes)
        layout.addWidget(label)
        layout.addWidget(self.card, 1)
        for edit in (self.title_edit, self.id_edit, self.licence_edit):
            edit.textEdited.connect(self._edited)
        self.replace_box.toggled.connect(self._show)
        self._soon = QTimer(self)  # once the page has given the first field the focus, and with it selected its text
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._show_beginnings)
        self.install_button.clicked.connect(lambda: self._do(self.install))
        self.export_button.clicked.connect(self._ask)
        self.run_button.clicked.connect(lambda: self._do(self.run))

    # --- the wizard ---------------------------------------------------------------------------------------------

    def initializePage(self) -> None:
        self._package = outcome.model_in(self._state.output)
        if self._package is None:
            return
        card = self._package.card
        self.title_edit.setText(self._state.title or card.title)
        self.id_edit.setText(card.id)
        self.licence_edit.setText(self._state.licence or card.licence)
        self._soon.start()
        self.replace_box.setChecked(False)
        self._show()

    def isComplete(self) -> bool:
        return self._package is not None and not self._problem()

    def validatePage(self) -> bool:
        """Write the card before the wizard closes."""
        return self._do(lambda: None)

    # --- what is done ---------------------------------------------------------------------------------------------

    def write_card(self) -> store.Package:
        """Write what the fields say into the model's card and return the model. Raises SgmaError."""
        if self._package is None:
            raise BadInput(tr("There is no model in {folder}.").format(folder=self._state.output), tr("Train it."))
        self._package = packing.rewrite(self._package, self._card())
        return self._package

    def install(self) -> str:
        """Add the model to the user's own; return what was done, in words. Raises SgmaError."""
        package = self.write_card()
        taken = self._taken(package)
        found = packing.install(package, overwrite=self.replace_box.isChecked() or taken is _Taken.SAME)
        self.replace_box.setChecked(False)
        self.installed.emit()
        return tr("{title} is among your models now, in {folder}").format(title=found.card.title, folder=found.path)

    def export(self, path: str) -> str:
        """Write the model as one file; return what was done, in words. Raises SgmaError."""
        file = Path(path if path.endswith(store.SUFFIX) else path + store.SUFFIX)
        packing.export(self.write_card(), file)
        return tr("The model was written to {file}").format(file=file)

    def run(self) -> str:
        """Ask for a map of what the canvas shows, by the installed model if it is this one. Raises SgmaError."""
        package = self.write_card()
        name = str(package.path)
        for known in store.installed():
            if known.card == package.card:
                name = known.card.id
        self.run_wanted.emit(name)
        return tr("The dock maps what the canvas shows.")

    def _ask(self) -> None:
        """Ask for a file; the dialog itself asks before one is replaced."""
        start = str(Path(self._state.output).parent / (self.id_edit.text() + store.SUFFIX))
        path, _ = QFileDialog.getSaveFileName(self, tr("Export the model"), start, tr("Models") + f" (*{store.SUFFIX})")
        if path:
            self._do(lambda: self.export(path))

    def _do(self, work: Callable[[], Optional[str]]) -> bool:
        """Write the card, do something, and say what was done or why it could not be; return whether it was."""
        try:
            self.write_card()
            done = work()
        except SgmaError as error:
            self._show()
            self.notes.set_value([Badge(BAD, " ".join(report.lines(error)))])
            return False
        self._show()
        if done:
            self.notes.set_value([Badge(GOOD, done), *self.notes.value()])
        return True

    # --- what is shown --------------------------------------------------------------------------------------------

    def _edited(self) -> None:
        self._state.title = self.title_edit.text().strip()
        self._state.licence = self.licence_edit.text().strip()
        self._show()
        self.changed.emit()

    def _card(self) -> Card:
        """Return the card that the fields make, in the colours chosen by now. Raises BadInput."""
        card = self._package.card
        colors = meanings.given_colors(self._state.classes, {**self._state.colors, **self._state.picked})
        classes = tuple(replace(info, color=colors.get(info.name, info.color)) for info in card.classes)
        return packing.renamed(
            replace(card, classes=classes),
            id=self.id_edit.text().strip(),
            title=self.title_edit.text().strip(),
            licence=self.licence_edit.text().strip(),
        )

    def _problem(self) -> str:
        """Return what is wrong with the fields, '' for nothing."""
        if not self.title_edit.text().strip():
            return tr("Give the model a title.")
        try:
            self._card()
        except BadInput as error:
            if "'id'" in error.message:
                return tr("The id is made of small letters, digits and . _ - and begins with a letter or digit.")
            return error.message
        return ""

    def _taken(self, package: store.Package) -> _Taken:
        """Return what bears the model's id in the list of models, and say it beside the box that allows to replace."""
        other = packing.in_its_place(package)
        if other is None:
            return _Taken.FREE
        if other.path.parent.resolve() != (store.data_dir() / "models").resolve():
            return _Taken.PLUGIN
        self.replace_box.setText(tr("Replace the model that has this id: {title}").format(title=other.card.title))
        return _Taken.SAME if other.card.weights_sha256 == package.card.weights_sha256 else _Taken.OTHER

    def _show_beginnings(self) -> None:
        """Of a long text Qt shows the end."""
        for edit in (self.title_edit, self.id_edit, self.licence_edit):
            edit.home(False)

    def _is_installed(self) -> bool:
        sha = self._package.card.weights_sha256
        return any(known.card.weights_sha256 == sha for known in store.installed())

    def _show(self, *_: object) -> None:
        if self._package is None:
            return
        problem, taken, notes = self._problem(), _Taken.FREE, []
        if problem:
            notes.append(Badge(BAD, problem))
        else:
            card = self._card()
            self.card.setHtml(card_html(card) + origin_html(card))
            taken = self._taken(store.Package(self._package.path, card))
        if taken is _Taken.PLUGIN:
            notes.append(Badge(DOUBT, tr("A model that comes with the plugin has this id: choose another.")))
        if taken is _Taken.OTHER and not self.replace_box.isChecked():
            notes.append(Badge(DOUBT, tr("Another of your models has this id: choose another, or have it replaced.")))
        if not problem and not self._is_installed():
            text = tr("The model is not among your models yet. With Finish alone it stays in {folder}: there the dock "
                      "finds it, with Add model… and its {file}.")  # fmt: skip
            notes.append(Badge(NEUTRAL, text.format(folder=self._package.path, file=store.CARD_FILE)))
        self.replace_box.setVisible(taken is _Taken.OTHER)
        free = taken in (_Taken.FREE, _Taken.SAME) or (taken is _Taken.OTHER and self.replace_box.isChecked())
        self.install_button.setEnabled(not problem and free)
        for button in (self.export_button, self.run_button):
            button.setEnabled(not problem)
        self.notes.set_value(notes)
        self.completeChanged.emit()
