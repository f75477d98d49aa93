"""sgma:checkinputs - what a run would read, without running it: grid, coverage, units, doubts."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtGui import QIcon

from ..htmlpage import page, table
from ..i18n import tr, unit_title
from ..icons import icon
from ..model.contract.errors import SgmaError
from ..model.contract.modality import BY_KEY, MODALITIES, titles
from .options import add_options
from .parameters import add_inputs, check_inputs, runtime_state

if TYPE_CHECKING:
    from .reading import Inputs

OUTPUT = "OUTPUT"


class CheckInputsAlgorithm(QgsProcessingAlgorithm):
    """Runs a CheckJob and shows what came back as log and page."""

    def __init__(self) -> None:
        super().__init__()
        self._inputs: Optional[Inputs] = None
        self._refused: Optional[SgmaError] = None

    def createInstance(self) -> CheckInputsAlgorithm:
        return CheckInputsAlgorithm()

    def name(self) -> str:
        return "checkinputs"

    def displayName(self) -> str:
        return tr("Check sensor layers")

    def group(self) -> str:
        return tr("Data")

    def groupId(self) -> str:
        return "data"

    def icon(self) -> QIcon:
        return icon("checkinputs")

    def tags(self) -> List[str]:
        return tr("check,inputs,grid,coverage,units,bands,nodata,sensors").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Tells what a land cover run with these layers would read, without running it: the grid of the map, how "
            "much of it each layer covers, which bands and units are taken, and what may harm the result. Parameters "
            "are those of 'Land cover from sensor layers'."
        )

    def initAlgorithm(self, configuration: Optional[Dict[str, Any]] = None) -> None:
        add_inputs(self)
        add_options(self, run=False)
        self.addParameter(
            QgsProcessingParameterFileDestination(OUTPUT, tr("Report"), tr("HTML files (*.html)"), None, True, True)
        )
        for modality in MODALITIES:
            name = tr("Share of the map covered by {sensor} (percent)").format(sensor=modality.title)
            self.addOutput(QgsProcessingOutputNumber(f"COVERAGE_{modality.key.upper()}", name))

    def canExecute(self) -> Tuple[bool, str]:
        return runtime_state()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        wrong = check_inputs(self, parameters, context)
        return (False, wrong) if wrong else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        from .reading import read_inputs  # here, as below: QGIS starts sooner without

        try:
            self._inputs = read_inputs(self, parameters, context)
        except SgmaError as error:
            self._refused = error  # raised later: of an error raised here QGIS only says that there was one
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        from ..model.contract.job import CheckJob
        from .running import crs_name, raise_error, run

        if self._inputs is None:
            raise_error(self._refused, feedback)
        inputs = self._inputs
        job = CheckJob(inputs.sources, inputs.model, inputs.area, inputs.options)
        try:
            found = run(job, feedback, inputs.python)
        except SgmaError as error:
            raise_error(error, feedback)
        coverage = {modality.key: 100.0 * float(found["coverage"].get(modality.key, 0.0)) for modality in MODALITIES}
        crs = crs_name(str(found["grid"]["crs"]))
        facts, heads, rows = _grid_facts(found, crs), _heads(), _rows(found, coverage)
        for name, value in facts:
            feedback.pushInfo(f"{name}: {value}")
        for row in rows:
            feedback.pushInfo(", ".join(f"{head}: {cell}" for head, cell in zip(heads, row) if cell))
        results: Dict[str, Any] = {f"COVERAGE_{key.upper()}": percent for key, percent in coverage.items()}
        path = self.parameterAsFileOutput(parameters, OUTPUT, context)
        if path:
            doubts = "".join(f"<li>{escape(text)}</li>" for text in found["warnings"])
            body = f"<h1>{tr('Sensor layers')}</h1>{table((), facts)}<h2>{tr('Layers')}</h2>{table(heads, rows)}"
            body += f"<h2>{tr('Warnings')}</h2>" + (f"<ul>{doubts}</ul>" if doubts else f"<p>{tr('None.')}</p>")
            Path(path).write_text(page(tr("Sensor layers"), body), encoding="utf-8")
            results[OUTPUT] = path
        return results


def _grid_facts(found: Dict[str, Any], crs: str) -> List[Tuple[str, str]]:
    grid = found["grid"]
    absent = titles(found["absent"]) if found["absent"] else tr("none")
    return [
        (tr("Grid"), f"{grid['width']} x {grid['height']} px, {grid['resolution']:g} m, {crs}"),
        (tr("Given, but without data in the area"), absent),
        (tr("Model was trained on this combination"), tr("yes") if found["trained_on"] else tr("no")),
    ]


def _heads() -> Tuple[str, ...]:
    return (
        tr("Sensor"),
        tr("Covers"),
        tr("Bands"),
        tr("Unit"),
        tr("Type"),
        tr("Pixels"),
        tr("Resolution"),
        tr("Notes"),
    )


def _rows(found: Dict[str, Any], coverage: Dict[str, float]) -> List[Tuple[str, ...]]:
    rows = []
    for layer in found["layers"]:
        rows.append(
            (
                BY_KEY[layer["modality"]].title,
                f"{coverage[layer['modality']]:.1f} %",
                ", ".join(str(band) for band in layer["bands"]),
                unit_title(layer["unit"]),
                layer["dtype"],
                f"{layer['width']} x {layer['height']}",
                f"{layer['resolution']:g} m",
                "; ".join([*layer["notes"], *layer["warnings"]]),
            )
        )
    return rows
