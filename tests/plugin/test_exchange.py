"""What is asked of a job while it waits reaches it once it has begun; what it does is told in words."""

import re

from plugin_support import ROOT

from sgma_qgis.exchange import exchange, progress_text
from sgma_qgis.model.contract import messages
from sgma_qgis.model.contract.learning import TrainJob


class Client:
    """Stands for a worker whose job begins after the second look at what is asked."""

    def __init__(self):
        self.told = []

    def send(self, message):
        self.told.append(message.type)

    def events(self, job_id, poll):
        poll()
        poll()
        self.told.append("begun")
        yield messages.Started(job_id)
        poll()
        yield messages.Done(job_id, {})


class Asking:
    """Was asked to pause before the job began."""

    def __init__(self):
        self.asked = [messages.Pause]

    def requests(self):
        asked, self.asked = self.asked, []
        return asked


def test_a_pause_that_comes_too_early_is_not_lost():
    client = Client()
    assert isinstance(exchange(client, TrainJob("small", "m"), Asking(), lambda: False), messages.Done)
    assert client.told == ["run", "begun", "pause"]


def test_every_stage_has_words(qgis_app):
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "model").rglob("*.py"))
    stages = set(re.findall(r'progress\(\s*"(\w+)"', code)) - {"echo", "town"}  # these no screen asks for
    assert {"strokes", "segment"} < stages
    told = {stage: progress_text(messages.Progress("1", stage, 0, 1)) for stage in stages}
    assert [stage for stage in stages if told[stage].casefold() == stage] == []
