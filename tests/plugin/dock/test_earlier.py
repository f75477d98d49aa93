"""Results of earlier: taken up with their project, brought to the front instead of added twice, zoomed to."""

import json

import pytest
from gui_support import finished, listed, map_town, until
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtWidgets import QPushButton

from sgma_qgis import outputs
from sgma_qgis.gui.texts import when

FAR = QgsRectangle(400000, 4500000, 400100, 4500100)


@pytest.fixture()
def two(dock, tmp_path):
    """Two results of a project, the older one listed as the newer by the place in the tree; the newer is `town`."""
    newer, older = map_town(dock, tmp_path), map_town(dock, tmp_path)
    listed(newer, "2026-11-21T18:00:00+0000")
    listed(older, "2026-11-21T16:40:00+0000")
    return newer, older


def groups():
    return [group for _, group in outputs.results()]


def reopen(file):
    project = QgsProject.instance()
    assert project.write(str(file))
    project.clear()
    assert project.read(str(file))


def test_a_project_s_newest_result_is_taken_up(two, dock, tmp_path):
    reopen(tmp_path / "town.qgs")
    result = dock.result.value()
    assert result.job == two[0].job and result.result == two[0].result and result.command == two[0].command
    assert dock.result.classes_layer().isValid() and not dock.result.bars.isHidden()
    QgsProject.instance().clear()
    assert dock.result.value() is None and "No result in this project" in dock.result.title.text()


def test_what_cannot_be_read_any_more_is_passed_over(two, dock, tmp_path):
    (tmp_path / "town.run.json").unlink()
    reopen(tmp_path / "town.qgs")
    assert dock.result.value().job == two[1].job
    other = tmp_path / "town_2.run.json"
    told = json.loads(other.read_text())
    del told["result"]["class_area_m2"]  # as another version might write it
    other.write_text(json.dumps(told))
    reopen(tmp_path / "town.qgs")
    assert dock.result.value() is None
    other.write_text("[]")
    reopen(tmp_path / "town.qgs")
    assert dock.result.value() is None


def test_a_dock_that_is_filled_later_takes_it_up_too(two, dock, controller, tmp_path):
    from sgma_qgis.gui.results import Results

    dock.result.set_value(None)
    window = controller._iface.mainWindow()
    Results(dock, controller.runner, controller.previewer, controller.messages, window, controller._iface.canvas, dock)
    assert dock.result.value().job == two[0].job


def test_show_brings_what_is_there_to_the_front(two, dock, iface):
    names = [group.name() for group in groups()]
    iface.canvas.setExtent(FAR)
    dock.history.opened.emit(listed(two[0], "2026-11-21T18:00:00+0000"))
    assert [group.name() for group in groups()] == names[::-1] and len(groups()) == 2
    assert [group.isVisible() for group in groups()] == [True, False]
    assert dock.result.value().job == two[0].job and dock.result.value().layer_ids == two[0].layer_ids
    assert dock.result.classes_layer().isValid()
    assert iface.canvas.extent().contains(dock.result.classes_layer().extent())


@pytest.mark.parametrize("begun", [False, True])
def test_what_is_shown_while_a_run_goes_on_stays_in_sight(begun, two, dock, controller):
    file = listed(two[0], "2026-11-21T18:00:00+0000")
    dock.run_bar.run_button.click()
    run = controller.runner.current()

    def grow():
        controller.runner._block(run, two[0].job.outputs.classes, (0, 0, 40, 30))
        run.live._refresh()

    if begun:
        grow()
        assert [group.isVisible() for group in groups()] == [False, False]
    dock.history.opened.emit(file)
    for _ in range(2):
        grow()
        assert run.live.layer is not None and [group.isVisible() for group in groups()] == [True, False]
    until(lambda: not controller.runner.runs)


def test_show_ends_following_the_map(two, dock, controller):
    dock.run_bar.follow.setChecked(True)
    until(controller.previewer.is_shown)
    dock.history.opened.emit(listed(two[0], "2026-11-21T18:00:00+0000"))
    assert not dock.run_bar.follow.isChecked() and groups()[0].isVisible()


def test_show_stamps_with_the_time_of_the_run(two, dock):
    QgsProject.instance().removeMapLayers(list(two[0].layer_ids.values()))
    time = "2026-11-20T16:40:00+0000"
    dock.history.opened.emit(listed(two[0], time))
    assert groups()[0].name().startswith(f"town, {when(time)} ")


def test_a_result_out_of_sight_is_one_click_away(dock, controller, iface, tmp_path):
    first = map_town(dock, tmp_path)
    iface.canvas.setExtent(FAR)
    dock.result.set_value(None)
    dock.history.rerun.emit(first.job)
    until(finished(dock))
    item = [item for item in iface.bar.items() if "town_2 is done" in item.text()][0]
    (button,) = [button for button in item.findChildren(QPushButton) if button.text() == "Zoom to it"]
    button.click()
    assert iface.canvas.extent().contains(dock.result.classes_layer().extent())


@pytest.mark.parametrize(
    ("time", "said"), [("2026-11-21T16:40:00", "2026-11-21 16:40"), ("", ""), ("yesterday", "yesterday")]
)
def test_times(time, said):
    assert when(time) == said


def test_times_of_elsewhere_are_told_by_this_clock(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert when("2026-11-21T16:40:00+0000") == "2026-11-22 01:40"
    monkeypatch.undo()
    time.tzset()
