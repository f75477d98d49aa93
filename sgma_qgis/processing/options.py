"""Parameters of how layers are read and how a run computes, shared by algorithms. Names are fixed for scripts."""

from __future__ import annotations

from typing import Sequence

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..i18n import tr
from ..model.contract.choices import DEVICES, PRECISIONS
from ..model.contract.modality import MODALITIES
from .definitions import add_advanced, optional_number, suggest, with_help

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
OVERWRITE = "OVERWRITE"
MIN_AREA = "MIN_AREA"
SIMPLIFY = "SIMPLIFY"

_Number = QgsProcessingParameterNumber


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


def add_overwrite(algorithm: QgsProcessingAlgorithm) -> None:
    """Add whether a model that stands where the new one is wanted may be replaced, as an advanced option."""
    parameter = QgsProcessingParameterBoolean(OVERWRITE, tr("Replace a model that is there"), False)
    add_advanced(algorithm, parameter, tr("Else nothing is done when the folder holds a finished model."))


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
            suggest(QgsProcessingParameterString(DEVICE, tr("Device"), DEVICES[0]), DEVICES),
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
