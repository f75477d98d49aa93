"""The dock's panels by themselves: value(), set_value() and changed, without service or worker."""

import re

import pytest
from gui_support import Iface, add
from plugin_support import make_card, make_raster
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsCollapsibleGroupBox, QgsFileWidget, QgsMapMouseEvent, QgsOpacityWidget, QgsRubberBand
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtTest import QSignalSpy
from qgis.PyQt.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)

from sgma_qgis.gui.accuracy_strip import AccuracyStrip
from sgma_qgis.gui.advanced_panel import Advanced, AdvancedPanel
from sgma_qgis.gui.area_panel import CANVAS, DRAWN, LAYER, POLYGONS, AreaChoice, AreaPanel
from sgma_qgis.gui.badge import BAD, DOUBT, GOOD, Badge
from sgma_qgis.gui.bars import Bar, Bars
from sgma_qgis.gui.dock import SgmaDock
from sgma_qgis.gui.layers_panel import LayersPanel
from sgma_qgis.gui.model_panel import ModelPanel
from sgma_qgis.gui.outputs_panel import OutputChoice, OutputsPanel
from sgma_qgis.gui.resolution_panel import ResolutionPanel
from sgma_qgis.gui.run_bar import RunBar, RunState
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.what_if_panel import WhatIfPanel
from sgma_qgis.gui.why_panel import WhyPanel
from sgma_qgis.model.contract.errors import BadModel


@pytest.fixture()
def iface(qgis_app):
    found = Iface()
    yield found
    QgsProject.instance().clear()
    found.close()


@pytest.fixture()
def rasters(iface, layers):
    return {name.lower(): add(path, name) for name, path in layers.items()}


@pytest.fixture()
def panel(rasters):
    found = LayersPanel()
    found.set_card(make_card())
    return found


def test_a_model_is_named_by_id_or_path(iface, data_dir):
    panel = ModelPanel()
    assert "test-trees" in [panel.combo.itemData(i) or name for i, name in enumerate(panel._names)]
    panel.set_value("test-trees")
    spy = QSignalSpy(panel.changed)
    assert (panel.value(), panel.card().id) == ("test-trees", "test-trees")
    panel.set_value("town-demo")
    assert panel.value() == "town-demo" and len(spy) == 1
    path = str(data_dir / "models" / "test-trees")
    panel.add(path)
    assert panel.value() == path
    panel.refresh()
    assert panel.value() == path


def test_a_model_that_cannot_be_used_is_told_and_not_chosen(iface, data_dir, tmp_path):
    panel = ModelPanel()
    before, errors = panel.value(), []
    panel.failed.connect(errors.append)
    panel.add(str(tmp_path / "nothing.sgma"))
    assert panel.value() == before and isinstance(errors[0], BadModel)


def test_classes_are_shown_with_their_colours_and_escaped(iface, data_dir):
    panel = ModelPanel()
    panel.set_value("test-trees")
    assert "#117733" in panel.chips.text() and "not&nbsp;tree" in panel.chips.text()
    dialog = panel.open_card()
    assert "Trees &lt;for tests&gt;" in dialog.findChildren(type(dialog.children()[0]))[0].toHtml()
    dialog.close()


def test_rows_are_those_that_the_model_knows(panel):
    from dataclasses import replace

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
    assert "Measured on: test data" in strip.text()
    strip.set_value(card, ("nir", "rgb"), gsd=1.2)
    assert "does not hold" not in strip.text()
    strip.set_value(card, ("nir", "rgb"), gsd=10.0)
    assert "does not hold here: your pixels are 10 m, the model was made for 0.3 to 1.2 m" in strip.text()
    strip.set_value(card, ("rgb",))
    assert strip.value() is None and "not measured" in strip.text() and "0.71" not in strip.text()
    strip.set_value(card, ())
    assert strip.value() is None and "pick a layer" in strip.text()


def square(side, x=0.0):
    return QgsGeometry.fromRect(QgsRectangle(x, 0, x + side, side))


