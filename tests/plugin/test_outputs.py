"""Results as layers: groups, legends, metadata, previews that come and go, blocks while a run goes on."""

import json
from pathlib import Path

import pytest
from osgeo import gdal, ogr
from plugin_support import make_card, make_raster
from qgis.core import QgsLayerTree, QgsLayerTreeModel, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.gui import QgsLayerTreeView
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QPainter

from sgma_qgis import live, outputs, sight
from sgma_qgis.gui.result_panel import ResultPanel
from sgma_qgis.styling import CLASSES_OPACITY

pytestmark = pytest.mark.usefixtures("qgis_app")
CARD = make_card()


@pytest.fixture()
def project():
    project = QgsProject.instance()
    project.clear()
    yield project
    project.clear()


def raster(path, bands=1, value=1):
    make_raster(path, bands, value=value)
    return str(path)


def polygons(path):
    data = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = data.CreateLayer("polygons", None, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("class_id", ogr.OFTInteger))
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetField("class_id", 1)
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POLYGON((0 0,0 9,9 9,9 0,0 0))"))
    layer.CreateFeature(feature)
    feature = layer = data = None
    return str(path)


@pytest.fixture()
def result(tmp_path):
    (tmp_path / "map.run.json").write_text(json.dumps({"layers": [{"modality": "rgb"}, {"modality": "dsm"}]}))
    return {
        "outputs": {
            "classes": raster(tmp_path / "map.tif"),
            "confidence": raster(tmp_path / "confidence.tif"),
            "availability": raster(tmp_path / "availability.tif"),
            "trust": raster(tmp_path / "trust.tif", 4),
            "polygons": polygons(tmp_path / "map.gpkg"),
        },
        "grid": {"crs": "EPSG:32616", "width": 60, "height": 40, "resolution": 1.0},
        "tiles_total": 4,
        "tiles_failed": 1,
        "device": "cpu",
        "backend": "openvino",
        "warnings": ["NIR is <absent>."],
        "class_area_m2": {"not tree": 10_000.0, "tree": 30_000.0},
    }


def test_a_result_is_a_group_on_top(project, result):
    project.addMapLayer(QgsRasterLayer(result["outputs"]["classes"], "before"))
    group = outputs.add_result(result, CARD, name="2026", command="qgis_process run sgma:segment")
    assert project.layerTreeRoot().children()[0] is group
    assert group.name() == f"2026 – SGMA {CARD.id}"
    titles = [node.name() for node in group.children()]
    assert titles == [
        *("Polygons", "Land cover", "Confidence", "Sensors available", "Trust in RGB", "Trust in DSM"),
    ]
    visible = {node.name() for node in group.children() if node.itemVisibilityChecked()}
    assert visible == {"Polygons", "Land cover"}
    layers = outputs.layers(group)
    assert set(layers) == {"polygons", "classes", "confidence", "availability", "trust_rgb", "trust_dsm"}
    assert all(layer.isValid() for layer in layers.values())
    assert layers["classes"].blendMode() == QPainter.CompositionMode.CompositionMode_SourceOver
    assert layers["classes"].opacity() == 0.7
    assert [item.label for item in layers["classes"].renderer().classes()] == ["not tree", "tree"]
    assert layers["trust_dsm"].renderer().band() == 3
    assert Path(layers["classes"].customProperty(outputs.RUN_PROPERTY)).name == "map.run.json"


def test_every_legend_is_folded_also_a_long_one(project, result):
    model = QgsLayerTreeModel(project.layerTreeRoot())
    model.setFlag(QgsLayerTreeModel.Flag.ShowLegendAsTree)
    model.setAutoCollapseLegendNodes(10)  # as QGIS's window does
    view = QgsLayerTreeView()
    view.setModel(model)
    group = outputs.add_result(result, CARD, name="2026")
    index = view.node2index if hasattr(view, "node2index") else model.node2index  # newer
    assert not [node.name() for node in group.findLayers() if node.isExpanded() or view.isExpanded(index(node))]
    view.deleteLater()


