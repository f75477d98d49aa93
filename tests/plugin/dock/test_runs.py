"""Runs from the dock: shown, stopped, resumed, queued, run again."""

import json

import pytest
from gui_support import finished, job_of, keep, listed, map_town, until
from qgis.core import Qgis, QgsProject
from qgis.PyQt.QtWidgets import QMessageBox

from sgma_qgis import history, resolve, service
from sgma_qgis.gui.outputs_panel import OutputChoice


def test_a_run_shows_its_blocks_and_ends_as_a_result(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path, "confidence", "trust")
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    state = dock.run_bar.value()
    assert state.running and "of 4 tiles" in dock.run_bar.progress_text.text()
    assert any("in work" in layer.name() for layer in QgsProject.instance().mapLayers().values())
    until(finished(dock))
    result = dock.result.value()
    assert [bar.name for bar in dock.result.bars.value()] and set(result.layer_ids) >= {"classes", "confidence"}
    assert not any("in work" in layer.name() for layer in QgsProject.instance().mapLayers().values())
    assert not dock.run_bar.value().running and dock.tabs.currentWidget() is dock.result_page
    (item,) = [item for item in iface.bar.items() if "town is done" in item.text()]
    assert item.text().startswith("town is done. 1 warning: DSM is") and item.level() == Qgis.MessageLevel.Warning
    job = job_of(dock)
    assert [source["modality"] for source in job["sources"]] == ["rgb", "nir", "dsm"]
    assert job["outputs"]["classes"] == str(tmp_path / "town.tif") and job["outputs"]["polygons"] == ""


def test_results_are_temporary_unless_a_folder_is_named(dock, controller, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(controller.messages, "warning", lambda text, buttons=(): said.append(text))
    dock.run_bar.run_button.click()
    until(finished(dock))
    classes = dock.result.value().result["outputs"]["classes"]
    assert resolve.is_temporary(classes) and "gone when QGIS is closed" in dock.result.facts.text()
    assert "Its files are temporary." in said.pop()
    assert (history.run_file(classes), True) in [(run.run_file, run.temporary) for run in history.past()]
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: dock.result.value().name == "town")
    assert "gone when QGIS" not in dock.result.facts.text() and "temporary" not in said.pop()


def test_a_run_that_is_stopped_can_be_resumed(slow, dock, controller, iface, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    dock.run_bar.stop_button.click()
    assert not dock.run_bar.stop_button.isEnabled()
    until(lambda: not controller.runner.runs)
    assert dock.run_bar.value().resumes and "Res" in dock.run_bar.run_button.text()
    assert "% is done and kept for Resume." in iface.said()[-1] and dock.result.value() is None
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert dock.result.value().result["tiles_resumed"] == 3 and not dock.run_bar.value().resumes
    assert job_of(dock)["outputs"]["classes"] == str(tmp_path / "town.tif")


def test_a_run_that_is_stopped_before_a_block_starts_afresh(slow, dock, controller, iface, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_UNFINISHED", "1")
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    until(lambda: controller.runner.current() and controller.runner.current().live)
    dock.run_bar.stop_button.click()
    until(lambda: not controller.runner.runs)
    assert "Nothing was finished yet" in iface.said()[-1] and "Resume" not in iface.said()[-1]
    assert not dock.run_bar.value().resumes


def test_runs_queue(slow, dock, controller, tmp_path):
    keep(dock, tmp_path)
    dock.run_bar.run_button.click()
    dock.run_bar.run_button.click()
    dock.run_bar.run_button.click()
    assert len(controller.runner.runs) == 3 and dock.run_bar.value().waiting == 2
    ended = []
    controller.runner.finished.connect(ended.append)
    until(lambda: len(ended) == 3)
    names = [result.result["outputs"]["classes"] for result in ended]
    assert names == [str(tmp_path / name) for name in ("town.tif", "town_2.tif", "town_3.tif")]


def test_a_worker_that_crashes_is_told_and_the_next_run_works(dock, controller, iface, tmp_path, monkeypatch):
    keep(dock, tmp_path)
    service.shutdown()
    monkeypatch.setenv("SGMA_FAKE_FAIL", "crash")
    dock.run_bar.run_button.click()
    until(lambda: any("worker stopped" in text for text in iface.said()))
    assert not controller.runner.runs and dock.run_bar.value().can_run
    monkeypatch.delenv("SGMA_FAKE_FAIL")
    service.shutdown()
    dock.run_bar.run_button.click()
    until(finished(dock))


def test_no_result_comes_as_a_box(dock, controller, monkeypatch, tmp_path):
    for name in ("information", "warning", "critical", "question"):
        monkeypatch.setattr(QMessageBox, name, lambda *a: pytest.fail("a box"))
    dock.outputs.set_value(OutputChoice((), str(tmp_path / "missing" / "more")))
    until(lambda: "does not exist" in dock.run_bar.estimate.text())  # told before Run is pressed, too
    dock.run_bar.run_button.click()
    assert "does not exist" in controller._iface.said()[-1] and controller.runner.runs == []


def test_the_last_part_of_a_folder_is_made(dock, controller, tmp_path):
    keep(dock, tmp_path / "new")
    until(lambda: f"The folder {tmp_path / 'new'} will be made." in dock.run_bar.estimate.text())
    assert not (tmp_path / "new").exists()
    dock.run_bar.run_button.click()
    until(finished(dock))
    assert (tmp_path / "new" / "town.tif").exists()


def test_past_runs_are_shown_and_run_again(dock, controller, tmp_path):
    first = map_town(dock, tmp_path)
    run_file = listed(first)
    dock.result.set_value(None)
    dock.history.opened.emit(run_file)
    assert dock.result.value().job == first.job and dock.result.classes_layer().isValid()
    dock.history.rerun.emit(first.job)
    until(lambda: (tmp_path / "town_2.tif.job.json").exists() and not controller.runner.runs)
    assert job_of(dock)["sources"] == json.loads((tmp_path / "town.tif.job.json").read_text())["sources"]
    dock.history.opened.emit(str(tmp_path / "gone.run.json"))
    assert any("cannot be read" in text for text in controller._iface.said())
