"""The plugin's page in QGIS's options: the engine, how it computes, where its data lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, Optional, Tuple

from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget, QgsOptionsPageWidget
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from .. import data_folder, installation, report, service, settings, tasks
from ..data_folder import size_text
from ..i18n import tr
from ..model.contract import store
from ..model.contract.job import DEVICES, PRECISIONS
from ..settings import Settings
from .install_panel import InstallPanel
from .settings_factory import PAGE


class SettingsPage(QgsOptionsPageWidget):
    """Shows the stored settings; `apply` stores them. The data folder is moved at once, by its button."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName(PAGE)  # QGIS opens a page by this name
        self._stored = settings.load()
        self._task: Optional[tasks.Task] = None
        self._looks = self._measures = 0  # how often each was asked: only the last answer counts
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.addWidget(self._engine_box(body))
        column.addWidget(self._install_box(body))
        column.addWidget(self._computing_box(body))
        column.addWidget(self._data_box(body))
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.set_value(self._stored)
        self.look()
        self.measure()

    def value(self) -> Settings:
        """Return the settings shown."""
        return replace(
            self._stored,
            runtime_python=self.runtime.filePath().strip(),
            device=self.device.currentText().strip() or DEVICES[0],
            threads=self.threads.value(),
            precision=self.precision.currentData(),
            torch_index=self.install.torch_index.text().strip(),
            strokes_memory_mb=self.strokes_memory.value(),
        )

    def set_value(self, value: Settings) -> None:
        """Show settings."""
        self._stored = value
        self.runtime.setFilePath(value.runtime_python)
        self.device.setCurrentText(value.device)
        self.threads.setValue(value.threads)
        self.precision.setCurrentIndex(max(0, self.precision.findData(value.precision)))
        self.install.torch_index.setText(value.torch_index)
        self.strokes_memory.setValue(value.strokes_memory_mb)

    def apply(self) -> None:
        """Store what is shown; QGIS calls it when its options are accepted."""
        settings.save(self.value())

    def look(self) -> None:
        """Look for the engine that these settings name, without stopping QGIS."""
        python = self.runtime.filePath().strip()
        self.state.setText(tr("Looking for the engine…"))
        self._looks = number = self._looks + 1
        task = tasks.Task(tr("Look for the engine"), lambda feedback: (number, installation.engine(python)))
        task.succeeded.connect(self._show_engine)
        task.failed.connect(self._show_no_engine)
        tasks.start(task)

    def measure(self) -> None:
        """Sum up the data folder, without stopping QGIS."""
        folder = store.data_dir().absolute()
        self.folder.setText(str(folder))
        self._measures = number = self._measures + 1
        task = tasks.Task(tr("Measure the data folder"), lambda feedback: (number, data_folder.sizes(folder)))
        task.succeeded.connect(self._show_sizes)
        tasks.start(task)

    # --- boxes --------------------------------------------------------------------------------------------------

    def _engine_box(self, parent: QWidget) -> QWidget:
        box = QGroupBox(tr("Engine"), parent)
        self.state = QLabel(box)
        self.state.setWordWrap(True)
        self.runtime = QgsFileWidget(box)
        self.runtime.setDialogTitle(tr("Python of the engine"))
        self.runtime.lineEdit().setPlaceholderText(tr("the one installed below"))
        self.runtime.setToolTip(
            tr("An environment that you made yourself: its Python, 3.11 or later, with torch, rasterio and the rest")
        )
        check = QPushButton(tr("&Check"), box)
        check.setToolTip(tr("Look whether this Python has everything"))
        check.clicked.connect(self.look)
        row = QHBoxLayout()
        row.addWidget(self.runtime, 1)
        row.addWidget(check)
        form = QFormLayout(box)
        form.addRow(self.state)
        form.addRow(tr("Own Python"), row)
        return box

    def _install_box(self, parent: QWidget) -> QWidget:
        self.install_box = QgsCollapsibleGroupBox(tr("Install the engine"), parent)
        self.install_box.setScrollOnExpand(False)  # it processes events in the middle, which may delete this page
        self.install_box.setCollapsed(True)
        self.install = InstallPanel(self.install_box)
        self.install.installed.connect(self._installed)
        layout = QVBoxLayout(self.install_box)
        layout.addWidget(self.install)
        return self.install_box

    def _computing_box(self, parent: QWidget) -> QWidget:
        box = QGroupBox(tr("Computing"), parent)
        self.device = QComboBox(box)
        self.device.setEditable(True)
        self.device.addItems(DEVICES)
        for told in service.machine().get("devices", ()):
            name = told.split()[0]
            if name not in DEVICES:
                self.device.addItem(name)
        self.device.setToolTip(
            tr("auto: a GPU if there is one, else the processor; cuda:1 is the second of several GPUs.")
        )
        self.threads = QSpinBox(box)
        self.threads.setRange(0, 1024)
        self.threads.setSpecialValueText(tr("all"))
        self.threads.setToolTip(tr("Processor threads a run may use"))
        self.precision = QComboBox(box)
        titles: Dict[str, str] = {"auto": tr("auto"), "fp32": tr("32 bit"), "bf16": tr("16 bit (bf16)")}
        for key in PRECISIONS:
            self.precision.addItem(titles.get(key, key), key)
        self.precision.setToolTip(tr("auto: bf16 where the device is made for it."))
        self.strokes_memory = QSpinBox(box)
        self.strokes_memory.setRange(Settings.strokes_memory_mb, 1 << 20)
        self.strokes_memory.setSingleStep(512)
        self.strokes_memory.setSuffix(" MB")
        self.strokes_memory.setToolTip(
            tr("Memory of the engine while it follows your strokes: the more, the larger the view that it can follow")
        )
        form = QFormLayout(box)
        form.addRow(tr("&Device"), self.device)
        form.addRow(tr("&Threads"), self.threads)
        form.addRow(tr("P&recision"), self.precision)
        form.addRow(tr("Memory for &strokes"), self.strokes_memory)
        return box

    def _data_box(self, parent: QWidget) -> QWidget:
        box = QGroupBox(tr("Data folder"), parent)
        self.folder = QLabel(box)
        self.folder.setWordWrap(True)
        self.sizes = QLabel(box)
        self.sizes.setWordWrap(True)
        self.bar = QProgressBar(box)
        self.bar.setVisible(False)
        self.move_button = QPushButton(tr("&Move…"), box)
        self.move_button.setToolTip(
            tr("Move models, caches and engine elsewhere, or use a folder that has some already")
        )
        self.move_button.clicked.connect(self._choose_folder)
        self.move_button.setEnabled(not store.data_dir_is_fixed())
        show = QPushButton(tr("&Open"), box)
        show.setToolTip(tr("Show the folder"))
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(self.folder.text())))
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(self.move_button)
        row.addWidget(show)
        column = QVBoxLayout(box)
        column.addLayout(row)
        column.addWidget(self.sizes)
        column.addWidget(self.bar)
        if store.data_dir_is_fixed():
            note = QLabel(tr("The environment variable SGMA_DATA_DIR names it; so it cannot be moved here."), box)
            note.setWordWrap(True)
            column.addWidget(note)
        return box

    # --- answers ------------------------------------------------------------------------------------------------

    def _show_engine(self, answer: Tuple[int, installation.Engine]) -> None:
        number, engine = answer
        if number != self._looks:
            return
        self.state.setText("\n".join(part for part in (engine.text, engine.hint) if part))
        if not engine.ready or engine.outdated:
            self.install_box.setCollapsed(False)

    def _show_no_engine(self, error: Exception) -> None:
        self.state.setText("\n".join(report.lines(error)))

    def _show_sizes(self, answer: Tuple[int, Dict[str, int]]) -> None:
        number, sizes = answer
        if number != self._measures:
            return
        parts = {"runtime": tr("engine"), "models": tr("models"), "cache": tr("caches"), "other": tr("other")}
        texts = [f"{title} {size_text(sizes[part])}" for part, title in parts.items() if sizes[part]]
        whole = size_text(sum(sizes.values()))
        self.sizes.setText(
            tr("{size} in all: {parts}").format(size=whole, parts=", ".join(texts)) if texts else tr("empty")
        )

    def _installed(self) -> None:
        self.look()
        self.measure()

    def _choose_folder(self) -> None:
        if self._task is not None:
            self._task.cancel()
            return
        path = QFileDialog.getExistingDirectory(self, tr("Data folder"), self.folder.text())
        if path:
            self.use_folder(Path(path))

    def use_folder(self, folder: Path) -> None:
        """Use a folder that has data already; move what there is to any other."""
        folder = folder.absolute()
        if folder == store.data_dir().absolute():
            return
        if data_folder.is_used(folder):
            _use(folder)
            self._moved()
            return

        def work(feedback: service.Feedback) -> None:
            data_folder.move(folder, feedback)
            _use(folder)  # here: the options may be closed by now

        self._task = tasks.Task(tr("Move the data folder"), work)
        self._task.progressed.connect(self._moving)
        self._task.succeeded.connect(self._moved)
        self._task.failed.connect(self._not_moved)
        tasks.start(self._task)
        self._moving(0.0, tr("Waiting for the jobs that are running"))

    def _moving(self, share: float, text: str) -> None:
        self.move_button.setText(tr("&Stop"))
        self.bar.setVisible(True)
        self.bar.setValue(round(100 * share))
        self.sizes.setText(text)

    def _moved(self, nothing: object = None) -> None:
        self._stored = replace(self._stored, data_dir=settings.load().data_dir)
        self._at_rest()
        self.measure()
        self.look()

    def _not_moved(self, error: Exception) -> None:
        self._at_rest()
        self.sizes.setText("\n".join(report.lines(error)))

    def _at_rest(self) -> None:
        self._task = None
        self.move_button.setText(tr("&Move…"))
        self.bar.setVisible(False)


def _use(folder: Path) -> None:
    """Keep a folder as the data folder; any thread."""
    store.choose_data_dir(str(folder))
    settings.save(replace(settings.load(), data_dir=str(folder)))
