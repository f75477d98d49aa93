"""What is done with results: shown when a run ends, reported, copied as a command, shown or made again later."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from qgis.core import QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QApplication, QWidget

from .. import adapted, history
from ..i18n import tr
from ..model.contract.errors import SgmaError
from ..model.contract.job import SegmentJob
from ..resolve import is_temporary
from ..unfinished import classes_of, kept
from .dock import SgmaDock
from .messages import Messages
from .previewing import Previewer
from .report_window import ReportWindow
from .result_panel import Result, warnings
from .running import Run, Runner, again, make_folder
from .texts import gaps, warning_count

MARGIN = 1.05  #: round a result that is zoomed to


class Results(QObject):
    """Connects the runs' ends and the buttons of results and history. window: parent of the reports' windows."""

    def __init__(
        self,
        dock: SgmaDock,
        runner: Runner,
        previewer: Previewer,
        messages: Messages,
        window: QWidget,
        canvas: QgsMapCanvas,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._dock = dock
        self._runner = runner
        self._previewer = previewer
        self._messages = messages
        self._window = window
        self._canvas = canvas
        runner.finished.connect(self._finished)
        runner.stopped.connect(self._stopped)
        panel = dock.result
        panel.report_wanted.connect(lambda: self.open_report(panel.value()))
        panel.copy_wanted.connect(lambda: self.copy_command(panel.value()))
        panel.show_wanted.connect(lambda: self.show_past(history.run_file(panel.value().job.outputs.classes)))
        panel.folder_wanted.connect(lambda: self.open_folder(panel.value()))
        dock.history.rerun.connect(self.run_again)
        dock.history.resumed.connect(self.resume)
        dock.history.opened.connect(self.show_past)
        dock.history.forgotten.connect(self._forgotten)
        dock.tabs.currentChanged.connect(self._offer)
        runner.project_read.connect(self._recall)
        self._recall()

    def _recall(self) -> None:
        """Take up the newest result of the project."""
        result = self._runner.in_project()
        if result is not None:
            self._dock.result.set_value(result)

    def run_again(self, job: SegmentJob) -> None:
        """Queue an earlier run once more, with results of new names."""
        self._messages.clear_errors()
        try:
            taken = [run.job.outputs.classes for run in self._runner.runs]
            following = again(job, taken)
            make_folder(following.outputs)
            self._runner.start(following, adapted.card_of(job))
        except SgmaError as error:
            self._messages.error(error)

    def resume(self, job: SegmentJob) -> None:
        """Go on with a run that was stopped or interrupted."""
        if job.outputs.classes in [run.job.outputs.classes for run in self._runner.runs]:
            return
        self._messages.clear_errors()
        try:
            self._runner.start(job, adapted.unfinished_card(job, classes_of(job)))
        except SgmaError as error:
            self._messages.error(error)
        self._dock.history.reload()

    def show_past(self, run_file: str) -> None:
        """Show the results of an earlier run, and where they lie."""
        try:
            result = self._runner.show(run_file)
        except SgmaError as error:
            self._messages.error(error)
            return
        self._dock.run_bar.follow.setChecked(False)  # the next preview would hide what was asked for
        self._dock.result.set_value(result)
        self._dock.show_result(self._dock.result)
        if self._zoom():
            self._messages.info(tr("{name} is shown; the map was zoomed to it.").format(name=result.name))

    def _place(self) -> QgsRectangle:
        """Return where the result shown lies, in the map's CRS; null where it is not in the project."""
        layer = self._dock.result.classes_layer()
        if layer is None or not layer.isValid():
            return QgsRectangle()
        return self._canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent())

    def _zoom(self) -> bool:
        """Have the map show the result; return whether it is there."""
        extent = self._place()
        if extent.isEmpty():
            return False
        extent.scale(MARGIN)
        self._canvas.setExtent(extent)
        self._canvas.refresh()
        return True

    def _finished(self, result: Result) -> None:
        self._dock.result.set_value(result)
        self._dock.history.reload()
        self._dock.run_bar.follow.setChecked(False)
        self._previewer.remove()
        self._dock.show_result(self._dock.result)
        failed, warned = result.result["tiles_failed"], warnings(result)
        text = tr("{name} is done.").format(name=result.name)
        buttons = [(tr("Open report"), lambda: self.open_report(result))]
        if not result.layer_ids:
            text = tr("{name}, begun in another project, is done.").format(name=result.name)
            buttons.append((tr("Show"), lambda: self.show_past(history.run_file(result.job.outputs.classes))))
        elif not self._canvas.extent().intersects(self._place()):
            buttons.append((tr("Zoom to it"), self._zoom))
        elif not warned:  # whose room the warning needs
            buttons.append((tr("Copy as command"), lambda: self.copy_command(result)))
        if failed:
            text += " " + gaps(failed)
        lines = [text]
        if warned and result.layer_ids:
            lines = [f"{text} {warning_count(len(warned))}:", *warned]
        if is_temporary(result.result["outputs"]["classes"]):
            lines.append(tr("Its files are temporary."))
        (self._messages.warning if warned else self._messages.success)("\n".join(lines), buttons)

    def _forgotten(self, name: str, undo: Callable[[], None]) -> None:
        text = tr("{name} is off the list; its files stay.").format(name=name)
        self._messages.success(text, [(tr("Undo"), undo)])

    def _offer(self, *ignored: object) -> None:
        """Offer runs beside the set-up and results; the other pages have buttons of their own for theirs."""
        dock = self._dock
        dock.run_bar.set_offered(dock.tabs.currentWidget() not in (dock.history, dock.strokes_page))

    def _stopped(self, run: Run) -> None:
        self._dock.history.reload()
        left = kept(run.job.outputs.classes)
        if not left.done:
            text = tr("Nothing was finished yet.")
        elif left.percent:
            text = tr("{percent} % is done and kept for Resume.").format(percent=left.percent)
        else:
            text = tr("What is done is kept for Resume.")
        self._messages.info("\n".join((tr("{title}: stopped.").format(title=run.title), text)))

    def open_report(self, result: Result) -> ReportWindow:
        """Show what a run did, in a window of its own."""
        window = ReportWindow(result, self._window)
        window.show()
        return window

    def copy_command(self, result: Result) -> None:
        """Copy the command that repeats a run."""
        QApplication.clipboard().setText(result.command)
        self._messages.info(tr("The command is in the clipboard."))

    def open_folder(self, result: Result) -> None:
        """Show the files of a run."""
        folder = Path(result.result["outputs"]["classes"]).parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
