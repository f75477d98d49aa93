"""Where the layers of strokes stand in the project: in one group on top, objects over strokes over their map."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, Optional

from qgis.core import (
    QgsLayerTree,
    QgsLayerTreeGroup,
    QgsLayerTreeNode,
    QgsMapLayer,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from ... import sight
from ...i18n import tr
from . import objects, store
from .overlay import CLASSES, CONFIDENCE, ROLE, ROLE_PROPERTY

PROPERTY = "sgma/strokes_group"
BY = "strokes"  #: who hides results while the tab is seen
_BANDS = "".join(f'<VRTRasterBand dataType="Byte" band="{band}"/>' for band in (CLASSES, CONFIDENCE))
_EMPTY = f'<VRTDataset rasterXSize="1" rasterYSize="1">{_BANDS}</VRTDataset>'  # a raster of GDAL's without a file


def put(layer: QgsMapLayer) -> None:
    """Add a layer of ours to the project."""
    project = QgsProject.instance()
    group = _group(project)
    project.addMapLayer(layer, False)
    rank = _rank(layer)
    above = [node for node in group.findLayers() if node.layer() is not None and _rank(node.layer()) <= rank]
    node = group.insertLayer(len(above), layer)
    node.setExpanded(rank != 2)


def show(on: bool) -> None:
    """Bring the group on top and show the map of the strokes in place of results, or the other way round."""
    root = QgsProject.instance().layerTreeRoot()
    group = _ours(root)
    if group is None:
        return
    if on:
        group = _raised(root, group)
    else:
        sight.show_results(BY)
    for node in group.findLayers():
        if node.layer() is not None and _rank(node.layer()) == 2:
            node.setItemVisibilityChecked(on)
            if on:
                sight.hide_results(node.layer(), BY)


def keep_on_top(added: Iterable[str]) -> None:
    """Have layers that were added, by id, lie below the strokes: one that is not ours leaves the group, too."""
    root = QgsProject.instance().layerTreeRoot()
    group = _ours(root)
    if group is None:
        return
    group = _raised(root, group)
    for layer_id in added:
        node = group.findLayer(layer_id)
        if node is not None and node.layer() is not None and not _is_ours(node.layer()):
            _move(node, root, 1)


def retire(layer: QgsVectorLayer) -> str:
    """Take a layer of strokes that others took the place of out of the group; return what it is called from now on."""
    root = QgsProject.instance().layerTreeRoot()
    layer.removeCustomProperty(store.PROPERTY)
    layer.setName(tr("{layer} (earlier)").format(layer=Path(layer.source().split("|")[0]).stem))
    objects.paint(layer, {}, filled=False)  # grey
    node = root.findLayer(layer.id())
    if node is not None:
        node.setItemVisibilityChecked(False)
        if node.parent() == _ours(root):
            _move(node, root, 1)
    return layer.name()


def remove_overlays() -> None:
    """Take maps of strokes out that came with a project: their files went with the QGIS that made them."""
    project = QgsProject.instance()
    layers = project.mapLayers().values()
    project.removeMapLayers([layer.id() for layer in layers if layer.customProperty(ROLE_PROPERTY) == ROLE])


def write_empty(layer: QgsMapLayer, element: QDomElement, document: QDomDocument) -> None:
    """Have a project that is saved hold an empty map of strokes: the file is gone when QGIS is, and QGIS would ask."""
    if layer.customProperty(ROLE_PROPERTY) == ROLE:
        element.firstChildElement("datasource").firstChild().setNodeValue(_EMPTY)


def _raised(root: QgsLayerTreeGroup, group: QgsLayerTreeGroup) -> QgsLayerTreeGroup:
    """Return the group when it is on top."""
    if root.children()[0] == group:
        return group
    _move(group, root, 0)
    return _ours(root)


def _move(node: QgsLayerTreeNode, root: QgsLayerTreeGroup, place: int) -> None:
    root.insertChildNode(place, node.clone())  # first: layers that are in no tree leave the project
    node.parent().removeChildNode(node)


def _is_ours(layer: QgsMapLayer) -> bool:
    return bool(layer.customProperty(objects.PROPERTY) or layer.customProperty(store.PROPERTY)) or (
        layer.customProperty(ROLE_PROPERTY) == ROLE
    )


def _rank(layer: QgsMapLayer) -> int:
    return 0 if layer.customProperty(objects.PROPERTY) else 1 if layer.customProperty(store.PROPERTY) else 2


def _group(project: QgsProject) -> QgsLayerTreeGroup:
    root = project.layerTreeRoot()
    found = _ours(root)
    if found is None:
        found = root.insertGroup(0, tr("Strokes"))
        found.setCustomProperty(PROPERTY, True)
    return found


def _ours(group: QgsLayerTreeGroup) -> Optional[QgsLayerTreeGroup]:
    for node in group.children():
        if QgsLayerTree.isGroup(node):
            if node.customProperty(PROPERTY):
                return node
            below = _ours(node)
            if below is not None:
                return below
    return None
