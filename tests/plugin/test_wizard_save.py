"""Page 7 of the wizard: the model's name, the list of models, one file, and the map."""

from pathlib import Path

import pytest
from gui_support import until
from qgis.PyQt.QtWidgets import QWizard
from wizard_support import WEIGHTS, make_model

from sgma_qgis.gui.badge import BAD, DOUBT, GOOD, NEUTRAL
from sgma_qgis.gui.wizard.save_page import SavePage
from sgma_qgis.gui.wizard.state import WizardState
from sgma_qgis.model.contract import store


@pytest.fixture()
def state(tmp_path):
    return WizardState(base="test-trees", output=str(tmp_path / "out" / "mine"))


@pytest.fixture()
def page(qgis_app, state, data_dir):
    make_model(state.output)
    wizard = QWizard()
    found = SavePage(state, wizard)
    wizard.addPage(found)
    wizard.resize(820, 640)
    wizard.show()
    yield found
    wizard.close()


def type_in(edit, text):
    edit.setText(text)
    edit.textEdited.emit(text)


def told(page):
    return [(note.kind, note.text) for note in page.notes.value()]


def test_the_card_is_shown_with_how_the_model_was_made(page):
    text = page.card.toPlainText()
    for words in (
        "Trees, trained further on mine",
        "Hecke ü",
        "0.66",
        "test-trees",
        "Seed",
        "Practise all alike",
        "A little everywhere",
        "labels.gpkg",
        "tree 9",
    ):
        assert words in text
    for key in ("adapters", "uniform", "epochs", "batch"):  # as the card's file has it
        assert key not in page.card.toPlainText().split("How it was made")[1].split("Command")[0]
    assert "Epoch 2 of 3 was best" in text
    assert page.isComplete() and [kind for kind, _ in told(page)] == [NEUTRAL]
    until(lambda: page.title_edit.cursorPosition() == 0)


def test_what_finish_alone_leaves_is_said_until_the_model_is_installed(page, state):
    ((kind, text),) = told(page)
    assert kind == NEUTRAL and "not among your models yet" in text and state.output in text and "card.json" in text
    page.install_button.click()
    assert [kind for kind, _ in told(page)] == [GOOD]


def test_title_licence_and_id_are_written_into_the_card(page, state):
    before = store.open_package(store.Path(state.output)).card
    seen = []
    page.changed.connect(lambda: seen.append(state.title))
    type_in(page.title_edit, " Auwald <b>Süd</b> ")
    type_in(page.licence_edit, "CC-BY-4.0")
    type_in(page.id_edit, "auwald-sued")
    assert seen[-1] == "Auwald <b>Süd</b>" and state.licence == "CC-BY-4.0"
    assert "Auwald <b>Süd</b>" in page.card.toPlainText()
    assert store.open_package(store.Path(state.output)).card == before
    assert page.validatePage()
    found = store.open_package(store.Path(state.output))
    assert (found.card.id, found.card.title, found.card.licence) == ("auwald-sued", "Auwald <b>Süd</b>", "CC-BY-4.0")
    assert found.card.accuracy == before.accuracy and found.card.provenance == before.provenance
    assert found.weights() == WEIGHTS


@pytest.mark.parametrize(
    "field, text, words",
    [
        ("title_edit", "  ", "Give the model a title."),
        ("id_edit", "Mit Leerzeichen", "The id is made of small letters"),
        ("id_edit", "", "The id is made of small letters"),
        ("licence_edit", "a\x07b", "holds characters that cannot be shown"),
    ],
)
def test_what_no_card_can_say_is_refused(page, field, text, words):
    type_in(getattr(page, field), text)
    ((kind, said),) = told(page)
    assert kind == BAD and words in said
    assert not page.isComplete()
    assert not any(b.isEnabled() for b in (page.install_button, page.export_button, page.run_button))
    assert not page.validatePage()


def test_colours_chosen_after_the_training_are_written_into_the_card(page, state):
    state.classes = {"hedge": "new:Hecke ü", "tree": "1"}
    state.picked = {"hedge": "#0000ff", "tree": "#ffffff"}
    before = [info.color for info in store.open_package(Path(state.output)).card.classes]
    page.initializePage()
    assert page.validatePage()
    after = [info.color for info in store.open_package(Path(state.output)).card.classes]
    assert after == [*before[:2], "#0000ff"] and before[2] != "#0000ff"


def test_colours_that_nobody_chose_stay_as_they_were_trained(page, state):
    state.classes = {"hedge": "new:Hecke ü", "tree": "1"}
    before = store.open_package(Path(state.output)).card
    page.initializePage()
    assert page.validatePage() and store.open_package(Path(state.output)).card.classes == before.classes
    state.colors = {"hedge": "#0000ff"}  # the labels' style names it
    assert page.validatePage() and store.open_package(Path(state.output)).card.classes[2].color == "#0000ff"


def test_the_model_goes_into_the_list(page):
    lists = []
    page.installed.connect(lambda: lists.append([p.card.id for p in store.installed()]))
    page.install_button.click()
    assert "mine" in lists[0]
    assert told(page)[0][0] == GOOD and "among your models now" in told(page)[0][1]
    assert store.find("mine").weights() == WEIGHTS
    type_in(page.title_edit, "Another title")
    assert page.replace_box.isHidden() and page.install_button.isEnabled()  # it is this very model
    page.install_button.click()
    assert store.find("mine").card.title == "Another title"


def test_another_model_is_replaced_only_when_the_box_says_so(page, tmp_path):
    other = make_model(store.data_dir() / "models" / "mine", weights=b"other")
    page.initializePage()
    assert not page.replace_box.isHidden() and other.card.title in page.replace_box.text()
    assert not page.install_button.isEnabled()
    page.replace_box.setChecked(True)
    page.install_button.click()
    assert store.find("mine").weights() == WEIGHTS
    assert page.replace_box.isHidden() and not page.replace_box.isChecked()


def test_the_id_of_a_model_of_the_plugin_is_taken(page):
    known = [p.card.id for p in store.installed() if (store.data_dir() / "models") not in p.path.parents]
    type_in(page.id_edit, known[0])
    assert told(page)[0][0] == DOUBT and "comes with the plugin" in told(page)[0][1]
    assert not page.install_button.isEnabled() and page.replace_box.isHidden()
    assert page.export_button.isEnabled()


def test_the_exported_file_is_the_model(page, tmp_path):
    type_in(page.title_edit, "Exported")
    assert page._do(lambda: page.export(str(tmp_path / "passed on")))
    found = store.find(str(tmp_path / "passed on.sgma"))
    assert (found.card.title, found.weights()) == ("Exported", WEIGHTS)
    assert "passed on.sgma" in told(page)[0][1]


def test_a_file_that_cannot_be_written_is_said(page, tmp_path):
    assert not page._do(lambda: page.export(str(tmp_path / "no" / "folder" / "x.sgma")))
    ((kind, text),) = told(page)
    assert kind == BAD and "x.sgma cannot be written" in text


def test_run_names_the_installed_model_else_the_folder(page, state):
    wanted = []
    page.run_wanted.connect(wanted.append)
    page.run_button.click()
    page.install_button.click()
    page.run_button.click()
    assert wanted == [state.output, "mine"]


def test_without_a_model_nothing_can_be_done(qgis_app, tmp_path, data_dir):
    page = SavePage(WizardState(output=str(tmp_path / "none")))
    page.initializePage()
    assert not page.isComplete() and not page.validatePage()
    assert "There is no model in" in page.notes.value()[0].text
