"""Why here? A click on the map is explained by the tiles that cover it, run again in the run's own layout."""

from __future__ import annotations

from typing import Any, Dict, Optional

from qgis.core import QgsPointXY
from qgis.gui import QgsMapCanvas, QgsVertexMarker
from qgis.PyQt.QtCore import QObject, Qt

from .. import report, resolve, settings, tasks
from ..i18n import tr
from ..model.contract.errors import BadInput, Cancelled, SgmaError
from ..model.contract.job import ExplainJob
from .checking import crs_name
from .draw_tools import place_marker, point_tool
from .job_builder import JobBuilder
from .previewing import Previewer
from .rendering import Renderer
from .result_panel import ResultPanel
from .tool_loan import ToolLoan
from .why_panel import WhyPanel


class Inspector(QObject):
    """Lends the canvas a map tool while the panel's button is pressed, and shows the answers in the panel."""

    def __init__(
        self,
        panel: WhyPanel,
        result: ResultPanel,
        builder: JobBuilder,
        renderer: Renderer,
        previewer: Previewer,
        canvas: QgsMapCanvas,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._result = result
        self._builder = builder
        self._renderer = renderer
        self._previewer = previewer
        self._canvas = canvas
        self._task: Optional[tasks.Task] = None
        self._marker: Optional[QgsVertexMarker] = None
        self._asked_of = ""  # name of the result that the last click was asked of, '' = the present choices
        self._tool = point_tool(canvas, tr("Why here?"))
        self._loan = ToolLoan(canvas, panel, self._tool)
        self._tool.canvasClicked.connect(self.explain)
        self._tool.deactivated.connect(self._left)
        panel.asking_changed.connect(self._ask)
        result.changed.connect(self.clear)
        canvas.destinationCrsChanged.connect(self._unmark)

    def close(self) -> None:
        """Give the canvas its tools back, for good."""
        self._canvas.destinationCrsChanged.disconnect(self._unmark)
        self._forget()
        self._tool.deactivated.disconnect(self._left)
        self._loan.close()

    def end(self) -> None:
        """Give the canvas its tools back: another project's map is no answer to what was asked."""
        self._loan.give_back()

    def clear(self) -> None:
        """Forget the answer shown, or awaited: another result is on the map."""
        self._forget()
        self._panel.set_value(None, _hint() if self._panel.button.isChecked() else "")

    def _forget(self) -> None:
        self._unmark()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _unmark(self) -> None:
        if self._marker is not None:
            self._canvas.scene().removeItem(self._marker)
            self._marker = None

    def explain(self, point: QgsPointXY, button: Any = Qt.MouseButton.LeftButton) -> None:
        """Say why the map holds what it holds at a point of the canvas."""
        if button != Qt.MouseButton.LeftButton:
            return
        self._forget()
        try:
            job = self._job(point)
        except SgmaError as error:
            self._refuse(error)
            return
        self._marker = place_marker(self._canvas, point)
        self._panel.set_value(None, tr("Looking…"))
        task = tasks.interact_task(tr("Why here?"), job, python_setting=settings.load().runtime_python)
        self._task = task
        task.progressed.connect(lambda share, text: self._progressed(task, text))
        task.succeeded.connect(lambda answer: self._answered(task, answer))
        task.failed.connect(lambda error: self._failed(task, error))

    def _job(self, point: QgsPointXY) -> ExplainJob:
        """Return the job for what is on the map: a preview of the present choices, else the last result."""
        result = self._result.value()
        self._asked_of = ""
        if result is None or not result.layer_ids or self._previewer.is_shown():
            return self._builder.explain_job(self._renderer.ready(), point.x(), point.y())
        self._check_place(point, result.name)
        self._asked_of = result.name
        run, crs = result.job, resolve.crs_text(self._canvas.mapSettings().destinationCrs())
        return ExplainJob(run.sources, run.model, (point.x(), point.y()), crs, run.area, run.options)

    def _check_place(self, point: QgsPointXY, name: str) -> None:
        """Raise BadInput for a place where the result's map does not lie: the engine would need a while to say so."""
        layer = self._result.classes_layer()
        if layer is None or not layer.isValid():
            return
        if not layer.extent().contains(self._canvas.mapSettings().mapToLayerCoordinates(layer, point)):
            raise BadInput(tr("This place lies outside the result {name}.").format(name=name))

    def _refuse(self, error: Exception) -> None:
        """Say why there is no answer, and of which result it was asked: others may be on the map."""
        self._unmark()
        text = " ".join(report.lines(error))
        if self._asked_of:
            text = tr("Asked of the result {name}: {text}").format(name=self._asked_of, text=text)
        self._panel.set_value(None, text)

    def _ask(self, on: bool) -> None:
        if not on:
            self._loan.give_back()
            return
        self._loan.lend(self._tool)
        if self._panel.value() is None and self._task is None:
            self._panel.set_value(None, _hint())

    def _left(self) -> None:
        """Tidy up when our tool is no longer the canvas's. An answer stays, one that is awaited will still be shown."""
        self._panel.button.setChecked(False)
        if self._task is None:
            self._rest()

    def _rest(self) -> None:
        self._unmark()
        if self._panel.value() is None:
            self._panel.set_value(None, "")

    def _progressed(self, task: tasks.Task, text: str) -> None:
        if task is self._task:
            self._panel.set_value(None, text)

    def _answered(self, task: tasks.Task, answer: Dict[str, Any]) -> None:
        if task is self._task:
            self._task = None  # QGIS deletes tasks that have ended
            self._panel.set_value({**answer, "crs": crs_name(answer["crs"])})
            if not self._panel.button.isChecked():
                self._unmark()

    def _failed(self, task: tasks.Task, error: Exception) -> None:
        if task is self._task:
            self._task = None
            if isinstance(error, Cancelled):
                self.clear()
            else:
                self._refuse(error)


def _hint() -> str:
    return tr("Click on the map.")
