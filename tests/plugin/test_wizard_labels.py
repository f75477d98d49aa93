"""Page 2 of the wizard: labels, what they mean, and every way in which they can be bad."""

import pytest
from gui_support import settle
from label_support import WEST, box, enough, labels, point, raster, texts
from plugin_support import make_raster
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFillSymbol,
    QgsGeometry,
    QgsProject,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtTest import QTest

from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard import label_checks, label_values
from sgma_qgis.gui.wizard.label_layer import LabelLayerDialog, Wanted, create
from sgma_qgis.gui.wizard.labels_page import LabelsPage
from sgma_qgis.gui.wizard.state import WizardState, recall, remember
from sgma_qgis.model.contract.card import ClassInfo
from sgma_qgis.model.contract.colors import PALETTE


@pytest.fixture()
def page(qgis_app, data_dir, tmp_path):
    QgsProject.instance().clear()
    rgb = raster(make_raster(tmp_path / "rgb.tif", 3), "rgb")
    state = WizardState(base="test-trees", slots={"rgb": Slot(rgb.id())})
    found = LabelsPage(state)
    found.initializePage()
    yield found
    found.deleteLater()
    QgsProject.instance().clear()


def choose(page, layer, field="class"):
    page.layer.setLayer(layer)
    if field:
        page.field.setField(field)
    return page._state


def test_nothing_is_chosen_at_first(page):
    assert not page.isComplete() and "Choose the layer" in texts(page)


def test_values_are_listed_with_counts_areas_and_the_layers_colours(page):
    layer = labels(enough())
    renderer = QgsCategorizedSymbolRenderer("class")
    for name, color in (("oak", "#00ff00"), ("road", "#333333")):
        renderer.addCategory(QgsRendererCategory(name, QgsFillSymbol.createSimple({"color": color}), name))
    layer.setRenderer(renderer)
    state = choose(page, layer)
    assert page.isComplete() and not page.notes.value()
    table = page.table
    assert [[table.item(row, column).text() for column in range(3)] for row in range(2)] == [
        ["oak", "6", "96 m²"],
        ["road", "6", "96 m²"],
    ]
    color = QColor(table.item(0, 0).icon().pixmap(14, 14).toImage().pixel(5, 5))
    assert color.name() == "#00ff00"
    assert page._state.colors == {"oak": "#00ff00", "road": "#333333"}
    assert [button.color().name() for button in table._colors] == ["#00ff00", "#333333"]
    assert state.classes == {"oak": "new:oak", "road": "new:road"}
    assert "each is a new class" in page.told.text()


def test_a_class_s_colour_is_picked_for_all_its_values(page):
    changes = []
    page.changed.connect(lambda: changes.append(1))
    state = choose(page, labels(enough(("house", "road", "shed"))))
    buttons = page.table._colors
    assert len({button.color().name() for button in buttons}) == 3 and not page.reset_button.isEnabled()
    typed(page.table._names[2], "house")
    assert buttons[2].color() == buttons[0].color()
    del changes[:]
    buttons[2].setColor(QColor("#123456"))
    assert changes and [button.color().name() for button in (buttons[0], buttons[2])] == ["#123456"] * 2
    assert state.picked == {"house": "#123456", "shed": "#123456"}
    remember(state)
    assert recall().picked == state.picked
    page._look()
    assert page.table._colors[0].color().name() == "#123456"  # not that of the layer's style
    meaning = page.table._meanings[1]
    button = page.table._colors[1]
    for target in ("1", "ignore"):  # a class of the model has a colour of its own
        meaning.setCurrentIndex(meaning.findData(target))
        assert not button.isEnabled() and not button.color().isValid()
    page.reset_button.click()
    assert state.picked == {} and not page.reset_button.isEnabled()
    choose(page, labels(enough(("house", "road"))))
    assert state.picked == {}


def test_values_that_are_the_models_classes_mean_these(page):
    state = choose(page, labels(enough(("Tree", "not tree"))))
    assert state.classes == {"tree": "1", "not tree": "0"} and "mean these" in page.told.text()


