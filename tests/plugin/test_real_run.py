"""Runs of the real engine through service and Processing, with a model of random weights and a generated town."""

import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import processing
import pytest
from plugin_support import ROOT, Recorder, gone
from qgis.core import QgsProcessingFeedback

from sgma_qgis import service
from sgma_qgis.model.contract.errors import WorkerCrashed
from sgma_qgis.model.contract.job import Options, Outputs, SegmentJob, Source

MAKE = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/tests/assets"]
import random_model
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
random_model.make(Path(sys.argv[2]) / "model", tile=128)
write_scenes(Path(sys.argv[2]) / "town", {"test": [3]}, 300, 0.5, JobFeedback("town", lambda event: None))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory, runtime_python):
    """A folder with `model` and `town/scene_3`."""
    folder = tmp_path_factory.mktemp("real")
    subprocess.run([runtime_python, "-c", MAKE, str(ROOT), str(folder)], check=True)
    return folder


def by_us(pid):
    os.kill(pid, signal.SIGKILL)


def by_the_kernel(pid):
    """A limit that is passed already: the kernel ends the process as it does when memory runs out."""
    resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kill", [by_us, by_the_kernel])
def test_a_worker_killed_in_the_middle_leaves_no_result_and_the_run_continues(real_python, made, tmp_path, kill):
    class Killer(Recorder):
        """Kills the worker when the first block is finished, after writing where it writes its errors."""

        def block(self, path, window):
            super().block(path, window)
            self.pid = service._run_worker._client.pid
            errors = os.open(f"/proc/{self.pid}/fd/2", os.O_WRONLY)
            os.write(errors, b"the last words\n")
            os.close(errors)
            kill(self.pid)

    out = tmp_path / "map.tif"
    sources = tuple(Source(key, str(made / f"town/scene_3/{key}.tif")) for key in ("rgb", "nir"))
    outputs = Outputs(str(out), confidence=str(tmp_path / "confidence.tif"), polygons=str(tmp_path / "polygons.gpkg"))
    job = SegmentJob(sources, str(made / "model"), outputs, options=Options(resolution=0.1, device="cpu"))
    feedback = Killer()
    with pytest.raises(WorkerCrashed, match="out of memory"):
        service.run(job, feedback, continues=True)
    assert any(level == "error" and "the last words" in text for level, text in feedback.logs)
    assert gone(feedback.pid, 5)
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == {"map.tif.part"}

    again = Recorder()
    service.run(job, again)
    assert any(text.startswith("Continuing an interrupted run: ") for _, text in again.logs)
    assert again.fractions == sorted(again.fractions)
    assert out.exists()
    assert not (tmp_path / "map.tif.part").exists()


def test_inputs_stay_as_they_are(provider, real_python, made, tmp_path):
    folder = tmp_path / "in"
    shutil.copytree(made / "town" / "scene_3", folder)

    def state():
        return {
            path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in folder.iterdir()
        }

    before = state()
    given = {key.upper(): str(folder / f"{key}.tif") for key in ("rgb", "nir", "dsm", "sar")}
    given.update(MODEL=str(made / "model"), OUTPUT_POLYGONS=str(tmp_path / "polygons.gpkg"))
    found = processing.run(
        "sgma:segment", {**given, "OUTPUT": str(tmp_path / "map.tif")}, feedback=QgsProcessingFeedback(False)
    )
    assert Path(found["OUTPUT"]).exists()
    after = state()
    assert {name: after[name] for name in before} == before
    assert all(name.endswith(".aux.xml") for name in set(after) - set(before))  # QGIS's statistics
