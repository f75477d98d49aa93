"""Page 5 of the wizard, and the training that outlives it."""

import json

import pytest
from gui_support import settle
from label_support import enough, labels
from plugin_support import ROOT
from qgis.core import QgsProject
from qgis.PyQt.QtGui import QColor, QImage
from qgis.PyQt.QtWidgets import QWizard
from wizard_support import HISTORY, Tasks, make_checkpoint, make_model, values

from sgma_qgis.gui.wizard import ink, jobs, made_with, training, wording
from sgma_qgis.gui.wizard.outcome import sentence
from sgma_qgis.gui.wizard.picture import Picture
from sgma_qgis.gui.wizard.reliability_view import ReliabilityView
from sgma_qgis.gui.wizard.state import WizardState, recall, remember
from sgma_qgis.gui.wizard.train_page import TrainPage
from sgma_qgis.gui.wizard.training import Trainer
from sgma_qgis.model.contract import checkpoint
from sgma_qgis.model.contract.errors import BadInput, Cancelled, WorkerFailed
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.contract.messages import Pause, Resume, Stop


@pytest.fixture()
def ran(monkeypatch):
    return Tasks(monkeypatch, training)


@pytest.fixture()
def state(tmp_path):
    return WizardState(base="test-trees", output=str(tmp_path / "out" / "mine"), epochs=20)


@pytest.fixture()
def trainer(qgis_app, ran):
    return Trainer()


@pytest.fixture()
def page(trainer, state, monkeypatch, data_dir):
    """The page in a wizard; the job of the choices is made without layers."""

    def job(state):
        return TrainJob(state.base, state.output, recipe={"epochs": state.epochs}, options=state.options)

    monkeypatch.setattr(jobs, "train_job", job)
    wizard = QWizard()
    found = TrainPage(state, wizard, trainer)
    wizard.addPage(found)
    wizard.resize(820, 640)
    wizard.show()
    yield found
    wizard.close()


def shown(page):
    buttons = {
        "start": page.start_button,
        "afresh": page.afresh_button,
        "pause": page.pause_button,
        "stop": page.stop_button,
        "cancel": page.cancel_button,
    }
    return {name for name, button in buttons.items() if not button.isHidden()}


def test_a_training_is_started_watched_and_ended(page, trainer, ran, state, tmp_path):
    assert shown(page) == {"start"} and not page.isComplete()
    assert state.output in page.status.text()
    told = []
    page.changed.connect(lambda: told.append(state.trained))
    page.start_button.click()
    (job,) = ran.jobs
    assert (job.output, job.options.resume) == (state.output, True)
    assert shown(page) == {"pause", "stop", "cancel"}
    ran.task.progressed.emit(0.25, "Training: 3 min left")
    assert page.status.text() == "Training: 3 min left" and page.bar.value() == 250
    ran.task.metrics.emit(0, 0, values(0, 0.4))
    ran.task.metrics.emit(1, 8, values(1, 0.5))
    assert [row.epoch for row in page.curves.value()] == [0, 1]
    picture = QImage(30, 10, QImage.Format.Format_RGB32)
    picture.save(str(tmp_path / "example.png"))
    ran.task.example.emit(str(tmp_path / "example.png"))
    (tmp_path / "example.png").unlink()
    assert page.picture.value().width() == 30
    ran.task.logged.emit("warning", "Memory is short.")
    ran.task.logged.emit("info", "Step 8")
    assert page.warnings.toPlainText() == "⚠ Memory is short."
    make_model(state.output)
    ran.task.succeeded.emit({"output": state.output})
    assert state.trained and page.isComplete() and told[-1] is True
    assert "Epoch 2 of 3 was best and was kept: mIoU 0.610" in page.status.text()
    assert "Before the training it was 0.410" in page.status.text()
    assert page.start_button.text() == "&Train again" and shown(page) == {"start"}
    assert [row.epoch for row in page.curves.value()] == [0, 1]


