"""`segment --strokes`: an ordinary result over the whole area, the model kept, bad input told in words."""

import json

import numpy as np
import pytest
from painted import BORDER, LEFT, RIGHT, line, write_strokes
from rasters import read, rgb, write

from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.job import Options, Outputs, SegmentJob, Source
from sgma_qgis.model.contract.wire import job_to_dict
from sgma_qgis.model.data import geotiff
from sgma_qgis.model.engine import layout
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.jobs import execute

ROWS = [(LEFT, "dark"), (RIGHT, "bright")]


@pytest.fixture
def strokes(tmp_path):
    return write_strokes(tmp_path / "s.gpkg", ROWS)


def told(layers, **given):
    argv = ["segment", "--json"]
    for name, value in {**layers, **given}.items():
        argv += [f"--{name.replace('_', '-')}", value]
    return argv


def right(classes):
    """Return the share of pixels on the right side of the border, away from it; 0 is bright, 1 dark."""
    inner = classes[0, :150]
    return np.concatenate([inner[:, : BORDER - 6] == 1, inner[:, BORDER + 6 :] == 0], 1).mean()


@pytest.mark.parametrize("base", ["none", "model"])
def test_two_strokes_make_the_map(cli, layers, strokes, model, tmp_path, base):
    out = tmp_path / "map.tif"
    given = {"model": model if base == "model" else "none", "strokes": strokes, "class_field": "class", "output": out}
    code, result, err = cli(*told(layers, **given, confidence=tmp_path / "c.tif", availability=tmp_path / "a.tif"))
    assert code == 0, err
    assert right(read(out)) > (0.97 if base == "none" else 0.9)
    assert set(result["class_area_m2"]) == {"bright", "dark"}
    assert (read(out)[0, 160:] == 255).all()
    assert (read(tmp_path / "a.tif")[0, :160] == 3).all()
    assert read(tmp_path / "c.tif")[0, :160].min() >= 50
    assert ("pixels and their surroundings alone" in err) == (base == "none")


def test_the_same_strokes_give_the_same_bytes_and_the_kept_model_the_same_map(cli, layers, strokes, tmp_path):
    first, again, later = (tmp_path / f"{name}.tif" for name in ("first", "again", "later"))
    kept = tmp_path / "Two Grounds"
    given = {"model": "none", "strokes": strokes}
    assert cli(*told(layers, **given, output=first, save_model=kept))[0] == 0
    assert cli(*told(layers, **given, output=again))[0] == 0
    assert np.array_equal(read(first), read(again))
    code, _, err = cli(*told(layers, model=kept, output=later))
    assert code == 0, err
    assert np.array_equal(read(first), read(later))
    code, card, _ = cli("info", kept, "--json")
    assert code == 0
    assert (card["id"], card["title"]) == ("two-grounds", "Two Grounds")
    assert [row["key"] for row in card["modalities"]] == ["rgb", "nir"]
    code, _, err = cli(*told(layers, model=kept, strokes=strokes, output=tmp_path / "x.tif"))
    assert code == 2
    assert "itself made from strokes" in err


def test_run_json_repeats_the_run(cli, layers, strokes, tmp_path):
    out = tmp_path / "map.tif"
    assert cli(*told(layers, model="none", strokes=strokes, class_field="class", output=out))[0] == 0
    command = json.loads((tmp_path / "map.run.json").read_text())["command"][3:]
    before = read(out)
    out.unlink()
    code, _, err = cli(*command)
    assert code == 0, err
    assert np.array_equal(read(out), before)


