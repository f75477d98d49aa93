"""Where the layers of strokes stand in the project: in one group on top, objects over strokes over their map."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsLayerTree, QgsLayerTreeGroup, QgsMapLayer, QgsProject
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from ...i18n import tr
from . import objects, store
from .overlay import CLASSES, CONFIDENCE, ROLE, ROLE_PROPERTY

PROPERTY = "sgma/strokes_group"
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
    """Bring the group on top and show the map of the strokes, or hide that: results lie where it lies."""
    root = QgsProject.instance().layerTreeRoot()
    group = _ours(root)
    if group is None:
        return
    if on and root.children()[0] is not group and root.children()[0] != group:
        root.insertChildNode(0, group.clone())  # first: layers that are in no tree leave the project
        group.parent().removeChildNode(group)
        group = _ours(root)
    for node in group.findLayers():
        if node.layer() is not None and _rank(node.layer()) == 2:
            node.setItemVisibilityChecked(on)


def remove_overlays() -> None:
    """Take maps of strokes out that came with a project: their files went with the QGIS that made them."""
    project = QgsProject.instance()
    layers = project.mapLayers().values()
    project.removeMapLayers([layer.id() for layer in layers if layer.customProperty(ROLE_PROPERTY) == ROLE])


def write_empty(layer: QgsMapLayer, element: QDomElement, document: QDomDocument) -> None:
    """Have a project that is saved hold an empty map of strokes: the file is gone when QGIS is, and QGIS would ask."""
    if layer.customProperty(ROLE_PROPERTY) == ROLE:
        element.firstChildElement("datasource").firstChild().setNodeValue(_EMPTY)


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
