"""sgma:finetune through Processing: what the engine is asked for, what is refused, and a real training of seconds."""

import hashlib
import json
import subprocess
from pathlib import Path

import processing
import pytest
from plugin_support import ROOT
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsVectorLayer,
)

from sgma_qgis import service
from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.contract.store import open_package
from sgma_qgis.processing.running import in_parameters

ORDER = [
    "RGB", "NIR", "DSM", "SAR", "LABELS", "CLASS_FIELD", "CLASS_MAP", "POINT_RADIUS", "LABELLED_AREA", "AREAS",
    "BASE_MODEL", "STRATEGY", "EPOCHS", "TARGET_CRS", "RESOLUTION", "RGB_BANDS", "NIR_BANDS", "DSM_BANDS", "SAR_BANDS",
    "UNITS", "NODATA", "SAMPLER", "PATIENCE", "SEED", "CROP", "DEVICE", "THREADS", "RESUME", "OVERWRITE", "OUTPUT",
]  # fmt: skip
RESULT = {
    "output": "",
    "id": "m",
    "seconds": 1.0,
    "validation_miou": 0.5,
    "accuracy": {"rgb": {"miou": 0.4, "iou": {}}},
}


class Log(QgsProcessingFeedback):
    """A feedback that keeps what it was told; `cancel_at` a text it wants to stop."""

    def __init__(self, cancel_at=""):
        super().__init__(False)
        self.lines, self.cancel_at = [], cancel_at

    def pushInfo(self, info):
        self.lines.append(info)
        if self.cancel_at and self.cancel_at in info:
            self.cancel()

    def pushWarning(self, warning):
        self.lines.append(warning)


def run(**given):
    feedback = given.pop("feedback", None) or Log()
    return processing.run("sgma:finetune", given, feedback=feedback)


def layer_of(kind, rows, field="kind"):
    """Return a layer in memory with (class, wkt) and add it to the project."""
    layer = QgsVectorLayer(f"{kind}?crs=EPSG:32616&field={field}:string", "Labels", "memory")
    features = []
    for value, wkt in rows:
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        feature.setAttributes([value])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer, False)
    return layer


@pytest.fixture()
def drawn(qgis_app):
    """Return `layer_of`; the layers go when the test ends."""
    yield layer_of
    QgsProject.instance().removeAllMapLayers()


@pytest.fixture()
def asked(monkeypatch, data_dir, fake_python, provider):
    """The jobs that the service was asked for; none is run."""
    jobs = []

    def answer(job, feedback, **_):
        jobs.append(job)
        return RESULT

    monkeypatch.setattr(service, "run", answer)
    return jobs


SQUARE = "POLYGON((500000 4599980,500020 4599980,500020 4600000,500000 4600000,500000 4599980))"


def test_parameters_are_fixed(provider, data_dir):
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:finetune")
    assert [p.name() for p in alg.parameterDefinitions()] == ORDER
    optional = QgsProcessingParameterDefinition.Flag.FlagOptional
    needed = {p.name() for p in alg.parameterDefinitions() if not p.flags() & optional}
    assert needed == {"LABELS", "BASE_MODEL", "STRATEGY", "SAMPLER", "SEED", "DEVICE", "RESUME", "OVERWRITE", "OUTPUT"}
    assert {o.name() for o in alg.outputDefinitions()} == {"OUTPUT", "VAL_MIOU", "SCORES"}
    assert alg.parameterDefinition("BASE_MODEL").defaultValue() == "test-trees"


def test_what_is_not_given_is_left_to_the_engine(asked, layers, tmp_path):
    found = run(RGB=layers["RGB"], LABELS=layers["NIR"], BASE_MODEL="test-trees", OUTPUT=str(tmp_path / "m"))
    assert found["VAL_MIOU"] == 0.5
    assert json.loads(found["SCORES"]) == RESULT["accuracy"]
    (job,) = asked
    default = TrainJob("test-trees", str(tmp_path / "m"), job.sources, layers["NIR"], strategy="adapters")
    assert job == TrainJob(**{**vars(default), "recipe": {"seed": 0, "sampler": "modality_aware"}})
    assert [source.path for source in job.sources] == [layers["RGB"]]


