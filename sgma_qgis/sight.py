"""Which of our layers are in sight: groups found in the tree, results hidden below what takes their place."""

from __future__ import annotations

from typing import Collection, Dict, Iterable, List, Optional, Set

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsLayerTree,
    QgsLayerTreeGroup,
    QgsLayerTreeLayer,
    QgsMapLayer,
    QgsProject,
    QgsRectangle,
)

from .styling import ROLE_PROPERTY

HIDDEN_PROPERTY = "sgma/hidden"  #: of results: the names of those that hide it for a while, between blanks
GROUP_PROPERTY = "sgma/group"  #: of our groups: RESULT or PREVIEW
RESULT, PREVIEW = "result", "preview"
SAME_PLACE = 0.5  #: of the smaller of two maps that lies in the other: one of them is enough to look at


def layers(group: QgsLayerTreeGroup) -> Dict[str, QgsMapLayer]:
    """Return the layers of a group of ours by what they show."""
    found = [node.layer() for node in group.findLayers() if node.layer() is not None]
    return {layer.customProperty(ROLE_PROPERTY): layer for layer in found if layer.customProperty(ROLE_PROPERTY)}


def covering(project: QgsProject) -> List[QgsLayerTreeLayer]:
    """Return the layers of ours that cover the pictures below them: of results, of previews, of runs in work.

    Not their groups: when a group is ticked again, QGIS goes on to draw its layers in the tree as hidden ones.
    """
    root = project.layerTreeRoot()
    live = [node for node in root.findLayers() if node.layer() and node.layer().customProperty(ROLE_PROPERTY) == "live"]
    ours = [*our_groups(project, RESULT), *our_groups(project, PREVIEW)]
    return [*(node for group in ours for node in group.findLayers()), *live]


def hide_results(
    over: QgsMapLayer, by: str, project: Optional[QgsProject] = None, but: Collection[str] = ()
) -> Set[str]:
    """Untick the results where a layer lies, until `show_results` is called for all that hide them. by: a word.

    One that the user has ticked again meanwhile is left so. but: ids of maps that are left as they are. Returns the ids
    of the others there: who hides again and again leaves those to the user from then on.
    """
    project = project or QgsProject.instance()
    met = set()
    for group in our_groups(project, RESULT):
        hidden, there = _hidden_by(group), layers(group).get("classes")
        if there is None or there.id() in but or not _same_place(project, over, there):
            continue
        met.add(there.id())
        if by not in hidden and (hidden or group.itemVisibilityChecked()):
            group.setCustomProperty(HIDDEN_PROPERTY, " ".join([*hidden, by]))
            group.setItemVisibilityChecked(False)
    return met


def show_results(by: str, project: Optional[QgsProject] = None) -> None:
    """Tick the results again that were hidden by this word alone; those that a newer one replaced stay unticked."""
    for group in our_groups(project or QgsProject.instance(), RESULT):
        hidden = _hidden_by(group)
        if by in hidden:
            left = [word for word in hidden if word != by]
            group.setCustomProperty(HIDDEN_PROPERTY, " ".join(left))
            if not left:
                group.setItemVisibilityChecked(True)


def hide_older(project: QgsProject, newest: QgsLayerTreeGroup) -> None:
    """Untick the results of the newest one's place, for good."""
    here = layers(newest).get("classes")
    newest.removeCustomProperty(HIDDEN_PROPERTY)
    for group in our_groups(project, RESULT):
        there = layers(group).get("classes")
        if group is not newest and here is not None and there is not None and _same_place(project, here, there):
            group.removeCustomProperty(HIDDEN_PROPERTY)
            group.setItemVisibilityChecked(False)


def _hidden_by(group: QgsLayerTreeGroup) -> List[str]:
    return str(group.customProperty(HIDDEN_PROPERTY, "")).split()


def _same_place(project: QgsProject, first: QgsMapLayer, second: QgsMapLayer) -> bool:
    try:
        moved = QgsCoordinateTransform(second.crs(), first.crs(), project).transformBoundingBox(second.extent())
    except QgsCsException:
        return False
    here = QgsRectangle(first.extent())
    least = min(_area(here), _area(moved))
    return least > 0 and here.intersects(moved) and _area(here.intersect(moved)) >= SAME_PLACE * least


def _area(extent: QgsRectangle) -> float:
    return extent.width() * extent.height()


def our_groups(project: QgsProject, kind: str) -> List[QgsLayerTreeGroup]:
    """Return our groups of a kind, from top to bottom."""

    def below(group: QgsLayerTreeGroup) -> Iterable[QgsLayerTreeGroup]:
        for node in group.children():
            if QgsLayerTree.isGroup(node):
                if node.customProperty(GROUP_PROPERTY) == kind:
                    yield node
                yield from below(node)

    return list(below(project.layerTreeRoot()))