def test_metadata_tells_where_a_layer_comes_from(project, result):
    group = outputs.add_result(result, CARD, name="2026", command="qgis_process run sgma:segment")
    metadata = outputs.layers(group)["confidence"].metadata()
    assert CARD.weights_sha256 in metadata.abstract()
    assert "NIR is <absent>." in metadata.abstract()
    assert "1 of them gaps" in metadata.abstract()
    assert metadata.history()[0] == "qgis_process run sgma:segment"
    assert "map.run.json" in metadata.history()[1]
    assert metadata.links()[0].url.startswith("file://")


def test_the_style_of_polygons_is_kept_in_their_file(project, result):
    outputs.add_result(result, CARD, name="2026")
    again = QgsVectorLayer(result["outputs"]["polygons"], "again", "ogr")
    assert [category.label() for category in again.renderer().categories()] == ["not tree", "tree"]


def test_a_run_without_extras(project, result):
    result["outputs"] = {"classes": result["outputs"]["classes"]}
    assert set(outputs.layers(outputs.add_result(result, CARD, name="a"))) == {"classes"}


def test_hectares(result):
    assert outputs.hectares(result, CARD) == [("tree", "#117733", 3.0, 75.0), ("not tree", "#dddddd", 1.0, 25.0)]
    assert outputs.hectares({"class_area_m2": {}}, CARD)[0][2:] == (0.0, 0.0)


def test_previews_replace_each_other_and_go_with_one_call(project, tmp_path):
    preview = outputs.Preview()
    first = {"classes": raster(tmp_path / "1.tif", value=0), "confidence": raster(tmp_path / "1c.tif")}
    (tmp_path / "1.tif.aux.xml").write_text("<PAMDataset/>")
    shown = preview.show(first, CARD, "Preview")
    assert set(shown) == {"classes", "confidence"}
    ids = {role: layer.id() for role, layer in shown.items()}
    second = {"classes": raster(tmp_path / "2.tif", value=1), "confidence": raster(tmp_path / "2c.tif")}
    shown = preview.show(second, CARD, "Preview")
    assert {role: layer.id() for role, layer in shown.items()} == ids
    assert shown["classes"].dataProvider().sample(shown["classes"].extent().center(), 1)[0] == 1
    assert [item.label for item in shown["classes"].renderer().classes()] == ["not tree", "tree"]
    assert not {"1.tif", "1c.tif", "1.tif.aux.xml"} & {path.name for path in tmp_path.iterdir()}
    assert set(preview.show({"classes": raster(tmp_path / "3.tif")}, CARD, "Preview")) == {"classes"}
    assert len(project.mapLayers()) == 1
    preview.remove()
    assert not project.mapLayers()
    assert not project.layerTreeRoot().children()
    assert not (tmp_path / "3.tif").exists()


def test_a_preview_comes_back_after_the_user_removed_it(project, tmp_path):
    preview = outputs.Preview()
    preview.show({"classes": raster(tmp_path / "1.tif")}, CARD, "Preview")
    project.clear()
    assert preview.layers == {}
    assert preview.show({"classes": raster(tmp_path / "2.tif")}, CARD, "Preview")["classes"].isValid()


def test_a_result_takes_the_place_of_older_ones_there(project, result, tmp_path):
    old = outputs.add_result(result, CARD, name="old")
    far = dict(result, outputs={"classes": str(tmp_path / "far.tif")})
    block(tmp_path / "far.tif", 4000, 0, 30, 10, 1)
    elsewhere = outputs.add_result(far, CARD, name="elsewhere")
    assert old.isVisible() and elsewhere.isVisible()
    newest = outputs.add_result(result, CARD, name="new")
    assert newest.isVisible() and elsewhere.isVisible() and not old.isVisible()