def test_a_meaning_can_be_chosen_renamed_and_taken_back(page):
    changes = []
    page.changed.connect(lambda: changes.append(1))
    state = choose(page, labels(enough(("oak", "road"))))
    del changes[:]
    meaning, name = page.table._meanings[0], page.table._names[1]
    meaning.setCurrentIndex(meaning.findText("tree"))
    assert state.classes == {"oak": "1", "road": "new:road"} and changes
    assert page.told.text().startswith("All 2 classes of the model stay")
    typed(name, "street")
    assert state.classes["road"] == "new:street"
    meaning.setCurrentIndex(meaning.findData("ignore"))
    assert "one class, street" in texts(page) and not page.isComplete()
    page.reset_button.click()
    assert state.classes == {"oak": "new:oak", "road": "new:road"} and page.isComplete()


def test_a_new_class_needs_a_name(page):
    choose(page, labels(enough()))
    name = page.table._names[0]
    typed(name, " ")
    assert "no name" in texts(page) and not page.isComplete()
    typed(name, "beech")
    assert "no name" not in texts(page) and page.isComplete() and page.table._names[0] is name


def typed(edit, text):
    edit.selectAll()
    QTest.keyClicks(edit, text)


def test_a_new_class_is_not_called_as_one_that_stays(page):
    choose(page, labels(enough(("tree", "road"))))
    assert page.isComplete()  # none stays
    road, tree = page.table._meanings
    road.setCurrentIndex(road.findText("not tree"))
    assert "tree is a class of the model already" in texts(page) and not page.isComplete()
    tree.setCurrentIndex(tree.findText("tree"))
    assert page.isComplete()


def test_numbers_are_one_value_however_they_are_stored_and_named_by_the_style(page):
    layer = labels([(wkt, 3.0 if value == "oak" else 7.0) for wkt, value in enough()], field="class:double")
    renderer = QgsCategorizedSymbolRenderer("class")
    renderer.addCategory(QgsRendererCategory(3, QgsFillSymbol.createSimple({}), "Hecke ü"))
    layer.setRenderer(renderer)
    assert choose(page, layer).classes == {"3": "new:Hecke ü", "7": "new:Class 7"}


def test_points_need_a_radius(page):
    layer = labels([(point(5 * i, 20), "oak" if i % 2 else "road") for i in range(12)], kind="Point")
    state = choose(page, layer)
    assert "radius" in texts(page) and not page.isComplete() and not page.radius.isHidden()
    page.radius.setValue(1.0)
    assert page.isComplete() and state.radius == 1.0
    assert page.table.item(0, 2).text() == "19 m²"


def test_a_raster_of_classes(page, tmp_path):
    from osgeo import gdal

    path = make_raster(tmp_path / "classes.tif", 1, value=1)
    data = gdal.Open(path, gdal.GA_Update)
    data.GetRasterBand(1).SetNoDataValue(0)
    data.GetRasterBand(1).WriteRaster(0, 0, 30, 40, bytes([2]) * 600 + bytes([0]) * 600)
    data = None
    state = choose(page, raster(path, "classes"), "")
    assert page.isComplete() and page.field.isHidden()
    assert state.classes == {"1": "new:Class 1", "2": "new:Class 2"}
    counts = {page.table.item(row, 0).text(): page.table.item(row, 1).text() for row in range(2)}
    assert counts == {"1": "1\u202f200", "2": "600"}


def test_numbers_may_be_those_of_the_models_classes(page):
    rows = [(wkt, 1 if name == "oak" else 0) for wkt, name in enough()]
    state = choose(page, labels([*rows, (box(50, 30), 255)], field="class:integer"))
    assert state.classes == {"0": "new:Class 0", "1": "new:Class 1", "255": "ignore"}
    assert not page.numbers_button.isHidden()
    page.numbers_button.click()
    assert state.classes == {"0": "0", "1": "1", "255": "ignore"} and page.numbers_button.isHidden()
    page.reset_button.click()
    assert state.classes["0"] == "new:Class 0"
    choose(page, labels(enough()))
    assert page.numbers_button.isHidden()


