"""Installing the engine on click: from which Python, which build, from where; its size, progress, log and error."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import List, Optional, Tuple

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .. import installation, network, report, tasks
from ..data_folder import size_text
from ..i18n import tr
from ..installation import Offer
from ..model.contract.errors import Cancelled
from ..model.contract.store import data_dir

LINES = 2000


class Work(QObject):
    """An installation that goes on or has ended. It outlives the panel: the options may be closed meanwhile."""

    changed = pyqtSignal()
    line = pyqtSignal(str)
    installed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.task: Optional[tasks.Task] = None
        self.share = 0.0
        self.text = ""
        self.error = ""
        self.lines: List[str] = []

    def start(self, offer: Offer, wheels: str, torch_index: str) -> None:
        """Start one; main thread."""
        known = network.network()

        def work(feedback: tasks.service.Feedback) -> installation.Engine:
            return installation.install_runtime(
                feedback, python=offer.python, build=offer.build, wheels=wheels, torch_index=torch_index, network=known
            )

        self.share, self.text, self.error = 0.0, tr("Starting"), ""
        self.lines.clear()
        self.task = tasks.Task(tr("Install the engine"), work)
        self.task.progressed.connect(self._progressed)
        self.task.logged.connect(self._logged)
        self.task.succeeded.connect(self._succeeded)
        self.task.failed.connect(self._failed)
        tasks.start(self.task)
        self.changed.emit()

    def stop(self) -> None:
        """Stop it; the engine stays as it was."""
        if self.task is not None:
            self.text = tr("Stopping")
            self.task.cancel()
            self.changed.emit()

    def _progressed(self, share: float, text: str) -> None:
        self.share, self.text = share, text
        self.changed.emit()

    def _logged(self, level: str, text: str) -> None:
        if len(self.lines) < LINES:
            self.lines.append(text)
            self.line.emit(text)

    def _succeeded(self, engine: installation.Engine) -> None:
        self.task, self.text = None, engine.text
        self.changed.emit()
        self.installed.emit()

    def _failed(self, error: Exception) -> None:
        self.task, self.text = None, ""
        self.error = tr("Cancelled.") if isinstance(error, Cancelled) else "\n".join(report.lines(error))
        self.changed.emit()


_work: Optional[Work] = None


def current() -> Work:
    """Return this session's installation: the one that goes on, or the last one."""
    global _work
    if _work is None:
        _work = Work()
    return _work


