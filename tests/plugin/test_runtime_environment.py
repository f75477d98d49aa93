"""Finding and checking the runtime's Python."""

import os
import sys

import pytest

from sgma_qgis.model.contract.errors import RuntimeUnavailable
from sgma_qgis.runtime import environment
from sgma_qgis.runtime.environment import child_environment, find, verify


@pytest.fixture()
def bare(monkeypatch, tmp_path):
    """No variable, an empty data folder, no checkout."""
    monkeypatch.delenv("SGMA_RUNTIME_PYTHON", raising=False)
    monkeypatch.setenv("SGMA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(environment, "package_root", lambda: tmp_path / "plugins")
    return tmp_path


def program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(sys.executable)
    return path


def test_order(bare, monkeypatch):
    checkout = program(bare / "plugins" / ".venv-runtime" / "bin" / "python")
    assert find() == str(checkout)
    managed = program(bare / "data" / "runtime" / "bin" / "python")
    assert find() == str(managed)
    variable = program(bare / "variable")
    monkeypatch.setenv("SGMA_RUNTIME_PYTHON", str(variable))
    assert find() == str(variable)
    setting = program(bare / "with space é" / "python")
    assert find(str(setting)) == str(setting)


def test_nothing_found_says_what_to_do(bare):
    with pytest.raises(RuntimeUnavailable) as caught:
        find()
    assert "SGMA_RUNTIME_PYTHON" in str(caught.value)
    assert "sgma:environment" in str(caught.value) and "Options, SGMA" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_setting_is_not_passed_over(bare):
    program(bare / "data" / "runtime" / "bin" / "python")
    with pytest.raises(RuntimeUnavailable, match="setting"):
        find(str(bare / "nothing"))
    (bare / "text").write_text("x")
    with pytest.raises(RuntimeUnavailable, match="text"):
        find(str(bare / "text"))


def test_verify_names_what_is_missing(monkeypatch):
    monkeypatch.setattr(environment, "PACKAGES", ("json", "no_such_package", "nor_this"))
    found = verify(sys.executable)
    assert found.missing == ("no_such_package", "nor_this")
    assert "no_such_package, nor_this" in found.sentence
    assert "\n" not in found.sentence


def test_verify_refuses_an_old_python(monkeypatch):
    monkeypatch.setattr(environment, "LEAST_PYTHON", (4, 0))
    assert "Python 4.0 or later" in verify(sys.executable).sentence


def test_verify_of_what_is_no_python():
    with pytest.raises(RuntimeUnavailable):
        verify("/bin/true")
    with pytest.raises(RuntimeUnavailable):
        verify("/nowhere/python")


def test_the_real_runtime_is_complete(runtime_python):
    found = verify(runtime_python)
    assert found.missing == ()
    assert "complete" in found.sentence


def test_child_environment_is_scrubbed():
    given = {
        "PYTHONHOME": "x", "PYTHONPATH": "x", "PROJ_LIB": "x", "PROJ_DATA": "x", "GDAL_DATA": "x",
        "GDAL_DRIVER_PATH": "x", "LD_LIBRARY_PATH": "x", "PIP_TARGET": "x", "QT_PLUGIN_PATH": "x",
        "QGIS_PREFIX_PATH": "x",
        "SGMA_DATA_DIR": "kept", "HOME": "kept", "CUDA_VISIBLE_DEVICES": "kept", "HTTPS_PROXY": "kept",
        "PATH": "/usr/bin",
    }  # fmt: skip
    child = child_environment("/opt/runtime/bin/python", given)
    assert {name for name, value in child.items() if value == "kept"} == {
        "SGMA_DATA_DIR", "HOME", "CUDA_VISIBLE_DEVICES", "HTTPS_PROXY",
    }  # fmt: skip
    assert "x" not in child.values()
    assert child["OMP_WAIT_POLICY"] == "passive"
    assert child_environment("/opt/runtime/bin/python", {"OMP_WAIT_POLICY": "active"})["OMP_WAIT_POLICY"] == "active"
    assert child["PATH"] == os.pathsep.join(["/opt/runtime/bin", "/usr/bin"])
