"""The wizard's last pages with the real engine: a training of seconds, broken off, gone on with, assessed and saved."""

import subprocess
from pathlib import Path

import pytest
from gui_support import add, settle, until
from plugin_support import ROOT
from qgis.core import QgsCoordinateReferenceSystem, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QWizard

from sgma_qgis import service, tasks
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard.assess_page import AssessPage
from sgma_qgis.gui.wizard.save_page import SavePage
from sgma_qgis.gui.wizard.state import WizardState
from sgma_qgis.gui.wizard.train_page import TrainPage
from sgma_qgis.gui.wizard.training import Trainer
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.job import Options

PATIENCE_S = 300
MAKE = """
import sys
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model, rasters
place = Path(sys.argv[2])
random_model.make(place / "base", keys=("rgb", "nir"), tile=64)
truth = np.random.default_rng(0).integers(0, 2, (16, 16)).repeat(16, 0).repeat(16, 1)
noise = np.random.default_rng(1).integers(0, 30, (3, *truth.shape))
rasters.write(place / "rgb.tif", (40 + 150 * truth + noise).astype(np.uint8))
rasters.write(place / "nir.tif", (200 - 150 * truth + noise[0]).astype(np.uint8))
rasters.write(place / "labels.tif", truth.astype(np.uint8) + 1)
"""


@pytest.fixture()
def state(iface, tmp_path, real_python, monkeypatch):
    """The choices of pages 1 to 4: a base model, two layers, labels whose classes are new, areas that are proposed."""
    place = tmp_path / "Ort mit ü"
    place.mkdir()
    subprocess.run([real_python, "-c", MAKE, str(ROOT), str(place)], check=True)
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    layers = {name: add(place / f"{name}.tif", name) for name in ("rgb", "nir", "labels")}
    iface.canvas.setDestinationCrs(QgsCoordinateReferenceSystem(layers["rgb"].crs()))
    return WizardState(
        slots={name: Slot(layers[name].id()) for name in ("rgb", "nir")},
        labels=layers["labels"].id(),
        classes={"1": "new:meadow", "2": "new:Wald ü"},
        colors={"2": "#0a640c"},
        base=str(place / "base"),
        strategy="head",
        epochs=60,  # more than are waited for
        crop=32,
        seed=3,
        options=Options(device="cpu", threads=1),
        output=str(place / "mine"),
    )


class Opened:
    """The wizard's last pages, as after QGIS was started."""

    def __init__(self, state, iface):
        self.state, self.iface, self.trainer = state, iface, Trainer()
        self.wizard = QWizard(iface.mainWindow())
        self.train = TrainPage(state, self.wizard, self.trainer)
        self.assess, self.save = AssessPage(state, self.wizard, iface.canvas), SavePage(state, self.wizard)
        for page in (self.train, self.assess, self.save):
            self.wizard.addPage(page)
        self.wizard.show()

    def start(self):
        """Start the training, or go on with it, until another epoch is whole; return how many were known before."""
        known = len(self.train.curves.value())
        self.train.start_button.click()
        until(lambda: len(self.trainer.history) > max(known, 1) or not self.trainer.running, PATIENCE_S, "no epoch")
        assert self.trainer.error is None, self.trainer.error
        return known


def break_off(opened):
    """A training is watched, paused and broken off."""
    opened.start()
    train, trainer = opened.train, opened.trainer
    until(lambda: not train.picture.value().isNull(), PATIENCE_S)
    assert train.picture.value().width() > 2 * train.picture.value().height()
    train.pause_button.click()
    settle(1.0)
    known = len(trainer.history)
    settle(1.0)
    assert len(trainer.history) == known and trainer.running
    train.cancel_button.click()
    until(lambda: not trainer.running, PATIENCE_S)
    assert not train.isComplete() and train.start_button.text().startswith("&Go on from epoch")
    opened.wizard.close()


def close_qgis(opened, monkeypatch):
    """The training goes on, and QGIS is closed, or the plugin unloaded: it ends its step before its worker is ended."""
    ended, shutdown = [], service.shutdown
    monkeypatch.setattr(service, "shutdown", lambda: (ended.append(service.workers()["run"]), shutdown()))
    assert opened.start() >= 2
    opened.trainer.close()
    tasks.shutdown()
    opened.wizard.close()
    assert ended == ["ready"]


def end_early(opened):
    """The training goes on once more and is stopped: the best so far is kept."""
    train, trainer, state = opened.train, opened.trainer, opened.state
    assert not train.isComplete() and opened.start() >= 2
    train.stop_button.click()
    until(lambda: not trainer.running, PATIENCE_S)
    assert trainer.error is None and state.trained and train.isComplete()
    assert len(trainer.history) < state.epochs
    assert "kept" in train.status.text() and not Path(state.output + ".part").exists()


def look_at_accuracy(opened):
    """It is measured, and a place to label next and an error are shown on the map."""
    assess, canvas = opened.assess, opened.iface.canvas
    opened.wizard.next()
    until(lambda: not assess._assessor.running, PATIENCE_S)
    after = assess._reports["after"]
    assert [row.sensors for row in after.rows] == [("rgb",), ("nir",), ("rgb", "nir")]
    assert set(after.every.f1) == set(after.every.iou)
    assert [note.text for note in assess.notes.value()][0].startswith("Before is not comparable: All classes are new")
    assert "on the test areas" in assess.summary.text()
    first = assess.next.tree.topLevelItem(0)
    assert first.text(0) == "1" and first.text(1)
    assess.next.tree.itemClicked.emit(first, 0)
    bounds = first.data(0, Qt.ItemDataRole.UserRole)
    assert canvas.extent().contains(QgsRectangle(*bounds))
    if after.places:
        place = after.places[0]
        names = [name for name, _ in after.classes]
        assess.confusion.cell_clicked.emit(names.index(place.reference), names.index(place.mapped))
        assert f"{place.pixels} pixels" in assess.confusion.hint.text()


def keep(opened, file):
    """The model gets its name and goes into the list and into a file, with the colours of the labels' style."""
    save = opened.save
    opened.wizard.next()
    save.title_edit.setText("Wiesen")
    save._edited()
    save.id_edit.setText("wiesen")
    save._edited()
    save.install_button.click()
    assert save._do(lambda: save.export(file))
    for name in ("wiesen", file, opened.state.output):
        package = store.find(name)
        assert (package.card.title, [c.name for c in package.card.classes]) == ("Wiesen", ["meadow", "Wald ü"])
        assert package.weights() and package.card.classes[1].color == "#0a640c"
    assert save.isComplete()
    opened.wizard.close()


def test_train_assess_and_save(state, iface, tmp_path, monkeypatch):
    break_off(Opened(state, iface))
    close_qgis(Opened(state, iface), monkeypatch)
    opened = Opened(state, iface)
    end_early(opened)
    look_at_accuracy(opened)
    keep(opened, str(tmp_path / "wiesen.sgma"))
    assert tasks.active() == []
