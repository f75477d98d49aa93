"""The house rules that a machine can check: import directions, light modules, old Python.

The directions are import-linter's; the rest is read from the syntax trees.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MOST_LINES = 600  # the feel is 400; beyond this it is no longer one thing
HEAVY = {
    *("torch", "rasterio", "timm", "openvino", "pyogrio", "shapely", "safetensors", "numpy", "osgeo", "matplotlib"),
    "isal",
}
NEWER_ARGUMENTS = {("dataclass", "slots"), ("dataclass", "kw_only"), ("zip", "strict"), ("Popen", "process_group")}
WITHOUT_RASTERIO = ("sgma_qgis.model.nn", "sgma_qgis.model.training")


def module_name(path):
    """Return the dotted name a file has in the package: model/x.py is sgma_qgis.model.x."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if parts[0] == "sgma_qgis" else ("sgma_qgis", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = sorted(
    path
    for folder in ("sgma_qgis", "model")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
NAMES = {module_name(path): path for path in FILES}
TREES = {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in NAMES.items()}
PLUGIN = [name for name in NAMES if not name.startswith("sgma_qgis.model")]
CONTRACT = [name for name in NAMES if name.startswith("sgma_qgis.model.contract")]


def imports(name, module_level_only=False):
    """Yield (line, absolute dotted name) of every import; of `from . import x` the most precise module known."""
    tree = TREES[name]
    nodes = _module_level(tree) if module_level_only else ast.walk(tree)
    package = name if NAMES[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield node.lineno, full if full in NAMES else base


def _module_level(tree):
    """Yield the statements that run at import; those under TYPE_CHECKING do not."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        inside = (ast.FunctionDef, ast.AsyncFunctionDef)
        stack = [node]
        while stack:
            current = stack.pop()
            yield current
            if not isinstance(current, inside):
                stack.extend(ast.iter_child_nodes(current))


def test_imports_go_in_the_design_s_directions(tmp_path):
    """import-linter's contracts (pyproject.toml) on the tree as it is packaged."""
    subprocess.run(["make", "-s", "stage", f"STAGE_ROOT={tmp_path}"], cwd=ROOT, check=True)
    code = "from importlinter.cli import lint_imports_command as run; run()"
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    run = subprocess.run([sys.executable, "-c", code, *options], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("sgma_qgis.model")])
def test_model_imports_itself_relatively(name):
    for node in ast.walk(TREES[name]):
        absolute = (
            isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "sgma_qgis"
        )
        assert not absolute, f"{name}:{getattr(node, 'lineno', 0)}: model imports itself by absolute name"


@pytest.mark.parametrize("name", PLUGIN + CONTRACT)
def test_nothing_heavy_on_the_qgis_side(name):
    for line, target in imports(name):
        assert target.split(".")[0] not in HEAVY, f"{name}:{line} imports {target}"


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(WITHOUT_RASTERIO)])
def test_networks_and_training_load_without_rasterio(name):
    for line, target in imports(name, module_level_only=True):
        assert target.split(".")[0] not in ("rasterio", "pyogrio", "osgeo"), f"{name}:{line} imports {target}"


@pytest.mark.parametrize(
    "name", CONTRACT + [n for n in NAMES if n.startswith("sgma_qgis.runtime")] + ["sgma_qgis.service"]
)
def test_contract_runtime_and_service_need_the_standard_library_alone(name):
    for line, target in imports(name):
        first = target.split(".")[0]
        assert first in sys.stdlib_module_names or first == "sgma_qgis", f"{name}:{line} imports {target}"


@pytest.mark.parametrize("name", PLUGIN + CONTRACT)
def test_qgis_side_is_python_3_9(name):
    text = NAMES[name].read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 9))
    deferred = "from __future__ import annotations" in text
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for keyword in node.keywords:
                newer = (called, keyword.arg) in NEWER_ARGUMENTS
                assert not newer, f"{name}:{node.lineno}: {called}({keyword.arg}=) is newer than Python 3.9"
        assert deferred or not isinstance(node, ast.AnnAssign), f"{name}: annotations need the __future__ import"


@pytest.mark.parametrize("name", PLUGIN)
def test_qt_comes_through_qgis(name):
    for line, target in imports(name):
        assert not target.startswith(("PyQt5", "PyQt6", "PySide")), f"{name}:{line} imports {target}"
    for node in ast.walk(TREES[name]):
        assert not (isinstance(node, ast.Attribute) and node.attr == "exec_"), f"{name}: exec_() is gone in PyQt6"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_the_plugin_repository_blocks(name):
    for node in ast.walk(TREES[name]):
        assert not isinstance(node, ast.Assert), f"{name}:{node.lineno}: assert in shipped code"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec"), f"{name}:{node.lineno}: {node.func.id}()"
        shell = isinstance(node, ast.keyword) and node.arg == "shell"
        assert not shell, f"{name}: a shell is never needed"
        bare = isinstance(node, ast.ExceptHandler) and node.type is None
        assert not bare, f"{name}:{getattr(node, 'lineno', 0)}: bare except"
    for line, target in imports(name):
        first = target.split(".")[0]
        assert first not in ("pickle", "joblib", "marshal", "shelve", "dill"), f"{name}:{line} imports {target}"


@pytest.mark.parametrize("name", PLUGIN)
def test_events_are_processed_in_one_place(name):
    if name != "sgma_qgis.feedback":
        assert "processEvents" not in NAMES[name].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_files_stay_readable(name):
    lines = len(NAMES[name].read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{name} has {lines} lines: cut it"
    assert Path(NAMES[name]).stem not in ("utils", "helpers", "common"), f"{name} says nothing about what it holds"


def test_importing_the_qgis_side_imports_nothing_heavy():
    """The same, seen at run time and in the order QGIS does it."""
    code = "import sys; import sgma_qgis, sgma_qgis.service; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(run.stdout.split())
