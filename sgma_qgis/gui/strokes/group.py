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

from ... import sight
from ...i18n import tr
from . import objects, ours

PROPERTY = "sgma/strokes_group"
BY = "strokes"  #: who hides results while the tab is seen


def put(layer: QgsMapLayer) -> None:
    """Add a layer of ours to the project."""
    project = QgsProject.instance()
    group = _group(project)
    project.addMapLayer(layer, False)
    kind = ours.kind_of(layer)
    above = ours.KINDS[: ours.KINDS.index(kind) + 1]
    held = [ours.kind_of(node.layer()) if QgsLayerTree.isLayer(node) else "" for node in group.children()]
    place = max((i + 1 for i, one in enumerate(held) if one in above), default=0)
    group.insertLayer(place, layer).setExpanded(False)  # the tab lists the classes
    if not held:
        _open(group, True)


def show(on: bool) -> None:
    """Bring the group on top with the map of the strokes in it, or show results again in its place."""
    root = QgsProject.instance().layerTreeRoot()
    group = _ours(root)
    if group is None:
        return
    if on:
        group = _raised(root, group)
    else:
        sight.show_results(BY)
    for node in group.findLayers():
        if ours.kind_of(node.layer()) == ours.MAP:
            node.setItemVisibilityChecked(on)


def keep_on_top(added: Iterable[str]) -> None:
    """Have layers that were added, by id, lie below the strokes: one that is not ours leaves the group, too."""
    root = QgsProject.instance().layerTreeRoot()
    group = _ours(root)
    if group is None:
        return
    group = _raised(root, group)
    for layer_id in added:
        node = group.findLayer(layer_id)
        if node is not None and not ours.kind_of(node.layer()):
            _move(node, root, 1)


def retire(layer: QgsVectorLayer) -> str:
    """Take a layer of strokes that others took the place of out of the group; return what it is called from now on."""
    root = QgsProject.instance().layerTreeRoot()
    ours.unmark(layer)
    layer.setName(tr("{layer} (earlier)").format(layer=Path(layer.source().split("|")[0]).stem))
    objects.paint(layer, {}, filled=False)  # grey
    node = root.findLayer(layer.id())
    if node is not None:
        node.setItemVisibilityChecked(False)
        if node.parent() == _ours(root):
            _move(node, root, 1)
    return layer.name()


def _raised(root: QgsLayerTreeGroup, group: QgsLayerTreeGroup) -> QgsLayerTreeGroup:
    """Return the group when it is on top."""
    if root.children()[0] == group:
        return group
    _move(group, root, 0)
    return _ours(root)


def _move(node: QgsLayerTreeNode, root: QgsLayerTreeGroup, place: int) -> None:
    moved, open_ = node.clone(), node.isExpanded()
    root.insertChildNode(place, moved)  # first: layers that are in no tree leave the project
    node.parent().removeChildNode(node)
    _open(moved, open_)


def _open(node: QgsLayerTreeNode, on: bool) -> None:
    """Open a node in QGIS's list, or close it: the list takes notice of changes alone, of nodes that have children."""
    node.setExpanded(not on)
    node.setExpanded(on)


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
