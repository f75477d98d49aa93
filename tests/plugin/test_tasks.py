"""Jobs as QGIS tasks: what they tell, where, and that nothing survives QGIS."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from plugin_support import ROOT, EchoJob, gone
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QCoreApplication

from sgma_qgis import service, tasks
from sgma_qgis.model.contract.errors import BadInput, Cancelled, WorkerCrashed, WorkerFailed

pytestmark = pytest.mark.usefixtures("qgis_app")


@pytest.fixture(scope="module")
def warm(runtime_python):
    """The real runtime; its workers stay warm from test to test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGMA_RUNTIME_PYTHON", runtime_python)
        yield
    service.shutdown()


class Heard:
    """Every signal of a task, and the threads they came in."""

    def __init__(self, task):
        self.task, self.all, self.threads = task, [], set()
        for name in ("progressed", "logged", "block", "succeeded", "failed"):
            getattr(task, name).connect(lambda *values, name=name: self.hear(name, values))

    def hear(self, name, values):
        self.all.append((name, values))
        self.threads.add(threading.current_thread())

    def names(self):
        return [name for name, _ in self.all]

    def last(self, seconds=30):
        """Wait for the end, as QGIS's event loop does; return its signal's name and value."""
        until(lambda: self.all and self.all[-1][0] in ("succeeded", "failed"), seconds)
        name, values = self.all[-1]
        return name, values[0]


def until(true, seconds=30):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        QCoreApplication.processEvents()
        time.sleep(0.01)


def test_a_run_tells_progress_and_its_result_on_the_main_thread(warm):
    heard = Heard(tasks.run_task("Echo", EchoJob(fail="warn")))
    assert heard.task in QgsApplication.taskManager().tasks()
    assert heard.last(60) == ("succeeded", {"steps": 5})
    assert heard.threads == {threading.main_thread()}
    assert "progressed" in heard.names()
    assert heard.task.warnings == ["Echo was asked to warn."]
    assert heard.names().count("succeeded") + heard.names().count("failed") == 1
    assert tasks.active() == []


def test_blocks_and_progress_of_a_map(fake_python, tmp_path):
    from sgma_qgis.model.contract.job import Outputs, SegmentJob, Source

    job = SegmentJob((Source("rgb", "a.tif"),), "m", Outputs(str(tmp_path / "map.tif")))
    heard = Heard(tasks.run_task("Map", job))
    name, result = heard.last()
    assert (name, result["tiles_total"]) == ("succeeded", 4)
    texts = [values[1] for name, values in heard.all if name == "progressed"]
    assert "Segmenting: 3 of 4 tiles, 3.1 tiles/s, 9 s left" in texts


@pytest.mark.parametrize(("fail", "kind"), [("bad_input", WorkerFailed), ("crash", WorkerCrashed)])
def test_failures_are_told(warm, fail, kind):
    name, error = Heard(tasks.run_task("Echo", EchoJob(fail=fail))).last(60)
    assert (name, type(error)) == ("failed", kind)


def test_an_error_in_the_work_is_told_not_raised():
    def work(feedback):
        raise BadInput("No.", "Yes.")

    name, error = Heard(tasks.start(tasks.Task("Bad", work))).last()
    assert (name, str(error)) == ("failed", "No.\nYes.")


def test_cancel_stops_the_worker_s_job(warm):
    heard = Heard(tasks.run_task("Long", EchoJob(10_000, 0.05)))
    until(lambda: service.workers()["run"] == "busy")
    heard.task.cancel()
    name, error = heard.last()
    assert (name, type(error)) == ("failed", Cancelled)
    assert service.workers()["run"] == "ready"


def test_runs_queue_and_say_where(warm):
    first = Heard(tasks.run_task("First", EchoJob(10_000, 0.05)))
    until(lambda: service.workers()["run"] == "busy")
    second = Heard(tasks.Task("Second", lambda feedback: service.run(EchoJob(2, 0.0), feedback)))
    tasks.start(second.task)  # now: it says once how long the queue is
    until(lambda: ("progressed", (0.0, "Waiting: 1 job before this one")) in second.all)
    assert second.names().count("succeeded") == 0
    first.task.cancel()
    assert second.last() == ("succeeded", {"steps": 2})
    assert type(first.last()[1]) is Cancelled


