"""sgma:environment: state, proof and installation through Processing, by the same code as the settings page."""

import json

import processing
import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback
from test_install import FAKE, calls, data  # noqa: F401  (a fixture)

from sgma_qgis import settings


class Log(QgsProcessingFeedback):
    """Keeps what is told."""

    def __init__(self):
        super().__init__(False)
        self.lines = []

    def pushInfo(self, text):
        self.lines.append(text)

    pushWarning = pushInfo  # noqa: N815


def run(log=None, **parameters):
    result = processing.run("sgma:environment", parameters, feedback=log or Log())
    return result, json.loads(result["STATE"])


def test_status_without_a_runtime(provider, data):  # noqa: F811
    result, state = run(ACTION="status")
    assert result["READY"] is False
    assert "not installed" in state["text"]
    assert not (data / "PIP_CALLS").exists()


def test_verify_fails_without_one(provider, data):  # noqa: F811
    with pytest.raises(QgsProcessingException, match="not installed"):
        run(ACTION="verify")


def test_install_then_verify(provider, data, tmp_path):  # noqa: F811
    log = Log()
    result, state = run(log, ACTION="install", PYTHON=FAKE, WHEELS=str(tmp_path))
    assert result["READY"] is True
    assert state["build"] == "cpu" and state["python"] == str(data / "runtime" / "bin" / "python")
    assert any("1.6 GB" in line for line in log.lines)
    assert all("--no-index" in call["argv"] for call in calls(data))
    assert all(call["env"]["REQUESTS_CA_BUNDLE"].endswith("certificates.pem") for call in calls(data))
    result, state = run(log, ACTION="verify")
    assert state["devices"] == ["cpu"]


def test_the_index_of_the_settings_is_used(provider, data, qgis_app):  # noqa: F811
    settings.save(settings.Settings(torch_index="https://mirror.example/torch"))
    try:
        run(ACTION="install")
    finally:
        settings.save(settings.Settings())
    assert "https://mirror.example/torch" in calls(data)[1]["argv"]


def test_what_cannot_be_installed_is_told(provider, data, monkeypatch):  # noqa: F811
    with pytest.raises(QgsProcessingException, match="No checksum is known of a mps build"):
        run(ACTION="install", BUILD="mps")
    monkeypatch.setenv("SGMA_FAKE_PIP", "SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))")
    with pytest.raises(QgsProcessingException, match="certificate of the index is not trusted"):
        run(ACTION="install")


def test_the_real_runtime_answers(provider, real_python):
    result, state = run(ACTION="verify")
    assert result["READY"] is True
    assert state["versions"]["torch"] and state["devices"][0].startswith("c")