def test_a_run_that_was_stopped_goes_on_to_the_same_bytes(model, tmp_path, monkeypatch):
    for module in (layout, geotiff):  # several blocks in a small raster
        monkeypatch.setattr(module, "BLOCK", 64)
    monkeypatch.setattr(layout, "BLOCK_WIDTH", 256)
    monkeypatch.setattr(geotiff, "_OVERVIEW_BLOCK", 32)
    picture = str(rgb(tmp_path / "rgb.tif", 500, 600))
    path = str(write_strokes(tmp_path / "s.gpkg", ROWS))

    def job(name):
        outputs = Outputs(str(tmp_path / name), confidence=str(tmp_path / f"sure_{name}"))
        made = SegmentJob(
            (Source("rgb", picture),),
            model,
            outputs,
            options=Options(tile=128),
            strokes=path,
            class_field="class",
            save_model=str(kept(name)),
        )
        return json.loads(json.dumps(job_to_dict(made)))

    def kept(name):
        return tmp_path / f"models of {name}" / "kept"

    class Stopped(JobFeedback):
        left = 8

        def block(self, path, window):
            self.left -= 1
            if not self.left:
                self.cancel()

    execute(job("whole.tif"), JobFeedback("test", lambda event: None))
    with pytest.raises(Cancelled):
        execute(job("part.tif"), Stopped("test", lambda event: None))
    assert (tmp_path / "part.tif.part").is_dir()
    assert not kept("part.tif").exists()  # else the same command would be refused, as it replaced a model
    assert execute(job("part.tif"), JobFeedback("test", lambda event: None))["tiles_resumed"] > 0
    for name in ("{}", "sure_{}"):
        first, second = (tmp_path / name.format(n) for n in ("whole.tif", "part.tif"))
        assert first.read_bytes() == second.read_bytes()
    one, other = (kept(name) / "weights.safetensors" for name in ("whole.tif", "part.tif"))
    assert one.read_bytes() == other.read_bytes()
    told = json.loads((tmp_path / "part.run.json").read_text())["model"]
    assert (told["id"], told["path"]) == ("kept", str(kept("part.tif")))


def test_a_sensor_may_be_missing_where_there_are_no_strokes(cli, layers, strokes, tmp_path):
    nir = read(layers["nir"])
    nir[:, :, 60:140] = 0
    part = write(tmp_path / "part.tif", nir, nodata=0)
    out, there = tmp_path / "map.tif", tmp_path / "a.tif"
    code, _, err = cli(
        *told({"rgb": layers["rgb"], "nir": part}, model="none", strokes=strokes, output=out, availability=there)
    )
    assert code == 0, err
    assert right(read(out)) > 0.95
    assert set(np.unique(read(there)[0, :160])) == {1, 3}


def test_strokes_may_lie_outside_the_extent_that_is_mapped(cli, layers, strokes, tmp_path):
    out = tmp_path / "map.tif"
    code, result, err = cli(
        *told(layers, model="none", strokes=strokes, output=out), "--extent=500040,5299960,500060,5299980"
    )
    assert code == 0, err
    assert result["grid"]["width"] == 40
    assert set(np.unique(read(out))) == {0, 1}


@pytest.mark.parametrize(
    "rows, given, words",
    [
        ([(LEFT, "a"), (RIGHT, "a")], {}, "one class only"),
        ([(LEFT, "a"), (line((150, 170), (170, 180)), "b")], {}, "mark pixels of one class only, 'a'"),
        ([(line((20, 170), (40, 170)), "a"), (line((150, 170), (170, 180)), "b")], {}, "lie where no layer has data"),
        ([(line((900, 0), (950, 0)), "a"), (line((900, 9), (950, 9)), "b")], {}, "lie outside the layers"),
        (ROWS, {"class_field": "kind"}, "has no field 'kind'"),
        (ROWS, {"strokes": "nowhere.gpkg"}, "does not exist"),
        (ROWS, {"strokes": ""}, "--model none goes with strokes"),
        (ROWS, {"model": "nothing"}, "is not installed"),
        (ROWS, {"save_model": "/proc/no/such"}, "cannot be written"),
        (ROWS, {"output": "map.png"}, "must end in .tif"),
    ],
)
def test_bad_input_is_one_clear_sentence(cli, layers, tmp_path, rows, given, words):
    path = write_strokes(tmp_path / "s.gpkg", rows)
    out = tmp_path / "map.tif"
    code, _, err = cli(*told(layers, **{"model": "none", "strokes": path, "output": out, **given}))
    assert code == 2
    assert words in err
    assert len(err[err.index("Error:") :].strip().splitlines()) <= 3
    assert not out.exists()


def test_the_model_is_not_kept_among_files_of_a_person(cli, layers, strokes, tmp_path):
    out = tmp_path / "map.tif"
    code, _, err = cli(*told(layers, model="none", strokes=strokes, output=out, save_model=tmp_path))
    assert code == 2
    assert "holds other files and no model" in err
    assert not out.exists()


def test_a_field_without_strokes_is_told(cli, layers, model, tmp_path):
    code, _, err = cli(*told(layers, model=model, class_field="class", output=tmp_path / "x.tif"))
    assert code == 2
    assert "go with strokes" in err
