"""What a run did, as a page in a window that blocks nothing."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from qgis.PyQt.QtCore import QMimeData, Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from ..history import run_file
from ..htmlpage import table
from ..i18n import tr, unit_title
from ..model.contract.job import Source
from ..model.contract.modality import BY_KEY
from ..outputs import hectares
from ..styling import open_layer
from .result_panel import Result, warnings, without_data
from .texts import JOINER, areas, percent

SAMPLE = 250_000  #: pixels, as QGIS takes for its own statistics: at once for a raster with overviews


class ReportWindow(QDialog):
    """Areas, warnings, inputs, files and the command of one run."""

    def __init__(self, result: Result, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Report: {name}").format(name=result.name))
        self.page = _Page(self)
        self.page.setOpenLinks(False)
        self.page.setHtml(report_html(result))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(buttons)
        self.resize(680, 600)


class _Page(QTextBrowser):
    """Gives what is selected as it reads, without joiners: a shell takes them for letters."""

    def createMimeDataFromSelection(self) -> QMimeData:
        data = super().createMimeDataFromSelection()
        data.setText(data.text().replace(JOINER, ""))
        data.setHtml(data.html().replace(JOINER, ""))
        return data


def report_html(result: Result) -> str:
    """Return the page's body; names of files, layers and classes are escaped."""
    data, job = result.result, result.job
    rows = hectares(data, result.card)
    texts = areas([area * 10_000 for _, _, area, _ in rows])
    by_class = [(name, text, percent(share)) for (name, _, _, share), text in zip(rows, texts)]
    found = _as_read(run_file(data["outputs"]["classes"]))
    inputs = [_input(source, found.get(source.modality, {})) for source in job.sources]
    warned = "".join(f"<li>{escape(text)}</li>" for text in warnings(result))
    return "\n".join(
        (
            f"<h2>{escape(result.name)}</h2>",
            table((), _facts(result)),
            f"<h3>{tr('Area by class')}</h3>",
            table((tr("Class"), tr("Area"), tr("Percent")), by_class),
            f"<h3>{tr('Warnings')}</h3>",
            f"<ul>{warned}</ul>" if warned else f"<p>{tr('None.')}</p>",
            f"<h3>{tr('Layers')}</h3>",
            table((tr("Sensor"), tr("File"), tr("Bands"), tr("Unit")), inputs),
            f"<h3>{tr('Files')}</h3>",
            table((), sorted(data["outputs"].items())),
            f"<h3>{tr('Command that repeats it')}</h3>",
            f"<p><code>{escape(result.command).replace('-', '-' + JOINER)}</code></p>",
        )
    )


def _facts(result: Result) -> List[Tuple[str, str]]:
    """Return what was computed, of what and on what, as (title, text)."""
    data = result.result
    grid = data["grid"]
    facts = [
        (tr("Model"), f"{result.card.title} ({result.card.id})"),
        (tr("Map"), f"{grid['width']} × {grid['height']} px, {grid['resolution']:g} m"),
        (
            tr("Tiles"),
            tr("{total}: {run} computed, {resumed} from an earlier run, {empty} without data, {failed} failed").format(
                total=data["tiles_total"],
                run=data["tiles_run"],
                resumed=data["tiles_resumed"],
                empty=without_data(data),
                failed=data["tiles_failed"],
            ),
        ),
        (tr("Computed on"), f"{data['device']}, {data['backend']}"),
    ]
    sure = _mean_confidence(data["outputs"].get("confidence", ""))
    return [*facts, (tr("Mean confidence"), sure)] if sure else facts


def _mean_confidence(path: str) -> str:
    """Return 'about 95 %', by the raster's overviews; '' without a raster."""
    layer = open_layer(path, "", "confidence") if path else None
    if layer is None or not layer.isValid():
        return ""
    mean = layer.dataProvider().bandStatistics(1, sampleSize=SAMPLE).mean
    return tr("about {percent} %").format(percent=f"{mean:.0f}")


def _as_read(run: str) -> Dict[str, Dict[str, Any]]:
    """Return how a run read its layers, by sensor, as its run.json says; {} when it cannot be read."""
    try:
        layers = json.loads(Path(run).read_text(encoding="utf-8"))["layers"]
        return {str(layer["modality"]): layer for layer in layers}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _input(source: Source, read: Dict[str, Any]) -> Tuple[str, str, str, str]:
    """Return a layer's row. read: how the run read it; what was automatic is told from there."""
    bands, unit = ", ".join(map(str, source.bands)), unit_title(source.unit) if source.unit else ""
    if not bands:
        bands = _automatic(", ".join(map(str, read.get("bands") or ())))
    if not unit:
        unit = _automatic(unit_title(str(read.get("unit") or "")))
    return BY_KEY[source.modality].title, source.path, bands, unit


def _automatic(found: str) -> str:
    return tr("automatic: {found}").format(found=found) if found else tr("automatic")
