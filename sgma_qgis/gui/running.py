"""Runs: started, queued, stopped, continued; their blocks on the map while they go on, their layers at the end."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

from qgis.core import QgsLayerTreeGroup, QgsProcessingUtils, QgsProject
from qgis.PyQt.QtCore import QObject, pyqtSignal

from .. import adapted, history, outputs, process_program, resolve, settings, tasks, unfinished
from ..i18n import tr
from ..live import LiveView
from ..model.contract.card import Card
from ..model.contract.command import qgis_process_line
from ..model.contract.errors import BadInput, Cancelled, SgmaError
from ..model.contract.job import Outputs, SegmentJob
from ..model.contract.wire import job_from_dict
from ..unfinished import kept_blocks
from ..unsaved import Unsaved
from .messages import Messages
from .outputs_panel import OutputChoice
from .result_panel import Result
from .texts import when

#: what the panels show of a run's result
_SHOWN = ("outputs", "class_area_m2", "tiles_total", "tiles_run", "tiles_resumed", "tiles_failed", "device", "warnings")


@dataclass(eq=False)
class Run:
    """One run of the queue. project: number of the project it was started in."""

    job: SegmentJob
    card: Card
    title: str
    project: int
    task: Optional[tasks.Task] = None
    live: Optional[LiveView] = None
    share: float = 0.0
    text: str = ""
    stopping: bool = False
    warnings: List[str] = field(default_factory=list)


class Runner(QObject):
    """The queue of runs.

    `changed` when something to show changed; `finished(Result)`; `failed(error)`; `stopped(Run)`; `project_read` when
    another project was opened.
    """

    changed = pyqtSignal()
    finished = pyqtSignal(object)
    failed = pyqtSignal(object)
    stopped = pyqtSignal(object)
    project_read = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runs: List[Run] = []
        self._project = 0
        self._unfinished: Dict[str, LiveView] = {}  # what runs that were stopped had done, by their map
        self._unsaved = Unsaved()
        QgsProject.instance().cleared.connect(self._project_closed)
        QgsProject.instance().readProject.connect(self._project_opened)

    def current(self) -> Optional[Run]:
        """Return the run that goes on: the first of the queue."""
        return self.runs[0] if self.runs else None

    def start(self, job: SegmentJob, card: Card) -> Run:
        """Queue a run."""
        title = tr("Map {name}").format(name=Path(job.outputs.classes).stem)
        run = Run(job, card, title, self._project)
        self.runs.append(run)
        if self.current() is run:
            self._begin(run)
        self.changed.emit()
        return run

    def _begin(self, run: Run) -> None:
        """Hand a run to the task manager, whose threads would let two that were handed over together overtake."""
        unfinished.begin(run.job, run.card.classes)
        task = tasks.run_task(run.title, run.job, python_setting=settings.load().runtime_python)
        run.task = task
        view = self._unfinished.pop(run.job.outputs.classes, None)
        if view is not None and view.layer is not None:
            view.begin_again(_in_work(run))
            run.live = view
        elif view is not None:  # the user has removed what was left of it
            view.close()
        task.progressed.connect(lambda share, text: self._progressed(run, share, text))
        task.logged.connect(Messages.log)
        task.block.connect(lambda path, window: self._block(run, path, window))
        task.succeeded.connect(lambda result: self._succeeded(run, result))
        task.failed.connect(lambda error: self._failed(run, error))

    def stop(self) -> None:
        """Stop the run that goes on; what it has done is kept."""
        run = self.current()
        if run is not None and not run.stopping:
            run.stopping = True
            run.task.cancel()
            self.changed.emit()

    def close(self) -> None:
        """Forget everything; the tasks are ended by the plugin."""
        QgsProject.instance().cleared.disconnect(self._project_closed)
        QgsProject.instance().readProject.disconnect(self._project_opened)
        self._close_views()
        self._unsaved.close()
        self.runs = []

    def _project_closed(self) -> None:
        """Runs go on, but their layers belong to a project that is gone."""
        self._project += 1
        self._close_views()

    def _project_opened(self, *ignored: object) -> None:
        self.project_read.emit()

    def _close_views(self) -> None:
        for run in self.runs:
            _close_live(run)
        for view in self._unfinished.values():
            view.close()
        self._unfinished = {}

    def _progressed(self, run: Run, share: float, text: str) -> None:
        if run in self.runs:  # what a thread told last may arrive after `close`, when Qt has deleted us
            run.share, run.text = share, text
            self.changed.emit()

    def _block(self, run: Run, path: str, window: Any) -> None:
        if run in self.runs and run.project == self._project:
            _live(run).add(path, window)

    def show(self, run_file: str) -> Result:
        """Bring the layers of an earlier run to the front, added if the project lacks them. Raises SgmaError.

        A run that goes on does not hide them.
        """
        past = _read(run_file)
        there = [group for file, group in outputs.results() if Path(file) == Path(run_file)]
        if there:
            group = outputs.bring_to_front(there[0])
        else:
            command, label = _command(past.job), _label(past.job, when(past.finished))
            group = outputs.add_result(past.result, adapted.card_of(past.job), name=label, command=command)
        result, run = _result_of(past, group), self.current()
        if run is not None and run.project == self._project:
            _live(run).spare(result.layer_ids["classes"])
        return result

    def in_project(self) -> Optional[Result]:
        """Return the newest result whose map is in the project, None where none of them can be read."""
        told = []
        for file, group in outputs.results():
            with suppress(SgmaError):  # its run.json is not here any more
                told.append((_read(file), group))
        for past, group in sorted(told, key=lambda pair: pair[0].finished, reverse=True):
            with suppress(SgmaError):  # nor its model
                return _result_of(past, group)
        return None

    def _succeeded(self, run: Run, result: Dict[str, Any]) -> None:
        self._leave(run)
        temporary = resolve.is_temporary(result["outputs"]["classes"])
        history.remember(history.run_file(run.job.outputs.classes), temporary)
        ids = {}
        if run.project == self._project:
            label = _label(run.job, f"{datetime.now():%Y-%m-%d %H:%M}")
            ids = _ids(outputs.add_result(result, run.card, name=label, command=_command(run.job)))
        self.finished.emit(Result(_name(run.job), run.job, result, run.card, ids, _command(run.job)))

    def _failed(self, run: Run, error: Exception) -> None:
        classes = run.job.outputs.classes
        if run.live is not None and run.live.layer is not None and kept_blocks(classes):
            run.live.rename(tr("{title} (unfinished)").format(title=run.title))
            self._unfinished[classes], run.live = run.live, None
        self._leave(run)
        if isinstance(error, Cancelled):
            self.stopped.emit(run)
        else:
            self.failed.emit(error)

    def _leave(self, run: Run) -> None:
        unfinished.end(run.job.outputs.classes)
        _close_live(run)
        if run in self.runs:
            self.runs.remove(run)
        following = self.current()
        if following is not None and following.task is None:
            self._begin(following)
        self.changed.emit()


def _in_work(run: Run) -> str:
    return tr("{title} (in work)").format(title=run.title)


def _live(run: Run) -> LiveView:
    if run.live is None:
        run.live = LiveView(_in_work(run), run.card)
    return run.live


def _close_live(run: Run) -> None:
    if run.live is not None:
        run.live.close()
        run.live = None


def _name(job: SegmentJob) -> str:
    return Path(job.outputs.classes).stem


def _label(job: SegmentJob, time: str) -> str:
    return f"{_name(job)}, {time}" if time else _name(job)


def _command(job: SegmentJob) -> str:
    return qgis_process_line(job, process_program.program())


def _ids(group: QgsLayerTreeGroup) -> Dict[str, str]:
    return {role: layer.id() for role, layer in outputs.layers(group).items()}


def _result_of(past: _Told, group: QgsLayerTreeGroup) -> Result:
    """Return a result of earlier, shown by a group. Raises SgmaError."""
    job = past.job
    return Result(_name(job), job, past.result, adapted.card_of(job), _ids(group), _command(job))


@dataclass(frozen=True)
class _Told:
    """What a run.json tells. finished: ISO time."""

    job: SegmentJob
    result: Dict[str, Any]
    finished: str


def _read(run_file: str) -> _Told:
    """Return what a run.json tells. Raises SgmaError."""
    try:
        raw = json.loads(Path(run_file).read_text(encoding="utf-8"))
        missing = [name for name in _SHOWN if name not in raw["result"]]
        if missing:  # another version wrote it
            raise KeyError(missing[0])
        return _Told(job_from_dict(raw["job"]), raw["result"], str(raw.get("finished", "")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            tr("{file} cannot be read ({error}).").format(file=run_file, error=error), tr("Run it again.")
        ) from None


def again(job: SegmentJob, taken: List[str]) -> SegmentJob:
    """Return the job with outputs of new names, numbered, beside those of the first time."""
    classes = Path(job.outputs.classes)
    roles = tuple(role for role in job.outputs.paths() if role != "classes")
    return replace(job, outputs=destination(OutputChoice(roles, str(classes.parent), classes.stem), taken))


def destination(
    choice: OutputChoice, taken: List[str], goes_on: Callable[[Outputs], bool] = lambda files: False
) -> Outputs:
    """Return the files of a run. A name that is in use is numbered, as is one that an unfinished run left.

    taken: classes rasters of runs that wait or go on. goes_on: tells whether the run would go on with what an
    unfinished one left of these files. The folder itself may be missing, not the one it lies in; the run makes it.
    Raises BadInput.
    """
    folder = Path(choice.folder) if choice.folder else Path(QgsProcessingUtils.tempFolder()) / "sgma"
    if not choice.folder:
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_absolute() or not (folder.is_dir() or (folder.parent.is_dir() and not folder.exists())):
        raise BadInput(
            tr("The folder {folder} does not exist.").format(folder=folder), tr("Choose another under Outputs.")
        )
    stem = choice.name[:-4] if choice.name.lower().endswith(".tif") else choice.name or tr("landcover")
    if Path(stem).name != stem:
        raise BadInput(
            tr("The name {name} holds a folder.").format(name=stem), tr("Name the folder in the field above it.")
        )
    number, made = 1, _files(folder / f"{stem}.tif", choice)
    while made.classes in taken or (_is_used(made.classes) and not goes_on(made)):
        number += 1
        made = _files(folder / f"{stem}_{number}.tif", choice)
    return made


def _is_used(classes: str) -> bool:
    return Path(classes).exists() or kept_blocks(classes) > 0


def _files(classes: Path, choice: OutputChoice) -> Outputs:
    made = Outputs(str(classes))
    for role in choice.roles:
        suffix = ".gpkg" if role == "polygons" else ".tif"
        made = replace(made, **{role: str(classes.with_name(f"{classes.stem}_{role}{suffix}"))})
    return made


def make_folder(files: Outputs) -> None:
    """Make the folder of a run's files where it is missing. Raises BadInput."""
    folder = Path(files.classes).parent
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise BadInput(
            tr("The folder {folder} cannot be made: {reason}.").format(folder=folder, reason=error.strerror or error),
            tr("Choose another under Outputs."),
        ) from None


def with_kept_area(job: SegmentJob) -> SegmentJob:
    """Return the job with an area that lies in QGIS's temporary folder copied beside the map, if that is kept."""
    polygons, classes = job.area.polygons, job.outputs.classes
    if not polygons or not resolve.is_temporary(polygons) or resolve.is_temporary(classes):
        return job
    taken = [*(source.path for source in job.sources), *job.outputs.paths().values()]
    return replace(job, area=replace(job.area, polygons=resolve.keep_polygons(polygons, classes, taken)))
