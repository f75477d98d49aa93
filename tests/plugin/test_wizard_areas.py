"""Page 3 of the wizard: areas with roles, what they hold, how far they are apart, and the engine's proposal."""

from pathlib import Path

import pytest
from gui_support import settle
from label_support import areas, box, enough, labels, raster, texts
from plugin_support import make_raster
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsVectorFileWriter,
)
from wizard_support import Tasks

from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard import label_values, propose_box, roles
from sgma_qgis.gui.wizard.areas_page import AreasPage
from sgma_qgis.gui.wizard.roles import COLORS
from sgma_qgis.gui.wizard.state import WizardState
from sgma_qgis.model.contract.errors import WorkerFailed

WEST_HALF, EAST_TOP, EAST_BOTTOM = box(0, 0, 30, 40), box(40, 18, 20, 20), box(40, 0, 20, 13)
CLASSES = {"oak": "new:oak", "road": "new:road"}


@pytest.fixture()
def ran(monkeypatch):
    found = Tasks(monkeypatch)
    monkeypatch.setattr(propose_box.tasks, "interact_task", found.run)
    return found


@pytest.fixture()
def page(qgis_app, data_dir, tmp_path, ran):
    """Twelve objects of two classes in two rows; pixels of 1 m, crops of 8."""
    QgsProject.instance().clear()
    rgb = raster(make_raster(tmp_path / "rgb.tif", 3), "rgb")
    layer = labels(enough())
    slots = {"rgb": Slot(rgb.id())}
    state = WizardState(slots=slots, labels=layer.id(), class_field="class", classes=CLASSES, base="test-trees", crop=8)
    found = AreasPage(state)
    found.initializePage()
    found.propose.file.setFilePath(str(tmp_path / "kept" / "areas"))
    yield found
    found.deleteLater()
    QgsProject.instance().clear()


def column(page, number):
    rows = range(page.table.rowCount())
    return [page.table.item(row, number).text() for row in rows]


def test_nothing_is_chosen_at_first(page):
    assert not page.isComplete() and "let them be proposed" in texts(page)
    assert page.gap.text() == "Room needed between areas: 8 m"


def test_areas_are_told_by_role_and_class(page):
    page.layer.setLayer(areas([(WEST_HALF, "train"), (EAST_TOP, "Validation "), (EAST_BOTTOM, "test")]))
    heads = [page.table.horizontalHeaderItem(i).text() for i in range(3)]
    assert heads == ["Training", "Validation", "Test"]
    assert [page.table.verticalHeaderItem(i).text() for i in range(4)] == ["Polygons", "Area", "oak", "road"]
    assert column(page, 0) == ["1", "1\u202f201 m²", "52 m² · 68 %", "52 m² · 68 %"]
    assert column(page, 1) == ["1", "400 m²", "–", "24 m² · 32 %"]
    said = texts(page)
    assert "Validation and Test are 5 m apart; 8 m are needed" in said
    assert "No label in the validation areas is oak" in said and "No label in the test areas is road" in said
    assert page.isComplete()


def test_roles_that_overlap_are_refused(page):
    page.layer.setLayer(areas([(WEST_HALF, "train"), (box(20, 0, 20, 40), "test")]))
    assert "training and test overlap by 400" in texts(page) and not page.isComplete()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(WEST_HALF, "test")], "no area for training"),
        ([(WEST_HALF, "train"), (EAST_TOP, "")], "has no role"),
        ([(WEST_HALF, "train"), (EAST_TOP, "exam")], "'exam' is no role"),
        ([(WEST_HALF, "train"), (box(900, 0), "test")], "The test areas hold no label"),
        ([(box(0, 0, 60, 14), "train")], "one class only, oak"),
    ],
)
def test_bad_areas_are_refused_in_one_sentence(page, rows, said):
    page.layer.setLayer(areas(rows))
    assert said in texts(page) and not page.isComplete()


def test_a_layer_without_roles_is_refused(page):
    page.layer.setLayer(labels([(WEST_HALF, "train")], "other"))
    assert "has no field 'role'" in texts(page) and not page.isComplete()


def test_one_can_go_on_without_test_areas_but_is_told(page):
    page.layer.setLayer(areas([(WEST_HALF, "train")]))
    assert page.isComplete()
    assert "no independent estimate" in texts(page) and "the last weights are taken" in texts(page)


