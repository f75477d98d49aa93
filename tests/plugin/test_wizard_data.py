"""Page 1 of the wizard: the model to start from and the layers to learn from, looked at in the background."""

from dataclasses import replace

import pytest
from gui_support import until
from label_support import raster, texts
from plugin_support import make_card, make_raster
from qgis.core import QgsProject, QgsRasterLayer
from wizard_support import Tasks

from sgma_qgis import tasks
from sgma_qgis.gui import checking
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard.data_page import DataPage
from sgma_qgis.gui.wizard.state import WizardState
from sgma_qgis.model.contract.card import to_json
from sgma_qgis.model.contract.errors import Cancelled


@pytest.fixture()
def paths(tmp_path):
    return {
        "rgb": make_raster(tmp_path / "rgb.tif", 3),
        "nir": make_raster(tmp_path / "nir half.tif", 1),
        "dsm": make_raster(tmp_path / "dsm shifted.tif", 1, gdal_type="Float32"),
        "sar": make_raster(tmp_path / "sar outside.tif", 2, gdal_type="Float32"),
        "bad": make_raster(tmp_path / "nir bad.tif", 1),
    }


@pytest.fixture()
def page(qgis_app, data_dir, fake_python):
    QgsProject.instance().clear()
    found = DataPage(WizardState(base="test-trees"))
    yield found
    found._checker.close()
    until(lambda: not tasks.active())
    found.deleteLater()
    QgsProject.instance().clear()


def opened(page, **slots):
    page._state.slots = {key: Slot(layer.id()) for key, layer in slots.items()}
    page.initializePage()
    until(lambda: page._checker.found is not None or page._checker.problem or page._problem())
    return page


def looked(page):
    until(lambda: page._checker.found is not None and not page._checker.looking)
    return page


def test_without_layers_one_cannot_go_on(page):
    opened(page)
    assert not page.isComplete() and "Pick at least one layer" in texts(page)


def test_layers_of_the_state_are_shown_and_looked_at(page, paths):
    slots = {key: raster(paths[key], key) for key in ("rgb", "nir", "dsm")}
    looked(opened(page, **slots))
    badges = {key: row.badge.value().text for key, row in page.layers.rows.items() if row.badge.value()}
    assert badges["rgb"] == "used" and badges["nir"] == "partial 62 %" and "offset 2.3 px" in badges["dsm"]
    assert "Shifted by 2.3 px." in texts(page) and "EPSG:32616" in page.grid.text()
    assert page.isComplete()


def test_what_was_found_of_other_layers_lets_nobody_go_on(page, paths):
    looked(opened(page, rgb=raster(paths["rgb"], "rgb")))
    assert page.isComplete()
    row = page.layers.rows["rgb"]
    row.layers.setLayer(raster(paths["sar"], "outside"))
    row.layers.activated.emit(row.layers.currentIndex())
    assert not page.isComplete() and row.badge.value() is None
    until(lambda: row.badge.value() is not None)
    assert row.badge.value().text == "looking…" and not page.isComplete()
    until(lambda: not page._checker.looking)
    assert "no overlap" in row.badge.value().text and not page.isComplete()


def test_rows_fill_themselves_where_nothing_was_chosen(page, paths):
    layer = raster(paths["rgb"], "ortho rgb")
    looked(opened(page))
    assert page._state.slots["rgb"].layer_id == layer.id() and page.isComplete()


@pytest.mark.parametrize(("key", "name"), [("sar", "sar"), ("nir", "bad")])
def test_a_layer_that_cannot_be_used_stops_here_with_a_sentence(page, paths, key, name):
    looked(opened(page, rgb=raster(paths["rgb"], "rgb"), **{key: raster(paths[name], name)}))
    assert not page.isComplete()
    assert texts(page).startswith(f"{key.upper()}: ") and "leave the row empty" in texts(page)
    page.layers.rows[key].set_value(None)
    looked(page)
    until(page.isComplete)
    assert set(page._state.slots) == {"rgb"} and not texts(page)


