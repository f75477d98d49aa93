"""sgma:exporttrainingdata through Processing: what the engine is asked for, and a folder that trains."""

import json
import subprocess
from pathlib import Path

import processing
import pytest
from plugin_support import ROOT
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingFeedback

from sgma_qgis import service
from sgma_qgis.model.contract.errors import WorkerFailed
from sgma_qgis.model.contract.job import Options
from sgma_qgis.model.contract.learning import ExportJob


@pytest.fixture()
def asked(monkeypatch, data_dir, fake_python, provider):
    """The jobs that the service was asked for; none is run."""
    jobs = []

    def answer(job, feedback, **_):
        jobs.append(job)
        return {"output": job.output, "manifest": f"{job.output}/manifest.json", "chips": {"train": 5, "test": 2}}

    monkeypatch.setattr(service, "run", answer)
    return jobs


def test_parameters_are_fixed(provider, data_dir):
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:exporttrainingdata")
    assert [p.name() for p in alg.parameterDefinitions()] == [
        "RGB", "NIR", "DSM", "SAR", "LABELS", "CLASS_FIELD", "CLASS_MAP", "POINT_RADIUS", "LABELLED_AREA", "AREAS",
        "BASE_MODEL", "TILE_SIZE", "STRIDE", "TARGET_CRS", "RESOLUTION", "RGB_BANDS", "NIR_BANDS", "DSM_BANDS",
        "SAR_BANDS", "UNITS", "NODATA", "OUTPUT",
    ]  # fmt: skip
    assert {o.name() for o in alg.outputDefinitions()} == {"OUTPUT", "CHIPS", "MANIFEST"}


def test_the_job_says_what_was_asked(asked, layers, tmp_path):
    given = {
        "RGB": layers["RGB"], "DSM": layers["DSM"], "LABELS": layers["NIR"], "CLASS_MAP": '{"1": "new:Vine"}',
        "BASE_MODEL": "test-trees", "TILE_SIZE": 128, "STRIDE": 64, "RESOLUTION": 0.5,
        "OUTPUT": str(tmp_path / "chips"),
    }  # fmt: skip
    found = processing.run("sgma:exporttrainingdata", given)
    (job,) = asked
    assert job == ExportJob(
        job.sources,
        layers["NIR"],
        str(tmp_path / "chips"),
        class_map='{"1": "new:Vine"}',
        base="test-trees",
        tile_size=128,
        stride=64,
        options=Options(resolution=0.5),
    )
    assert (found["CHIPS"], found["MANIFEST"]) == (7, str(tmp_path / "chips" / "manifest.json"))


def test_the_engine_s_words_name_parameters(asked, layers, monkeypatch, tmp_path):
    def refused(job, feedback, **_):
        raise WorkerFailed("bad_input", "No chip can be cut.", "Choose a smaller --tile-size, or other areas.")

    monkeypatch.setattr(service, "run", refused)
    given = {"RGB": layers["RGB"], "LABELS": layers["DSM"], "OUTPUT": str(tmp_path / "chips")}
    with pytest.raises(QgsProcessingException, match="a smaller TILE_SIZE"):
        processing.run("sgma:exporttrainingdata", given)


MAKE = """
import sys
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import rasters
place = Path(sys.argv[2])
rasters.rgb(place / "rgb.tif", 160, 160)
rows, cols = np.mgrid[:160, :160]
rasters.write(place / "labels.tif", ((rows // 20 + cols // 20) % 2 + 1).astype(np.uint8))
"""


def test_a_folder_that_trains(provider, real_python, tmp_path):
    subprocess.run([real_python, "-c", MAKE, str(ROOT), str(tmp_path)], check=True)
    given = {"RGB": str(tmp_path / "rgb.tif"), "LABELS": str(tmp_path / "labels.tif"), "TILE_SIZE": 32}
    log = QgsProcessingFeedback(False)
    found = processing.run("sgma:exporttrainingdata", {**given, "OUTPUT": str(tmp_path / "chips")}, feedback=log)
    rows = json.loads(Path(found["MANIFEST"]).read_text(encoding="utf-8"))
    assert len(rows) == found["CHIPS"] > 0
    temporary = processing.run("sgma:exporttrainingdata", {**given, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=log)
    assert Path(temporary["MANIFEST"]).exists()
    command = [real_python, "-m", "sgma_qgis.model", "train", "--base", "small", "--scenes", found["MANIFEST"]]
    command += ["--class-map", str(tmp_path / "chips" / "class_map.json"), "--gsd", "0.3,0.5,1", "--dry-run"]
    command += ["--crop", "32", "--batch", "4", "--epochs", "1", "--threads", "1", "--output", str(tmp_path / "m")]
    made = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    needs = json.loads(made.stdout.splitlines()[-1])
    assert needs["classes"] == ["Class 1", "Class 2"]
    assert not (tmp_path / "m").exists()
