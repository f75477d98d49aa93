"""The service: one job at a time, errors in their own types, a warm worker that goes away."""

import os
import threading
import time

import pytest
from plugin_support import EchoJob, Recorder, gone

from sgma_qgis import exchange, service
from sgma_qgis.model.contract import messages as m
from sgma_qgis.model.contract.errors import BadInput, Cancelled, WorkerCrashed, WorkerFailed
from sgma_qgis.runtime import warm


def test_result_and_progress(real_python):
    feedback = Recorder()
    assert service.run(EchoJob(sleep=0.12), feedback) == {"steps": 5}
    assert feedback.fractions[-1] == 1.0
    assert feedback.waits > 2


def test_the_worker_stays_warm_and_a_dead_one_is_replaced(real_python):
    service.run(EchoJob(1), Recorder())
    first = service._run_worker._client.pid
    service.run(EchoJob(1), Recorder())
    assert service._run_worker._client.pid == first
    service._run_worker._client.kill()
    assert service.run(EchoJob(1), Recorder()) == {"steps": 1}


def test_cancelled(real_python):
    with pytest.raises(Cancelled):
        service.run(EchoJob(1000, 0.05), Recorder(cancel_after=2))


def test_failed_carries_code_hint_and_exit_code(real_python):
    with pytest.raises(WorkerFailed) as caught:
        service.run(EchoJob(fail="bad_input"), Recorder())
    assert (caught.value.code, caught.value.exit_code) == ("bad_input", 2)
    assert caught.value.hint
    with pytest.raises(WorkerFailed) as caught:
        service.run(EchoJob(fail="unforeseen"), Recorder())
    assert "Traceback" in caught.value.detail


def test_crashed_then_the_next_job_runs(real_python):
    feedback = Recorder()
    with pytest.raises(WorkerCrashed, match="SIGABRT"):
        service.run(EchoJob(fail="crash"), feedback)
    assert any("asked to crash" in text for _, text in feedback.logs)
    assert service.run(EchoJob(1), Recorder()) == {"steps": 1}


