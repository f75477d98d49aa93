"""Why here, what-if, and the bars they are drawn with."""

from gui_support import settle
from qgis.PyQt.QtGui import QPalette

from sgma_qgis.gui.bars import Bar, Bars
from sgma_qgis.gui.what_if_panel import WhatIfPanel
from sgma_qgis.gui.why_panel import WhyPanel

ANSWER = {
    "class": {"id": 1, "name": "tree", "color": "#117733"},
    "confidence": 83.0,
    "probabilities": [
        {"id": 1, "name": "tree", "color": "#117733", "percent": 83.0},
        {"id": 0, "name": "not tree", "color": "#dddddd", "percent": 17.0},
    ],
    "sensors": [
        {"key": "rgb", "title": "RGB", "given": True, "present": True, "trust": 60.0, "values": [50.0],
         "unit": "dn8", "read": [50.0], "read_unit": "dn8"},
        {"key": "nir", "title": "NIR", "given": True, "present": False, "trust": None, "values": []},
        {"key": "dsm", "title": "DSM", "given": True, "present": True, "trust": 40.0, "values": [4.05],
         "unit": "ndsm", "read": [4.05], "read_unit": "ndsm"},
        {"key": "sar", "title": "SAR", "given": False, "present": False, "trust": None, "values": []},
    ],
    "pixel": {"col": 3, "row": 4, "x": 500003.5, "y": 4599995.5},
    "crs": "EPSG:32616",
    "tiles": 1,
    "nodata": False,
    "text": "",
}  # fmt: skip


def test_why_here_shows_classes_and_sensors(iface):
    panel = WhyPanel()
    panel.set_value(ANSWER)
    assert "tree, 83 % sure" in panel.heading.text()
    assert [(bar.name, bar.share) for bar in panel.classes.value()] == [("tree", 0.83), ("not tree", 0.17)]
    assert [bar.text for bar in panel.sensors.value()] == ["60 %", "no data here", "40 %", "not given"]
    assert "500003.5, 4599995.5 (EPSG:32616)" in panel.heading.text()
    lines = panel.values.text().splitlines()
    assert lines == ["Values there:", "RGB: 50 (8-bit numbers)", "DSM: 4.05 m above ground"]
    mapped = {**ANSWER["sensors"][0], "values": [2132.0], "unit": "reflectance10000", "read": [88.1]}
    panel.set_value({**ANSWER, "sensors": [mapped]})
    assert panel.values.text().endswith("RGB: 2132 (reflectance x 10000), for the model 88.1 (8-bit numbers)")
    water = [{**ANSWER["sensors"][2], "values": [value], "read": [value]} for value in (-0.0317, -0.001, 231.456)]
    panel.set_value({**ANSWER, "sensors": water})
    numbers = [line.split()[1] for line in panel.values.text().splitlines()[1:]]
    assert numbers == ["-0.03", "0", "231.5"]  # a tenth of a millimetre is no height
    panel.set_value({**ANSWER, "nodata": True, "class": None, "text": "No sensor has data here."})
    assert "No sensor has data here." in panel.heading.text() and panel.classes.isHidden()
    panel.set_value(None, "Click on the map.")
    assert panel.heading.text() == "Click on the map."


def test_why_here_is_never_quite_sure(iface):
    panel = WhyPanel()
    rows = [{**ANSWER["probabilities"][0], "percent": 99.97}, {**ANSWER["probabilities"][1], "percent": 0.03}]
    panel.set_value({**ANSWER, "confidence": 100, "probabilities": rows})
    assert panel.heading.text().endswith("tree, > 99 % sure")
    assert [bar.text for bar in panel.classes.value()] == ["> 99.9 %"]


def test_what_if_needs_two_sensors(iface):
    panel = WhatIfPanel()
    asked = []
    panel.wanted.connect(asked.append)
    assert not panel.button.isEnabled()
    panel.set_sensors(("rgb", "dsm"))
    panel.set_value("dsm")
    panel.button.click()
    assert asked == ["dsm"]
    found = {
        "changed_percent": 12.34,
        "changes": [{"from_name": "tree", "to_name": "street", "area_m2": 12345.0}],
        "only_first_m2": 0.0,
    }
    panel.set_difference("dsm", found)
    assert "Without DSM, 12.3 % of the view" in panel.text.text() and "tree → street: 1.23\u00a0ha" in panel.text.text()
    assert "largest" not in panel.text.text()
    panel.set_difference("dsm", {**found, "changes": 4 * found["changes"]})
    assert panel.text.text().splitlines()[1:] == ["The largest of the changes:", *3 * ["tree → street: 1.23\u00a0ha"]]
    panel.set_sensors(("rgb",))
    assert not panel.button.isEnabled()


def test_bars_can_be_read_in_a_dark_theme(iface, dark):
    bars = Bars()
    bars.set_value([Bar("tree", 0.5, "50 %", "#117733")])
    bars.show()
    settle(0.05)
    assert bars.palette().color(QPalette.ColorRole.WindowText).lightness() > 150
    bars.deleteLater()


def test_bars_are_told_to_screen_readers(iface):
    bars = Bars()
    bars.set_value([Bar("tree", 0.5, "50 %", "#117733"), Bar("street", 1.0, "100 %", "#777777")])
    assert bars.accessibleDescription() == "tree: 50 %\nstreet: 100 %"
    bars.resize(200, bars.sizeHint().height())
    assert not bars.grab().isNull()