def test_areas(iface, rasters):
    panel = AreaPanel(iface.canvas)
    spy = QSignalSpy(panel.changed)
    assert panel.value() == AreaChoice()
    panel.set_value(AreaChoice(LAYER, rasters["dsm"].id()))
    assert panel.value() == AreaChoice(LAYER, rasters["dsm"].id())
    polygons = QgsVectorLayer("Polygon?crs=EPSG:32616", "fields", "memory")
    features = [QgsFeature(), QgsFeature()]
    for i, feature in enumerate(features):
        feature.setGeometry(square(10, 20 * i))
    polygons.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(polygons)
    panel.set_value(AreaChoice(POLYGONS, polygons.id(), True))
    assert panel.value() == AreaChoice(POLYGONS, polygons.id(), True)
    count = len(spy)
    polygons.selectByIds([1])
    assert len(spy) == count + 1  # another selection is another area
    panel.set_value(AreaChoice(CANVAS))
    count = len(spy)
    iface.canvas.setExtent(QgsRectangle(500000, 4599980, 500030, 4600000))
    assert len(spy) == count + 1
    panel.set_tiles(214, 1444)
    assert panel.tiles.text() == "214 of 1444 tiles"
    panel.set_tiles(1, 1)
    assert panel.tiles.text() == "1 of 1 tile"
    panel.close_tools()


def test_shapes_are_drawn_on_the_map(iface):
    panel = AreaPanel(iface.canvas)
    panel.kind.setCurrentIndex(panel.kind.findData(DRAWN))  # asks for a rectangle at once
    assert iface.canvas.mapTool() is panel._rectangle_tool and panel.value().wkt == ""
    panel._rectangle_tool.extentChanged.emit(QgsRectangle(500010, 4599970, 500030, 4599990))
    found = panel.value()
    assert QgsGeometry.fromWkt(found.wkt).area() == pytest.approx(400) and found.crs == "EPSG:32616"
    assert iface.canvas.mapTool() is not panel._rectangle_tool
    panel.polygon_button.click()
    tool = panel._polygon_tool
    for x, y in ((10, 10), (100, 10), (100, 90)):
        event = QgsMapMouseEvent(iface.canvas, QEvent.Type.MouseButtonRelease, QPoint(x, y), Qt.MouseButton.LeftButton)
        tool.canvasReleaseEvent(event)
    tool.canvasReleaseEvent(
        QgsMapMouseEvent(iface.canvas, QEvent.Type.MouseButtonRelease, QPoint(0, 0), Qt.MouseButton.RightButton)
    )
    assert panel.value().wkt != found.wkt and QgsGeometry.fromWkt(panel.value().wkt).area() > 0
    again = AreaPanel(iface.canvas)
    again.set_value(panel.value())
    assert again.value() == panel.value()
    iface.canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))  # the drawing goes with it
    assert again.value() == panel.value()
    panel.close_tools()
    again.close_tools()


def test_a_drawn_shape_is_an_outline_while_it_is_the_area(iface):
    panel = AreaPanel(iface.canvas)

    def bands():
        shown = [item for item in iface.canvas.scene().items() if isinstance(item, QgsRubberBand)]
        return [item.fillColor().alpha() for item in shown if item.isVisible() and item.numberOfVertices()]

    panel.kind.setCurrentIndex(panel.kind.findData(DRAWN))
    tool, button = panel._rectangle_tool, Qt.MouseButton.LeftButton
    for kind, x in ((QEvent.Type.MouseButtonPress, 50), (QEvent.Type.MouseMove, 150)):
        event = QgsMapMouseEvent(iface.canvas, kind, QPoint(x, x), button, button)
        (tool.canvasPressEvent if x == 50 else tool.canvasMoveEvent)(event)
    tool.canvasReleaseEvent(QgsMapMouseEvent(iface.canvas, QEvent.Type.MouseButtonRelease, QPoint(150, 150), button))
    assert panel.value().wkt and bands() == [0]
    panel.kind.setCurrentIndex(0)
    assert bands() == []
    panel.kind.setCurrentIndex(panel.kind.findData(DRAWN))
    assert bands() == [0]
    panel.set_outlined(False)  # the dock is closed
    assert bands() == []
    panel.close_tools()


