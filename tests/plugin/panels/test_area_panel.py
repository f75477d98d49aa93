"""The area: chosen, drawn, outlined on the map."""

import pytest
from gui_support import until
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.gui import QgsMapMouseEvent, QgsMapToolPan, QgsRubberBand
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtTest import QSignalSpy, QTest
from qgis.PyQt.QtWidgets import QDockWidget

from sgma_qgis.gui.area_panel import CANVAS, DRAWN, LAYER, POLYGONS, AreaChoice, AreaPanel


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


def test_drawing_gives_the_map_back(iface):
    pan = QgsMapToolPan(iface.canvas)
    iface.canvas.setMapTool(pan)
    dock = QDockWidget(iface.window)
    panel = AreaPanel(iface.canvas, dock)
    dock.setWidget(panel)
    iface.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    panel.kind.setCurrentIndex(panel.kind.findData(DRAWN))
    assert iface.canvas.mapTool() is panel._rectangle_tool
    panel.rectangle_button.click()
    assert iface.canvas.mapTool() is pan
    panel.rectangle_button.click()
    panel.polygon_button.click()
    panel._polygon_tool.drawn.emit(square(10))
    assert iface.canvas.mapTool() is pan  # not the rectangle's
    panel.polygon_button.click()
    for place in (panel.polygon_button, iface.canvas):
        panel.polygon_button.setChecked(False)
        panel.polygon_button.click()
        assert iface.canvas.mapTool() is panel._polygon_tool
        iface.window.activateWindow()
        place.setFocus()
        until(place.hasFocus)
        QTest.keyClick(place, Qt.Key.Key_Escape)
        assert iface.canvas.mapTool() is pan and not panel.polygon_button.isChecked(), place
    panel.rectangle_button.click()
    panel.kind.setCurrentIndex(0)
    assert iface.canvas.mapTool() is pan
    panel.kind.setCurrentIndex(panel.kind.findData(DRAWN))
    panel.rectangle_button.click()
    panel.close_tools()
    assert iface.canvas.mapTool() is pan


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


def test_a_drawn_shape_goes_with_its_project(iface):
    pan = QgsMapToolPan(iface.canvas)
    iface.canvas.setMapTool(pan)
    panel = AreaPanel(iface.canvas)
    drawn = AreaChoice(DRAWN, wkt=square(10).asWkt(), crs="EPSG:32616")
    panel.set_value(drawn)
    assert QgsGeometry.fromWkt(panel.value().wkt).area() == 100
    panel.set_value(AreaChoice())
    panel.set_value(AreaChoice(DRAWN))
    assert panel.value() == AreaChoice(DRAWN) and panel.drawn_text.text() == "nothing drawn"
    assert iface.canvas.mapTool() is pan  # nobody asked to draw
    panel.set_value(drawn)
    assert panel.value().wkt
    panel.close_tools()
