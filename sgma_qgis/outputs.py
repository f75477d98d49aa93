"""Results as styled layers of the project: whole runs, previews, differences. Main thread only."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from qgis.core import (
    QgsAbstractMetadataBase,
    QgsLayerMetadata,
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
)

from . import unsaved
from .i18n import tr
from .model.contract.card import Card
from .model.contract.modality import BY_KEY
from .sight import GROUP_PROPERTY, PREVIEW, RESULT, hide_older, hide_results, layers, our_groups, show_results
from .styling import DIFFERENCE_OPACITY, ROLE_PROPERTY, open_layer, outline, over_a_picture, style, style_difference

#: results that are visible at first; the others lie ready, unchecked
SHOWN = ("classes", "polygons", "errors", "suggestions")
RUN_PROPERTY = "sgma/run"  #: path of its run.json
SIDECARS = (".aux.xml", ".run.json")


def add_result(
    result: Dict[str, Any], card: Card, *, name: str, command: str = "", project: Optional[QgsProject] = None
) -> QgsLayerTreeGroup:
    """Add a run's layers to the project, in a group of their own on top, and return it.

    Older results of the same place are unticked: two that shine through would be seen as a third. result: of the
    segment job. name: what tells this run from others. command: what repeats it, for the metadata.
    """
    project = project or QgsProject.instance()
    title = tr("{name} – SGMA {model}").format(model=card.id, name=name)
    group = project.layerTreeRoot().insertGroup(0, title)
    group.setCustomProperty(GROUP_PROPERTY, RESULT)
    paths = result["outputs"]
    run = _run_file(paths["classes"])
    sensors = [key for key in _sensors(run) if key in card.keys] or list(card.keys)
    for role, key, text in _rows(sensors):
        if not paths.get(role):
            continue
        layer = open_layer(paths[role], text, role)
        style(layer, role, card, band=card.keys.index(key) + 1 if key else 1)
        layer.setCustomProperty(ROLE_PROPERTY, f"{role}_{key}" if key else role)
        layer.setCustomProperty(RUN_PROPERTY, str(run))
        layer.setMetadata(_metadata(layer, result, card, command, run))
        if role == "classes":
            over_a_picture(layer)
        elif role == "polygons" and layer.isValid():
            outline(layer)
            _keep_style(layer, card)
        _add(project, group, layer, role in SHOWN)
    hide_older(project, group)
    return group


def results(project: Optional[QgsProject] = None) -> List[Tuple[str, QgsLayerTreeGroup]]:
    """Return (where its run.json lies, group) of each result whose map is in the project, from top to bottom."""
    groups = our_groups(project or QgsProject.instance(), RESULT)
    maps = [(layers(group).get("classes"), group) for group in groups]
    return [(str(_run_file(layer.source())), group) for layer, group in maps if layer is not None]


def bring_to_front(group: QgsLayerTreeGroup, project: Optional[QgsProject] = None) -> QgsLayerTreeGroup:
    """Put a result on top of all layers, its map in sight and older ones of the place unticked; return its group."""
    project = project or QgsProject.instance()
    root = project.layerTreeRoot()
    if root.children()[0] != group:
        there, group = group, group.clone()
        root.insertChildNode(0, group)  # first: layers that are in no tree leave the project
        there.parent().removeChildNode(there)
    root.findLayer(layers(group)["classes"].id()).setItemVisibilityCheckedParentRecursive(True)
    hide_older(project, group)
    return group


def difference_layer(path: str, title: str, group: Optional[QgsLayerTreeGroup] = None) -> QgsRasterLayer:
    """Add the raster of a difference job to a group, or to the preview group, in sight, and return its layer."""
    layer = open_layer(path, title, "difference")
    style_difference(layer, tr("differs"))
    layer.setOpacity(DIFFERENCE_OPACITY)
    layer.setCustomProperty(ROLE_PROPERTY, "difference")
    unsaved.mark(layer)
    project = QgsProject.instance()
    _add(project, group or preview_group(project), layer, True, top=True)
    project.layerTreeRoot().findLayer(layer.id()).setItemVisibilityCheckedParentRecursive(True)
    return layer


def remove_difference(layer_id: str, project: Optional[QgsProject] = None) -> None:
    """Take a difference out of the project, if it is there."""
    project = project or QgsProject.instance()
    if project.mapLayer(layer_id) is not None:
        project.removeMapLayer(layer_id)
        drop_empty_previews(project)


def hectares(result: Dict[str, Any], card: Card) -> List[Tuple[str, str, float, float]]:
    """Return (name, colour, hectares, percent of what was mapped) of each class, the largest first."""
    areas = result["class_area_m2"]
    total = sum(areas.values())
    rows = [
        (c.name, c.color, areas.get(c.name, 0.0) / 1e4, 100 * areas.get(c.name, 0.0) / total if total else 0.0)
        for c in card.classes
    ]
    return sorted(rows, key=lambda row: -row[2])


class Preview:
    """The layers that show the last preview; each new one takes the place of the one before, where it lies."""

    def __init__(self, project: Optional[QgsProject] = None) -> None:
        self._project = project or QgsProject.instance()
        self._ids: Dict[str, str] = {}
        self._files: List[str] = []

    @property
    def layers(self) -> Dict[str, QgsMapLayer]:
        """Return the layers that are still in the project, by role."""
        found = {role: self._project.mapLayer(layer_id) for role, layer_id in self._ids.items()}
        return {role: layer for role, layer in found.items() if layer is not None}

    def show(self, outputs: Dict[str, str], card: Card, title: str) -> Dict[str, QgsMapLayer]:
        """Show a preview's rasters, {role: path}, and delete the files of the one before. Returns the layers."""
        there, old = self.layers, self._files
        gone = [layer.id() for role, layer in there.items() if role not in outputs]
        self._project.removeMapLayers(gone)
        self._ids = {}
        for role, path in outputs.items():
            layer = there.get(role)
            if layer is None:
                layer = open_layer(path, _title(title, role), role)
                layer.setCustomProperty(ROLE_PROPERTY, role)
                unsaved.mark(layer)
                style(layer, role, card)
                if role == "classes":
                    over_a_picture(layer)
                _add(self._project, preview_group(self._project), layer, role in SHOWN)
            else:
                opacity = layer.opacity()
                layer.setDataSource(path, layer.name(), "gdal", False)
                style(layer, role, card)
                layer.setOpacity(opacity)
            self._ids[role] = layer.id()
        if "classes" in self._ids:
            hide_results(self.layers["classes"], PREVIEW, self._project)
        self._files = list(outputs.values())
        _delete(path for path in old if path not in self._files)
        return self.layers

    def remove(self) -> None:
        """Take the preview out of the project and delete its files; the results below are seen again."""
        show_results(PREVIEW, self._project)
        self._project.removeMapLayers([layer.id() for layer in self.layers.values()])
        _delete(self._files)
        self._ids, self._files = {}, []
        drop_empty_previews(self._project)


