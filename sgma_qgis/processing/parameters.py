"""Parameters that several algorithms share, and how they are read. Names are fixed: scripts and models rely on them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsReferencedRectangle,
)

from .. import report, resolve, service, settings
from ..guess import LayerPick
from ..i18n import tr, unit_title
from ..model.contract import option_text, store
from ..model.contract.errors import BadInput, RuntimeUnavailable, SgmaError
from ..model.contract.job import Area, Options, Source
from ..model.contract.modality import MODALITIES
from .definitions import suggest
from .options import NODATA, UNITS_OPTION, read_options

MODEL = "MODEL"
EXTENT = "EXTENT"
MASK = "MASK"


@dataclass(frozen=True)
class Inputs:
    """What prepareAlgorithm read on the main thread; holds no QGIS object. area_layer: QGIS's source text of MASK."""

    sources: Tuple[Source, ...]
    model: str
    area: Area
    area_layer: str
    options: Options
    python: str


def add_inputs(algorithm: QgsProcessingAlgorithm) -> None:
    """Add sensor slots, model and area."""
    add_layers(algorithm)
    add_model(algorithm)
    add_area(algorithm)


def add_layers(algorithm: QgsProcessingAlgorithm) -> None:
    """Add sensor slots."""
    for modality in MODALITIES:
        parameter = QgsProcessingParameterRasterLayer(
            modality.key.upper(), tr("{sensor} layer").format(sensor=modality.title), optional=True
        )
        units = ", ".join(f"{key} ({unit_title(key)})" for key in modality.units)
        parameter.setHelp(tr("Leave empty if you have none.") + " " + tr("Units it may have:") + f" {units}.")
        algorithm.addParameter(parameter)


def add_area(algorithm: QgsProcessingAlgorithm) -> None:
    """Add extent and polygons."""
    extent = QgsProcessingParameterExtent(EXTENT, tr("Extent"), optional=True)
    extent.setHelp(tr("Part to map; empty: everything that the layers cover."))
    algorithm.addParameter(extent)
    types = [QgsProcessing.SourceType.TypeVectorPolygon]
    mask = QgsProcessingParameterFeatureSource(MASK, tr("Area (polygons)"), types, optional=True)
    mask.setHelp(tr("Only pixels inside these polygons are mapped; tiles outside are not computed."))
    algorithm.addParameter(mask)


def add_model(algorithm: QgsProcessingAlgorithm, optional: bool = False, name: str = MODEL, text: str = "") -> None:
    """Add the model parameter: an id or a path, so a text; its help lists what is installed."""
    packages = store.installed()
    ids = [package.card.id for package in packages]
    parameter = QgsProcessingParameterString(
        name, text or tr("Model (id or path)"), None if optional or not ids else ids[0], optional=optional
    )
    # Help is rich text, and titles are a stranger's.
    known = "; ".join(f"{package.card.id}: {escape(package.card.title)}" for package in packages) or tr("none")
    parameter.setHelp(
        tr("Id of an installed model, or path of a model folder or .sgma file. Installed:") + f" {known}."
    )
    algorithm.addParameter(suggest(parameter, ids))


def check_inputs(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
    """Return what is wrong with the parameters as far as it shows without opening a layer, '' if nothing."""

    def text(name: str) -> str:
        return algorithm.parameterAsString(parameters, name, context)

    slots = [modality.key.upper() for modality in MODALITIES]
    if not any(_given(parameters, name) for name in slots):
        return tr("No layer was given: give at least one of {slots}.").format(slots=", ".join(slots))
    try:
        _bands(algorithm, parameters, context)
        option_text.units(text(UNITS_OPTION), UNITS_OPTION)
        option_text.nodata(text(NODATA), NODATA)
    except SgmaError as error:
        return str(error)
    return ""


def read_inputs(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> Inputs:
    """Return what the parameters mean; main thread only. Raises SgmaError."""
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


def read_sources(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Tuple[Source, ...]:
    """Return the sensor layers with their bands, units and nodata; main thread only. Raises SgmaError."""
    picks = []
    bands = _bands(algorithm, parameters, context)
    for modality in MODALITIES:
        name = modality.key.upper()
        layer = algorithm.parameterAsRasterLayer(parameters, name, context)
        if layer is None and _given(parameters, name):
            raise QgsProcessingException(algorithm.invalidRasterError(parameters, name))
        if layer is not None:
            picks.append(LayerPick(layer, modality.key, bands[modality.key]))
    texts = {name: algorithm.parameterAsString(parameters, name, context) for name in (UNITS_OPTION, NODATA)}
    return resolve.sources(
        picks,
        option_text.units(texts[UNITS_OPTION], UNITS_OPTION),
        option_text.nodata(texts[NODATA], NODATA),
    )


def model_name(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str = MODEL
) -> str:
    """Return the model of a parameter, a path absolute: the worker has another working folder."""
    model = algorithm.parameterAsString(parameters, name, context).strip()
    return os.path.abspath(os.path.expanduser(model)) if store.is_path(model) else model  # noqa: PTH100, PTH111


def check_model_folder(folder: Path, name: str) -> None:
    """Raise BadInput for a folder of something else: a model is not written among a person's files. name: parameter."""
    if folder.is_file():
        raise BadInput(f"{name} {folder} is a file.", "Name a folder for the new model.")
    if folder.is_dir() and not (folder / store.CARD_FILE).exists() and any(folder.iterdir()):
        raise BadInput(f"{name} {folder} holds other files and no model.", "Name a new folder for the model.")


def runtime_state() -> Tuple[bool, str]:
    """Return whether a runtime is there, and if not, the sentence that says what to do: an answer for canExecute."""
    try:
        service.check_runtime(settings.load().runtime_python)
    except RuntimeUnavailable as error:
        return False, str(error)
    return True, ""


def crs_name(text: str) -> str:
    """Return 'EPSG:32616' for that CRS as code or WKT."""
    crs = QgsCoordinateReferenceSystem()
    crs.createFromUserInput(text)
    return crs.authid() or crs.description() or text[:60]


def raise_error(error: SgmaError, feedback: QgsProcessingFeedback) -> None:
    """Turn one of our errors into Processing's, so that scripts see failure and people at most three lines."""
    if report.detail(error):
        feedback.pushDebugInfo(report.detail(error))
    raise QgsProcessingException("\n".join(report.lines(error))) from error


def _given(parameters: Dict[str, Any], name: str) -> bool:
    return parameters.get(name) not in (None, "")


def _bands(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Dict[str, Tuple[int, ...]]:
    """Return the bands named for each sensor. Raises BadInput, also for those of a layer that is not there."""
    given = [modality.key for modality in MODALITIES if _given(parameters, modality.key.upper())]
    found = {}
    for modality in MODALITIES:
        name = f"{modality.key.upper()}_BANDS"
        found[modality.key] = option_text.bands(algorithm.parameterAsString(parameters, name, context), name)
        option_text.check_keys(name, [modality.key] if found[modality.key] else [], given)
    return found


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


def read_polygons(
    algorithm: QgsProcessingAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    name: str,
    field: str = "",
) -> Tuple[str, str]:
    """Return a file with a parameter's polygons, and what QGIS calls their source; both '' where nothing is given.

    field: that the file has to have. Main thread only. Raises SgmaError.
    """
    if not _given(parameters, name):
        return "", ""
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    value, selected_only = parameters[name], False
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value, selected_only = value.source.value(context.expressionContext())[0], value.selectedFeaturesOnly
    layer = algorithm.parameterAsVectorLayer({name: value}, name, context)
    return resolve.polygons_file(layer, source, selected_only, field), layer.source() if layer is not None else ""