def test_a_training_with_other_settings_is_not_taken_for_this_one(page, trainer, ran, state):
    page.start_button.click()
    ran.task.metrics.emit(1, 8, values(1, 0.5))
    state.epochs = 30
    page.initializePage()
    assert "changed since this training began" in page.notes.value()[0].text
    state.epochs = 20
    page.initializePage()
    assert page.notes.value() == []
    make_model(state.output)
    ran.task.succeeded.emit({"output": state.output})
    assert page.isComplete() and recalled(state).made_with == state.made_with
    state.classes = {"oak": "ignore"}
    page.initializePage()
    assert not page.isComplete() and "settings have changed since this training" in page.status.text()
    assert page.curves.value() == () and page.start_button.text() == "&Train again"
    page.start_button.click()
    page.cancel_button.click()
    assert not page.isComplete()  # it is the old model still
    page.start_button.click()
    ran.task.succeeded.emit({"output": state.output})
    assert page.isComplete() and "was best and was kept" in page.status.text()


def test_an_interrupted_training_with_other_settings_cannot_go_on(page, ran, state):
    page.start_button.click()
    make_checkpoint(state.output, 2)
    page.cancel_button.click()
    state.seed = 5
    page.initializePage()
    assert "start afresh" in page.status.text() and not page.start_button.isEnabled()
    page.afresh_button.click()
    assert len(ran.jobs) == 2 and not ran.jobs[-1].options.resume


def test_labels_that_were_edited_are_other_settings(qgis_app):
    layer = labels(enough())
    state = WizardState(labels=layer.id(), class_field="class", output="here")
    assert not made_with.differs(state)  # nothing is known
    state.made_with["here"] = made_with.digest(state)
    assert not made_with.differs(state)
    layer.dataProvider().deleteFeatures([next(layer.getFeatures()).id()])
    assert made_with.differs(state)
    QgsProject.instance().clear()


def recalled(state):
    remember(state)
    return recall()


def test_pause_resume_and_stop_are_asked_of_the_job(page, trainer, ran):
    page.start_button.click()
    page.pause_button.click()
    assert (
        trainer.paused
        and page.status.text().startswith("Paused: maps and trials wait")
        and page.pause_button.text() == "&Go on"
    )
    page.pause_button.click()
    assert not trainer.paused
    page.pause_button.click()
    page.stop_button.click()
    assert ran.task.asked() == [Pause, Resume, Pause, Stop]
    assert not page.stop_button.isEnabled() and not page.pause_button.isEnabled()
    assert "best so far is kept" in page.status.text()
    trainer.stop()
    assert ran.task.asked() == []


def test_a_training_broken_off_goes_on_with_its_curves(page, trainer, ran, state):
    page.start_button.click()
    for epoch in (0, 1, 2, 3):
        ran.task.metrics.emit(epoch, 8 * epoch, values(epoch, 0.4 + 0.05 * epoch))
    make_checkpoint(state.output, 2)
    page.cancel_button.click()
    assert not trainer.running and page.notes.value() == []
    assert shown(page) == {"start", "afresh"}
    assert page.start_button.text() == "&Go on from epoch 3"
    assert "interrupted after epoch 2 of 20" in page.status.text()
    page.start_button.click()
    assert ran.jobs[-1].options.resume
    assert [(row.epoch, len(row.scores)) for row in trainer.history] == [(0, 3), (1, 3), (2, 3)]


@pytest.mark.parametrize("size", [(820, 640), (640, 360)])
def test_the_end_can_be_read_in_a_small_window(page, trainer, ran, state, size):
    page.start_button.click()
    make_model(state.output)
    ran.task.logged.emit("warning", "Memory is short.")
    ran.task.succeeded.emit({"output": state.output})
    page.wizard().resize(*size)
    settle(0.05)
    label, body = page.status, page.status.parentWidget()
    assert label.height() >= label.heightForWidth(label.width()) > 0
    assert page.curves.score.height() >= page.curves.score.minimumSizeHint().height()
    assert (body.height() > page.height()) == (size[1] == 360)  # the rest is scrolled to


def test_a_training_that_ended_in_its_first_epoch_begins_anew(page, ran, state):
    page.start_button.click()
    page.cancel_button.click()
    assert "before its first epoch was whole" in page.status.text() and shown(page) == {"start"}
    assert page.start_button.text() == "S&tart the training"


