"""What a caller may ask of a running job: wait, go on, end early, stop."""

import threading

import pytest

from sgma_qgis.model.contract.errors import Cancelled
from sgma_qgis.model.feedback import JobFeedback


@pytest.fixture
def waiting():
    """Return feedback whose job is paused in `check`, and the thread that waits there; its error, if any, is noted."""
    feedback = JobFeedback("a", lambda event: None)
    feedback.pause()

    def job():
        try:
            feedback.check()
        except Cancelled as error:
            feedback.error = error

    feedback.error = None
    thread = threading.Thread(target=job, daemon=True)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    return feedback, thread


@pytest.mark.parametrize("wish", ["resume", "stop", "cancel"])
def test_a_pause_ends(waiting, wish):
    feedback, thread = waiting
    getattr(feedback, wish)()
    thread.join(5)
    assert not thread.is_alive()
    assert feedback.paused_s >= 0.2
    assert (feedback.error is not None) == (wish == "cancel")
    assert feedback.stopping == (wish == "stop")


def test_metrics_are_events():
    events = []
    JobFeedback("a", events.append).metrics(2, 80, {"loss": 0.5})
    assert (events[0].id, events[0].epoch, events[0].step, events[0].values) == ("a", 2, 80, {"loss": 0.5})


def test_a_warning_is_told_once():
    events = []
    feedback = JobFeedback("a", events.append)
    for text in ("a gap", "a gap", "another", "a gap"):
        feedback.warn(text)
    assert [event.text for event in events] == feedback.warnings == ["a gap", "another"]
