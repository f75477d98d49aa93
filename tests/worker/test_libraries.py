"""What the runtime lacks is told at the start, without importing what only some jobs need."""

import subprocess
import sys
from pathlib import Path

import pytest

from sgma_qgis.model import libraries
from sgma_qgis.model.contract.errors import RuntimeUnavailable

ROOT = Path(__file__).resolve().parents[2]


def test_versions_are_those_of_the_imported_libraries():
    versions = libraries.versions()
    for name in (*libraries.EVERY_JOB, *libraries.SOME_JOBS):
        assert versions[name]
    assert versions["python"] == sys.version.split()[0]


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(libraries, "SOME_JOBS", ("shapely", "no_such_package", "nor_this"))
    for ask in (libraries.versions, libraries.load):
        with pytest.raises(RuntimeUnavailable, match="lacks no_such_package, nor_this"):
            ask()


def test_a_broken_optional_library_does_not_stop_the_worker(tmp_path, monkeypatch):
    (tmp_path / "broken_optional.py").write_text("raise ImportError('DLL load failed')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(libraries, "OPTIONAL", ("broken_optional",))
    libraries.load()


def test_loading_leaves_out_what_only_some_jobs_need():
    code = "import sys; from sgma_qgis.model import libraries; libraries.load(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert set(libraries.EVERY_JOB) <= loaded
    assert not {*libraries.SOME_JOBS, "matplotlib", "torchvision"} & loaded
