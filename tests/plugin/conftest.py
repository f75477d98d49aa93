"""Fixtures of the plugin tests: they run in QGIS's Python and start workers from the runtime, as in production."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

FAKE = Path(__file__).with_name("fake_runtime.py")


@dataclass(frozen=True)
class EchoJob:
    """The worker's test job: reports progress, then ends as `fail` says."""

    steps: int = 5
    sleep: float = 0.02
    fail: str = ""
    kind: str = "echo"


class Recorder:
    """A service.Feedback that remembers; `cancel_after` progress reports it wants to stop."""

    def __init__(self, cancel_after=None):
        self.texts, self.fractions, self.logs, self.blocks = [], [], [], []
        self.cancel_after = cancel_after
        self.waits = 0

    def progress(self, fraction, text):
        self.fractions.append(fraction)
        self.texts.append(text)

    def log(self, level, text):
        self.logs.append((level, text))

    def block(self, path, window):
        self.blocks.append((path, window))

    def is_cancelled(self):
        return self.cancel_after is not None and len(self.texts) > self.cancel_after

    def wait(self):
        self.waits += 1


def gone(pid, seconds=15):
    """Return whether the process ends within that time (a zombie has ended)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="session")
def runtime_python():
    """The real runtime's interpreter."""
    path = os.environ.get("SGMA_RUNTIME_PYTHON") or ROOT / ".venv-runtime" / "bin" / "python"
    if not Path(path).exists():
        pytest.skip("no runtime: make .venv-runtime or set SGMA_RUNTIME_PYTHON")
    return str(path)


@pytest.fixture()
def fake_python(monkeypatch):
    """A stand-in for the runtime that starts in no time: speaks the protocol, computes nothing."""
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", str(FAKE))
    yield str(FAKE)
    from sgma_qgis import service

    service.shutdown()


@pytest.fixture()
def real_python(runtime_python, monkeypatch):
    """The real runtime, as the one `service` finds."""
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", runtime_python)
    yield runtime_python
    from sgma_qgis import service

    service.shutdown()
