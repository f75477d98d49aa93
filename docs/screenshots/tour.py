"""What a user does with the dock, in a real QGIS window: run by `take.py` as QGIS's --code file."""

import os
import sys

from qgis.core import QgsApplication, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.utils import iface

sys.path.insert(0, os.environ["SGMA_TOUR_FOLDER"])  # --code files have none of their own
from drive import (  # noqa: E402
    LAYERS,
    TITLES,
    Tour,
    checked,
    controller,
    dock,
    drawn,
    idle,
    look,
    no_preview,
    pause,
    plugin,
    shot,
    tidy,
)


def begin():
    """An empty window: the dock is closed."""
    tidy()
    yield pause(1)
    assert not dock().isVisible(), "the dock opened itself"
    for key, title in reversed(TITLES.items()):
        path = LAYERS / f"{key}.tif"
        if path.exists():
            QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), title))
    iface.mapCanvas().zoomToFullExtent()
    iface.mainWindow().setGeometry(0, 0, 1366, 768)
    yield drawn


def set_up():
    """The dock is opened: its rows fill themselves."""
    plugin().window.action.trigger()
    look(360)
    yield checked
    assert dock().layers.sensors() == tuple(key for key in TITLES if (LAYERS / f"{key}.tif").exists())
    yield drawn
    yield pause(1)
    shot("1_set_up")


def preview():
    """What the map shows, as the run will map it."""
    canvas = iface.mapCanvas()
    canvas.zoomByFactor(0.3)
    yield drawn
    dock().run_bar.preview_button.click()
    yield no_preview
    yield drawn
    yield pause(1)
    shot("2_preview")


def run():
    """A run is started, watched and stopped."""
    iface.mapCanvas().zoomToFullExtent()
    dock().outputs.folder.setFilePath(str(LAYERS.parent))
    for box in dock().outputs.boxes.values():
        box.setChecked(True)
    yield checked
    dock().run_bar.run_button.click()
    yield lambda: controller().runner.current() is not None
    yield (
        lambda: idle() or (controller().runner.current().live is not None and controller().runner.current().share > 0.3)
    )
    yield pause(1.5)
    yield drawn
    shot("3_run")
    dock().run_bar.stop_button.click()
    yield idle
    yield pause(1)
    shot("4_stopped")
    assert dock().run_bar.value().resumes, "nothing to resume"


def resume():
    """The run goes on where it was stopped, and its result is shown."""
    dock().run_bar.run_button.click()
    yield lambda: controller().runner.current() is not None
    yield idle
    yield lambda: dock().result.value() is not None
    assert dock().result.value().result["tiles_resumed"] > 0, "nothing was taken from the run that was stopped"
    yield drawn
    yield pause(1.5)
    shot("5_result")


def why_here():
    """A click on the map is explained."""
    dock().why.button.click()
    centre = iface.mapCanvas().extent().center()
    controller().inspector.explain(QgsPointXY(centre))
    yield lambda: dock().why.value() is not None
    yield pause(0.5)
    shot("6_why_here")


def what_if():
    """The view without one sensor."""
    dock().why.button.click()
    iface.mapCanvas().zoomByFactor(0.3)
    yield drawn
    panel = dock().what_if
    panel.set_value("dsm" if "dsm" in dock().layers.sensors() else dock().layers.sensors()[-1])
    panel.button.click()
    yield lambda: "%" in panel.text.text()
    yield drawn
    yield pause(1)
    shot("7_what_if")


def windows():
    """The model card and the report."""
    card = dock().model.open_card()
    report = controller().results.open_report(dock().result.value())
    yield pause(1)
    shot("8_model_card", card)
    shot("9_report", report)
    card.close()
    report.close()


def dark():
    """The narrowest dock, in the dark theme."""
    QgsApplication.setUITheme("Night Mapping")
    dock().tabs.setCurrentIndex(0)
    look(320)
    yield pause(1.5)
    look(320)
    yield drawn
    shot("10_dark_320")
    dock().tabs.setCurrentWidget(dock().result_page)
    yield pause(0.5)
    shot("11_dark_320_result", dock())


STEPS = (begin, set_up, preview, run, resume, why_here, what_if, windows, dark)


TOUR = Tour(STEPS)
