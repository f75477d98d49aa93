"""What is made of strokes: a map of the whole area, a model of their own, labels to train with."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, Optional, Tuple

from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingUtils,
    QgsProject,
    QgsSpatialIndex,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QInputDialog

from ... import adapted, resolve, settings, tasks
from ...i18n import tr
from ...model.contract import store as models
from ...model.contract.card import Card, ClassInfo, id_from
from ...model.contract.errors import BadInput, SgmaError
from ...model.contract.job import Area, Outputs, SegmentJob
from ..controller import Controller
from ..dock import SgmaDock
from ..running import destination, make_folder, with_kept_area
from . import files, objects
from .live_map import LiveMap
from .store import CLASS, COLOR, WIDTH, StrokeStore

SAVED_PIXELS = 64  # side of the map that is made beside a model that is kept: it must make one
_NOT_IN_FILES = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')  # on one of the systems


class Maker(QObject):
    """`failed(error)`; `busy(text)` while a model is made.

    open_wizard: opens the wizard of trainings with labels, given a layer's id and its field; None = there is none.
    """

    failed = pyqtSignal(object)
    busy = pyqtSignal(str)

    def __init__(
        self, store: StrokeStore, live: LiveMap, dock: SgmaDock, controller: Controller, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._live = live
        self._dock = dock
        self._controller = controller
        self._task: Optional[tasks.Task] = None
        self.open_wizard: Optional[Callable[[str, str], None]] = None

    def close(self) -> None:
        """Tell nobody anything any more."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()

    def run(self, colors: Dict[str, str]) -> None:
        """Map the whole area by the strokes: an ordinary run, whose strokes are kept beside the map."""
        runner = self._controller.runner
        try:
            outputs = destination(self._dock.outputs.value(), [run.job.outputs.classes for run in runner.runs])
            make_folder(outputs)
            card = self._card(colors)

            def start(rendered: Dict[str, str]) -> None:
                strokes = self._copy(Path(outputs.classes).with_suffix(".strokes.gpkg"))
                job = with_kept_area(self._controller.builder.segment_job(rendered, outputs))
                runner.start(replace(job, model=self._live.model, strokes=strokes, class_field=CLASS), card)

            self._rendered(start)
        except SgmaError as error:
            self.failed.emit(error)

    def save(self, name: str) -> None:
        """Keep the adapted model in the list of models, under this name."""
        title = _NOT_IN_FILES.sub("-", name).strip(" .")[:64]  # the folder's name becomes the model's title
        own = id_from(title)
        folder = models.data_dir() / "models" / title
        try:
            if self._task is not None:
                raise BadInput(tr("A model is being made already."), tr("Wait until it is done."))
            if not own:
                raise BadInput(tr("A model needs a name of letters or digits."), tr("Choose another name."))
            if folder.exists() or any(package.card.id == own for package in models.installed()):
                raise BadInput(tr("There is a model {name} already.").format(name=own), tr("Choose another name."))
            self._rendered(lambda rendered: self._start_saving(rendered, folder, own))
        except SgmaError as error:
            self.failed.emit(error)

    def ask_name(self) -> None:
        """Ask what the model is to be called, and keep it."""
        name, given = QInputDialog.getText(self._dock, tr("Save as model"), tr("Name of the model"))
        if given:
            self.save(name)

    def use_as_labels(self) -> None:
        """Copy the strokes into a layer of labels, and open the wizard with it."""
        try:
            layer = self.labels()
        except SgmaError as error:
            self.failed.emit(error)
            return
        if self.open_wizard is not None:
            self.open_wizard(layer.id(), CLASS)
            return
        text = tr("Layer {layer} holds the strokes as labels; its field is {field}.")
        self._controller.messages.info(text.format(layer=layer.name(), field=CLASS))

    def labels(self) -> QgsVectorLayer:
        """Return a layer of the project with the strokes as labels: polygons that do not overlap. Raises SgmaError."""
        features = [feature for feature in self._store.features() if feature[CLASS]]  # by hand, one may have no class
        if not features:
            raise BadInput(tr("There are no strokes."), tr("Paint some first."))
        path = _free(Path(self._store.path()).with_name(f"{Path(self._store.path()).stem}_labels.gpkg"))
        rows = [(ground, (name,)) for name, ground in _apart(features)]
        layer = files.make(path, "labels", tr("Labels from strokes"), f"field={CLASS}:string", self._store.crs(), rows)
        objects.paint(layer, self._live.colors, filled=False)
        QgsProject.instance().addMapLayer(layer)
        return layer

    def _rendered(self, then: Callable[[Dict[str, str]], None]) -> None:
        """Go on when layers without a file have been rendered."""

        def guarded(rendered: Dict[str, str]) -> None:
            try:
                then(rendered)
            except SgmaError as error:
                self.failed.emit(error)

        self._controller.renderer.prepare(
            guarded, self.failed.emit, lambda share, text: self.busy.emit(text), self._controller.messages.warning
        )

    def _copy(self, target: Path) -> str:
        """Return a file that holds the strokes of this moment: painting goes on while a run does."""
        layer = self._store.layer()
        if layer is None or not layer.featureCount():
            raise BadInput(tr("There are no strokes."), tr("Paint two classes first."))
        self._store.set_colors(self._live.colors)
        return resolve.keep(resolve.copied(layer, (CLASS, WIDTH, COLOR)), target)

    def _start_saving(self, rendered: Dict[str, str], folder: Path, own: str) -> None:
        place = Path(tempfile.mkdtemp(prefix="sgma_model_", dir=QgsProcessingUtils.tempFolder()))
        extent, crs = self._spot()
        job = SegmentJob(
            self._controller.builder.sources(rendered),
            self._live.model,
            Outputs(str(place / "classes.tif")),
            Area(extent=extent, extent_crs=crs),
            replace(self._live.options(), backend="torch", resume=False),
            self._copy(place / "strokes.gpkg"),
            CLASS,
            str(folder),
        )
        python = settings.load().runtime_python
        task = tasks.interact_task(tr("Save as model"), job, topic="strokes_model", python_setting=python)
        self._task = task
        task.succeeded.connect(lambda result: self._saved(task, folder.name, own))
        task.failed.connect(lambda error: self._failed(task, error))
        self.busy.emit(tr("Making the model…"))

    def _spot(self) -> Tuple[Tuple[float, float, float, float], str]:
        """Return a small extent in what the map of the strokes shows, and its CRS."""
        if self._live.result is None:
            raise BadInput(tr("There is no map of the strokes yet."), tr("Paint two classes first."))
        grid = self._live.result["grid"]
        left, bottom, right, top = grid["bounds"]
        x, y = (left + right) / 2, (bottom + top) / 2
        half = SAVED_PIXELS / 2 * (right - left) / grid["window"]["width"]
        return (max(x - half, left), max(y - half, bottom), min(x + half, right), min(y + half, top)), grid["crs"]

    def _saved(self, task: tasks.Task, title: str, own: str) -> None:
        if task is self._task:
            self._task = None
            text = tr("Model {name} is in the list of models.").format(name=title)
            self.busy.emit(text)
            self._dock.model.refresh()
            self._controller.messages.success(text, [(tr("Choose it"), lambda: self._dock.model.set_value(own))])

    def _failed(self, task: tasks.Task, error: Exception) -> None:
        if task is self._task:
            self._task = None
            self.busy.emit(tr("No model was made."))
            self.failed.emit(error)

    def _card(self, colors: Dict[str, str]) -> Card:
        """Return a card that says what the run's classes are called and look like."""
        result = self._live.result
        if result is None or not result["classes"]:
            raise BadInput(tr("There is no map of the strokes yet."), tr("Paint two classes first."))
        classes = tuple(
            ClassInfo(int(c["id"]), str(c["name"]), colors.get(str(c["name"]), str(c["color"])))
            for c in result["classes"]
        )
        return adapted.card(self._live.model, result["sensors"], classes)


def _free(path: Path) -> Path:
    """Return the path, numbered where there is such a file."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}_{number}{path.suffix}")
    return found


def _apart(features: list) -> list:
    """Return (class, ground) of strokes without what later ones of another class lie on; none is empty."""
    index, found = QgsSpatialIndex(), []
    for number, feature in enumerate(features):
        box = QgsFeature(number)
        box.setGeometry(QgsGeometry.fromRect(feature.geometry().boundingBox()))
        index.addFeature(box)
    for number, feature in enumerate(features):
        ground = feature.geometry()
        for other in index.intersects(ground.boundingBox()):
            if other > number and features[other][CLASS] != feature[CLASS]:
                ground = ground.difference(features[other].geometry())
        if not ground.isEmpty():
            ground.convertToMultiType()
            found.append((str(feature[CLASS]), ground))
    return found
