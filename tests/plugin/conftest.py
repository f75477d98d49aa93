"""Fixtures of the plugin tests: they run in QGIS's Python and start workers from the runtime, as in production."""

import gc
import os
import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtGui import QPalette

sys.path.insert(0, str(Path(__file__).parent))  # pytest's importlib mode does not
from plugin_support import FAKE, ROOT  # noqa: E402


@pytest.fixture(scope="session")
def runtime_python():
    """The real runtime's interpreter."""
    path = os.environ.get("SGMA_RUNTIME_PYTHON") or ROOT / ".venv-runtime" / "bin" / "python"
    if not Path(path).exists():
        pytest.skip("no runtime: make .venv-runtime or set SGMA_RUNTIME_PYTHON")
    return str(path)


@pytest.fixture(scope="session")
def main_thread_gc(qgis_app):
    """Collect garbage where tests end, on the main thread: a task's thread would destroy windows of earlier tests."""
    gc.collect()
    gc.freeze()  # what is there now stays: collecting is quick then
    gc.disable()
    yield
    gc.enable()


@pytest.fixture()
def iface(qgis_app, main_thread_gc):
    """What a plugin uses of QGIS's window, in a project of its own, without stored settings of ours."""
    from gui_support import Iface
    from qgis.core import QgsProject, QgsSettings

    QgsSettings().remove("sgma")
    found = Iface()
    yield found
    QgsProject.instance().clear()
    found.close()
    gc.collect()


@pytest.fixture()
def dark(qgis_app):
    """QGIS in a dark theme. Its default theme leaves the dark palette to later tests: what was before is put back."""
    palette = QPalette(QgsApplication.palette())
    QgsApplication.setUITheme("Night Mapping")
    yield
    QgsApplication.setUITheme("default")
    QgsApplication.setPalette(palette)
    assert QgsApplication.palette().color(QPalette.ColorRole.Window) == palette.color(QPalette.ColorRole.Window)


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


@pytest.fixture()
def data_dir(tmp_path, monkeypatch):
    """A data folder of our own, with one installed model that has a card but no weights."""
    from plugin_support import make_card

    from sgma_qgis import history
    from sgma_qgis.model.contract.card import to_json

    monkeypatch.setattr(history, "_session", [])

    folder = tmp_path / "sgma data é"
    monkeypatch.setenv("SGMA_DATA_DIR", str(folder))
    model = folder / "models" / "test-trees"
    model.mkdir(parents=True)
    (model / "card.json").write_text(to_json(make_card()), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def provider(qgis_app, qgis_processing):
    """Our provider, registered as the plugin does it."""
    from sgma_qgis.plugin import SgmaPlugin

    plugin = SgmaPlugin()
    plugin.initProcessing()
    yield plugin.provider
    plugin.unload()


@pytest.fixture()
def layers(tmp_path):
    """Paths of four small layers of one place, by slot."""
    from plugin_support import make_raster

    folder = tmp_path / "Läyers mit Leerzeichen"
    folder.mkdir()
    return {
        "RGB": make_raster(folder / "rgb.tif", 3),
        "NIR": make_raster(folder / "nir.tif", 1),
        "DSM": make_raster(folder / "dsm.tif", 1, gdal_type="Float32"),
        "SAR": make_raster(folder / "sar.tif", 2, gdal_type="Float32"),
    }
