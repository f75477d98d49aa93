"""The worker client against the real worker's echo job, and against a worker that misbehaves."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from plugin_support import FAKE, ROOT, EchoJob, gone

from sgma_qgis.model.contract import messages as m
from sgma_qgis.model.contract.errors import Cancelled, RuntimeUnavailable
from sgma_qgis.runtime.client import WorkerClient, _Tail, describe_exit


@pytest.fixture(scope="module")
def worker(runtime_python):
    client = WorkerClient(runtime_python)
    client.start()
    yield client
    client.close()
    assert gone(client.pid)


@pytest.fixture()
def own_worker(runtime_python):
    client = WorkerClient(runtime_python)
    client.start()
    yield client
    client.kill()
    assert gone(client.pid)


def go(client, job, stop=lambda: False, number="a1"):
    client.send(m.Run(number, asdict(job)))
    return list(client.events(number, stop))


def test_ready_names_versions_and_devices(worker):
    assert worker.ready.protocol == m.PROTOCOL
    assert worker.ready.versions["torch"]
    assert any(device.startswith("cpu") for device in worker.ready.devices)


def test_run_reports_progress_and_ends_with_done(worker):
    events = go(worker, EchoJob(sleep=0.12))
    assert isinstance(events[0], m.Started)
    progress = [event for event in events if isinstance(event, m.Progress)]
    assert progress[-1].done == progress[-1].total == 5
    assert events[-1].result == {"steps": 5}
    assert sum(isinstance(event, m.FINAL) for event in events) == 1


def test_job_after_job_in_one_worker(worker):
    assert [go(worker, EchoJob(1), number=f"n{i}")[-1].result["steps"] for i in range(3)] == [1, 1, 1]


def test_cancel_is_heard_within_a_step(worker):
    began = time.monotonic()
    events = go(worker, EchoJob(1000, 0.05), stop=lambda: True)
    assert isinstance(events[-1], m.CancelledEvent)
    assert time.monotonic() - began < 5
    assert worker.alive  # and can take the next job
    assert isinstance(go(worker, EchoJob(1))[-1], m.Done)


@pytest.mark.parametrize("code", ["bad_input", "unforeseen"])
def test_failure_is_not_a_crash(worker, code):
    event = go(worker, EchoJob(fail=code))[-1]
    assert isinstance(event, m.Failed)
    assert event.code == code
    assert worker.alive


def test_prints_of_libraries_do_not_reach_the_protocol(worker):
    events = go(worker, EchoJob(fail="print"))
    assert isinstance(events[-1], m.Done)
    assert sum(isinstance(event, m.Done) for event in events) == 1


def test_crash_is_told_with_the_last_words(own_worker):
    event = go(own_worker, EchoJob(fail="crash"))[-1]
    assert isinstance(event, m.Crashed)
    assert event.exit_code == -signal.SIGABRT
    assert "asked to crash" in event.stderr_tail
    assert not own_worker.alive


def test_killed_while_working_is_told_as_out_of_memory(own_worker):
    own_worker.send(m.Run("a1", asdict(EchoJob(1000, 0.05))))
    events = own_worker.events("a1", lambda: False)
    assert isinstance(next(events), m.Started)
    os.kill(own_worker.pid, signal.SIGKILL)
    last = list(events)[-1]
    assert isinstance(last, m.Crashed)
    assert "out of memory" in describe_exit(last.exit_code)


def test_run_on_a_dead_worker_ends_as_crashed(own_worker):
    own_worker.kill()
    assert isinstance(go(own_worker, EchoJob())[-1], m.Crashed)


def test_end_of_stdin_ends_a_working_worker(own_worker):
    own_worker.send(m.Run("a1", asdict(EchoJob(1000, 0.05))))
    next(own_worker.events("a1", lambda: False))
    own_worker._process.stdin.close()
    assert gone(own_worker.pid, 5)


def test_close_is_quick_and_can_be_repeated(runtime_python):
    client = WorkerClient(runtime_python)
    client.start()
    began = time.monotonic()
    client.close()
    client.close()
    assert time.monotonic() - began < 4
    assert gone(client.pid, 0.5)


def test_no_orphan_when_we_are_killed(runtime_python):
    """SIGKILL leaves no time for any clean-up of ours: the worker must end by itself."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sgma_qgis.runtime.client import WorkerClient\n"
        "from sgma_qgis.model.contract import messages as m\n"
        "client = WorkerClient(sys.argv[2]); client.start()\n"
        "client.send(m.Run('a1', {'kind': 'echo', 'steps': 10000, 'sleep': 0.05}))\n"
        "events = client.events('a1', lambda: False); next(events)\n"
        "print(client.pid, flush=True)\n"
        "list(events)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(ROOT), runtime_python], stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    assert not gone(pid, 0.2)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(pid, 10)