def test_the_job_says_what_was_asked(asked, drawn, layers, tmp_path):
    labels = drawn("Polygon", [("oak", SQUARE), ("mud", SQUARE)])
    areas = drawn("Polygon", [("train", SQUARE), ("test", SQUARE)], "role")
    given = {
        "RGB": layers["RGB"], "RGB_BANDS": "3,2,1", "DSM": layers["DSM"], "UNITS": "dsm=ndsm", "LABELS": labels,
        "CLASS_FIELD": "kind", "CLASS_MAP": '{"oak": "new:Oak", "mud": "ignore"}', "POINT_RADIUS": 0,
        "LABELLED_AREA": areas, "AREAS": areas, "BASE_MODEL": "test-trees", "STRATEGY": "head", "SAMPLER": "uniform",
        "EPOCHS": 3, "PATIENCE": 0, "CROP": 64, "SEED": 7, "RESOLUTION": 0.5, "TARGET_CRS": "EPSG:32617",
        "DEVICE": "cpu", "THREADS": 1, "RESUME": False, "OUTPUT": str(tmp_path / "model.v1"),
    }  # fmt: skip
    run(**given)
    (job,) = asked
    assert job.recipe == {"seed": 7, "sampler": "uniform", "epochs": 3, "patience": 0, "crop": 64}
    assert (job.strategy, job.radius, job.class_map) == ("head", 0.0, given["CLASS_MAP"])
    options = job.options
    assert (options.crs, options.resolution, options.device, options.threads) == ("EPSG:32617", 0.5, "cpu", 1)
    assert not options.resume
    assert [(s.modality, s.bands, s.unit) for s in job.sources] == [("rgb", (3, 2, 1), ""), ("dsm", (), "ndsm")]
    kept = [tmp_path / f"model.v1.{name}.gpkg" for name in ("labels", "labelled-area", "areas")]
    assert [job.labels, job.labelled_area, job.areas] == [str(path) for path in kept]
    roles = [feature["role"] for feature in QgsVectorLayer(job.areas).getFeatures()]
    assert roles == ["train", "test"]
    stamps = [path.stat().st_mtime_ns for path in kept]
    run(**given)  # goes on only if its files are the same
    assert [path.stat().st_mtime_ns for path in kept] == stamps


def test_selected_areas_alone_count(asked, drawn, layers, tmp_path):
    areas = drawn("Polygon", [("train", SQUARE), ("test", SQUARE)], "role")
    areas.selectByIds([1])
    given = QgsProcessingFeatureSourceDefinition(areas.id(), True)
    run(RGB=layers["RGB"], LABELS=layers["NIR"], AREAS=given, BASE_MODEL="test-trees", OUTPUT=str(tmp_path / "m"))
    assert [feature["role"] for feature in QgsVectorLayer(asked[0].areas).getFeatures()] == ["train"]


def test_a_class_map_file_is_absolute_for_the_worker(asked, layers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(RGB=layers["RGB"], LABELS=layers["NIR"], CLASS_MAP="map.json", BASE_MODEL="test-trees", OUTPUT="m")
    assert (asked[0].class_map, asked[0].output) == (str(tmp_path / "map.json"), str(tmp_path / "m"))


def test_what_cannot_be_used_is_told(asked, drawn, layers, tmp_path):
    given = {"RGB": layers["RGB"], "LABELS": layers["NIR"], "BASE_MODEL": "test-trees", "OUTPUT": str(tmp_path / "m")}
    labels = drawn("Polygon", [("oak", SQUARE)])
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine.txt").touch()
    for changes, words in (
        ({"RGB": None}, "No layer was given"),
        ({"LABELS": labels, "CLASS_FIELD": "species"}, "LABELS: .* has no field 'species'; it has kind.*CLASS_FIELD"),
        ({"LABELS": drawn("Polygon", [])}, "holds no feature"),
        ({"OUTPUT": str(taken)}, "holds other files and no model"),
        ({"OUTPUT": str(taken / "mine.txt")}, "is a file"),
        ({"STRATEGY": "everything"}, "STRATEGY"),
        ({"SAMPLER": "dice"}, "SAMPLER"),
    ):
        with pytest.raises(QgsProcessingException, match=f"(?s){words}"):
            run(**{**given, **changes})
    assert not asked


def test_a_finished_model_is_replaced_only_when_that_is_said(asked, layers, tmp_path):
    given = {"RGB": layers["RGB"], "LABELS": layers["NIR"], "BASE_MODEL": "test-trees", "OUTPUT": str(tmp_path / "m")}
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "card.json").write_text("{}")
    with pytest.raises(QgsProcessingException, match="(?s)holds a model already.*OVERWRITE=true"):
        run(**given)
    assert not asked
    run(**given, OVERWRITE=True)
    assert len(asked) == 1