def test_areas_in_another_crs_are_measured_on_the_ground(page):
    pair = [QgsCoordinateReferenceSystem(code) for code in ("EPSG:32616", "EPSG:4326")]
    shape = QgsGeometry.fromWkt(WEST_HALF)
    shape.transform(QgsCoordinateTransform(*pair, QgsProject.instance()))
    page.layer.setLayer(areas([(shape.asWkt(12), "train")], crs="EPSG:4326"))
    assert column(page, 0)[1:] == ["1\u202f201 m²", "52 m² · 100 %", "52 m² · 100 %"]


def test_a_raster_of_labels_is_counted_about(page, tmp_path):
    layer = raster(make_raster(tmp_path / "classes.tif", 1, value=1), "classes")
    page._state.labels, page._state.class_field, page._state.classes = layer.id(), "", {"1": "1"}
    page.initializePage()
    page.layer.setLayer(areas([(WEST_HALF, "train")]))
    assert column(page, 0) == ["1", "1\u202f201 m²", "1\u202f201 m² · 100 %"]


def test_small_areas_on_a_large_raster_of_labels_are_seen(page, tmp_path, monkeypatch):
    monkeypatch.setattr(roles, "_SAMPLED_PX", 4)  # of 60 x 40 pixels
    layer = raster(make_raster(tmp_path / "classes.tif", 1, value=1), "classes")
    page._state.labels, page._state.class_field, page._state.classes = layer.id(), "", {"1": "1"}
    page.initializePage()
    page.layer.setLayer(areas([(WEST_HALF, "train"), (box(33, 1, 3, 3), "test")]))
    assert "hold no label" not in texts(page)
    assert column(page, 1) == ["1", "9 m²", "9 m² · 1 %"]


def test_labels_edited_or_removed_while_the_page_is_open_are_counted_again(page):
    page.layer.setLayer(areas([(WEST_HALF, "train"), (box(40, 0, 20, 40), "test")]))
    page.show()
    layer = QgsProject.instance().mapLayer(page._state.labels)
    assert page.isComplete() and column(page, 1)[2] != "–"
    layer.startEditing()
    layer.deleteFeatures([feature.id() for feature in layer.getFeatures() if feature["class"] == "oak"])
    settle(0.7)
    assert column(page, 0)[2] == column(page, 1)[2] == "–" and not page.isComplete()
    QgsProject.instance().removeMapLayer(layer.id())
    assert "Choose your labels on the page before" in texts(page) and not page.isComplete()


def test_of_more_labels_than_are_looked_at_none_is_missed(page, monkeypatch):
    monkeypatch.setattr(label_values, "MOST_FEATURES", 6)
    page.initializePage()
    page.layer.setLayer(areas([(box(0, 0, 60, 12), "train"), (box(0, 18, 60, 20), "test")]))
    assert "hold no label" not in texts(page) and "cannot learn that" not in texts(page) and page.isComplete()


def test_edits_in_the_map_are_seen(page):
    layer = areas([(WEST_HALF, "train")])
    page.layer.setLayer(layer)
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(box(20, 0, 20, 40)))
    feature.setAttribute(0, "test")
    layer.addFeature(feature)
    settle(0.8)
    assert "overlap" in texts(page) and not page.isComplete()
    layer.rollBack()


def write(path):
    """Stand in for the engine: the areas that it proposes, in a file."""
    layer = areas([(WEST_HALF, "train"), (EAST_TOP, "validation"), (EAST_BOTTOM, "test")])
    options = QgsVectorFileWriter.SaveVectorOptions()
    context = QgsProject.instance().transformContext()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, options)
    QgsProject.instance().removeMapLayer(layer.id())


def test_a_proposal_is_added_styled_and_kept(page, ran, tmp_path):
    page.propose.button.click()
    job = ran.jobs[0]
    assert (job.kind, job.crop, job.base, job.class_field) == ("areas", 8, "test-trees", "class")
    assert job.output == str(tmp_path / "kept" / "areas.gpkg") and Path(job.output).parent.is_dir()
    assert job.class_map == '{"oak": "new:oak #e69f00", "road": "new:road #7f7f7f"}'
    assert page.propose.button.text() == "Stop" and not page.isComplete() and not page.propose.bar.isHidden()
    ran.task.progressed.emit(0.5, "Looking at labels")
    assert page.propose.bar.value() == 50
    write(job.output)
    warning = f"Label layer {job.labels}: lower --crop."
    ran.task.succeeded.emit({"output": job.output, "gap_m": 8.0, "roles": {}, "warnings": [warning]})
    layer = QgsProject.instance().mapLayer(page._state.areas)
    assert layer is not None and page.layer.value() is layer and page.isComplete()
    assert {c.value(): c.symbol().color().name() for c in layer.renderer().categories()} == COLORS
    assert "Label layer labels: lower the training crops (page Areas)." in texts(page)


