"""Connects the dock's panels to the work in the background; decides what is shown when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import QgsMapLayer, QgsProject
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject

from .. import report, unfinished
from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.errors import Cancelled, SgmaError
from ..model.contract.job import Outputs
from ..wording import error_in
from . import guessing, memory
from .checking import Checker, estimate_text
from .dock import SgmaDock
from .engine_status import EngineStatus
from .inspecting import Inspector
from .job_builder import JobBuilder
from .messages import Messages
from .previewing import Previewer, WhatIf
from .rendering import Renderer
from .results import Results
from .run_bar import RunState
from .running import Runner, destination, make_folder, with_kept_area
from .settings_factory import PAGE


class Controller(QObject):
    """Made when the dock is filled, gone with it. Nothing is computed before the dock has been opened."""

    def __init__(self, dock: SgmaDock, iface: QgisInterface) -> None:
        super().__init__(dock)
        canvas = iface.mapCanvas()
        self.dock = dock
        self._iface = iface
        self._opened = False
        self._setting = False  # choices are being set by us, not by the user
        self._rendering = ""  # how far the rendering of a layer without a file is
        self.messages = Messages(iface.messageBar())
        self.builder = JobBuilder(dock.panels, canvas)
        self.renderer = Renderer(self.builder)
        self.checker = Checker(self.builder, self.renderer, self)
        self.previewer = Previewer(self.builder, self.renderer, canvas, self)
        self.what_if = WhatIf(self.builder, self.renderer, self)
        self.runner = Runner(self)
        self.results = Results(dock, self.runner, self.previewer, self.messages, iface.mainWindow(), canvas, self)
        self.inspector = Inspector(dock.why, dock.result, self.builder, self.renderer, self.previewer, canvas, self)
        self.engine = EngineStatus(dock.status, lambda: self.builder.options().device, self)
        self._connect_panels()
        self._connect_work()
        for signal, slot in self._project_signals():
            signal.connect(slot)
        self._show_card()
        self.engine.look()
        self._show_run()
        if dock.isVisible():
            self._open(True)

    def close(self) -> None:
        """Let go of everything in QGIS; called when the plugin is unloaded."""
        self._opened = False  # the panels live until Qt deletes them, and are told of the project until then
        for signal, slot in self._project_signals():
            signal.disconnect(slot)
        self.dock.visibilityChanged.disconnect(self._open)
        self.engine.watch(False)
        for part in (self.checker, self.previewer, self.what_if, self.runner, self.inspector):
            part.close()
        self._redraw()  # without what the parts had on it
        self.dock.area.close_tools()
        self.messages.clear()  # their buttons call what goes now

    def _connect_panels(self) -> None:
        dock, bar = self.dock, self.dock.run_bar
        dock.visibilityChanged.connect(self._open)
        dock.status.clicked.connect(self.open_settings)
        dock.status.changed.connect(self._show_run)
        dock.model.changed.connect(self._model_changed)
        dock.model.failed.connect(self.messages.error)
        dock.layers.picked.connect(lambda key: guessing.complete(dock.layers, key))
        dock.layers.guess_wanted.connect(lambda: self.guess(every=True))
        for panel in (dock.layers, dock.area, dock.resolution, dock.outputs, dock.advanced):
            panel.changed.connect(self._choice_changed)
        bar.preview_wanted.connect(self.previewer.start)
        bar.changed.connect(lambda: self.previewer.follow(bar.follows()))
        bar.run_wanted.connect(self.run)
        bar.stop_wanted.connect(self.runner.stop)
        dock.what_if.wanted.connect(self._compare)

    def _connect_work(self) -> None:
        self.checker.checked.connect(self._checked)
        self.engine.changed.connect(self._engine_changed)
        for part in (self.previewer, self.runner, self.what_if):
            part.failed.connect(self._work_failed)
        self.previewer.changed.connect(self._show_run)
        self.previewer.shown.connect(lambda result: self.dock.result.set_preview(self.previewer.layer()))
        self.previewer.shown.connect(lambda result: self.what_if.remove())
        self.previewer.warned.connect(self.messages.warning)
        self.runner.changed.connect(self._show_run)
        self.what_if.found.connect(self._compared)
        self.dock.why.changed.connect(self._why_changed)
        self.what_if.progressed.connect(self.dock.what_if.set_text)
        self.dock.result.changed.connect(self._result_changed)

    def _project_signals(self) -> Tuple[Tuple[Any, Any], ...]:
        project = QgsProject.instance()
        return (
            (project.layersAdded, self._layers_added),
            (project.layersRemoved, self._redraw),
            (project.readProject, self._project_read),
            (project.cleared, self._project_cleared),
        )

    # --- project ------------------------------------------------------------------------------------------------

    def _open(self, visible: bool) -> None:
        """Begin to work when the dock is first seen."""
        self.engine.watch(visible)
        self.dock.area.set_outlined(visible)
        if visible and not self._opened:
            self._opened = True
            self._recall()

    def _recall(self) -> None:
        self._setting = True
        known = memory.recall(self.dock.panels)
        self._setting = False
        self._show_card()
        if not known:
            self.guess()
        self.checker.look()

    def _project_read(self, *ignored: object) -> None:
        if self._opened:
            self._recall()

    def _project_cleared(self) -> None:
        self._setting = True
        self.dock.run_bar.follow.setChecked(False)
        memory.reset(self.dock.panels)
        memory.forget()  # while its layers went, the old project's choices were written into the new one
        self.dock.layers.set_message("")
        self._setting = False
        self.inspector.end()
        self.previewer.end()
        self.dock.result.set_value(None)
        self.messages.clear()
        self.checker.look()

    def _layers_added(self, layers: List[QgsMapLayer]) -> None:
        if self._opened and any(guessing.is_candidate(layer) for layer in layers):
            self.guess()

    def _redraw(self, *ignored: object) -> None:
        """QGIS leaves a layer on the map that was not removed by its own menu, until the map is moved."""
        self._iface.mapCanvas().refresh()

    def guess(self, every: bool = False) -> None:
        """Fill the rows that the user has not touched, or all of them, from the project's layers."""
        card = self.dock.model.card()
        if card is None:
            return
        self._setting = not every  # a guess nobody asked for is no change of the project
        guessing.fill(self.dock.layers, card, every)
        self._setting = False

    # --- choices ------------------------------------------------------------------------------------------------

    def _model_changed(self) -> None:
        self._show_card()
        if self._opened and not self._setting:
            self.guess()
        self._choice_changed()

    def _choice_changed(self) -> None:
        self._show_sensors(self.dock.layers.sensors())
        self.what_if.look()
        if not self._opened:
            return
        if not self._setting:
            memory.remember(self.dock.panels)
        self.checker.look()
        self.previewer.refresh()
        self._show_run()

    def _show_card(self) -> None:
        card = self.dock.model.card()
        self.dock.layers.set_card(card)
        self.dock.resolution.set_card(card)
        self._show_sensors(self.dock.layers.sensors())

    def _show_sensors(self, sensors: Tuple[str, ...]) -> None:
        card = self.dock.model.card()
        self.dock.accuracy.set_value(card, sensors, self.checker.gsd(card))
        self.dock.what_if.set_sensors(sensors)

    def _checked(self, found: Optional[Dict[str, Any]]) -> None:
        dock = self.dock
        dock.layers.set_badges(self.checker.badges)
        for text in (dock.area.tiles, dock.resolution.grid_text):
            text.setEnabled(not self.checker.looking)  # what was found before stays in sight, greyed, until the answer
        if self.checker.looking:
            self._show_run()
            return
        if found is None or found["grid"] is None:
            dock.area.set_tiles(None, None)
            dock.resolution.set_grid("")
        else:
            for layer in found["layers"]:
                dock.layers.rows[layer["modality"]].set_guess(tuple(layer["bands"]), layer["unit"])
            if found["tiles"]:
                dock.area.set_tiles(found["tiles"]["run"], found["tiles"]["total"])
            dock.resolution.set_grid(self.checker.grid_text(dock.model.card()))
            self._show_sensors(self.checker.sensors())
        self.engine.look()  # a worker that has answered told its device
        dock.layers.set_message("\n".join(self.checker.warnings(dock.model.card())))  # its own stand at the model
        dock.run_bar.set_warnings(self.checker.warnings())
        self._show_run()

    def _engine_changed(self) -> None:
        if self._opened:
            self.checker.look()
        self._show_run()

    def open_settings(self) -> None:
        """Open our page of QGIS's options."""
        self._iface.showOptionsDialog(self._iface.mainWindow(), PAGE)
        self.engine.look()

    # --- runs ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Start a run, or queue it behind the one that goes on."""
        self.messages.clear_errors()
        try:
            taken = [run.job.outputs.classes for run in self.runner.runs]
            files = destination(self.dock.outputs.value(), taken, self._goes_on)
            card = self.builder.card()
            make_folder(files)
            self.renderer.prepare(
                lambda rendered: self._start_run(rendered, files, card),
                self._work_failed,
                self._show_rendering,
                self.messages.warning,
            )
        except SgmaError as error:
            self.messages.error(error)

    def _start_run(self, rendered: Dict[str, str], files: Outputs, card: Card) -> None:
        self._rendering = ""
        self.previewer.remove()
        self.what_if.remove()
        try:
            self.runner.start(with_kept_area(self.builder.segment_job(rendered, files)), card)
        except SgmaError as error:
            self.messages.error(error)
        self._show_run()

    def _show_rendering(self, share: float, text: str) -> None:
        self._rendering = text
        self._show_run()

    def _show_run(self) -> None:
        run = self.runner.current()
        ready = self.dock.status.value().ready and bool(self.dock.layers.value()) and not self.checker.problem
        state = RunState(can_run=ready, resumes=run is None and self._resumes(), previewing=bool(self.previewer.text))
        if run is not None:
            waiting = len(self.runner.runs) - 1
            text = "\n".join(filter(None, (run.title, run.text, self._busy())))
            state = replace(state, running=True, share=run.share, text=text, waiting=waiting, stopping=run.stopping)
        self.dock.run_bar.set_value(state)
        self.dock.run_bar.set_estimate(*self._estimate(state))

    def _estimate(self, state: RunState) -> Tuple[str, str, bool]:
        """Return the lines above the buttons, their tooltip, and whether others will follow soon."""
        found, engine = self.checker.found, self.dock.status.value()
        if not engine.ready:
            return tr("Install the engine first: click the line at the top."), engine.hint, False
        if not self.dock.layers.value():
            return tr("Pick at least one layer."), "", False
        if state.running:
            return self.checker.problem, "", False
        if self._busy():
            return self._busy(), "", True
        if self.checker.problem:
            return self.checker.problem, "", False
        if found is None:
            return tr("Looking at the layers…"), "", True
        text = "\n".join(filter(None, (estimate_text(found), self._destination_text(state))))
        return text, found["estimate"]["text"] if found["estimate"] else "", False

    def _busy(self) -> str:
        """Return what is done beside runs, '' for nothing."""
        return self._rendering or self.previewer.text

    def _destination_text(self, state: RunState) -> str:
        """Return what is to be known of the files that a run would write, '' for nothing."""
        if state.resumes:
            return tr("An unfinished run is there: Resume continues it after its last finished part.")
        try:
            folder = Path(destination(self.dock.outputs.value(), [], self._goes_on).classes).parent
        except SgmaError as error:
            return "⚠ " + " ".join(report.lines(error))
        return "" if folder.is_dir() else tr("The folder {folder} will be made.").format(folder=folder)

    def _resumes(self) -> bool:
        try:
            return unfinished.kept_blocks(destination(self.dock.outputs.value(), [], self._goes_on).classes) > 0
        except SgmaError:
            return False

    def _goes_on(self, files: Outputs) -> bool:
        """Return whether what an unfinished run left of these files is of the choices of now."""
        if not unfinished.kept_blocks(files.classes):
            return False
        try:
            return unfinished.goes_on_as(self.builder.segment_job(self.renderer.ready(), files))
        except SgmaError:
            return False

    def _work_failed(self, error: Exception) -> None:
        self._rendering = ""
        if not isinstance(error, Cancelled):
            self.messages.error(error_in(error, self.checker.named))
        self.dock.what_if.set_text("")
        self._show_run()

    def _result_changed(self) -> None:
        """What was asked of another result no longer counts."""
        self.what_if.end()

    def _why_changed(self) -> None:
        why = self.dock.why
        if why.heading.text() and not why.underMouse():  # which is about to press its button
            self.dock.show_result(self.dock.why)

    def _compare(self, key: str) -> None:
        self.what_if.start(key)
        self.dock.show_result(self.dock.what_if)  # how far it is stands below the button

    def _compared(self, key: str, found: Dict[str, Any]) -> None:
        self.dock.what_if.set_difference(key, found)
        self.dock.show_result(self.dock.what_if)
