"""Faults provoked for real: reads that hang, memory that runs out, backends that cannot work, runs that are killed."""

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import rasters
import torch

from sgma_qgis.model.contract.errors import Cancelled, InputLost
from sgma_qgis.model.contract.job import Options, Outputs, SegmentJob, Source
from sgma_qgis.model.data.grid import Tile, Window
from sgma_qgis.model.engine import reading, writing
from sgma_qgis.model.engine.runner import Runner
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.engine.workload import BackendFailed, Batch, OutOfMemory
from sgma_qgis.model.feedback import JobFeedback

ROOT = Path(__file__).resolve().parents[2]
posix = pytest.mark.skipif(os.name != "posix", reason="needs named pipes, limits or fork")


class Hanging(JobFeedback):
    """Puts a named pipe that nobody writes in a file's place once the run has planned: opening it never returns."""

    def __init__(self, path):
        super().__init__("test", lambda event: None)
        self.path = path

    def progress(self, stage, done, total):
        super().progress(stage, done, total)
        if stage == "prepare" and done == total:
            self.path.unlink()
            os.mkfifo(self.path)


@posix
@pytest.mark.parametrize("cancel", [False, True])
def test_a_read_that_never_returns_ends_the_run(tmp_path, model, monkeypatch, cancel):
    monkeypatch.setattr(reading, "SLOW_S", 0.2)
    monkeypatch.setattr(reading, "STALLED_S", 60 if cancel else 0.6)
    monkeypatch.setattr(reading, "_PATIENCE_S", 0.1)
    rgb = rasters.rgb(tmp_path / "rgb.tif", 300, 300)
    feedback = Hanging(rgb)
    if cancel:
        threading.Timer(1.0, feedback.cancel).start()
    job = SegmentJob((Source("rgb", str(rgb)),), model, Outputs(str(tmp_path / "map.tif")))
    began = time.monotonic()
    with pytest.raises(Cancelled if cancel else InputLost):
        segment(job, feedback)
    assert time.monotonic() - began < 10
    assert any("drive slow" in text for text in feedback.warnings)
    assert not (tmp_path / "map.tif").exists()
    writer = os.open(rgb, os.O_WRONLY | os.O_NONBLOCK)  # lets the reader's thread go
    os.close(writer)


def test_a_pause_is_no_stall(monkeypatch):
    """Neither while a tile is waited for nor while a block is: both come after the run goes on."""
    monkeypatch.setattr(reading, "STALLED_S", 1.0)
    monkeypatch.setattr(writing, "STALLED_S", 1.0)
    feedback = JobFeedback("test", lambda event: None)

    def paused_for_long(then):
        feedback.pause()
        threading.Timer(1.5, feedback.resume).start()
        threading.Timer(1.8, then).start()

    answer = reading._Answer(Tile(0, 0, Window(0, 0, 64, 64)))
    paused_for_long(answer.done.set)
    assert reading.TileReader(None, 0, feedback)._await(answer) is None
    written = threading.Event()
    with writing.BlockWriter(feedback.check) as writer:
        writer.put(written.wait)
        paused_for_long(written.set)
        writer.finish()


