"""Parameters that say what is known on the ground: of training and evaluation."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..i18n import tr
from .definitions import optional_number, with_help

CLASS_FIELD = "CLASS_FIELD"
CLASS_MAP = "CLASS_MAP"
POINT_RADIUS = "POINT_RADIUS"
LABELLED_AREA = "LABELLED_AREA"
AREAS = "AREAS"
ROLE = "role"  #: field of the areas


def add_labels(algorithm: QgsProcessingAlgorithm, name: str, text: str, targets: str) -> None:
    """Add the labels and what they mean. targets: what a class map may name, in words."""
    polygons = QgsProcessing.SourceType.TypeVectorPolygon
    kinds = [polygons, QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeRaster]
    rows = (
        (
            QgsProcessingParameterMapLayer(name, text, types=kinds),
            tr("Polygons, points or a raster of class numbers, in any CRS. What has no label is unknown."),
        ),
        (
            QgsProcessingParameterField(CLASS_FIELD, tr("Field of the class"), None, name, optional=True),
            tr("Of polygons and points; empty where there is one field alone."),
        ),
        (
            QgsProcessingParameterString(CLASS_MAP, tr("Meaning of the labels (JSON)"), optional=True),
            tr("A file or a text, as in") + ' {"12": 1, "oak": "tree", "?": "ignore"}; ' + targets,
        ),
        (
            optional_number(POINT_RADIUS, tr("Radius of points (metres)"), QgsProcessingParameterNumber.Type.Double, 0),
            tr("So much ground around a point has its class; 0: its pixel. Needed for points."),
        ),
        (
            QgsProcessingParameterFeatureSource(
                LABELLED_AREA, tr("Labelled area (polygons)"), [polygons], optional=True
            ),
            tr("Everything in it is labelled: the rest of it is of the class 'background'."),
        ),
    )
    for parameter, words in rows:
        algorithm.addParameter(with_help(parameter, words))


def training_targets() -> str:
    """Return what the class map of a training may name, in words."""
    return tr(
        'each means a class of the model, by id or name, "new:NAME", "new:NAME #rrggbb" with its colour, or "ignore". '
        "Empty: by name."
    )


def add_areas(algorithm: QgsProcessingAlgorithm, text: str) -> None:
    """Add the areas that labels are for. text: what they change, and what there is without them."""
    areas = QgsProcessingParameterFeatureSource(
        AREAS, tr("Areas (polygons)"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
    )
    algorithm.addParameter(with_help(areas, text))
