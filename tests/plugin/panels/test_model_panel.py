"""The list of models, their classes and cards."""

from dataclasses import replace

import pytest
from plugin_support import make_card
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QSignalSpy

from sgma_qgis.cardpage import WIDE, card_html
from sgma_qgis.gui.model_panel import ModelPanel
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.card import Accuracy, NetworkSpec
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


def test_what_a_model_warns_of_stands_below_it_and_in_the_list(iface, data_dir):
    panel = ModelPanel()
    panel.set_value("town-demo")
    said = "Trained on generated towns, not on pictures of the world"
    assert said in panel.caution.text() and not panel.caution.isHidden()
    assert said in panel.combo.toolTip()
    row = panel.combo.currentIndex()
    assert said in panel.combo.itemData(row, Qt.ItemDataRole.ToolTipRole)
    panel.set_value("test-trees")
    assert panel.caution.isHidden() and "⚠" not in panel.combo.toolTip()
    assert "Trees &lt;for tests&gt;" in panel.combo.toolTip()  # a stranger's mark-up is text


@pytest.mark.parametrize(
    ("backbone", "fusion", "said"),
    [
        ("small", "semantic_guided", "small encoder, sensors weighed at every place"),
        ("pvt_v2_b0", "mean", "encoder PVT-v2-b0, all sensors weigh the same"),
        ("none", "none", "pixels alone, no encoder"),
        ("later", "newer", "encoder later, newer"),
    ],
)
def test_a_card_tells_in_words_how_its_model_works(iface, backbone, fusion, said):
    page = card_html(replace(make_card(), network=NetworkSpec(backbone, fusion)))
    assert f"<td>{said}</td>" in page


def test_a_card_s_scores_by_class_stand_below_one_line_of_what_was_measured(iface, data_dir):
    page = card_html(store.find("town-demo").card)
    assert page.count("generated towns that were not trained on") == 1
    assert "⚠ Trained on generated towns" in page and "mIoU: of the area" in page
    heads = '<th align="left">Sensors</th><th align="left">mIoU</th><th align="left">Street and paved</th>'
    assert heads in page and "<td>RGB</td><td>0.70</td><td>0.82</td><td>0.49</td>" in page
    names = {f"class {i}": i / 10 for i in range(WIDE + 1)}
    many = replace(make_card(), accuracy=(Accuracy("data", "test", ("rgb",), 0.5, names),))
    assert "<td>RGB</td><td>0.50</td><td>class 0 0.00, class 1 0.10, " in card_html(many)