def test_resolution(iface):
    panel = ResolutionPanel()
    panel.set_card(make_card())
    spy = QSignalSpy(panel.changed)
    assert panel.value() is None
    panel.kind.setCurrentIndex(1)
    assert panel.value() == 0.6 and "0.6" in panel.kind.currentText()
    panel.set_value(0.25)
    assert panel.value() == 0.25 and not panel.metres.isHidden()
    panel.set_value(None)
    assert panel.value() is None and len(spy) >= 3


def test_outputs(iface, tmp_path):
    panel = OutputsPanel()
    spy = QSignalSpy(panel.changed)
    assert panel.value() == OutputChoice()
    choice = OutputChoice(("trust", "polygons"), str(tmp_path), "town", 25.0, 1.5)
    panel.set_value(choice)
    assert panel.value() == choice and len(spy) and not panel.polygon_options.isHidden()
    panel.boxes["polygons"].setChecked(False)
    assert panel.polygon_options.isHidden()


def test_advanced(iface):
    panel = AdvancedPanel()
    assert panel.value() == Advanced()
    choice = Advanced(12.5, 256, 2, "cuda:1", "fp32", 3)
    panel.set_value(choice)
    assert panel.value() == choice
    panel.set_value(Advanced())
    assert panel.value() == Advanced()
    panel.tile.setValue(300)
    assert panel.value().tile == 288  # tiles are multiples of 32


def test_run_becomes_stop_and_offers_to_resume(iface):
    bar = RunBar()
    bar.set_value(RunState(can_run=True, resumes=True))
    assert "Res" in bar.run_button.text() and bar.stop_button.isHidden() and bar.run_button.isEnabled()
    bar.set_value(
        RunState(running=True, share=0.25, text="Segmenting: 12 of 40 tiles, 9 s left", waiting=2, can_run=True)
    )
    assert bar.progress.value() == 250 and not bar.stop_button.isHidden() and "12 of 40" in bar.progress_text.text()
    assert "2" in bar.progress_text.text().splitlines()[-1]
    bar.set_value(RunState(running=True, stopping=True))
    assert not bar.stop_button.isEnabled()
    bar.set_value(RunState())
    assert not bar.run_button.isEnabled() and bar.progress.isHidden()


ANSWER = {
    "class": {"id": 1, "name": "tree", "color": "#117733"},
    "confidence": 83.0,
    "probabilities": [
        {"id": 1, "name": "tree", "color": "#117733", "percent": 83.0},
        {"id": 0, "name": "not tree", "color": "#dddddd", "percent": 17.0},
    ],
    "sensors": [
        {"key": "rgb", "title": "RGB", "given": True, "present": True, "trust": 60.0, "values": [50.0],
         "unit": "dn8"},
        {"key": "nir", "title": "NIR", "given": True, "present": False, "trust": None, "values": [], "unit": ""},
        {"key": "dsm", "title": "DSM", "given": True, "present": True, "trust": 40.0, "values": [4.05],
         "unit": "ndsm"},
        {"key": "sar", "title": "SAR", "given": False, "present": False, "trust": None, "values": [], "unit": ""},
    ],
    "pixel": {"col": 3, "row": 4, "x": 500003.5, "y": 4599995.5},
    "crs": "EPSG:32616",
    "tiles": 1,
    "nodata": False,
    "text": "",
}  # fmt: skip


def test_why_here_shows_classes_and_sensors(iface):
    panel = WhyPanel()
    panel.set_value(ANSWER)
    assert "tree, 83 % sure" in panel.heading.text()
    assert [(bar.name, bar.share) for bar in panel.classes.value()] == [("tree", 0.83), ("not tree", 0.17)]
    assert [bar.text for bar in panel.sensors.value()] == ["60 %", "no data here", "40 %", "not given"]
    assert "500003.5, 4599995.5 (EPSG:32616)" in panel.heading.text()
    lines = panel.values.text().splitlines()
    assert "as the model reads them" in lines[0]
    assert lines[1:] == ["RGB: 50 (8-bit numbers)", "DSM: 4.05 m above ground"]
    panel.set_value({**ANSWER, "nodata": True, "class": None, "text": "No sensor has data here."})
    assert "No sensor has data here." in panel.heading.text() and panel.classes.isHidden()
    panel.set_value(None, "Click on the map.")
    assert panel.heading.text() == "Click on the map."