def test_kill_is_told_as_out_of_memory(fake_python, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_FAIL", "crash")
    with pytest.raises(WorkerCrashed, match="out of memory"):
        service.run(EchoJob(), Recorder())


def test_one_job_at_a_time(fake_python):
    spans, recorders = [], [Recorder(), Recorder()]

    def go(feedback):
        began = time.monotonic()
        service.run(EchoJob(sleep=0.4), feedback)
        spans.append((began, time.monotonic()))

    threads = [threading.Thread(target=go, args=(recorder,)) for recorder in recorders]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert max(end for _, end in spans) - min(begin for begin, _ in spans) >= 0.8
    assert sum(("info", "Waiting for the job that is running.") in recorder.logs for recorder in recorders) == 1


def test_waiting_can_be_cancelled_and_nesting_is_refused(fake_python):
    service.run(EchoJob(1), Recorder())

    class Nesting(Recorder):
        def wait(self):
            with pytest.raises(BadInput):
                service.run(EchoJob(), Recorder())
            self.nested = True

    feedback = Nesting()
    other = threading.Thread(target=service.run, args=(EchoJob(sleep=1.0), feedback))
    other.start()
    time.sleep(0.2)
    with pytest.raises(Cancelled):
        service.run(EchoJob(), Recorder(cancel_after=-1))
    other.join()
    assert feedback.nested


def test_an_error_in_the_caller_leaves_no_job_running(fake_python):
    class Broken(Recorder):
        def wait(self):
            raise KeyboardInterrupt

    service.run(EchoJob(1), Recorder())
    pid = service._run_worker._client.pid
    with pytest.raises(KeyboardInterrupt):
        service.run(EchoJob(sleep=60), Broken())
    assert gone(pid, 1)
    assert service.run(EchoJob(1), Recorder()) == {"steps": 1}


def test_idle_worker_ends(fake_python, monkeypatch):
    monkeypatch.setattr(warm, "IDLE_S", 0.2)
    service.run(EchoJob(1), Recorder())
    pid = service._run_worker._client.pid
    assert gone(pid, 5)
    assert service.run(EchoJob(1), Recorder()) == {"steps": 1}


def test_shutdown_ends_the_worker(fake_python):
    service.run(EchoJob(1), Recorder())
    pid = service._run_worker._client.pid
    service.shutdown()
    assert gone(pid, 1)


@pytest.mark.parametrize("start", ["", "hang"])
def test_shutdown_ends_what_starts_runs_or_waits(fake_python, monkeypatch, start):
    monkeypatch.setenv("SGMA_FAKE_START", start)
    ended = []

    def go():
        try:
            ended.append(service.run(EchoJob(sleep=60), Recorder()))
        except Exception as error:  # noqa: BLE001  whatever it is, it is to be seen here
            ended.append(error)

    threads = [threading.Thread(target=go) for _ in range(3)]
    [thread.start() for thread in threads]
    time.sleep(0.5)
    pid = service._run_worker._client.pid
    service.shutdown()
    [thread.join(10) for thread in threads]
    assert [type(error) for error in ended] == [Cancelled] * 3
    assert gone(pid, 1)
    monkeypatch.setenv("SGMA_FAKE_START", "")
    assert service.run(EchoJob(1), Recorder()) == {"steps": 1}


def test_the_hint_after_a_crash_promises_what_is_true(fake_python, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_FAIL", "crash")
    for continues in (True, False):
        with pytest.raises(WorkerCrashed) as caught:
            service.run(EchoJob(), Recorder(), continues=continues)
        assert ("continues" in caught.value.hint) == continues


@pytest.mark.parametrize(
    "kind, stages",
    [
        ("segment", ("prepare", "segment", "assemble", "polygons")),
        ("train", ("labels", "areas", "statistics", "scenes", "train", "calibrate", "scenes", "test")),
        ("evaluate", ("scenes", "test")),
        ("vectorize", ("polygons",)),
    ],
)
def test_progress_never_runs_backwards(kind, stages):
    feedback, spans, reached = Recorder(), exchange.SPANS_OF.get(kind, exchange.SPANS), 0.0
    for stage in stages:
        for done in range(3):
            reached = exchange.tell(m.Progress("a", stage, done, 2, None, None), feedback, spans, reached)
    assert feedback.fractions == sorted(feedback.fractions)
    assert (feedback.fractions[0], feedback.fractions[-1]) == (0.0, 1.0)


def test_progress_in_words():
    text = exchange.progress_text(m.Progress("a", "segment", 12, 40, 3.1, 9.2))
    assert text == "Segmenting: 12 of 40 tiles, 3.1 tiles/s, 9 s left"
    assert exchange.progress_text(m.Progress("a", "segment", 1, 40, 0.01, 3900)).endswith("0.6 tiles/min, 65 min left")
    assert exchange.progress_text(m.Progress("a", "train", 250, 1000, 3.1, 250)) == "Training: 4 min left"
    assert exchange.progress_text(m.Progress("a", "train", 0, 1000, None, None)) == "Training"
    assert exchange.progress_text(m.Progress("a", "echo", 5, 5, 3.1, 0)) == "Echo"


def ended(run):
    """Start `run` in a thread; return the thread and the list that gets what came of it."""
    found = []

    def go():
        try:
            found.append(run())
        except Exception as error:  # noqa: BLE001  whatever it is, it is to be seen here
            found.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    return thread, found


def test_a_worker_that_says_nothing_any_more_gets_no_other_job(fake_python, monkeypatch):
    monkeypatch.setenv("SGMA_FAKE_MUTE", "1")
    feedback = Recorder()
    thread, came = ended(lambda: service.run(EchoJob(sleep=60), feedback))
    while service._run_worker.state != "busy":
        time.sleep(0.02)
    pid = service._run_worker._client.pid
    feedback.cancel_after = 0
    thread.join(10)
    assert [type(error) for error in came] == [Cancelled]
    monkeypatch.delenv("SGMA_FAKE_MUTE")
    began = time.monotonic()
    assert service.run(EchoJob(1, 0.0), Recorder()) == {"steps": 1}
    assert time.monotonic() - began < 10 and gone(pid, 1)


def test_jobs_take_turns_in_order_and_know_their_place(fake_python):
    order, recorders, threads = [], [Recorder() for _ in range(3)], []

    def go(number):
        service.run(EchoJob(sleep=0.3), recorders[number])
        order.append(number)

    for number in range(3):
        threads.append(threading.Thread(target=go, args=(number,)))
        threads[-1].start()
        time.sleep(0.1)
    [thread.join() for thread in threads]
    assert order == [0, 1, 2]
    waits = [text for text in recorders[2].texts if text.startswith("Waiting")]
    assert waits == ["Waiting: 2 jobs before this one", "Waiting: 1 job before this one"]


def test_interactive_jobs_do_not_wait_for_runs(fake_python):
    run, _ = ended(lambda: service.run(EchoJob(sleep=2.0), Recorder()))
    time.sleep(0.3)
    assert service.workers()["run"] == "busy"
    began = time.monotonic()
    assert service.interact(EchoJob(1, 0.0), Recorder()) == {"steps": 1}
    assert time.monotonic() - began < 1.5
    assert service._run_worker._client.pid != service._interactive._client.pid
    assert service.workers()["interactive"] == "ready"
    assert service.machine()["devices"] == ["cpu"]
    run.join()


def test_the_newest_of_a_topic_wins(real_python):
    first, came = ended(lambda: service.interact(EchoJob(1000, 0.05), Recorder(), topic="preview"))
    other, kept = ended(lambda: service.interact(EchoJob(3, 0.05), Recorder(), topic="why"))
    while service._interactive.state != "busy":
        time.sleep(0.02)
    time.sleep(0.3)
    assert service.interact(EchoJob(2, 0.0), Recorder(), topic="preview") == {"steps": 2}
    first.join(10)
    other.join(10)
    assert [type(error) for error in came] == [Cancelled]
    assert kept == [{"steps": 3}]
    assert service._interactive._client.alive  # it was asked to stop, not killed


def test_the_interactive_worker_ranks_below(fake_python):
    service.interact(EchoJob(1), Recorder())
    service.run(EchoJob(1), Recorder())
    ranks = [os.getpriority(os.PRIO_PROCESS, w._client.pid) for w in (service._run_worker, service._interactive)]
    assert ranks[1] == min(ranks[0] + service.INTERACTIVE_NICENESS, 19)


def test_shutdown_ends_the_interactive_worker_too(fake_python):
    thread, came = ended(lambda: service.interact(EchoJob(sleep=60), Recorder()))
    while service._interactive.state != "busy":
        time.sleep(0.02)
    pid = service._interactive._client.pid
    service.shutdown()
    thread.join(10)
    assert [type(error) for error in came] == [Cancelled]
    assert gone(pid, 1)
    assert service.workers() == {"run": "none", "interactive": "none"}
    assert service.machine() == {}
