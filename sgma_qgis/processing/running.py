"""How algorithms run: the job in a worker, what the engine says in the words of parameters, errors as Processing's.

Imported when an algorithm runs, as `reading` is when it is prepared.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)

from .. import report, service, wording
from ..feedback import ProcessingFeedback
from ..model.contract import store
from ..model.contract.errors import BadInput, SgmaError
from .labels import POINT_RADIUS

_NAMES = {
    "base": "BASE_MODEL",
    "no-resume": "RESUME=false",
    "point-radius": POINT_RADIUS,
    "area": "MASK",
    "errors": "OUTPUT_ERRORS",
}


def run(
    job: Any,
    feedback: QgsProcessingFeedback,
    python: str,
    words: Callable[[str], str] = str,
    continues: bool = False,
) -> Dict[str, Any]:
    """Run a job and return its result as JSON data. words: as of ProcessingFeedback; else as `service.run`."""
    return service.run(job, ProcessingFeedback(feedback, words), python_setting=python, continues=continues)


def output_file(
    algorithm: QgsProcessingAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, name: str
) -> str:
    """Return the file that a destination of a layer names, a relative one made absolute, '' for none."""
    path = algorithm.parameterAsOutputLayer(parameters, name, context)
    # The worker has another working folder. The text is kept otherwise: Processing finds its layers by it.
    return str(Path(path).absolute()) if path and not Path(path).is_absolute() else path


def raise_error(error: SgmaError, feedback: QgsProcessingFeedback) -> None:
    """Turn one of our errors into Processing's, so that scripts see failure and people at most three lines."""
    if report.detail(error):
        feedback.pushDebugInfo(report.detail(error))
    raise QgsProcessingException("\n".join(report.lines(error))) from error


def in_parameters(text: str) -> str:
    """Return what the engine says with its command line's options called as parameters are: --class-map, CLASS_MAP."""
    return wording.options_called(text, lambda option: _NAMES.get(option, option.upper().replace("-", "_")))


def reworded(error: SgmaError) -> SgmaError:
    """Return an error of the engine in the words of parameters; others as they are."""
    return wording.error_in(error, in_parameters)


def check_model_folder(folder: Path, name: str, overwrite: bool) -> None:
    """Raise BadInput where a model must not be written: among a person's files, over another one. name: parameter.

    overwrite: whether a model that is there may be replaced.
    """
    if folder.is_file():
        raise BadInput(f"{name} {folder} is a file.", "Name a folder for the new model.")
    if store.holds_other_files(folder):
        raise BadInput(f"{name} {folder} holds other files and no model.", "Name a new folder for the model.")
    if not overwrite and (folder / store.CARD_FILE).exists():
        raise BadInput(f"{name} {folder} holds a model already.", "Name another folder, or say OVERWRITE=true.")


def crs_name(text: str) -> str:
    """Return 'EPSG:32616' for that CRS as code or WKT."""
    crs = QgsCoordinateReferenceSystem()
    crs.createFromUserInput(text)
    return crs.authid() or crs.description() or text[:60]
