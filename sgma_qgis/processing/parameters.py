"""Parameters that several algorithms share, and how they are read. Names are fixed: scripts and models rely on them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from typing import Any, Dict, Optional, Sequence, Tuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsRectangle,
    QgsReferencedRectangle,
)

from .. import report, resolve, service, settings
from ..guess import LayerPick
from ..i18n import tr
from ..model.contract import option_text, store
from ..model.contract.errors import RuntimeUnavailable, SgmaError
from ..model.contract.job import DEVICES, PRECISIONS, Area, Options, Source
from ..model.contract.modality import MODALITIES, UNITS

MODEL = "MODEL"
EXTENT = "EXTENT"
MASK = "MASK"
TARGET_CRS = "TARGET_CRS"
RESOLUTION = "RESOLUTION"
UNITS_OPTION = "UNITS"
NODATA = "NODATA"
TILE = "TILE"
OVERLAP = "OVERLAP"
BATCH = "BATCH"
DEVICE = "DEVICE"
PRECISION = "PRECISION"
THREADS = "THREADS"
RESUME = "RESUME"
MIN_AREA = "MIN_AREA"
SIMPLIFY = "SIMPLIFY"

_Number = QgsProcessingParameterNumber


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
        units = ", ".join(f"{key} ({UNITS[key].title})" for key in modality.units)
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
    algorithm.addParameter(_suggest(parameter, ids))


def add_options(algorithm: QgsProcessingAlgorithm, run: bool) -> None:
    """Add the options that change how layers are read and, for a run, how it computes; all but two are advanced."""
    algorithm.addParameter(
        with_help(
            QgsProcessingParameterCrs(TARGET_CRS, tr("Output CRS"), optional=True),
            tr("Empty: that of the finest layer, or its UTM zone when that is not in metres."),
        )
    )
    algorithm.addParameter(
        with_help(
            optional_number(RESOLUTION, tr("Resolution (ground metres)"), _Number.Type.Double, 0.001),
            tr("Empty: that of the finest layer, within what the model was made for."),
        )
    )
    for modality in MODALITIES:
        name = f"{modality.key.upper()}_BANDS"
        text = tr("{sensor} bands").format(sensor=modality.title)
        example = ",".join(str(i + 1) for i in reversed(range(len(modality.bands))))
        parameter = QgsProcessingParameterString(name, text, optional=True)
        wanted = ", ".join(modality.bands)
        add_advanced(
            algorithm, parameter, tr("Band numbers in the order") + f" {wanted}, {tr('as in')} {example}; "
            + tr("empty: by the bands' own names, else the first ones."),
        )  # fmt: skip
    add_advanced(
        algorithm,
        QgsProcessingParameterString(UNITS_OPTION, tr("Units"), optional=True),
        tr("As in rgb=dn16,dsm=ndsm; empty: guessed, and told in the log."),
    )
    add_advanced(
        algorithm,
        QgsProcessingParameterString(NODATA, tr("No-data values"), optional=True),
        tr("As in rgb=0,dsm=-9999; empty: what the files say."),
    )
    if run:
        add_run_options(algorithm)


def add_run_options(algorithm: QgsProcessingAlgorithm, names: Sequence[str] = ()) -> None:
    """Add the options of how a run computes and makes polygons, or those of these names alone; all are advanced."""
    whole, decimal = _Number.Type.Integer, _Number.Type.Double
    rows = (
        (optional_number(TILE, tr("Tile size (pixels)"), whole, 64, 4096), tr("A multiple of 32; empty: the model's.")),
        (
            optional_number(OVERLAP, tr("Tile overlap (percent)"), decimal, 0, 50),
            tr("Empty: what the engine finds enough."),
        ),
        (optional_number(BATCH, tr("Tiles at a time"), whole, 1, 256), tr("Empty: what fits the device.")),
        (
            _suggest(QgsProcessingParameterString(DEVICE, tr("Device"), DEVICES[0]), DEVICES),
            tr("auto: a GPU if there is one, else the processor; cuda:1 is the second of several GPUs."),
        ),
        (
            QgsProcessingParameterEnum(
                PRECISION, tr("Precision"), list(PRECISIONS), defaultValue=PRECISIONS[0], usesStaticStrings=True
            ),
            tr("auto: bf16 where the device is made for it."),
        ),
        (optional_number(THREADS, tr("Processor threads"), whole, 1, 1024), tr("Empty: all.")),
        (
            QgsProcessingParameterBoolean(RESUME, tr("Continue an interrupted run"), True),
            tr("A run with the same inputs and output goes on where the last one stopped."),
        ),
        (
            optional_number(MIN_AREA, tr("Smallest polygon (square metres)"), decimal, 0.001),
            tr("Smaller ones take the class of their longest border; the raster stays as it is.")
            + " "
            + tr("Empty: all stay."),
        ),
        (
            optional_number(SIMPLIFY, tr("Simplify polygons (metres)"), decimal, 0.001),
            tr("Leaves out corners of less than this squared; neighbours keep their border in common.")
            + " "
            + tr("Empty: outlines of pixels."),
        ),
    )
    for parameter, text in rows:
        if not names or parameter.name() in names:
            add_advanced(algorithm, parameter, text)


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


def optional_number(name: str, text: str, kind: Any, least: float, most: Optional[float] = None) -> _Number:
    """Return a number parameter that may be left empty."""
    limits = {"minValue": least} if most is None else {"minValue": least, "maxValue": most}
    return _Number(name, text, kind, None, True, **limits)


def _suggest(parameter: QgsProcessingParameterString, values: Sequence[str]) -> QgsProcessingParameterString:
    # By name: the widget's module belongs to screens, and is imported by them alone.
    widget = f"{__package__}.suggestions.SuggestionsWidget"
    parameter.setMetadata({"widget_wrapper": {"class": widget, "values": list(values)}})
    return parameter


def with_help(parameter: QgsProcessingParameterDefinition, text: str) -> QgsProcessingParameterDefinition:
    """Return the parameter with its help set."""
    parameter.setHelp(text)
    return parameter


def add_advanced(algorithm: QgsProcessingAlgorithm, parameter: QgsProcessingParameterDefinition, text: str) -> None:
    """Add a parameter among the advanced ones, with its help."""
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    algorithm.addParameter(with_help(parameter, text))
