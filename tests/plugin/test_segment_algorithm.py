"""sgma:segment and sgma:checkinputs through Processing, with a worker that computes nothing."""

import json
import threading
import time
from pathlib import Path

import processing
import pytest
from plugin_support import make_card
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from sgma_qgis import outputs, service
from sgma_qgis.model.contract.modality import combinations


class Log(QgsProcessingFeedback):
    """A feedback that keeps what it was told."""

    def __init__(self):
        super().__init__(False)
        self.lines, self.warnings, self.errors, self.texts = [], [], [], []

    def pushInfo(self, info):
        self.lines.append(info)

    def pushWarning(self, warning):
        self.warnings.append(warning)

    def reportError(self, error, fatalError=False):
        self.errors.append(error)

    def setProgressText(self, text):
        self.texts.append(text)


def run(layers, tmp_path, feedback=None, context=None, **more):
    given = {"RGB": layers["RGB"], "MODEL": "test-trees", "OUTPUT": str(tmp_path / "Karte mit ä.tif"), **more}
    return processing.run("sgma:segment", given, feedback=feedback or Log(), context=context)


def job_of(result):
    return json.loads(Path(result["OUTPUT"] + ".job.json").read_text())


@pytest.fixture(autouse=True)
def ready(provider, data_dir, fake_python):
    """All tests here need these."""


def test_outputs_and_numbers(layers, tmp_path):
    log = Log()
    found = run(
        layers,
        tmp_path,
        log,
        OUTPUT_CONFIDENCE=str(tmp_path / "confidence.tif"),
        OUTPUT_AVAILABILITY=str(tmp_path / "availability.tif"),
        OUTPUT_TRUST=str(tmp_path / "trust.tif"),
        OUTPUT_POLYGONS=str(tmp_path / "polygons.gpkg"),
    )
    assert QgsRasterLayer(found["OUTPUT"]).isValid()
    assert QgsVectorLayer(found["OUTPUT_POLYGONS"]).featureCount() == 1
    assert (found["TILES_TOTAL"], found["TILES_RUN"], found["VALID_AREA_M2"]) == (4, 3, 1200.0)
    assert "tree: 0.06 ha (50.0 %)" in log.lines
    assert log.warnings == ["DSM is absent."]
    assert any(text.startswith("Segmenting: ") for text in log.texts)
    assert any("EPSG:32616" in line for line in log.lines)


def test_the_job_says_what_was_asked(layers, tmp_path):
    job = job_of(
        run(
            layers,
            tmp_path,
            **{name: layers[name] for name in ("NIR", "DSM", "SAR")},
            RGB_BANDS="3,2,1",
            UNITS="dsm=ndsm",
            NODATA="rgb=0",
            EXTENT="500000,500020,4599980,4600000 [EPSG:32616]",
            TARGET_CRS="EPSG:32617",
            RESOLUTION=0.5,
            TILE=256,
            OVERLAP=12.5,
            BATCH=2,
            DEVICE="cpu",
            PRECISION="fp32",
            THREADS=1,
            RESUME=False,
            MIN_AREA=25,
            SIMPLIFY=1.5,
            OUTPUT_POLYGONS=str(tmp_path / "polygons.gpkg"),
        )
    )
    rgb, nir, dsm, sar = job["sources"]
    assert (rgb["path"], rgb["bands"], rgb["nodata"]) == (layers["RGB"], [3, 2, 1], 0.0)
    assert (nir["modality"], dsm["unit"], sar["bands"]) == ("nir", "ndsm", [])
    assert job["area"] == {
        "polygons": "", "extent": [500000.0, 4599980.0, 500020.0, 4600000.0], "extent_crs": "EPSG:32616",
    }  # fmt: skip
    options = {
        "crs": "EPSG:32617", "resolution": 0.5, "tile": 256, "overlap": 12.5, "batch": 2, "device": "cpu",
        "backend": "auto", "precision": "fp32", "threads": 1, "resume": False,
        "min_area": 25.0, "simplify": 1.5,
    }  # fmt: skip
    assert job["options"] == options


def test_what_is_not_given_is_left_to_the_engine(layers, tmp_path):
    job = job_of(run(layers, tmp_path))
    assert job["options"] == {
        "crs": "", "resolution": None, "tile": None, "overlap": None, "batch": None, "device": "auto",
        "backend": "auto", "precision": "auto", "threads": None, "resume": True,
        "min_area": None, "simplify": None,
    }  # fmt: skip
    assert job["area"] == {"polygons": "", "extent": None, "extent_crs": ""}
    assert [source["modality"] for source in job["sources"]] == ["rgb"]
    assert {role for role, path in job["outputs"].items() if path} == {"classes"}