SCARCE = """
import resource, sys
sys.path[:0] = [sys.argv[1]]
import numpy as np, torch
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.engine.runner import Runner
from sgma_qgis.model.engine.workload import Batch, Workload
from sgma_qgis.model.feedback import JobFeedback

torch.set_num_threads(1)
line = (np.ones(3, np.float32), np.zeros(3, np.float32))
side = (256, 256)
work = Workload(find(sys.argv[2]), side, {"rgb": np.dtype("uint8")}, {"rgb": line}, np.ones(side, np.float32), False, 1)
feedback = JobFeedback("scarce", lambda event: None)
cpu = torch.device("cpu")
runner = Runner(work, cpu, backend="torch", precision="auto", any_device=False, feedback=feedback)
pixels = np.random.default_rng(0).integers(0, 255, (64, 3, *side), dtype=np.uint8)
batch = Batch({"rgb": pixels}, np.ones((64, 1, *side), bool))
expected = torch.cat([runner.submit(batch.part(i, i + 1)).result() for i in range(64)])
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (700 << 20),) * 2)
out = runner.submit(batch).result()
assert (out.argmax(1) == expected.argmax(1)).float().mean() > 0.999
print(runner.batch, runner.used, *feedback.warnings, sep="|")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_memory_that_runs_out_halves_the_batch(model):
    command = [sys.executable, "-c", SCARCE, str(ROOT), model]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    batch, used, *warnings = done.stdout.strip().split("|")
    assert 0 < int(batch) < 64
    assert used == "['torch']"
    assert all("tiles at a time" in text for text in warnings)


@pytest.mark.every_backend
def test_a_backend_that_cannot_work_hands_over_with_a_warning(tmp_path, model, monkeypatch):
    """OpenVINO has nowhere to keep its converted network: the data folder is a file."""
    (tmp_path / "data").write_text("not a folder")
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    rgb = rasters.rgb(tmp_path / "rgb.tif", 100, 100)
    outputs = Outputs(str(tmp_path / "map.tif"))
    job = SegmentJob((Source("rgb", str(rgb)),), model, outputs, options=Options(threads=2))
    result = segment(job, JobFeedback("test", lambda event: None))
    assert result.backend == "openvino then torch"
    assert torch.get_num_threads() == 2  # OpenVINO had taken all but one from torch
    assert any("Going on with torch" in text for text in result.warnings)
    with pytest.raises(BackendFailed, match="cannot be kept"):
        asked = SegmentJob(job.sources, model, job.outputs, options=Options(backend="openvino"))
        segment(asked, JobFeedback("test", lambda event: None))


class _Failing:
    """A backend whose device is lost after so many batches."""

    name, precision, in_flight, batch = "failing", "fp32", 1, 4

    def __init__(self, kind, good):
        self.device, self.good, self.error = torch.device(kind), good, BackendFailed("The device is gone.")

    def submit(self, batch):
        if len(batch) > 2:
            raise OutOfMemory("Too much at once.")
        self.good -= 1
        if self.good < 0:
            raise self.error
        return _Result(batch)


class _Result:
    def __init__(self, batch):
        self.batch = batch

    def result(self):
        return torch.from_numpy(self.batch.inputs["rgb"])


class _Steady(_Failing):
    def __init__(self):
        super().__init__("cpu", 10**9)


def test_runner_fails_over_on_a_processor_and_stops_when_a_gpu_is_lost(monkeypatch):
    def runner(kind):
        rows = [
            type("Row", (), {"name": "first", "devices": (kind,), "open": staticmethod(lambda *_: _Failing(kind, 3))}),
            type("Row", (), {"name": "second", "devices": ("cpu",), "open": staticmethod(lambda *_: _Steady())}),
        ]
        monkeypatch.setattr("sgma_qgis.model.engine.runner.BACKENDS", rows)
        feedback = JobFeedback("test", lambda event: None)
        options = {"backend": "auto", "precision": "auto", "any_device": True}
        return Runner(None, torch.device(kind), feedback=feedback, **options), feedback

    batch = Batch({"rgb": np.arange(16, dtype=np.float32).reshape(4, 1, 2, 2)}, np.ones((4, 1, 2, 2), bool))
    on_cpu, feedback = runner("cpu")
    for _ in range(3):
        assert torch.equal(on_cpu.submit(batch).result(), torch.from_numpy(batch.inputs["rgb"]))
    assert on_cpu.batch == 2
    assert on_cpu.used == ["first", "second"]
    assert len(feedback.warnings) == 2  # halved, handed over; halved again in the same words, which are told once
    on_gpu, _ = runner("meta")
    on_gpu.submit(batch).result()
    with pytest.raises(BackendFailed, match="continues where it stopped"):
        on_gpu.submit(batch).result()


KILLED_RUN = """
import os, sys
sys.path[:0] = [sys.argv[1]]
from sgma_qgis.model.__main__ import main
import sgma_qgis.model.engine.segment
from sgma_qgis.model.data import geotiff
from sgma_qgis.model.engine import layout
geotiff.BLOCK, geotiff._OVERVIEW_BLOCK, layout.BLOCK, layout.BLOCK_WIDTH = 64, 32, 64, 256  # many blocks
while line := sys.stdin.readline():  # a child a run: the imports are paid once
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        os._exit(main(line.split()))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@posix
def test_runs_killed_at_random_moments_end_in_the_same_bytes(tmp_path, model):
    """20 runs killed with SIGKILL, each continued to its end."""
    rgb = rasters.rgb(tmp_path / "rgb.tif", 700, 500)
    nir = rasters.write(tmp_path / "nir.tif", np.tile(np.arange(250, dtype=np.uint8), (350, 1)), res=1.0)
    layers = f"--rgb {rgb} --nir {nir} --backend torch --threads 1"
    server = subprocess.Popen(
        [sys.executable, "-c", KILLED_RUN, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def run(out, kill_after=None):
        line = f"segment --model {model} {layers} --output {out} --confidence {out}.c.tif --polygons {out}.gpkg"
        server.stdin.write(line + "\n")
        server.stdin.flush()
        child, began = int(server.stdout.readline()), time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)
        return int(server.stdout.readline()), time.monotonic() - began

    try:
        whole = tmp_path / "whole.tif"
        code, seconds = run(whole)
        assert code == 0
        chance = random.Random(3)
        killed = 0
        for number in range(60):
            out = tmp_path / f"map{number}.tif"
            code, _ = run(out, chance.uniform(0, seconds))
            assert code == -signal.SIGKILL or out.exists()
            killed += code == -signal.SIGKILL
            code, seconds = run(out)
            assert code == 0
            for suffix in ("", ".c.tif"):
                ends = [hashlib.sha256(Path(f"{path}{suffix}").read_bytes()).digest() for path in (whole, out)]
                assert ends[0] == ends[1], f"run {number}"
            assert not Path(f"{out}.part").exists()
            if killed == 20:
                break
        assert killed == 20
    finally:
        server.stdin.close()
        server.wait(10)