def test_after_qgis_was_closed_the_page_offers_to_go_on(page, trainer, ran, state):
    make_checkpoint(state.output, 2)
    page.initializePage()
    assert shown(page) == {"start", "afresh"} and not page.isComplete()
    assert [row.miou for row in page.curves.value()] == [row["miou"] for row in HISTORY[:3]]
    page.curves.view.setCurrentIndex(page.curves.view.findData("sensors"))
    assert [line.name for line in page.curves.score.value()] == ["RGB + NIR", "NIR", "RGB"]
    page.curves.view.setCurrentIndex(page.curves.view.findData("classes"))
    assert [line.name for line in page.curves.score.value()] == ["tree", "Hecke ü"]
    page.afresh_button.click()
    assert not ran.jobs[-1].options.resume
    assert trainer.history == []


def test_an_interrupted_training_shows_its_example(page, trainer, ran, state):
    make_checkpoint(state.output, 2)
    picture = QImage(300, 100, QImage.Format.Format_RGB32)
    picture.fill(QColor("#123456"))
    picture.save(f"{state.output}.part/{checkpoint.EXAMPLE}")
    page.initializePage()
    assert page.picture.value().width() == 300 and page.picture.captions()[2] == "map after epoch 2"
    page.start_button.click()
    assert page.picture.value().width() == 300 and page.picture.captions()[2] == "map after epoch 2"
    ran.task.metrics.emit(3, 24, values(3, 0.5))
    ran.task.example.emit(f"{state.output}.part/{checkpoint.EXAMPLE}")
    assert page.picture.captions()[2] == "map after epoch 3"  # not of the best, which the model will be


def test_a_training_that_may_not_go_on_says_so(page, ran, state):
    make_checkpoint(state.output, 2)
    page.initializePage()
    assert page.status.text().endswith("It can go on from there.")
    page.start_button.click()
    source = (ROOT / "model" / "training" / "checkpoint.py").read_text(encoding="utf-8")
    assert f'"{wording.GO_ON}"' in source
    hint = wording.GO_ON + "or choose another --output."
    ran.task.failed.emit(WorkerFailed("bad_input", "The checkpoint in X is of another training.", hint))
    (note,) = page.notes.value()
    assert note.text == (
        "The checkpoint in X is of another training. Set all as it was when it began to go on with it, start afresh, "
        "or choose another name (page Model and budget)."
    )
    assert page.status.text().endswith("after epoch 2 of 20. It could not go on: see below.")
    page.afresh_button.click()
    ran.task.failed.emit(Cancelled("Cancelled."))
    assert page.status.text().endswith("It can go on from there.")


def test_a_class_has_one_colour_in_example_and_curves(page, ran, tmp_path):
    page.start_button.click()
    picture = QImage(300, 100, QImage.Format.Format_RGB32)
    picture.fill(QColor("#123456"))
    rows = [["tree", "#117733", True], ["Hecke ü", "#cc3311", True], ["water", "#0000ff", False]]
    picture.setText("classes", json.dumps(rows))
    picture.save(str(tmp_path / "example.png"))
    ran.task.metrics.emit(1, 8, values(1, 0.5))
    ran.task.metrics.emit(2, 16, values(2, 0.6))
    ran.task.example.emit(str(tmp_path / "example.png"))
    page.curves.view.setCurrentIndex(page.curves.view.findData("classes"))
    assert {line.name: line.color for line in page.curves.score.value()} == {"tree": "#117733", "Hecke ü": "#cc3311"}
    settle(0.05)
    shown = page.picture.grab().toImage()
    colors = {shown.pixelColor(x, y).name() for x in range(shown.width()) for y in range(shown.height())}
    assert {"#117733", "#cc3311"} <= colors and "#0000ff" not in colors


