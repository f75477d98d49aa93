"""The list of classes: by name, from the model, from labels."""

from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer, QgsVectorLayerUtils
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QInputDialog
from strokes_support import CTRL, press


def test_classes_are_named_renamed_coloured_and_removed(painted, panel, canvas):
    classes = panel.classes
    classes.name.setText(" grass ")
    classes.add_button.click()
    assert [known.name for known in classes.value()] == ["tree", "street", "grass"]
    assert classes.current().name == "grass" and classes.name.text() == ""
    classes.add("TREE")  # is there: only chosen
    assert classes.current().name == "tree" and len(classes.value()) == 3
    item = classes.tree.topLevelItem(0)
    item.setText(1, "oak")
    assert painted.store.names() == ["oak", "street"]
    classes.tree.topLevelItem(0).setText(1, "street")  # taken
    assert classes.value()[0].name == "oak"
    classes.set_color(0, "#aa0000")
    assert painted.store.layer().renderer().categories()[0].symbol().color().name() == "#aa0000"
    classes.choose(0)
    classes.remove_button.click()
    assert painted.store.names() == ["street"] and painted.overlay.layer is None
    press(canvas, Qt.Key.Key_Z, CTRL)
    assert painted.store.names() == ["oak", "street"]
    assert {known.name for known in classes.value()} == {"oak", "street", "grass"}


def test_classes_come_from_the_model_and_from_labels(session, dock, monkeypatch, iface):
    classes = dock.strokes.classes
    classes.from_model_wanted.emit()
    assert [(known.name, known.color) for known in classes.value()] == [("not tree", "#dddddd"), ("tree", "#117733")]
    classes.from_layer_wanted.emit()
    assert any("No layer of the project has a field" in text for text in iface.said())
    labels = QgsVectorLayer("Point?crs=EPSG:32616&field=kind:string", "labels", "memory")
    for kind in ("oak", "Tree", None):
        feature = QgsVectorLayerUtils.createFeature(labels, QgsGeometry(), {0: kind})
        labels.dataProvider().addFeatures([QgsFeature(feature)])
    QgsProject.instance().addMapLayer(labels)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *given: (given[3][0], True))
    classes.from_layer_wanted.emit()
    assert [known.name for known in classes.value()] == ["not tree", "tree", "oak"]


def test_numbers_of_pixels_have_no_comma(panel):
    panel.classes.set_pixels({"tree": 12345})
    assert [panel.classes.tree.topLevelItem(row).text(2) for row in range(2)] == ["12\u202f345", "–"]
