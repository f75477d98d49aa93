"""What parameters mean: layers as files, options, labels. Main thread only: layers belong to it.

Modules of algorithms import it in the function that needs it: QGIS makes every algorithm when it starts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsRectangle,
    QgsReferencedRectangle,
)

from .. import resolve, settings
from ..guess import LayerPick
from ..model.contract import option_text
from ..model.contract.choices import DEVICES, PRECISIONS
from ..model.contract.job import Area, Options, Source
from ..model.contract.modality import MODALITIES
from .labels import AREAS, CLASS_FIELD, CLASS_MAP, LABELLED_AREA, POINT_RADIUS, ROLE
from .options import (
    BATCH,
    DEVICE,
    MIN_AREA,
    NODATA,
    OVERLAP,
    PRECISION,
    RESOLUTION,
    RESUME,
    SIMPLIFY,
    TARGET_CRS,
    THREADS,
    TILE,
    UNITS_OPTION,
)
from .parameters import EXTENT, MASK, is_given, model_name, read_bands


@dataclass(frozen=True)
class Inputs:
    """What sensor layers, model and area mean; holds no QGIS object. area_layer: QGIS's source text of MASK."""

    sources: Tuple[Source, ...]
    model: str
    area: Area
    area_layer: str
    options: Options
    python: str


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


@dataclass(frozen=True)
class Scene:
    """What layers, labels and areas of a training or an export mean; holds no QGIS object."""

    sources: Tuple[Source, ...]
    labels: Labels
    areas: str
    options: Options
    python: str


def read_inputs(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> Inputs:
    """Return what the parameters mean. Raises SgmaError."""
    sources = read_sources(algorithm, parameters, context)
    options = read_options(algorithm, parameters, context)
    extent, extent_crs = _extent(algorithm, parameters, context, options.crs)
    polygons, area_layer = read_polygons(algorithm, parameters, context, MASK)
    return Inputs(
        sources,
        model_name(algorithm, parameters, context),
        Area(polygons, extent, extent_crs),
        area_layer,
        options,
        settings.load().runtime_python,
    )


def read_scene(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, labels: str
) -> Scene:
    """Return what the parameters mean; labels: name of theirs. Raises SgmaError."""
    return Scene(
        read_sources(algorithm, parameters, context),
        read_labels(algorithm, parameters, context, labels),
        read_areas(algorithm, parameters, context),
        read_options(algorithm, parameters, context),
        settings.load().runtime_python,
    )


def read_sources(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Tuple[Source, ...]:
    """Return the sensor layers with their bands, units and nodata. Raises SgmaError."""
    picks = []
    bands = read_bands(algorithm, parameters, context)
    for modality in MODALITIES:
        name = modality.key.upper()
        layer = algorithm.parameterAsRasterLayer(parameters, name, context)
        if layer is None and is_given(parameters, name):
            raise QgsProcessingException(algorithm.invalidRasterError(parameters, name))
        if layer is not None:
            picks.append(LayerPick(layer, modality.key, bands[modality.key]))
    texts = {name: algorithm.parameterAsString(parameters, name, context) for name in (UNITS_OPTION, NODATA)}
    return resolve.sources(
        picks,
        option_text.units(texts[UNITS_OPTION], UNITS_OPTION),
        option_text.nodata(texts[NODATA], NODATA),
    )


def read_polygons(
    algorithm: QgsProcessingAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    name: str,
    field: str = "",
) -> Tuple[str, str]:
    """Return a file with a parameter's polygons, and what QGIS calls their source; both '' where nothing is given.

    field: that the file has to have. Raises SgmaError.
    """
    if not is_given(parameters, name):
        return "", ""
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    value, selected_only = parameters[name], False
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value, selected_only = value.source.value(context.expressionContext())[0], value.selectedFeaturesOnly
    layer = algorithm.parameterAsVectorLayer({name: value}, name, context)
    return resolve.polygons_file(layer, source, selected_only, field), layer.source() if layer is not None else ""


def read_options(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Options:
    """Return the options that the algorithm has; the others are left to the engine."""

    def has(name: str) -> bool:
        return algorithm.parameterDefinition(name) is not None

    def number(name: str, whole: bool) -> Optional[Any]:
        if not has(name) or parameters.get(name) is None:
            return None
        read = algorithm.parameterAsInt if whole else algorithm.parameterAsDouble
        return read(parameters, name, context)

    crs = algorithm.parameterAsCrs(parameters, TARGET_CRS, context)
    return Options(
        crs=resolve.crs_text(crs),
        resolution=number(RESOLUTION, whole=False),
        tile=number(TILE, whole=True),
        overlap=number(OVERLAP, whole=False),
        batch=number(BATCH, whole=True),
        device=(has(DEVICE) and algorithm.parameterAsString(parameters, DEVICE, context).strip()) or DEVICES[0],
        precision=algorithm.parameterAsEnumString(parameters, PRECISION, context) if has(PRECISION) else PRECISIONS[0],
        threads=number(THREADS, whole=True),
        resume=not has(RESUME) or algorithm.parameterAsBool(parameters, RESUME, context),
        min_area=number(MIN_AREA, whole=False),
        simplify=number(SIMPLIFY, whole=False),
    )


def read_areas(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
    """Return a file with the areas and their roles, '' where none are given. Raises SgmaError."""
    return read_polygons(algorithm, parameters, context, AREAS, ROLE)[0]


def read_labels(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str
) -> Labels:
    """Return what the parameters mean. Raises SgmaError."""
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


def _extent(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, target_crs: str
) -> Tuple[Optional[Tuple[float, float, float, float]], str]:
    """Return the extent and its CRS; one without a CRS is in the target's or, as '', the finest layer's."""
    rectangle = algorithm.parameterAsExtent(parameters, EXTENT, context)
    if rectangle.isNull():
        return None, ""
    # Of one without QGIS would say the project's, which a run from a script or the command line does not have.
    bare = _has_no_crs(parameters.get(EXTENT))
    crs = target_crs if bare else resolve.crs_text(algorithm.parameterAsExtentCrs(parameters, EXTENT, context))
    return (rectangle.xMinimum(), rectangle.yMinimum(), rectangle.xMaximum(), rectangle.yMaximum()), crs


def _has_no_crs(extent: Any) -> bool:
    if isinstance(extent, QgsReferencedRectangle):
        return not extent.crs().isValid()
    if isinstance(extent, str):
        numbers = extent.replace("[]", "").split(",")
        try:
            return len([float(number) for number in numbers]) == 4
        except ValueError:  # with a CRS, or a layer's name
            return False
    return isinstance(extent, QgsRectangle)
