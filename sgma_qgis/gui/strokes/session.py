"""Strokes at work: connects the tab, the map tool, the layer of strokes and the map that follows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Set

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgisInterface, QgsVertexMarker
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QFileDialog, QInputDialog

from ... import report
from ...adapted import NO_MODEL
from ...i18n import tr
from ...model.contract import store as models
from ...model.contract.errors import BadInput, Cancelled, SgmaError
from ...model.contract.modality import titles
from ..controller import Controller
from ..dock import SgmaDock
from ..draw_tools import place_marker
from ..memory import SCOPE
from . import group, objects, store
from .brush_item import remove
from .hints import MOST_PIXELS, hint
from .live_map import LiveMap
from .made import Maker
from .map_tool import OBJECTS, SEGMENTS, StrokeTool
from .overlay import CONFIDENCE, Overlay
from .panel import MODEL
from .picking import Picker
from .stroke_class import StrokeClass, free_color

KEY = "strokes"
LEAST_PIXELS = 1.5  # a brush of this diameter covers the centre of a pixel wherever it is


class StrokesSession(QObject):
    """Lives as long as the dock. Nothing is computed before the tab has been opened."""

    def __init__(self, dock: SgmaDock, controller: Controller, iface: QgisInterface) -> None:
        super().__init__(dock)
        self._dock = dock
        self._controller = controller
        self._canvas = iface.mapCanvas()
        self._panel = dock.strokes
        self._left: Set[str] = set()  # files whose layers were taken out of the project: not to be taken up again
        self._layer_path = ""
        self._marker: Optional[QgsVertexMarker] = None
        self._opened = False
        self.open_wizard: Optional[Callable[[str, str], None]] = None
        self.store = store.StrokeStore(self)
        self.overlay = Overlay(group.put)
        self.live = LiveMap(self.store, self.overlay, controller.builder, controller.renderer, self._canvas, self)
        self.tool = StrokeTool(self._canvas)
        self.picker = Picker(
            self.overlay, self.store, self._canvas, lambda: self.live.view()[1], self._panel.classes.colors, self
        )
        self.maker = Maker(self.store, self.live, dock, controller, self)
        self._connect_panel()
        self._connect_work()
        for signal, slot in self._project_signals():
            signal.connect(slot)
        self._show_model()
        self._strokes_changed()

    def close(self) -> None:
        """Let go of everything in QGIS."""
        for signal, slot in self._project_signals():
            signal.disconnect(slot)
        self.live.close()
        self.maker.close()
        self._unmark()
        self.tool.deactivated.disconnect(self._tool_left)
        self._canvas.unsetMapTool(self.tool)
        self.picker.close()

    def _connect_panel(self) -> None:
        panel, classes = self._panel, self._panel.classes
        panel.seen.connect(self._seen)
        panel.changed.connect(self._tool_taken)
        panel.start_changed.connect(self._start_changed)
        panel.size_changed.connect(self.tool.set_size)
        panel.undo_wanted.connect(lambda: self._try(self.store.undo))
        panel.redo_wanted.connect(lambda: self._try(self.store.redo))
        panel.clear_wanted.connect(lambda: self._try(self.store.clear))
        panel.hint_wanted.connect(self.show_hint)
        panel.opacity_changed.connect(self.overlay.set_opacity)
        panel.doubt_changed.connect(self.overlay.set_doubt)
        panel.run_wanted.connect(lambda: self.maker.run(classes.colors()))
        panel.model_wanted.connect(self._ask_name)
        panel.labels_wanted.connect(self.use_as_labels)
        panel.open_wanted.connect(self._ask_file)
        classes.changed.connect(self._classes_changed)
        classes.renamed.connect(lambda old, new: self._try(lambda: self.store.rename(old, new)))
        classes.removed.connect(lambda name: self._try(lambda: self.store.remove_class(name)))
        classes.from_model_wanted.connect(self.take_model_classes)
        classes.from_layer_wanted.connect(self._ask_layer)
        for choices in (self._dock.layers, self._dock.resolution, self._dock.advanced):
            choices.changed.connect(self.live.ask_soon)
        self._dock.model.changed.connect(self._show_model)

    def _connect_work(self) -> None:
        self.store.changed.connect(self._strokes_changed)
        self.tool.painted.connect(self._painted)
        self.tool.erased.connect(self._erased)
        self.tool.clicked.connect(self.picker.click)
        self.tool.boxed.connect(self.picker.box)
        self.tool.key_pressed.connect(self._key)
        self.tool.size_changed.connect(self._panel.set_size)
        self.tool.begun.connect(self._begun)
        self.tool.deactivated.connect(self._tool_left)
        self.live.shown.connect(self._shown)
        self.live.failed.connect(self._failed)
        self.live.working.connect(self._panel.set_status)
        self.picker.told.connect(self._panel.set_status)
        self.picker.failed.connect(self._failed)
        self.maker.failed.connect(self._refused)
        self.maker.busy.connect(self._panel.set_status)
        self.maker.saved.connect(self._model_saved)

    def _project_signals(self) -> tuple:
        project = QgsProject.instance()
        return (
            (project.readProject, self._project_read),
            (project.cleared, self._project_cleared),
            (project.layersRemoved, self._layers_removed),
        )

    # --- project ------------------------------------------------------------------------------------------------

    def _seen(self, on: bool) -> None:
        """The tab is shown or hidden."""
        if on and not self._opened:
            self._opened = True
            self._recall()
        self.live.set_on(on)
        if not on:
            self._panel.set_value("")
            self._unmark()

    def _recall(self) -> None:
        """Take up what the project holds: classes, strokes; those of a session that ended before it was saved, too."""
        group.remove_overlays()
        text = QgsProject.instance().readEntry(SCOPE, KEY, "")[0]
        try:
            raw = json.loads(text) if text else {}
            self._panel.classes.set_value([StrokeClass(str(name), str(color)) for name, color in raw["classes"]])
            self._panel.set_start(str(raw["start"]))
        except (ValueError, TypeError, KeyError):  # none yet, or edited by hand
            self._panel.classes.set_value(())
        found = self.store.in_project()
        if found is None and QgsProject.instance().fileName() and store.place().exists():
            found = self._add(store.read(store.place()))
        self._take(found)

    def _remember(self) -> None:
        if not self._opened:
            return
        rows = [[known.name, known.color] for known in self._panel.classes.value()]
        text = json.dumps({"classes": rows, "start": self._panel.starts_from()})
        if rows and QgsProject.instance().readEntry(SCOPE, KEY, "")[0] != text:
            QgsProject.instance().writeEntry(SCOPE, KEY, text)

    def _project_read(self, *ignored: object) -> None:
        if self._opened:
            self._recall()

    def _project_cleared(self) -> None:
        self._left = set()
        self.live.stop()
        self.live.result = None
        self.picker.cancel()
        self.overlay.remove()
        self._opened, opened = False, self._opened
        self._take(None)
        self._panel.classes.set_value(())
        self._opened = opened

    def _layers_removed(self, ids: list) -> None:
        if self._layer_path and self.store.layer() is None:
            self._left.add(self._layer_path)
            path, self._layer_path = self._layer_path, ""
            self._take(None)
            self._panel.set_status(tr("The layer of strokes was removed; its file stays: {path}").format(path=path))

    def _take(self, layer: Optional[QgsVectorLayer]) -> None:
        """Go on with a layer of strokes, or with none."""
        self.store.take(layer)
        self._layer_path = self.store.path()
        known = list(self._panel.classes.value())
        names = {one.name for one in known}
        for name in self.store.names():
            if name not in names:
                known.append(StrokeClass(name, free_color(known)))
        if len(known) > len(names):
            self._panel.classes.set_value(known)

    def _add(self, layer: QgsVectorLayer) -> Optional[QgsVectorLayer]:
        if not layer.isValid():
            return None
        group.put(layer)
        return layer

    def _ensure(self) -> None:
        """Have a layer for strokes: the project's, that of an earlier session, or a new one. Raises SgmaError."""
        if self.store.layer() is not None:
            return
        _, crs = self.live.view()
        path, number = store.place(), 1
        while str(path) in self._left or (path.exists() and not store.read(path).isValid()):
            number += 1
            path = store.place().with_name(f"{store.place().stem}_{number}.gpkg")
        self._take(self._add(store.read(path) if path.exists() else store.make(path, crs)))
        self._controller.messages.info(tr("Strokes are kept in {path}.").format(path=path))

    def open_strokes(self, path: str) -> None:
        """Go on with the strokes in a file."""
        layer = store.read(Path(path))
        if not layer.isValid():
            self._refused(
                BadInput(tr("{file} holds no strokes.").format(file=path), tr("Choose a file that was made here."))
            )
            return
        self._left.discard(path)
        self._take(self._add(layer))

    # --- classes ------------------------------------------------------------------------------------------------

    def take_model_classes(self) -> None:
        """Paint the classes of the model under Set up."""
        card = self._dock.model.card()
        if card is not None:
            self._panel.classes.set_value([StrokeClass(c.name, c.color) for c in card.classes])

    def take_layer_classes(self, layer: QgsVectorLayer, field: str) -> None:
        """Paint the classes that a layer of labels names in a field, beside those there are."""
        known = list(self._panel.classes.value())
        for value in sorted({str(v) for v in layer.uniqueValues(layer.fields().indexOf(field)) if v is not None}):
            if value.casefold() not in {one.name.casefold() for one in known}:
                known.append(StrokeClass(value, free_color(known)))
        self._panel.classes.set_value(known)

    def _classes_changed(self) -> None:
        chosen = self._panel.classes.current()
        self.tool.set_color(QColor(chosen.color) if chosen is not None else None)
        self.overlay.recolor(self._panel.classes.colors())
        self._paint_strokes()
        self._remember()
        if self._panel.value() and not self._panel.classes.name.hasFocus():
            self._canvas.setFocus()

    def _paint_strokes(self) -> None:
        layer = self.store.layer()
        if layer is not None:
            objects.paint(layer, self._panel.classes.colors(), filled=True)

    # --- choices ------------------------------------------------------------------------------------------------

    def _show_model(self) -> None:
        card = self._dock.model.card()
        self._panel.set_model(card.title if card is not None else "")
        self._start_changed()

    def _start_changed(self) -> None:
        self.live.model = self._dock.model.value() if self._panel.starts_from() == MODEL else NO_MODEL
        self._remember()
        self.live.ask_soon()

    def _tool_taken(self) -> None:
        mode = self._panel.value()
        if not mode:
            self._canvas.unsetMapTool(self.tool)
            return
        self.tool.set_mode(mode)
        if mode != OBJECTS:
            self.picker.cancel()
        if self._canvas.mapTool() is not self.tool:
            self._canvas.setMapTool(self.tool)
        self._canvas.setFocus()

    def _tool_left(self) -> None:
        self._panel.set_value("")
        self.picker.cancel()

    def _key(self, name: str) -> None:
        if name.isdigit():
            self._panel.classes.choose(int(name) - 1)
        elif name in ("undo", "redo"):
            self._try(self.store.undo if name == "undo" else self.store.redo)
        elif self._panel.value() == OBJECTS:
            self.picker.accept() if name == "accept" else self.picker.cancel()

    # --- strokes ------------------------------------------------------------------------------------------------

    def _begun(self) -> None:
        self._unmark()
        if self._panel.classes.current() is None:
            self._panel.set_status(tr("Add a class first: what you paint must have a name."))

    def _painted(self, ground: QgsGeometry, width: float) -> None:
        known = self._panel.classes.current()
        if known is not None:
            self._try(lambda: self._keep(known.name, ground, width))

    def _keep(self, name: str, ground: QgsGeometry, width: float) -> None:
        self._ensure()
        _, crs = self.live.view()
        centre = ground.boundingBox().center()
        least = LEAST_PIXELS * self.live.pixel(centre)
        if 0 < width < least:
            ground, width = ground.buffer((least - width) / 2, SEGMENTS), least
        self.store.add(name, self._carried(ground, crs), round(_metres(width, centre, crs), 3))

    def _erased(self, ground: QgsGeometry) -> None:
        if self.store.layer() is not None:
            self._try(lambda: self.store.erase(self._carried(ground, self.live.view()[1])))

    def _carried(self, ground: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
        try:
            ground.transform(QgsCoordinateTransform(crs, self.store.crs(), QgsProject.instance()))
        except QgsCsException:
            raise BadInput(tr("The stroke lies beyond the CRS of the strokes."), tr("Zoom to your layers.")) from None
        return ground

    def _try(self, change: Callable[[], Any]) -> None:
        try:
            change()
        except SgmaError as error:
            self._refused(error)

    def _strokes_changed(self) -> None:
        panel, names = self._panel, self.store.names()
        panel.set_steps(self.store.can_undo(), self.store.can_redo())
        if len(names) < 2:
            self.overlay.remove()
            panel.classes.set_pixels({})
            self.picker.cancel()
        panel.set_ready(bool(names), len(names) > 1 and self.overlay.layer is not None)
        if self.store.layer() is not None and self.store.layer().renderer().type() != "categorizedSymbol":
            self._paint_strokes()
        self.live.ask()

    # --- the map of the strokes ---------------------------------------------------------------------------------

    def _shown(self, result: Dict[str, Any], seconds: float) -> None:
        names = self.store.names()
        if result["overlay"] and len(names) > 1:
            self.overlay.show(result, self._panel.classes.colors())
            self._panel.classes.set_pixels(result["pixels"])
            total = sum(result["pixels"].values())
            what = self._dock.model.card().title if result["model"] and self._dock.model.card() else tr("no model")
            text = tr("{seconds:.2f} s · {total:,} pixels labelled · {sensors} · {model}").format(
                seconds=seconds, total=total, sensors=titles(result["sensors"]), model=what
            )
        elif not self._panel.classes.value():
            text = tr("Add two classes or more, then take the brush and paint some of each.")
        elif not names:
            text = tr("Take the brush and paint some of each class: the map follows.")
        else:
            text = tr("Only {name} has strokes: paint another class, too.").format(name=names[0])
        self._panel.set_ready(bool(names), bool(result["overlay"]) and self.overlay.layer is not None)
        self._panel.set_status(text, "\n".join(result["warnings"]))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self._panel.set_status("\n".join(report.lines(error)), report.detail(error))

    def _refused(self, error: Exception) -> None:
        """What the person asked for could not be done."""
        if not isinstance(error, Cancelled):
            self._controller.messages.error(error)

    def show_hint(self) -> None:
        """Mark where a stroke helps most."""
        self._unmark()
        picture = self.overlay.picture(CONFIDENCE, MOST_PIXELS)
        if picture is None:
            return
        extent, crs = self.live.view()
        carry = QgsCoordinateTransform(self.overlay.crs(), crs, QgsProject.instance())
        try:
            seen = carry.transformBoundingBox(extent, Qgis.TransformDirection.Reverse)
            found = hint(picture, seen)
            point = carry.transform(found.point) if found is not None else None
        except QgsCsException:
            point = None
        if point is None:
            self._panel.set_status(tr("The map is sure of itself everywhere in the view."))
            return
        self._marker = place_marker(self._canvas, point)
        self._panel.set_status(tr("The map is less than {percent} % sure at the cross.").format(percent=found.below))

    def _unmark(self) -> None:
        if self._marker is not None:
            remove(self._marker)
            self._marker = None

    # --- what is made of strokes --------------------------------------------------------------------------------

    def use_as_labels(self) -> None:
        """Copy the strokes into a layer of labels, and open the wizard with it."""
        try:
            layer = self.maker.labels()
        except SgmaError as error:
            self._refused(error)
            return
        if self.open_wizard is not None:
            self.open_wizard(layer.id(), store.CLASS)
        else:
            self._controller.messages.info(
                tr("Layer {layer} holds the strokes as labels; its field is {field}.").format(
                    layer=layer.name(), field=store.CLASS
                )
            )

    def _model_saved(self, name: str) -> None:
        self._controller.messages.success(
            tr("Model {name} is in the list of models.").format(name=name),
            [(tr("Choose it"), lambda: self._dock.model.set_value(name))],
        )
        self.live.ask_soon()

    def _ask_name(self) -> None:
        name, given = QInputDialog.getText(self._dock, tr("Save as model"), tr("Name of the model"))
        if given:
            self.maker.save(name)

    def _ask_file(self) -> None:
        folder = str(Path(self.store.path()).parent if self.store.path() else models.data_dir() / "strokes")
        path, _ = QFileDialog.getOpenFileName(self._dock, tr("Open strokes"), folder, tr("Strokes") + " (*.gpkg)")
        if path:
            self.open_strokes(path)

    def _ask_layer(self) -> None:
        """Ask for a layer and its field, in one list."""
        rows = {}
        for layer in QgsProject.instance().mapLayers().values():
            if isinstance(layer, QgsVectorLayer) and layer.isValid() and not layer.customProperty(store.PROPERTY):
                for field in layer.fields():
                    rows[f"{layer.name()}: {field.name()}"] = (layer, field.name())
        if not rows:
            self._refused(
                BadInput(tr("No layer of the project has a field with classes."), tr("Add a layer of labels first."))
            )
            return
        text, given = QInputDialog.getItem(
            self._dock, tr("Classes of a layer"), tr("Layer and field"), list(rows), 0, False
        )
        if given:
            self.take_layer_classes(*rows[text])


def _metres(width: float, at: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> float:
    """Return how wide something is on the ground, given its width in map units there."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, QgsProject.instance().transformContext())
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    return measure.measureLine(QgsPointXY(at.x() - width / 2, at.y()), QgsPointXY(at.x() + width / 2, at.y()))
