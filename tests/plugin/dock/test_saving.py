"""A project that is saved: without layers whose files go with QGIS, which stay on the map of the session."""

import zipfile

import pytest
from gui_support import keep, until
from qgis.core import QgsMapThemeCollection, QgsProject
from qgis.PyQt.QtXml import QDomDocument

from sgma_qgis import outputs, unsaved
from sgma_qgis.sight import HIDDEN_PROPERTY


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Have the map of a run grow with every block."""
    monkeypatch.setattr("sgma_qgis.live.REFRESH_MS", 50)


@pytest.fixture()
def passing(slow, dock, controller, tmp_path):
    """A project with a preview, a difference, and what is left of a run that was stopped; their layers' ids."""
    project = QgsProject.instance()
    given = set(project.mapLayers())
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    preview = set(project.mapLayers()) - given
    dock.what_if.button.click()
    until(lambda: "%" in dock.what_if.text.text())
    keep(dock, tmp_path)
    controller.runner.start(controller.builder.segment_job({}, files(dock)), controller.builder.card())
    until(lambda: controller.runner.current().live and controller.runner.current().live.layer)
    dock.run_bar.stop_button.click()
    until(lambda: not controller.runner.runs)
    ids = set(project.mapLayers()) - given
    assert len(preview) == 2 and len(ids) == 4
    return ids


def files(dock):
    from sgma_qgis.gui.running import destination

    return destination(dock.outputs.value(), [])


def order(project):
    """Refer to every layer where QGIS lets one: in a custom order, and in a theme."""
    root = project.layerTreeRoot()
    root.setHasCustomLayerOrder(True)
    layers = list(project.mapLayers().values())
    root.setCustomLayerOrder(sorted(layers, key=lambda layer: layer.name()))
    record = QgsMapThemeCollection.MapThemeRecord()
    record.setLayerRecords([QgsMapThemeCollection.MapThemeLayerRecord(layer) for layer in project.mapLayers().values()])
    project.mapThemeCollection().insert("all", record)


@pytest.mark.parametrize("name", ["town.qgs", "town.qgz"])
def test_passing_layers_are_not_saved_and_stay_on_the_map(name, passing, tmp_path):
    project, file = QgsProject.instance(), tmp_path / name
    order(project)
    before = [node.layerId() for node in project.layerTreeRoot().findLayers()]
    assert project.write(str(file))
    assert [node.layerId() for node in project.layerTreeRoot().findLayers()] == before
    assert passing <= set(project.mapLayers()) and all(project.mapLayer(layer).isValid() for layer in passing)
    text = (zipfile.ZipFile(file).read("town.qgs") if name.endswith("z") else file.read_bytes()).decode()
    assert "sgma-live" not in text and "sgma_view" not in text and "<maplayer" in text
    project.clear()
    assert project.read(str(file))
    root = project.layerTreeRoot()
    assert sorted(layer.name() for layer in project.mapLayers().values()) == ["DSM", "NIR", "RGB"]
    assert all(layer.isValid() for layer in project.mapLayers().values())
    assert root.hasCustomLayerOrder() and [layer.name() for layer in root.layerOrder()] == ["DSM", "NIR", "RGB"]
    assert root.findGroups() == [] and all(node.layer() is not None for node in root.findLayers())
    assert len(project.mapThemeCollection().mapThemeState("all").layerRecords()) == 3


def test_a_group_of_the_user_s_is_saved_though_it_held_a_preview_alone(passing, tmp_path):
    project = QgsProject.instance()
    (preview,) = [group for group in project.layerTreeRoot().findGroups() if group.name() == "Preview"]
    mine = project.layerTreeRoot().addGroup("mine")
    mine.addChildNode(preview.clone())
    preview.parent().removeChildNode(preview)
    assert project.write(str(tmp_path / "town.qgs"))
    project.clear()
    project.read(str(tmp_path / "town.qgs"))
    assert [group.name() for group in project.layerTreeRoot().findGroups()] == ["mine"]


def test_a_layer_that_was_given_the_style_of_a_preview_is_saved(dock, controller, tmp_path):
    project = QgsProject.instance()
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    (mine,) = project.mapLayersByName("NIR")
    style = QDomDocument()
    controller.previewer.layer().exportNamedStyle(style)
    mine.importNamedStyle(style)
    assert mine.customProperty(unsaved.PROPERTY)
    assert project.write(str(tmp_path / "town.qgs"))
    project.clear()
    project.read(str(tmp_path / "town.qgs"))
    assert len(project.mapLayersByName("NIR")) == 1


def test_results_are_saved(dock, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: dock.result.value() is not None)
    project = QgsProject.instance()
    assert project.write(str(tmp_path / "project.qgs"))
    project.clear()
    project.read(str(tmp_path / "project.qgs"))
    (group,) = project.layerTreeRoot().findGroups()
    assert outputs.layers(group)["classes"].isValid()


def test_a_result_below_a_preview_is_saved_in_sight(dock, controller, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: dock.result.value() is not None)
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    project, file = QgsProject.instance(), str(tmp_path / "project.qgs")
    hidden = project.layerTreeRoot().findGroups()[1]
    assert project.write(file) and not hidden.isVisible()
    project.clear()
    project.read(file)
    (group,) = project.layerTreeRoot().findGroups()
    assert group.isVisible() and not group.customProperty(HIDDEN_PROPERTY)
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    assert not group.isVisible()


def test_when_the_plugin_goes_passing_layers_go(passing, plugin):
    plugin.unload()
    assert not passing & set(QgsProject.instance().mapLayers())
    plugin.initGui()  # the fixture unloads it once more
