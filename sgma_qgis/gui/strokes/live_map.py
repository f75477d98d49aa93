"""Asks the engine for the map of the strokes, after every stroke and move of the map; stale answers are dropped."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ... import resolve, settings, tasks
from ...adapted import NO_MODEL
from ...i18n import tr
from ...model.contract.errors import BadInput, Cancelled, SgmaError, WorkerCrashed
from ...model.contract.job import InteractJob, Options
from ..job_builder import JobBuilder
from ..rendering import Renderer
from .overlay import Overlay
from .store import StrokeStore

TOPIC = "strokes"
SETTLE_MS = 250  # after the map was moved
MOST_RESTARTS = 2  # of a worker that ended, for one and the same job


class LiveMap(QObject):
    """`shown(result, seconds)` when a result is there, with or without an overlay; `failed(error)`; `working(text)`.

    model: what the job starts from, an id, a path or NO_MODEL. colors: of the classes, by name.
    """

    shown = pyqtSignal(object, float)
    failed = pyqtSignal(object)
    working = pyqtSignal(str)

    def __init__(
        self,
        store: StrokeStore,
        overlay: Overlay,
        builder: JobBuilder,
        renderer: Renderer,
        canvas: QgsMapCanvas,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._overlay = overlay
        self._builder = builder
        self._renderer = renderer
        self._canvas = canvas
        self._task: Optional[tasks.Task] = None
        self._asked = 0.0
        self._restarts = 0
        self._rendering = False  # layers without a file, for us
        self._again = False  # asked meanwhile
        self._on = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self.ask)
        self.model = NO_MODEL
        self.colors: Dict[str, str] = {}
        self.result: Optional[Dict[str, Any]] = None
        canvas.extentsChanged.connect(self.ask_soon)
        canvas.destinationCrsChanged.connect(self.ask_soon)

    def set_on(self, on: bool) -> None:
        """Follow strokes and map, or rest."""
        if on == self._on:
            return
        self._on = on
        if on:
            self.ask_soon()
        else:
            self.stop()

    def stop(self) -> None:
        """Give up what is asked; a later `ask` asks again."""
        self._timer.stop()
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()

    def close(self) -> None:
        """Rest for good."""
        self._canvas.extentsChanged.disconnect(self.ask_soon)
        self._canvas.destinationCrsChanged.disconnect(self.ask_soon)
        self._on = False
        self.stop()

    def ask_soon(self) -> None:
        """Ask when the map has come to rest."""
        if self._on:
            self._timer.start()

    def ask(self) -> None:
        """Ask now; what was asked before is given up."""
        self._restarts = 0
        self._ask()

    def _ask(self) -> None:
        if not self._on:
            return
        self._timer.stop()
        self._asked = time.monotonic()
        if self._rendering:  # not once more for every stroke
            self._again = True
            return
        self._rendering, self._again = True, False
        try:
            self._renderer.prepare(self._rendered, self._not_rendered, self._tell_rendering, _nobody)
        except SgmaError as error:
            self._not_rendered(error)

    def _tell_rendering(self, share: float, text: str) -> None:
        self.working.emit(text)

    def _rendered(self, rendered: Dict[str, str]) -> None:
        self._rendering = False
        if self._again:  # by a stroke, or because the map was moved: then there is another picture to make
            self._ask()
        else:
            self._start(rendered)

    def _not_rendered(self, error: Exception) -> None:
        self._rendering = False
        self._refuse(error)

    def options(self) -> Options:
        """Return how to compute: what concerns files alone left out, so that it opens no other session."""
        return replace(self._builder.options(), min_area=None, simplify=None, resume=True)

    def view(self) -> Tuple[QgsRectangle, QgsCoordinateReferenceSystem]:
        """Return what the map shows. Raises BadInput where neither project nor layers say in which CRS."""
        crs = self._canvas.mapSettings().destinationCrs()
        if not crs.isValid():  # QGIS draws every layer in its own then
            found = {pick.layer.crs().toWkt(): pick.layer.crs() for pick in self._builder.picks().values()}
            if len(found) != 1 or not next(iter(found.values())).isValid():
                raise BadInput(
                    tr("The project has no coordinate reference system, and the layers have not one in common."),
                    tr("Choose one for the project: the field at the bottom right."),
                )
            (crs,) = found.values()
        return self._canvas.extent(), crs

    def pixel(self, at: QgsPointXY) -> float:
        """Return the side of the map's pixels at a point of the canvas, in the canvas's units; 0 = not known."""
        sides = []
        try:
            _, crs = self.view()
            for pick in self._builder.picks().values():
                carry = QgsCoordinateTransform(pick.layer.crs(), crs, QgsProject.instance())
                there = carry.transform(at, Qgis.TransformDirection.Reverse)
                x, y = there.x(), there.y()
                box = QgsRectangle(x, y, x + pick.layer.rasterUnitsPerPixelX(), y + pick.layer.rasterUnitsPerPixelY())
                sides.append(max(carry.transformBoundingBox(box).width(), carry.transformBoundingBox(box).height()))
            if self.result is not None:
                grid = QgsCoordinateReferenceSystem()
                grid.createFromUserInput(self.result["grid"]["crs"])
                carry = QgsCoordinateTransform(grid, crs, QgsProject.instance())
                bounds, window = QgsRectangle(*self.result["grid"]["bounds"]), self.result["grid"]["window"]
                return max(min(sides, default=0.0), carry.transformBoundingBox(bounds).width() / window["width"])
        except (BadInput, QgsCsException):
            return 0.0
        return min(sides, default=0.0)

    def meets_layers(self, box: QgsRectangle) -> bool:
        """Return whether a place of the canvas lies on one of the layers; True where that is not known."""
        boxes = []
        try:
            _, crs = self.view()
            for pick in self._builder.picks().values():
                carry = QgsCoordinateTransform(pick.layer.crs(), crs, QgsProject.instance())
                boxes.append(carry.transformBoundingBox(pick.layer.extent()))
        except (BadInput, QgsCsException):
            return True
        return not boxes or any(box.intersects(one) for one in boxes)

    def _job(self, rendered: Dict[str, str]) -> InteractJob:
        extent, crs = self.view()
        if extent.isEmpty():
            raise BadInput(tr("The map shows nothing."), tr("Zoom to your layers."))
        corners = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        strokes = self._store.strokes(self.colors) if len(self._store.names()) > 1 else ()
        return InteractJob(
            self._builder.sources(rendered),
            self.model,
            corners,
            resolve.crs_text(crs),
            self._overlay.next_file(),
            strokes,
            resolve.crs_text(self._store.crs()) if strokes else "",
            options=self.options(),
            memory_mb=settings.load().strokes_memory_mb,
        )

    def _start(self, rendered: Dict[str, str]) -> None:
        if not self._on:  # switched off while layers were rendered
            return
        try:
            job = self._job(rendered)
        except SgmaError as error:
            self._refuse(error)
            return
        task = tasks.interact_task(tr("Strokes"), job, topic=TOPIC, python_setting=settings.load().runtime_python)
        self._task = task
        task.progressed.connect(lambda share, text: self._progressed(task, text))
        task.succeeded.connect(lambda result: self._succeeded(task, result))
        task.failed.connect(lambda error: self._failed(task, error))
        self.working.emit(tr("Looking at the strokes…") if job.strokes else tr("Looking at the layers…"))

    def _progressed(self, task: tasks.Task, text: str) -> None:
        if task is self._task:
            self.working.emit(text)

    def _succeeded(self, task: tasks.Task, result: Dict[str, Any]) -> None:
        if task is self._task:
            self._task = None
            self.result = result
            self.shown.emit(result, time.monotonic() - self._asked)

    def _failed(self, task: tasks.Task, error: Exception) -> None:
        if task is not self._task:
            return
        self._task = None
        if isinstance(error, (WorkerCrashed, Cancelled)) and self._restarts < MOST_RESTARTS:
            # The job holds all strokes: another worker needs nothing more. What we give up ourselves is not the current
            # task any more: one that was cancelled came to its thread before the one that it took the place of.
            self._restarts += 1
            if isinstance(error, WorkerCrashed):
                self.working.emit(tr("The engine ended; it is started again…"))
            self._ask()
        elif not isinstance(error, Cancelled):
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        self.failed.emit(error)


def _nobody(text: str) -> None:
    """Warnings of a layer's rendering are told where runs are."""
