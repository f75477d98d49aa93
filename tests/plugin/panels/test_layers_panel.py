"""Layers by sensor: rows, bands, units, badges, and the accuracy to expect."""

from dataclasses import replace

from gui_support import add
from plugin_support import make_card, make_raster
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtTest import QSignalSpy

from sgma_qgis.gui.accuracy_strip import AccuracyStrip
from sgma_qgis.gui.badge import BAD, DOUBT, GOOD, Badge
from sgma_qgis.gui.guessing import is_candidate
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.model.contract.card import Accuracy
from sgma_qgis.styling import ROLE_PROPERTY


def test_rows_are_those_that_the_model_knows(panel):
    card = make_card()
    panel.set_card(replace(card, modalities=card.modalities[:2]))
    shown = [key for key, row in panel.rows.items() if not row.label.isHidden()]
    assert shown == ["rgb", "nir"]


def test_layers_bands_and_units_are_the_value(panel, rasters):
    spy = QSignalSpy(panel.changed)
    panel.set_value({"rgb": Slot(rasters["rgb"].id(), (3, 2, 1), "dn16"), "dsm": Slot(rasters["dsm"].id())})
    assert panel.value() == {
        "rgb": Slot(rasters["rgb"].id(), (3, 2, 1), "dn16"),
        "dsm": Slot(rasters["dsm"].id(), (), ""),
    }
    assert panel.sensors() == ("rgb", "dsm") and len(spy) == 1
    panel.set_value({})
    assert panel.value() == {} and len(spy) == 2


def test_a_unit_too_long_for_its_list_is_read_in_the_tooltip(panel, rasters):
    panel.set_value({"rgb": Slot(rasters["rgb"].id())})
    row = panel.rows["rgb"]
    row.set_guess((1, 2, 3), "reflectance10000")
    assert row.unit.toolTip().startswith("auto: reflectance x 10000\n")
    row.set_value(Slot(rasters["rgb"].id(), (), "dn8"))
    assert row.unit.toolTip().startswith("8-bit numbers\n")


def test_one_file_may_fill_two_rows(panel, tmp_path):
    both = add(make_raster(tmp_path / "rgbn.tif", 4), "RGBN")
    panel.set_value({"rgb": Slot(both.id(), (1, 2, 3)), "nir": Slot(both.id(), (4,))})
    assert panel.value()["nir"] == Slot(both.id(), (4,), "") and panel.value()["rgb"].layer_id == both.id()


def test_a_layer_that_is_removed_leaves_its_row_empty_and_no_other(panel, rasters):
    panel.set_value({key: Slot(layer.id()) for key, layer in rasters.items()})
    spy = QSignalSpy(panel.changed)
    kept = {key: layer.id() for key, layer in rasters.items() if key != "nir"}
    QgsProject.instance().removeMapLayer(rasters["nir"].id())
    assert {key: slot.layer_id for key, slot in panel.value().items()} == kept
    assert len(spy) == 1 and panel.rows["nir"].layers.currentLayer() is None
    for key, row in panel.rows.items():
        assert (row.layers.currentLayer().id() if row.layers.currentLayer() else None) == kept.get(key)


def test_a_layer_that_is_removed_is_named(panel, rasters, layers):
    both = {"rgb": Slot(rasters["rgb"].id()), "nir": Slot(rasters["rgb"].id()), "dsm": Slot(rasters["dsm"].id())}
    panel.set_value(both)
    assert panel.message.isHidden()
    rasters["rgb"].setName("orthophoto")
    panel.set_message("Mind the units.")
    QgsProject.instance().removeMapLayer(rasters["rgb"].id())
    assert panel.message.text().splitlines() == [
        "The layer orthophoto was removed; RGB is no longer used.",
        "The layer orthophoto was removed; NIR is no longer used.",
        "Mind the units.",
    ]
    panel.set_message("")
    panel.rows["rgb"].set_value(Slot(add(layers["RGB"], "another").id()))
    assert panel.message.text() == "The layer orthophoto was removed; NIR is no longer used."
    QgsProject.instance().removeMapLayer(rasters["sar"].id())  # of no row
    panel.set_value({})
    assert panel.message.isHidden()


def test_layers_added_and_renamed_are_seen(panel, rasters, tmp_path):
    row = panel.rows["rgb"]
    panel.set_value({"rgb": Slot(rasters["rgb"].id())})
    rasters["rgb"].setName("renamed")
    assert row.layers.currentText() == "renamed"
    count = row.layers.count()
    add(make_raster(tmp_path / "more.tif", 3), "more")
    assert row.layers.count() == count + 1 and row.layers.currentText() == "renamed"


def test_the_user_s_choice_is_told_apart_from_a_guess(panel, rasters):
    row = panel.rows["rgb"]
    row.set_value(Slot(rasters["rgb"].id()))
    row.set_guess((1, 2, 3), "dn8")
    assert not row.touched and row.value() == Slot(rasters["rgb"].id())
    assert row.bands.text() == "1, 2, 3" and "8-bit" in row.unit.itemText(0)
    row.unit.setCurrentIndex(row.unit.findData("dn16"))
    row.unit.activated.emit(row.unit.currentIndex())
    assert row.touched and row.value().unit == "dn16"
    row.bands._combos[0].setBand(3)
    row.bands._combos[0].activated.emit(2)
    assert row.value().bands == (3, 2, 3)
    row.bands.automatic.click()
    assert row.value().bands == ()


