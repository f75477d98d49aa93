"""Preview of what the map shows, again when it moves if asked; and what-if: the same without one sensor."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Optional

from qgis.core import QgsMapLayer, QgsProcessingUtils, QgsProject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .. import outputs, settings, sight, tasks
from ..i18n import tr
from ..model.contract.errors import Cancelled, SgmaError
from ..model.contract.job import DifferenceJob, Outputs
from ..model.contract.modality import BY_KEY
from .job_builder import JobBuilder
from .rendering import Renderer

FOLLOW_MS = 350
EXTRA = ("confidence",)


class Previewer(QObject):
    """`changed` when a preview begins or ends; `failed(error)`; `shown(result)` when one is on the map.

    text: how far the preview in work is, '' when none is.
    """

    changed = pyqtSignal()
    failed = pyqtSignal(object)
    warned = pyqtSignal(str)
    shown = pyqtSignal(object)

    def __init__(self, builder: JobBuilder, renderer: Renderer, canvas: QgsMapCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._builder = builder
        self._renderer = renderer
        self._canvas = canvas
        self._task: Optional[tasks.Task] = None
        self._preview = outputs.Preview()
        self._follow = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FOLLOW_MS)
        self._timer.timeout.connect(self.start)
        canvas.extentsChanged.connect(self._moved)
        QgsProject.instance().layersRemoved.connect(self._layers_removed)
        self.text = ""

    def follow(self, on: bool) -> None:
        """Preview again whenever the map moves."""
        self._follow = on
        if on:
            self.start()
        else:
            self._timer.stop()

    def refresh(self) -> None:
        """Preview again soon when following: a choice was changed."""
        if self._follow:
            self._timer.start()

    def start(self) -> None:
        """Preview what the map shows now."""
        try:
            self._renderer.prepare(self._rendered, self._failed, self._progressed, self.warned.emit)
        except SgmaError as error:
            self.failed.emit(error)

    def stop(self) -> None:
        """Give up the preview in work."""
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()

    def layer(self) -> Optional[QgsMapLayer]:
        """Return the preview's map, None while there is none."""
        return self._preview.layers.get("classes")

    def is_shown(self) -> bool:
        """Return whether a preview is on the map."""
        return bool(self._preview.layers)

    def remove(self) -> None:
        """Take the preview off the map, and give up one in work."""
        self.end()
        self._preview.remove()

    def end(self) -> None:
        """Give up the preview in work: what it is of is gone."""
        self.stop()
        self._task, self.text = None, ""
        self.changed.emit()

    def close(self) -> None:
        """Stop for good, the results as they were before."""
        self.remove()
        self._canvas.extentsChanged.disconnect(self._moved)
        QgsProject.instance().layersRemoved.disconnect(self._layers_removed)

    def _layers_removed(self, *ignored: object) -> None:
        """Show the results again when the user has removed the preview that hid them, and leave no empty group."""
        if self.layer() is None:
            sight.show_results(sight.PREVIEW)
        QTimer.singleShot(0, self._tidy)  # whoever removes layers may still be at work on the tree

    def _tidy(self) -> None:
        outputs.drop_empty_previews(QgsProject.instance())

    def _moved(self) -> None:
        if self._follow:
            self._timer.start()

    def _rendered(self, rendered: Dict[str, str]) -> None:
        try:
            job = self._builder.preview_job(rendered, _files(EXTRA))
            card = self._builder.card()
        except SgmaError as error:
            self.failed.emit(error)
            return
        task = tasks.interact_task(tr("Preview"), job, topic="preview", python_setting=settings.load().runtime_python)
        self._task = task
        self.text = tr("Previewing…")
        task.progressed.connect(lambda share, text: self._progressed(share, text, task))
        task.succeeded.connect(lambda result: self._succeeded(task, result, card))
        task.failed.connect(lambda error: self._failed(error, task))
        self.changed.emit()

    def _progressed(self, share: float, text: str, task: Optional[tasks.Task] = None) -> None:
        if task is not None and task is not self._task:  # given up
            return
        self.text = text
        self.changed.emit()

    def _succeeded(self, task: tasks.Task, result: Dict[str, Any], card: Any) -> None:
        if task is not self._task:  # a newer one is on its way
            return
        self._task, self.text = None, ""
        paths = {role: path for role, path in result["outputs"].items() if role in ("classes", *EXTRA)}
        self._preview.show(paths, card, tr("Preview"))
        self.changed.emit()
        self.shown.emit(result)

    def _failed(self, error: Exception, task: Optional[tasks.Task] = None) -> None:
        if task is not self._task:
            return
        self._task, self.text = None, ""
        self.changed.emit()
        if not isinstance(error, Cancelled):
            self.failed.emit(error)