def test_a_layer_without_a_file_is_refused(page):
    layer = QgsRasterLayer("type=xyz&url=file:///nowhere/{z}/{x}/{y}.png", "tiles", "wms")
    QgsProject.instance().addMapLayer(layer)
    opened(page, rgb=layer)
    until(lambda: "RGB" in texts(page))
    assert not page.isComplete() and ("not from a file" in texts(page) or "not valid" in texts(page))


def test_a_sensor_that_is_new_to_the_model_may_be_given_beside_one_it_knows(page, paths, data_dir):
    card = make_card()
    known = tuple(row for row in card.modalities if row.key == "rgb")
    path = data_dir / "models" / "test-trees" / "card.json"
    path.write_text(to_json(replace(card, modalities=known, accuracy=())), encoding="utf-8")
    page.model.refresh()
    looked(opened(page, rgb=raster(paths["rgb"], "rgb"), nir=raster(paths["nir"], "nir")))
    until(page.isComplete)
    assert "new to the model" in page.layers.rows["nir"].badge.value().text
    page.layers.rows["rgb"].set_value(None)
    assert not page.isComplete() and "The model knows RGB only" in texts(page)


def test_another_model_forgets_what_labels_meant(page, paths, data_dir):
    other = data_dir / "models" / "other"
    other.mkdir()
    (other / "card.json").write_text(to_json(replace(make_card(), id="other")), encoding="utf-8")
    page.model.refresh()
    looked(opened(page, rgb=raster(paths["rgb"], "rgb")))
    page._state.classes = {"oak": "1"}
    changes = []
    page.changed.connect(lambda: changes.append(1))
    page.model.set_value("other")
    assert page._state.base == "other" and page._state.classes == {} and changes


def test_a_layer_that_is_gone_is_said(page, paths):
    rgb, nir = raster(paths["rgb"], "rgb"), raster(paths["nir"], "nir")
    page._state.slots = {"rgb": Slot(rgb.id()), "nir": Slot("gone")}
    page.initializePage()
    looked(page)
    assert "The layer of NIR is no longer in the project" in page.lost() == texts(page)
    page.layers.set_value({"rgb": Slot(rgb.id()), "nir": Slot(nir.id())})
    assert not page.lost()


def test_a_model_that_is_gone_is_said(page):
    page._state.base = "no-such-model"
    page.initializePage()
    until(lambda: "no-such-model" in texts(page))


def test_without_an_engine_one_cannot_go_on(page, paths, monkeypatch):
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", "/nowhere/python")
    opened(page, rgb=raster(paths["rgb"], "rgb"))
    until(lambda: page._checker.problem)
    assert not page.isComplete() and texts(page)


def test_a_look_that_was_cancelled_can_be_taken_again(page, paths, monkeypatch):
    """QGIS's list of tasks has a button for that."""
    with monkeypatch.context() as patch:
        ran = Tasks(patch)
        patch.setattr(checking.tasks, "interact_task", ran.run)
        page._state.slots = {"rgb": Slot(raster(paths["rgb"], "rgb").id())}
        page.initializePage()
        until(lambda: ran.tasks)
        assert page.again_button.isHidden()
        ran.task.failed.emit(Cancelled())
    assert not page.isComplete() and "was cancelled" in texts(page) and not page.again_button.isHidden()
    page.again_button.click()
    assert page.again_button.isHidden()
    looked(page)
    assert page.isComplete() and not texts(page)


def test_options_of_the_command_line_are_called_as_the_page_calls_them(page, tmp_path):
    dsm = raster(make_raster(tmp_path / "dsm unfit.tif", 1, gdal_type="Float32"), "dsm")
    looked(opened(page, dsm=dsm))
    assert "is this a surface model? Choose the unit" in texts(page) and "--" not in texts(page)
