"""Page 6 of the wizard: measured before and after, shown, and followed onto the map."""

import json
from pathlib import Path

import pytest
from gui_support import settle
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject, QgsRectangle
from qgis.PyQt.QtWidgets import QWizard
from wizard_support import COMBINATIONS, Tasks, make_model, make_places, make_report

from sgma_qgis.gui.badge import BAD, DOUBT, NEUTRAL
from sgma_qgis.gui.wizard import assessing, ink, jobs, next_places, reports
from sgma_qgis.gui.wizard.assess_page import AssessPage
from sgma_qgis.gui.wizard.state import WizardState
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.errors import BadInput, WorkerFailed
from sgma_qgis.model.contract.learning import EvaluateJob, SuggestJob
from sgma_qgis.styling import SUGGESTED


@pytest.fixture()
def ran(monkeypatch):
    return Tasks(monkeypatch, assessing)


@pytest.fixture()
def state(tmp_path):
    return WizardState(base="test-trees", output=str(tmp_path / "out" / "mine"))


@pytest.fixture()
def opened(iface, state, ran, monkeypatch, data_dir):
    """Return a function that opens the page on a model whose training had these roles."""

    def job(state, model, output, role):
        return EvaluateJob(model, output, role=role)

    monkeypatch.setattr(jobs, "evaluate_job", job)
    monkeypatch.setattr(jobs, "suggest_job", lambda state, output: SuggestJob((), state.output, output))
    wizards = []

    def open_page(roles=("train", "validation", "test")):
        if not Path(state.output).exists():
            make_model(state.output, roles=roles)
        wizard = QWizard(iface.mainWindow())
        page = AssessPage(state, wizard, iface.mapCanvas())
        wizard.addPage(page)
        wizard.resize(820, 640)
        wizard.show()
        wizards.append(wizard)
        return page

    yield open_page
    for wizard in wizards:
        wizard.close()


def answer(ran, model, **changes):
    """Let the job that goes on write its report and end."""
    job, task = ran.jobs[-1], ran.task
    sha = store.find(model).card.weights_sha256
    Path(job.output).write_text(json.dumps(make_report(sha, **changes)), encoding="utf-8")
    task.succeeded.emit({})


def suggest(ran):
    """Let the job that looks for places write them and end."""
    job, task = ran.jobs[-1], ran.task
    make_places(job.output)
    task.succeeded.emit({"output": job.output})


def measured(page, ran, state, **changes):
    """Answer all three jobs."""
    answer(ran, state.base, miou=0.4, classes=("not tree", "tree"))
    answer(ran, state.output, **changes)
    suggest(ran)
    return page


def said(page):
    return " ".join(badge.text for badge in page.notes.value())


def cells(page):
    table = page.scores.table
    return [[table.item(r, c).text() for c in range(table.columnCount())] for r in range(table.rowCount())]


def test_both_models_are_measured_and_compared(opened, ran, state):
    page = opened()
    assert [(job.model, job.role) for job in ran.jobs] == [(state.base, "test")]
    ran.task.progressed.emit(0.5, "Measuring accuracy")
    assert not page.bar.isHidden() and page.bar.value() == 167
    measured(page, ran, state)
    assert [job.model for job in ran.jobs] == [state.base, state.output, state.output]
    assert page.bar.isHidden() and page.again_button.isEnabled()
    assert set(state.reports) == {"before", "after"}
    heads = [page.scores.table.horizontalHeaderItem(i).text() for i in range(4)]
    assert heads == ["Mean of known classes", "not tree", "tree", "Hecke ü"]
    assert page.scores.table.verticalHeaderItem(2).text() == "RGB + NIR"
    assert cells(page)[2] == ["0.420 → 0.720\n▲ +0.300", "0.420 → 0.720\n▲ +0.300", "0.420 → 0.720\n▲ +0.300", "0.720"]
    assert "New to the model: Hecke ü." in page.scores.note.text()
    assert "mIoU 0.720 (0.620 to 0.820 in 95 of 100 cases)" in page.summary.text()
    assert "from 0.420 to 0.720, on the test areas." in page.summary.text()
    assert [curve.name for curve in page.reliability.value()] == ["Before", "After"]
    assert page.notes.value() == []


