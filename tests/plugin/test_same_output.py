"""One engine: Processing and the command line give the same bytes, on real layers and all combinations of sensors."""

import itertools
import json
import os
import subprocess
from pathlib import Path

import processing
import pytest
from osgeo import gdal
from plugin_support import ROOT
from qgis.core import QgsProcessingFeedback

KEYS = ("rgb", "nir", "dsm", "sar")
COMBINATIONS = [c for size in range(1, 5) for c in itertools.combinations(KEYS, size)]
#: Runs each list of arguments in one process.
COMMANDS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from sgma_qgis.model.__main__ import main
for argv in json.loads(sys.argv[2]):
    if main(argv):
        sys.exit(f"failed: {argv}")
"""
MAKE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model
random_model.make(Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory, runtime_python):
    """A model of random weights, made in the runtime."""
    folder = tmp_path_factory.mktemp("same") / "random"
    subprocess.run([runtime_python, "-c", MAKE, str(ROOT), str(folder)], check=True)
    return str(folder)


@pytest.fixture
def same(provider, real_python, model, tmp_path):
    """Run jobs both ways: same([{slot: (path, bands)}, ...]) compares every file of every job."""

    def compare(jobs):
        commands = []
        for number, layers in enumerate(jobs):
            command = ["segment", "--model", model]
            for key, (path, bands) in layers.items():
                command += [f"--{key}", str(path)] + ([f"--{key}-bands", bands] if bands else [])
            for role in ("output", "confidence", "availability", "trust"):
                command += [f"--{role}", str(tmp_path / f"cli_{number}_{role}.tif")]
            commands.append(command)
        subprocess.run(
            [real_python, "-c", COMMANDS, str(ROOT), json.dumps(commands)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ),
        )  # fmt: skip
        for number, layers in enumerate(jobs):
            given = {"MODEL": model, "OUTPUT": str(tmp_path / f"qgis_{number}_output.tif")}
            for role in ("confidence", "availability", "trust"):
                given[f"OUTPUT_{role.upper()}"] = str(tmp_path / f"qgis_{number}_{role}.tif")
            for key, (path, bands) in layers.items():
                given[key.upper()] = str(path)
                if bands:
                    given[f"{key.upper()}_BANDS"] = bands
            processing.run("sgma:segment", given, feedback=QgsProcessingFeedback(False))
            for role in ("output", "confidence", "availability", "trust"):
                ours, theirs = (tmp_path / f"{way}_{number}_{role}.tif" for way in ("qgis", "cli"))
                assert ours.read_bytes() == theirs.read_bytes(), (layers, role)
        return [tmp_path / f"qgis_{number}_output.tif" for number in range(len(jobs))]

    return compare


@pytest.fixture(scope="session")
def data():
    """The real test data."""
    folder = Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("shared test data is absent (SGMA_SHARED_DATA)")
    return folder


def test_all_combinations_of_four_sensors(same, data, tmp_path):
    copy = tmp_path / "in"
    copy.mkdir()
    for name in ("S2L2A", "S1RTC", "DEM"):  # opening a raster in QGIS may write beside it
        (copy / f"{name}.tif").write_bytes((data / "terramesh_4modal/433D_629L_3_1" / f"{name}.tif").read_bytes())
    layers = {
        "rgb": (copy / "S2L2A.tif", "4,3,2"),
        "nir": (copy / "S2L2A.tif", "8"),
        "dsm": (copy / "DEM.tif", ""),
        "sar": (copy / "S1RTC.tif", ""),
    }
    made = same([{key: layers[key] for key in keys} for keys in COMBINATIONS])
    assert len({path.read_bytes() for path in made}) == len(COMBINATIONS)


def test_layers_of_two_resolutions(same, data, tmp_path):
    copy = tmp_path / "in"
    copy.mkdir()
    source = data / "ign_rgbn_lidar/urban_77055_627760"
    for name in ("rgb", "nir", "dsm"):
        (copy / f"{name}.tif").write_bytes((source / f"{name}.tif").read_bytes())
    (made,) = same([{key: (copy / f"{key}.tif", "") for key in ("rgb", "nir", "dsm")}])
    raster = gdal.Open(str(made))
    assert (raster.RasterXSize, raster.RasterYSize) == (252, 252)
    assert raster.GetGeoTransform()[1] == pytest.approx(0.2)
    band = raster.GetRasterBand(1)
    assert band.GetNoDataValue() == 255
    assert band.GetCategoryNames() == ["street", "building", "tree", "grass", "water"]
    assert band.GetColorTable().GetColorEntry(2)[:3] == (0x11, 0x77, 0x33)
