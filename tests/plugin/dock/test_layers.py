"""Layers and area in the dock: guessed, marked, removed, drawn into a file first."""

from dataclasses import replace

import numpy
import test_rendering
from gui_support import add, finished, job_of, keep, until
from osgeo import gdal
from plugin_support import make_card, make_raster
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
    QgsVectorLayer,
)

from sgma_qgis.gui.area_panel import CANVAS, POLYGONS, AreaChoice
from sgma_qgis.gui.badge import DOUBT, GOOD, Badge
from sgma_qgis.gui.slot_row import Slot

tiles = test_rendering.tiles  # a fixture: a server of plain tiles


def test_rows_fill_themselves_and_are_marked(dock, controller):
    assert list(dock.layers.value()) == ["rgb", "nir", "dsm"]
    assert {key: row.badge.value().text for key, row in dock.layers.rows.items() if row.value()} == {
        "rgb": "used", "nir": "used", "dsm": "used",
    }  # fmt: skip
    assert dock.area.tiles.text() == "4 of 4 tiles" and "EPSG:32616" in dock.resolution.grid_text.text()
    estimate = dock.run_bar.estimate.text().replace("\u00a0", " ")
    assert "4 tiles" in estimate and "1.2 GB of memory" in estimate
    assert "cpu" in dock.status.text()


def test_badges_say_partial_shifted_and_outside(dock, controller, tmp_path):
    rows = dock.layers.rows
    chosen = {
        "rgb": Slot(add(make_raster(tmp_path / "half.tif", 3), "half").id()),
        "nir": Slot(add(make_raster(tmp_path / "outside.tif", 1), "outside").id()),
        "dsm": Slot(add(make_raster(tmp_path / "shifted.tif", 1), "shifted").id()),
    }
    dock.layers.set_value(chosen)
    until(lambda: rows["rgb"].badge.value() and "partial" in rows["rgb"].badge.value().text)
    assert rows["rgb"].badge.value().text == "partial 62 %"
    assert rows["nir"].badge.value().text == "no overlap: NIR layer outside does not overlap RGB."
    assert rows["dsm"].badge.value().text == "used · offset 2.3 px to RGB"
    assert "RGB + DSM" in dock.accuracy.text()  # what cannot be used does not count
    assert not dock.run_bar.run_button.isEnabled()  # a run would be refused
    assert dock.run_bar.estimate.text() == "NIR layer outside does not overlap RGB."
    rows["nir"].set_value(None)
    until(dock.run_bar.run_button.isEnabled)


def test_a_badge_says_why_it_warns_and_a_rim_is_no_warning(dock, controller, tmp_path):
    rows = dock.layers.rows
    chosen = {
        "rgb": Slot(add(make_raster(tmp_path / "nearly.tif", 3), "nearly").id()),
        "dsm": Slot(add(make_raster(tmp_path / "unfit.tif", 1), "unfit").id()),
    }
    dock.layers.set_value(chosen)
    until(lambda: rows["dsm"].badge.value() and "unit" in rows["dsm"].badge.value().text)
    assert rows["rgb"].badge.value() == Badge(GOOD, "used, 98 % of the area", "unit guessed")
    found = rows["dsm"].badge.value()
    assert (found.kind, found.text) == (DOUBT, "used · unit in doubt")
    assert "Choose the unit 'surface height, m'" in found.hint and "--" not in found.hint


def test_expected_accuracy_follows_the_layers(dock):
    assert dock.accuracy.value() is None and "not measured" in dock.accuracy.text()
    dock.layers.rows["dsm"].set_value(None)
    assert dock.accuracy.value().miou == 0.71
    until(lambda: "measured on test data" in dock.accuracy.text() and "does not hold" not in dock.accuracy.text())
    dock.resolution.set_value(5.0)
    until(lambda: "your pixels are 5 m" in dock.accuracy.text())
    dock.resolution.set_value(0.05)
    assert "made for" in dock.resolution.warning.value().text  # at once
    until(lambda: "your pixels are 0.05 m" in dock.accuracy.text())
    dock.resolution.set_value(None)
    assert dock.resolution.warning.value() is None


def test_a_layer_that_goes_is_no_longer_used(dock, controller):
    QgsProject.instance().removeMapLayer(dock.layers.value()["nir"].layer_id)
    assert list(dock.layers.value()) == ["rgb", "dsm"]
    until(lambda: set(controller.checker.badges) == {"rgb", "dsm"} and dock.run_bar.value().can_run)
    assert dock.layers.rows["nir"].badge.value() is None


def test_a_layer_that_comes_fills_an_empty_row(dock, layers, tmp_path):
    assert "sar" not in dock.layers.value()
    radar = add(make_raster(tmp_path / "sar_vv_vh.tif", 2, "Float32", value=-12), "radar VV VH")
    assert dock.layers.value()["sar"].layer_id == radar.id()


