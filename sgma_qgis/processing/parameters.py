"""Parameters that several algorithms share. Names are fixed: scripts and models rely on them.

QGIS makes every algorithm when it starts, and most are never used: what reads them is in `reading`, what runs them in
`running` and `mapping`, imported by the functions that need it.
"""

from __future__ import annotations

import os
from html import escape
from typing import Any, Dict, Tuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import settings
from ..i18n import tr, unit_title
from ..model.contract import option_text, store
from ..model.contract.errors import RuntimeUnavailable, SgmaError
from ..model.contract.modality import MODALITIES
from .definitions import suggest
from .options import NODATA, UNITS_OPTION

MODEL = "MODEL"
EXTENT = "EXTENT"
MASK = "MASK"


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
    if not any(is_given(parameters, name) for name in slots):
        return tr("No layer was given: give at least one of {slots}.").format(slots=", ".join(slots))
    try:
        read_bands(algorithm, parameters, context)
        option_text.units(text(UNITS_OPTION), UNITS_OPTION)
        option_text.nodata(text(NODATA), NODATA)
    except SgmaError as error:
        return str(error)
    return ""


def model_name(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str = MODEL
) -> str:
    """Return the model of a parameter, a path absolute: the worker has another working folder."""
    model = algorithm.parameterAsString(parameters, name, context).strip()
    return os.path.abspath(os.path.expanduser(model)) if store.is_path(model) else model  # noqa: PTH100, PTH111


def runtime_state() -> Tuple[bool, str]:
    """Return whether a runtime is there, and if not, the sentence that says what to do: an answer for canExecute."""
    from .. import service  # here: see above

    try:
        service.check_runtime(settings.load().runtime_python)
    except RuntimeUnavailable as error:
        return False, str(error)
    return True, ""


def is_given(parameters: Dict[str, Any], name: str) -> bool:
    """Tell whether a parameter is not empty."""
    return parameters.get(name) not in (None, "")


def read_bands(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext
) -> Dict[str, Tuple[int, ...]]:
    """Return the bands named for each sensor. Raises BadInput, also for those of a layer that is not there."""
    layers = [modality.key for modality in MODALITIES if is_given(parameters, modality.key.upper())]
    found = {}
    for modality in MODALITIES:
        name = f"{modality.key.upper()}_BANDS"
        found[modality.key] = option_text.bands(algorithm.parameterAsString(parameters, name, context), name)
        option_text.check_keys(name, [modality.key] if found[modality.key] else [], layers)
    return found
