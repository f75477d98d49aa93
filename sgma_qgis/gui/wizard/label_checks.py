"""What is wrong or odd about labels, one sentence each, before a training finds out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsMapLayer,
    QgsRasterLayer,
    QgsSpatialIndex,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...i18n import tr
from ...model.contract.card import ClassInfo
from ..badge import DOUBT, NEUTRAL, Badge
from ..texts import grouped
from . import label_values, meanings
from .label_values import NULL, Found, Label, metres
from .state import IGNORE

FEW = 5  # objects of a class
_COMPARED = 5_000  # features that are compared with each other
_PAIRS = 20_000
_OVERLAP = 0.01  # of the labelled ground, as the engine: more is told
_TOLD = 6  # classes that a sentence names


@dataclass(frozen=True)
class Faults:
    """What shapes suffer from, whatever their values mean. empty, broken, narrow: counts; narrow: less than `pixel`, m.

    shared: m2 that polygons share, by pair of values; None = there are too many to compare.
    """

    empty: int = 0
    broken: int = 0
    narrow: int = 0
    pixel: float = 1.0
    shared: Optional[Dict[Tuple[str, str], float]] = field(default_factory=dict)


def faults_of(layer: QgsMapLayer, found: Found, pixel: float) -> Faults:
    """Look at the shapes; takes seconds for thousands of them. pixel: ground metres."""
    if not isinstance(layer, QgsVectorLayer):
        return Faults()
    empty = sum(label.shape.isNull() or label.shape.isEmpty() for label in found.labels)
    if layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        return Faults(empty)
    broken = sum(not label.shape.isNull() and not label.shape.isGeosValid() for label in found.labels)
    measure, narrow = metres(layer), 0
    for label in found.labels:
        around = 0.0 if label.shape.isNull() else measure.measurePerimeter(label.shape)
        narrow += around > 0 and 2 * label.area / around < pixel
    return Faults(empty, broken, narrow, pixel, _shared(layer, found.labels))


def of_layer(layer: Optional[QgsMapLayer], name: str, radius: Optional[float]) -> str:
    """Return why a layer cannot be read as labels with the class in field `name`, '' when it can."""
    if layer is None:
        return tr("Choose the layer with your labels, or create one.")
    if not layer.isValid():
        return tr("Layer {layer} is not valid: repair its source.").format(layer=layer.name())
    if not layer.crs().isValid():
        return tr("Layer {layer} has no CRS: set the one it was made in (Layer > Set CRS of Layer).").format(
            layer=layer.name()
        )
    if isinstance(layer, QgsRasterLayer):
        return ""
    if layer.featureCount() == 0:
        return tr("Layer {layer} holds no feature: draw some, then come back.").format(layer=layer.name())
    if not name:
        return tr("Choose the field of {layer} that holds the class.").format(layer=layer.name())
    if layer.fields().indexOf(name) < 0:
        return tr("Layer {layer} has no field {field}: choose the one that holds the class.").format(
            layer=layer.name(), field=name
        )
    if layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry and radius is None:
        return tr("Points need a radius: so many metres around each have its class; 0 is its pixel alone.")
    return ""


def of_content(found: Found, targets: Dict[str, str], classes: Sequence[ClassInfo], background: bool) -> str:
    """Return why nothing can be learned from these values, '' when something can."""
    if not found.whole_numbers:
        return tr("This raster does not hold whole numbers: labels are numbers of classes.")
    if set(found.values) <= {NULL}:
        return tr("No feature has a class in this field: fill it in, or choose another field.")
    if any(not target or target == "new:" for target in targets.values()):
        return tr("A new class has no name.")
    again = meanings.named_again(targets, classes)
    if again:
        return tr("{name} is a class of the model already: choose it as the meaning, or give another name.").format(
            name=again
        )
    named = meanings.titles(targets, classes)
    if not named:
        return tr("All values are ignored: say of two of them at least which class they are.")
    if len(named) == 1 and not background:
        return tr(
            "All labels are of one class, {name}: label something else, too, or choose a labelled area; the rest of it "
            "is then a class."
        ).format(name=named[0])
    return ""


def outside(layer: QgsMapLayer, found: Found, rasters: Sequence[QgsRasterLayer]) -> Tuple[str, str]:
    """Return why labels cannot be used since they lie outside of the layers, and a warning where only some do."""
    frames = label_values.frames(layer, rasters)
    if not frames:
        return "", ""
    if isinstance(layer, QgsRasterLayer):
        apart = not any(frame.intersects(layer.extent()) for frame in frames)
        return (_apart(layer) if apart else ""), ""
    shapes = [label.shape for label in found.labels if not label.shape.isNull()]
    away = sum(not any(frame.intersects(shape.boundingBox()) for frame in frames) for shape in shapes)
    if away == len(shapes) and (shapes or found.more):  # of a large layer only what is near was looked at
        return _apart(layer), ""
    if away:
        return "", tr("Features outside of the layers: {count} of {total}; nothing is learned from them.").format(
            count=away, total=len(shapes)
        )
    return "", ""


def odd(
    layer: QgsMapLayer, found: Found, faults: Faults, targets: Dict[str, str], classes: Sequence[ClassInfo],
    crs: QgsCoordinateReferenceSystem,
) -> List[Badge]:  # fmt: skip
    """Return what a person should know of labels that can be used. crs: of the layers."""
    notes: List[Badge] = []
    if crs.isValid() and layer.crs() != crs:
        text = tr("The labels are in {own}, the layers in {other}: they are reprojected where they are read.")
        notes.append(Badge(NEUTRAL, text.format(own=_name(layer.crs()), other=_name(crs))))
    if found.more:
        text = tr("So many features that only {count} near the layers were looked at; counts and areas are theirs.")
        notes.append(Badge(NEUTRAL, text.format(count=len(found.labels))))
    if NULL in found.values:
        text = tr("Features without a class: {count}; they are ignored, unless you say what they are.")
        notes.append(Badge(DOUBT, text.format(count=found.values[NULL].count)))
    if isinstance(layer, QgsVectorLayer):
        notes += _odd_shapes(faults)
        notes += _few(found, targets, classes)
        notes += _overlaps(found, faults, targets, classes)
    return notes


def _odd_shapes(faults: Faults) -> List[Badge]:
    notes = []
    if faults.empty:
        text = tr("Features without geometry: {count}; they are left out.")
        notes.append(Badge(DOUBT, text.format(count=faults.empty)))
    if faults.broken:
        text = tr("Invalid polygons, such as cross themselves: {count}; they are repaired where they are read.")
        notes.append(Badge(DOUBT, text.format(count=faults.broken)))
    if faults.narrow:
        text = tr("Slivers, narrower than a pixel ({pixel:.2g} m): {count} polygons; few pixels learn from them.")
        notes.append(Badge(DOUBT, text.format(count=faults.narrow, pixel=faults.pixel)))
    return notes


def _few(found: Found, targets: Dict[str, str], classes: Sequence[ClassInfo]) -> List[Badge]:
    counts: Counter = Counter()
    for value in found.values.values():
        target = targets.get(value.key, IGNORE)
        if target != IGNORE:
            counts[meanings.title(target, classes)] += value.count
    if len(counts) >= FEW and set(counts.values()) == {1}:
        return [Badge(DOUBT, tr("Each object has a class of its own: is this the right field?"))]
    few = [f"{name} ({count})" for name, count in counts.items() if count < FEW]
    if not few:
        return []
    text = tr("Fewer than {few} objects of: {names}. Label more of them, in different places.")
    names = ", ".join(few[:_TOLD]) + (" …" if len(few) > _TOLD else "")
    return [Badge(DOUBT, text.format(few=FEW, names=names))]


def _overlaps(found: Found, faults: Faults, targets: Dict[str, str], classes: Sequence[ClassInfo]) -> List[Badge]:
    """Tell where polygons of different classes share more ground than slips of the hand explain."""
    if faults.shared is None:
        return [Badge(NEUTRAL, tr("There are too many polygons to look for overlaps."))]
    between: Counter = Counter()
    for pair, area in faults.shared.items():
        one, other = sorted(targets.get(key, IGNORE) for key in pair)
        if one != other and IGNORE not in (one, other):
            between[one, other] += area
    shared = sum(between.values())
    used = sum(label.area for label in found.labels if targets.get(label.key, IGNORE) != IGNORE)
    if shared <= _OVERLAP * used:
        return []
    names = " / ".join(meanings.title(target, classes) for target in between.most_common(1)[0][0])
    text = tr("Polygons of different classes overlap by {area} m², most of {names}: the later ones count there.")
    return [Badge(DOUBT, text.format(area=grouped(shared), names=names))]


def _shared(layer: QgsVectorLayer, labels: Sequence[Label]) -> Optional[Dict[Tuple[str, str], float]]:
    """Return the m2 that polygons share, by pair of values; None = there are too many to compare."""
    drawn = [label for label in labels if not label.shape.isNull()]
    if len(drawn) > _COMPARED:
        return None
    index, measure = QgsSpatialIndex(), metres(layer)
    pairs, between = 0, Counter()
    for number, label in enumerate(drawn):
        shape = label.shape if label.shape.isGeosValid() else label.shape.makeValid()
        for other in index.intersects(shape.boundingBox()):
            if drawn[other].key == label.key or pairs > _PAIRS:
                continue
            pairs += 1
            common = shape.intersection(drawn[other].shape)
            if not common.isEmpty():
                between[label.key, drawn[other].key] += measure.measureArea(common)
        feature = QgsFeature(number)
        feature.setGeometry(QgsGeometry(shape))
        index.addFeature(feature)
    return between


def _apart(layer: QgsMapLayer) -> str:
    text = tr("Layer {layer} lies outside of the layers to learn from: check the CRS and place of both.")
    return text.format(layer=layer.name())


def _name(crs: QgsCoordinateReferenceSystem) -> str:
    return crs.authid() or crs.description()
