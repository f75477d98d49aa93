"""Strokes in the project: saved and read again, opened, taken out, among other layers."""

from pathlib import Path

from gui_support import add, settle, until
from qgis.core import QgsLayerTreeModel, QgsProject, QgsRasterLayer, QgsVectorFileWriter, QgsVectorLayer
from qgis.gui import QgsLayerTreeView
from qgis.PyQt.QtCore import QEvent
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.PyQt.QtXml import QDomDocument
from strokes_support import X, Y, drag

from sgma_qgis.gui.strokes import group, objects, ours, store


def test_project_and_strokes_come_back(painted, panel, dock, tmp_path):
    panel.set_start("none")
    path = str(tmp_path / "town.qgs")
    assert QgsProject.instance().write(path)
    assert painted.overlay.layer.isValid()  # in the session that goes on
    text = Path(path).read_text()
    assert "town_strokes.gpkg" in text and "overlay_" not in text  # its file goes with QGIS
    QgsProject.instance().clear()
    assert panel.classes.value() == () and painted.store.layer() is None
    QgsProject.instance().read(path)
    assert [known.name for known in panel.classes.value()] == ["tree", "street"]
    assert painted.store.names() == ["tree", "street"] and panel.starts_from() == "none"
    until(lambda: painted.overlay.layer is not None)
    names = [layer.name() for layer in QgsProject.instance().mapLayers().values()]
    assert names.count("Map of the strokes") == names.count("Strokes") == 1


def test_strokes_of_a_session_that_was_not_saved_are_taken_up(painted, panel, iface, tmp_path):
    path = QgsProject.instance().fileName()
    QgsProject.instance().clear()
    QgsProject.instance().read(path)  # as it was before the first stroke
    assert painted.store.names() == ["tree", "street"]
    assert [(known.name, known.color) for known in panel.classes.value()] == [
        ("tree", "#117733"), ("street", "#888888"),
    ]  # fmt: skip
    assert any("earlier session" in text for text in iface.said())


def test_strokes_of_a_project_that_was_read_before_the_dock_was_opened(painted, plugin, iface, tmp_path):
    path = str(tmp_path / "saved.qgz")
    assert QgsProject.instance().write(path)
    plugin.window.dock.hide()  # else it would be open when the plugin is switched on again
    plugin.unload()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QgsProject.instance().clear()
    plugin.initGui()
    assert QgsProject.instance().read(path)
    assert iface.window.findChild(QDockWidget, "SgmaDock").widget() is None
    dock, session = plugin.window.dock, plugin.window.strokes
    dock.show()
    assert session.store.layer() is None  # until the tab is seen, as ever
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert session.store.names() == ["tree", "street"]
    assert [known.name for known in dock.strokes.classes.value()] == ["tree", "street"]


def test_a_project_without_a_file_keeps_them_in_the_data_folder(plugin, layers, data_dir, iface, canvas):
    QgsProject.instance().clear()
    add(layers["RGB"], "RGB")
    dock, session = plugin.window.dock, plugin.window.strokes
    dock.show()
    dock.tabs.setCurrentWidget(dock.strokes_page)
    dock.strokes.classes.add("tree")
    dock.strokes.set_value("brush")
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert Path(session.store.path()).parent == data_dir / "strokes"
    path = session.store.path()
    assert any("Strokes are kept in" in text for text in iface.said())  # where, in full, is behind Details
    QgsProject.instance().clear()
    session.project.open_file(path)
    assert session.store.names() == ["tree"]
    session.project.open_file(layers["RGB"])
    assert any("holds no strokes" in text for text in iface.said())
    before = session.store.layer()
    for number, kind in enumerate(
        ("Polygon?crs=EPSG:32616&field=name:string", "Point?crs=EPSG:32616&field=class:string")
    ):
        other = data_dir / f"other_{number}.gpkg"
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.layerName = "strokes"
        source, context = QgsVectorLayer(kind, "", "memory"), QgsProject.instance().transformContext()
        QgsVectorFileWriter.writeAsVectorFormatV3(source, str(other), context, options)
        iface.bar.clearWidgets()
        session.project.open_file(str(other))
        assert any("holds no strokes" in text for text in iface.said()) and session.store.layer() is before


def test_a_layer_of_strokes_that_is_removed_is_not_forced_back(painted, panel, canvas, iface, tmp_path):
    path = painted.store.path()
    QgsProject.instance().removeMapLayer(painted.store.layer().id())
    assert any("was removed; its file stays" in text for text in iface.said())
    assert painted.overlay.layer is None and not panel.undo_button.isEnabled()
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert painted.store.path() == str(tmp_path / "town_strokes_2.gpkg") and Path(path).exists()
    assert len(painted.store.features()) == 1


def without_class(layer):
    layer.startEditing()
    assert layer.deleteAttribute(layer.fields().indexOf("class")) and layer.commitChanges()


