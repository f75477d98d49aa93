"""The curves of a training: its loss, and how good it is on the validation areas, by class or by sensors."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Dict, List, Optional, Sequence, Tuple

from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...i18n import tr
from ...model.contract.modality import titles
from .chart import Chart, Line
from .measures import Measure, best

MEAN, CLASSES, SENSORS = "mean", "classes", "sensors"
_SPAN = 0.1  # of loss and IoU that is seen at least


class Curves(QWidget):
    """Two charts side by side. Its value is the history drawn."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._history: Tuple[Measure, ...] = ()
        self._epochs = 1
        self._colors: Dict[str, str] = {}
        self.view = QComboBox(self)
        self.view.addItem(tr("Mean of all combinations of sensors"), MEAN)
        self.view.addItem(tr("Every class"), CLASSES)
        self.view.addItem(tr("Every combination of sensors"), SENSORS)
        self.view.setToolTip(tr("IoU: of what is the class or was mapped as it, the share that is both."))
        self.sensors = QComboBox(self)
        self.sensors.setToolTip(tr("The sensors that the classes are mapped with"))
        self.loss = Chart(tr("Loss"), self)
        self.score = Chart(tr("IoU on the validation areas"), self)
        self.loss.set_range(_SPAN, 0.0, math.inf)
        self.score.set_range(_SPAN, 0.0, 1.0)
        label = QLabel(tr("&Show"), self)
        label.setBuddy(self.view)
        choice = QHBoxLayout()
        choice.addWidget(label)
        choice.addWidget(self.view)
        choice.addWidget(self.sensors)
        choice.addStretch(1)
        charts = QHBoxLayout()
        charts.addWidget(self.loss, 2)
        charts.addWidget(self.score, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(choice)
        layout.addLayout(charts, 1)
        self.view.currentIndexChanged.connect(self._show)
        self.sensors.currentIndexChanged.connect(self._show)
        self.set_value(())

    def value(self) -> Tuple[Measure, ...]:
        """Return the history drawn."""
        return self._history

    def colors(self) -> Dict[str, str]:
        """Return the colours of classes, as far as they are known."""
        return self._colors

    def set_value(self, history: Sequence[Measure], epochs: int = 1, colors: Optional[Dict[str, str]] = None) -> None:
        """Draw a history. epochs: how many the training has at most. colors: of classes, by name."""
        self._history, self._epochs, self._colors = tuple(history), epochs, dict(colors or {})
        self._fill_sensors()
        self._show()

    def _fill_sensors(self) -> None:
        """Offer the combinations that were measured, all sensors first."""
        found = {score.sensors for row in self._history for score in row.scores}
        rows = sorted(found, key=lambda sensors: (-len(sensors), titles(sensors)))
        known = [self.sensors.itemData(i) for i in range(self.sensors.count())]
        texts = ["+".join(sensors) for sensors in rows]
        if texts == known:
            return
        chosen = self.sensors.currentData()
        self.sensors.blockSignals(True)
        self.sensors.clear()
        for sensors, text in zip(rows, texts):
            self.sensors.addItem(titles(sensors), text)
        self.sensors.setCurrentIndex(texts.index(chosen) if chosen in texts else 0 if texts else -1)
        self.sensors.blockSignals(False)

    def _show(self) -> None:
        history = self._history
        view = self.view.currentData()
        self.sensors.setVisible(view == CLASSES and self.sensors.count() > 1)
        top = best(history)
        loss = _line(tr("Loss"), [(row.epoch, row.loss) for row in history])
        self.loss.set_value([loss] if loss.points else [], self._epochs, None, tr("Drawn after the first epoch."))
        lines = [line for line in self._scores(view) if line.points]
        trained = any(row.epoch for row in history)
        empty = tr("Nothing was validated: there is no validation area.") if trained else tr("Not measured yet.")
        if trained and top is not None:
            empty = tr("The card of a model keeps the mean alone.")
        self.score.set_value(lines, self._epochs, top.epoch if top else None, empty)

    def _scores(self, view: str) -> List[Line]:
        if view == MEAN:
            return [_line(tr("Mean"), [(row.epoch, row.miou) for row in self._history])]
        if view == SENSORS:
            keys = [tuple(str(self.sensors.itemData(i)).split("+")) for i in range(self.sensors.count())]
            return [
                _line(
                    titles(key), [(row.epoch, s.miou) for row in self._history for s in row.scores if s.sensors == key]
                )
                for key in keys
            ]
        wanted = tuple(str(self.sensors.currentData() or "").split("+"))
        rows = [(row.epoch, s.iou) for row in self._history for s in row.scores if s.sensors == wanted]
        names = list(dict.fromkeys(name for _, iou in rows for name in iou))
        return [
            replace(_line(name, [(epoch, iou.get(name)) for epoch, iou in rows]), color=self._colors.get(name, ""))
            for name in names
        ]


def _line(name: str, points: Sequence[Tuple[int, Optional[float]]]) -> Line:
    return Line(name, tuple((x, y) for x, y in points if y is not None))