def preview_group(project: QgsProject) -> QgsLayerTreeGroup:
    """Return the group of previews, made on top of all layers if it is missing."""
    for group in our_groups(project, PREVIEW):
        return group
    group = project.layerTreeRoot().insertGroup(0, tr("Preview"))
    group.setCustomProperty(GROUP_PROPERTY, PREVIEW)
    return group


def drop_empty_previews(project: QgsProject) -> None:
    """Take groups of previews out of the tree that hold no layer any more."""
    for group in our_groups(project, PREVIEW):
        if not group.findLayerIds():
            group.parent().removeChildNode(group)


class StyleOnLoad(QgsProcessingLayerPostProcessorInterface):
    """Styles a result when Processing has loaded it.

    QGIS keeps a plain pointer to it; whoever sets it must keep the object until the layer is loaded.
    """

    _kept: list[StyleOnLoad] = []
    _KEEP = 64

    def __init__(self, role: str, paint: Callable[[QgsMapLayer], None]) -> None:
        super().__init__()
        self._role = role
        self._paint = paint

    @classmethod
    def attach(cls, context: QgsProcessingContext, path: str, role: str, paint: Callable[[QgsMapLayer], None]) -> None:
        """Have the layer at `path` styled by `paint` if it will be loaded."""
        if context.willLoadLayerOnCompletion(path):
            processor = cls(role, paint)
            cls._kept = [*cls._kept, processor][-cls._KEEP :]
            context.layerToLoadOnCompletionDetails(path).setPostProcessor(processor)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._paint(layer)
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
        if node is not None and self._role not in SHOWN:
            node.setItemVisibilityChecked(False)
            _collapse(node)


