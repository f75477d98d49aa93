"""What the dock says and shows on the map: short messages, one map at a time, and nothing of projects that are gone."""

import pytest
from gui_support import LEFT, add, finished, listed, map_town, settle, until
from qgis.core import Qgis, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtWidgets import QDialog, QPlainTextEdit, QPushButton

from sgma_qgis.gui.messages import LINE, SECONDS, Messages, short
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.styling import CLASSES_OPACITY


def node(layer_id):
    return QgsProject.instance().layerTreeRoot().findLayer(layer_id)


LONG = "Output /data/of/the/whole/county/landcover.tif (classes): folder /data cannot be written (Permission denied)."


def test_what_is_long_is_short_on_the_bar_and_whole_behind_details(iface):
    messages = Messages(iface.bar)
    messages.error(BadInput(LONG, "Choose a folder that you may write to."))
    (item,) = iface.bar.items()
    assert len(item.text()) < LINE and "\n" not in item.text() and item.text().startswith("Output …/landcover.tif")
    (button,) = [button for button in item.findChildren(QPushButton) if button.text() == "Details"]
    button.click()
    texts = [edit.toPlainText() for edit in iface.window.findChildren(QPlainTextEdit)]
    assert texts == [f"{LONG}\nChoose a folder that you may write to."]
    for dialog in iface.window.findChildren(QDialog):
        dialog.close()


def test_a_warning_that_does_not_fit_is_not_begun(iface):
    Messages(iface.bar).warning("town is done. 1 warning:\n" + "word " * 30, [("Open report", lambda: None)])
    (item,) = iface.bar.items()
    assert item.text() == "town is done. 1 warning"
    assert [button.text() for button in item.findChildren(QPushButton)] == ["Open report", "Details"]


def test_a_wide_bar_has_room_for_more(iface):
    text = "word " * 20
    for width, said in ((300, "…"), (2000, "word")):
        iface.bar.resize(width, 30)
        Messages(iface.bar).info(text.strip())
        assert any(text.endswith(said) for text in iface.said())


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["Too few bands.", "Give one with 3."], "Too few bands. Give one with 3."),
        (["Too few bands.", "x" * 90], "Too few bands."),
        (
            ["The folder /a/long/way/to/town does not exist.", "x" * 90],
            "The folder /a/long/way/to/town does not exist.",
        ),
        (["word " * 30], "word word word word word word word word word word word…"),
    ],
)
def test_what_is_left_of_lines(lines, said):
    assert short(lines, 60) == said


def test_what_went_well_goes_by_itself_and_what_did_not_stays(iface, monkeypatch):
    pushed = {}
    push = iface.bar.pushWidget
    monkeypatch.setattr(iface.bar, "pushWidget", lambda item, level, seconds: pushed.update({item.text(): seconds}))
    messages = Messages(iface.bar)
    messages.success("Done.", [("Open report", lambda: None)])
    messages.info("Said.")
    messages.warning("Look out.")
    messages.error(BadInput("Not so.", ""))
    assert pushed == {"Done.": SECONDS, "Said.": SECONDS, "Look out.": 0, "Not so.": 0} and SECONDS == 10
    monkeypatch.setattr(iface.bar, "pushWidget", push)
    for text in ("Look out.", "Look out.", "Look in."):
        messages.warning(text)
    assert sorted(iface.said()) == ["Look in.", "Look out."]  # each once


def test_errors_go_when_a_run_starts(dock, controller, iface, tmp_path):
    controller.messages.error(BadInput("The old one.", ""))
    other = iface.bar.createMessage("Another plugin", "An error")
    iface.bar.pushWidget(other, Qgis.MessageLevel.Critical, 0)
    map_town(dock, tmp_path)
    assert not any("old one" in text for text in iface.said()) and "An error" in iface.said()


def test_markup_in_a_message_is_text(iface):
    Messages(iface.bar).warning("x: <a href='https://x'>Look</a> & see")
    assert iface.said() == ["x: &lt;a href='https://x'&gt;Look&lt;/a&gt; &amp; see"]


def test_another_project_takes_messages_and_questions_along(dock, controller, iface, tmp_path):
    map_town(dock, tmp_path)
    dock.why.button.click()
    assert any("is done" in text for text in iface.said())
    QgsProject.instance().clear()
    assert iface.said() == [] and not dock.why.button.isChecked() and dock.why.heading.text() == ""
    assert iface.canvas.mapTool() is not controller.inspector._tool


