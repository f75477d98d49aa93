"""Layers that a saved project must not hold: their files go with the QGIS that made them. Main thread only."""

from __future__ import annotations

from typing import Any, Callable, Iterator, List, Set, Tuple

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt.QtXml import QDomDocument, QDomElement

from .sight import HIDDEN_PROPERTY

PROPERTY = "sgma/temporary"  #: holds the id of the layer
_TREE, _GROUP = "layer-tree-layer", "layer-tree-group"
#: elements that name a layer, and by which attribute; in those that are written later, QGIS skips what is not there
_REFERENCES = ((_TREE, "id"), ("layer-setting", "id"), ("legendlayerfile", "layerid"))


def mark(layer: QgsMapLayer) -> None:
    """Keep a layer out of every project file from now on."""
    layer.setCustomProperty(PROPERTY, layer.id())  # its own: who copies its style to a layer copies its properties


class Unsaved:
    """While it is open, projects are saved without the layers that are marked; in the session they stay."""

    def __init__(self) -> None:
        for signal, slot in self._signals():
            signal.connect(slot)

    def close(self) -> None:
        """Let projects be saved as they are, without the marked layers: nobody would keep them out any more."""
        for signal, slot in self._signals():
            signal.disconnect(slot)
        project = QgsProject.instance()
        project.removeMapLayers(list(_marked(project)))

    def _signals(self) -> Tuple[Tuple[Any, Callable[..., None]], ...]:
        project = QgsProject.instance()
        return (project.writeProject, self._tree), (project.writeMapLayer, self._layer)

    @staticmethod
    def _tree(document: QDomDocument) -> None:
        ids = _marked(QgsProject.instance())
        if ids:
            for tag, attribute in _REFERENCES:
                for element in _elements(document, tag):
                    if element.attribute(attribute) in ids:
                        _take_out(element)
            for element in _elements(document, "item"):  # the custom order of the layers
                if element.text() in ids:
                    _take_out(element)
        for group in _elements(document, _GROUP):
            _tick(group)

    @staticmethod
    def _layer(layer: QgsMapLayer, element: QDomElement, document: QDomDocument) -> None:
        """Leave nothing that QGIS would read: the element comes into the document after this, whatever we do."""
        if _is_marked(layer):
            while element.hasChildNodes():
                element.removeChild(element.firstChild())
            for name in _attributes(element):
                element.removeAttribute(name)
            element.setTagName("sgma-temporary")


def _is_marked(layer: QgsMapLayer) -> bool:
    return layer.customProperty(PROPERTY) == layer.id()


def _marked(project: QgsProject) -> Set[str]:
    """Return the ids of the marked layers of a project."""
    return {layer_id for layer_id, layer in project.mapLayers().items() if _is_marked(layer)}


def _elements(document: QDomDocument, tag: str) -> Iterator[QDomElement]:
    """Yield the elements of a name; they may be taken out meanwhile."""
    found = document.elementsByTagName(tag)
    yield from [found.at(i).toElement() for i in range(found.count())]


def _take_out(element: QDomElement) -> None:
    """Take an element out, and what held nothing else: a group of previews, an entry of the legend."""
    parent = element.parentNode().toElement()
    parent.removeChild(element)
    emptied = not any(_below(parent, tag) for tag in (_TREE, _GROUP, "legendlayerfile"))
    if emptied and (parent.tagName() in ("filegroup", "legendlayer") or _is_ours(parent)):
        _take_out(parent)


def _tick(group: QDomElement) -> None:
    """Tick a result that is hidden for a while: what hides it is not saved."""
    properties = group.firstChildElement("customproperties")
    for tag, name in (("Option", "name"), ("property", "key")):
        found = properties.elementsByTagName(tag)
        for element in [found.at(i).toElement() for i in range(found.count())]:
            if element.attribute(name) == HIDDEN_PROPERTY:
                if element.attribute("value"):
                    group.setAttribute("checked", "Qt::Checked")
                element.parentNode().removeChild(element)


def _below(element: QDomElement, tag: str) -> bool:
    return not element.firstChildElement(tag).isNull()


def _is_ours(element: QDomElement) -> bool:
    """Return whether this is a group that has a property of ours; QGIS wrote them as `property` before 3.18."""
    if element.tagName() != _GROUP:
        return False
    properties = element.firstChildElement("customproperties")
    names = [*_attribute(properties, "Option", "name"), *_attribute(properties, "property", "key")]
    return any(name.startswith("sgma/") for name in names)


def _attribute(element: QDomElement, tag: str, name: str) -> List[str]:
    found = element.elementsByTagName(tag)
    return [found.at(i).toElement().attribute(name) for i in range(found.count())]


def _attributes(element: QDomElement) -> List[str]:
    found = element.attributes()
    return [found.item(i).nodeName() for i in range(found.count())]
