"""The wizard's window: opened from menu and toolbar, kept in the project, opened again where it was left."""

import json
from pathlib import Path

import pytest
from gui_support import Iface, settle, until
from label_support import areas, box, enough, labels, raster
from plugin_support import make_raster
from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import QLockFile, Qt
from qgis.PyQt.QtWidgets import QComboBox, QLineEdit, QPushButton, QRadioButton, QTableWidget, QWidget, QWizard
from wizard_support import make_model

from sgma_qgis import tasks
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard import beside, draft, label_layer
from sgma_qgis.gui.wizard.spotlight import Spotlight
from sgma_qgis.gui.wizard.state import WizardState, recall, remember


@pytest.fixture()
def plugin(qgis_app, data_dir, fake_python, monkeypatch):
    from sgma_qgis import classFactory

    QgsSettings().remove("sgma")
    QgsProject.instance().clear()
    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_wizard")
    iface = Iface()
    found = classFactory(iface)
    found.initGui()
    found.iface_for_tests = iface
    yield found
    if found.window is not None:
        found.unload()
    QgsProject.instance().clear()
    iface.close()


@pytest.fixture()
def chosen(plugin, tmp_path):
    """Choices for the first four pages, kept in the project."""
    rgb = raster(make_raster(tmp_path / "rgb.tif", 3), "rgb")
    roles = areas([(box(0, 0, 30, 40), "train"), (box(40, 0, 20, 40), "test")])
    state = WizardState(
        slots={"rgb": Slot(rgb.id())},
        labels=labels(enough()).id(),
        class_field="class",
        classes={"oak": "new:oak", "road": "new:road"},
        areas=roles.id(),
        base="test-trees",
        crop=8,
        output=str(tmp_path / "mine"),
    )
    remember(state)
    return state


def opened(plugin):
    plugin.window.finetuning.action.trigger()
    return plugin.window.finetuning.wizard


def test_it_opens_from_menu_and_toolbar_once_and_goes_with_the_plugin(plugin):
    iface, action = plugin.iface_for_tests, plugin.window.finetuning.action
    assert action in iface.menu.actions() and action in iface.toolbar.actions() and not action.icon().isNull()
    wizard = opened(plugin)
    assert wizard.isVisible() and not wizard.isModal() and opened(plugin) is wizard
    assert wizard.wizardStyle() == QWizard.WizardStyle.ModernStyle
    assert len(wizard.pages) == 7 and wizard.currentId() == 0
    plugin.unload()
    assert iface.menu.actions() == [] == iface.toolbar.actions()
    assert plugin.window is None


