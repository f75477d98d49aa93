"""What a run did, as a page in a window that blocks nothing."""

from __future__ import annotations

from html import escape
from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from ..htmlpage import table
from ..i18n import tr, unit_title
from ..model.contract.modality import BY_KEY
from ..outputs import hectares
from .result_panel import Result


class ReportWindow(QDialog):
    """Areas, warnings, inputs, files and the command of one run."""

    def __init__(self, result: Result, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Report: {name}").format(name=result.name))
        self.page = QTextBrowser(self)
        self.page.setOpenLinks(False)
        self.page.setHtml(report_html(result))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(buttons)
        self.resize(680, 600)


def report_html(result: Result) -> str:
    """Return the page's body; names of files, layers and classes are escaped."""
    data, job = result.result, result.job
    grid = data["grid"]
    facts = [
        (tr("Model"), f"{result.card.title} ({result.card.id})"),
        (tr("Map"), f"{grid['width']} × {grid['height']} px, {grid['resolution']:g} m"),
        (
            tr("Tiles"),
            tr("{total}: {run} computed, {resumed} from an earlier run, {failed} failed").format(
                total=data["tiles_total"],
                run=data["tiles_run"],
                resumed=data["tiles_resumed"],
                failed=data["tiles_failed"],
            ),
        ),
        (tr("Computed on"), f"{data['device']}, {data['backend']}"),
    ]
    areas = [(name, f"{area:,.2f}", f"{percent:.1f}") for name, _, area, percent in hectares(data, result.card)]
    inputs = [
        (
            BY_KEY[source.modality].title,
            source.path,
            ", ".join(map(str, source.bands)) or tr("automatic"),
            unit_title(source.unit) if source.unit else tr("automatic"),
        )
        for source in job.sources
    ]
    warnings = "".join(f"<li>{escape(text)}</li>" for text in data["warnings"])
    return "\n".join(
        (
            f"<h2>{escape(result.name)}</h2>",
            table((), facts),
            f"<h3>{tr('Areas')}</h3>",
            table((tr("Class"), tr("Hectares"), tr("Percent")), areas),
            f"<h3>{tr('Warnings')}</h3>",
            f"<ul>{warnings}</ul>" if warnings else f"<p>{tr('None.')}</p>",
            f"<h3>{tr('Layers')}</h3>",
            table((tr("Sensor"), tr("File"), tr("Bands"), tr("Unit")), inputs),
            f"<h3>{tr('Files')}</h3>",
            table((), sorted(data["outputs"].items())),
            f"<h3>{tr('Command that repeats it')}</h3>",
            f"<p><code>{escape(result.command)}</code></p>",
        )
    )
