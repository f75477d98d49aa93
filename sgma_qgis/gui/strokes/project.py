"""The strokes of a project: where their layer is, which classes there are, what a session that ended left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Optional, Set

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog

from ...i18n import tr
from ...model.contract import store as models
from ...model.contract.errors import BadInput
from ..memory import SCOPE
from . import group, ours, store
from .panel import StrokesPanel
from .stroke_class import StrokeClass, free_color

KEY = "strokes"


class StrokeProject(QObject):
    """`told(text)` of what is worth knowing; `failed(error)`; `emptied` when the project was closed."""

    told = pyqtSignal(str)
    failed = pyqtSignal(object)
    emptied = pyqtSignal()

    def __init__(self, kept: store.StrokeStore, panel: StrokesPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._store = kept
        self._panel = panel
        self._left: Set[str] = set()  # files whose layers were taken out of the project: not to be taken up again
        self._path = ""
        self._opened = False
        for signal, slot in self._signals():
            signal.connect(slot)

    def close(self) -> None:
        """Listen to the project no more."""
        for signal, slot in self._signals():
            signal.disconnect(slot)

    def _signals(self) -> tuple:
        project = QgsProject.instance()
        return (
            (project.readProject, self._read),
            (project.cleared, self._cleared),
            (project.layersRemoved, self._removed),
            (self._store.spoilt, self._spoilt),
        )

    def open(self) -> None:
        """Begin: the tab is seen for the first time."""
        if not self._opened:
            self._opened = True
            self._recall()

    def remember(self) -> None:
        """Write classes and start into the project, when they differ from what it holds."""
        rows = [[known.name, known.color] for known in self._panel.classes.value()]
        text = json.dumps({"classes": rows, "start": self._panel.starts_from()})
        if self._opened and rows and QgsProject.instance().readEntry(SCOPE, KEY, "")[0] != text:
            QgsProject.instance().writeEntry(SCOPE, KEY, text)

    def ensure(self, crs: QgsCoordinateReferenceSystem) -> None:
        """Have a layer for strokes: the project's, that of an earlier session, or a new one. Raises SgmaError."""
        if self._store.layer() is not None:
            return
        first, number = store.place(), 1
        path, layer = first, None
        while layer is None:
            if str(path) not in self._left:
                layer = store.read(path) if path.exists() else store.make(path, crs)
            if layer is None:
                number += 1
                path = first.with_name(f"{first.stem}_{number}.gpkg")
        self._enter(layer)
        self.told.emit(tr("Strokes are kept in {path}.").format(path=path))

    def open_file(self, path: str) -> None:
        """Go on with the strokes in a file."""
        layer, before = store.read(Path(path)), self._store.layer()
        if before is not None and Path(path) == Path(self._store.path()):
            self.told.emit(tr("These strokes are open already."))
        elif layer is not None:
            self._left.discard(path)
            self._enter(layer)
            if before is not None:
                text = tr("The strokes before count no more; they stay in layer {layer}, which is hidden.")
                self.told.emit(text.format(layer=group.retire(before)))
        else:
            self.failed.emit(
                BadInput(
                    tr("{file} holds no strokes.").format(file=path),
                    tr("Choose one that strokes were kept in: NAME_strokes.gpkg."),
                )
            )

    def ask_file(self) -> None:
        """Ask which strokes to go on with."""
        folder = str(Path(self._store.path()).parent if self._store.path() else models.data_dir() / "strokes")
        path, _ = QFileDialog.getOpenFileName(self._panel, tr("Open strokes"), folder, tr("Strokes") + " (*.gpkg)")
        if path:
            self.open_file(path)

    def _recall(self) -> None:
        """Take up what the project holds; and strokes of a session that ended before the project was saved."""
        text = QgsProject.instance().readEntry(SCOPE, KEY, "")[0]
        try:
            raw = json.loads(text) if text else {}
            classes = [StrokeClass(str(name), str(color)) for name, color in raw["classes"]]
            start = str(raw["start"])
        except (ValueError, TypeError, KeyError):  # none yet, or edited by hand
            classes, start = [], self._panel.starts_from()
        self._panel.classes.set_value(classes)
        self._panel.set_start(start)
        found = ours.find(ours.STROKES)
        while found is not None and not store.holds_strokes(found):
            self._spoilt(found)
            found = ours.find(ours.STROKES)
        if found is None and QgsProject.instance().fileName() and store.place().exists():
            found = store.read(store.place())
            if found is not None:
                group.put(found)
                self.told.emit(tr("Strokes of an earlier session are here again: {path}").format(path=store.place()))
        self._take(found)

    def _read(self, *ignored: object) -> None:
        if self._opened:
            self._recall()

    def _cleared(self) -> None:
        self._left = set()
        self._path = ""
        self._opened, opened = False, self._opened
        self.emptied.emit()
        self._take(None)
        self._panel.classes.set_value(())
        self._opened = opened

    def _removed(self, ids: list) -> None:
        if self._path and self._store.layer() is None:
            self._left.add(self._path)
            path = self._path
            self._take(None)
            self.told.emit(tr("The layer of strokes was removed; its file stays: {path}").format(path=path))

    def _spoilt(self, layer: QgsVectorLayer) -> None:
        """A layer of strokes does not say any more which classes they are of: from now on it is the person's own."""
        self._path = ""  # nobody removed it
        self._take(None)
        text = tr(
            "The strokes lost their field {field}: they count no more and stay in layer {layer}, which is hidden."
        )
        self.told.emit(text.format(field=store.CLASS, layer=group.retire(layer)))

    def _enter(self, layer: QgsVectorLayer) -> None:
        """Put a layer of strokes into the project, and go on with it."""
        group.put(layer)
        self._take(layer)

    def _take(self, layer: Optional[QgsVectorLayer]) -> None:
        """Go on with a layer of strokes, or with none."""
        self._store.take(layer)
        self._path = self._store.path()

    def list_classes(self) -> None:
        """List the classes that strokes name: of a file, or brought back by Undo."""
        classes = self._panel.classes
        known = list(classes.value())
        colors = self._store.colors()
        names = {one.name for one in known}
        for name in colors:
            if name not in names:
                known.insert(classes.place(name), StrokeClass(name, colors[name] or free_color(known, name)))
        if len(known) > len(names):
            classes.set_value(known)
