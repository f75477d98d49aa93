"""What the panels say, as jobs of the contract. Main thread: layers are read here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerSelectedFeatureSource,
)
from qgis.gui import QgsMapCanvas

from .. import resolve, settings
from ..i18n import tr
from ..model.contract.card import Card
from ..model.contract.errors import BadInput, BadModel, SgmaError
from ..model.contract.job import Area, CheckJob, ExplainJob, Options, Outputs, PreviewJob, SegmentJob, Source
from ..model.contract.modality import BY_KEY, in_order
from ..rendering import is_fileless
from .advanced_panel import AdvancedPanel
from .area_panel import CANVAS, DRAWN, LAYER, POLYGONS, AreaChoice, AreaPanel
from .layers_panel import LayersPanel
from .model_panel import ModelPanel
from .outputs_panel import OutputsPanel
from .resolution_panel import ResolutionPanel
from .slot_row import Slot


@dataclass(frozen=True)
class Panels:
    """The panels that a job is made of."""

    model: ModelPanel
    layers: LayersPanel
    area: AreaPanel
    resolution: ResolutionPanel
    outputs: OutputsPanel
    advanced: AdvancedPanel


def picks(slots: Dict[str, Slot]) -> Dict[str, resolve.LayerPick]:
    """Return the layers in these rows, by sensor; those that are no longer in the project are left out."""
    found = {}
    for key, slot in slots.items():
        layer = QgsProject.instance().mapLayer(slot.layer_id)
        if isinstance(layer, QgsRasterLayer):
            found[key] = resolve.LayerPick(layer, key, slot.bands, slot.unit)
    return found


def checkable(chosen: Dict[str, resolve.LayerPick]) -> Tuple[Tuple[Source, ...], Dict[str, SgmaError]]:
    """Return the Sources of the layers that can be looked at, and by sensor what is wrong with the others."""
    good: List[Source] = []
    wrong: Dict[str, SgmaError] = {}
    for key, pick in chosen.items():
        try:
            good.extend(resolve.sources([pick], {}, {}))
        except SgmaError as error:
            wrong[key] = error
    order = in_order(source.modality for source in good)
    return tuple(sorted(good, key=lambda source: order.index(source.modality))), wrong


class JobBuilder:
    """Makes jobs of the panels' values. `rendered` of the methods: {sensor: GeoTIFF} of layers that have no file."""

    def __init__(self, panels: Panels, canvas: QgsMapCanvas) -> None:
        self._panels = panels
        self._canvas = canvas
        self._exported: Dict[Any, str] = {}

    def card(self) -> Card:
        """Return the chosen model's card. Raises BadModel."""
        card = self._panels.model.card()
        if card is None:
            raise BadModel(tr("No model is installed."), tr("Add one with the button Add model."))
        return card

    def chosen(self) -> Tuple[str, Dict[str, Slot]]:
        """Return the model and the rows of layers: what every map is made of."""
        return self._panels.model.value(), self._panels.layers.value()

    def picks(self) -> Dict[str, resolve.LayerPick]:
        """Return the layers picked, by sensor, in registry order."""
        return picks(self._panels.layers.value())

    def fileless(self) -> Dict[str, QgsRasterLayer]:
        """Return the layers that QGIS must render first, by sensor. Raises BadInput for a sensor other than RGB."""
        found = {key: pick.layer for key, pick in self.picks().items() if is_fileless(pick.layer)}
        for key in found:
            if key != "rgb":
                raise BadInput(
                    tr("{sensor}: layer {layer} has no file, only its picture can be used, and only as RGB.").format(
                        sensor=BY_KEY[key].title, layer=found[key].name()
                    ),
                    tr("Save it as a GeoTIFF (Export > Save As), or leave the row empty."),
                )
        return found

    def sources(self, rendered: Dict[str, str]) -> Tuple[Source, ...]:
        """Return the Sources of a run. Raises BadInput."""
        picks = self.picks()
        if not picks:
            raise BadInput(tr("No layer is picked."), tr("Pick at least one in Layers."))
        for key, path in rendered.items():
            if key in picks:
                picks[key] = resolve.LayerPick(QgsRasterLayer(path, key), key, (1, 2, 3))
        return resolve.sources(picks.values(), {}, {})

    def checkable(self, rendered: Dict[str, str]) -> Tuple[Tuple[Source, ...], Dict[str, SgmaError]]:
        """Return the Sources that can be looked at, and by sensor what is wrong with the others."""
        found = self.picks()
        for key, path in rendered.items():
            if key in found:
                found[key] = resolve.LayerPick(QgsRasterLayer(path, key), key, (1, 2, 3))
        return checkable(found)

    def options(self) -> Options:
        """Return how to compute: the panel's choice, else that of the settings."""
        choice, outputs, stored = self._panels.advanced.value(), self._panels.outputs.value(), settings.load().options()
        polygons = "polygons" in outputs.roles
        return replace(
            stored,
            resolution=self._panels.resolution.value(),
            tile=choice.tile,
            overlap=choice.overlap,
            batch=choice.batch,
            device=stored.device if choice.device == "auto" else choice.device,
            precision=stored.precision if choice.precision == "auto" else choice.precision,
            threads=choice.threads or stored.threads,
            min_area=outputs.min_area if polygons else None,
            simplify=outputs.simplify if polygons else None,
        )

    def area(self) -> Area:
        """Return where to work. Raises BadInput for an area that is not complete."""
        choice = self._panels.area.value()
        if choice.kind == CANVAS:
            return self._extent(self._canvas.extent(), self._canvas.mapSettings().destinationCrs())
        layer = QgsProject.instance().mapLayer(choice.layer_id) if choice.layer_id else None
        if choice.kind == LAYER:
            if layer is None:
                raise BadInput(tr("No layer is chosen as the area."), tr("Choose one under Area."))
            return self._extent(layer.extent(), layer.crs())
        if choice.kind == POLYGONS:
            if not isinstance(layer, QgsVectorLayer):
                raise BadInput(tr("No polygon layer is chosen as the area."), tr("Choose one under Area."))
            return Area(polygons=self._polygons(layer, choice.selected_only))
        if choice.kind == DRAWN:
            return self._drawn(choice)
        return Area()

    def area_layer(self) -> Optional[QgsMapLayer]:
        """Return the layer that the area comes from, if any."""
        return QgsProject.instance().mapLayer(self._panels.area.value().layer_id)

    def check_job(self, sources: Tuple[Source, ...]) -> CheckJob:
        """Return the job that looks at these sources. Raises SgmaError."""
        roles = ("classes", *(role for role in self._panels.outputs.value().roles if role != "polygons"))
        return CheckJob(sources, self._panels.model.value(), self.area(), self.options(), tolerant=True, roles=roles)

    def preview_job(self, rendered: Dict[str, str], outputs: Outputs, without: str = "") -> PreviewJob:
        """Return the job that maps what the canvas shows, as the run would; `without`: a sensor to leave out."""
        sources = tuple(source for source in self.sources(rendered) if source.modality != without)
        view = self._extent(self._canvas.extent(), self._canvas.mapSettings().destinationCrs())
        return PreviewJob(
            sources, self._panels.model.value(), outputs, view.extent, view.extent_crs, self.area(), self.options()
        )

    def explain_job(self, rendered: Dict[str, str], x: float, y: float) -> ExplainJob:
        """Return the job that explains a point of the canvas. Raises SgmaError."""
        crs = resolve.crs_text(self._canvas.mapSettings().destinationCrs())
        return ExplainJob(self.sources(rendered), self._panels.model.value(), (x, y), crs, self.area(), self.options())

    def segment_job(self, rendered: Dict[str, str], outputs: Outputs) -> SegmentJob:
        """Return the run. Raises SgmaError."""
        return SegmentJob(self.sources(rendered), self._panels.model.value(), outputs, self.area(), self.options())

    @staticmethod
    def _extent(rectangle: QgsRectangle, crs: Any) -> Area:
        if rectangle.isEmpty():
            raise BadInput(tr("The area is empty."), tr("Zoom to your layers, or choose another area."))
        corners = (rectangle.xMinimum(), rectangle.yMinimum(), rectangle.xMaximum(), rectangle.yMaximum())
        return Area(extent=corners, extent_crs=resolve.crs_text(crs))

    def _polygons(self, layer: QgsVectorLayer, selected_only: bool) -> str:
        picked = tuple(sorted(layer.selectedFeatureIds())) if selected_only else ()
        known = (
            layer.id(),
            selected_only,
            picked,
            layer.subsetString(),
            layer.featureCount(),
            layer.undoStack().index(),
        )
        if known not in self._exported:
            source = QgsVectorLayerSelectedFeatureSource(layer) if selected_only else layer
            self._exported = {known: resolve.polygons_file(layer, source, selected_only)}
        return self._exported[known]

    def _drawn(self, choice: AreaChoice) -> Area:
        if not choice.wkt:
            raise BadInput(tr("No area is drawn."), tr("Draw a rectangle or a polygon on the map."))
        if choice not in self._exported:
            layer = QgsVectorLayer("Polygon", tr("Drawn area"), "memory")
            layer.setCrs(self._panels.area.shape_crs())
            feature = QgsFeature()
            feature.setGeometry(QgsGeometry.fromWkt(choice.wkt))
            layer.dataProvider().addFeatures([feature])
            self._exported = {choice: resolve.polygons_file(None, layer, False)}
        return Area(polygons=self._exported[choice])