class WhatIf(QObject):
    """Maps the view with all sensors and without one, and shows where they differ.

    `found(key, difference)`, `progressed(text)`, `failed(error)`.
    """

    found = pyqtSignal(str, object)
    progressed = pyqtSignal(str)
    failed = pyqtSignal(object)

    def __init__(self, builder: JobBuilder, renderer: Renderer, parent: QObject) -> None:
        super().__init__(parent)
        self._builder = builder
        self._renderer = renderer
        self._task: Optional[tasks.Task] = None
        self._chosen: Any = None  # model and layers of what is shown or computed
        self.layer_id = ""

    def start(self, key: str) -> None:
        """Compare the view with and without a sensor."""
        self._chosen = self._builder.chosen()
        try:
            rendered = self._renderer.ready()
            first = self._builder.preview_job(rendered, _files(()))
            second = self._builder.preview_job(rendered, _files(()), without=key)
        except SgmaError as error:
            self.failed.emit(error)
            return
        output = str(Path(second.outputs.classes).with_name("difference.tif"))
        difference = DifferenceJob(first.outputs.classes, second.outputs.classes, output, first.model)
        sensor = BY_KEY[key].title
        steps = [
            (tr("Mapping the view with all sensors"), first),
            (tr("Mapping the view without {sensor}").format(sensor=sensor), second),
            (tr("Comparing"), difference),
        ]
        self._next(key, steps)

    def remove(self) -> None:
        """Take the difference off the map: what it was compared with is gone."""
        if self.layer_id:
            outputs.remove_difference(self.layer_id)
            self.layer_id = ""
            if self._task is None:
                self.progressed.emit("")

    def end(self) -> None:
        """Stop the comparison, and take its difference off the map."""
        self.close()
        self.remove()
        self.progressed.emit("")

    def look(self) -> None:
        """End where the model or the layers are no longer those compared."""
        if (self.layer_id or self._task is not None) and self._chosen != self._builder.chosen():
            self.end()

    def close(self) -> None:
        """Stop the comparison that goes on, if any."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _next(self, key: str, steps: list) -> None:
        (title, job), *rest = steps
        self.progressed.emit(title + "…")
        task = tasks.interact_task(title, job, topic="whatif", python_setting=settings.load().runtime_python)
        self._task = task
        task.failed.connect(lambda error: self._failed(task, error))
        if rest:
            task.succeeded.connect(lambda result: self._next(key, rest) if task is self._task else None)
        else:
            task.succeeded.connect(lambda result: self._finished(task, key, result))

    def _finished(self, task: tasks.Task, key: str, result: Dict[str, Any]) -> None:
        if task is not self._task:
            return
        self._task = None
        self.remove()
        title = tr("Difference without {sensor}").format(sensor=BY_KEY[key].title)
        layer = outputs.difference_layer(result["output"], title)
        self.layer_id = layer.id()
        self.found.emit(key, result)

    def _failed(self, task: tasks.Task, error: Exception) -> None:
        if task is self._task:
            self._task = None
            if isinstance(error, Cancelled):
                self.progressed.emit("")
            else:
                self.failed.emit(error)


def _files(roles: tuple) -> Outputs:
    """Return outputs in a folder of their own, which QGIS deletes when it ends."""
    folder = Path(tempfile.mkdtemp(prefix="sgma_view_", dir=QgsProcessingUtils.tempFolder()))
    files = Outputs(str(folder / "classes.tif"))
    return replace(files, **{role: str(folder / f"{role}.tif") for role in roles})
