"""What the wizard tells on QGIS's message bar, where its window is closed: the end of a training, a pause."""

from types import SimpleNamespace

import pytest
from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtWidgets import QPushButton, QWizard
from wizard_support import Tasks, make_model

from sgma_qgis.gui.messages import BUTTON, LINE
from sgma_qgis.gui.wizard import training
from sgma_qgis.gui.wizard.outcome import ending
from sgma_qgis.gui.wizard.state import WizardState, remember
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.learning import TrainJob


@pytest.fixture()
def ran(monkeypatch):
    return Tasks(monkeypatch, training)


@pytest.fixture()
def opening(qgis_app, ran, data_dir, fake_python, monkeypatch):
    """What opens the wizard, in a loaded plugin."""
    from gui_support import Iface

    from sgma_qgis import classFactory

    QgsSettings().remove("sgma")
    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_wizard")
    iface = Iface()
    plugin = classFactory(iface)
    plugin.initGui()
    found = plugin.window.finetuning
    found.open()
    yield found, iface
    plugin.unload()
    QgsProject.instance().clear()
    iface.close()


def test_the_end_of_a_training_is_told_where_it_is_seen(opening, ran, tmp_path):
    found, iface = opening
    output = str(tmp_path / "out" / "mine")
    remember(WizardState(base="test-trees", output=output))
    found.wizard.close()
    found.open()
    found.trainer.start(TrainJob("test-trees", output))
    make_model(output)
    ran.task.succeeded.emit({"output": output})
    assert iface.said() == []  # the wizard is open
    found.wizard.close()
    assert found.wizard is None
    found.trainer.start(TrainJob("test-trees", output))
    ran.task.succeeded.emit({"output": output})
    (text,) = iface.said()
    assert text == "Trained: mIoU 0.610 (epoch 2 of 3)."  # all of it
    (button,) = [b for b in iface.bar.currentItem().findChildren(QPushButton) if b.text() == "Open the wizard"]
    button.click()
    assert found.wizard is not None and found.wizard.isVisible()
    found.wizard.close()
    found.trainer.start(TrainJob("test-trees", output))
    ran.task.failed.emit(BadInput("The disk is full.", "Make room."))
    assert any("The disk is full." in text for text in iface.said())
    found.trainer.start(TrainJob("test-trees", output))
    found.trainer.cancel()
    assert len(iface.said()) == 2


def test_the_end_of_another_project_s_training_is_told_beside_the_wizard(opening, ran, tmp_path):
    found, iface = opening
    output = str(tmp_path / "out" / "other")
    make_model(output)
    found.trainer.start(TrainJob("test-trees", output))
    ran.task.succeeded.emit({"output": output})
    (text,) = iface.said()
    assert text == "Trained: mIoU 0.610 (epoch 2 of 3)."
    assert "Open the wizard" not in [b.text() for b in iface.bar.currentItem().findChildren(QPushButton)]
    found.trainer.start(TrainJob("test-trees", output))
    ran.task.failed.emit(BadInput("The disk is full.", "Make room."))
    assert any("The disk is full." in text for text in iface.said())


def test_a_paused_training_says_that_maps_wait_for_it(opening, ran, tmp_path):
    found, iface = opening
    remember(WizardState(base="test-trees", output=str(tmp_path / "mine")))
    found.wizard.close()
    found.open()
    found.trainer.start(TrainJob("test-trees", str(tmp_path / "mine")))
    button = found.wizard.button(QWizard.WizardButton.CancelButton)
    assert button.toolTip().endswith("a training goes on")
    found.trainer.pause()
    assert "maps wait" in button.toolTip() and "maps" in found.trainer.text
    assert iface.said() == []
    found.wizard.close()
    (text,) = iface.said()
    assert text == "The training is paused: maps wait for it."
    found.trainer.resume()
    found.open()
    found.wizard.close()
    assert len(iface.said()) == 1


@pytest.mark.parametrize(("epoch", "said"), [(10, "Trained: mIoU 0.610 (epoch 10 of 13)."), (0, "none of 13")])
def test_the_end_fits_into_a_message_beside_a_button(epoch, said):
    rows = [{"step": 9 * n, "epoch": n, "miou": 0.6} for n in range(14)]
    told = {"history": rows, "validation_epoch": epoch, "validation_miou": 0.61}
    text = ending(SimpleNamespace(provenance=told, title="T"))
    assert said in text and len(text) <= LINE - BUTTON
    assert ending(SimpleNamespace(provenance={}, title="T")) == "The training has come to its end."