def test_results_are_hidden_below_a_preview(project, result, tmp_path):
    older = outputs.add_result(result, CARD, name="old")
    there = outputs.add_result(result, CARD, name="new")
    preview = outputs.Preview()
    for number in (1, 2):
        preview.show({"classes": raster(tmp_path / f"{number}.tif")}, CARD, "Preview")
        assert not there.itemVisibilityChecked() and project.layerTreeRoot().findGroup("Preview").isVisible()
    preview.remove()
    assert there.isVisible() and not older.isVisible()
    preview.show({"classes": raster(tmp_path / "3.tif")}, CARD, "Preview")
    newest = outputs.add_result(result, CARD, name="newest")
    preview.remove()
    assert newest.isVisible() and not there.isVisible()


def place(group):
    """Return column and row of a result's corner among the blocks below."""
    extent = outputs.layers(group)["classes"].extent()
    return int((extent.xMinimum() - 500_000) / 2), int((4_600_000 - extent.yMaximum()) / 2)


def test_results_are_hidden_below_a_run_in_work(project, result, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "REFRESH_MS", 0)
    there = outputs.add_result(result, CARD, name="there")
    col, row = place(there)
    view = live.LiveView("In work", CARD)
    view.add(*block(tmp_path / "far.tif", col + 4000, row, 30, 10, 1))
    assert there.isVisible()
    view.add(*block(tmp_path / "near.tif", col, row, 30, 10, 1))
    until(lambda: not there.isVisible())
    preview = outputs.Preview()
    preview.show({"classes": raster(tmp_path / "1.tif")}, CARD, "Preview")
    view.close()
    assert not there.isVisible()  # the preview is still there
    preview.remove()
    assert there.isVisible()


def test_results_are_seen_again_when_a_map_in_work_was_removed_by_hand(project, result, tmp_path):
    there = outputs.add_result(result, CARD, name="there")
    col, row = place(there)
    view = live.LiveView("In work", CARD)
    view.add(*block(tmp_path / "a.tif", col, row, 30, 10, 1))
    assert not there.isVisible()
    project.removeMapLayer(view.layer)
    assert there.isVisible()
    view.add(*block(tmp_path / "b.tif", col, row + 10, 30, 10, 1))
    assert there.isVisible()
    there.setItemVisibilityChecked(False)
    view.close()
    assert not there.isVisible()  # nobody of ours has hidden it


def test_what_the_user_wants_to_see_stays_in_sight_while_a_map_in_work_grows(project, result, tmp_path):
    old = outputs.add_result(result, CARD, name="old")
    new = outputs.add_result(result, CARD, name="new")
    col, row = place(new)
    view = live.LiveView("In work", CARD)

    def grow(name, row):
        view.add(*block(tmp_path / name, col, row, 30, 10, 1))
        view._refresh()

    grow("a.tif", row)
    assert not old.isVisible() and not new.isVisible()
    old.setItemVisibilityChecked(True)  # it was hidden already when the map came
    grow("b.tif", row + 10)
    assert old.isVisible() and not new.isVisible()
    added = outputs.add_result(result, CARD, name="added")
    view.spare(outputs.layers(added)["classes"].id())
    grow("c.tif", row + 20)
    assert added.isVisible()
    view.begin_again("In work once more")
    grow("d.tif", row)
    assert not added.isVisible()  # asked for while another run went on
    view.close()
    assert added.isVisible()


def test_peeking_is_told_to_the_layer_tree(project, result):
    group = outputs.add_result(result, CARD, name="new")
    model = QgsLayerTreeModel(project.layerTreeRoot())
    shown = group.findLayer(outputs.layers(group)["classes"].id())
    panel, told, before = ResultPanel(), [], [node.isVisible() for node in group.findLayers()]
    model.dataChanged.connect(lambda first, last, *roles: told.append(model.index2node(first)))
    panel.peek.pressed.emit()
    assert not shown.isVisible() and group.isVisible() and shown in told
    told.clear()
    panel.peek.released.emit()
    font = model.data(model.node2index(shown), Qt.ItemDataRole.FontRole)
    assert shown in told and (font is None or not font.italic())
    assert [node.isVisible() for node in group.findLayers()] == before


