# ruff: noqa: T201
"""Run by test_qt6.py with a Python that has PyQt6: resolves names there and constructs every widget that needs only Qt.

stdin: {"chains": [[where, module, [name, ...]], ...], "modules": [...]}; stdout: a line for each thing that is wrong.
"""

import importlib
import json
import sys
import types
from pathlib import Path

import PyQt6
from PyQt6 import QtCore, QtGui, QtNetwork, QtWidgets, QtXml

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

# As qgis.PyQt does it in a QGIS with Qt 6.
for name in ("QAction", "QActionGroup", "QShortcut"):
    setattr(QtWidgets, name, getattr(QtGui, name))
sys.modules["qgis"] = types.ModuleType("qgis")
sys.modules["qgis.PyQt"] = PyQt6
QT = {"QtCore": QtCore, "QtGui": QtGui, "QtNetwork": QtNetwork, "QtWidgets": QtWidgets, "QtXml": QtXml}
for name, module in QT.items():
    sys.modules[f"qgis.PyQt.{name}"] = module


def check_chain(where, module, names):
    found = QT[module]
    for name in names:
        if not hasattr(found, name):
            print(f"{where}: {'.'.join(names)} is not in PyQt6")
            return
        found = getattr(found, name)
        if callable(found) and not isinstance(found, type):
            return


def arguments(name):
    """Return what a class needs to be made, beside what has a default."""
    from plugin_support import make_card

    return {"CardDialog": (make_card(),), "Picture": ("none",)}.get(name, ())


def construct(name):
    module = importlib.import_module(name)
    for cls in vars(module).values():
        if not (isinstance(cls, type) and issubclass(cls, QtWidgets.QWidget) and cls.__module__ == name):
            continue
        widget = cls(*arguments(cls.__name__))
        if hasattr(widget, "value") and hasattr(widget, "set_value") and widget.value() is not None:
            widget.set_value(widget.value())
        widget.resize(320, 400)
        widget.show()
        app.processEvents()
        widget.grab()
        print(f"made {cls.__name__}")
        widget.close()


def bars():
    """The one that paints by itself needs something to paint."""
    from sgma_qgis.gui.bars import Bar, Bars

    widget = Bars()
    widget.set_value([Bar("tree", 0.4, "40 %", "#117733")])
    widget.show()
    widget.grab()


def charts():
    """So do those of the wizard."""
    from sgma_qgis.gui.wizard.confusion_view import ConfusionView
    from sgma_qgis.gui.wizard.curves import Curves
    from sgma_qgis.gui.wizard.measures import Measure, Score
    from sgma_qgis.gui.wizard.picture import Picture
    from sgma_qgis.gui.wizard.reliability_view import Reliability, ReliabilityView

    curves, matrix, diagram, picture = Curves(), ConfusionView(), ReliabilityView(), Picture("none")
    scores = tuple(Score((key,), 0.5, {"tree": 0.5, "water": 0.4}) for key in ("rgb", "nir"))
    curves.set_value([Measure(n, n, 1.0 - 0.1 * n, 0.5, scores) for n in range(4)], 9)
    curves.view.setCurrentIndex(1)
    matrix.set_value([[9, 1], [2, 8]], ["tree", "water"], ["#117733", "#0072b2"])
    diagram.set_value([Reliability("now", ((10, 8.0, 7.0), (20, 19.0, 18.0)), 0.1)])
    image = QtGui.QImage(30, 10, QtGui.QImage.Format.Format_RGB32)
    picture.set_value(image, ("a", "b"))
    for widget in (curves, matrix, diagram, picture):
        widget.resize(400, 300)
        widget.show()
        spot = QtCore.QPointF(80, 90)
        left, none = QtCore.Qt.MouseButton.NoButton, QtCore.Qt.KeyboardModifier.NoModifier
        moved = QtGui.QMouseEvent(QtCore.QEvent.Type.MouseMove, spot, spot, left, left, none)
        app.sendEvent(getattr(widget, "score", widget), moved)
        widget.grab()


app = QtWidgets.QApplication([])
task = json.load(sys.stdin)
for chain in task["chains"]:
    check_chain(*chain)
for name in task["modules"]:
    try:
        construct(name)
    except Exception as error:  # noqa: BLE001  (told to the test)
        print(f"{name}: {type(error).__name__}: {error}")
bars()
charts()