def test_bands_and_unit_of_another_layer_are_forgotten(panel, rasters, tmp_path):
    row = panel.rows["rgb"]
    row.set_value(Slot(rasters["rgb"].id(), (3, 2, 1), "dn16"))
    row.set_value(Slot(add(make_raster(tmp_path / "b.tif", 3), "b").id()))
    assert (row.value().bands, row.value().unit) == ((), "")


def test_badges_belong_to_layers(panel, rasters):
    panel.set_value({"rgb": Slot(rasters["rgb"].id()), "dsm": Slot(rasters["dsm"].id())})
    marks = {"rgb": Badge(GOOD, "used"), "dsm": Badge(DOUBT, "partial 62 %", "of the area"), "sar": Badge(BAD, "no")}
    panel.set_badges(marks)
    assert panel.rows["dsm"].badge.value().text == "partial 62 %"
    assert "of the area" in panel.rows["dsm"].badge.toolTip()
    assert panel.rows["sar"].badge.value() is None  # no layer, no badge
    panel.rows["dsm"].set_value(None)
    assert panel.rows["dsm"].badge.value() is None


def test_expected_accuracy_is_the_card_s_or_not_measured(iface):
    strip, card = AccuracyStrip(), make_card()
    strip.set_value(card, ("nir", "rgb"))
    assert strip.value().miou == 0.71 and "0.71" in strip.text() and "RGB + NIR" in strip.text()
    assert "RGB + NIR: mIoU 0.71, as measured on test data." in strip.text()
    assert "mIoU: of the area" in strip.toolTip() and "Measured on: test data (test)" in strip.toolTip()
    strip.set_value(card, ("nir", "rgb"), gsd=1.2)
    assert "does not hold" not in strip.text()
    strip.set_value(card, ("nir", "rgb"), gsd=10.0)
    assert "does not hold here: your pixels are 10 m, the model was made for 0.3 to 1.2 m" in strip.text()
    strip.set_value(card, ("rgb",))
    assert strip.value() is None and "not measured" in strip.text() and "0.71" not in strip.text()
    strip.set_value(card, ())
    assert strip.value() is None and "pick a layer" in strip.text()


def test_of_few_classes_each_score_is_shown(iface):
    scores = {"not tree": 0.96, "tree": 0.46}
    card = replace(make_card(), accuracy=(Accuracy("streets", "test", ("rgb",), 0.71, scores),))
    strip = AccuracyStrip()
    strip.set_value(card, ("rgb",))
    assert ": mIoU 0.71 (not tree 0.96, tree 0.46), as measured on streets." in strip.text()
    many = {f"class {i}": 0.5 for i in range(3)}
    strip.set_value(replace(card, accuracy=(replace(card.accuracy[0], iou=many),)), ("rgb",))
    assert "mIoU 0.71, as" in strip.text() and "class 1: IoU 0.50" in strip.toolTip()


def test_the_accuracy_of_a_model_with_a_caution_is_not_called_expected(iface):
    strip = AccuracyStrip()
    strip.set_value(replace(make_card(), caution="A toy."), ("rgb", "nir"))
    assert strip.text() == "Accuracy with RGB + NIR: mIoU 0.71, measured on test data."


def test_results_are_not_offered_but_one_that_was_chosen_stays(panel, rasters, layers):
    def offered(key):
        combo = panel.rows[key].layers
        return {combo.layer(i).name() for i in range(combo.count()) if combo.layer(i) is not None}

    result = QgsRasterLayer(layers["RGB"], "Confidence")
    result.setCustomProperty(ROLE_PROPERTY, "confidence")
    panel.set_value({"dsm": Slot(rasters["dsm"].id())})
    QgsProject.instance().addMapLayer(result)
    inputs = {"RGB", "NIR", "DSM", "SAR"}
    assert offered("rgb") == offered("sar") == inputs and not is_candidate(result)
    assert panel.rows["dsm"].layers.currentLayer() is rasters["dsm"]
    panel.set_value({"dsm": Slot(result.id())})  # as an earlier project has it
    assert offered("dsm") == {*inputs, "Confidence"} and offered("rgb") == inputs
    assert panel.rows["dsm"].layers.currentLayer() is result and panel.rows["rgb"].layers.currentLayer() is None
    panel.set_value({})
    assert offered("dsm") == inputs
    QgsProject.instance().removeMapLayer(result.id())
    assert offered("dsm") == inputs and panel.value() == {}


def test_a_tick_switches_a_sensor_off_and_on_again(panel, rasters):
    slot, row = Slot(rasters["rgb"].id(), (3, 2, 1), "dn8"), panel.rows["rgb"]
    panel.set_value({"rgb": slot})
    spy = QSignalSpy(panel.changed)
    assert row.label.isChecked() and "Untick to leave RGB out" in row.label.toolTip()
    row.label.click()
    assert panel.value() == {} and not row.label.isChecked() and row.touched and len(spy) == 1
    assert row.layers.currentLayer() is None and row.label.toolTip() == "Tick to use RGB again."
    row.label.click()
    assert panel.value() == {"rgb": slot} and row.label.isChecked() and len(spy) == 2


def test_a_tick_without_a_layer_to_take_asks_for_one(panel, rasters, monkeypatch):
    row, opened = panel.rows["sar"], []
    monkeypatch.setattr(row.layers, "showPopup", lambda: opened.append(True))
    row.label.click()
    assert opened == [True] and not row.label.isChecked() and panel.value() == {} and not row.touched
    panel.set_value({"sar": Slot(rasters["sar"].id())})
    QgsProject.instance().removeMapLayer(rasters["sar"].id())
    assert row.label.toolTip() == "Tick to choose a layer with SAR."
    row.label.click()
    assert len(opened) == 2 and panel.value() == {}