def proposed(page, ran):
    page.propose.button.click()
    job = ran.jobs[-1]
    write(job.output)
    ran.task.succeeded.emit({"output": job.output, "gap_m": 8.0, "roles": {}, "warnings": []})
    return QgsProject.instance().mapLayer(page._state.areas)


def test_a_proposal_replaces_the_last_one_unless_that_was_changed(page, ran, tmp_path):
    first = proposed(page, ran).id()
    second = proposed(page, ran)
    assert QgsProject.instance().mapLayer(first) is None and page.layer.value() is second
    assert [file.name for file in (tmp_path / "kept").glob("*.gpkg")] == ["areas_2.gpkg"]
    number = next(second.getFeatures()).id()
    second.dataProvider().changeGeometryValues({number: QgsGeometry.fromWkt(box(0, 0, 20, 40))})
    identifier = second.id()
    third = proposed(page, ran)
    assert QgsProject.instance().mapLayer(identifier) is not None and page.layer.value() is third
    assert {file.name for file in (tmp_path / "kept").glob("*.gpkg")} == {"areas.gpkg", "areas_2.gpkg"}


def test_tiny_shares_of_a_class_are_told(page):
    page.layer.setLayer(areas([(WEST_HALF, "train"), (box(40, 0, 20, 10), "validation"), (EAST_TOP, "test")]))
    assert "The validation areas hold little of oak (" in texts(page) and " objects)" in texts(page)
    assert "training areas hold little" not in texts(page)


def test_a_proposal_that_fails_or_is_stopped_is_told_here(page, ran):
    page.propose.button.click()
    ran.task.failed.emit(WorkerFailed("bad_input", "The labels lie too close.", "Label more ground."))
    assert "The labels lie too close. Label more ground." in texts(page)
    page.propose.button.click()
    page.propose.button.click()
    assert page.propose.button.text() == "&Propose" and "let them be proposed" in texts(page)


def test_a_place_that_cannot_be_written_is_told_here(page, ran, tmp_path):
    (tmp_path / "file").write_text("")
    page.propose.file.setFilePath(str(tmp_path / "file" / "areas.gpkg"))
    page.propose.button.click()
    assert not ran.jobs and "file" in texts(page)


def test_a_small_place_gets_smaller_crops(page):
    page._state.crop = None
    page.initializePage()
    assert page._state.crop == 32 and page.crop.value() == 32
    page.crop.setValue(0)
    assert page._state.crop is None and page.gap.text() == "Room needed between areas: 128 m"


def test_labels_of_a_whole_country_say_nothing_of_a_small_place(page):
    page._state.labels = labels([*enough(), (box(90_000, 90_000), "oak")], "country").id()
    page._state.crop = None
    page.initializePage()
    assert page._state.crop == 32


def test_what_is_left_in_the_labelled_area_counts(page):
    page._state.classes = {"oak": "new:oak", "road": "ignore", "background": "new:rest"}
    page._state.labelled_area = labels([(box(0, 0, 60, 20), "x")], "frame").id()
    page.initializePage()
    page.layer.setLayer(areas([(WEST_HALF, "train"), (EAST_TOP, "test")]))
    assert column(page, 0) == ["1", "1\u202f201 m²", "52 m² · 100 %", "548 m² · 93 %"]
    assert column(page, 1)[3] == "40 m² · 7 %" and page.isComplete()


def test_the_only_layer_with_roles_is_taken(page):
    layer = areas([(WEST_HALF, "train")])
    page.initializePage()
    assert page._state.areas == layer.id() and page.layer.value() is layer and page.isComplete()
    areas([(WEST_HALF, "train")])
    page._state.areas = ""
    page.initializePage()
    assert page._state.areas == ""


def test_a_layer_that_is_gone_is_said(page):
    layer = areas([(WEST_HALF, "train")])
    page.layer.setLayer(layer)
    QgsProject.instance().removeMapLayer(layer.id())
    assert "no longer in the project" in texts(page) and not page.isComplete()
    page.initializePage()
    assert "no longer in the project" in texts(page) and not page.isComplete() and page.lost()
