"""Settings: stored as strings, shown by the page, moved with the data folder."""

import shutil
import time
from pathlib import Path

import pytest
from gui_support import settle, until
from plugin_support import FAKE, Recorder
from qgis.core import QgsSettings
from qgis.PyQt.QtNetwork import QNetworkProxy
from test_install import calls, data  # noqa: F401  (a fixture)

from sgma_qgis import data_folder, installation, network, service, settings
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.errors import BadInput, Cancelled, OutputFailed
from sgma_qgis.settings import Settings


@pytest.fixture()
def stored(qgis_app):
    """QGIS's settings without ours, before and after."""
    QgsSettings().remove("sgma")
    yield
    QgsSettings().remove("sgma")


@pytest.fixture()
def chosen(tmp_path, monkeypatch, stored):
    """A data folder chosen in the settings, with something of each part in it."""
    monkeypatch.delenv("SGMA_DATA_DIR", raising=False)
    folder = tmp_path / "old folder é"
    for part, size in (("models/m", 100), ("cache/c", 20), ("runtime/bin", 3)):
        (folder / part).mkdir(parents=True)
        (folder / part / "file").write_bytes(b"x" * size)
    (folder / "runtime" / "bin" / "python").symlink_to("/usr/bin/python3")
    store.choose_data_dir(str(folder))
    yield folder
    store.choose_data_dir("")
    service.shutdown()


def test_round_trip_as_strings(stored):
    assert settings.load() == Settings()
    value = Settings("/a b/é", "/data", "cuda:1", 3, "fp32", "https://x/y", 2048)
    settings.save(value)
    assert settings.load() == value
    for name in ("runtime_python", "device", "threads"):
        assert isinstance(QgsSettings().value(f"sgma/{name}"), str)
    options = value.options()
    assert (options.device, options.threads, options.precision) == ("cuda:1", 3, "fp32")
    settings.save(Settings())
    assert QgsSettings().value("sgma/device") is None
    assert Settings().options().threads is None


def test_what_cannot_be_read_is_the_default(stored):
    QgsSettings().setValue("sgma/threads", "many")
    QgsSettings().setValue("sgma/precision", "fp8")
    assert settings.load() == Settings()


def test_the_environment_counts_more_than_the_choice(monkeypatch, chosen, tmp_path):
    assert store.data_dir() == chosen and not store.data_dir_is_fixed()
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "fixed"))
    assert store.data_dir() == tmp_path / "fixed" and store.data_dir_is_fixed()


def test_sizes(chosen):
    found = data_folder.sizes(chosen)
    assert (found["models"], found["cache"], found["other"]) == (100, 20, 0)
    assert 3 <= found["runtime"] < 100  # the link counts as a link
    assert data_folder.size_text(1.6e9) == "1.6 GB"
    assert data_folder.size_text(2e6) == "2 MB"


@pytest.mark.parametrize("other_disk", [False, True])
def test_moving(chosen, tmp_path, monkeypatch, other_disk):
    if other_disk:
        real = Path.rename

        def rename(self, target):
            if self == chosen:
                raise OSError(18, "Invalid cross-device link")
            return real(self, target)

        monkeypatch.setattr(Path, "rename", rename)
    target = tmp_path / "new" / "place"
    feedback = Recorder()
    data_folder.move(target, feedback)
    assert store.data_dir() == target and not chosen.exists()
    assert (target / "models" / "m" / "file").read_bytes() == b"x" * 100
    assert (target / "runtime" / "bin" / "python").is_symlink()
    assert bool(feedback.texts) is other_disk


def test_a_move_that_fails_leaves_everything(chosen, tmp_path, monkeypatch):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    for target in (tmp_path / "full", chosen / "inside", chosen.parent):
        with pytest.raises(BadInput):
            data_folder.move(target, Recorder())
    with pytest.raises(OutputFailed, match="could not be moved"):
        data_folder.move(Path("/proc/nowhere/x"), Recorder())
    monkeypatch.setattr(Path, "rename", lambda self, target: (_ for _ in ()).throw(OSError(18, "other disk")))
    with pytest.raises(Cancelled):
        data_folder.move(tmp_path / "new", Recorder(cancel_after=0))
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(data_folder.shutil, "disk_usage", lambda path: usage._replace(free=10))
    with pytest.raises(BadInput, match="MB are needed"):
        data_folder.move(tmp_path / "new", Recorder())
    assert store.data_dir() == chosen and data_folder.sizes(chosen)["models"] == 100
    assert not (tmp_path / "new.part").exists()


def test_a_move_waits_for_the_worker(chosen, tmp_path, fake_python):
    from plugin_support import EchoJob, gone

    service.run(EchoJob(1), Recorder())
    pid = service._run_worker._client.pid
    data_folder.move(tmp_path / "new", Recorder())
    assert gone(pid)
    assert service.run(EchoJob(1), Recorder()) == {"steps": 1}


def test_proxies():
    kinds = QNetworkProxy.ProxyType
    assert network.proxy_url(QNetworkProxy(kinds.NoProxy)) == ""
    assert network.proxy_url(QNetworkProxy(kinds.HttpProxy, "proxy", 3128)) == "http://proxy:3128"
    with_user = QNetworkProxy(kinds.HttpProxy, "proxy", 8080, "me@home", "p:w/d")
    assert network.proxy_url(with_user) == "http://me%40home:p%3Aw%2Fd@proxy:8080"
    assert network.proxy_url(QNetworkProxy(kinds.Socks5Proxy, "proxy", 1080)) == "socks5h://proxy:1080"