def test_f1_is_shown_instead_of_iou(opened, ran, state):
    page = measured(opened(), ran, state)
    page.scores.score.setCurrentIndex(page.scores.score.findData(reports.F1))
    assert cells(page)[2][1:] == ["0.592 → 0.837\n▲ +0.246"] * 2 + ["0.837"]  # of IoU 0.42 and 0.72
    assert page.scores.note.text().startswith("F1: ")
    answered = page._reports["after"]
    page.scores.set_value((None, answered))
    assert page.scores.table.horizontalHeaderItem(0).text() == "Mean (F1)" and cells(page)[2][0] == "0.837"
    page.scores.score.setCurrentIndex(page.scores.score.findData(reports.IOU))
    assert cells(page)[2][0] == "0.720" and page.scores.note.text().startswith("IoU: ")


def test_reports_that_are_there_are_shown_and_measured_again_when_asked(opened, ran, state):
    measured(opened(), ran, state)
    again = opened()
    assert len(ran.jobs) == 3 and again.scores.table.rowCount() == len(COMBINATIONS)
    assert again.next.tree.topLevelItemCount() == 2 and len(QgsProject.instance().mapLayers()) == 1
    again.again_button.click()
    assert len(ran.jobs) == 4 and QgsProject.instance().mapLayers() == {} and again.scores.table.rowCount() == 0


def test_what_changes_while_it_is_shown_or_measured_is_told(opened, ran, state):
    page = measured(opened(), ran, state)
    assert set(state.reports) == {"before", "after"} and "have changed" not in said(page)
    page.outdate()
    assert "have changed since this was measured: measure again" in said(page)
    page.again_button.click()
    assert "have changed" not in said(page)
    state.reports = {}
    page.outdate()
    measured(page, ran, state)
    assert state.reports == {} and "have changed" in said(page)


def test_a_report_of_other_weights_counts_for_nothing(opened, ran, state):
    page = measured(opened(), ran, state)
    make_model(state.output, weights=b"trained again")
    page.measure(False)
    assert [job.model for job in ran.jobs[3:]] == [state.output]
    assert page.scores.value() == (page._reports["before"], None)


def test_after_another_training_the_base_is_measured_again_too(opened, ran, state):
    page = measured(opened(), ran, state)
    state.reports = {}  # as page 5 leaves it: labels and areas may be others
    page.measure(False)
    assert ran.jobs[3].model == state.base


def test_without_test_areas_it_is_no_independent_estimate(opened, ran, state):
    page = measured(opened(("train", "validation")), ran, state)
    assert {job.role for job in ran.jobs[:2]} == {"validation"}
    assert "on the validation areas." in page.summary.text()
    ((kind, text),) = [(note.kind, note.text) for note in page.notes.value()]
    assert kind == DOUBT and text.startswith("No independent estimate")


def test_without_areas_nothing_can_be_measured(opened, ran):
    page = opened(("train",))
    assert [job.kind for job in ran.jobs] == ["suggest"]
    assert "nothing can be measured" in page.notes.value()[0].text


def test_where_all_classes_are_new_before_is_not_comparable(opened, ran, state, monkeypatch):
    def refuse(state, model, output, role):
        if model == state.base:
            raise BadInput("All classes are new.")
        return EvaluateJob(model, output, role=role)

    monkeypatch.setattr(jobs, "evaluate_job", refuse)
    page = opened()
    answer(ran, state.output)
    ((kind, text),) = [(note.kind, note.text) for note in page.notes.value()]
    assert kind == NEUTRAL and text == "Before is not comparable: All classes are new."
    assert cells(page)[2] == ["0.720", "0.720", "0.720", "0.720"]
    assert page.scores.table.horizontalHeaderItem(0).text() == "Mean (mIoU)"


def test_no_class_in_common_is_told(opened, ran, state):
    page = opened()
    answer(ran, state.base, classes=("water", "bog"))
    answer(ran, state.output)
    assert "no class in common" in page.notes.value()[0].text