def _rows(sensors: Iterable[str]) -> List[Tuple[str, str, str]]:
    """Return (role, sensor or '', title) of the layers of a result, the first on top."""
    return [
        ("polygons", "", tr("Polygons")),
        ("classes", "", tr("Land cover")),
        ("confidence", "", tr("Confidence")),
        ("availability", "", tr("Sensors available")),
        *(("trust", key, tr("Trust in {sensor}").format(sensor=BY_KEY[key].title)) for key in sensors),
    ]


def _title(title: str, role: str) -> str:
    names = {row: text for row, _, text in _rows(())}
    return title if role == "classes" else f"{title}: {names.get(role, tr('Trust per sensor'))}"


def _add(project: QgsProject, group: QgsLayerTreeGroup, layer: QgsMapLayer, visible: bool, top: bool = False) -> None:
    project.addMapLayer(layer, False)
    node = group.insertLayer(0, layer) if top else group.addLayer(layer)
    node.setItemVisibilityChecked(visible)
    _collapse(node)


def _collapse(node: QgsLayerTreeLayer) -> None:
    """Fold the legend of a layer. QGIS folds a long one itself, but too early for its view, which then must be told."""
    node.setExpanded(True)
    node.setExpanded(False)


def _keep_style(layer: QgsMapLayer, card: Card) -> None:
    """Keep the style in the layer's file, once: QGIS would ask in a box of its own before it takes another's place."""
    _, _, names, *_ = layer.listStylesInDatabase()
    if card.id not in names:
        layer.saveStyleToDatabase(card.id, card.title, True, "")


def _delete(paths: Iterable[str]) -> None:
    for path in paths:
        for name in (path, *(path + suffix for suffix in SIDECARS), str(_run_file(path))):
            with contextlib.suppress(OSError):  # gone, or on Windows still being drawn
                Path(name).unlink()


def _run_file(classes: str) -> Path:
    return Path(classes).with_suffix(".run.json")


def _sensors(run: Path) -> List[str]:
    """Return the sensors that a run used, as its run.json says; none when it cannot be read."""
    try:
        return [str(layer["modality"]) for layer in json.loads(run.read_text(encoding="utf-8"))["layers"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _metadata(layer: QgsMapLayer, result: Dict[str, Any], card: Card, command: str, run: Path) -> QgsLayerMetadata:
    """Return what the layer is, of which model, and how it was made."""
    metadata = QgsLayerMetadata()
    metadata.setTitle(layer.name())
    metadata.setType("dataset")
    metadata.setIdentifier(f"{card.id} {card.weights_sha256[:12]} {Path(result['outputs']['classes']).name}")
    grid = result["grid"]
    facts = [
        tr("Made by SGMA for QGIS with the model {title} ({id}, SHA-256 {sha}).").format(
            title=card.title, id=card.id, sha=card.weights_sha256
        ),
        tr("{width} x {height} pixels; {tiles} tiles, {failed} of them gaps; {backend} on {device}.").format(
            width=grid["width"],
            height=grid["height"],
            tiles=result["tiles_total"],
            failed=result["tiles_failed"],
            backend=result["backend"],
            device=result["device"],
        ),
        *result["warnings"],
    ]
    metadata.setAbstract("\n".join(facts))
    metadata.setLicenses([card.licence] if card.licence else [])
    metadata.setRights([card.attribution] if card.attribution else [])
    metadata.setCrs(layer.crs())
    for text in filter(None, (command, tr("Everything needed to repeat it: {file}").format(file=run))):
        metadata.addHistoryItem(text)
    link = QgsAbstractMetadataBase.Link("run.json", "WWW:LINK", run.as_uri() if run.is_absolute() else str(run))
    metadata.addLink(link)
    return metadata
