"""sgma:suggestlabels through Processing: what the engine is asked for, the same squares as by the command line."""

import json
import subprocess

import processing
import pytest
from plugin_support import ROOT
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)

from sgma_qgis import service
from sgma_qgis.model.contract.errors import WorkerFailed
from sgma_qgis.model.contract.job import Area, Options
from sgma_qgis.model.contract.learning import SuggestJob
from sgma_qgis.styling import style_suggestions

PLACE = {"rank": 1, "reason": "unsure between road and roof", "bounds": [0.0, 0.0, 1.0, 1.0]}


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
        return {"output": job.output, "places": [PLACE], "crs": "EPSG:32616"}

    monkeypatch.setattr(service, "run", answer)
    return jobs


def test_parameters_are_fixed(provider, data_dir):
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:suggestlabels")
    assert [p.name() for p in alg.parameterDefinitions()] == [
        "RGB", "NIR", "DSM", "SAR", "MODEL", "EXTENT", "MASK", "COUNT", "SIZE", "EXCLUDE", "TARGET_CRS", "RESOLUTION",
        "RGB_BANDS", "NIR_BANDS", "DSM_BANDS", "SAR_BANDS", "UNITS", "NODATA", "DEVICE", "THREADS", "OUTPUT",
    ]  # fmt: skip
    assert {o.name() for o in alg.outputDefinitions()} == {"OUTPUT", "PLACES"}


def test_the_job_says_what_was_asked(asked, layers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    square = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": square}
    drawn = tmp_path / "drawn.geojson"
    drawn.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    given = {
        "RGB": layers["RGB"], "NIR": layers["NIR"], "MODEL": "test-trees", "COUNT": 3, "SIZE": 12.5,
        "EXCLUDE": str(drawn), "EXTENT": "500000,500020,4599980,4600000 [EPSG:32616]", "RESOLUTION": 0.5,
        "DEVICE": "cpu", "THREADS": 1, "OUTPUT": "places.gpkg",
    }  # fmt: skip
    log = Log()
    found = processing.run("sgma:suggestlabels", given, feedback=log)
    (job,) = asked
    assert job == SuggestJob(
        job.sources,
        "test-trees",
        str(tmp_path / "places.gpkg"),
        3,
        12.5,
        str(drawn),
        Area("", (500000.0, 4599980.0, 500020.0, 4600000.0), "EPSG:32616"),
        Options(resolution=0.5, device="cpu", threads=1),
    )
    assert json.loads(found["PLACES"]) == [PLACE]
    assert "1: unsure between road and roof" in log.lines
    processing.run("sgma:suggestlabels", {"RGB": layers["RGB"], "MODEL": "test-trees", "OUTPUT": "places.gpkg"})
    assert (asked[1].count, asked[1].size, asked[1].exclude) == (10, None, "")


def test_other_file_types_and_the_engine_s_words(asked, layers, monkeypatch):
    alg = QgsApplication.processingRegistry().createAlgorithmById("sgma:suggestlabels")
    given = {"RGB": layers["RGB"], "MODEL": "test-trees"}
    fine, why = alg.checkParameterValues({**given, "OUTPUT": "a.shp"}, QgsProcessingContext())
    assert not fine
    assert "GeoPackage" in why

    def refused(job, feedback, **_):
        raise WorkerFailed("bad_input", "Squares of 900 m (--size) are too large.", "Choose 4 to 200 m.")

    monkeypatch.setattr(service, "run", refused)
    with pytest.raises(QgsProcessingException, match=r"\(SIZE\)"):
        processing.run("sgma:suggestlabels", {**given, "OUTPUT": "a.gpkg"}, feedback=Log())


MAKE = """
import sys
from pathlib import Path
import numpy as np
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model, rasters
place = Path(sys.argv[2])
random_model.make(place / "base", keys=("rgb", "nir"), tile=128)
rasters.rgb(place / "rgb.tif", 128, 128)
rasters.write(place / "nir.tif", np.random.default_rng(1).integers(0, 200, (128, 128)).astype(np.uint8))
"""


def test_the_same_squares_as_by_the_command_line(provider, real_python, tmp_path):
    subprocess.run([real_python, "-c", MAKE, str(ROOT), str(tmp_path)], check=True)
    layers = {name: str(tmp_path / f"{name}.tif") for name in ("rgb", "nir")}
    given = {name.upper(): path for name, path in layers.items()}
    given.update(MODEL=str(tmp_path / "base"), COUNT=4, DEVICE="cpu", THREADS=1)
    found = processing.run("sgma:suggestlabels", {**given, "OUTPUT": str(tmp_path / "a.gpkg")}, feedback=Log())
    words = [f"--{name}={path}" for name, path in layers.items()]
    words += [f"--model={tmp_path / 'base'}", "--count=4", f"--output={tmp_path / 'b.gpkg'}", "--json"]
    command = [real_python, "-m", "sgma_qgis.model", "suggest", *words, "--device=cpu", "--threads=1"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout.splitlines()[-1])["places"] == json.loads(found["PLACES"])
    layer = QgsVectorLayer(str(tmp_path / "a.gpkg"), "places")
    assert [feature["rank"] for feature in layer.getFeatures()] == [1, 2, 3, 4]
    QgsProject.instance().addMapLayer(layer)
    style_suggestions(layer)
    assert isinstance(layer.renderer(), QgsSingleSymbolRenderer)
    assert layer.labelsEnabled()
    QgsProject.instance().removeMapLayer(layer)
