"""Why here? The class probabilities at a point of the map, which sensors were there and how much each counted."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ..i18n import tr, unit_title
from ..model.contract.modality import BY_KEY, HEIGHT
from .bars import Bar, Bars
from .steady_label import SteadyLabel

LEAST_PERCENT = 0.05  #: classes below are not listed: their bars would show nothing


class WhyPanel(QWidget):
    """Its value is the answer shown, an explain job's result, its CRS by name.

    `asking_changed(on)`: the user wants to click on the map.
    """

    changed = pyqtSignal()
    asking_changed = pyqtSignal(bool)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._answer: Optional[Dict[str, Any]] = None
        self.button = QPushButton(tr("Wh&y here?"), self)
        self.button.setObjectName("why_here")
        self.button.setCheckable(True)
        self.button.setToolTip(tr("Then click on the map: the tiles there are computed again, as in the run"))
        self.heading = SteadyLabel(self)  # what lies below stays where it is while the user points at it
        self.classes = Bars(self)
        self.sensors_title = QLabel(tr("How much each sensor counted:"), self)
        self.sensors = Bars(self)
        self.values = QLabel(self)
        self.values.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.button, self.heading, self.classes, self.sensors_title, self.sensors, self.values):
            layout.addWidget(widget)
        self.button.toggled.connect(self.asking_changed)
        self.set_value(None)

    def value(self) -> Optional[Dict[str, Any]]:
        """Return the answer shown."""
        return self._answer

    def set_value(self, answer: Optional[Dict[str, Any]], text: str = "") -> None:
        """Show an answer; without one, a sentence."""
        self._answer = answer
        shown = answer is not None and not answer["nodata"]
        self.heading.show_text(text if answer is None else _heading(answer), passing=bool(text))
        for widget in (self.classes, self.sensors_title, self.sensors, self.values):
            widget.setVisible(shown)
        if shown:
            self.classes.set_value(
                [
                    Bar(
                        row["name"],
                        row["percent"] / 100,
                        _percent(row["percent"], 1),
                        row["color"],
                    )
                    for row in answer["probabilities"]
                    if row["percent"] >= LEAST_PERCENT
                ]
            )
            self.sensors.set_value([_sensor_bar(row) for row in answer["sensors"]])
            lines = [_values(row) for row in answer["sensors"] if row["present"] and row["values"]]
            self.values.setText("\n".join([tr("Values there:"), *lines]))
        self.changed.emit()


def _heading(answer: Dict[str, Any]) -> str:
    pixel = answer["pixel"]
    place = tr("At {x:.1f}, {y:.1f} ({crs}):").format(x=pixel["x"], y=pixel["y"], crs=answer["crs"])
    if answer["nodata"] or not answer["class"]:
        return f"{place} " + (answer["text"] or tr("no sensor has data here."))
    share = min(answer["confidence"], answer["probabilities"][0]["percent"])  # the first is rounded to whole percent
    sure = tr("{name}, {percent} sure").format(name=answer["class"]["name"], percent=_percent(share, 0))
    return f"{place} {sure}"


def _percent(share: float, digits: int) -> str:
    """Return '83 %', and '> 99 %' for what is rounded to 100: a model is never quite sure."""
    text = f"{share:.{digits}f}"
    if float(text) < 100:
        return tr("{percent} %").format(percent=text)
    return tr("> {percent} %").format(percent="99" if digits == 0 else "99.9")


def _sensor_bar(row: Dict[str, Any]) -> Bar:
    if not row["given"]:
        text = tr("not given")
    elif not row["present"]:
        text = tr("no data here")
    else:
        text = tr("{percent:.0f} %").format(percent=row["trust"]) if row["trust"] is not None else tr("present")
    return Bar(row["title"], (row["trust"] or 0.0) / 100, text, BY_KEY[row["key"]].color)


def _values(row: Dict[str, Any]) -> str:
    """Return 'RGB: 2132 (reflectance x 10000), for the model 88 (8-bit numbers)': the latter where it is another."""
    text = f"{row['title']}: {_quantity(row['values'], row['unit'])}"
    if BY_KEY[row["key"]].kind == HEIGHT or _numbers(row["read"]) == _numbers(row["values"]):
        return text
    return text + ", " + tr("for the model {values}").format(values=_quantity(row["read"], row["read_unit"]))


def _quantity(values: Sequence[float], unit: str) -> str:
    """Return '4.05 m above ground': heights and radar are converted, so the layer's own value may be another."""
    if unit.startswith("ndsm"):
        return tr("{numbers} m above ground").format(numbers=_numbers(_rounded(values, 2)))
    if unit.startswith("dsm"):
        return tr("{numbers} m, height of the surface").format(numbers=_numbers(_rounded(values, 2)))
    if unit == "db":
        return tr("{numbers} dB").format(numbers=_numbers(_rounded(values, 1)))
    return tr("{numbers} ({unit})").format(numbers=_numbers(values), unit=unit_title(unit))


def _rounded(values: Sequence[float], decimals: int) -> List[float]:
    return [round(value, decimals) + 0.0 for value in values if value is not None]  # + 0.0: never '-0'


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values if value is not None)
