"""What a user does in the fine-tune wizard, page by page: run by `take.py` as QGIS's --code file.

Besides the layers, the folder holds label_polygons.gpkg, or truth.tif, in which everything is labelled.
"""

import os
import sys

from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtWidgets import QWizard
from qgis.utils import iface

sys.path.insert(0, os.environ["SGMA_TOUR_FOLDER"])  # --code files have none of their own
from drive import LAYERS, TITLES, Tour, controller, dock, drawn, idle, look, pause, plugin, shot, tidy  # noqa: E402

BASE = os.environ.get("SGMA_TOUR_BASE", "town-demo")
EPOCHS = int(os.environ.get("SGMA_TOUR_EPOCHS", "0"))  # 0 = what the strategy needs
FIRST_EPOCHS = 3  # after which the training is looked at
TOWN = ("Road", "House", "Tree", "Meadow", "Pond", "Soil")
_state = {}


def wizard():
    return plugin().window.finetuning.wizard


def page():
    return wizard().currentPage()


def turn(number):
    """Press Next, and see the page of that number."""
    wizard().button(QWizard.WizardButton.NextButton).click()
    assert wizard().currentId() == number, f"page {wizard().currentId() + 1}, not {number + 1}: {notes()}"


def notes():
    return [note.text for note in page().notes.value()]


def begin():
    """A window with the layers and the labels; the dock is closed."""
    tidy()
    yield pause(1)
    project = QgsProject.instance()
    for key, title in reversed(TITLES.items()):
        path = LAYERS / f"{key}.tif"
        if path.exists():
            project.addMapLayer(QgsRasterLayer(str(path), title))
    polygons, raster = LAYERS / "label_polygons.gpkg", LAYERS / "truth.tif"
    labels = QgsVectorLayer(str(polygons), "Labels") if polygons.exists() else QgsRasterLayer(str(raster), "Labels")
    assert labels.isValid(), "no labels"
    project.addMapLayer(labels)
    _state["labels"] = labels.id()
    iface.mapCanvas().zoomToFullExtent()
    iface.mainWindow().setGeometry(0, 0, 1366, 768)
    yield drawn


def data():
    """Page 1: the rows fill themselves."""
    plugin().window.finetuning.action.trigger()
    wizard().move(20, 20)
    yield pause(1)
    page().model.set_value(BASE)
    yield lambda: page().isComplete()
    yield pause(0.5)
    shot("finetune_1_data", wizard())


def name_town():
    """Say what the values of a generated town mean."""
    wizard()._state.classes = {str(value): f"new:{name}" for value, name in enumerate(TOWN)}
    page().initializePage()


def labels():
    """Page 2: the values of the labels and what they mean."""
    turn(1)
    page().layer.setLayer(QgsProject.instance().mapLayer(_state["labels"]))
    yield lambda: page().isComplete()
    if not (LAYERS / "label_polygons.gpkg").exists():
        name_town()
        yield lambda: page().isComplete()
    yield pause(0.5)
    shot("finetune_2_labels", wizard())


def areas():
    """Page 3: areas are proposed."""
    turn(2)
    yield pause(0.5)
    page().propose.button.click()
    yield lambda: not page().propose.running and page().isComplete()
    yield drawn
    yield pause(0.5)
    shot("finetune_3_areas", wizard())


def budget():
    """Page 4: a trial tells how long it will take."""
    turn(3)
    page().folder.setFilePath(str(LAYERS.parent))
    page().name.setText("my-model")
    page().epochs.setValue(EPOCHS)
    yield pause(0.5)
    page().try_button.click()
    yield lambda: page()._task is None and page().isComplete()
    yield pause(0.5)
    shot("finetune_4_model", wizard())


def train():
    """Page 5: watched, paused, closed, opened again, and let go on to its end."""
    turn(4)
    trainer = plugin().window.finetuning.trainer
    page().start_button.click()
    yield lambda: len(trainer.history) > FIRST_EPOCHS or not trainer.running
    assert trainer.running, f"it ended: {trainer.error}"
    page().curves.view.setCurrentIndex(2)
    yield pause(0.5)
    shot("finetune_5_train", wizard())
    page().pause_button.click()
    yield pause(1)
    page().pause_button.click()
    wizard().close()
    yield lambda: wizard() is None
    yield pause(1)
    assert trainer.running, "the training did not outlive the window"
    plugin().window.finetuning.action.trigger()
    assert wizard().currentId() == 4, f"it opened at page {wizard().currentId() + 1}"
    yield lambda: not trainer.running
    assert trainer.error is None, trainer.error
    yield pause(0.5)
    shot("finetune_6_trained", wizard())


def assess():
    """Page 6: measured, and an error shown on the map."""
    turn(5)
    yield lambda: not page()._assessor.running
    names = ("accuracy", "confusions", "confidence", "next")
    for number, name in enumerate(names):
        page().tabs.setCurrentIndex(number)
        yield pause(0.5)
        shot(f"finetune_7_{name}", wizard())
    after = page()._reports["after"]
    assert after is not None, notes()
    if after.places:
        place = after.places[0]
        classes = [name for name, _ in after.classes]
        page().confusion.cell_clicked.emit(classes.index(place.reference), classes.index(place.mapped))
        yield drawn
        yield pause(1)
        shot("finetune_8_error")


def save():
    """Page 7: named, added to the models, and run on the canvas."""
    turn(6)
    page().title_edit.setText("Land cover of my place")
    page()._edited()
    page().id_edit.setText("my-place")
    page()._edited()
    page().install_button.click()
    yield pause(0.5)
    shot("finetune_9_save", wizard())
    iface.mapCanvas().zoomToFullExtent()
    yield drawn
    page().run_button.click()
    look(360)
    yield lambda: controller().runner.current() is not None
    wizard().button(QWizard.WizardButton.FinishButton).click()
    yield idle
    yield lambda: dock().result.value() is not None
    assert dock().result.value().card.id == "my-place", dock().result.value().card.id
    yield drawn
    yield pause(1.5)
    shot("finetune_10_map")


STEPS = (begin, data, labels, areas, budget, train, assess, save)
TOUR = Tour(STEPS)
