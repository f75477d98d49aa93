"""Strokes as a layer of their own: each is in its file before the next begins, and can be taken back.

A stroke is kept as the ground it covers, so that the eraser takes off just what it touches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ... import resolve
from ...i18n import tr
from ...model.contract import store
from ...model.contract.colors import color_or_none
from ...model.contract.errors import BadInput, OutputFailed
from ...model.contract.job import Stroke
from . import files, ours

TABLE = "strokes"
CLASS, WIDTH, COLOR, MADE = "class", "width", "color", "made"  #: fields; width in metres, 0 of a polygon
MOST_STEPS = 200  # that can be undone

_State = Dict[int, Optional[QgsFeature]]  # by feature id; None = not there


@dataclass(frozen=True)
class _Step:
    """A change of the layer, both ways."""

    before: _State
    after: _State


class StrokeStore(QObject):
    """The strokes of a project. `changed` after each change, also one made by hand in QGIS; `spoilt(layer)` when the
    layer lost the field that names the classes: there is none then, until another is taken.

    Every method that writes raises BadInput or OutputFailed when it cannot; then nothing has changed.
    """

    changed = pyqtSignal()
    spoilt = pyqtSignal(object)

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._layer_id = ""
        self._undo: List[_Step] = []
        self._redo: List[_Step] = []

    def layer(self) -> Optional[QgsVectorLayer]:
        """Return the layer while it is in the project and holds strokes."""
        found = self._named()
        return found if found is not None and holds_strokes(found) else None

    def path(self) -> str:
        """Return the layer's file; '' without a layer."""
        layer = self.layer()
        return layer.source().split("|")[0] if layer is not None else ""

    def crs(self) -> QgsCoordinateReferenceSystem:
        """Return the CRS of the strokes; not valid without a layer."""
        layer = self.layer()
        return layer.crs() if layer is not None else QgsCoordinateReferenceSystem()

    def take(self, layer: Optional[QgsVectorLayer]) -> None:
        """Go on with a layer of the project that holds strokes, or with none."""
        before = self._named()
        if before is not None:
            before.editingStopped.disconnect(self._edited)
        self._layer_id = layer.id() if layer is not None else ""
        self._undo, self._redo = [], []
        if layer is not None:
            layer.editingStopped.connect(self._edited)
        self.changed.emit()

    def features(self) -> List[QgsFeature]:
        """Return the strokes in the order they were made."""
        layer = self.layer()
        if layer is None:
            return []
        return sorted(layer.dataProvider().getFeatures(), key=lambda feature: feature.id())

    def strokes(self, colors: Dict[str, str]) -> Tuple[Stroke, ...]:
        """Return the strokes as a job takes them, in `crs`. colors: by class."""
        digits = 9 if self.crs().isGeographic() else 3
        return tuple(
            Stroke(str(feature[CLASS]), feature.geometry().asWkt(digits), color=colors.get(str(feature[CLASS]), ""))
            for feature in self.features()
            if feature[CLASS] and not feature.geometry().isEmpty()
        )

    def names(self) -> List[str]:
        """Return the classes that have strokes, in the order of their first."""
        return list(dict.fromkeys(str(feature[CLASS]) for feature in self.features() if feature[CLASS]))

    def colors(self) -> Dict[str, str]:
        """Return the colours that the file names, by class, in the order of the classes' first strokes; '' = none."""
        has = self.layer() is not None and self.layer().fields().indexOf(COLOR) >= 0
        return {str(f[CLASS]): color_or_none(f[COLOR]) if has else "" for f in self.features() if f[CLASS]}

    def add(self, name: str, ground: QgsGeometry, width: float, color: str = "") -> None:
        """Keep a stroke: the ground it covers in `crs`, its width in metres, 0 of a polygon; the class's colour."""
        layer = self._writable()
        feature = QgsFeature(layer.fields())
        feature.setGeometry(_polygons(ground))
        made = datetime.now().isoformat(timespec="seconds")
        for field, value in ((CLASS, name), (WIDTH, width), (COLOR, color), (MADE, made)):
            if layer.fields().indexOf(field) >= 0:
                feature.setAttribute(field, value)
        done, added = layer.dataProvider().addFeatures([feature])
        if not done:
            raise self._refused(layer)
        fid = added[0].id()
        self._did(_Step({fid: None}, {fid: self._read([fid])[fid]}))

    def erase(self, ground: QgsGeometry) -> None:
        """Take the strokes off this ground, in `crs`."""
        layer = self._writable()
        request = QgsFeatureRequest(ground.boundingBox())
        before = {feature.id(): feature for feature in layer.dataProvider().getFeatures(request)}
        after: _State = {}
        for fid, feature in before.items():
            if feature.geometry().intersects(ground):
                rest = _polygons(feature.geometry().difference(ground))
                after[fid] = None if rest.isEmpty() else QgsFeature(feature)
                if after[fid] is not None:
                    after[fid].setGeometry(rest)
        self._change(_Step({fid: before[fid] for fid in after}, after))

    def set_colors(self, colors: Dict[str, str]) -> None:
        """Write the colours of classes into the file, for who reads it elsewhere; no change that could be undone."""
        layer = self._writable()
        index = layer.fields().indexOf(COLOR)
        wanted: Dict[int, Dict[int, str]] = {}
        for feature in self.features():
            color = colors.get(str(feature[CLASS]), "")
            if index >= 0 and color and feature.attribute(index) != color:
                wanted[feature.id()] = {index: color}
        if wanted and not layer.dataProvider().changeAttributeValues(wanted):
            raise self._refused(layer)

    def clear(self) -> None:
        """Take all strokes off; that can be undone, too."""
        if self.layer() is not None:
            before = {feature.id(): feature for feature in self.features()}
            self._change(_Step(before, dict.fromkeys(before)))

    def rename(self, old: str, new: str) -> None:
        """Give the strokes of a class another name."""
        before = {feature.id(): feature for feature in self.features() if feature[CLASS] == old}
        after: _State = {fid: QgsFeature(feature) for fid, feature in before.items()}
        for feature in after.values():
            feature.setAttribute(CLASS, new)
        self._change(_Step(before, after))

    def remove_class(self, name: str) -> None:
        """Take the strokes of a class off."""
        before = {feature.id(): feature for feature in self.features() if feature[CLASS] == name}
        self._change(_Step(before, dict.fromkeys(before)))

    def can_undo(self) -> bool:
        """Return whether there is a change to take back."""
        return bool(self._undo) and self.layer() is not None

    def can_redo(self) -> bool:
        """Return whether a change that was taken back can be made again."""
        return bool(self._redo) and self.layer() is not None

    def undo(self) -> None:
        """Take the last change back."""
        if self.can_undo():
            self._write(self._undo[-1].before)
            self._redo.append(self._undo.pop())
            self.changed.emit()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.can_redo():
            self._write(self._redo[-1].after)
            self._undo.append(self._redo.pop())
            self.changed.emit()

    def _change(self, step: _Step) -> None:
        if step.after:
            self._write(step.after)
            self._did(step)

    def _did(self, step: _Step) -> None:
        self._undo = [*self._undo, step][-MOST_STEPS:]
        self._redo = []
        self.layer().triggerRepaint()
        self.changed.emit()

    def _write(self, wanted: _State) -> None:
        """Make features what they are wanted to be. A feature that comes back has its id again, and so its place."""
        layer = self._writable()
        provider, there = layer.dataProvider(), self._read(wanted)
        back = [feature for fid, feature in wanted.items() if feature is not None and there[fid] is None]
        gone = [fid for fid, feature in wanted.items() if feature is None and there[fid] is not None]
        other = {fid: feature for fid, feature in wanted.items() if feature is not None and there[fid] is not None}
        own = layer.primaryKeyAttributes()
        values = {
            fid: {i: value for i, value in enumerate(feature.attributes()) if i not in own}
            for fid, feature in other.items()
        }
        done = (
            (not gone or provider.deleteFeatures(gone))
            and (not back or provider.addFeatures(back)[0])
            and (not other or provider.changeAttributeValues(values))
            and (not other or provider.changeGeometryValues({fid: f.geometry() for fid, f in other.items()}))
        )
        layer.triggerRepaint()
        if not done:
            raise self._refused(layer)

    def _read(self, ids: Any) -> _State:
        found: _State = dict.fromkeys(ids)
        request = QgsFeatureRequest().setFilterFids(list(found))
        found.update({f.id(): f for f in self.layer().dataProvider().getFeatures(request)})
        return found

    def _named(self) -> Optional[QgsVectorLayer]:
        """Return the layer while it is in the project, whatever became of its fields."""
        found = QgsProject.instance().mapLayer(self._layer_id) if self._layer_id else None
        return found if isinstance(found, QgsVectorLayer) and found.isValid() else None

    def _writable(self) -> QgsVectorLayer:
        layer = self.layer()
        if layer is None:
            raise BadInput(tr("The layer of strokes is gone."), tr("Paint again: another one is made."))
        if layer.isEditable():
            raise BadInput(
                tr("Layer {layer} is being edited.").format(layer=layer.name()), tr("Save its edits, then paint on.")
            )
        return layer

    def _refused(self, layer: QgsVectorLayer) -> OutputFailed:
        why = "; ".join(layer.dataProvider().errors())
        layer.dataProvider().clearErrors()
        return OutputFailed(
            tr("The stroke could not be kept in {file} ({reason}).").format(file=self.path(), reason=why),
            tr("Make room on its disk, or save the project elsewhere."),
        )

    def _edited(self) -> None:
        """The layer was edited by hand: earlier steps may mean features that are no more."""
        layer = self._named()
        if layer is None:
            return
        if holds_strokes(layer):
            self._undo, self._redo = [], []
            self.changed.emit()
        else:
            layer.updateFields()  # QGIS itself does so after this signal
            self.spoilt.emit(layer)


