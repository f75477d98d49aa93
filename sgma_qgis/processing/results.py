"""What algorithms write: the files and numbers of a land cover map, and whether the name of a file will do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingOutputNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)

from ..i18n import tr
from ..model.contract.choices import RASTER_SUFFIXES, VECTOR_SUFFIXES
from .options import MIN_AREA, SIMPLIFY

OUTPUT = "OUTPUT"
POLYGONS = "OUTPUT_POLYGONS"
#: Parameter of each field of Outputs.
DESTINATIONS = {
    "classes": OUTPUT,
    "confidence": "OUTPUT_CONFIDENCE",
    "availability": "OUTPUT_AVAILABILITY",
    "trust": "OUTPUT_TRUST",
    "polygons": POLYGONS,
}


def add_results(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the files and numbers that come out."""
    algorithm.addParameter(QgsProcessingParameterRasterDestination(OUTPUT, tr("Land cover")))
    for name, text in (
        (DESTINATIONS["confidence"], tr("Confidence")),
        (DESTINATIONS["availability"], tr("Sensors available")),
        (DESTINATIONS["trust"], tr("Trust per sensor")),
    ):
        algorithm.addParameter(QgsProcessingParameterRasterDestination(name, text, None, True, False))
    kind = QgsProcessing.SourceType.TypeVectorPolygon
    algorithm.addParameter(
        QgsProcessingParameterVectorDestination(POLYGONS, tr("Land cover polygons"), kind, None, True, False)
    )
    algorithm.addOutput(QgsProcessingOutputNumber("TILES_TOTAL", tr("Tiles")))
    algorithm.addOutput(QgsProcessingOutputNumber("TILES_RUN", tr("Tiles computed in this run")))
    algorithm.addOutput(QgsProcessingOutputNumber("VALID_AREA_M2", tr("Area mapped (square metres)")))


def check_results(algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext) -> str:
    """Return what is wrong with the files wanted, '' for nothing."""
    for role, name in DESTINATIONS.items():
        wrong = check_file(algorithm, parameters, context, name, role != "polygons")
        if wrong:
            return wrong
    if not _wanted(algorithm, parameters, context, POLYGONS):
        for name in (MIN_AREA, SIMPLIFY):
            if parameters.get(name) is not None:
                text = tr("{name} changes polygons only: leave it empty or name a file for {polygons}.")
                return text.format(name=name, polygons=POLYGONS)
    return ""


def check_file(
    algorithm: QgsProcessingAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    name: str,
    raster: bool,
) -> str:
    """Return what is wrong with the file that a destination names, '' for nothing. raster: whether it is to be one."""
    path = Path(_wanted(algorithm, parameters, context, name))
    what, suffixes = ("GeoTIFF", RASTER_SUFFIXES) if raster else ("GeoPackage", VECTOR_SUFFIXES)
    if not path.name or path.suffix.lower() in suffixes:
        return ""
    text = tr("{name} must be a {what} file ending in {suffix}, not {path}.")
    return text.format(name=name, what=what, suffix=suffixes[0], path=path.name)


def _wanted(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str
) -> str:
    look = QgsProcessingContext()  # in the real one each look would leave a layer to load
    look.setExpressionContext(context.expressionContext())
    return algorithm.parameterAsOutputLayer(parameters, name, look)
