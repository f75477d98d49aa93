"""The provider and what its algorithms promise: fixed names, help, icons, words when something is missing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import processing
import pytest
from plugin_support import ROOT
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
)
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QImage

NAMES = [
    "checkinputs",
    "environment",
    "evaluate",
    "exporttrainingdata",
    "finetune",
    "modelinfo",
    "segment",
    "segmentfromstrokes",
    "suggestlabels",
    "vectorize",
]
INPUTS = ["RGB", "NIR", "DSM", "SAR", "MODEL", "EXTENT", "MASK", "TARGET_CRS", "RESOLUTION"]
READING = ["RGB_BANDS", "NIR_BANDS", "DSM_BANDS", "SAR_BANDS", "UNITS", "NODATA"]
RUNNING = ["TILE", "OVERLAP", "BATCH", "DEVICE", "PRECISION", "THREADS", "RESUME", "MIN_AREA", "SIMPLIFY"]
OUTPUTS = ["OUTPUT", "OUTPUT_CONFIDENCE", "OUTPUT_AVAILABILITY", "OUTPUT_TRUST", "OUTPUT_POLYGONS"]
#: Modules of ours that are loaded when QGIS starts: what says which algorithms there are, and what they take.
AT_START = {
    *("htmlpage", "i18n", "icons", "language", "model", "model.contract", "plugin", "processing", "settings"),
    *(f"model.contract.{name}" for name in ("card", "choices", "colors", "errors", "modality", "option_text", "store")),
    *(f"processing.{name}" for name in ("definitions", "labels", "options", "parameters", "provider", "results")),
    *(f"processing.{name}" for name in NAMES),
}
#: And in QGIS's window, while the dock is closed.
IN_WINDOW = {"gui", "gui.dock", "gui.settings_factory", "gui.window"}


def algorithm(name):
    return QgsApplication.processingRegistry().createAlgorithmById(f"sgma:{name}")


def test_algorithms_are_listed(provider):
    assert sorted(a.name() for a in provider.algorithms()) == NAMES
    assert provider.id() == "sgma"
    assert not provider.icon().isNull()


@pytest.mark.parametrize("name", NAMES)
def test_every_algorithm_explains_itself(provider, data_dir, name):
    alg = algorithm(name)
    assert len(alg.shortHelpString()) > 100
    assert alg.icon().availableSizes() or not alg.icon().isNull()
    assert alg.tags()
    assert not alg.flags() & QgsProcessingAlgorithm.Flag.FlagNoThreading
    destinations = {*OUTPUTS, "OUTPUT_REPORT"}
    for parameter in alg.parameterDefinitions():
        assert parameter.help() or parameter.name() in destinations, parameter.name()


PICTURED = ["evaluate", "exporttrainingdata", "finetune", "segment", "segmentfromstrokes", "suggestlabels"]


@pytest.mark.parametrize("name", PICTURED)
def test_in_a_window_help_has_a_picture(provider, data_dir, name, monkeypatch):
    monkeypatch.setattr("qgis.utils.iface", None)
    plain = algorithm(name).shortHelpString()
    assert "<img" not in plain  # qgis_process prints it as it is
    monkeypatch.setattr("qgis.utils.iface", object())
    shown = algorithm(name).shortHelpString()
    assert shown.endswith(plain)
    path = QUrl(re.search('<img src="(.*)">', shown)[1]).toLocalFile()
    picture = QImage(path)
    assert 200 < picture.width() <= 220 and Path(path).stat().st_size < 60_000


def test_segment_parameters_and_outputs_are_fixed(provider, data_dir):
    alg = algorithm("segment")
    definitions = {p.name(): p for p in alg.parameterDefinitions()}
    assert list(definitions) == INPUTS + READING + RUNNING + OUTPUTS
    advanced = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    assert [name for name, p in definitions.items() if p.flags() & advanced] == READING + RUNNING
    optional = QgsProcessingParameterDefinition.Flag.FlagOptional
    assert {n for n in INPUTS + OUTPUTS if not definitions[n].flags() & optional} == {"MODEL", "OUTPUT"}
    assert not any(definitions[name].createByDefault() for name in OUTPUTS[1:])
    assert definitions["MODEL"].defaultValue() == "test-trees"
    assert "Trees &lt;for tests&gt; é" in definitions["MODEL"].help()
    outputs = {o.name() for o in alg.outputDefinitions()}
    assert outputs == {*OUTPUTS, "TILES_TOTAL", "TILES_RUN", "VALID_AREA_M2"}


def test_without_a_runtime_it_says_what_to_do(provider, data_dir, monkeypatch):
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", "/nowhere/python")
    for name in set(NAMES) - {"modelinfo", "environment"}:
        can, words = algorithm(name).canExecute()
        assert not can
        assert "/nowhere/python" in words
        assert "SGMA_RUNTIME_PYTHON" in words
    assert algorithm("modelinfo").canExecute()[0]


def test_other_file_types_are_refused_by_name(provider, data_dir, layers, tmp_path):
    context = QgsProcessingContext()
    alg = algorithm("segment")
    good = {"RGB": layers["RGB"], "MODEL": "test-trees", "OUTPUT": str(tmp_path / "a.tif")}
    assert alg.checkParameterValues(good, context)[0]
    for changes, words in (
        ({"OUTPUT": str(tmp_path / "a.png")}, "GeoTIFF"),
        ({"OUTPUT_TRUST": str(tmp_path / "a.jp2")}, "OUTPUT_TRUST"),
        ({"OUTPUT_POLYGONS": str(tmp_path / "a.shp")}, "GeoPackage"),
    ):
        fine, why = alg.checkParameterValues({**good, **changes}, context)
        assert not fine
        assert words in why


def test_modelinfo_shows_the_card(provider, data_dir, tmp_path):
    page = tmp_path / "page.html"
    found = processing.run("sgma:modelinfo", {"MODEL": "test-trees", "OUTPUT": str(page)})
    assert json.loads(found["CARD"])["id"] == "test-trees"
    html = page.read_text(encoding="utf-8")
    assert "Trees &lt;for tests&gt; é" in html
    assert "RGB + NIR" in html and "<td>0.71</td>" in html


def test_modelinfo_warns_of_what_the_card_does(provider, data_dir, tmp_path):
    told, page = QgsProcessingFeedback(), tmp_path / "page.html"
    processing.run("sgma:modelinfo", {"MODEL": "town-demo", "OUTPUT": str(page)}, feedback=told)
    assert "Trained on generated towns, not on pictures of the world" in told.htmlLog()
    assert "⚠ Trained on generated towns" in page.read_text(encoding="utf-8")


def test_modelinfo_lists_what_is_installed(provider, data_dir):
    found = processing.run("sgma:modelinfo", {"MODEL": "", "OUTPUT": "TEMPORARY_OUTPUT"})
    assert "test-trees" in [card["id"] for card in json.loads(found["CARD"])]
    assert Path(found["OUTPUT"]).exists()


def test_modelinfo_of_an_unknown_model_names_the_known(provider, data_dir):
    with pytest.raises(QgsProcessingException, match="test-trees"):
        processing.run("sgma:modelinfo", {"MODEL": "no-such", "OUTPUT": "TEMPORARY_OUTPUT"})


def widget(algorithm, parameter):
    """The entry field of a parameter; the algorithm must outlive it."""
    from processing.gui.wrappers import WidgetWrapperFactory

    class BatchDialog:
        """Any of the dialogs that Processing's wrappers know by class name."""

    definition = algorithm.parameterDefinition(parameter)
    return WidgetWrapperFactory.create_wrapper_from_metadata(definition, BatchDialog(), 0, 0)