def make(path: Path, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """Write a file for strokes and return its layer, not yet in a project. Raises OutputFailed."""
    fields = f"field={CLASS}:string&field={WIDTH}:double&field={COLOR}:string&field={MADE}:string"
    return _marked(files.make(path, TABLE, tr("Strokes"), fields, crs))


def read(path: Path) -> Optional[QgsVectorLayer]:
    """Return the layer of a file of strokes, not yet in a project; None where the file holds none."""
    layer = files.read(path, TABLE, tr("Strokes"))
    return _marked(layer) if layer.isValid() and holds_strokes(layer) else None


def holds_strokes(layer: QgsVectorLayer) -> bool:
    """Tell whether a layer's file holds polygons with the field that names the classes; unsaved edits do not count."""
    polygons = layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
    return polygons and layer.dataProvider().fields().indexOf(CLASS) >= 0


def place() -> Path:
    """Return the file that this project's strokes belong in: beside it where it is saved, else in the data folder.

    One that is there holds strokes of an earlier session that ended before the project was saved.
    """
    project = QgsProject.instance().absoluteFilePath()
    if project and not resolve.is_temporary(project):
        return Path(project).with_name(f"{Path(project).stem}_strokes.gpkg")
    return store.data_dir() / "strokes" / f"strokes_{datetime.now():%Y%m%d_%H%M%S}.gpkg"


def _marked(layer: QgsVectorLayer) -> QgsVectorLayer:
    ours.mark(layer, ours.STROKES)
    return layer


def _polygons(geometry: QgsGeometry) -> QgsGeometry:
    """Return the areas of a geometry as one MultiPolygon; what is left of them as lines or points is dropped."""
    found = geometry if geometry.isGeosValid() else geometry.makeValid()
    parts = [part for part in found.asGeometryCollection() if part.type() == QgsWkbTypes.GeometryType.PolygonGeometry]
    if not parts:
        return QgsGeometry()
    joined = QgsGeometry.collectGeometry(parts)
    joined.convertToMultiType()
    return joined
