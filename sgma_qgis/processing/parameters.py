"""Parameters that several algorithms share, and how they are read. Names are fixed: scripts and models rely on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

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
)
from qgis.PyQt.QtCore import QCoreApplication

from .. import report, resolve, service, settings
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

_Number = QgsProcessingParameterNumber


@dataclass(frozen=True)
class Inputs:
    """What prepareAlgorithm read on the main thread; holds no QGIS object."""

    sources: Tuple[Source, ...]
    model: str
    area: Area
    options: Options
    python: str


def tr(text: str) -> str:
    """Translate a string of the algorithms."""
    return QCoreApplication.translate("SGMA", text)


def add_inputs(algorithm: QgsProcessingAlgorithm) -> None:
    """Add sensor slots, model and area."""
    for modality in MODALITIES:
        parameter = QgsProcessingParameterRasterLayer(
            modality.key.upper(), tr("{sensor} layer").format(sensor=modality.title), optional=True
        )
        units = ", ".join(f"{key} ({UNITS[key].title})" for key in modality.units)
        parameter.setHelp(tr("Leave empty if you have none.") + " " + tr("Units it may have:") + f" {units}.")
        algorithm.addParameter(parameter)
    add_model(algorithm)
    extent = QgsProcessingParameterExtent(EXTENT, tr("Extent"), optional=True)
    extent.setHelp(tr("Part to map; empty: everything that the layers cover."))
    algorithm.addParameter(extent)
    types = [QgsProcessing.SourceType.TypeVectorPolygon]
    mask = QgsProcessingParameterFeatureSource(MASK, tr("Area (polygons)"), types, optional=True)
    mask.setHelp(tr("Only pixels inside these polygons are mapped; tiles outside are not computed."))
    algorithm.addParameter(mask)


def add_model(algorithm: QgsProcessingAlgorithm, optional: bool = False) -> None:
    """Add the model parameter: an id or a path, so a text; its help lists what is installed."""
    packages = store.installed()
    ids = [package.card.id for package in packages]
    parameter = QgsProcessingParameterString(
        MODEL, tr("Model (id or path)"), None if optional or not ids else ids[0], optional=optional
    )
    known = "; ".join(f"{package.card.id}: {package.card.title}" for package in packages) or tr("none")
    parameter.setHelp(
        tr("Id of an installed model, or path of a model folder or .sgma file. Installed:") + f" {known}."
    )
    # By name: the widget's module belongs to screens, and is imported by them alone.
    widget = f"{__package__}.modelwidget.ModelWidget"
    parameter.setMetadata({"widget_wrapper": {"class": widget, "ids": ids}})
    algorithm.addParameter(parameter)


def add_options(algorithm: QgsProcessingAlgorithm, run: bool) -> None:
    """Add the options that change how layers are read and, for a run, how it computes; all but two are advanced."""
    algorithm.addParameter(
        _help(
            QgsProcessingParameterCrs(TARGET_CRS, tr("Output CRS"), optional=True),
            tr("Empty: that of the finest layer, or its UTM zone when that is not in metres."),
        )
    )
    algorithm.addParameter(
        _help(
            _number(RESOLUTION, tr("Resolution (ground metres)"), _Number.Type.Double, 0.001),
            tr("Empty: that of the finest layer, within what the model was made for."),
        )
    )
    for modality in MODALITIES:
        name = f"{modality.key.upper()}_BANDS"
        text = tr("{sensor} bands").format(sensor=modality.title)
        example = ",".join(str(i + 1) for i in reversed(range(len(modality.bands))))
        parameter = QgsProcessingParameterString(name, text, optional=True)
        wanted = ", ".join(modality.bands)
        _advanced(
            algorithm, parameter, tr("Band numbers in the order") + f" {wanted}, {tr('as in')} {example}; "
            + tr("empty: by the bands' own names, else the first ones."),
        )  # fmt: skip
    _advanced(
        algorithm,
        QgsProcessingParameterString(UNITS_OPTION, tr("Units"), optional=True),
        tr("As in rgb=dn16,dsm=ndsm; empty: guessed, and told in the log."),
    )
    _advanced(
        algorithm,
        QgsProcessingParameterString(NODATA, tr("No-data values"), optional=True),
        tr("As in rgb=0,dsm=-9999; empty: what the files say."),
    )
    if run:
        _add_run_options(algorithm)


def _add_run_options(algorithm: QgsProcessingAlgorithm) -> None:
    whole, decimal = _Number.Type.Integer, _Number.Type.Double
    rows = (
        (_number(TILE, tr("Tile size (pixels)"), whole, 64, 4096), tr("A multiple of 32; empty: the model's.")),
        (_number(OVERLAP, tr("Tile overlap (percent)"), decimal, 0, 50), tr("Empty: what the engine finds enough.")),
        (_number(BATCH, tr("Tiles at a time"), whole, 1, 256), tr("Empty: what fits the device.")),
        (_choice(DEVICE, tr("Device"), DEVICES), tr("auto: a GPU if there is one, else the processor.")),
        (_choice(PRECISION, tr("Precision"), PRECISIONS), tr("auto: bf16 where the device is made for it.")),
        (_number(THREADS, tr("Processor threads"), whole, 1, 1024), tr("Empty: all.")),
        (
            QgsProcessingParameterBoolean(RESUME, tr("Continue an interrupted run"), True),
            tr("A run with the same inputs and output goes on where the last one stopped."),
        ),
    )
    for parameter, text in rows:
        _advanced(algorithm, parameter, text)


def check_inputs(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
    """Return what is wrong with the parameters as far as it shows without opening a layer, '' if nothing."""

    def text(name: str) -> str:
        return algorithm.parameterAsString(parameters, name, context)

    slots = [modality.key.upper() for modality in MODALITIES]
    if all(parameters.get(name) in (None, "") for name in slots):
        return tr("No layer was given: give at least one of {slots}.").format(slots=", ".join(slots))
    try:
        for name in slots:
            option_text.bands(text(f"{name}_BANDS"), f"{name}_BANDS")
        option_text.units(text(UNITS_OPTION), UNITS_OPTION)
        option_text.nodata(text(NODATA), NODATA)
    except SgmaError as error:
        return str(error)
    return ""


def read_inputs(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> Inputs:
    """Return what the parameters mean; main thread only. Raises SgmaError."""
    picks = []
    for modality in MODALITIES:
        name = modality.key.upper()
        layer = algorithm.parameterAsRasterLayer(parameters, name, context)
        chosen = option_text.bands(algorithm.parameterAsString(parameters, f"{name}_BANDS", context), f"{name}_BANDS")
        if layer is None and parameters.get(name) not in (None, ""):
            raise QgsProcessingException(algorithm.invalidRasterError(parameters, name))
        if layer is not None:
            picks.append(resolve.LayerPick(layer, modality.key, chosen))
    texts = {name: algorithm.parameterAsString(parameters, name, context) for name in (UNITS_OPTION, NODATA)}
    return Inputs(
        resolve.sources(
            picks,
            option_text.units(texts[UNITS_OPTION], UNITS_OPTION),
            option_text.nodata(texts[NODATA], NODATA),
        ),
        algorithm.parameterAsString(parameters, MODEL, context),
        _area(algorithm, parameters, context),
        _options(algorithm, parameters, context),
        settings.load().runtime_python,
    )


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


def _area(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> Area:
    rectangle = algorithm.parameterAsExtent(parameters, EXTENT, context)
    extent, extent_crs = None, ""
    if not rectangle.isNull():
        extent = (rectangle.xMinimum(), rectangle.yMinimum(), rectangle.xMaximum(), rectangle.yMaximum())
        extent_crs = resolve.crs_text(algorithm.parameterAsExtentCrs(parameters, EXTENT, context))
    value = parameters.get(MASK)
    if value in (None, ""):
        return Area("", extent, extent_crs)
    source = algorithm.parameterAsSource(parameters, MASK, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, MASK))
    picked = isinstance(value, QgsProcessingFeatureSourceDefinition)
    layer = None if picked else algorithm.parameterAsVectorLayer(parameters, MASK, context)
    selected_only = picked and value.selectedFeaturesOnly
    return Area(resolve.polygons_file(layer, source, selected_only), extent, extent_crs)


def _options(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> Options:
    def number(name: str, whole: bool) -> Optional[Any]:
        if algorithm.parameterDefinition(name) is None or parameters.get(name) is None:
            return None
        read = algorithm.parameterAsInt if whole else algorithm.parameterAsDouble
        return read(parameters, name, context)

    def choice(name: str) -> str:
        known = algorithm.parameterDefinition(name) is not None
        return algorithm.parameterAsEnumString(parameters, name, context) if known else "auto"

    crs = algorithm.parameterAsCrs(parameters, TARGET_CRS, context)
    resume = algorithm.parameterDefinition(RESUME)
    return Options(
        crs=resolve.crs_text(crs),
        resolution=number(RESOLUTION, whole=False),
        tile=number(TILE, whole=True),
        overlap=number(OVERLAP, whole=False),
        batch=number(BATCH, whole=True),
        device=choice(DEVICE),
        precision=choice(PRECISION),
        threads=number(THREADS, whole=True),
        resume=resume is None or algorithm.parameterAsBool(parameters, RESUME, context),
    )


def _number(name: str, text: str, kind: Any, least: float, most: Optional[float] = None) -> _Number:
    limits = {"minValue": least} if most is None else {"minValue": least, "maxValue": most}
    return _Number(name, text, kind, None, True, **limits)


def _choice(name: str, text: str, options: Tuple[str, ...]) -> QgsProcessingParameterEnum:
    values: List[str] = list(options)
    return QgsProcessingParameterEnum(name, text, values, defaultValue=values[0], usesStaticStrings=True)


def _help(parameter: QgsProcessingParameterDefinition, text: str) -> QgsProcessingParameterDefinition:
    parameter.setHelp(text)
    return parameter


def _advanced(algorithm: QgsProcessingAlgorithm, parameter: QgsProcessingParameterDefinition, text: str) -> None:
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    algorithm.addParameter(_help(parameter, text))
