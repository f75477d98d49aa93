"""The worker process over real pipes: greeting, endings, noise, orphans."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BOOT = "import sys; sys.path.append(sys.argv[1]); from sgma_qgis.model.worker import main; sys.exit(main())"
HELLO = {"type": "hello", "protocol": 1}


class Pipes:
    """A worker and line-wise JSON to and from it."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", BOOT, str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def send(self, *requests):
        for request in requests:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()

    def until(self, *types):
        """Return the events up to the first of these types; every line on stdout must be an event."""
        events = []
        for line in self.process.stdout:
            events.append(json.loads(line))
            if events[-1]["type"] in types:
                return events
        raise AssertionError(f"worker ended after {events}")

    def end(self):
        """Close stdin and return the exit code."""
        self.process.stdin.close()
        return self.process.wait(10)


@pytest.fixture
def pipes():
    worker = Pipes()
    yield worker
    worker.process.kill()
    worker.process.wait()
    for pipe in (worker.process.stdin, worker.process.stdout, worker.process.stderr):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def echo(job_id, **job):
    return {"type": "run", "id": job_id, "job": {"kind": "echo", **job}}


def test_ready_names_versions_devices_and_models(pipes):
    pipes.send(HELLO)
    ready = pipes.until("ready")[0]
    assert ready["protocol"] == 1
    assert {"torch", "rasterio", "python"} <= set(ready["versions"])
    assert any(device.startswith("cpu") for device in ready["devices"])


@pytest.mark.parametrize("hello", [{"type": "hello", "protocol": 99}, {"type": "quit"}])
def test_other_protocol_is_refused_in_words(pipes, hello):
    pipes.send(hello)
    failed = pipes.until("failed")[0]
    assert failed["code"] == "protocol"
    assert "Update" in failed["hint"]
    assert pipes.process.wait(10) == 1


def test_one_ending_for_each_job_and_the_worker_goes_on(pipes):
    pipes.send(HELLO, echo("a"), echo("b", fail="bad_input"), echo("c", fail="unforeseen"), echo("d", fail="warn"))
    endings = [pipes.until("done", "failed")[-1] for _ in range(4)]
    assert [(e["id"], e["type"]) for e in endings] == [("a", "done"), ("b", "failed"), ("c", "failed"), ("d", "done")]
    assert endings[1]["code"] == "bad_input"
    assert "RuntimeError" in endings[2]["message"]
    assert "Traceback" in endings[2]["detail"]


def test_progress_has_rate_and_eta(pipes):
    pipes.send(HELLO, echo("a", steps=6, sleep=0.15))
    progress = [e for e in pipes.until("done") if e["type"] == "progress"]
    assert len(progress) >= 4
    assert progress[-1]["done"] == progress[-1]["total"] == 6
    assert 4 < progress[-1]["rate"] < 8
    middle = progress[len(progress) // 2]
    assert middle["eta_s"] == pytest.approx((6 - middle["done"]) / middle["rate"])


def test_prints_of_libraries_do_not_reach_the_pipe(pipes):
    pipes.send(HELLO, echo("a", fail="print"))
    assert pipes.until("done")[-1]["id"] == "a"  # every line parsed
    assert pipes.end() == 0
    assert b"printed by C code" in pipes.process.stderr.read()


def test_cancel_ends_within_a_step(pipes):
    pipes.send(HELLO, echo("a", steps=1000, sleep=0.05))
    pipes.until("progress")
    began = time.monotonic()
    pipes.send({"type": "cancel", "id": "a"})
    assert pipes.until("cancelled", "done")[-1]["type"] == "cancelled"
    assert time.monotonic() - began < 1


def test_wishes_reach_the_job_that_runs_and_no_other(pipes):
    pipes.send(HELLO, echo("a", steps=60, sleep=0.01), echo("b", steps=100_000, sleep=0.01))
    pipes.until("progress")
    pipes.send({"type": "pause", "id": "b"}, {"type": "pause", "id": "a"})  # b has not begun: it does not hear it
    time.sleep(1.0)  # a would be done by now
    pipes.send({"type": "resume", "id": "a"})
    began = time.monotonic()
    assert pipes.until("done")[-1]["id"] == "a"
    assert time.monotonic() - began > 0.1
    pipes.until("progress")
    pipes.send({"type": "pause", "id": "b"}, {"type": "cancel", "id": "b"})
    assert pipes.until("cancelled", "done")[-1]["type"] == "cancelled"


def test_cancel_before_the_job_starts(pipes):
    pipes.send(HELLO, echo("a", steps=5, sleep=0.1), {"type": "cancel", "id": "b"}, echo("b", steps=1000, sleep=0.1))
    assert pipes.until("done")[-1]["id"] == "a"
    assert pipes.until("cancelled", "done")[-1]["type"] == "cancelled"


@pytest.mark.parametrize("busy", [False, True])
def test_end_of_stdin_ends_the_worker(pipes, busy):
    pipes.send(HELLO, *([echo("a", steps=10_000, sleep=0.05)] if busy else []))
    pipes.until("progress" if busy else "ready")
    began = time.monotonic()
    assert pipes.end() == 0
    assert time.monotonic() - began < 5


def test_a_closed_pipe_does_no_harm(pipes):
    """The caller's end of stdout is gone in the middle of a job: no crash; the end of stdin ends the worker."""
    pipes.send(HELLO, echo("a", steps=10_000, sleep=0.01))
    pipes.until("progress")
    pipes.process.stdout.close()
    time.sleep(0.5)  # events go nowhere meanwhile
    assert pipes.process.poll() is None
    assert pipes.end() == 0


def test_junk_and_unknown_requests_are_ignored(pipes):
    pipes.send(HELLO)
    pipes.process.stdin.write(b'garbage\n{"type": "dance"}\n[]\n\xff\xfe\n')
    pipes.send({**echo("a"), "new_field": 1})
    assert pipes.until("done")[-1]["id"] == "a"


def test_crash_is_a_signal_not_an_answer(pipes):
    pipes.send(HELLO, echo("a", fail="crash"))
    events = [json.loads(line) for line in pipes.process.stdout]
    assert not {"done", "failed", "cancelled"} & {e["type"] for e in events}
    assert pipes.process.wait(10) == -6
    assert b"asked to crash" in pipes.process.stderr.read()


def test_unknown_job_kind_is_refused(pipes):
    pipes.send(HELLO, {"type": "run", "id": "a", "job": {"kind": "dance"}})
    failed = pipes.until("failed")[-1]
    assert failed["code"] == "bad_input"
    assert "dance" in failed["message"]
