"""sgma:evaluate through Processing: what the engine is asked for, and the same table as by the command line."""

import json
import subprocess

import processing
import pytest
from plugin_support import ROOT
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback

from sgma_qgis import service
from sgma_qgis.model.contract.errors import WorkerFailed
from sgma_qgis.model.contract.job import Area, Options
from sgma_qgis.model.contract.learning import EvaluateJob

ROW = {"sensors": ["rgb"], "miou": 0.4, "ece": 0.1}
REPORT = {"combinations": [ROW, {**ROW, "sensors": ["rgb", "nir"], "miou": 0.6}], "average": 0.5, "last1": 0.4}


class Log(QgsProcessingFeedback):
    """A feedback that keeps what it was told."""

    def __init__(self):
        super().__init__(False)
        self.lines = []

    def pushInfo(self, info):
        self.lines.append(info)


@pytest.fixture()
def asked(monkeypatch, data_dir, fake_python, provider):
    """The jobs that the service was asked for; none is run."""
    jobs = []

    def answer(job, feedback, **_):
        jobs.append(job)
        return REPORT

    monkeypatch.setattr(service, "run", answer)
    return jobs


def test_parameters_are_fixed(provider, data_dir):
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:evaluate")
    assert [p.name() for p in alg.parameterDefinitions()] == [
        "RGB", "NIR", "DSM", "SAR", "MODEL", "EXTENT", "MASK", "REFERENCE", "CLASS_FIELD", "CLASS_MAP", "POINT_RADIUS",
        "LABELLED_AREA", "COMBINATIONS", "AREAS", "ROLE", "TARGET_CRS", "RESOLUTION", "RGB_BANDS", "NIR_BANDS",
        "DSM_BANDS", "SAR_BANDS", "UNITS", "NODATA", "DEVICE", "THREADS", "OUTPUT_REPORT", "OUTPUT_ERRORS",
    ]  # fmt: skip
    assert {o.name() for o in alg.outputDefinitions()} == {
        "OUTPUT_REPORT", "OUTPUT_ERRORS", "MIOU", "MIOU_AVERAGE", "MIOU_WORST",
    }  # fmt: skip


def test_the_job_says_what_was_asked(asked, layers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {
        "RGB": layers["RGB"], "NIR": layers["NIR"], "MODEL": "test-trees", "REFERENCE": layers["DSM"],
        "CLASS_MAP": '{"50": "tree"}', "EXTENT": "500000,500020,4599980,4600000 [EPSG:32616]",
        "COMBINATIONS": "current", "RESOLUTION": 0.5, "DEVICE": "cpu", "THREADS": 1, "OUTPUT_REPORT": "report.json",
    }  # fmt: skip
    log = Log()
    found = processing.run("sgma:evaluate", given, feedback=log)
    (job,) = asked
    assert job == EvaluateJob(
        "test-trees",
        str(tmp_path / "report.json"),
        job.sources,
        layers["DSM"],
        class_map='{"50": "tree"}',
        combinations="current",
        area=Area("", (500000.0, 4599980.0, 500020.0, 4600000.0), "EPSG:32616"),
        options=Options(resolution=0.5, device="cpu", threads=1),
    )
    assert (found["MIOU"], found["MIOU_AVERAGE"], found["MIOU_WORST"]) == (0.6, 0.5, 0.4)
    assert "RGB + NIR: mIoU 0.600, ECE 0.100" in log.lines


def test_areas_of_a_role_and_the_raster_of_errors(asked, layers, tmp_path):
    areas = tmp_path / "areas.geojson"
    square = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]}
    feature = {"type": "Feature", "properties": {"role": "validation"}, "geometry": square}
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    given = {"RGB": layers["RGB"], "MODEL": "test-trees", "REFERENCE": layers["DSM"], "OUTPUT_REPORT": "a.json"}
    errors = str(tmp_path / "errors.tif")
    found = processing.run(
        "sgma:evaluate", {**given, "AREAS": str(areas), "ROLE": "validation", "OUTPUT_ERRORS": errors}
    )
    (job,) = asked
    assert (job.areas, job.role, job.errors) == (str(areas), "validation", errors)
    assert found["OUTPUT_ERRORS"] == errors
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:evaluate")
    fine, why = alg.checkParameterValues({**given, "OUTPUT_ERRORS": "e.png"}, QgsProcessingContext())
    assert not fine
    assert "OUTPUT_ERRORS" in why


def test_the_engine_s_words_name_parameters(asked, layers, monkeypatch):
    def refused(job, feedback, **_):
        raise WorkerFailed("bad_input", "Reference a.gpkg holds points.", "Give --point-radius METRES.")

    monkeypatch.setattr(service, "run", refused)
    given = {"RGB": layers["RGB"], "MODEL": "test-trees", "REFERENCE": layers["DSM"], "OUTPUT_REPORT": "a.html"}
    with pytest.raises(QgsProcessingException, match="holds points.\nGive POINT_RADIUS METRES"):
        processing.run("sgma:evaluate", given, feedback=Log())


MAKE = """
import sys
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model, rasters
place = Path(sys.argv[2])
random_model.make(place / "base", keys=("rgb", "nir"), tile=64)
rasters.rgb(place / "rgb.tif", 96, 96)
noise = np.random.default_rng(1).integers(0, 200, (96, 96))
rasters.write(place / "nir.tif", noise.astype(np.uint8))
rasters.write(place / "truth.tif", (noise // 100).astype(np.uint8))
"""


def test_the_same_table_as_by_the_command_line(provider, real_python, tmp_path):
    subprocess.run([real_python, "-c", MAKE, str(ROOT), str(tmp_path)], check=True)
    layers = {name: str(tmp_path / f"{name}.tif") for name in ("rgb", "nir")}
    given = {name.upper(): path for name, path in layers.items()}
    given.update(MODEL=str(tmp_path / "base"), REFERENCE=str(tmp_path / "truth.tif"), DEVICE="cpu", THREADS=1)
    found = processing.run("sgma:evaluate", {**given, "OUTPUT_REPORT": str(tmp_path / "a.json")}, feedback=Log())
    words = [f"--{name}={path}" for name, path in layers.items()]
    words += [
        f"--model={tmp_path / 'base'}",
        f"--reference={tmp_path / 'truth.tif'}",
        f"--output={tmp_path / 'b.json'}",
    ]
    command = [real_python, "-m", "sgma_qgis.model", "evaluate", *words, "--device=cpu", "--threads=1"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    ours, theirs = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert ours == theirs
    assert [row["sensors"] for row in ours["combinations"]] == [["rgb"], ["nir"], ["rgb", "nir"]]
    assert (found["MIOU"], found["MIOU_WORST"]) == (ours["combinations"][2]["miou"], ours["last1"])