@pytest.mark.parametrize("name", ["MIN_AREA", "SIMPLIFY"])
def test_what_changes_polygons_needs_polygons(layers, tmp_path, name):
    with pytest.raises(QgsProcessingException, match=f"{name} changes polygons only.*OUTPUT_POLYGONS"):
        run(layers, tmp_path, **{name: 2.0})


def test_a_model_path_is_absolute_for_the_worker(layers, tmp_path, data_dir, monkeypatch):
    monkeypatch.chdir(data_dir / "models")
    monkeypatch.setenv("HOME", str(data_dir))
    model = data_dir / "models" / "test-trees"
    for given in ("./test-trees", "../models/test-trees", "~/models/test-trees", str(model)):
        assert job_of(run(layers, tmp_path, MODEL=given))["model"] == str(model)
    assert job_of(run(layers, tmp_path, MODEL="test-trees"))["model"] == "test-trees"


BOX = QgsRectangle(500000, 4599980, 500020, 4600000)
NUMBERS = "500000,500020,4599980,4600000"


@pytest.mark.parametrize(
    ("extent", "target", "crs"),
    [
        (NUMBERS, None, ""),
        (NUMBERS, "EPSG:32617", "EPSG:32617"),
        (NUMBERS + " []", "EPSG:32617", "EPSG:32617"),
        (BOX, None, ""),
        (QgsReferencedRectangle(BOX, QgsCoordinateReferenceSystem()), "EPSG:32617", "EPSG:32617"),
        (NUMBERS + " [EPSG:32616]", "EPSG:32617", "EPSG:32616"),
        (QgsReferencedRectangle(BOX, QgsCoordinateReferenceSystem("EPSG:32616")), "EPSG:32617", "EPSG:32616"),
    ],
)
def test_an_extent_without_a_crs_is_the_target_s_or_the_finest_layer_s(layers, tmp_path, extent, target, crs):
    context = QgsProcessingContext()
    project = QgsProject()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    context.setProject(project)
    area = job_of(run(layers, tmp_path, context=context, EXTENT=extent, TARGET_CRS=target))["area"]
    assert (area["extent"], area["extent_crs"]) == ([500000.0, 4599980.0, 500020.0, 4600000.0], crs)


def test_options_for_a_layer_that_is_not_there_are_refused(layers, tmp_path):
    for more in ({"NIR_BANDS": "1"}, {"UNITS": "nir=dn8"}, {"NODATA": "nir=0"}):
        with pytest.raises(QgsProcessingException, match="nir, for which no layer was given"):
            run(layers, tmp_path, **more)
    run(layers, tmp_path, NIR_BANDS="")


def test_checking_the_parameters_leaves_nothing_to_load(layers):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sgma:segment")
    sink = QgsProcessingOutputLayerDefinition("TEMPORARY_OUTPUT", QgsProject.instance())
    given = {"RGB": layers["RGB"], "MODEL": "test-trees", "OUTPUT": sink}
    assert algorithm.checkParameterValues(given, context)[0]
    assert context.layersToLoadOnCompletion() == {}


def test_temporary_results_are_loaded(layers):
    log = Log()
    given = {"RGB": layers["RGB"], "MODEL": "test-trees", "OUTPUT": "TEMPORARY_OUTPUT"}
    processing.runAndLoadResults("sgma:segment", given, feedback=log)
    assert not log.errors
    (layer,) = QgsProject.instance().mapLayersByName("Land cover")
    assert [c.label for c in layer.renderer().classes()] == ["not tree", "tree"]
    QgsProject.instance().removeMapLayer(layer.id())


def test_any_device_reaches_the_worker(layers, tmp_path):
    assert job_of(run(layers, tmp_path, DEVICE="cuda:1"))["options"]["device"] == "cuda:1"
    assert job_of(run(layers, tmp_path, DEVICE=None))["options"]["device"] == "auto"


def test_no_layer_at_all(tmp_path):
    with pytest.raises(QgsProcessingException, match="No layer was given"):
        run({"RGB": None}, tmp_path)


