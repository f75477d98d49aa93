"""The fine-tune wizard's window: its pages, and which of them is open; everything is kept in the project at once."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget, QWizard, QWizardPage

from ...i18n import tr
from .areas_page import AreasPage
from .assess_page import AssessPage
from .data_page import DataPage
from .labels_page import LabelsPage
from .model_page import ModelPage
from .save_page import SavePage
from .state import WizardState, remember
from .train_page import TrainPage
from .training import Trainer

SIZE = (820, 640)  # fits on a screen of 1366 x 768
_LABELS = 1  # number of the page
_MEASURED = (DataPage, LabelsPage, AreasPage)  # what was measured is measured with what these say
_BUSY = (DataPage, AreasPage, ModelPage)  # what they have begun in the background ends with the window


class FinetuneWizard(QWizard):
    """Stands beside QGIS's window; can be closed at any page, and opens there again.

    `run_wanted` with the id or path of the model to map with; `installed` when the list of models is another one.
    """

    run_wanted = pyqtSignal(str)
    installed = pyqtSignal()

    def __init__(self, state: WizardState, trainer: Trainer, canvas: QgsMapCanvas, parent: Optional[QWidget]) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("sgma_finetune")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWizardStyle(QWizard.WizardStyle.ModernStyle)
        self.setOption(QWizard.WizardOption.NoDefaultButton, True)  # Enter ends what is typed into a field
        self.setButtonText(QWizard.WizardButton.CancelButton, tr("Close"))
        self._state, self._trainer = state, trainer
        self._silent = True  # while it opens, and once its project goes
        self.pages: Tuple[QWizardPage, ...] = self._made(trainer, canvas)
        for page in self.pages:
            self.addPage(page)
            if isinstance(page, _MEASURED):
                page.changed.connect(self._outdate)
            page.changed.connect(self._changed)
        for page in self.pages:
            if isinstance(page, _BUSY):
                self.finished.connect(page.leave)
        self.currentIdChanged.connect(self._turned)
        trainer.changed.connect(self._tell_closing)
        self._tell_closing()
        self.resize(*SIZE)
        self._reopen(state.page)

    def validateCurrentPage(self) -> bool:
        """Ask the page whether one may go on; opening where one was asks nothing."""
        return self._silent or super().validateCurrentPage()

    def go_to(self, number: int) -> None:
        """Turn back to an earlier page."""
        while self.currentId() > number:
            self.back()

    def makes(self, output: str) -> bool:
        """Tell whether this is the folder of the new model."""
        return self._state.output == output

    def detach(self) -> None:
        """Keep no more changes: the project that they belong to is going."""
        self._silent = True

    def _made(self, trainer: Trainer, canvas: QgsMapCanvas) -> Tuple[QWizardPage, ...]:
        state = self._state
        self._assess, save = AssessPage(state, self, canvas), SavePage(state, self)
        self._assess.labels_wanted.connect(lambda: self.go_to(_LABELS))
        save.run_wanted.connect(self.run_wanted)
        save.installed.connect(self.installed)
        return (
            DataPage(state, self),
            LabelsPage(state, self),
            AreasPage(state, self),
            ModelPage(state, self, trainer),
            TrainPage(state, self, trainer),
            self._assess,
            save,
        )

    def _reopen(self, number: int) -> None:
        """Go through the pages up to the one where the wizard was left, or to the first that lacks what it had."""
        self.restart()
        while self.currentId() < min(number, len(self.pages) - 1) and not _lost(self.currentPage()):
            self.next()
        self._silent = False
        self._state.page = self.currentId()

    def _turned(self, number: int) -> None:
        title = tr("Fine-tune a model: page {number} of {count}")
        self.setWindowTitle(title.format(number=number + 1, count=len(self.pages)))
        if not self._silent and number >= 0:
            self._state.page = number
            remember(self._state)

    def _outdate(self) -> None:
        """What was measured or tried is of other layers, labels or areas."""
        if not self._silent:
            self._state.reports = {}
            self._assess.outdate()
            page = self.currentPage()
            if isinstance(page, ModelPage):
                page.outdate()

    def _tell_closing(self) -> None:
        """Say what becomes of a training when the window is closed."""
        paused = tr("Everything is kept in the project; the training stays paused, and maps wait for it")
        text = paused if self._trainer.paused else tr("Everything is kept in the project; a training goes on")
        self.button(QWizard.WizardButton.CancelButton).setToolTip(text)

    def _changed(self) -> None:
        if not self._silent:
            remember(self._state)


def _lost(page: QWizardPage) -> bool:
    """Tell whether a layer that a page takes is gone, or the model that it trained."""
    gone = isinstance(page, (DataPage, LabelsPage, AreasPage)) and bool(page.lost())
    return gone or (isinstance(page, TrainPage) and not page.isComplete())
