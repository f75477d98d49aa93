"""Parameters that say what is known on the ground, and how they are read: of training and evaluation."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Dict, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .. import resolve, wording
from ..i18n import tr
from ..model.contract.errors import SgmaError
from .definitions import optional_number, with_help
from .parameters import read_polygons

CLASS_FIELD = "CLASS_FIELD"
CLASS_MAP = "CLASS_MAP"
POINT_RADIUS = "POINT_RADIUS"
LABELLED_AREA = "LABELLED_AREA"
AREAS = "AREAS"
_ROLE = "role"  #: field of the areas

_NAMES = {
    "base": "BASE_MODEL",
    "no-resume": "RESUME=false",
    "point-radius": POINT_RADIUS,
    "area": "MASK",
    "errors": "OUTPUT_ERRORS",
}


@dataclass(frozen=True)
class Labels:
    """What is known on the ground, as a job takes it; holds no QGIS object."""

    path: str
    class_field: str
    class_map: str
    radius: Optional[float]
    labelled_area: str

    def fields(self) -> Dict[str, Any]:
        """Return the job's fields, but for the one that names the file."""
        return {
            "class_field": self.class_field,
            "class_map": self.class_map,
            "radius": self.radius,
            "labelled_area": self.labelled_area,
        }

    def kept(self, output: str) -> Labels:
        """Return the same with copies in QGIS's temporary folder kept beside the output: a training may go on there."""
        return replace(
            self,
            path=resolve.kept(self.path, output, "labels"),
            labelled_area=resolve.kept(self.labelled_area, output, "labelled-area"),
        )


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


def add_areas(algorithm: QgsProcessingAlgorithm, text: str) -> None:
    """Add the areas that labels are for. text: what they change, and what there is without them."""
    areas = QgsProcessingParameterFeatureSource(
        AREAS, tr("Areas (polygons)"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
    )
    algorithm.addParameter(with_help(areas, text))


def read_areas(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
    """Return a file with the areas and their roles, '' where none are given; main thread only. Raises SgmaError."""
    return read_polygons(algorithm, parameters, context, AREAS, _ROLE)[0]


def read_labels(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str
) -> Labels:
    """Return what the parameters mean; main thread only. Raises SgmaError."""
    layer = algorithm.parameterAsLayer(parameters, name, context)
    if layer is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    field = algorithm.parameterAsString(parameters, CLASS_FIELD, context).strip()
    path, field = resolve.labels_file(layer, field, name)
    classes = algorithm.parameterAsString(parameters, CLASS_MAP, context).strip()
    if classes and not classes.startswith("{"):
        classes = os.path.abspath(os.path.expanduser(classes))  # noqa: PTH100, PTH111  (the worker's folder is another)
    radius = None
    if parameters.get(POINT_RADIUS) is not None:
        radius = algorithm.parameterAsDouble(parameters, POINT_RADIUS, context)
    return Labels(path, field, classes, radius, read_polygons(algorithm, parameters, context, LABELLED_AREA)[0])


def in_parameters(text: str) -> str:
    """Return what the engine says with its command line's options called as parameters are: --class-map, CLASS_MAP."""
    return wording.options_called(text, lambda option: _NAMES.get(option, option.upper().replace("-", "_")))


def reworded(error: SgmaError) -> SgmaError:
    """Return an error of the engine in the words of parameters; others as they are."""
    return wording.error_in(error, in_parameters)
