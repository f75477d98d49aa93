"""Strokes at work: connects the tab, the map tool, the layer of strokes and the map that follows them."""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsPointXY,
    QgsProject,
)
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtGui import QColor

from ... import report, sight
from ...adapted import NO_MODEL
from ...i18n import tr
from ...model.contract.errors import BadInput, Cancelled, SgmaError
from ...model.contract.modality import titles
from ..controller import Controller
from ..dock import SgmaDock
from ..ground import measure_in
from ..texts import grouped
from ..tool_loan import ToolLoan
from . import class_source, group, objects, start
from .hints import Hinter
from .live_map import LiveMap
from .made import Maker
from .map_tool import ERASER, OBJECTS, SEGMENTS, StrokeTool
from .overlay import Overlay
from .panel import MODEL
from .picking import Picker
from .project import StrokeProject
from .store import StrokeStore

LEAST_PIXELS = 1.5  # a brush of this diameter covers the centre of a pixel wherever it is


class StrokesSession(QObject):
    """Made when the dock is filled, gone with it. Nothing is computed before the tab has been opened."""

    def __init__(self, dock: SgmaDock, controller: Controller, iface: QgisInterface) -> None:
        super().__init__(dock)
        self._dock = dock
        self._controller = controller
        self._messages = controller.messages
        self._canvas = iface.mapCanvas()
        self._panel = dock.strokes
        self.store = StrokeStore(self)
        self.overlay = Overlay(group.put)
        self.live = LiveMap(self.store, self.overlay, controller.builder, controller.renderer, self._canvas, self)
        self.tool = StrokeTool(self._canvas)
        self._loan = ToolLoan(self._canvas, self._panel, self.tool)
        self.picker = Picker(
            self.overlay, self.store, self._canvas, lambda: self.live.view()[1], self._panel.classes.colors, self
        )
        self.hinter = Hinter(self.overlay, self.live, self._canvas)
        self.maker = Maker(self.store, self.live, dock, controller, self)
        self.project = StrokeProject(self.store, self._panel, self)
        self._start = ""  # what a job names when it starts from a model
        self._came: List[str] = []  # ids of layers that are not in the layer tree yet
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(0)
        self._settling.timeout.connect(self._settle)
        self._connect_panel()
        self._connect_work()
        self._show_model()
        self._strokes_changed()

    def close(self) -> None:
        """Let go of everything in QGIS; results are as they were before."""
        self._panel.seen.disconnect(self._seen)
        group.show(False)
        self.overlay.remove()
        QgsProject.instance().layersAdded.disconnect(self._layers_added)
        QgsProject.instance().layersRemoved.disconnect(self._layers_removed)
        self.project.close()
        self.live.close()
        self.maker.close()
        self.hinter.clear()
        self.tool.deactivated.disconnect(self._tool_left)
        self._loan.close()
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
        panel.hint_wanted.connect(lambda: panel.set_status(self.hinter.show()))
        panel.opacity_changed.connect(self.overlay.set_opacity)
        panel.doubt_changed.connect(self.overlay.set_doubt)
        panel.run_wanted.connect(lambda: self.maker.run(classes.colors()))
        panel.model_wanted.connect(self.maker.ask_name)
        panel.labels_wanted.connect(self.maker.use_as_labels)
        panel.open_wanted.connect(self.project.ask_file)
        classes.changed.connect(self._classes_changed)
        classes.renamed.connect(lambda old, new: self._try(lambda: self.store.rename(old, new)))
        classes.removed.connect(lambda name: self._try(lambda: self.store.remove_class(name)))
        classes.from_model_wanted.connect(lambda: self._try(lambda: class_source.take_model(classes, self._dock.model)))
        classes.from_layer_wanted.connect(lambda: self._try(lambda: class_source.ask_layer(classes)))
        for choices in (self._dock.layers, self._dock.resolution, self._dock.advanced):
            choices.changed.connect(self.live.ask_soon)
        self._dock.model.changed.connect(self._show_model)
        QgsProject.instance().layersAdded.connect(self._layers_added)
        QgsProject.instance().layersRemoved.connect(self._layers_removed)

    def _connect_work(self) -> None:
        self.store.changed.connect(self._strokes_changed)
        self.project.told.connect(self._messages.info)
        self.project.failed.connect(self._refused)
        self.project.emptied.connect(self._emptied)
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
        self.live.working.connect(self._panel.set_passing)
        self.picker.told.connect(self._panel.set_status)
        self.picker.failed.connect(self._failed)
        self.maker.failed.connect(self._refused)
        self.maker.busy.connect(self._panel.set_passing)

    def _seen(self, on: bool) -> None:
        """The tab is shown or hidden."""
        if on:
            self.project.open()
            self._tell_how_to_begin()
        group.show(on)
        self._cover()
        self.live.set_on(on and self._begun_already())
        if not on:
            self._panel.set_value("")
            self.hinter.clear()

    def _layers_added(self, layers: List[QgsMapLayer]) -> None:
        """Keep strokes and map over layers that come while they are worked at."""
        if self._panel.isVisible():
            self._came += [layer.id() for layer in layers]
            self._settling.start()

    def _layers_removed(self, *ignored: object) -> None:
        """Show the results again when nothing takes their place, whoever removed it."""
        if self.overlay.layer is None:
            sight.show_results(group.BY)
            self.hinter.clear()

    def _cover(self) -> None:
        """Take other maps out of sight that the map of the strokes would lie over: mixed colours mean nothing."""
        over, work = self.overlay.layer, self._controller
        if over is None or not self._panel.isVisible():
            return  # others are what is looked at
        sight.hide_results(over, group.BY)
        self._dock.run_bar.follow.setChecked(False)
        if work.previewer.is_shown() or work.previewer.text:  # or one is on its way
            work.previewer.remove()
        work.what_if.end()  # also one in work, which would come on top

    def _settle(self) -> None:
        came, self._came = self._came, []
        group.keep_on_top(came)

    def _begun_already(self) -> bool:
        """Tell whether there is a class or a stroke: before, nothing need be computed."""
        return bool(self._panel.classes.value() or self.store.names())

    def _tell_how_to_begin(self) -> None:
        """Say the first step, where none was done."""
        if not self._begun_already():
            self._panel.set_status(
                tr("To begin, name two classes or more (or take those of the model: From…), then paint some of each.")
            )

    def _emptied(self) -> None:
        """The project was closed."""
        self.live.stop()
        self.live.result = None
        self.overlay.remove()
        self.hinter.clear()

    # --- choices ------------------------------------------------------------------------------------------------

    def _classes_changed(self) -> None:
        chosen, colors = self._panel.classes.current(), self._panel.classes.colors()
        self.tool.set_color(QColor(chosen.color) if chosen is not None else None)
        self.live.colors = colors
        self._tell_how_to_begin()
        self.live.set_on(self._panel.isVisible() and self._begun_already())
        self.overlay.recolor(colors)
        self._paint_strokes()
        self.project.remember()
        if self._panel.value() and (self._canvas.underMouse() or not self._panel.classes.name.hasFocus()):
            self._canvas.setFocus()

    def _paint_strokes(self) -> None:
        layer = self.store.layer()
        if layer is not None:
            objects.paint(layer, self._panel.classes.colors(), filled=True)

    def _show_model(self) -> None:
        self._start, title = start.of(self._dock.model)
        self._panel.set_model(title)
        self._start_changed()

    def _start_changed(self) -> None:
        self.live.model = self._start if self._panel.starts_from() == MODEL else NO_MODEL
        self.project.remember()
        self.live.ask_soon()

    def _tool_taken(self) -> None:
        mode = self._panel.value()
        if not mode:
            self._loan.give_back()
            return
        if mode in (ERASER, OBJECTS):  # others may be taken to paint where the mark is
            self.hinter.clear()
        self.tool.set_mode(mode)
        if mode != OBJECTS:
            self.picker.cancel()
        if self._canvas.mapTool() is not self.tool:
            self._loan.lend(self.tool)
        self._canvas.setFocus()

    def _tool_left(self) -> None:
        """Another tool takes the place of ours, on the map and so in the tab."""
        self._panel.blockSignals(True)  # who hears of it would give a tool back, in the middle of the change
        self._panel.set_value("")
        self._panel.blockSignals(False)
        self.picker.cancel()

    def _key(self, name: str) -> None:
        if name.isdigit():
            self._panel.classes.choose(int(name) - 1)
        elif name in ("undo", "redo"):
            self._try(self.store.undo if name == "undo" else self.store.redo)
        elif name == "cancel" and not self.picker.picked.shapes:
            self._loan.give_back()  # as Esc does with the dock's other tools
        elif self._panel.value() == OBJECTS:
            self.picker.accept() if name == "accept" else self.picker.cancel()

    # --- strokes ------------------------------------------------------------------------------------------------

    def _begun(self) -> None:
        self.hinter.clear()
        if self._panel.classes.current() is None:
            self._panel.set_status(tr("Add a class first: what you paint must have a name."))

    def _painted(self, ground: QgsGeometry, width: float) -> None:
        known = self._panel.classes.current()
        if known is not None:
            self._try(lambda: self._keep(known.name, ground, width))

    def _keep(self, name: str, ground: QgsGeometry, width: float) -> None:
        _, crs = self.live.view()
        self.project.ensure(crs)
        centre = ground.boundingBox().center()
        least = LEAST_PIXELS * self.live.pixel(centre)
        if 0 < width < least:
            ground, width = ground.buffer((least - width) / 2, SEGMENTS), least
        color = self._panel.classes.colors().get(name, "")
        if not self.live.meets_layers(ground.boundingBox()):
            self._messages.warning(tr("The stroke lies outside the layers: nothing is learned from it."))
        self.store.add(name, self._carried(ground, crs), round(_metres(width, centre, crs), 3), color)

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
        self.hinter.clear()
        self.project.list_classes()
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
            self._cover()
            self._panel.classes.set_pixels(result["pixels"])
            text = tr("{seconds:.2f} s · {total} pixels labelled · {sensors}").format(
                seconds=seconds, total=grouped(sum(result["pixels"].values())), sensors=titles(result["sensors"])
            )
            if not result["model"]:
                text += " · " + tr("pixels alone")
        elif len(self._panel.classes.value()) < 2:
            text = tr("Add two classes or more, then take the brush and paint some of each.")
        elif not names:
            text = tr("Take the brush and paint some of each class: the map follows.")
        else:
            text = tr("Only {name} has strokes: paint another class, too.").format(name=names[0])
        self._panel.set_ready(bool(names), bool(result["overlay"]) and self.overlay.layer is not None)
        self._panel.set_status(text, "\n".join(result["warnings"]))

    def _failed(self, error: Exception) -> None:
        """The map could not follow: said where the person looks, without a message for every stroke."""
        if not isinstance(error, Cancelled):
            self._panel.set_status("\n".join(report.lines(error)), report.detail(error))
            self._panel.set_makeable(False)

    def _refused(self, error: Exception) -> None:
        """What the person asked for could not be done."""
        if not isinstance(error, Cancelled):
            self._messages.error(error)


def _metres(width: float, at: QgsPointXY, crs: QgsCoordinateReferenceSystem) -> float:
    """Return how wide something is on the ground, given its width in map units there."""
    return measure_in(crs).measureLine(QgsPointXY(at.x() - width / 2, at.y()), QgsPointXY(at.x() + width / 2, at.y()))