def test_a_line_wider_than_its_part_of_the_example_is_shown_whole(qgis_app):
    picture = Picture("")
    picture.resize(420, 160)
    image = QImage(90, 90, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    caption = "map after epoch 12"

    def ink_width(captions):
        picture.set_value(image, captions)
        shown = picture.grab().toImage()
        ground = shown.pixel(0, 159)
        rows = range(160 - picture.fontMetrics().height() - 2, 160)
        columns = [x for x in range(420) if any(shown.pixel(x, y) != ground for y in rows)]
        return columns[-1] - columns[0]

    assert ink_width(("", "", caption)) >= ink_width((caption,)) - 2  # that of the whole width is not cut
    assert ink_width((caption,)) > 90 > ink_width(("", "label", ""))
    picture.deleteLater()


def test_charts_can_be_read_in_a_dark_theme(page, ran, dark):
    view = ReliabilityView(page)
    settle(0.05)
    for chart in (page.curves.loss, page.curves.score, page.picture, view):
        assert ink.text(chart).lightness() > 150 and ink.ground(chart).lightness() < 100
        assert ink.ground(chart).alpha() == 255


def test_what_cannot_be_trained_is_said_on_the_page(page, trainer, ran, monkeypatch):
    def refuse(state):
        raise BadInput("The layer with labels is no longer in the project.", "Choose one on the page Labels.")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "train_job", refuse)
        page.start_button.click()
    (note,) = page.notes.value()
    assert note.text == "The layer with labels is no longer in the project. Choose one on the page Labels."
    page.start_button.click()
    assert page.notes.value() == []
    ran.task.failed.emit(WorkerFailed("bad_input", "The training labels hold one class only.", "Label another."))
    (note,) = page.notes.value()
    assert note.text == "The training labels hold one class only. Label another."
    assert shown(page) == {"start"} and not page.isComplete()


def test_the_training_outlives_the_page(trainer, ran, state, page):
    page.start_button.click()
    page.wizard().close()
    ended = []
    trainer.succeeded.connect(ended.append)
    ran.task.metrics.emit(1, 8, values(1, 0.5))
    make_model(state.output)
    ran.task.succeeded.emit({"output": state.output})
    assert ended == [{"output": state.output}]
    again = TrainPage(WizardState(base="test-trees", output=state.output), None, trainer)
    again.initializePage()
    assert again.isComplete() and [row.epoch for row in again.curves.value()] == [1]


def test_the_training_of_another_project_is_waited_for(trainer, ran, page, state, tmp_path):
    trainer.start(TrainJob("b", str(tmp_path / "other")))
    page.initializePage()
    assert "Another training goes on" in page.status.text() and not page.start_button.isEnabled()
    trainer.start(TrainJob("b", state.output))
    assert len(ran.jobs) == 1
    ran.task.failed.emit(BadInput("no", ""))
    assert page.start_button.isEnabled() and page.notes.value() == []


def test_what_comes_after_the_plugin_was_closed_is_nobody_s(trainer, ran):
    trainer.start(TrainJob("b", "out"))
    trainer.close()
    ran.task.metrics.emit(1, 8, values(1, 0.5))
    ran.task.succeeded.emit({})
    assert trainer.history == [] and not trainer.running


@pytest.mark.parametrize("data", [b"", b"\xff" * 8, b"\x02" + b"\0" * 7 + b"{}", b"\x04" + b"\0" * 7 + b"null"])
def test_a_damaged_checkpoint_is_none(tmp_path, data):
    output = tmp_path / "mine"
    assert checkpoint.kept(str(output)) is None
    (tmp_path / "mine.part").mkdir()
    (tmp_path / "mine.part" / "checkpoint.safetensors").write_bytes(data)
    assert checkpoint.kept(str(output)) is None


def test_the_words_for_what_was_kept():
    from types import SimpleNamespace

    def of(**told):
        return sentence(SimpleNamespace(provenance=told, title="T"))

    assert "None of 3 epochs was better" in of(history=HISTORY, validation_epoch=0, validation_miou=0.41)
    unchecked = [{"epoch": 4, "step": 9, "loss": 0.3}]
    assert "4 epochs; nothing was validated" in of(history=unchecked, validation_epoch=0, validation_miou=0.0)
    assert of() == of(history="hostile") == "The model T is there."
