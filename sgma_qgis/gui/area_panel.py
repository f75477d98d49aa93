"""Where to map: all that the layers cover, the canvas, a layer's extent, a drawn shape, or polygons of a layer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsProject,
    QgsRectangle,
)
from qgis.gui import QgsMapCanvas, QgsMapLayerComboBox, QgsMapTool, QgsMapToolExtent
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..i18n import tr
from .draw_tools import PolygonTool, rubber_band
from .elided_combo import ElidedLayerCombo
from .tool_loan import ToolLoan

EVERYTHING = "everything"
CANVAS = "canvas"
LAYER = "layer"
DRAWN = "drawn"
POLYGONS = "polygons"


@dataclass(frozen=True)
class AreaChoice:
    """kind: one of the constants above. layer_id: of LAYER and POLYGONS. wkt, crs: the shape of DRAWN."""

    kind: str = EVERYTHING
    layer_id: str = ""
    selected_only: bool = False
    wkt: str = ""
    crs: str = ""


class AreaPanel(QWidget):
    """Its value is an AreaChoice; `changed` also when the canvas moves while it is the area."""

    changed = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._shape: Optional[QgsGeometry] = None
        self._shape_crs = QgsCoordinateReferenceSystem()
        self._watched: Optional[QgsMapLayer] = None
        self._band = rubber_band(canvas)
        self._outlined = True
        self.kind = QComboBox(self)
        self.kind.setObjectName("area")
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(10)
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for key, text in (
            (EVERYTHING, tr("All that the layers cover")),
            (CANVAS, tr("What the map shows")),
            (LAYER, tr("Extent of a layer")),
            (DRAWN, tr("Drawn on the map")),
            (POLYGONS, tr("Polygons of a layer")),
        ):
            self.kind.addItem(text, key)
        self.kind.setToolTip(tr("Tiles outside the area are not computed."))
        self.label = QLabel(tr("&Area"), self)
        self.label.setBuddy(self.kind)
        self.extent_layer = self._layer_combo(
            QgsMapLayerProxyModel.Filter.RasterLayer | QgsMapLayerProxyModel.Filter.VectorLayer,
            tr("The rectangle around this layer is mapped"),
        )
        self.polygon_layer = self._layer_combo(
            QgsMapLayerProxyModel.Filter.PolygonLayer, tr("Only what lies in its polygons is mapped")
        )
        self.selected = QCheckBox(tr("Selected features only"), self)
        self.selected.setToolTip(tr("Map only the polygons that are selected when the run starts"))
        self.rectangle_button = QPushButton(tr("Rectangle"), self)
        self.rectangle_button.setToolTip(tr("Drag a rectangle on the map"))
        self.polygon_button = QPushButton(tr("Polygon"), self)
        self.polygon_button.setToolTip(tr("Click corners on the map; right click ends, Backspace takes one back"))
        for button in (self.rectangle_button, self.polygon_button):
            button.setCheckable(True)
        self.drawn_text = QLabel(self)
        self.tiles = QLabel(self)
        self.tiles.setWordWrap(True)
        self._lay_out()
        self._make_tools()
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.extent_layer.layerChanged.connect(self._extent_layer_changed)
        self.polygon_layer.layerChanged.connect(self._polygons_changed)
        self.selected.toggled.connect(self._emit)
        canvas.extentsChanged.connect(self._canvas_moved)
        canvas.destinationCrsChanged.connect(self._show)
        self._show()

    def value(self) -> AreaChoice:
        """Return the choice."""
        kind = str(self.kind.currentData())
        choice = AreaChoice(kind)
        if kind == LAYER:
            choice = replace(choice, layer_id=self._id(self.extent_layer))
        elif kind == POLYGONS:
            choice = replace(choice, layer_id=self._id(self.polygon_layer), selected_only=self.selected.isChecked())
        elif kind == DRAWN and self._shape is not None:
            choice = replace(choice, wkt=self._shape.asWkt(3), crs=self._shape_crs.authid() or self._shape_crs.toWkt())
        return choice

    def set_value(self, choice: AreaChoice) -> None:
        """Choose an area; layers that are not in the project are left out."""
        layer = QgsProject.instance().mapLayer(choice.layer_id) if choice.layer_id else None
        if choice.kind == LAYER and layer is not None:
            self.extent_layer.setLayer(layer)
        elif choice.kind == POLYGONS:
            if layer is not None:
                self.polygon_layer.setLayer(layer)
            self.selected.setChecked(choice.selected_only)
        # a choice without a shape takes away what was drawn in another project
        self._set_shape(QgsGeometry.fromWkt(choice.wkt), QgsCoordinateReferenceSystem(choice.crs))
        self.kind.setCurrentIndex(max(0, self.kind.findData(choice.kind)))
        if not choice.wkt:
            self._loan.give_back()  # it is the user who draws
        self._show()

    def shape_crs(self) -> QgsCoordinateReferenceSystem:
        """Return the CRS of the drawn shape."""
        return self._shape_crs

    def set_tiles(self, run: Optional[int], total: Optional[int]) -> None:
        """Show how many tiles the area needs, of those of the whole layers."""
        known = run is not None and total is not None
        text = tr("{run} of 1 tile") if total == 1 else tr("{run} of {total} tiles")
        self.tiles.setText(text.format(run=run, total=total) if known else "")

    def set_outlined(self, outlined: bool) -> None:
        """Show the drawn shape on the map, or hide it."""
        self._outlined = outlined
        self._show_outline()

    def close_tools(self) -> None:
        """Give map tools and drawings back to the canvas; called once, when the dock goes."""
        self._loan.close()
        self._canvas.scene().removeItem(self._band)

    def _layer_combo(self, kinds: Any, text: str) -> QgsMapLayerComboBox:
        combo = ElidedLayerCombo(self)
        combo.setFilters(kinds)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(10)
        combo.setToolTip(text)
        return combo

    def _lay_out(self) -> None:
        row = QGridLayout()
        row.addWidget(self.label, 0, 0)
        row.addWidget(self.kind, 0, 1)
        draw = QHBoxLayout()
        draw.addWidget(self.rectangle_button)
        draw.addWidget(self.polygon_button)
        draw.addWidget(self.drawn_text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.extent_layer)
        layout.addWidget(self.polygon_layer)
        layout.addWidget(self.selected)
        layout.addLayout(draw)
        layout.addWidget(self.tiles)

    def _make_tools(self) -> None:
        self._rectangle_tool = QgsMapToolExtent(self._canvas)
        self._polygon_tool = PolygonTool(self._canvas)
        self._loan = ToolLoan(self._canvas, self, self._rectangle_tool, self._polygon_tool)
        self._rectangle_tool.extentChanged.connect(self._rectangle_drawn)
        self._polygon_tool.drawn.connect(self._drawn)
        for button, tool in (
            (self.rectangle_button, self._rectangle_tool),
            (self.polygon_button, self._polygon_tool),
        ):
            button.clicked.connect(lambda on, t=tool: self._use(t, on))
            tool.activated.connect(lambda b=button: b.setChecked(True))
            tool.deactivated.connect(lambda b=button: b.setChecked(False))

    def _use(self, tool: QgsMapTool, on: bool) -> None:
        if on:
            self._loan.lend(tool)
            self._canvas.setFocus()
        else:
            self._loan.give_back()

    def _rectangle_drawn(self, extent: QgsRectangle) -> None:
        if not extent.isEmpty():
            self._drawn(QgsGeometry.fromRect(extent))

    def _drawn(self, shape: QgsGeometry) -> None:
        self._set_shape(shape, self._canvas.mapSettings().destinationCrs())
        self._rectangle_tool.clearRubberBand()  # ours takes its place: that one is filled, and stays for good
        self._loan.give_back()
        self._show()
        self.changed.emit()

    def _set_shape(self, shape: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> None:
        self._shape = None if shape.isNull() else shape
        self._shape_crs = crs

    def _kind_changed(self) -> None:
        if self.kind.currentData() == DRAWN and self._shape is None:
            self._use(self._rectangle_tool, True)
        elif self.kind.currentData() != DRAWN:
            self._loan.give_back()
        self._show()
        self._emit()

    def _extent_layer_changed(self) -> None:
        if self.kind.currentData() == LAYER:  # the list goes on to another layer also while nobody sees it
            self._emit()

    def _polygons_changed(self) -> None:
        if self.kind.currentData() == POLYGONS:
            self._watch(self.polygon_layer.currentLayer())
            self._emit()

    def _watch(self, layer: Optional[QgsMapLayer]) -> None:
        """Hear when the selection changes."""
        if layer is self._watched:
            return
        if self._watched is not None:
            with suppress(RuntimeError, TypeError):  # the layer is gone
                self._watched.selectionChanged.disconnect(self._emit)
        self._watched = layer
        if layer is not None:
            layer.selectionChanged.connect(self._emit)

    def _canvas_moved(self) -> None:
        if self.kind.currentData() == CANVAS:
            self.changed.emit()

    def _emit(self, *ignored: object) -> None:
        self.changed.emit()

    def _show(self) -> None:
        kind = self.kind.currentData()
        self.extent_layer.setVisible(kind == LAYER)
        self.polygon_layer.setVisible(kind == POLYGONS)
        self.selected.setVisible(kind == POLYGONS)
        for widget in (self.rectangle_button, self.polygon_button, self.drawn_text):
            widget.setVisible(kind == DRAWN)
        self.drawn_text.setText("" if self._shape is not None else tr("nothing drawn"))
        if kind == POLYGONS:
            self._watch(self.polygon_layer.currentLayer())
        self._show_outline()

    def _show_outline(self) -> None:
        if self._outlined and self.kind.currentData() == DRAWN and self._shape is not None:
            self._band.setToGeometry(self._on_canvas(), None)
        else:
            self._band.reset()

    def _on_canvas(self) -> QgsGeometry:
        shape = QgsGeometry(self._shape)
        crs = self._canvas.mapSettings().destinationCrs()
        if self._shape_crs.isValid() and crs.isValid() and crs != self._shape_crs:
            try:
                shape.transform(QgsCoordinateTransform(self._shape_crs, crs, QgsProject.instance()))
            except QgsCsException:  # beyond what the map's CRS can show
                return QgsGeometry()
        return shape

    @staticmethod
    def _id(combo: QgsMapLayerComboBox) -> str:
        layer = combo.currentLayer()
        return layer.id() if layer is not None else ""