def test_a_second_map_is_seen_without_the_first(dock, tmp_path):
    first, second = map_town(dock, tmp_path), map_town(dock, tmp_path)
    classes = [result.layer_ids["classes"] for result in (first, second)]
    assert [node(layer_id).isVisible() for layer_id in classes] == [False, True]
    node(classes[0]).setItemVisibilityCheckedParentRecursive(True)
    dock.result.peek.pressed.emit()
    assert not any(node(layer_id).isVisible() for layer_id in classes)
    dock.result.peek.released.emit()
    assert all(node(layer_id).isVisible() for layer_id in classes)


def test_the_slider_is_for_the_preview_while_there_is_one(dock, controller, tmp_path):
    result = map_town(dock, tmp_path)
    dock.run_bar.preview_button.click()
    until(controller.previewer.is_shown)
    preview = controller.previewer.layer()
    root = QgsProject.instance().layerTreeRoot()
    assert preview.opacity() == pytest.approx(CLASSES_OPACITY) and root.children()[0].name() == "Preview"
    dock.result.opacity.setOpacity(0.2)
    assert preview.opacity() == pytest.approx(0.2) and "preview" in dock.result.opacity_label.text()
    assert dock.result.classes_layer().opacity() == pytest.approx(CLASSES_OPACITY)
    controller.previewer.remove()
    assert dock.result.opacity.opacity() == pytest.approx(CLASSES_OPACITY)
    dock.result.opacity.setOpacity(0.3)
    assert QgsProject.instance().mapLayer(result.layer_ids["classes"]).opacity() == pytest.approx(0.3)
    dock.resize(320, 700)
    dock.show_result(dock.result)
    settle()
    assert dock.result.opacity.width() > 250


def test_a_difference_is_in_sight_and_goes_with_its_result(dock, controller, tmp_path):
    map_town(dock, tmp_path)
    dock.what_if.button.click()
    until(lambda: "%" in dock.what_if.text.text())
    difference = controller.what_if.layer_id
    assert node(difference).isVisible()
    map_town(dock, tmp_path)
    assert node(difference) is None


def test_the_progress_of_what_if_is_in_sight(slow, dock, iface, tmp_path):
    iface.window.resize(1000, 420)
    map_town(dock, tmp_path)
    dock.result_page.verticalScrollBar().setValue(0)
    dock.what_if.button.click()
    settle(0.2)
    view = dock.result_page.viewport()
    assert dock.what_if.text.text()
    assert 0 <= dock.what_if.text.mapTo(view, QPoint(0, 0)).y() < view.height()


def test_show_zooms_and_says_so(dock, controller, iface, tmp_path):
    result = map_town(dock, tmp_path)
    iface.canvas.setExtent(QgsRectangle(400000, 4500000, 400100, 4500100))
    dock.history.opened.emit(listed(result))
    assert iface.canvas.extent().contains(dock.result.classes_layer().extent())
    assert any("zoomed" in text for text in iface.said())


def test_a_result_without_a_layer_offers_to_show_it(dock, controller, iface, tmp_path):
    result = map_town(dock, tmp_path)
    dock.show_result(dock.result)
    listed(result)
    assert dock.result.show_button.isHidden()
    QgsProject.instance().removeMapLayers(list(result.layer_ids.values()))
    assert dock.result.opacity.isHidden() and dock.result.peek.isHidden()
    dock.result.show_button.click()
    assert dock.result.classes_layer() is not None and dock.result.show_button.isHidden()
    assert not dock.result.opacity.isHidden()


def test_a_refusal_names_the_result_that_was_asked(dock, controller, tmp_path):
    map_town(dock, tmp_path)
    controller.inspector.explain(QgsPointXY(500010, 4599980), LEFT)
    controller.inspector._refuse(BadInput("The point lies outside.", ""))
    assert "result town" in dock.why.heading.text() and "outside" in dock.why.heading.text()


def test_nothing_asks_for_layers_while_some_are_picked(plugin, layers, controller):
    dock = plugin.window.dock
    dock.show()
    dock.model.set_value("test-trees")
    until(lambda: "at least one layer" in dock.run_bar.estimate.text())
    texts = []
    for name in ("RGB", "NIR", "DSM"):
        add(layers[name], name)
    until(lambda: (texts.append(dock.run_bar.estimate.text()), controller.checker.found)[1] is not None)
    assert not any("at least one layer" in text for text in texts)
    assert finished(dock)() is False
