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


def pages(state, iface, trainer):
    wizard = QWizard(iface.mainWindow())
    found = TrainPage(state, wizard, trainer), AssessPage(state, wizard, iface.canvas), SavePage(state, wizard)
    for page in found:
        wizard.addPage(page)
    wizard.show()
    return wizard, *found


def test_train_assess_and_save(state, iface, tmp_path, monkeypatch):
    ended, shutdown = [], service.shutdown
    monkeypatch.setattr(service, "shutdown", lambda: (ended.append(service.workers()["run"]), shutdown()))
    trainer = Trainer()
    wizard, train, assess, save = pages(state, iface, trainer)
    train.start_button.click()
    until(lambda: len(trainer.history) > 1 or not trainer.running, PATIENCE_S, "no epoch came to its end")
    assert trainer.error is None, trainer.error
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
    wizard.close()

    trainer = Trainer()  # as after QGIS was closed
    wizard, train, assess, save = pages(state, iface, trainer)
    epoch = len(train.curves.value())
    assert epoch >= 2
    train.start_button.click()
    until(lambda: len(trainer.history) > epoch, PATIENCE_S)
    trainer.close()
    tasks.shutdown()  # QGIS is closed, or the plugin unloaded
    wizard.close()
    assert ended == ["ready"]  # it ended its step by itself, before the worker was ended

    trainer = Trainer()
    wizard, train, assess, save = pages(state, iface, trainer)
    assert len(train.curves.value()) >= epoch and not train.isComplete()
    epoch = len(train.curves.value())
    train.start_button.click()
    until(lambda: len(trainer.history) > epoch, PATIENCE_S)
    train.stop_button.click()
    until(lambda: not trainer.running, PATIENCE_S)
    assert trainer.error is None and state.trained and train.isComplete()
    assert len(trainer.history) < 60
    assert "kept" in train.status.text() and not Path(state.output + ".part").exists()

    wizard.next()
    until(lambda: not assess._assessor.running, PATIENCE_S)
    after = assess._reports["after"]
    assert [row.sensors for row in after.rows] == [("rgb",), ("nir",), ("rgb", "nir")]
    assert [note.text for note in assess.notes.value()][0].startswith("Before is not comparable: All classes are new")
    assert "on the test areas" in assess.summary.text()
    first = assess.next.tree.topLevelItem(0)
    assert first.text(0) == "1" and first.text(1)
    assess.next.tree.itemClicked.emit(first, 0)
    bounds = first.data(0, Qt.ItemDataRole.UserRole)
    assert iface.canvas.extent().contains(QgsRectangle(*bounds))
    if after.places:
        place = after.places[0]
        names = [name for name, _ in after.classes]
        assess.confusion.cell_clicked.emit(names.index(place.reference), names.index(place.mapped))
        assert f"{place.pixels} pixels" in assess.confusion.hint.text()

    wizard.next()
    save.title_edit.setText("Wiesen")
    save._edited()
    save.id_edit.setText("wiesen")
    save._edited()
    save.install_button.click()
    assert save._do(lambda: save.export(str(tmp_path / "wiesen.sgma")))
    for name in ("wiesen", str(tmp_path / "wiesen.sgma"), state.output):
        package = store.find(name)
        assert (package.card.title, [c.name for c in package.card.classes]) == ("Wiesen", ["meadow", "Wald ü"])
        assert package.weights() and package.card.classes[1].color == "#0a640c"
    assert save.isComplete()
    wizard.close()
    assert tasks.active() == []
