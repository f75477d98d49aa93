"""Asks the engine for areas, from where the labels are, and puts them into the project, in a file that is kept."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Optional

from qgis.core import QgsProject, QgsVectorLayer
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QGroupBox, QLabel, QProgressBar, QPushButton, QWidget

from ... import report, settings, tasks
from ...i18n import tr
from ...model.contract.errors import Cancelled, SgmaError
from ...model.contract.learning import AreasJob
from ..badge import BAD, DOUBT, Badge
from . import jobs, made_with, roles, wording
from .state import WizardState

_PROPERTY = "sgma/proposal"  # of a layer: digest of the areas as they were proposed


class ProposeBox(QGroupBox):
    """`changed` while it works, and when it ends; `proposed(layer)` with the areas, in the project.

    notes: what there is to say about the last proposal. running: one is being made.
    """

    changed = pyqtSignal()
    proposed = pyqtSignal(object)

    def __init__(self, state: WizardState, parent: Optional[QWidget] = None) -> None:
        super().__init__(tr("Propose areas from where the labels are"), parent)
        self._state = state
        self._task: Optional[tasks.Task] = None
        self.notes: List[Badge] = []
        self.file = QgsFileWidget(self)
        self.file.setStorageMode(QgsFileWidget.StorageMode.SaveFile)
        self.file.setFilter(tr("GeoPackage") + " (*.gpkg)")
        self.file.setToolTip(
            tr("Where the proposed areas are kept; those that somebody has changed are never replaced")
        )
        self.button = QPushButton(self)
        self.button.setToolTip(
            tr("Blocks with room between, each role with its share of every class; you can change them on the map")
        )
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 100)
        label = QLabel(tr("Keep in &file"), self)
        label.setBuddy(self.file)
        grid = QGridLayout(self)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.file, 0, 1)
        grid.addWidget(self.button, 0, 2)
        grid.addWidget(self.bar, 1, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        self.button.clicked.connect(self._start_or_stop)
        self.file.fileChanged.connect(self._show)
        self._show()

    @property
    def running(self) -> bool:
        """Whether areas are being proposed."""
        return self._task is not None

    def offer(self, path: Path) -> None:
        """Name a file where none is named yet."""
        if not self.file.filePath():
            self.file.setFilePath(str(path))

    def forget(self) -> None:
        """What was said is about other areas than those chosen now."""
        self.notes = []

    def leave(self) -> None:
        """Break off what goes on, and tell nothing of it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def start(self) -> None:
        """Let the engine propose areas, or say why it cannot."""
        path = Path(self.file.filePath().strip())
        if path.suffix.lower() != ".gpkg":
            path = path.with_name(path.name + ".gpkg")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            job = jobs.areas_job(self._state, str(_free(path)))
        except (SgmaError, OSError) as error:
            self.notes = [Badge(BAD, " ".join(report.lines(error)))]
            self.changed.emit()
            return
        python = settings.load().runtime_python
        task = tasks.interact_task(tr("Propose areas"), job, topic="areas", python_setting=python)
        task.progressed.connect(lambda share, text: self._progressed(task, share, text))
        task.succeeded.connect(lambda result: self._succeeded(task, job, result))
        task.failed.connect(lambda error: self._failed(task, job, error))
        self._task, self.notes = task, []
        self._show()
        self.changed.emit()

    def _start_or_stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.start()

    def _progressed(self, task: tasks.Task, share: float, text: str) -> None:
        if task is self._task:
            self.bar.setValue(round(100 * share))
            self.bar.setFormat(text)

    def _succeeded(self, task: tasks.Task, job: AreasJob, result: Dict[str, Any]) -> None:
        if task is not self._task:
            return
        self._task = None
        self._show()
        layer = QgsVectorLayer(result["output"], tr("Areas: training, validation, test"), "ogr")
        roles.style(layer)
        layer.setCustomProperty(_PROPERTY, _digest(layer))
        old = QgsProject.instance().mapLayer(self._state.areas)
        QgsProject.instance().addMapLayer(layer)
        self.notes = [Badge(DOUBT, wording.in_pages(text, self._state, job)) for text in result["warnings"]]
        self.proposed.emit(layer)
        if old is not None and not old.isEditable() and old.customProperty(_PROPERTY) == _digest(old):
            _remove(old)  # as it was proposed: nobody has changed it

    def _failed(self, task: tasks.Task, job: AreasJob, error: Exception) -> None:
        if task is self._task:
            self._task = None
            self.notes = [] if isinstance(error, Cancelled) else [Badge(BAD, wording.error(error, self._state, job))]
            self._show()
            self.changed.emit()

    def _show(self, *ignored: object) -> None:
        self.button.setText(tr("Stop") if self.running else tr("&Propose"))
        self.button.setEnabled(self.running or bool(self.file.filePath().strip()))
        self.bar.setVisible(self.running)
        if not self.running:
            self.bar.reset()


def _digest(layer: QgsVectorLayer) -> str:
    return made_with.of_layer(layer, jobs.ROLE_FIELD).hex()


def _remove(layer: QgsVectorLayer) -> None:
    """Take a layer out of the project, and its file off the disk where that can be done."""
    layer_source = layer.source()
    file = Path(layer_source.split("|")[0])
    QgsProject.instance().removeMapLayer(layer.id())
    if any(other.source() == layer_source for other in QgsProject.instance().mapLayers().values()):
        return
    with suppress(OSError):
        for end in ("", "-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)


def _free(path: Path) -> Path:
    """Return the path, numbered where there is such a file: somebody may have changed the areas in it."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}_{number}.gpkg")
    return found