def test_the_model_can_be_chosen_or_typed(provider, data_dir):
    alg = algorithm("segment")
    wrapper = widget(alg, "MODEL")
    assert wrapper.widget.itemText(0) == wrapper.value() == "test-trees"
    wrapper.setValue("/some where/model.sgma")
    assert wrapper.value() == "/some where/model.sgma"


def test_model_information_begins_with_the_list_of_all(provider, data_dir):
    alg = algorithm("modelinfo")
    wrapper = widget(alg, "MODEL")
    assert wrapper.widget.itemText(0) == "test-trees"
    assert wrapper.value() == ""


def test_any_device_can_be_named(provider, data_dir):
    alg = algorithm("segment")
    wrapper = widget(alg, "DEVICE")
    assert [wrapper.widget.itemText(i) for i in range(wrapper.widget.count())] == ["auto", "cpu", "cuda", "mps"]
    assert wrapper.value() == "auto"
    for name in ("auto", "cpu", "cuda", "mps", "cuda:1"):
        assert alg.parameterDefinition("DEVICE").checkValueIsAcceptable(name)


def test_a_relative_model_path_is_read_where_the_script_runs(provider, data_dir, tmp_path, monkeypatch):
    monkeypatch.chdir(data_dir)
    found = processing.run("sgma:modelinfo", {"MODEL": "models/test-trees"})
    assert json.loads(found["CARD"])["id"] == "test-trees"


STARTS = """
import sys
from qgis.core import QgsApplication
application = QgsApplication([], True)
application.initQgis()
from gui_support import Iface
iface = Iface() if sys.argv[1] == "window" else None
before = set(sys.modules)
import sgma_qgis
plugin = sgma_qgis.classFactory(iface)
plugin.initGui() if iface else plugin.initProcessing()
application.processEvents()
print("loaded", len(plugin.provider.algorithms()), *sorted(set(sys.modules) - before), flush=True)
plugin.unload()
print("unloaded", *[name for name in sys.modules if name.startswith("sgma_qgis.gui.")], flush=True)
"""


@pytest.mark.parametrize(("where", "shown"), [("process", set()), ("window", IN_WINDOW)])
def test_little_is_loaded_when_qgis_starts(where, shown, data_dir):
    """QGIS waits for its plugins when it starts: what reads, runs and shows is loaded when it is first needed."""
    run = subprocess.run(
        [sys.executable, "-c", STARTS, where],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = {line.split()[0]: line.split()[1:] for line in run.stdout.splitlines() if "loaded" in line}
    count, *loaded = lines["loaded"]
    assert int(count) == len(NAMES)
    ours = {name.partition(".")[2] for name in loaded if name.startswith("sgma_qgis.")}
    assert ours == AT_START | shown
    assert not {"hashlib", "subprocess", "zipfile"} & set(loaded)
    assert {name.partition(".")[2] for name in lines["unloaded"]} == shown - {"gui"}  # not to be taken away, either


def test_a_plugin_can_be_unloaded_and_loaded_again(provider, data_dir, fake_python, monkeypatch):
    from plugin_support import EchoJob, Recorder

    from sgma_qgis import classFactory, service

    monkeypatch.setattr("sgma_qgis.processing.provider.SgmaProvider.id", lambda self: "sgma_again")
    for _ in range(2):
        plugin = classFactory(None)
        plugin.initGui()
        assert service.run(EchoJob(1), Recorder()) == {"steps": 1}
        plugin.unload()
        assert QgsApplication.processingRegistry().providerById("sgma_again") is None