def test_a_preview_is_as_sheer_as_a_result(project, tmp_path):
    preview = outputs.Preview()
    layer = preview.show({"classes": raster(tmp_path / "1.tif")}, CARD, "Preview")["classes"]
    assert layer.opacity() == pytest.approx(CLASSES_OPACITY)
    layer.setOpacity(0.4)
    assert preview.show({"classes": raster(tmp_path / "2.tif")}, CARD, "Preview")["classes"].opacity() == 0.4


def test_previews_lie_on_top(project, result, tmp_path):
    newest = outputs.add_result(result, CARD, name="new")
    preview = outputs.Preview()
    preview.show({"classes": raster(tmp_path / "1.tif")}, CARD, "Preview")
    group = project.layerTreeRoot().children()[0]
    assert group.name() == "Preview" and set(group.findLayers()) < set(sight.covering(project))
    assert not [node for node in newest.children() if QgsLayerTree.isGroup(node)]
    group.setItemVisibilityChecked(False)
    difference = outputs.difference_layer(raster(tmp_path / "d.tif"), "Without DSM")
    assert [item.label for item in difference.renderer().classes()] == ["differs"]
    assert difference.opacity() == pytest.approx(0.5)
    assert project.layerTreeRoot().findLayer(difference.id()).isVisible()
    there = difference.id()
    outputs.remove_difference(there)
    assert project.mapLayer(there) is None
    preview.remove()
    assert not [node for node in newest.children() if QgsLayerTree.isGroup(node)]
    assert "classes" in outputs.layers(newest)


def block(path, col, row, width, height, value):
    data = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1, gdal.GDT_Byte)
    data.SetGeoTransform((500_000 + 2 * col, 2, 0, 4_600_000 - 2 * row, 0, -2))
    from osgeo import osr

    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32616)
    data.SetProjection(crs.ExportToWkt())
    data.GetRasterBand(1).Fill(value)
    data.GetRasterBand(1).SetNoDataValue(255)
    data = None
    return str(path), (col, row, width, height)


def test_blocks_appear_while_a_run_goes_on(project, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "REFRESH_MS", 0)
    view = live.LiveView("In work", CARD)
    view.add(*block(tmp_path / "a.tif", 40, 20, 30, 10, 1))
    layer = view.layer
    assert layer.isValid()
    assert (layer.width(), layer.height()) == (30, 10)
    (tmp_path / "a.tif").unlink()  # as the run does when it is done
    view.add(*block(tmp_path / "b.tif", 40, 30, 30, 8, 0))
    view.add(*block(tmp_path / "c.tif", 10, 20, 30, 10, 1))
    view.add(str(tmp_path / "gone.tif"), (0, 0, 5, 5))
    until(lambda: view.layer.width() == 60)
    assert view.layer.id() == layer.id()
    extent = view.layer.extent()
    assert (extent.xMinimum(), extent.yMaximum()) == (500_020, 4_599_960)
    assert (extent.xMaximum(), extent.yMinimum()) == (500_140, 4_599_924)
    pixels = view.layer.dataProvider().block(1, extent, 60, 18)
    assert (pixels.value(0, 0), pixels.value(0, 59), pixels.value(12, 40)) == (1, 1, 0)
    assert pixels.isNoData(12, 0)
    assert [item.label for item in view.layer.renderer().classes()] == ["not tree", "tree"]
    folder = Path(view.layer.source()).parent
    monkeypatch.setattr(live, "LINGER_MS", 0)  # it may still be drawn
    view.close()
    assert not project.mapLayers()
    until(lambda: not folder.exists())
    view.close()


def test_a_live_layer_that_was_removed_stays_away(project, tmp_path):
    view = live.LiveView("In work", CARD)
    view.add(*block(tmp_path / "a.tif", 0, 0, 30, 10, 1))
    project.clear()
    view.add(*block(tmp_path / "b.tif", 0, 10, 30, 10, 1))
    view._refresh()
    assert not project.mapLayers()
    view.close()


def until(true):
    import time

    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        QCoreApplication.processEvents()