def test_what_qgis_trusts_is_handed_on(chosen, qgis_app):
    found = network.network()
    assert Path(found.ca_file).read_text().count("BEGIN CERTIFICATE") > 0
    assert found.ca_file.startswith(str(chosen))


@pytest.fixture()
def page(chosen, monkeypatch):
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", str(FAKE))
    from sgma_qgis.gui.settings_page import SettingsPage

    page = SettingsPage()
    page.show()
    until(lambda: "in all" in page.sizes.text(), why="the data folder is measured")
    yield page
    page.deleteLater()


def test_the_page_shows_and_stores(page, chosen):
    assert page.objectName() == "sgma"
    assert page.value() == Settings()
    shown = Settings("/usr/bin/python3", "", "cuda:1", 2, "bf16", "https://x/y", 4096)
    page.set_value(shown)
    assert page.value() == shown
    page.apply()
    assert settings.load() == shown
    page.runtime.setFilePath("/nowhere/python")
    page.look()
    until(lambda: "/nowhere/python" in page.state.text(), why="the Python is looked at")
    assert not page.install_box.isCollapsed()


def test_a_late_answer_of_an_earlier_look_does_not_count(page, monkeypatch):
    answers = []

    def engine(python):
        time.sleep(0.3 if python == "/slow" else 0.0)
        answers.append(python)
        return installation.Engine(True, f"{python} is complete.", "")

    monkeypatch.setattr(installation, "engine", engine)
    for python in ("/slow", "/quick"):
        page.runtime.setFilePath(python)
        page.look()
    until(lambda: answers == ["/quick", "/slow"], why="both are looked at")
    settle(0.1)
    assert page.state.text() == "/quick is complete."


def test_the_page_moves_the_data_folder(page, chosen, tmp_path):
    target = tmp_path / "new place"
    page.use_folder(target)
    until(lambda: page.folder.text() == str(target), why="the folder is moved")
    assert settings.load().data_dir == str(target)
    assert page.value().data_dir == str(target)
    (tmp_path / "other" / "models").mkdir(parents=True)  # one that is there already is used as it is
    page.use_folder(tmp_path / "other")
    assert settings.load().data_dir == str(tmp_path / "other")
    assert (target / "models" / "m" / "file").exists()


def test_a_page_that_is_closed_during_a_move_loses_nothing(page, chosen, tmp_path):
    target = tmp_path / "new place"
    page.use_folder(target)
    page.deleteLater()
    until(lambda: settings.load().data_dir == str(target), why="the choice is stored")
    assert (target / "models" / "m" / "file").exists()


@pytest.fixture()
def panel(data, qgis_app, monkeypatch):  # noqa: F811
    from sgma_qgis.gui import install_panel

    monkeypatch.setattr(install_panel, "_work", None)
    panel = install_panel.InstallPanel()
    panel.show()
    until(lambda: panel.build.count() > 0, why="a Python is found")
    yield panel
    panel.deleteLater()


def test_nothing_is_fetched_before_the_click(panel, data):  # noqa: F811
    assert "400 MB" in panel.size.text() and "1.6 GB" in panel.size.text()
    assert not (data / "PIP_CALLS").exists() and not (data / "runtime.new").exists()
    panel.wheels.setFilePath("/wheels")
    assert "400 MB" not in panel.size.text()


def test_installing_by_click(panel, data, monkeypatch):  # noqa: F811
    monkeypatch.setenv("SGMA_FAKE_PIP_SLEEP", "0.1")
    heard = []
    panel.installed.connect(lambda: heard.append(True))
    panel.button.click()
    until(lambda: "MB" in panel.step.text(), why="progress is shown")
    assert panel.button.text() == "&Stop" and panel.bar.isVisible()
    until(lambda: heard, why="it is installed")
    assert installation.engine().ready
    assert panel.button.text() == "&Install" and not panel.bar.isVisible()
    assert "Collecting" in panel.log.toPlainText()


def test_stop_and_error_are_shown(panel, data, monkeypatch):  # noqa: F811
    monkeypatch.setenv("SGMA_FAKE_PIP_SLEEP", "30")
    panel.button.click()
    until(lambda: "pip" in panel.step.text(), why="pip runs")
    panel.button.click()
    until(lambda: panel.problem.isVisible(), why="it has stopped")
    assert not (data / "runtime.new").exists()
    monkeypatch.setenv("SGMA_FAKE_PIP_SLEEP", "0")
    monkeypatch.setenv("SGMA_FAKE_PIP", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES")
    panel.button.click()
    until(lambda: "checksum differs" in panel.problem.text(), why="the error is shown")


def test_a_new_panel_shows_the_installation_that_goes_on(panel, data, monkeypatch):  # noqa: F811
    from sgma_qgis.gui.install_panel import InstallPanel

    monkeypatch.setenv("SGMA_FAKE_PIP_SLEEP", "30")
    panel.button.click()
    until(lambda: "pip" in panel.step.text(), why="pip runs")
    other = InstallPanel()
    assert other.button.text() == "&Stop" and other.step.text() == panel.step.text()
    other.button.click()
    until(lambda: panel.button.text() == "&Install", why="both see it stop")
    other.deleteLater()


def test_no_python_is_told(data, qgis_app, monkeypatch):  # noqa: F811
    from sgma_qgis.gui import install_panel

    monkeypatch.setattr(install_panel, "_work", None)
    monkeypatch.setenv("SGMA_FAKE_UNFIT", "ensurepip")
    panel = install_panel.InstallPanel()
    panel.show()
    until(lambda: "python3.11-venv" in panel.problem.text(), why="the reason is shown")
    assert not panel.button.isEnabled()
    panel.deleteLater()
