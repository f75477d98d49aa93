"""The wizard's choices as jobs, and as the call of qgis_process that trains the same."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import processing
import pytest
from label_support import areas, box, enough, labels, point, raster
from plugin_support import make_raster
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QApplication

from sgma_qgis import process_program, resolve, service, settings
from sgma_qgis.gui.slot_row import Slot
from sgma_qgis.gui.wizard import jobs
from sgma_qgis.gui.wizard.command_box import CommandButton
from sgma_qgis.gui.wizard.state import WizardState, recall, remember
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Options
from sgma_qgis.model.contract.wire import job_from_dict, job_to_dict
from sgma_qgis.processing.finetune import FinetuneAlgorithm


@pytest.fixture()
def state(qgis_app, data_dir, tmp_path):
    """Layers, labels and areas that lie in memory: copies are made of them."""
    QgsProject.instance().clear()
    rgb = raster(make_raster(tmp_path / "my rgb.tif", 3), "rgb")
    dsm = raster(make_raster(tmp_path / "dsm.tif", 1, gdal_type="Float32"), "dsm")
    roles = areas([(box(0, 0, 30, 40), "train"), (box(40, 0, 20, 40), "test")])
    yield WizardState(
        slots={"dsm": Slot(dsm.id(), (), "ndsm"), "rgb": Slot(rgb.id(), (3, 2, 1))},
        labels=labels(enough(("tree", "o'ak $x"))).id(),
        class_field="class",
        classes={"tree": "1", "o'ak $x": "new:Eiche ü"},
        areas=roles.id(),
        base="test-trees",
        epochs=7,
        crop=32,
        seed=5,
        sampler="uniform",
        strategy="head",
        output=str(tmp_path / "models" / "mine"),
        title="Mine",
        licence="CC0",
    )
    QgsProject.instance().clear()


def test_the_training_says_what_was_chosen(state):
    job = jobs.train_job(state)
    assert [(s.modality, s.bands, s.unit) for s in job.sources] == [("rgb", (3, 2, 1), ""), ("dsm", (), "ndsm")]
    assert job.recipe == {"epochs": 7, "crop": 32, "seed": 5, "sampler": "uniform"}
    assert (job.base, job.strategy, job.title, job.licence) == ("test-trees", "head", "Mine", "CC0")
    assert json.loads(job.class_map) == {"tree": "1", "o'ak $x": "new:Eiche ü #e69f00"}  # a free colour
    assert job.class_field == "class" and job.radius is None
    assert not job.dry_run and job.options.resume
    assert job_from_dict(json.loads(json.dumps(job_to_dict(job)))) == job


def test_new_classes_have_the_colours_that_were_picked_else_those_of_the_labels_style(state):
    def meant():
        return json.loads(jobs.train_job(state).class_map)

    state.colors = {"tree": "#00ff00", "o'ak $x": "#804000"}
    assert meant() == {"tree": "1", "o'ak $x": "new:Eiche ü #804000"}  # the tree is the model's own
    state.classes = {"tree": "new:wood", "o'ak $x": "new:wood"}
    assert meant() == dict.fromkeys(state.classes, "new:wood #00ff00")
    state.picked = dict.fromkeys(state.classes, "#123456")
    assert meant() == dict.fromkeys(state.classes, "new:wood #123456")
    assert json.loads(jobs.dry_run_job(state).class_map) == meant() and "new:wood #123456" in jobs.command(state)
    state.classes = {"tree": "new: ", "o'ak $x": "new:wood"}
    assert meant() == {"tree": "new:", "o'ak $x": "new:wood #123456"}  # no class called "#123456"


def test_what_is_no_colour_in_a_project_counts_for_nothing(state):
    state.classes = {"tree": "new:wood", "o'ak $x": "new:oak", "c": "new:Hecke"}
    state.colors, state.picked = {"tree": "#804000", "o'ak $x": "red"}, {"tree": "", "c": 5}
    remember(state)
    found = recall()
    assert (found.colors, found.picked) == ({"tree": "#804000"}, {})
    assert json.loads(jobs.train_job(found).class_map)["tree"] == "new:wood #804000"


def test_what_only_qgis_has_is_kept_beside_the_model_and_stays_the_same(state, tmp_path):
    job = jobs.train_job(state)
    assert job.labels == str(tmp_path / "models" / "mine.labels.gpkg")
    assert job.areas == str(tmp_path / "models" / "mine.areas.gpkg")
    before = {path: Path(path).stat().st_mtime_ns for path in (job.labels, job.areas)}
    assert jobs.train_job(state) == job
    assert {path: Path(path).stat().st_mtime_ns for path in before} == before


def test_the_first_title_is_of_the_new_model_s_own_sensors_and_data(state):
    state.title = ""
    name = QgsProject.instance().mapLayer(state.labels).name()
    assert jobs.train_job(state).title == f"RGB + DSM, trained further on {name}"


def test_a_trial_and_a_command_leave_nothing_behind(state, tmp_path):
    trial = jobs.dry_run_job(state)
    assert trial.dry_run and trial.recipe == {"epochs": 7, "crop": 32, "seed": 5, "sampler": "uniform"}
    assert jobs.command(state)
    assert not (tmp_path / "models").exists()


def test_the_command_is_right_for_a_shell_and_asks_for_the_same(state):
    state.options = Options(device="cpu", threads=2)
    job, words = jobs.train_job(state), shlex.split(jobs.command(state))
    assert words[:3] == [process_program.program(), "run", "sgma:finetune"]
    given = dict(word[2:].split("=", 1) for word in words[3:])
    known = FinetuneAlgorithm()
    known.initAlgorithm()
    assert set(given) <= {row.name() for row in known.parameterDefinitions()}
    assert given["RGB"].endswith("my rgb.tif") and given["RGB_BANDS"] == "3,2,1" and given["UNITS"] == "dsm=ndsm"
    assert given["CLASS_MAP"] == job.class_map and given["LABELS"] == job.labels and given["AREAS"] == job.areas
    assert (given["EPOCHS"], given["CROP"], given["SEED"], given["SAMPLER"]) == ("7", "32", "5", "uniform")
    assert (given["DEVICE"], given["THREADS"], given["OUTPUT"]) == ("cpu", "2", job.output)
    assert (given["BASE_MODEL"], given["STRATEGY"]) == ("test-trees", "head")


@pytest.mark.parametrize(("names", "called"), [
    (("qgis_process",), "qgis_process"),
    (("qgis_process", "qgis_process.bin"), "qgis_process.bin"),
    ((), "qgis_process"),
])  # fmt: skip
def test_the_command_names_the_program_itself_where_there_is_a_script_around_it(tmp_path, monkeypatch, names, called):
    for name in names:
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert process_program.program() == called


def test_the_command_makes_the_same_job(state, provider, fake_python, monkeypatch):
    """But for the title and the licence, which change no weight; the colours are the same."""
    state.colors, asked = {"o'ak $x": "#804000"}, []

    def answer(job, feedback, **_):
        asked.append(job)
        return {"output": "", "id": "m", "seconds": 1.0, "validation_miou": None, "accuracy": {}}

    monkeypatch.setattr(service, "run", answer)
    job = jobs.train_job(state)
    words = shlex.split(jobs.command(state))[3:]
    processing.run("sgma:finetune", dict(word[2:].split("=", 1) for word in words))
    assert "#804000" in job.class_map
    assert asked == [replace(job, title="", licence="")]


def test_a_command_that_is_only_shown_copies_no_layer(state, monkeypatch):
    told = jobs.command(state)
    monkeypatch.setattr(resolve, "_export", lambda *_: pytest.fail("a layer was copied"))
    assert jobs.command(state) == told and f"{state.output}.labels.gpkg" in told


def test_the_train_page_s_button_copies_the_command(state):
    told = []
    button = CommandButton("Copy", state)
    button.refused.connect(told.append)
    button.click()
    assert QApplication.clipboard().text() == jobs.command(state) and not told
    assert Path(f"{state.output}.labels.gpkg").exists() and Path(f"{state.output}.areas.gpkg").exists()
    state.output = ""
    button.click()
    assert "no folder" in str(told[0])
    button.deleteLater()


def test_what_is_left_to_the_engine_is_not_in_the_command(state):
    state.epochs = state.crop = None
    state.areas = ""
    words = jobs.command(state)
    assert not any(f"--{name}=" in words for name in ("EPOCHS", "CROP", "AREAS", "DEVICE", "THREADS", "POINT_RADIUS"))


def test_the_settings_say_where_to_compute_unless_the_wizard_does(state):
    settings.save(settings.Settings(device="mps", threads=3))
    try:
        assert (jobs.options(state).device, jobs.options(state).threads) == ("mps", 3)
        state.options = Options(device="cpu", threads=1)
        assert (jobs.options(state).device, jobs.options(state).threads) == ("cpu", 1)
    finally:
        settings.save(settings.Settings())


def test_points_say_their_radius(state):
    state.labels = labels([(point(5, 5), "tree"), (point(9, 9), "oak")], kind="Point").id()
    state.radius = 2.5
    assert jobs.train_job(state).radius == 2.5 and "--POINT_RADIUS=2.5" in jobs.command(state)


def test_the_new_model_is_measured_with_its_own_classes(state, tmp_path):
    job = jobs.evaluate_job(state, state.output, str(tmp_path / "report.json"), "test")
    assert json.loads(job.class_map) == {"tree": "1", "o'ak $x": "new:Eiche ü #e69f00"}
    assert job.role == "test" and job.areas and job.reference and job.class_field == "class"
    assert [s.modality for s in job.sources] == ["rgb", "dsm"]


def test_the_base_is_measured_with_the_classes_it_knows(state, tmp_path):
    job = jobs.evaluate_job(state, state.base, str(tmp_path / "report.json"), "validation")
    assert json.loads(job.class_map) == {"tree": "1", "o'ak $x": "ignore"} and job.role == "validation"
    state.classes = {"tree": "new:Tree"}
    with pytest.raises(BadInput, match="^All classes are new: the model before the training knows none of them.$"):
        jobs.evaluate_job(state, state.base, str(tmp_path / "report.json"), "test")


def test_areas_are_asked_for_with_the_room_that_crops_need(state, tmp_path):
    job = jobs.areas_job(state, str(tmp_path / "a.gpkg"))
    assert (job.crop, job.base, job.output) == (32, "test-trees", str(tmp_path / "a.gpkg"))
    state.crop = None
    assert jobs.areas_job(state, "a.gpkg").crop == 128


@pytest.mark.parametrize("name", ["labels", "areas", "labelled_area"])
def test_a_layer_that_is_gone_is_told(state, name):
    setattr(state, name, "no such layer")
    with pytest.raises(BadInput, match="no longer in the project"):
        jobs.train_job(state)


def test_a_sensor_s_layer_that_is_gone_is_told(state):
    QgsProject.instance().removeMapLayer(state.slots["dsm"].layer_id)
    with pytest.raises(BadInput, match="The layer of DSM is no longer in the project"):
        jobs.sources(state)


def test_a_new_model_needs_a_place(state, tmp_path):
    state.output = ""
    with pytest.raises(BadInput, match="no folder"):
        jobs.train_job(state)
    (tmp_path / "file").write_text("")
    state.output = str(tmp_path / "file" / "mine")
    with pytest.raises(BadInput, match="cannot be made"):
        jobs.train_job(state)


def test_a_place_is_proposed_beside_the_project_and_never_a_taken_one(state, data_dir, tmp_path):
    assert jobs.default_output(state) == str(data_dir / "trainings" / "test-trees-labels")
    assert QgsProject.instance().write(str(tmp_path / "p.qgz"))
    first = tmp_path / "models" / "test-trees-labels"
    assert jobs.default_output(state) == str(first)
    Path(f"{first}.part").mkdir(parents=True)
    assert jobs.default_output(state) == f"{first}-2"