def test_what_if_needs_two_sensors(iface):
    panel = WhatIfPanel()
    asked = []
    panel.wanted.connect(asked.append)
    assert not panel.button.isEnabled()
    panel.set_sensors(("rgb", "dsm"))
    panel.set_value("dsm")
    panel.button.click()
    assert asked == ["dsm"]
    found = {
        "changed_percent": 12.34,
        "changes": [{"from_name": "tree", "to_name": "street", "area_m2": 12345.0}],
        "only_first_m2": 0.0,
    }
    panel.set_difference("dsm", found)
    assert "Without DSM, 12.3 % of the view" in panel.text.text() and "tree → street: 1.23 ha" in panel.text.text()
    panel.set_sensors(("rgb",))
    assert not panel.button.isEnabled()


def test_bars_are_told_to_screen_readers(iface):
    bars = Bars()
    bars.set_value([Bar("tree", 0.5, "50 %", "#117733"), Bar("street", 1.0, "100 %", "#777777")])
    assert bars.accessibleDescription() == "tree: 50 %\nstreet: 100 %"
    bars.resize(200, bars.sizeHint().height())
    assert not bars.grab().isNull()


@pytest.fixture()
def dock(iface, rasters, data_dir):
    found = SgmaDock(iface.canvas, iface.window)
    iface.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, found)
    found.layers.set_card(found.model.card())
    found.layers.set_value({key: Slot(layer.id()) for key, layer in rasters.items()})
    yield found
    found.area.close_tools()


def test_the_dock_is_usable_at_320_pixels(dock):
    for page in range(dock.tabs.count()):
        content = dock.tabs.widget(page)
        content = content.widget() if isinstance(content, QScrollArea) else content
        wide = [(w.minimumSizeHint().width(), type(w).__name__) for w in content.findChildren(QWidget)]
        assert content.minimumSizeHint().width() <= 305, sorted(wide)[-5:]  # and the scroll bar
    assert dock.widget().minimumSizeHint().width() <= 320


def test_every_control_has_a_tooltip_and_every_mnemonic_a_control(dock):
    ours = [
        widget
        for widget in dock.widget().findChildren((QComboBox, QPushButton, QToolButton, QCheckBox, QAbstractSpinBox))
        if not isinstance(widget.parentWidget(), (QLineEdit, QgsFileWidget, QgsCollapsibleGroupBox, QgsOpacityWidget))
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parentWidget(), QTabBar)
    ]
    assert len(ours) > 30
    bare = [f"{type(w).__name__} {w.objectName()} {getattr(w, 'text', str)()}" for w in ours if not w.toolTip()]
    assert not bare
    for label in dock.widget().findChildren(QLabel):
        if re.search(r"&\w(?!\w*;)", label.text()):
            assert label.buddy() is not None, label.text()


def test_the_wheel_scrolls_the_dock_and_changes_nothing(dock):
    combo = dock.resolution.kind
    dock.widget().setFocus()
    before = combo.currentIndex()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QCoreApplication.sendEvent(combo, event)
    assert combo.currentIndex() == before


def test_the_dock_is_reached_by_keyboard(dock):
    chain, widget = [], dock.widget()
    for _ in range(400):
        widget = widget.nextInFocusChain()
        if widget is dock.widget():
            break
        chain.append(widget)
    panels = (dock.status, dock.model.combo, dock.layers.rows["rgb"].layers, dock.area.kind, dock.resolution.kind)
    expected = [*panels, dock.run_bar.preview_button, dock.run_bar.run_button]
    assert [w.objectName() for w in chain if w in expected] == [w.objectName() for w in expected]
