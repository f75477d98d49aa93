"""Resolution, outputs, advanced options and the run bar."""

import re
from pathlib import Path

import pytest
from plugin_support import make_card
from qgis.core import QgsProject, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtTest import QSignalSpy
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDialog, QPlainTextEdit

from sgma_qgis import gui
from sgma_qgis.gui.advanced_panel import Advanced, AdvancedPanel
from sgma_qgis.gui.checking import size
from sgma_qgis.gui.elided_combo import ElidedCombo, ElidedLayerCombo
from sgma_qgis.gui.outputs_panel import OutputChoice, OutputsPanel
from sgma_qgis.gui.resolution_panel import ResolutionPanel
from sgma_qgis.gui.run_bar import RunBar, RunState
from sgma_qgis.gui.texts import areas, grouped, hectares, percent


def test_resolution(iface):
    panel = ResolutionPanel()
    panel.set_card(make_card())
    spy = QSignalSpy(panel.changed)
    assert panel.value() is None
    panel.kind.setCurrentIndex(1)
    assert panel.value() == 0.6 and "0.6" in panel.kind.currentText()
    panel.set_value(0.25)
    assert panel.value() == 0.25 and not panel.metres.isHidden()
    panel.set_value(None)
    assert panel.value() is None and len(spy) >= 3


def test_outputs(iface, tmp_path):
    panel = OutputsPanel()
    spy = QSignalSpy(panel.changed)
    assert panel.value() == OutputChoice()
    choice = OutputChoice(("trust", "polygons"), str(tmp_path), "town", 25.0, 1.5)
    panel.set_value(choice)
    assert panel.value() == choice and len(spy) and not panel.polygon_options.isHidden()
    panel.boxes["polygons"].setChecked(False)
    assert panel.polygon_options.isHidden()


def test_the_map_is_always_written_and_looks_like_it(iface):
    panel = OutputsPanel()
    box = panel.findChild(QCheckBox, "output_classes")
    box.click()
    assert box.isChecked() and box.isEnabled()


def test_a_text_that_is_cut_ends_in_dots(iface):
    combo, plain = ElidedCombo(), QComboBox()
    for box in (combo, plain):
        box.addItem("automatic: backscatter, decibel of a long name")
    compare(combo, plain)
    QgsProject.instance().addMapLayer(QgsVectorLayer("Polygon?crs=EPSG:32616", "fields of a long name", "memory"))
    compare(ElidedLayerCombo(), QgsMapLayerComboBox())  # these have an icon


def compare(combo, plain):
    for box in (combo, plain):
        box.resize(120, 28)
    pictures = [box.grab().toImage() for box in (combo, plain)]
    assert pictures[0] != pictures[1]
    combo.resize(600, 28)
    plain.resize(600, 28)
    assert combo.grab().toImage() == plain.grab().toImage()


def test_no_number_is_shown_with_commas(iface):
    """The comma is the decimal sign in half of the world: `texts.grouped` writes thousands everywhere."""
    assert grouped(1_234_567.25, 1) == "1\u202f234\u202f567.2" and grouped(12) == "12"
    code = Path(gui.__file__).parent
    found = [path.name for path in code.rglob("*.py") if re.search(r"\{[^{}]*:,", path.read_text(encoding="utf-8"))]
    assert found == ["texts.py"]


def test_areas_too_small_for_hectares_are_square_metres(iface):
    assert [hectares(area) for area in (0.0, 850.4, 1000.0, 66_600.0)] == ["0 m²", "850 m²", "0.10 ha", "6.66 ha"]


@pytest.mark.parametrize(
    ("square_metres", "said"),
    [
        ((2300.0, 210.0, 0.3, 0.0), ["2\u202f300 m²", "210 m²", "< 1 m²", "0 m²"]),
        ((744_900.0, 2100.0, 20.0), ["74.49 ha", "0.21 ha", "< 0.01 ha"]),
        ((1_720_869.0, 744_909.0, 300.0), ["172.1 ha", "74.5 ha", "< 0.1 ha"]),
        ((45_000_000.0, 9_000.0), ["4\u202f500 ha", "1 ha"]),
        ((), []),
    ],
)
def test_a_list_of_areas_has_one_unit_and_one_precision(iface, square_metres, said):
    assert areas(square_metres) == said


def test_what_is_there_is_not_0_percent(iface):
    assert [percent(share) for share in (0.0, 0.01, 0.06, 12.34)] == ["0.0", "< 0.1", "0.1", "12.3"]


def test_sizes_are_those_that_the_engine_says(iface):
    sizes = [size(count) for count in (0, 1e5, 57_300_000, 571_600_000, 951_000_000, 1.24e9, 57e9)]
    assert sizes == ["0 MB", "0.1 MB", "57 MB", "570 MB", "1.0 GB", "1.2 GB", "57 GB"]


def test_a_resolution_beyond_the_model_s_is_warned_of(iface):
    panel = ResolutionPanel()
    panel.set_card(make_card())
    panel.set_value(0.01)
    assert "results may be poor" in panel.warning.value().text
    panel.set_value(0.6)
    assert panel.warning.value() is None


def test_advanced(iface):
    panel = AdvancedPanel()
    assert panel.value() == Advanced()
    choice = Advanced(12.5, 256, 2, "cuda:1", "fp32", 3)
    panel.set_value(choice)
    assert panel.value() == choice
    panel.set_value(Advanced())
    assert panel.value() == Advanced()
    panel.tile.setValue(300)
    assert panel.value().tile == 288  # tiles are multiples of 32


def test_warnings_stand_beside_run_and_open(iface):
    bar = RunBar()
    bar.set_warnings([])
    assert bar.warnings_button.isHidden()
    bar.set_warnings(["The pixels are 10 m.", "The unit is in doubt."])
    assert bar.warnings_button.text() == "⚠ 2 warnings" and not bar.warnings_button.isHidden()
    bar.warnings_button.click()
    (window,) = bar.findChildren(QDialog)
    assert window.findChild(QPlainTextEdit).toPlainText() == "The pixels are 10 m.\n\nThe unit is in doubt."
    window.close()
    bar.set_value(RunState(running=True))
    assert bar.warnings_button.isHidden()  # Stop is there
    bar.set_value(RunState())
    bar.set_offered(False)
    assert bar.warnings_button.isHidden()
    bar.set_offered(True)
    bar.set_warnings(["One."])
    assert bar.warnings_button.text() == "⚠ 1 warning" and not bar.warnings_button.isHidden()


def test_run_becomes_stop_and_offers_to_resume(iface):
    bar = RunBar()
    bar.set_value(RunState(can_run=True, resumes=True))
    assert "Res" in bar.run_button.text() and bar.stop_button.isHidden() and bar.run_button.isEnabled()
    bar.set_value(
        RunState(running=True, share=0.25, text="Segmenting: 12 of 40 tiles, 9 s left", waiting=2, can_run=True)
    )
    assert bar.progress.value() == 250 and not bar.stop_button.isHidden() and "12 of 40" in bar.progress_text.text()
    assert "2" in bar.progress_text.text().splitlines()[-1]
    bar.set_value(RunState(running=True, stopping=True))
    assert not bar.stop_button.isEnabled()
    bar.set_value(RunState())
    assert not bar.run_button.isEnabled() and bar.progress.isHidden()