def test_a_raster_of_other_numbers_is_refused(page, tmp_path):
    choose(page, raster(make_raster(tmp_path / "dsm.tif", 1, gdal_type="Float32"), "dsm"), "")
    assert "whole numbers" in texts(page) and not page.isComplete()
    assert page.told.isHidden() and page.reset_button.isHidden()  # there is nothing to mean


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "holds no feature"),
        ([(box(0, 0), None), (box(9, 9), "")], "No feature has a class"),
        ([(box(0, 0), "oak")], "one class, oak"),
        ([(box(900, 900), "oak"), (box(990, 900), "road")], "lies outside"),
    ],
)
def test_bad_labels_are_refused_in_one_sentence(page, rows, said):
    choose(page, labels(rows))
    assert said in texts(page) and not page.isComplete()


def test_an_unknown_field_is_refused(page):
    layer = labels(enough())
    page._state.labels, page._state.class_field = layer.id(), "kind"
    page.initializePage()
    assert "has no field kind" in texts(page) and not page.isComplete()
    assert page._state.class_field == "kind"


def test_no_crs_is_refused(page):
    layer = labels(enough())
    layer.setCrs(QgsCoordinateReferenceSystem())
    choose(page, layer)
    assert "has no CRS" in texts(page) and not page.isComplete()


def test_what_is_odd_is_told_and_lets_one_go_on(page):
    bow = f"POLYGON(({WEST} 4599990,{WEST + 5} 4599995,{WEST + 5} 4599990,{WEST} 4599995,{WEST} 4599990))"
    rows = enough()
    rows += [(box(2, 5, 30, 4), "wall"), (bow, "wall"), (box(50, 36, 9, 0.1), "wall"), (None, "wall"),
             (box(500, 500), "wall"), (box(40, 30), None)]  # fmt: skip
    state = choose(page, labels(rows))
    said = texts(page)
    for part in ("outside of the layers: 1 of 17", "without a class: 1", "without geometry: 1",
                 "Invalid polygons, such as cross themselves: 1", "Slivers", "different classes overlap"):  # fmt: skip
        assert part in said, part
    assert "Fewer than 5" not in said and page.isComplete()
    assert state.classes["null"] == "ignore"


def test_a_field_that_numbers_the_objects_is_doubted(page):
    choose(page, labels([(box(9 * number, 30), str(number)) for number in range(6)]))
    assert "Each object has a class of its own: is this the right field?" in texts(page)
    assert "Fewer than" not in texts(page)


def test_too_few_objects_are_told(page):
    choose(page, labels([*enough(), (box(50, 30), "wall")]))
    assert "Fewer than 5 objects of: wall (1)" in texts(page) and page.isComplete()


def test_another_crs_is_told_and_never_set(page):
    metric, degrees = (QgsCoordinateReferenceSystem(code) for code in ("EPSG:32616", "EPSG:4326"))
    rows = []
    for wkt, name in enough():
        shape = QgsGeometry.fromWkt(wkt)
        shape.transform(QgsCoordinateTransform(metric, degrees, QgsProject.instance()))
        rows.append((shape.asWkt(12), name))
    layer = labels(rows, crs="EPSG:4326")
    choose(page, layer)
    assert texts(page) == (
        "The labels are in EPSG:4326, the layers in EPSG:32616: they are reprojected where they are read."
    )
    assert page.isComplete() and layer.crs().authid() == "EPSG:4326"
    assert page.table.item(0, 2).text() == "96 m²"


def test_a_labelled_area_makes_the_rest_a_class(page):
    state = choose(page, labels([(box(5 * i, 5), "oak") for i in range(6)]))
    assert not page.isComplete()
    frame = labels([(box(0, 0, 60, 40), "x")], "frame")
    page.area.setLayer(frame)
    assert page.isComplete() and state.labelled_area == frame.id()
    assert state.classes == {"oak": "new:oak", "background": "new:background"}


