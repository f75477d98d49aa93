"""Page 4 of the wizard: what may change, for how long, where the new model goes, what it needs, the command."""

import pytest
from gui_support import until
from label_support import enough, labels, raster, texts
from plugin_support import make_raster
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QApplication
from wizard_support import Tasks, make_model

from sgma_qgis import process_program
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard import model_page, training
from sgma_qgis.gui.wizard.model_page import ModelPage
from sgma_qgis.gui.wizard.state import WizardState
from sgma_qgis.gui.wizard.training import Trainer
from sgma_qgis.model.contract.errors import WorkerFailed
from sgma_qgis.model.contract.learning import TrainJob

NEEDS = {
    "memory_bytes": 5.7e8,
    "epoch_s": 18.0,
    "total_s": 540.0,
    "epochs": 30,
    "gpu_memory_bytes": 0,
    "pieces": 1,
    "roles": {"train": {"oak": 1200, "road": 0}, "test": {"oak": 90}},
    "warnings": ["No training label is road."],
}


@pytest.fixture()
def ran(monkeypatch):
    return Tasks(monkeypatch, model_page, training)


@pytest.fixture()
def page(qgis_app, data_dir, tmp_path, ran):
    QgsProject.instance().clear()
    rgb = raster(make_raster(tmp_path / "rgb.tif", 3), "rgb")
    state = WizardState(
        slots={"rgb": Slot(rgb.id())},
        labels=labels(enough()).id(),
        class_field="class",
        classes={"oak": "new:oak", "road": "new:road"},
        base="test-trees",
    )
    found = ModelPage(state, None, Trainer())
    found.initializePage()
    yield found
    found.deleteLater()
    QgsProject.instance().clear()


def test_first_choices(page, data_dir):
    state = page._state
    assert page.isComplete() and state.output == str(data_dir / "trainings" / "test-trees-labels")
    assert "Trees <for tests>" in page.base.text()
    assert page.strategies.checkedButton().text() == "A little everywhere"
    assert page.samplers.checkedButton().text() == "Practise weak sensors more"
    assert page.epochs.text() == "automatic" and state.epochs is None


def test_choices_go_into_the_state_and_the_command(page, tmp_path):
    changes = []
    page.changed.connect(lambda: changes.append(1))
    page.strategies.button(0).setChecked(True)
    page.samplers.button(2).setChecked(True)
    page.epochs.setValue(12)
    page.seed.setValue(3)
    page.threads.setValue(2)
    page.device.setCurrentIndex(page.device.findData("cpu"))
    page.folder.setFilePath(str(tmp_path))
    page.name.setText("mine")
    state = page._state
    assert (state.strategy, state.sampler, state.epochs, state.seed) == ("head", "uniform", 12, 3)
    assert (state.options.threads, state.options.device) == (2, "cpu")
    assert state.output == str(tmp_path / "mine") and changes
    until(lambda: "--EPOCHS=12" in page.command.text.toPlainText())
    text = page.command.text.toPlainText()
    assert (
        text.startswith(f"{process_program.program()} run sgma:finetune")
        and "--SEED=3" in text
        and "--DEVICE=cpu" in text
    )
    page.command.copy_button.click()
    assert QApplication.clipboard().text() == text
    again = ModelPage(state, None, Trainer())
    again.initializePage()
    assert again.epochs.value() == 12 and again.strategies.checkedId() == 0 and again.device.currentText() == "cpu"
    again.deleteLater()


def test_a_device_may_be_typed(page):
    page.device.setEditText("cuda:1")
    assert page._state.options.device == "cuda:1"


@pytest.mark.parametrize(
    ("folder", "name", "said"),
    [
        ("", "mine", "Choose a folder"),
        ("models", "mine", "Choose a folder"),
        ("{tmp}", "", "Give the new model a name"),
        ("{tmp}", "a/b", "Give the new model a name"),
        ("{tmp}", "file", "is a file"),
        ("{tmp}", "other", "holds other files and no model"),
    ],
)
def test_a_bad_place_is_told_in_one_sentence(page, tmp_path, folder, name, said):
    (tmp_path / "file").write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("")
    page.folder.setFilePath(folder.format(tmp=tmp_path))
    page.name.setText(name)
    assert said in texts(page) and not page.isComplete() and not page.try_button.isEnabled()


def test_a_folder_that_holds_a_model_already_is_trained(page, tmp_path):
    make_model(tmp_path / "mine")
    page.folder.setFilePath(str(tmp_path))
    page.name.setText("mine")
    assert page.isComplete() and page._state.trained and "There is a model of that name already" in texts(page)
    assert page._state.made_with == {page._state.output: ""}  # not by this wizard
    page._state.title = "Mine"
    page.name.setText("yours")
    assert page._state.title == ""  # it was the other model's
    assert not page._state.trained and "model of that name" not in texts(page)


def test_a_trial_tells_memory_and_time(page, ran):
    page.try_button.click()
    job = ran.jobs[0]
    assert job.dry_run and job.base == "test-trees" and page.isComplete()
    assert page.try_button.text() == "Stop" and not page.bar.isHidden()
    ran.task.progressed.emit(0.25, "Reading")
    assert page.bar.value() == 25
    ran.task.succeeded.emit(NEEDS)
    assert "Needs about 570 MB of memory" in texts(page) and "30 epochs" in texts(page)
    assert "No training label is road." in texts(page) and page.isComplete()
    assert page.notes.value()[0].hint == "Training: oak 1\u202f200 px, road 0 px\nTest: oak 90 px"
    page.epochs.setValue(3)  # it no longer is what was tried
    assert not texts(page)


def test_a_trial_on_a_graphics_card_that_is_small(page, ran):
    page.try_button.click()
    ran.task.succeeded.emit({**NEEDS, "gpu_memory_bytes": 4e9, "pieces": 2, "epochs": 1})
    assert "4.0 GB on the graphics card" in texts(page) and "cut into 2 pieces" in texts(page)
    assert "for 1 epoch." in texts(page)


def test_there_is_no_trial_while_a_training_goes_on(page, ran, tmp_path):
    page._trainer.start(TrainJob("test-trees", str(tmp_path / "other")))
    assert not page.try_button.isEnabled() and "once the training that is running" in texts(page)
    assert page.isComplete()
    page._trainer.cancel()
    assert page.try_button.isEnabled() and not texts(page)


def test_a_trial_ends_when_one_goes_on(page, ran):
    page.try_button.click()
    assert page.bar.format() == "Waits for its turn…"
    assert page.validatePage() and page._task is None


def test_a_trial_can_be_stopped_and_may_fail(page, ran):
    page.try_button.click()
    page.try_button.click()
    assert page.isComplete() and not texts(page) and page.try_button.text() == "&Try it out"
    page.try_button.click()
    ran.task.failed.emit(WorkerFailed("bad_input", "The labels hold one class.", "Label more."))
    assert "The labels hold one class. Label more." in texts(page)


def test_what_is_missing_is_told_instead_of_a_command_and_a_trial(page, ran):
    QgsProject.instance().removeMapLayer(page._state.labels)
    page.initializePage()
    until(lambda: "no longer in the project" in page.command.text.toPlainText())
    assert not page.command.copy_button.isEnabled()
    page.try_button.click()
    assert not ran.jobs and "no longer in the project" in texts(page)