class InstallPanel(QWidget):
    """Looks for Pythons when it is first shown; installs when the button is pressed, and not before."""

    installed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._work = current()
        self._offers: Tuple[Offer, ...] = ()
        self._looking: Optional[tasks.Task] = None
        self.python = QComboBox(self)
        self.build = QComboBox(self)
        self.browse = QPushButton(tr("Other…"), self)
        self.wheels = QgsFileWidget(self)
        self.torch_index = QLineEdit(self)  # its text is one of the settings
        self.size = _words(self)
        self.problem = _words(self)
        self.button = QPushButton(tr("&Install"), self)
        self.bar = QProgressBar(self)
        self.step = _words(self)
        self.log_button = QPushButton(tr("&Log"), self)
        self.log = QPlainTextEdit(self)
        self._lay_out()
        self.python.activated.connect(self._python_chosen)
        self.browse.clicked.connect(self._browse)
        self.build.currentIndexChanged.connect(self._show)
        self.wheels.fileChanged.connect(self._show)
        self.button.clicked.connect(self._pressed)
        self.log_button.toggled.connect(self.log.setVisible)
        self._work.changed.connect(self._show)
        self._work.line.connect(self.log.appendPlainText)
        self._work.installed.connect(self.installed)
        self._show()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        if not self._offers and self._looking is None and not self.problem.text():
            self.look()

    def look(self, python: str = "") -> None:
        """Look for Pythons, or at the one given, and show what can be installed with it."""

        def work(feedback: tasks.service.Feedback) -> Tuple[Offer, ...]:
            return tuple(installation.offers(python))

        self._looking = tasks.Task(tr("Look for Python"), work)
        self._looking.succeeded.connect(self._found)
        self._looking.failed.connect(self._not_found)
        tasks.start(self._looking)
        self._show()

    def _lay_out(self) -> None:
        self.python.setToolTip(tr("The engine gets an environment of its own that is made from this Python, 3.11–3.14"))
        self.python.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.python.setMinimumContentsLength(20)
        self.browse.setToolTip(tr("Name another Python"))
        self.build.setToolTip(tr("What the network computes on"))
        self.wheels.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.wheels.setDialogTitle(tr("Folder of wheels"))
        self.wheels.lineEdit().setPlaceholderText(tr("from the network"))
        self.wheels.setToolTip(tr("Where there is no network: a folder with every wheel that the lock names"))
        self.torch_index.setPlaceholderText(installation.TORCH_INDEX)
        self.torch_index.setToolTip(
            tr("Where the processor build of torch comes from; its checksum is the same wherever it lies")
        )
        self.log.setReadOnly(True)
        self.log.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.log.setMinimumHeight(140)
        self.log.setPlainText("\n".join(self._work.lines))
        self.log.setVisible(False)
        self.log_button.setCheckable(True)
        self.log_button.setToolTip(tr("Show what pip says"))
        row = QHBoxLayout()
        row.addWidget(self.python, 1)
        row.addWidget(self.browse)
        form = QFormLayout()
        form.addRow(tr("&Python"), row)
        form.addRow(tr("Computes &on"), self.build)
        form.addRow(tr("&Wheels"), self.wheels)
        form.addRow(tr("Inde&x of torch"), self.torch_index)
        form.labelForField(row).setBuddy(self.python)
        form.labelForField(self.wheels).setBuddy(self.wheels.lineEdit())
        buttons = QHBoxLayout()
        buttons.addWidget(self.button)
        buttons.addWidget(self.bar, 1)
        buttons.addWidget(self.log_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        for widget in (self.size, self.problem):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addWidget(self.step)
        layout.addWidget(self.log)

    def _found(self, offers: Tuple[Offer, ...]) -> None:
        self._looking = None
        self._offers = offers
        self.problem.setText("")
        python = offers[0].python
        if self.python.findData(python) < 0:
            self.python.addItem(f"{offers[0].version}  {python}", python)
        self.python.setCurrentIndex(self.python.findData(python))
        self.build.blockSignals(True)
        self.build.clear()
        for offer in offers:
            self.build.addItem(_title(offer.build), offer)
        self.build.blockSignals(False)
        self._show()

    def _not_found(self, error: Exception) -> None:
        self._looking = None
        self._offers = ()
        self.problem.setText("\n".join(report.lines(error)))
        self._show()

    def _python_chosen(self) -> None:
        self.look(self.python.currentData() or "")

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Python"), str(Path(self.python.currentData() or "/").parent))
        if path:
            self.look(path)

    def _pressed(self) -> None:
        if self._work.task is not None:
            self._work.stop()
        elif self.build.currentData() is not None:
            self.problem.setText("")
            self.log.clear()
            self._work.start(self.build.currentData(), self.wheels.filePath(), self.torch_index.text().strip())

    def _show(self, *_: object) -> None:
        running, offer = self._work.task is not None, self.build.currentData()
        for widget in (self.python, self.browse, self.build, self.wheels, self.torch_index):
            widget.setEnabled(not running and self._looking is None)
        self.button.setText(tr("&Stop") if running else tr("&Install"))
        self.button.setEnabled(running or (offer is not None and self._looking is None))
        self.bar.setVisible(running)
        self.bar.setValue(round(100 * self._work.share))
        self.step.setText(tr("Looking for Python") if self._looking is not None else self._work.text)
        self.log_button.setVisible(running or bool(self._work.lines))
        if self._work.error:
            self.problem.setText(self._work.error)
        self.problem.setVisible(bool(self.problem.text()))
        self.size.setText(_size(offer, bool(self.wheels.filePath())) if offer is not None else "")


def _title(build: str) -> str:
    return {
        "cpu": tr("Processor"),
        "cuda": tr("NVIDIA GPU (CUDA), or processor"),
        "mps": tr("Apple GPU, or processor"),
    }[build]


def _size(offer: Offer, offline: bool) -> str:
    """Return how much is downloaded and stays, where, and how much room there is."""
    folder = data_dir().absolute()
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    parts = []
    if not offline:
        parts.append(tr("Downloads about {size}.").format(size=size_text(1e6 * offer.download_mb)))
    text = tr("Takes about {size} in {folder}, where {free} are free.")
    free = size_text(shutil.disk_usage(there).free)
    parts.append(text.format(size=size_text(1e6 * offer.disk_mb), folder=folder / "runtime", free=free))
    if offer.smaller_with:
        text = tr("A smaller build for processors alone is known for Python {versions}; this one computes on both.")
        parts.append(text.format(versions=offer.smaller_with))
    parts.append(tr("Nothing is downloaded before you press the button."))
    return " ".join(parts)


def _words(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