def test_edits_in_the_map_are_seen(page):
    layer = labels([(box(0, 0), "oak")])
    choose(page, layer)
    assert not page.isComplete()
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(box(20, 20)))
    feature.setAttribute(0, "road")
    layer.addFeature(feature)
    settle(0.8)
    assert page.isComplete() and set(page._state.classes) == {"oak", "road"}
    layer.rollBack()


def test_a_layer_that_is_gone_is_said(page):
    labels(enough(), "another")
    layer = labels(enough())
    choose(page, layer)
    QgsProject.instance().removeMapLayer(layer.id())
    assert "labels is no longer in the project" in texts(page) and not page.isComplete() and page.lost()
    assert page.layer.currentLayer() is None  # and not the other one
    page.initializePage()
    assert "labels is no longer in the project" in texts(page) and not page.isComplete()
    choose(page, labels(enough()))
    assert page.isComplete() and not page.lost()


def test_more_values_than_classes_are_told(page):
    rows = [(box(i % 50, i // 50 * 4, 0.9, 3), f"oak {i}") for i in range(230)]
    state = choose(page, labels(rows))
    assert "230 different values" in texts(page)
    page.table._meanings[0].setCurrentIndex(0)
    assert len(state.classes) == 230


def test_a_label_layer_of_a_model_that_has_the_first_colours(qgis_app, tmp_path):
    classes = [ClassInfo(i, f"c{i}", color) for i, color in enumerate(PALETTE[:8])]
    layer = create(Wanted(str(tmp_path / "l.gpkg"), ("c0", "oak", "fir")), classes, QgsCoordinateReferenceSystem())
    colors = [category.symbol().color().name() for category in layer.renderer().categories()]
    assert len(set(colors)) == 3 and colors[0] == PALETTE[0] and not {*colors[1:]} & {*PALETTE[:8]}
    layer.rollBack()
    QgsProject.instance().clear()


def test_a_label_layer_is_made_ready_to_draw_into(page, tmp_path):
    dialog = LabelLayerDialog(str(tmp_path / "new labels"), page._classes())
    dialog.names.appendPlainText("Oak\n oak \n")
    wanted = dialog.value()
    assert wanted == Wanted(str(tmp_path / "new labels.gpkg"), ("not tree", "tree", "Oak"))
    page.create(wanted)
    layer = page.layer.value()
    assert isinstance(layer, QgsVectorLayer) and layer.isEditable() and layer.crs().authid() == "EPSG:32616"
    setup = layer.editorWidgetSetup(layer.fields().indexOf("class"))
    assert setup.type() == "ValueMap" and [next(iter(row)) for row in setup.config()["map"]] == list(wanted.names)
    assert [c.value() for c in layer.renderer().categories()] == list(wanted.names)
    assert QColor(layer.renderer().categories()[1].symbol().color()).name() == "#117733"
    assert page._state.class_field == "class" and "holds no feature" in texts(page)
    page.create(wanted)
    assert "is there already" in texts(page)
    layer.rollBack()


def test_of_a_large_layer_what_lies_near_the_layers_counts(page, monkeypatch):
    monkeypatch.setattr(label_values, "MOST_FEATURES", 20)
    far = [(box(5000 + 9 * i, 0), "lake") for i in range(30)]
    state = choose(page, labels(far + enough()))
    assert page.isComplete() and list(state.classes) == ["lake", "oak", "road"]
    assert [page.table.item(row, 1).text() for row in range(3)] == ["0", "6", "6"]
    assert all(page.table.item(row, 0).icon().isNull() for row in range(3))  # one symbol for all
    assert "only 12 near the layers were looked at" in texts(page)
    choose(page, labels([*far, (box(4000, 0), "sea")], "far"))
    assert "lies outside of the layers" in texts(page) and not page.isComplete()


def test_shapes_are_looked_at_once_however_often_meanings_change(page, monkeypatch):
    looks = []
    monkeypatch.setattr(label_checks, "_shared", lambda *_: looks.append(1) or {})
    choose(page, labels(enough()))
    meaning = page.table._meanings[0]
    meaning.setCurrentIndex(meaning.findText("tree"))
    meaning.setCurrentIndex(meaning.findData("ignore"))
    assert len(looks) == 1
