"""The wizard's window goes while a page works in the background: what comes back is nobody's."""

import pytest
from gui_support import settle
from label_support import texts
from qgis.core import QgsProject
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from test_wizard_window import chosen, opened, plugin  # noqa: F401  (fixtures)
from wizard_support import Tasks

from sgma_qgis.gui import checking
from sgma_qgis.gui.wizard import model_page, propose_box
from sgma_qgis.gui.wizard.state import remember

TRIED = {"warnings": [], "epochs": 1, "memory_bytes": 1, "gpu_memory_bytes": 0, "epoch_s": 1, "total_s": 1}


@pytest.fixture()
def ran(monkeypatch):
    """Tasks that do not hear that they are cancelled: their answer is on its way."""
    found = Tasks(monkeypatch)
    cancelled = found.cancelled = []

    def run(title, job, **options):
        task = found.run(title, job, **options)
        task.cancel = lambda: cancelled.append(task)
        return task

    monkeypatch.setattr(propose_box.tasks, "interact_task", run)
    monkeypatch.setattr(checking.tasks, "interact_task", run)
    monkeypatch.setattr(model_page.tasks, "run_task", run)
    return found


def at(plugin, chosen, page):  # noqa: F811
    chosen.page = page
    remember(chosen)
    wizard = opened(plugin)
    assert wizard.currentId() == page
    return wizard, wizard.currentPage()


def gone(wizard):
    """Let Qt delete a window that was closed."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert sip.isdeleted(wizard)


def test_a_look_at_the_layers(plugin, chosen, ran):  # noqa: F811
    wizard, page = at(plugin, chosen, 0)
    page._checker._start()
    wizard.close()
    gone(wizard)
    assert ran.cancelled == [ran.task]
    ran.task.succeeded.emit({})


def test_areas_that_are_proposed_stay_out_of_the_next_project(plugin, chosen, ran, tmp_path):  # noqa: F811
    wizard, page = at(plugin, chosen, 2)
    page.propose.file.setFilePath(str(tmp_path / "areas.gpkg"))
    page.propose.start()
    QgsProject.instance().clear()
    gone(wizard)
    assert ran.cancelled[-1] is ran.task
    ran.task.succeeded.emit({"output": str(tmp_path / "areas.gpkg"), "warnings": []})
    assert not QgsProject.instance().mapLayers()


def test_a_trial_says_nothing_of_other_labels(plugin, chosen, ran):  # noqa: F811
    wizard, page = at(plugin, chosen, 3)
    page.try_out()
    ran.task.succeeded.emit({**TRIED, "pieces": 1, "roles": {}})
    assert "Needs about" in texts(page)
    layer = QgsProject.instance().mapLayer(chosen.labels)
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures()).id())
    settle(0.7)
    assert not page.notes.value()


def test_a_trial_ends_with_the_window(plugin, chosen, ran):  # noqa: F811
    wizard, page = at(plugin, chosen, 3)
    page.try_out()
    wizard.close()
    gone(wizard)
    assert ran.cancelled[-1] is ran.task
    ran.task.succeeded.emit({**TRIED, "pieces": 1, "roles": {}})
    settle(0.05)