def test_strokes_that_lose_their_field_of_classes_make_room_for_others(painted, panel, canvas, iface, tmp_path):
    before = painted.store.layer()
    without_class(before)
    assert any("The strokes lost their field class" in text for text in iface.said())
    assert not any("was removed" in text for text in iface.said())
    assert before.name() == "town_strokes (earlier)" and ours.kind_of(before) == ""
    assert before.renderer().type() == "singleSymbol" and before.featureCount() == 2
    assert painted.overlay.layer is None and not panel.undo_button.isEnabled() and not panel.run_button.isEnabled()
    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert painted.store.path() == str(tmp_path / "town_strokes_2.gpkg") and len(painted.store.features()) == 1


def test_strokes_of_a_project_that_lost_their_field_meanwhile(painted, panel, iface, tmp_path):
    assert QgsProject.instance().write(str(tmp_path / "town.qgs"))
    path = painted.store.path()
    QgsProject.instance().clear()
    without_class(QgsVectorLayer(f"{path}|layername=strokes", "elsewhere", "ogr"))
    iface.bar.clearWidgets()
    QgsProject.instance().read(str(tmp_path / "town.qgs"))
    assert any("The strokes lost their field class" in text for text in iface.said())
    assert painted.store.layer() is None and ours.find(ours.STROKES) is None
    assert [known.name for known in panel.classes.value()] == ["tree", "street"]


def test_layers_that_come_lie_below_the_strokes(painted, panel):
    root = QgsProject.instance().layerTreeRoot()
    top = QgsVectorLayer("Point?crs=EPSG:32616", "on top", "memory")
    inside = QgsVectorLayer("Point?crs=EPSG:32616", "inside", "memory")
    QgsProject.instance().addMapLayer(top)
    QgsProject.instance().addMapLayer(inside, False)
    next(g for g in root.children() if g.name() == "Strokes").insertLayer(0, inside)
    settle(0.1)
    group = root.children()[0]
    assert [node.layer().name() for node in group.findLayers()] == ["Strokes", "Map of the strokes"]
    assert {root.children()[1].name(), root.children()[2].name()} == {"on top", "inside"}
    assert inside.isValid() and painted.store.layer() is not None and painted.overlay.layer is not None


def strokes_group():
    (found,) = [one for one in QgsProject.instance().layerTreeRoot().children() if one.name() == "Strokes"]
    return found


def test_a_raster_that_is_dragged_among_the_strokes_stays_the_user_s(painted, dock, layers):
    mine = QgsRasterLayer(layers["DSM"], "mine")
    QgsProject.instance().addMapLayer(mine, False)
    settle(0.1)
    dock.tabs.setCurrentIndex(0)
    node = strokes_group().insertLayer(0, mine)
    dock.tabs.setCurrentWidget(dock.strokes_page)
    assert node.itemVisibilityChecked()
    dock.tabs.setCurrentIndex(0)
    assert node.itemVisibilityChecked()  # ours alone is hidden
    dock.tabs.setCurrentWidget(dock.strokes_page)
    group.put(objects.make(Path(painted.store.path()).with_name("o.gpkg"), mine.crs()))
    names = [one.layer().name() for one in strokes_group().findLayers()]
    assert names == ["Objects", "mine", "Strokes", "Map of the strokes"]


def test_a_layer_that_was_given_the_style_of_strokes_is_none_of_ours(painted):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32616&field=class:string", "mine", "memory")
    QgsProject.instance().addMapLayer(layer)
    style = QDomDocument()
    painted.store.layer().exportNamedStyle(style)
    layer.importNamedStyle(style)
    assert layer.customProperty("sgma/strokes") == painted.store.layer().customProperty("sgma/strokes")
    assert ours.kind_of(layer) == "" and ours.find(ours.STROKES) is painted.store.layer()


def test_the_group_is_open_in_the_list_of_layers_and_stays_as_the_user_wants_it(session, panel, canvas, layers):
    model = QgsLayerTreeModel(QgsProject.instance().layerTreeRoot())
    view = QgsLayerTreeView()
    view.setModel(model)

    def is_open():
        return view.isExpanded(view.node2index(strokes_group()))

    drag(canvas, (X + 5, Y + 10), (X + 10, Y + 20))
    assert is_open()
    add(layers["DSM"], "DSM")
    settle(0.1)
    assert QgsProject.instance().layerTreeRoot().children()[0] == strokes_group() and is_open()
    view.collapse(view.node2index(strokes_group()))
    add(layers["SAR"], "SAR")
    settle(0.1)
    assert QgsProject.instance().layerTreeRoot().children()[0] == strokes_group() and not is_open()


def test_strokes_that_are_opened_take_the_place_of_others(painted, panel, iface, tmp_path):
    before, path = painted.store.layer(), tmp_path / "other.gpkg"
    store.make(path, before.crs())
    painted.project.open_file(painted.store.path())
    assert any("open already" in text for text in iface.said()) and painted.store.layer() is before
    painted.project.open_file(str(path))
    assert painted.store.path() == str(path) and before.name() == "town_strokes (earlier)"
    assert any("count no more" in text for text in iface.said())
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert group.findLayer(before.id()) is None and group.findLayer(painted.store.layer().id()) is not None
    assert not QgsProject.instance().layerTreeRoot().findLayer(before.id()).itemVisibilityChecked()
    assert ours.find(ours.STROKES) is painted.store.layer()
    assert {c.symbol().color().name() for c in before.renderer().categories()} == {"#666666"}