def test_a_measurement_that_fails_leaves_the_other(opened, ran, state):
    page = opened()
    ran.task.failed.emit(WorkerFailed("bad_input", "The reference holds no label.", ""))
    answer(ran, state.output)
    ran.task.failed.emit(WorkerFailed("nothing_left", "No square of 8 m holds data to look at.", ""))
    before, places = page.notes.value()
    assert before.text == "Before is not comparable: The reference holds no label."
    assert (
        places.text == "Where to label next is not known: All ground with data is labelled, or lies too near to labels."
    )
    page.again_button.click()
    answer(ran, state.base, classes=("not tree", "tree"))
    ran.task.failed.emit(WorkerFailed("bad_input", "The reference holds no label.", ""))
    assert (page.notes.value()[0].kind, page.notes.value()[0].text) == (BAD, "The reference holds no label.")


def test_what_goes_on_is_broken_off_with_the_window(opened, ran, state):
    page = opened()
    task = ran.task
    page.wizard().close()
    task.succeeded.emit({})
    assert len(ran.jobs) == 1 and not page._assessor.running


def test_cells_of_the_matrix_lead_to_the_errors(opened, ran, state, iface):
    page = measured(opened(), ran, state)
    canvas = iface.mapCanvas()
    page.confusion.table.cellClicked.emit(1, 0)  # tree mapped as not tree
    first = canvas.extent()
    assert first.contains(QgsRectangle(500000, 4599980, 500010, 4599990)) and first.width() < 300
    assert "tree mapped as not tree: place 1 of 2, 60 pixels" in page.confusion.hint.text()
    page.confusion.table.cellClicked.emit(1, 0)
    assert canvas.extent().contains(QgsRectangle(500030, 4599980, 500040, 4599990))
    assert "place 2 of 2" in page.confusion.hint.text()
    page.confusion.table.cellClicked.emit(1, 0)
    assert canvas.extent().center().distance(first.center()) < 0.01
    page.confusion.table.cellClicked.emit(0, 1)
    assert "No such error lies in one piece." in page.confusion.hint.text()
    page.confusion.table.cellClicked.emit(1, 1)
    assert "These pixels are right." in page.confusion.hint.text()


def test_the_map_is_left_as_it_was(opened, ran, state, iface):
    page, canvas = measured(opened(), ran, state), iface.mapCanvas()
    canvas.setExtent(QgsRectangle(499000, 4599000, 501000, 4601000))
    before = canvas.extent()
    for _ in range(2):
        page.confusion.table.cellClicked.emit(1, 0)
    assert canvas.extent() != before
    assert "framed on the map" in page.confusion.hint.text()
    assert page.validatePage() and canvas.extent() == before and page._spot._band is None
    page.confusion.table.cellClicked.emit(1, 0)
    moved = QgsRectangle(499900, 4599900, 500100, 4600100)
    canvas.setExtent(moved)
    moved = canvas.extent()
    assert page.validatePage() and canvas.extent() == moved  # a person went there


def test_names_of_the_matrix_keep_their_room(opened, ran, state):
    view = measured(opened(), ran, state).confusion
    assert not view.table.horizontalHeader().highlightSections()  # they would be bold, and cut


def test_why_there_are_no_places_is_said_where_they_would_be(opened, ran, state):
    page = opened()
    assert page.next.hint.text() == "No places are known yet."
    answer(ran, state.base)
    answer(ran, state.output)
    ran.task.failed.emit(WorkerFailed("nothing_left", "No square of 8 m holds data to look at.", ""))
    assert page.next.hint.text() == "All ground with data is labelled, or lies too near to labels."