def test_no_orphan_when_we_simply_end(runtime_python):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sgma_qgis.runtime.client import WorkerClient\n"
        "client = WorkerClient(sys.argv[2]); client.start(); print(client.pid)\n"
    )
    out = subprocess.run([sys.executable, "-c", code, str(ROOT), runtime_python], stdout=subprocess.PIPE, timeout=60)
    assert out.returncode == 0
    assert gone(int(out.stdout), 0.5)


def test_own_session_so_that_ctrl_c_passes_the_worker_by(worker):
    assert os.getsid(worker.pid) == worker.pid


def test_our_worker_refuses_another_protocol_in_words(runtime_python, monkeypatch):
    monkeypatch.setattr(m, "Hello", lambda: m.Run("x", {}))
    with pytest.raises(RuntimeUnavailable, match="protocol"):
        WorkerClient(runtime_python).start()


def test_another_protocol_is_refused_in_words(monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_PROTOCOL", "7")
    client = WorkerClient(str(FAKE))
    with pytest.raises(RuntimeUnavailable, match="protocol 7"):
        client.start()
    assert gone(client.pid, 1)


def test_a_worker_that_dies_at_its_start_says_why(monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_START", "die")
    with pytest.raises(RuntimeUnavailable, match="No module named 'torch'"):
        WorkerClient(str(FAKE)).start()


def test_a_worker_that_lacks_a_package_says_which(monkeypatch):
    monkeypatch.setattr("sgma_qgis.runtime.environment.PACKAGES", ("json", "no_such_package"))
    with pytest.raises(RuntimeUnavailable) as caught:
        WorkerClient(sys.executable, root="/nowhere").start()
    assert caught.value.message == f"The runtime {sys.executable} lacks no_such_package."
    assert "requirements.txt" in caught.value.hint


def test_the_worker_works_in_our_own_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SGMA_DATA_DIR", "data é/sgma")
    client = WorkerClient(str(FAKE))
    client.start()
    assert Path(f"/proc/{client.pid}/cwd").resolve() == tmp_path / "data é" / "sgma"
    assert f"SGMA_DATA_DIR={tmp_path}/data é/sgma".encode() in Path(f"/proc/{client.pid}/environ").read_bytes()
    client.kill()
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "file" / "sgma"))
    with pytest.raises(RuntimeUnavailable, match="file/sgma cannot be made"):
        WorkerClient(str(FAKE)).start()


def test_a_worker_that_hangs_at_its_start_is_given_up_or_cancelled(monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_START", "hang")
    for arguments, error in (({"timeout_s": 0.5}, RuntimeUnavailable), ({"poll": lambda: True}, Cancelled)):
        client = WorkerClient(str(FAKE))
        with pytest.raises(error):
            client.start(**arguments)
        assert gone(client.pid, 1)


def test_floods_on_stdout_and_stderr_are_survived_and_bounded(monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_START", "wordy")
    client = WorkerClient(str(FAKE))
    client.start()
    assert isinstance(go(client, EchoJob(2))[-1], m.Done)
    assert len(client._tail.text()) <= 16 << 10
    client.close()


def test_a_deaf_worker_is_killed_after_the_grace(monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_DEAF", "1")
    client = WorkerClient(str(FAKE), cancel_grace_s=0.5)
    client.start()
    began = time.monotonic()
    events = go(client, EchoJob(1, sleep=60), stop=lambda: True)
    assert isinstance(events[-1], m.CancelledEvent)
    assert time.monotonic() - began < 8
    assert gone(client.pid, 1)


def test_a_program_that_is_no_python_is_refused(tmp_path):
    odd = tmp_path / "python"
    odd.write_text("not a program")
    odd.chmod(0o700)
    with pytest.raises(RuntimeUnavailable):
        WorkerClient(str(odd)).start()


def test_tail_keeps_the_end():
    tail = _Tail(10)
    for chunk in (b"aaaa", b"bbbb", b"cccc", b"d" * 50, b"ee"):
        tail.add(chunk)
    assert tail.text() == "d" * 8 + "ee"
