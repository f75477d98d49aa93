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
from PyQt6 import QtCore, QtGui, QtNetwork, QtWidgets

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

# As qgis.PyQt does it in a QGIS with Qt 6.
for name in ("QAction", "QActionGroup", "QShortcut"):
    setattr(QtWidgets, name, getattr(QtGui, name))
sys.modules["qgis"] = types.ModuleType("qgis")
sys.modules["qgis.PyQt"] = PyQt6
QT = {"QtCore": QtCore, "QtGui": QtGui, "QtNetwork": QtNetwork, "QtWidgets": QtWidgets}
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

    return {"CardDialog": (make_card(),)}.get(name, ())


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
