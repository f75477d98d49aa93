"""The opening of the wizard, the training that outlives it, and what the new model is then used for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Dict, Optional

from qgis.core import QgsProject
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAction

from ...i18n import tr
from ...model.contract.errors import Cancelled, SgmaError
from ..area_panel import CANVAS, AreaChoice
from ..controller import Controller
from ..dock import SgmaDock
from . import draft
from .state import WizardState, recall, remember

if TYPE_CHECKING:  # loaded when the wizard is first opened: the plugin starts quicker
    from .training import Trainer
    from .wizard import FinetuneWizard

LABELS_PAGE = 1


class WizardOpening(QObject):
    """One wizard at a time; it goes with the project that it belongs to, the training goes on.

    action: by which a person opens it; it is there before the dock is filled.
    """

    def __init__(self, action: QAction, dock: SgmaDock, controller: Controller, iface: QgisInterface) -> None:
        super().__init__(dock)
        self.action, self._dock, self._controller, self._iface = action, dock, controller, iface
        self.trainer: Optional[Trainer] = None
        self.wizard: Optional[FinetuneWizard] = None
        QgsProject.instance().projectSaved.connect(draft.forget)
        QgsProject.instance().removeAll.connect(self._project_goes)  # layers go, and the project with them

    def open(self) -> None:
        """Show the wizard where it was left."""
        from . import beside
        from .training import Trainer
        from .wizard import FinetuneWizard

        if self.trainer is None:
            self.trainer = Trainer(self)
            self.trainer.succeeded.connect(self._trained)
            self.trainer.failed.connect(self._not_trained)
        if self.wizard is None:
            self._restore()
            state = self._state()
            parent = self._iface.mainWindow()
            self.wizard = FinetuneWizard(state, self.trainer, self._iface.mapCanvas(), parent)
            beside.place(self.wizard, parent, self._iface.mapCanvas())
            self.wizard.finished.connect(self._gone)
            self.wizard.accepted.connect(lambda: self._finished(state))
            self.wizard.run_wanted.connect(lambda model: self._run(model, state))
            self.wizard.installed.connect(self._dock.model.refresh)
        self.wizard.show()
        self.wizard.raise_()
        self.wizard.activateWindow()

    def open_with_labels(self, layer_id: str, field: str) -> None:
        """Show the wizard with a layer of labels in place of those it had, for another model; the rest stays."""
        if self.wizard is not None:
            self.wizard.close()
        state = replace(self._state(), labels=layer_id, class_field=field, radius=None, classes={})
        remember(replace(state, page=LABELS_PAGE, output="", title="", trained=False, reports={}))
        self.open()

    def _restore(self) -> None:
        """Bring back what a killed QGIS had not saved, and say so; or say that another window keeps it."""
        names = draft.restore_layers()
        if names:
            text = tr("Added again, as the project was not saved with them: {layers}.").format(layers=", ".join(names))
            self._controller.messages.info(text)
        if draft.is_elsewhere():
            text = tr("Another QGIS has this project open: save it to keep your choices.")
            self._controller.messages.warning(text)

    def close(self) -> None:
        """Take everything out of QGIS's window; called when the plugin is unloaded."""
        QgsProject.instance().projectSaved.disconnect(draft.forget)
        QgsProject.instance().removeAll.disconnect(self._project_goes)
        self._project_goes()
        if self.trainer is not None:
            self.trainer.close()

    def _state(self) -> WizardState:
        """Return what the project holds; in a new one the dock's model and layers."""
        state = recall()
        if not state.base:
            state.base, state.slots = self._dock.model.value(), self._dock.layers.value()
        return state

    def _project_goes(self) -> None:
        wizard, self.wizard = self.wizard, None
        if wizard is not None:
            wizard.detach()
            wizard.close()
        draft.forget()
        draft.release()

    @staticmethod
    def _finished(state: WizardState) -> None:
        """The next wizard makes another model, at first of the same layers and choices."""
        remember(replace(state, page=0, output="", title="", trained=False, reports={}))

    def _gone(self, *ignored: object) -> None:
        if self.wizard is not None and self.trainer.paused:
            self._controller.messages.warning(tr("The training is paused: maps wait for it."))
        self.wizard = None

    def _trained(self, result: Dict[str, Any]) -> None:
        """Say what the training came to; its own wizard does while it is open."""
        from . import outcome

        output = result["output"]
        if self._is_shown(output):
            return
        package = outcome.model_in(output)
        text = outcome.ending(package.card) if package else tr("The training has come to its end.")
        ours = self.wizard is None and recall().output == output  # else it is another project's
        buttons = [(tr("Open the wizard"), self.open)] if ours else []
        self._controller.messages.success(text, buttons)

    def _not_trained(self, error: Exception) -> None:
        if not self._is_shown(self.trainer.job.output) and not isinstance(error, Cancelled):
            self._controller.messages.error(error)

    def _is_shown(self, output: str) -> bool:
        return self.wizard is not None and self.wizard.makes(output)

    def _run(self, model: str, state: WizardState) -> None:
        """Map what the canvas shows with the new model, as the dock does."""
        dock = self._dock
        dock.setUserVisible(True)
        try:
            dock.model.refresh()
            dock.model.set_value(model)
        except SgmaError as error:
            self._controller.messages.error(error)
            return
        dock.layers.set_value(state.slots)
        dock.area.set_value(AreaChoice(CANVAS))
        self._controller.run()