def test_bad_input_of_the_worker_is_told_in_three_lines_at_most(layers, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_FAIL", "bad_input")
    with pytest.raises(QgsProcessingException) as caught:
        run(layers, tmp_path)
    assert "The RGB layer has 2 bands.\nGive one with 3." in str(caught.value)


def test_a_crash_is_told_with_the_last_words(layers, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_FAIL", "crash")
    log = Log()
    with pytest.raises(QgsProcessingException, match="out of memory"):
        run(layers, tmp_path, log)
    assert any("Killed by a test" in text for text in log.errors)


def test_cancel_raises_so_that_scripts_see_failure(layers, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_SLEEP", "0.3")
    log = Log()
    threading.Timer(0.5, log.cancel).start()
    began = time.monotonic()
    with pytest.raises(QgsProcessingException, match="Cancelled.\nRun it again with the same parameters"):
        run(layers, tmp_path, log)
    assert time.monotonic() - began < 5


def test_nobody_is_told_to_continue_what_was_temporary(layers, tmp_path, monkeypatch):
    log = Log()
    log.cancel()
    with pytest.raises(QgsProcessingException, match="Cancelled.\n.*temporary"):
        run(layers, tmp_path, log, OUTPUT="TEMPORARY_OUTPUT")
    service.shutdown()  # the next worker reads the environment anew
    monkeypatch.setenv("SGMA_FAKE_FAIL", "crash")
    for out, words in ((str(tmp_path / "a.tif"), True), ("TEMPORARY_OUTPUT", False)):
        with pytest.raises(QgsProcessingException) as caught:
            run(layers, tmp_path, OUTPUT=out)
        assert ("continues where it stopped" in str(caught.value)) == words


def test_in_a_background_task_as_the_toolbox_does(layers, tmp_path, qgis_app):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sgma:segment")
    context, log = QgsProcessingContext(), QgsProcessingFeedback()
    out = str(tmp_path / "a.tif")
    task = QgsProcessingAlgRunnerTask(
        algorithm, {"RGB": layers["RGB"], "MODEL": "test-trees", "OUTPUT": out}, context, log
    )
    ended = []
    task.executed.connect(lambda ok, results: ended.append((ok, results)))
    QgsApplication.taskManager().addTask(task)
    deadline = time.monotonic() + 30
    while not ended and time.monotonic() < deadline:
        qgis_app.processEvents()
        time.sleep(0.02)
    assert ended[0][0], log.textLog()
    assert ended[0][1]["OUTPUT"] == out


def test_loaded_layers_are_styled(layers, tmp_path):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    names = ("OUTPUT", "OUTPUT_CONFIDENCE", "OUTPUT_AVAILABILITY", "OUTPUT_TRUST", "OUTPUT_POLYGONS")
    suffixes = (".tif", ".tif", ".tif", ".tif", ".gpkg")
    paths = {name: str(tmp_path / f"{name.lower()}{suffix}") for name, suffix in zip(names, suffixes)}
    for name, path in paths.items():
        details = QgsProcessingContext.LayerDetails(name, QgsProject.instance(), name)
        context.addLayerToLoadOnCompletion(path, details)
    run(layers, tmp_path, context=context, **paths)
    log, styled, kept = QgsProcessingFeedback(), {}, []
    for name, path in paths.items():
        layer = (QgsVectorLayer if name == "OUTPUT_POLYGONS" else QgsRasterLayer)(path, name)
        context.layerToLoadOnCompletionDetails(path).postProcessor().postProcessLayer(layer, context, log)
        styled[name] = layer.renderer()
        kept.append(layer)  # a renderer goes with its layer
    classes = {c.value: (c.label, c.color.name()) for c in styled["OUTPUT"].classes()}
    assert classes == {0: ("not tree", "#dddddd"), 1: ("tree", "#117733")}
    available = {int(c.value): c.label for c in styled["OUTPUT_AVAILABILITY"].classes()}
    assert (len(available), available[3], available[15]) == (15, "RGB + NIR", "RGB + NIR + DSM + SAR")
    for name in ("OUTPUT_CONFIDENCE", "OUTPUT_TRUST"):
        items = styled[name].shader().rasterShaderFunction().colorRampItemList()
        assert (items[0].value, items[-1].value) == (0.0, 100.0)
    assert styled["OUTPUT_CONFIDENCE"].shader().rasterShaderFunction().colorRampItemList()[0].color == QColor("#000004")
    assert [c.label() for c in styled["OUTPUT_POLYGONS"].categories()] == ["not tree", "tree"]


def test_colours_of_sensor_combinations_differ():
    found = combinations(("rgb", "nir", "dsm", "sar"))
    assert len({color for _, color in found.values()}) == 15
    assert list(combinations(("rgb", "dsm"))) == [1, 4, 5]


def test_classes_of_a_result_follow_the_card(layers, tmp_path):
    layer = QgsRasterLayer(run(layers, tmp_path)["OUTPUT"])
    outputs.style(layer, "classes", make_card())
    assert [c.label for c in layer.renderer().classes()] == ["not tree", "tree"]


def test_checkinputs_reports(layers, tmp_path):
    page, log = tmp_path / "report.html", Log()
    found = processing.run("sgma:checkinputs", {**layers, "MODEL": "test-trees", "OUTPUT": str(page)}, feedback=log)
    assert (found["COVERAGE_RGB"], found["COVERAGE_SAR"]) == (100.0, 25.0)
    assert "RGB" in page.read_text(encoding="utf-8")
    assert any("surface height, m" in line for line in log.lines)
