"""Past runs: the list, what is missing of each, and running one again."""

import json
import math

import pytest
from gui_support import until

from sgma_qgis import history
from sgma_qgis.gui.texts import when
from sgma_qgis.model.contract.job import Area, Options, Outputs, SegmentJob, Source
from sgma_qgis.model.contract.wire import job_to_dict


@pytest.fixture()
def job(data_dir, layers, tmp_path):
    """A run whose inputs are there, and whose run.json and map lie in tmp_path."""
    sources = (Source("rgb", layers["RGB"], (1, 2, 3)), Source("nir", layers["NIR"], nodata=math.nan))
    job = SegmentJob(
        sources, "test-trees", Outputs(str(tmp_path / "mäp.tif")), Area(str(tmp_path / "area.gpkg")), Options(threads=2)
    )
    for name in ("mäp.tif", "area.gpkg"):
        (tmp_path / name).touch()
    return job


def write(run, path, **changes):
    raw = {
        "job": job_to_dict(run),
        "model": {"id": run.model, "title": "Trees"},
        "layers": [{"modality": s.modality, "path": s.path} for s in reversed(run.sources)],
        "result": {"outputs": {"classes": run.outputs.classes}},
        "total_area_ha": 12.5,
        "finished": "2026-11-21T16:40:00+0000",
        **changes,
    }
    path.write_text(json.dumps({key: value for key, value in raw.items() if value is not None}), encoding="utf-8")
    return str(path)


def test_what_a_run_tells(job, tmp_path):
    past = history.read(write(job, tmp_path / "mäp.run.json"))
    assert (past.problem, past.model, past.hectares) == ("", "test-trees", 12.5)
    assert [(i.what, i.missing) for i in past.inputs] == [("rgb", False), ("nir", False), ("area", False)]
    assert past.can_run_again and not past.map_missing
    assert math.isnan(past.job.sources[1].nodata)
    assert past.job.options == job.options and past.job.outputs == job.outputs


def test_what_is_missing_is_marked(job, tmp_path, layers, data_dir):
    path = write(job, tmp_path / "a.run.json")
    (tmp_path / "area.gpkg").unlink()
    (tmp_path / "mäp.tif").unlink()
    past = history.read(path)
    assert [i.what for i in past.inputs if i.missing] == ["area"]
    assert past.map_missing and not past.can_run_again
    (data_dir / "models" / "test-trees" / "card.json").unlink()
    assert history.read(path).model_missing


def test_one_of_an_older_version_cannot_run_again(job, tmp_path):
    past = history.read(write(job, tmp_path / "a.run.json", job=None))
    assert past.job is None and not past.can_run_again and not past.problem
    assert [i.what for i in past.inputs] == ["rgb", "nir"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": {"id": "x"}, "job": {"kind": "segment"}}'])
def test_what_is_no_run_is_told(tmp_path, text):
    (tmp_path / "a.run.json").write_text(text)
    assert history.read(str(tmp_path / "a.run.json")).problem
    assert history.read(str(tmp_path / "none.run.json")).problem


def test_the_list_is_bounded_and_newest_first(data_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(history, "KEEP", 3)
    paths = [str(tmp_path / f"{i}.run.json") for i in range(5)]
    for path in [*paths, paths[3]]:
        history.remember(path)
    assert [p.run_file for p in history.past()] == [paths[3], paths[4], paths[2]]
    history.forget(paths[4])
    assert [p.run_file for p in history.past()] == [paths[3], paths[2]]
    (data_dir / "history.json").write_text("{broken")
    assert history.past() == []
    history.remember(paths[0])
    assert len(history.past()) == 1


def test_temporary_results_are_listed_in_this_session_alone(job, tmp_path, data_dir, qgis_app, monkeypatch):
    from sgma_qgis.gui.history_panel import HistoryPanel

    monkeypatch.setattr(history, "_session", [])
    kept = write(job, tmp_path / "kept.run.json", finished="2026-11-21T16:41:00+0000")
    temporary = write(job, tmp_path / "temporary.run.json", finished="2026-11-21T16:42:00+0000")
    first = write(job, tmp_path / "first.run.json")
    history.remember(first, temporary=True)
    history.remember(kept)
    history.remember(temporary, temporary=True)
    assert [(p.run_file, p.temporary) for p in history.past()] == [(temporary, True), (kept, False), (first, True)]
    assert temporary not in (data_dir / "history.json").read_text()
    panel = HistoryPanel()
    panel.set_value(history.past())
    rows = [panel.tree.topLevelItem(i) for i in range(3)]
    assert [row.text(0).split("\n")[2:] for row in rows] == [["temporary"], [], ["temporary"]]
    assert "gone when QGIS is closed" in rows[0].toolTip(0)
    panel.deleteLater()
    history.forget(first)
    assert [p.run_file for p in history.past()] == [temporary, kept]
    monkeypatch.setattr(history, "_session", [])
    assert [p.run_file for p in history.past()] == [kept]


def test_the_panel(job, tmp_path, qgis_app):
    from sgma_qgis.gui.history_panel import HistoryPanel

    history.remember(str(tmp_path / "gone.run.json"))
    history.remember(write(job, tmp_path / "mäp.run.json"))
    panel = HistoryPanel()
    panel.show()
    until(lambda: panel.tree.topLevelItemCount() == 2, why="the list is read")
    assert not panel.run_button.isEnabled()
    row = panel.tree.topLevelItem(0)
    assert row.text(0) == f"mäp\n{when('2026-11-21T16:40:00+0000')}" and row.text(1) == "12.50 ha"
    assert row.childCount() == 4
    panel.tree.setCurrentItem(row.child(1))  # an input stands for its run
    assert panel.run_button.isEnabled() and panel.show_button.isEnabled()
    heard = []
    panel.rerun.connect(heard.append)
    panel.opened.connect(heard.append)
    panel.run_button.click()
    panel.show_button.click()
    assert heard[0].outputs == job.outputs and heard[1] == str(tmp_path / "mäp.run.json")
    panel.tree.setCurrentItem(panel.tree.topLevelItem(1))
    assert not panel.run_button.isEnabled()
    told = []
    panel.forgotten.connect(lambda name, undo: told.append((name, undo)))
    panel.forget_button.click()
    until(lambda: panel.tree.topLevelItemCount() == 1, why="the list is read again")
    ((name, undo),) = told
    undo()
    until(lambda: panel.tree.topLevelItemCount() == 2, why="the list is read again")
    assert name == "gone" and [run.run_file for run in history.past()][1] == str(tmp_path / "gone.run.json")
    panel.deleteLater()