def test_a_cancelled_training_says_how_to_go_on(asked, layers, tmp_path, monkeypatch):
    def cancelled(job, feedback, **_):
        raise Cancelled()

    monkeypatch.setattr(service, "run", cancelled)
    given = {"RGB": layers["RGB"], "LABELS": layers["NIR"], "BASE_MODEL": "test-trees"}
    with pytest.raises(QgsProcessingException, match="(?s)Cancelled.*No epoch"):
        run(**given, OUTPUT=str(tmp_path / "m"))
    (tmp_path / "m.part").mkdir()
    with pytest.raises(QgsProcessingException, match="(?s)Cancelled.*RESUME on"):
        run(**given, OUTPUT=str(tmp_path / "m"))
    with pytest.raises(QgsProcessingException, match="(?s)Cancelled.*temporary"):
        run(**given, OUTPUT="TEMPORARY_OUTPUT")


def test_the_engine_speaks_of_parameters():
    told = "Give --point-radius METRES, --labels F or --base; add --no-resume - or -- not."
    assert in_parameters(told) == "Give POINT_RADIUS METRES, LABELS F or BASE_MODEL; add RESUME=false - or -- not."


# --- the real engine ---------------------------------------------------------------------------------------------

MAKE = """
import sys
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model, rasters
place = Path(sys.argv[2])
random_model.make(place / "base", keys=("rgb", "nir"), tile=64)
truth = np.random.default_rng(0).integers(0, 2, (16, 16)).repeat(16, 0).repeat(16, 1)
noise = np.random.default_rng(1).integers(0, 30, (3, *truth.shape))
rasters.write(place / "rgb.tif", (40 + 150 * truth + noise).astype(np.uint8))
rasters.write(place / "nir.tif", (200 - 150 * truth + noise[0]).astype(np.uint8))
rasters.write(place / "labels.tif", truth.astype(np.uint8) + 1)
"""
TINY = {"CROP": 32, "EPOCHS": 2, "SEED": 3, "DEVICE": "cpu", "THREADS": 1, "STRATEGY": "head"}


@pytest.fixture(scope="module")
def place(tmp_path_factory, runtime_python):
    """A base model of RGB and NIR, two layers and labels."""
    folder = tmp_path_factory.mktemp("Ort mit ü")
    subprocess.run([runtime_python, "-c", MAKE, str(ROOT), str(folder)], check=True)
    return folder


def inputs(place):
    names = {"RGB": "rgb.tif", "NIR": "nir.tif", "LABELS": "labels.tif", "BASE_MODEL": "base"}
    return {name: str(place / file) for name, file in names.items()}


def digest(folder):
    return hashlib.sha256((Path(folder) / "weights.safetensors").read_bytes()).hexdigest()


def by_command(place, python):
    """Return the digest of the weights that the command line makes."""
    words = [f"--{name}={place / name}.tif" for name in ("rgb", "nir", "labels")]
    words += [f"--base={place / 'base'}", f"--output={place / 'by-command'}", "--crop=32", "--epochs=2", "--seed=3"]
    words += ["--device=cpu", "--threads=1", "--strategy=head", "--sampler=modality_aware"]
    command = [python, "-m", "sgma_qgis.model", "train", *words]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return digest(place / "by-command")


def test_a_cancelled_training_goes_on_to_the_weights_of_the_command_line(provider, real_python, place, tmp_path):
    given = {**inputs(place), **TINY, "OUTPUT": str(tmp_path / "model")}
    with pytest.raises(QgsProcessingException, match="(?s)Cancelled.*RESUME on"):
        run(**given, feedback=Log(cancel_at="epoch 1"))
    assert not (tmp_path / "model").exists()
    again = Log()
    found = run(**given, feedback=again)
    assert any("Going on after epoch 1" in line for line in again.lines)
    assert [info.name for info in open_package(tmp_path / "model").card.classes] == ["Class 1", "Class 2"]
    assert 0 <= found["VAL_MIOU"] <= 1
    assert set(json.loads(found["SCORES"])) == {"rgb", "nir", "rgb+nir"}
    assert digest(tmp_path / "model") == by_command(place, real_python)
    assert not list(tmp_path.glob("*.part"))
