"""The packaged plugin in a real `qgis_process` of its own, with the real engine and a model of random weights."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from osgeo import gdal, ogr
from plugin_support import ROOT, gone

PROGRAM = next((p for p in ("/usr/bin/qgis_process.bin", "/usr/bin/qgis_process") if Path(p).exists()), None)
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="qgis_process is not installed")
MAKE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
random_model.make(Path(sys.argv[2]) / "data" / "models" / "random-four", tile=128)
write_scenes(Path(sys.argv[2]) / "Stadt mit ü", {"test": [3]}, 300, 0.5, JobFeedback("town", lambda event: None))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory, runtime_python):
    """A folder with the plugin as users have it, a model, a town; and a throw-away home."""
    folder = tmp_path_factory.mktemp("qgis")
    plugin = folder / "plugins" / "sgma_qgis"
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "sgma_qgis", plugin, ignore=ignore)
    for name in ("model", "resources"):
        shutil.copytree(ROOT / name, plugin / name, ignore=ignore)
    for name in ("metadata.txt", "LICENSE"):
        shutil.copy(ROOT / name, plugin)
    (folder / "home").mkdir()
    made = subprocess.run(
        [runtime_python, "-c", MAKE, str(ROOT), str(folder)],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    call(folder, runtime_python, "plugins", "enable", "sgma_qgis")
    return folder


def environment(place, python):
    return {
        **os.environ,
        "PATH": "/usr/bin:/bin",
        "HOME": str(place / "home"),
        "QGIS_PLUGINPATH": str(place / "plugins"),
        "QT_QPA_PLATFORM": "offscreen",
        "SGMA_DATA_DIR": str(place / "data"),
        "SGMA_RUNTIME_PYTHON": python,
    }


def call(place, python, *arguments):
    return subprocess.run(
        [PROGRAM, *arguments], env=environment(place, python), capture_output=True, text=True, timeout=300
    )


def slots(place, *names):
    return [f"--{name.upper()}={place}/Stadt mit ü/scene_3/{name}.tif" for name in names]


@pytest.fixture(scope="module")
def process(place, runtime_python):
    return lambda *arguments: call(place, runtime_python, *arguments)


def test_it_lists_our_algorithms(process):
    listed = process("list").stdout
    for name in ("segment", "checkinputs", "evaluate", "suggestlabels", "exporttrainingdata", "modelinfo"):
        assert f"sgma:{name}\t" in listed
    assert "dsm=ndsm" in process("help", "sgma:segment").stdout


def test_four_sensors_with_every_output(place, process):
    out = place / "Karte ä.tif"
    wanted = {"CONFIDENCE": "c.tif", "AVAILABILITY": "a.tif", "TRUST": "t.tif", "POLYGONS": "p.gpkg"}
    more = [f"--OUTPUT_{role}={place / name}" for role, name in wanted.items()]
    ran = process("run", "sgma:segment", *slots(place, "rgb", "nir", "dsm", "sar"), f"--OUTPUT={out}", *more)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"VALID_AREA_M2:\t2251\d", ran.stdout)
    data = gdal.Open(str(out))
    assert (data.RasterXSize, data.RasterYSize) == (300, 300)
    assert data.GetRasterBand(1).GetColorTable() is not None
    assert gdal.Open(str(place / "t.tif")).RasterCount == 4
    assert set(gdal.Open(str(place / "a.tif")).ReadAsArray().ravel().tolist()) == {15}
    assert ogr.Open(str(place / "p.gpkg")).GetLayer(0).GetFeatureCount() > 0
    assert json.loads((place / "Karte ä.run.json").read_text(encoding="utf-8"))


def test_one_sensor_alone(place, process):
    ran = process("run", "sgma:segment", *slots(place, "dsm"), f"--OUTPUT={place / 'dsm.tif'}")
    assert ran.returncode == 0, ran.stderr
    assert "DSM" in ran.stdout


def test_checkinputs(place, process):
    ran = process("run", "sgma:checkinputs", *slots(place, "rgb", "sar"), f"--OUTPUT={place / 'check.html'}")
    assert ran.returncode == 0, ran.stderr
    assert "COVERAGE_SAR:\t100" in ran.stdout
    assert "<table" in (place / "check.html").read_text(encoding="utf-8")


def test_where_to_label_next(place, process):
    ran = process("run", "sgma:suggestlabels", *slots(place, "rgb", "nir"), "--COUNT=2", f"--OUTPUT={place / 's.gpkg'}")
    assert ran.returncode == 0, ran.stderr
    assert '"rank": 2' in ran.stdout
    assert ogr.Open(str(place / "s.gpkg")).GetLayer(0).GetFeatureCount() == 2


def test_chips_and_mistakes(place, process):
    labels = f"{place}/Stadt mit ü/scene_3/truth.tif"
    more = [f"--LABELS={labels}", "--TILE_SIZE=64", f"--OUTPUT={place / 'chips'}"]
    ran = process("run", "sgma:exporttrainingdata", *slots(place, "rgb", "sar"), *more)
    assert ran.returncode == 0, ran.stderr
    areas = place / "chips" / "areas.gpkg"
    more = [f"--REFERENCE={labels}", f"--AREAS={areas}", "--ROLE=train", "--COMBINATIONS=current"]
    more += ['--CLASS_MAP={"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": "ignore"}']
    more += [f"--OUTPUT_REPORT={place / 'r.json'}", f"--OUTPUT_ERRORS={place / 'errors.tif'}"]
    ran = process("run", "sgma:evaluate", *slots(place, "rgb", "sar"), *more)
    assert ran.returncode == 0, ran.stderr
    assert json.loads((place / "r.json").read_text())["places"]
    assert gdal.Open(str(place / "errors.tif")).RasterCount == 3


def test_bad_input_fails_with_the_engine_s_words(place, process):
    ran = process("run", "sgma:segment", f"--RGB={place}/Stadt mit ü/scene_3/nir.tif", f"--OUTPUT={place / 'no.tif'}")
    assert ran.returncode != 0
    assert "3 bands" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (place / "no.tif").exists()


def fine_run(place, out):
    return "run", "sgma:segment", *slots(place, "rgb", "nir"), "--RESOLUTION=0.05", "--DEVICE=cpu", f"--OUTPUT={out}"


def begin(place, python, out):
    """Start a run that lasts some seconds and return it once a block is finished, with its worker's pid."""
    running = subprocess.Popen(
        [PROGRAM, *fine_run(place, out)],
        env=environment(place, python), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while len(list(out.with_name(out.name + ".part").glob("*.tif"))) < 1 and time.monotonic() < deadline:
        assert running.poll() is None, running.stderr.read().decode()
        time.sleep(0.05)
    children = Path(f"/proc/{running.pid}/task").glob("*/children")
    workers = [int(pid) for child in children for pid in child.read_text().split()]
    assert len(workers) == 1
    return running, workers[0]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_leaves_no_worker_and_continues(place, process, runtime_python, how):
    out = place / f"{how.name}.tif"
    running, worker = begin(place, runtime_python, out)
    os.killpg(running.pid, how)
    assert running.wait(40) != 0
    told = running.stderr.read().decode()
    running.stderr.close()
    assert gone(worker, 10)
    assert not out.exists()
    if how == signal.SIGINT:
        assert "Cancelled." in told
    again = process(
        "run", "sgma:segment", *slots(place, "rgb", "nir"), "--RESOLUTION=0.05", "--DEVICE=cpu", f"--OUTPUT={out}"
    )
    assert again.returncode == 0, again.stderr
    numbers = {name: int(value) for name, value in re.findall(r"(TILES_\w+):\t(\d+)", again.stdout)}
    assert numbers["TILES_RUN"] < numbers["TILES_TOTAL"]
    assert gdal.Open(str(out)) is not None
    assert not out.with_name(out.name + ".part").exists()
