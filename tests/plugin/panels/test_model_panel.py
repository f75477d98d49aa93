"""The list of models, their classes and cards."""

from qgis.PyQt.QtTest import QSignalSpy

from sgma_qgis.gui.model_panel import ModelPanel
from sgma_qgis.model.contract.errors import BadModel


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
