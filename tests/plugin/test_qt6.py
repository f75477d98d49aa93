"""Nothing that breaks under Qt 6: enumerations by their full name, and what needs only Qt is constructed with PyQt6.

What needs qgis.core or qgis.gui runs in QGIS 3.40 (`make test-qgis340`).
"""

import ast
import enum
import importlib
import json
import os
import subprocess

import pytest
from plugin_support import ROOT

PYTHON = "/usr/bin/python3"  # where the system's PyQt6 is; the plugin's tests run in an environment on top of it
CODE = ROOT / "sgma_qgis"
FILES = sorted(path for path in CODE.rglob("*.py"))
QT = ("QtCore", "QtGui", "QtWidgets", "QtNetwork")


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def imported(tree):
    """Return {local name: (module, name)} of what comes from Qt or QGIS."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("qgis."):
            found.update({alias.asname or alias.name: (node.module, alias.name) for alias in node.names})
    return found


def dotted(node):
    """Return (root name, [attribute, ...]) of a.b.c, None for anything else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return (node.id, names) if isinstance(node, ast.Name) else None


def chains(tree):
    """Yield (line, module, [name, attribute, ...]) of every use of what comes from Qt or QGIS; longest only."""
    known = imported(tree)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            found = dotted(node)
            if found and found[0] in known:
                module, name = known[found[0]]
                yield node.lineno, module, [name, *found[1]]


def is_enum_value(value):
    return isinstance(value, enum.Enum) or type(type(value)).__name__ == "enumtype"


def unscoped(module, names):
    """Return whether a chain takes an enumeration's value from something else than the enumeration."""
    found = importlib.import_module(module)
    for name in names:
        parent, found = found, getattr(found, name, None)
        if is_enum_value(found):
            return parent is not type(found) and getattr(parent, "__name__", "") != type(found).__name__
    return False


def every_value_name():
    """Return the names of all values of enumerations that PyQt5 and QGIS show on a class, and those of the types."""
    values, types = set(), set()
    for module in [f"qgis.PyQt.{name}" for name in QT] + ["qgis.core", "qgis.gui"]:
        for cls in vars(importlib.import_module(module)).values():
            if isinstance(cls, type):
                getattr(cls, "nothing", None)  # sip fills a class when it is first asked
                for name, value in vars(cls).items():
                    if is_enum_value(value):
                        values.add(name)
                        types.add(type(value).__name__)
    return values, types


@pytest.fixture(scope="module")
def names(qgis_app):
    return every_value_name()


def findings(name, tree, values, types):
    for line, module, chain in chains(tree):
        if unscoped(module, chain):
            yield f"{name}:{line}: {'.'.join(chain)} is not scoped"
    # Taken from an object: its class is not known here, but the name is.
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    classes = {alias.asname or alias.name for node in imports for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr not in values or not node.attr[0].isupper():
            continue
        root = dotted(node)
        if root and root[0] in classes:
            continue
        base = node.value
        scope = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
        nested = scope.lstrip("_")[:1].isupper() and node.attr in types  # Class.Type, and names that are both
        if scope not in types and not nested and not node.attr.isupper():
            yield f"{name}:{node.lineno}: {ast.unparse(node)} looks like a value of an enumeration that is not scoped"


@pytest.mark.parametrize("name", TREES)
def test_enumerations_are_scoped(name, names):
    assert not list(findings(name, TREES[name], *names))


@pytest.mark.parametrize(
    "text",
    [
        "from qgis.PyQt.QtCore import Qt\nx = Qt.UserRole",
        "from qgis.PyQt.QtWidgets import QFrame as F\nx = F.NoFrame",
        "from qgis.core import Qgis\nx = Qgis.Warning",
        "from qgis.core import QgsTask\nx = QgsTask.CanCancel | QgsTask.Flag.CanCancel",
        "from qgis.gui import QgsFileWidget\nx = QgsFileWidget.GetFile",
        "def f(self):\n    return self.tree.header().Stretch",
        "def f(dialog):\n    return dialog.exec() == dialog.Accepted",
    ],
)
def test_the_check_sees(text, names):
    assert len(list(findings("text", ast.parse(text), *names))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from qgis.PyQt.QtCore import Qt\nx = Qt.ItemDataRole.UserRole",
        "from qgis.PyQt.QtCore import Qt\ndef f(b: Qt.MouseButton): pass",
        "from qgis.core import Qgis\nx = Qgis.MessageLevel.Warning",
        "from qgis.core import QgsMapLayerProxyModel as M\nx = M.Filter.RasterLayer",
        "from qgis.PyQt.QtCore import QLocale\nx = QLocale().toString(3, QLocale.FormatType.ShortFormat)",
    ],
)
def test_the_check_passes(text, names):
    assert not list(findings("text", ast.parse(text), *names))


def needs_only_qt():
    """Return the modules of widgets whose imports, followed through ours, never reach qgis.core or qgis.gui."""
    reached = {}

    def reaches(name):
        if name not in reached:
            reached[name] = False
            tree, package = TREES[name], name if f"{name}.__init__" in TREES else name.rpartition(".")[0]
            package = name if (ROOT / name.replace(".", "/")).is_dir() else package
            for node in ast.walk(tree):
                if not isinstance(node, (ast.Import, ast.ImportFrom)):
                    continue
                module = getattr(node, "module", None) or ""
                if not getattr(node, "level", 0):
                    targets = [module] if module else [alias.name for alias in node.names]
                    reached[name] |= any(t.startswith(("qgis.core", "qgis.gui", "qgis.utils")) for t in targets)
                    continue
                above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1])
                base = f"{above}.{module}" if module else above
                inner = [base, *(f"{base}.{alias.name}" for alias in node.names)]
                reached[name] |= any(reaches(t) for t in inner if t in TREES and t != name and t != "sgma_qgis")
        return reached[name]

    return [name for name in TREES if name.startswith("sgma_qgis.gui.") and not reaches(name)]


def test_what_needs_only_qt_is_constructed_under_pyqt6(tmp_path):
    has = subprocess.run([PYTHON, "-c", "import PyQt6.QtWidgets"], capture_output=True, check=False)
    if has.returncode:
        pytest.skip("no PyQt6: apt-get install python3-pyqt6")
    modules = needs_only_qt()
    assert len(modules) >= 8
    uses = [
        (f"{name}:{line}", module.rpartition(".")[2], chain)
        for name, tree in TREES.items()
        for line, module, chain in chains(tree)
        if module.startswith("qgis.PyQt.")
    ]
    uses += [
        (name, module.rpartition(".")[2], [target])
        for name, tree in TREES.items()
        for module, target in imported(tree).values()
        if module.startswith("qgis.PyQt.")
    ]
    run = subprocess.run(
        [PYTHON, str(ROOT / "tests" / "plugin" / "qt6_construct.py")],
        input=json.dumps({"chains": uses, "modules": modules}),
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "SGMA_DATA_DIR": str(tmp_path)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    lines = run.stdout.splitlines()
    assert [line for line in lines if not line.startswith("made ")] == []
    assert len(lines) >= 8, "few widgets need only Qt"