def test_it_stands_where_the_middle_of_the_map_stays_free(plugin):
    main, canvas = plugin.iface_for_tests.mainWindow(), plugin.iface_for_tests.mapCanvas()
    room = main.screen().availableGeometry()
    window = QWidget()
    window.resize(room.width() // 4, room.height() // 2)
    for x in (room.left(), room.right() - room.width() // 2):
        main.setGeometry(x, room.top(), room.width() // 2, room.height())
        settle(0.05)
        beside.place(window, main, canvas)
        assert room.contains(window.geometry()) and not window.geometry().intersects(main.geometry())
    main.setGeometry(room)
    settle(0.05)
    beside.place(window, main, canvas)
    middle = canvas.mapToGlobal(canvas.rect().center())
    assert room.contains(window.geometry()) and not window.geometry().contains(middle)


def test_places_are_shown_in_the_part_of_the_map_that_is_free(plugin):
    canvas, window = plugin.iface_for_tests.mapCanvas(), QWidget()
    page = QWidget(window)
    left, top = canvas.mapToGlobal(canvas.rect().topLeft()).x(), canvas.mapToGlobal(canvas.rect().topLeft()).y()
    window.setGeometry(left + canvas.width() // 3, top, canvas.width(), canvas.height())
    window.show()
    settle(0.05)
    assert beside.free(canvas, window).right() < canvas.width() // 3
    spot = Spotlight(canvas, page)
    assert spot.show((500020, 4599970, 500030, 4599980), "EPSG:32616")
    seen = canvas.getCoordinateTransform().transform(500025, 4599975)
    assert abs(seen.x() - beside.free(canvas, window).center().x()) < 3
    assert abs(seen.y() - canvas.height() / 2) < 3
    window.hide()
    spot.show((500020, 4599970, 500030, 4599980), "EPSG:32616")
    assert abs(canvas.extent().center().x() - 500025) < 0.1
    spot.hide()
    window.deleteLater()


def test_it_begins_with_the_docks_model_and_layers(plugin, tmp_path):
    layer = raster(make_raster(tmp_path / "ortho rgb.tif", 3), "ortho rgb")
    dock = plugin.window.dock
    dock.layers.set_value({"nir": Slot(layer.id(), (2,))})
    wizard = opened(plugin)
    assert wizard.pages[0].layers.value()["nir"] == Slot(layer.id(), (2,))
    assert wizard.pages[0].model.value() == dock.model.value() == "test-trees"


def test_looking_at_it_changes_nothing_in_the_project(plugin):
    QgsProject.instance().setDirty(False)
    wizard = opened(plugin)
    settle(0.3)
    wizard.close()
    assert not QgsProject.instance().isDirty()


def test_pages_are_gone_through_and_every_change_is_kept(plugin, chosen):
    wizard = opened(plugin)
    for number in range(4):
        assert wizard.currentId() == number and f"page {number + 1} of 7" in wizard.windowTitle()
        until(wizard.currentPage().isComplete, why=f"page {number}: {wizard.currentPage().notes.value()}")
        assert recall().page == number
        if number == 3:
            wizard.currentPage().epochs.setValue(9)
            assert recall().epochs == 9
        wizard.next()
    assert wizard.currentId() == 4 and recall().page == 4
    wizard.back()
    assert wizard.currentId() == 3 and recall().page == 3


def test_it_opens_again_where_it_was_left(plugin, chosen):
    chosen.page = 3
    remember(chosen)
    wizard = opened(plugin)
    assert wizard.currentId() == 3
    wizard.back()
    assert wizard.currentId() == 2
    wizard.close()
    settle(0.1)
    assert plugin.window.finetuning.wizard is None
    again = opened(plugin)
    assert again is not wizard and again.currentId() == 2


def test_a_model_that_is_gone_opens_the_page_that_trains_it(plugin, chosen):
    chosen.page, chosen.trained = 6, True
    remember(chosen)
    assert opened(plugin).currentId() == 4
    plugin.window.finetuning.wizard.close()
    make_model(chosen.output)
    chosen.page = 6
    remember(chosen)
    assert opened(plugin).currentId() == 6


def test_after_finish_it_starts_anew_with_the_same_layers(plugin, chosen):
    make_model(chosen.output)
    chosen.page, chosen.trained, chosen.title = 6, True, "Mine"
    remember(chosen)
    wizard = opened(plugin)
    assert wizard.currentId() == 6
    wizard.button(QWizard.WizardButton.FinishButton).click()
    settle(0.1)
    found = recall()
    assert (found.page, found.output, found.title, found.trained) == (0, "", "", False)
    assert (found.slots, found.labels, found.areas) == (chosen.slots, chosen.labels, chosen.areas)
    again = opened(plugin)
    assert again is not wizard and again.currentId() == 0
    for _ in range(3):
        again.next()
    assert recall().output not in ("", chosen.output)


def test_other_labels_make_another_model(plugin, chosen):
    make_model(chosen.output)
    chosen.page, chosen.trained, chosen.title = 4, True, "Mine"
    remember(chosen)
    before = opened(plugin)
    assert before.currentId() == 4 and before.currentPage().isComplete()
    other = labels(enough(("fir", "road")), "painted")
    plugin.window.finetuning.open_with_labels(other.id(), "class")
    wizard = plugin.window.finetuning.wizard
    assert wizard is not before and wizard.currentId() == 1
    found = recall()
    assert (found.labels, found.areas, found.title) == (other.id(), chosen.areas, "")
    for _ in range(3):
        wizard.next()
    assert not wizard.currentPage().isComplete() and recall().output.endswith("test-trees-painted")


def test_what_was_measured_counts_no_more_once_labels_or_areas_change(plugin, chosen):
    chosen.page, chosen.reports = 2, {"before": "a.json", "after": "b.json"}
    remember(chosen)
    page = opened(plugin).currentPage()
    assert recall().reports == chosen.reports
    page.crop.setValue(16)
    assert recall().reports == {}


def test_a_layer_that_is_gone_opens_its_page(plugin, chosen):
    chosen.page = 3
    remember(chosen)
    QgsProject.instance().removeMapLayer(chosen.areas)
    wizard = opened(plugin)
    assert wizard.currentId() == 2
    assert "no longer in the project" in " ".join(badge.text for badge in wizard.currentPage().notes.value())


def test_one_cannot_go_on_with_a_page_that_is_not_complete(plugin):
    wizard = opened(plugin)
    assert not wizard.button(QWizard.WizardButton.NextButton).isEnabled()


def test_it_closes_with_its_project_and_leaves_the_next_one_alone(plugin, chosen, tmp_path):
    opened(plugin)
    QgsProject.instance().clear()
    settle(0.1)
    assert plugin.window.finetuning.wizard is None
    assert QgsProject.instance().readEntry("sgma", "finetune", "")[0] == ""


def test_the_project_file_keeps_it(plugin, chosen, tmp_path):
    chosen.page, chosen.reports = 2, {"before": "a.json"}
    remember(chosen)
    path = str(tmp_path / "p.qgz")
    assert QgsProject.instance().write(path)
    QgsProject.instance().clear()
    assert recall() == WizardState()
    assert QgsProject.instance().read(path)
    assert recall() == chosen


def killed():
    """QGIS is gone: its lock with it, its draft stays."""
    draft.release()
    QgsProject.instance().clear()


def test_a_killed_qgis_loses_no_choice(plugin, chosen, tmp_path):
    path = str(tmp_path / "p.qgz")
    assert QgsProject.instance().write(path)
    chosen.page, chosen.epochs = 3, 11
    chosen.slots, chosen.labels, chosen.areas = {}, "", ""  # layers in memory are gone with QGIS
    remember(chosen)
    killed()
    assert recall() == WizardState()
    assert QgsProject.instance().read(path)
    assert recall() == chosen and opened(plugin).currentId() == 3
    chosen.epochs = 12
    remember(chosen)
    QgsProject.instance().clear()  # left without being saved, as a person chose
    assert QgsProject.instance().read(path)
    assert recall().epochs is None


def test_layers_that_a_killed_qgis_had_not_saved_come_back(plugin, chosen, tmp_path):
    project, path = QgsProject.instance(), str(tmp_path / "p.qgz")
    assert project.write(path)
    nir = raster(make_raster(tmp_path / "nir.tif", 1), "near infrared")
    drawn = label_layer.create(label_layer.Wanted(str(tmp_path / "l.gpkg"), ("oak", "fir")), (), nir.crs())
    drawn.commitChanges()
    memory = labels(enough())
    chosen.slots = {**chosen.slots, "nir": Slot(nir.id(), (1,))}
    chosen.labels, chosen.areas, ids = drawn.id(), memory.id(), (nir.id(), drawn.id(), memory.id())
    remember(chosen)
    killed()
    assert project.read(path) and not any(project.mapLayer(identifier) for identifier in ids)
    wizard = opened(plugin)
    assert [project.mapLayer(identifier) is not None for identifier in ids] == [True, True, False]
    assert wizard.pages[0].layers.value()["nir"] == Slot(ids[0], (1,)) and not wizard.pages[0].lost()
    assert [row.value() for row in project.mapLayer(ids[1]).renderer().categories()] == ["oak", "fir"]
    assert any("Added again" in text and "near infrared" in text for text in plugin.iface_for_tests.said())
    wizard.close()
    settle(0.1)
    project.removeMapLayer(ids[0])  # by a person: it stays away
    opened(plugin)
    assert project.mapLayer(ids[0]) is None


def test_a_layer_whose_file_is_gone_stays_away(plugin, chosen, tmp_path):
    path, file = str(tmp_path / "p.qgz"), make_raster(tmp_path / "nir.tif", 1)
    assert QgsProject.instance().write(path)
    chosen.slots = {"nir": Slot(raster(file, "nir").id())}
    remember(chosen)
    killed()
    Path(file).unlink()
    assert QgsProject.instance().read(path)
    wizard = opened(plugin)
    assert QgsProject.instance().mapLayer(chosen.slots["nir"].layer_id) is None
    assert "no longer in the project" in wizard.pages[0].lost()


def test_of_two_windows_with_one_project_the_second_leaves_the_first_one_s_draft_alone(plugin, chosen, tmp_path):
    path = str(tmp_path / "p.qgz")
    assert QgsProject.instance().write(path)
    file = draft._file(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    theirs = json.dumps({"project": path, "text": json.dumps({"page": 5}), "layers": {}})
    file.write_text(theirs, encoding="utf-8")
    other = QLockFile(str(file.with_suffix(".lock")))
    assert other.tryLock(0)
    wizard = opened(plugin)
    assert any("Another QGIS has" in text for text in plugin.iface_for_tests.said())
    assert wizard.currentId() == 0 and recall() == chosen
    chosen.epochs = 11
    remember(chosen)
    QgsProject.instance().clear()
    assert file.read_text(encoding="utf-8") == theirs
    other.unlock()


def test_each_project_has_a_draft_of_its_own(plugin, chosen, tmp_path):
    paths = [str(tmp_path / name) for name in ("p.qgz", "q.qgz")]
    for number, path in enumerate(paths):
        assert QgsProject.instance().write(path)
        chosen.epochs = 11 + number
        remember(chosen)
        killed()
    for number, path in enumerate(paths):
        assert QgsProject.instance().read(path)
        assert recall().epochs == 11 + number
        killed()


def test_a_saved_project_needs_no_draft(plugin, chosen, tmp_path):
    path = str(tmp_path / "p.qgz")
    assert QgsProject.instance().write(path)
    assert plugin.window.finetuning.wizard is None  # there when a wizard was open, and listens to the project
    chosen.epochs = 11
    remember(chosen)
    assert draft._file(path).exists()
    assert QgsProject.instance().write(path)
    assert not draft._file(path).exists()


@pytest.mark.parametrize("damaged", ["[3", "[]", '{"project": 3}'])
def test_a_damaged_draft_is_none(plugin, chosen, tmp_path, damaged):
    path = str(tmp_path / "p.qgz")
    assert QgsProject.instance().write(path)
    remember(chosen)
    draft._file(path).parent.mkdir(parents=True, exist_ok=True)
    draft._file(path).write_text(damaged, encoding="utf-8")
    assert recall() == chosen and opened(plugin).currentId() == 0


def test_what_another_version_wrote_is_left_out(plugin):
    QgsProject.instance().writeEntry("sgma", "finetune", json.dumps({"slots": 3}))
    assert recall() == WizardState()


def test_what_another_version_does_not_know_costs_nothing_else(plugin, chosen):
    text = json.loads(QgsProject.instance().readEntry("sgma", "finetune", "")[0])
    text = {**text, "later": 1, "strategy": "later", "options": {**text["options"], "later": 1}}
    QgsProject.instance().writeEntry("sgma", "finetune", json.dumps(text))
    assert recall() == chosen


@pytest.mark.parametrize("wrong", [{"page": "x"}, {"classes": None}, {"crop": "8"}, {"reports": []}])
def test_choices_of_a_wrong_kind_are_left_out(plugin, chosen, wrong):
    text = json.loads(QgsProject.instance().readEntry("sgma", "finetune", "")[0])
    QgsProject.instance().writeEntry("sgma", "finetune", json.dumps({**text, **wrong}))
    assert recall() == WizardState() and opened(plugin).currentId() == 0


def test_it_fits_a_small_screen_and_the_keyboard_reaches_everything(plugin, chosen):
    chosen.page = 3
    remember(chosen)
    wizard = opened(plugin)
    settle(0.2)
    assert wizard.minimumSizeHint().width() <= 1024 and wizard.minimumSizeHint().height() <= 700
    assert wizard.width() <= 1024
    for page in wizard.pages[:4]:
        for kind in (QPushButton, QRadioButton, QComboBox, QLineEdit, QTableWidget):
            for widget in page.findChildren(kind):
                assert widget.focusPolicy() != Qt.FocusPolicy.NoFocus, widget
    until(lambda: not tasks.active())


def test_the_new_model_is_run_on_what_the_canvas_shows(plugin, chosen, monkeypatch):
    ran = []
    monkeypatch.setattr(plugin.window.controller, "run", lambda: ran.append(plugin.window.dock.area.value().kind))
    wizard = opened(plugin)
    wizard.run_wanted.emit("test-trees")
    assert ran == ["canvas"] and plugin.window.dock.layers.value() == chosen.slots
    wizard.run_wanted.emit("no-such-model")
    assert len(ran) == 1 and any("no-such-model" in text for text in plugin.iface_for_tests.said())