def test_the_matrix_says_its_sensors_and_frames_the_chosen_cell(opened, ran, state):
    page = measured(opened(), ran, state)
    view = page.confusion
    assert view.title.text() == "The new model with RGB + NIR:"
    page.tabs.setCurrentWidget(view)
    settle(0.05)
    item = view.table.item(0, 1)
    spot = view.table.visualItemRect(item)
    before = view.table.viewport().grab(spot).toImage()
    view.table.setCurrentItem(item)
    after = view.table.viewport().grab(spot).toImage()
    x, y = spot.width() // 4, spot.height() // 4
    assert after.pixelColor(x, y) == before.pixelColor(x, y)
    edge, ground = (1, spot.height() // 2), item.background().color()
    assert after.pixelColor(*edge) == ink.on(ground) != before.pixelColor(*edge)


def test_scores_on_few_pixels_are_told(opened, ran, state):
    page = measured(opened(), ran, state, confusion=[[90, 5, 5], [100, 900, 100], [0, 100, 900]])
    assert "rest on few pixels and say little: not tree 100." in page.scores.note.text()


def test_a_step_is_called_once(opened, ran, state):
    page = opened()
    answer(ran, state.base)
    answer(ran, state.output)
    ran.task.progressed.emit(0.5, "Looking for places to label: 3 of 9")
    assert page.progress.text() == "Looking for places to label: 3 of 9"


def test_places_are_told_in_the_map_s_crs(opened, ran, state, iface):
    page = measured(opened(), ran, state)
    canvas, mercator = iface.mapCanvas(), QgsCoordinateReferenceSystem("EPSG:3857")
    canvas.setDestinationCrs(mercator)
    page.confusion.table.cellClicked.emit(1, 0)
    source = QgsCoordinateReferenceSystem("EPSG:32616")
    there = QgsCoordinateTransform(source, mercator, QgsProject.instance())
    assert canvas.extent().contains(there.transformBoundingBox(QgsRectangle(500000, 4599980, 500010, 4599990)))
    page.leave()


def test_the_matrix_counts_or_tells_percent(opened, ran, state):
    page = measured(opened(), ran, state)
    assert page.confusion.table.item(1, 0).text() == "9.1 %"
    page.confusion.percent.setChecked(False)
    assert page.confusion.table.item(1, 0).text() == "100"
    assert "100 pixels of tree mapped as not tree: 9.1 %" in page.confusion.table.item(1, 0).toolTip()


def test_places_to_label_next_are_listed_and_shown_on_the_map(opened, ran, state, iface):
    page = measured(opened(), ran, state)
    (layer,) = QgsProject.instance().mapLayers().values()
    assert layer.name() == "Where to label next" and layer.featureCount() == 2
    assert layer.labeling().settings().fieldName == "rank" and layer.labelsEnabled()
    assert layer.renderer().symbol().symbolLayer(0).strokeColor().name() == SUGGESTED  # as by Processing
    tree = page.next.tree
    rows = [[tree.topLevelItem(i).text(c) for c in (0, 1)] for i in range(2)]
    assert rows == [["1", "unsure between tree and Hecke ü; RGB and NIR disagree"], ["2", "NIR and RGB disagree"]]
    tree.itemClicked.emit(tree.topLevelItem(1), 0)
    assert iface.mapCanvas().extent().contains(QgsRectangle(500030, 4599980, 500040, 4599990))


def test_why_to_label_there_is_told_in_qgis_s_language(opened, ran, state, monkeypatch):
    monkeypatch.setattr(next_places, "tr", lambda text: {
        "unsure between {one} and {other}": "{one} oder {other}?", "{one} and {other} disagree": "{one} gegen {other}",
    }.get(text, text))  # fmt: skip
    tree = measured(opened(), ran, state).next.tree
    told = [tree.topLevelItem(i).text(1) for i in range(2)]
    assert told == ["tree oder Hecke ü?; RGB gegen NIR", "NIR gegen RGB"]
    assert next_places._told("unsure between a and b and c", ["a and b", "c"]) == "a and b oder c?"
    assert next_places._told("of another version", ["a"]) == "of another version"
    assert next_places._told("unsure between a; b and c; RGB and NIR disagree", ["c", "a; b"]) == (
        "a; b oder c?; RGB gegen NIR"
    )


def test_back_to_the_labels(opened):
    page, asked = opened(), []
    page.labels_wanted.connect(lambda: asked.append(1))
    page.labels_button.click()
    assert asked == [1]


@pytest.mark.parametrize("text", ["", "[]", '{"model": 3}', '{"model": {"sha256": "x"}, "combinations": []}'])
def test_a_file_that_is_no_report_is_none(tmp_path, text):
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    assert reports.read(str(tmp_path / "x.json"), "After") is None
