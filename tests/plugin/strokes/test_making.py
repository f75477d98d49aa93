"""Objects, a map of the whole area, labels and models that are made of strokes."""

from dataclasses import replace
from pathlib import Path

import pytest
from gui_support import until
from plugin_support import make_card
from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from strokes_support import ALT, CTRL, SHIFT, X, Y, click, drag, press

from sgma_qgis import tasks, unfinished
from sgma_qgis.gui.outputs_panel import OutputChoice
from sgma_qgis.gui.strokes import ours
from sgma_qgis.model.contract.card import PixelHead, to_json
from sgma_qgis.model.contract.errors import BadInput


def test_objects_are_picked_and_kept(painted, panel, canvas, tmp_path):
    panel.set_value("objects")
    click(canvas, (X + 10, Y + 5))
    assert "1 object is selected" in panel.status.text()
    canvas.zoomByFactor(0.8)  # nothing is lost
    click(canvas, (X + 30, Y + 15), keys=SHIFT)
    assert len(painted.picker.picked.shapes) == 2
    click(canvas, (X + 10, Y + 15), keys=ALT)
    assert [name for name, _ in painted.picker.picked.shapes] == ["tree"]
    click(canvas, (X + 10, Y + 15), keys=SHIFT)
    press(canvas, Qt.Key.Key_Return)
    layer = ours.find(ours.OBJECTS)
    assert layer.source().startswith(str(tmp_path / "town_objects.gpkg"))
    assert sorted((f["class"], f["area_m2"]) for f in layer.getFeatures()) == [
        ("street", pytest.approx(600, rel=0.01)), ("tree", pytest.approx(600, rel=0.01)),
    ]  # fmt: skip
    assert painted.picker.picked.shapes == [] and layer.startEditing() and layer.rollBack()
    drag(canvas, (X + 21, Y + 1), (X + 39.5, Y + 29.5))
    assert len(painted.picker.picked.shapes) == 1
    click(canvas, (X + 10, Y + 5), keys=SHIFT)
    click(canvas, (X + 30, Y + 15), keys=CTRL)
    assert [name for name, _ in painted.picker.picked.shapes] == ["street"]
    press(canvas, Qt.Key.Key_Escape)
    assert painted.picker.picked.shapes == [] and panel.status.text() == "Nothing is selected."
    press(canvas, Qt.Key.Key_Return)
    assert "Nothing is selected" in panel.status.text() and layer.featureCount() == 2


def test_a_run_on_the_whole_area_has_strokes_of_its_own(painted, dock, plugin, tmp_path):
    dock.outputs.set_value(OutputChoice(("confidence",), str(tmp_path), "map"))
    dock.strokes.run_button.click()
    until(lambda: dock.result.value() is not None)
    job = dock.result.value().job
    assert (job.strokes, job.class_field) == (str(tmp_path / "map.strokes.gpkg"), "class")
    assert "sgma:segmentfromstrokes" in dock.result.value().command and "--STROKES=" in dock.result.value().command
    assert [(c.name, c.color) for c in dock.result.value().card.classes] == [
        ("street", "#888888"), ("tree", "#117733"),
    ]  # fmt: skip
    copy = QgsVectorLayer(job.strokes, "copy", "ogr")
    assert [(f["class"], f["color"]) for f in copy.getFeatures()] == [("tree", "#117733"), ("street", "#888888")]
    group = next(g for g in QgsProject.instance().layerTreeRoot().children() if g.name() == "Strokes")
    assert not group.findLayer(painted.overlay.layer.id()).isVisible()  # the result lies over the same ground
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert QgsProject.instance().layerTreeRoot().children()[0].name() == "Strokes"
    assert painted.store.layer() is not None and painted.overlay.layer is not None


@pytest.fixture()
def slow(monkeypatch):
    """Runs that can be stopped; asked for first, since a worker keeps the environment it began in."""
    monkeypatch.setenv("SGMA_FAKE_SLEEP", "0.3")


def test_a_stopped_run_is_resumed_by_the_history_alone(slow, painted, dock, plugin, tmp_path):
    runner = plugin.window.controller.runner
    dock.outputs.set_value(OutputChoice((), str(tmp_path), "map"))
    dock.strokes.run_button.click()
    until(lambda: runner.current() and runner.current().live)
    runner.stop()
    until(lambda: not runner.runs)
    (left,) = unfinished.past()
    kept = unfinished.kept(str(tmp_path / "map.tif"))
    assert not dock.run_bar.value().resumes  # which would be a run of the model, and delete what is kept
    dock.tabs.setCurrentIndex(0)
    for button in (dock.run_bar.run_button, dock.strokes.run_button):
        before = dock.result.value()
        button.click()
        until(lambda before=before: dock.result.value() is not before)
        assert unfinished.kept(str(tmp_path / "map.tif")) == kept and not runner.runs
    assert dock.result.value().name == "map_3"
    dock.history.resumed.emit(left.job)
    until(lambda: dock.result.value().name == "map")
    result = dock.result.value()
    assert result.job == left.job and result.result["tiles_resumed"]
    assert [(c.name, c.color) for c in result.card.classes] == [("street", "#888888"), ("tree", "#117733")]
    assert unfinished.past() == []