def test_a_row_that_the_user_emptied_stays_empty(dock, tmp_path):
    row = dock.layers.rows["nir"]
    row.layers.setCurrentIndex(0)
    row.layers.activated.emit(0)
    add(make_raster(tmp_path / "nir_2.tif", 1), "near infrared nir")
    assert "nir" not in dock.layers.value()
    dock.layers.guess_button.click()
    assert "nir" in dock.layers.value()


def test_the_button_looks_at_the_layers_anew(dock, tmp_path):
    QgsProject.instance().removeMapLayer(dock.layers.value()["dsm"].layer_id)
    path = make_raster(tmp_path / "x.tif", 1, "Float32", value=140)
    raster = gdal.Open(str(path), gdal.GA_Update)
    raster.GetRasterBand(1).WriteArray(numpy.full((4, 4), -9999, "float32"))
    raster = None
    layer = add(path, "x")
    assert "dsm" not in dock.layers.value()
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(-9999, -9999)])
    dock.layers.guess_button.click()
    assert dock.layers.value()["dsm"].layer_id == layer.id()


def test_results_are_no_inputs(dock, controller, tmp_path):
    keep(dock, tmp_path, "confidence")
    dock.run_bar.run_button.click()
    until(finished(dock))
    dock.layers.guess_button.click()
    ours = set(dock.result.value().layer_ids.values())
    assert not ours & {slot.layer_id for slot in dock.layers.value().values()}


def polygons(iface):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32616", "fields", "memory")
    for i in range(2):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(500010 + 20 * i, 4599970, 500020 + 20 * i, 4599980)))
        layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_the_area_is_what_was_chosen(dock, controller, iface, tmp_path):
    fields = polygons(iface)
    fields.selectByIds([2])
    dock.area.set_value(AreaChoice(POLYGONS, fields.id(), True))
    area = controller.builder.area()
    assert [f.geometry().boundingBox().xMinimum() for f in QgsVectorLayer(area.polygons).getFeatures()] == [500030.0]
    assert controller.builder.area().polygons == area.polygons  # exported once
    fields.selectByIds([1])
    assert controller.builder.area().polygons != area.polygons
    dock.area.changed.emit()
    until(lambda: dock.area.tiles.text() == "1 of 4 tiles")
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert job_of(dock)["area"]["polygons"] == str(tmp_path / "town.area.gpkg")  # kept beside the map


def test_an_area_that_is_not_there_is_told(dock, controller):
    dock.area.kind.setCurrentIndex(dock.area.kind.findData("drawn"))
    until(lambda: "Draw a rectangle" in dock.run_bar.estimate.text())
    assert not dock.run_bar.run_button.isEnabled()


def test_a_layer_without_a_file_is_rendered_first(dock, controller, iface, tiles, tmp_path):
    layer = test_rendering.basemap(tiles)  # written as QGIS does: 3.40 takes no address whose slashes are escaped
    QgsProject.instance().addMapLayer(layer)
    dock.area.set_value(AreaChoice(CANVAS))
    dock.layers.set_value({"rgb": Slot(layer.id())})
    until(
        lambda: dock.layers.rows["rgb"].badge.value() and "8-bit picture" in dock.layers.rows["rgb"].badge.value().text
    )
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(finished(dock))
    (source,) = job_of(dock)["sources"]
    picture = QgsRasterLayer(source["path"], "picture")
    assert picture.isValid() and source["bands"] == [1, 2, 3] and tiles.asked > 0
    assert picture.crs().authid() == "EPSG:32616" and picture.extent().contains(iface.canvas.extent())
    assert any("8-bit" in text for text in iface.said())
    asked = tiles.asked
    dock.run_bar.run_button.click()
    until(lambda: (tmp_path / "town_2.tif").exists() and not controller.runner.runs)
    assert tiles.asked == asked  # the same area was drawn already


def test_what_the_check_warns_of_stands_beside_run_and_a_model_s_caution_once(dock, controller, monkeypatch):
    until(lambda: dock.run_bar.warnings_button.text() == "⚠ 1 warning")
    assert dock.run_bar.warnings_button.toolTip().endswith(f":\n{dock.layers.message.text()}")
    found = {**controller.checker.found, "warnings": ["Coarse.", "test-trees: A toy."]}
    monkeypatch.setattr(controller.checker, "found", found)
    monkeypatch.setattr(dock.model, "card", lambda: replace(make_card(), caution="A toy."))
    controller.checker.checked.emit(found)
    assert dock.layers.message.text() == "Coarse." and dock.run_bar.warnings_button.text() == "⚠ 2 warnings"
