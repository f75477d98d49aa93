"""The wizard's first four pages with the real engine: looked at, proposed, tried, on a small generated town."""

import shlex
import subprocess

import pytest
from gui_support import until
from label_support import raster, texts
from plugin_support import ROOT
from qgis.core import QgsProject, QgsSettings
from qgis.gui import QgsMapCanvas

from sgma_qgis import tasks
from sgma_qgis.gui.wizard.state import WizardState, recall
from sgma_qgis.gui.wizard.training import Trainer
from sgma_qgis.gui.wizard.wizard import FinetuneWizard

PATIENCE_S = 120


@pytest.fixture()
def town(tmp_path, runtime_python):
    command = [runtime_python, "-m", "sgma_qgis.model", "town", "--output", str(tmp_path), "--size", "320"]
    subprocess.run([*command, "--seed", "7"], cwd=ROOT, check=True, capture_output=True)
    return next(tmp_path.glob("scene_*"))


@pytest.fixture()
def wizard(qgis_app, real_python, town, tmp_path, monkeypatch):
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    QgsSettings().remove("sgma")
    QgsProject.instance().clear()
    for key in ("rgb", "nir", "dsm"):
        raster(town / f"{key}.tif", key)
    canvas = QgsMapCanvas()
    found = FinetuneWizard(WizardState(base="town-demo"), Trainer(), canvas, None)
    found.show()
    yield found
    found.close()
    until(lambda: not tasks.active())
    QgsProject.instance().clear()
    canvas.deleteLater()


def test_from_layers_to_a_trial(wizard, town, tmp_path):
    page = wizard.currentPage()
    until(page.isComplete, PATIENCE_S, texts(page))
    assert page.layers.sensors() == ("rgb", "nir", "dsm") and "EPSG:" in page.grid.text()
    wizard.next()
    page = wizard.currentPage()
    page.layer.setLayer(raster(town / "truth.tif", "truth"))
    assert page.isComplete()
    page.numbers_button.click()
    wizard.next()
    page = wizard.currentPage()
    page.crop.setValue(32)
    page.propose.file.setFilePath(str(tmp_path / "areas.gpkg"))
    page.propose.button.click()
    until(lambda: not page.propose.running, PATIENCE_S)
    assert page.isComplete(), texts(page)
    gap, need = min(page._roles.gaps.values()), 32 * 0.5
    assert need - 0.5 <= gap and "apart" not in texts(page)
    assert {len(have) for have in page._held.values()} <= {4, 5, 6}
    wizard.next()
    page = wizard.currentPage()
    page.epochs.setValue(1)
    page.strategies.button(0).setChecked(True)
    page.try_button.click()
    until(lambda: page._task is None, PATIENCE_S)
    assert "Needs about" in texts(page) and "1 epoch." in texts(page)
    until(lambda: "--EPOCHS=1" in shlex.split(page.command.text.toPlainText()))
    assert recall().page == 3 and set(recall().slots) == {"rgb", "nir", "dsm"}
    assert not (tmp_path / "data" / "trainings").exists()