def test_a_newer_preview_cancels_the_older(warm):
    first = Heard(tasks.interact_task("Preview", EchoJob(10_000, 0.05)))
    until(lambda: service.workers()["interactive"] == "busy")
    second = Heard(tasks.interact_task("Preview", EchoJob(2, 0.0)))
    assert second.last() == ("succeeded", {"steps": 2})
    assert type(first.last()[1]) is Cancelled


def test_unloading_in_the_middle_leaves_nothing(warm):
    heard = [
        Heard(tasks.run_task("Run", EchoJob(10_000, 0.05))),
        Heard(tasks.run_task("Waits", EchoJob(10_000, 0.05))),
        Heard(tasks.interact_task("Preview", EchoJob(10_000, 0.05))),
    ]
    until(lambda: list(service.workers().values()) == ["busy", "busy"])
    pids = [worker._client.pid for worker in (service._run_worker, service._interactive)]
    before = [len(one.all) for one in heard]
    tasks.shutdown()
    assert all(gone(pid, 1) for pid in pids)
    until(lambda: not tasks.active())
    for one, count in zip(heard, before):
        told = one.names()[count:]
        assert "succeeded" not in told
        assert "failed" not in told
    assert Heard(tasks.run_task("Again", EchoJob(1))).last(60)[0] == "succeeded"


def test_an_orderly_job_ends_its_step_before_its_worker_is_ended(warm, monkeypatch):
    heard = Heard(tasks.run_task("Train", EchoJob(10_000, 0.05)))
    heard.task.orderly = True
    until(lambda: service.workers()["run"] == "busy")
    states, shutdown = [], service.shutdown
    monkeypatch.setattr(service, "shutdown", lambda: (states.append(service.workers()["run"]), shutdown()))
    tasks.shutdown()
    assert states == ["ready"] and "failed" not in heard.names()
    until(lambda: not tasks.active())


def test_a_step_without_end_holds_nobody_up_for_long(monkeypatch):
    monkeypatch.setattr(tasks, "STEP_S", 0.2)
    monkeypatch.setattr(tasks, "SHUTDOWN_S", 0.2)
    begun, over = threading.Event(), threading.Event()
    task = tasks.start(tasks.Task("Deaf", lambda feedback: (begun.set(), over.wait(20))))
    task.orderly = True
    until(begun.is_set)
    before = time.monotonic()
    tasks.shutdown()
    assert 0.3 < time.monotonic() - before < 5
    over.set()
    until(lambda: not tasks.active())


def test_closing_the_project_lets_a_run_go_on(warm):
    heard = Heard(tasks.run_task("Run", EchoJob(20, 0.05)))
    until(lambda: service.workers()["run"] == "busy")
    QgsProject.instance().clear()
    assert heard.last() == ("succeeded", {"steps": 20})


QUIT = """
import sys
sys.path[:0] = sys.argv[1:3]
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication
app = QgsApplication([], False)
app.initQgis()
from plugin_support import EchoJob
from sgma_qgis import service, tasks
from sgma_qgis.plugin import SgmaPlugin
plugin = SgmaPlugin()
plugin.initProcessing()
tasks.run_task("Run", EchoJob(10_000, 0.05))
tasks.interact_task("Preview", EchoJob(10_000, 0.05))
while list(service.workers().values()) != ["busy", "busy"]:
    QCoreApplication.processEvents()
print(service._run_worker._client.pid, service._interactive._client.pid, flush=True)
if sys.argv[3] == "unload":
    plugin.unload()
    app.exitQgis()
elif sys.argv[3] == "exit":
    QgsApplication.taskManager().cancelAll()
    app.exitQgis()
else:
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("how", ["unload", "exit", "kill"])
def test_quitting_in_the_middle_leaves_no_worker(real_python, how):
    argv = [sys.executable, "-c", QUIT, str(ROOT), str(Path(__file__).parent), how]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=90)
    assert ran.returncode == (-9 if how == "kill" else 0), ran.stderr
    pids = ran.stdout.split()
    assert len(pids) == 2
    assert all(gone(int(pid), 5) for pid in pids)
