"""Past runs: what each was made of and by, what is missing of it now, and running it again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Callable, List, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from .. import history, tasks, unfinished
from ..history import Past
from ..i18n import tr
from ..model.contract.modality import BY_KEY, titles
from .texts import hectares, temporary, when

ROLE = Qt.ItemDataRole.UserRole


class HistoryPanel(QWidget):
    """A tree of runs with their inputs, read in the background.

    `rerun` with the SegmentJob to run again, `resumed` with the one to go on with; `opened` with the run.json whose
    layers are to be shown; `forgotten(name, what brings it back)`.
    """

    rerun = pyqtSignal(object)
    resumed = pyqtSignal(object)
    opened = pyqtSignal(str)
    forgotten = pyqtSignal(str, object)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels([tr("Run"), tr("Area")])
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.empty = QLabel(
            tr("No runs yet. They appear here; those with temporary results until QGIS is closed."), self
        )
        self.empty.setWordWrap(True)
        self.run_button = self._button(tr("Run a&gain"), tr("The same layers, model, area and options once more"))
        self.show_button = self._button(tr("Show"), tr("Add the results of this run to the map"))
        self.folder_button = self._button(tr("Folder"), tr("Open the folder of the results"))
        self.forget_button = self._button(tr("Forget"), tr("Take this run off the list; its files stay"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.empty)
        layout.addWidget(self.tree, 1)
        grid = QGridLayout()
        for i, button in enumerate((self.run_button, self.show_button, self.folder_button, self.forget_button)):
            grid.addWidget(button, i // 2, i % 2)
        layout.addLayout(grid)
        self.tree.itemSelectionChanged.connect(self._show_buttons)
        self.run_button.clicked.connect(self._run_again)
        self.show_button.clicked.connect(lambda: self.opened.emit(self.selected().run_file))
        self.folder_button.clicked.connect(self._open_folder)
        self.forget_button.clicked.connect(self._forget)
        self.set_value([])

    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the list again; files may lie on drives that take their time."""
        task = tasks.Task(tr("Read past runs"), lambda feedback: [*unfinished.past(), *history.past()])
        task.succeeded.connect(self.set_value)
        tasks.start(task)

    def set_value(self, runs: List[Past]) -> None:
        """Show these runs."""
        chosen = self.selected()
        self.tree.clear()
        for run in runs:
            item = _row(run)
            self.tree.addTopLevelItem(item)
            if chosen is not None and chosen.run_file == run.run_file:
                self.tree.setCurrentItem(item)
        self.empty.setVisible(not runs)
        self.tree.setVisible(bool(runs))
        self._show_buttons()

    def selected(self) -> Optional[Past]:
        """Return the run whose row, or an input's below it, is chosen."""
        items = self.tree.selectedItems()
        if not items:
            return None
        return (items[0].parent() or items[0]).data(0, ROLE)

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        return button

    def _show_buttons(self) -> None:
        run = self.selected()
        resumes = run is not None and run.blocks_done > 0
        self.run_button.setText(tr("Resume") if resumes else tr("Run a&gain"))
        self.run_button.setToolTip(
            tr("Go on with this run after its last finished part")
            if resumes
            else tr("The same layers, model, area and options once more")
        )
        self.run_button.setEnabled(run is not None and run.can_run_again)
        self.show_button.setEnabled(run is not None and not run.problem and not run.map_missing)
        self.folder_button.setEnabled(run is not None and not run.problem)
        self.forget_button.setEnabled(run is not None)

    def _run_again(self) -> None:
        run = self.selected()
        (self.resumed if run.blocks_done else self.rerun).emit(run.job)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.selected().folder))

    def _forget(self) -> None:
        run = self.selected()
        if run.blocks_done:
            undo = partial(unfinished.bring_back, unfinished.forget(run.job.outputs.classes))
        else:
            history.forget(run.run_file)
            undo = partial(history.remember, run.run_file, run.temporary)
        self.reload()
        self.forgotten.emit(_name(run), partial(self._bring_back, undo))

    def _bring_back(self, undo: Callable[[], None]) -> None:
        undo()
        self.reload()


def _row(run: Past) -> QTreeWidgetItem:
    """Return the row of a run, its inputs below it."""
    if run.problem:
        item = QTreeWidgetItem([_name(run), tr("missing")])
        item.setToolTip(0, f"{run.run_file}\n{run.problem}")
    else:
        size = "" if run.blocks_done else hectares(run.hectares * 10_000)
        item = QTreeWidgetItem([f"{_name(run)}\n{_state(run)}", size])
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignTop)
        item.setToolTip(0, "\n".join(_told(run)))
        if run.blocks_done:
            item.setIcon(0, QgsApplication.getThemeIcon("/mActionPlay.svg"))
        model = QTreeWidgetItem([f"{tr('Model')}: {run.model}", tr("missing") if run.model_missing else ""])
        item.addChild(model)
        for source in run.inputs:
            title = BY_KEY[source.what].title if source.what in BY_KEY else tr("Mapped area")
            child = QTreeWidgetItem([f"{title}: {Path(source.path).name}", tr("missing") if source.missing else ""])
            child.setToolTip(0, source.path)
            item.addChild(child)
    item.setData(0, ROLE, run)
    for row in [item, *(item.child(i) for i in range(item.childCount()))]:
        if row.text(1) == tr("missing"):
            row.setIcon(0, QgsApplication.getThemeIcon("/mIconWarning.svg"))
    if run.problem or _lacks(run):
        item.setIcon(0, QgsApplication.getThemeIcon("/mIconWarning.svg"))
    return item


def _name(run: Past) -> str:
    return Path(run.run_file).name.replace(".run.json", "")


def _state(run: Past) -> str:
    """Return when it was and what is to be known first, lines of their own: none pushes another out of sight."""
    parts = [when(run.finished)]
    if run.blocks_done and run.percent:
        parts.append(tr("unfinished, {percent} %").format(percent=run.percent))
    elif run.blocks_done:
        parts.append(tr("unfinished"))
    if run.temporary:
        parts.append(tr("temporary"))  # QGIS's own mark is dark in dark themes, too
    return "\n".join(parts)


def _told(run: Past) -> List[str]:
    """Return all that is known of a run, a line each."""
    sensors = titles(i.what for i in run.inputs if i.what in BY_KEY)
    lines = [_name(run), _state(run), run.run_file, f"{tr('Model')}: {run.model}", f"{tr('Sensors')}: {sensors}"]
    lines += _lacks(run)
    if run.blocks_done:
        lines.append(tr("Resume goes on with it where it was stopped."))
    if run.temporary:
        lines.append(temporary())
    return lines


def _lacks(run: Past) -> List[str]:
    """Return what of the run is not there any more, a line each."""
    lines = [tr("Missing: {path}").format(path=source.path) for source in run.inputs if source.missing]
    if run.model_missing:
        lines.append(tr("The model {name} is not installed.").format(name=run.model))
    if run.map_missing and not run.blocks_done:
        lines.append(tr("The map is not there any more."))
    if run.job is None and not run.problem:
        lines.append(tr("Made by an older version: it cannot be run again from here."))
    return lines
