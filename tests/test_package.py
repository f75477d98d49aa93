"""The zip that users install: built by `make package`, checked by the plugin repository's rules, started."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 25 << 20
REQUIRED = (
    "name", "description", "about", "version", "qgisMinimumVersion", "author", "email", "homepage", "tracker",
    "repository",
)  # fmt: skip
BINARIES = (".exe", ".dll", ".so", ".dylib", ".sh", ".bat", ".cmd", ".ps1", ".pyc", ".pyd", ".whl")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The zip of the working tree's tracked files, made in a folder of its own: dist/ is the user's."""
    if shutil.which("make") is None or shutil.which("git") is None:
        pytest.skip("make and git are needed to build the package")
    metadata = configparser.ConfigParser()
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    folder = tmp_path_factory.mktemp("package")
    places = [f"STAGE_ROOT={folder / 'stage'}", f"DIST={folder / 'dist'}"]
    subprocess.run(["make", "package", *places], cwd=ROOT, check=True, capture_output=True)
    return folder / "dist" / f"sgma_qgis-{metadata['general']['version']}.zip"


@pytest.fixture(scope="module")
def unpacked(package):
    folder = package.parent / "plugins with space é"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def names(package):
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


def test_size(package):
    assert package.stat().st_size <= MOST_BYTES


def test_names(package):
    for name in names(package):
        assert name.split("/")[0] == "sgma_qgis"
        assert "\\" not in name and ".." not in name.split("/") and not name.startswith("/")
        assert not name.lower().endswith(BINARIES), name
        hidden = [part for part in name.split("/") if part.startswith(".") or part in ("__pycache__", "__MACOSX")]
        assert not hidden, name
        assert not re.search(r"/tests?/", name), name


def test_what_must_be_there(package):
    for name in (
        "__init__.py",
        "metadata.txt",
        "LICENSE",
        "model/worker.py",
        "model/contract/job.py",
        "model/contract/learning.py",
        "model/contract/wire.py",
        "resources/icons/sgma.svg",
        "resources/models/town-demo/card.json",
        "resources/models/town-demo/weights.safetensors",
        "resources/models/trees-aerial/card.json",
        "resources/models/trees-aerial/weights.safetensors",
        "resources/i18n/sgma_de.qm",
        "runtime/lock/libraries.txt",
    ):
        assert f"sgma_qgis/{name}" in names(package)


def test_metadata(unpacked):
    metadata = configparser.ConfigParser()
    metadata.read(unpacked / "sgma_qgis" / "metadata.txt", encoding="utf-8")
    general = metadata["general"]
    for key in REQUIRED:
        assert general.get(key, "").strip(), key
    assert general["hasProcessingProvider"] == "yes"
    assert general["qgisMaximumVersion"] == "4.99"
    assert "supportsQt6" not in general
    assert "plugin" not in general["name"].lower()
    assert re.fullmatch(r"\d+\.\d+\.\d+", general["version"])
    assert (unpacked / "sgma_qgis" / general["icon"]).is_file()
    for key in ("homepage", "tracker", "repository"):
        assert general[key].startswith("https://")


def test_versions_agree(unpacked):
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    metadata = (ROOT / "metadata.txt").read_text(encoding="utf-8")
    assert re.search(r'^version = "(.+)"', project, re.M)[1] == re.search(r"^version=(.+)", metadata, re.M)[1]


def test_no_text_file_tells_of_the_machine_it_was_made_on(unpacked):
    for path in (unpacked / "sgma_qgis").rglob("*"):
        if path.suffix in (".py", ".txt", ".json", ".md", ".svg", ".qml"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(?<![\w.])/(home|root|work)/\w", text), path


def test_a_worker_started_from_it_answers(unpacked):
    runtime = os.environ.get("SGMA_RUNTIME_PYTHON") or str(ROOT / ".venv-runtime" / "bin" / "python")
    if not Path(runtime).exists():
        pytest.skip("no runtime: make .venv-runtime or set SGMA_RUNTIME_PYTHON")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import sgma_qgis.model as model\n"
        "from sgma_qgis.runtime.client import WorkerClient\n"
        "from sgma_qgis.model.contract import messages as m\n"
        "client = WorkerClient(sys.argv[2])\n"
        "ready = client.start()\n"
        "client.send(m.Run('a1', {'kind': 'echo', 'steps': 2}))\n"
        "last = list(client.events('a1', lambda: False))[-1]\n"
        "client.close()\n"
        "print(model.__file__, ready.protocol, last.result['steps'], sep='|')\n"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", code, str(unpacked), runtime],
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    where, protocol, steps = run.stdout.strip().split("|")
    assert where.startswith(str(unpacked))
    assert (protocol, steps) == ("1", "2")