def test_strokes_become_labels_that_do_not_overlap(painted, panel, canvas, iface, tmp_path):
    drag(canvas, (X + 5, Y + 10), (X + 35, Y + 20))  # street, over the tree's stroke
    painted.maker.open_wizard = None
    panel.labels_button.click()
    (layer,) = QgsProject.instance().mapLayersByName("Labels from strokes")
    rows = list(layer.getFeatures())
    assert [f["class"] for f in rows] == ["tree", "street", "street"]
    trees = [f.geometry() for f in rows if f["class"] == "tree"]
    streets = [f.geometry() for f in rows if f["class"] == "street"]
    assert not any(a.intersection(b).area() > 1e-6 for a in trees for b in streets)
    assert any("holds the strokes as labels" in text for text in iface.said())
    opened = []
    painted.maker.open_wizard = lambda layer_id, field: opened.append((layer_id, field))
    panel.labels_button.click()
    assert opened[0][1] == "class" and QgsProject.instance().mapLayer(opened[0][0]).isValid()


def test_the_wizard_opens_with_the_strokes_as_labels(painted, panel, plugin):
    panel.labels_button.click()
    (layer,) = QgsProject.instance().mapLayersByName("Labels from strokes")
    wizard = plugin.window.finetuning.wizard
    assert wizard.isVisible() and wizard.currentId() == 1
    assert (wizard._state.labels, wizard._state.class_field) == (layer.id(), "class")
    assert list(wizard._state.slots) == ["rgb", "nir"]
    panel.labels_button.click()  # once more, while it is open
    assert plugin.window.finetuning.wizard is not wizard
    assert plugin.window.finetuning.wizard._state.labels != layer.id()
    plugin.window.finetuning.wizard.close()


def test_a_model_needs_a_name_of_its_own(painted, iface):
    painted.maker.save("Test trees")
    assert any("test-trees already" in text for text in iface.said())
    painted.maker.save("!!!")
    assert any("letters or digits" in text for text in iface.said())


def install(data_dir, folder, own, base_classes, **provenance):
    """Install a model that strokes made."""
    card = make_card()
    network = replace(card.network, pixels=PixelHead(32, base_classes))
    if not base_classes:
        network = replace(network, backbone="none", fusion="none")
    made = replace(card, id=own, title=folder, network=network, provenance=provenance)
    place = data_dir / "models" / folder
    place.mkdir()
    (place / "card.json").write_text(to_json(made), encoding="utf-8")


def test_a_model_that_strokes_made_leads_back_to_what_it_was_made_from(painted, panel, dock, data_dir):
    install(data_dir, "My roofs", "my-roofs", 2, base="test-trees")
    install(data_dir, "Lost", "lost", 2, base="gone")
    install(data_dir, "Bare", "bare", 0)
    dock.model.refresh()
    for own, model, title in (
        ("my-roofs", "test-trees", "Trees <for tests> é"),
        ("bare", "none", "Pixels alone, as Bare"),
        ("lost", "lost", "Lost"),
    ):
        dock.model.set_value(own)
        assert (painted.live.model, panel.start.itemText(0)) == (model, title)
    assert panel.run_button.isEnabled()
    painted.live.failed.emit(BadInput("Model 'lost' was itself made from strokes.", "Start from the one below it."))
    assert "itself made" in panel.status.text()
    assert not panel.run_button.isEnabled() and not panel.model_button.isEnabled()


def test_a_model_that_is_saved_has_the_name_that_was_typed(painted, dock, iface, data_dir, monkeypatch):
    asked = []
    real = tasks.interact_task
    monkeypatch.setattr(
        tasks, "interact_task", lambda title, job, **more: asked.append(job) or real(title, job, **more)
    )
    painted.maker.save("My roofs: 2")
    until(lambda: painted.maker._task is None)
    assert Path(asked[0].save_model) == data_dir / "models" / "My roofs- 2"
    assert any("Model My roofs- 2 is in the list" in text for text in iface.said())
