"""Finds and checks the runtime Python, and makes the environment its processes get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

from ..model.contract.errors import RuntimeUnavailable
from ..model.contract.store import data_dir

VARIABLE = "SGMA_RUNTIME_PYTHON"
PACKAGES = ("numpy", "torch", "timm", "rasterio", "isal", "safetensors", "pyogrio", "shapely", "pyproj")
LEAST_PYTHON = (3, 11)
VERIFY_TIMEOUT_S = 60
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
WINDOWS = sys.platform == "win32"

#: What QGIS and its launchers set for their own Python, PROJ, GDAL and Qt would mislead the runtime's.
SCRUBBED = ("PYTHON", "PROJ_", "GDAL_", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_", "PIP_", "QT_", "QGIS_", "VIRTUAL_ENV")

_PROBE = """
import importlib.util, json, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    if importlib.util.find_spec(name) is not None:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
print(json.dumps({"python": list(sys.version_info[:3]), "packages": found}))
"""


class NotInstalled(RuntimeUnavailable):
    """There is no runtime yet."""


@dataclass(frozen=True)
class Verification:
    """What one run of the interpreter told, and the same in one sentence; `missing` is empty for a complete runtime."""

    missing: Tuple[str, ...]
    versions: Dict[str, str]
    sentence: str


def package_root() -> Path:
    """Return the folder that holds this plugin's folder: what the worker puts on its search path."""
    return Path(__file__).resolve().parents[2]


def managed_python() -> Path:
    """Return where the managed runtime keeps its interpreter, whether it exists or not."""
    return venv_python(data_dir() / "runtime")


def find(setting: str = "") -> str:
    """Return the runtime Python: the setting, else SGMA_RUNTIME_PYTHON, else the managed one, else a checkout's own.

    A setting or variable that names nothing usable is an error, not a reason to look further.
    Raises RuntimeUnavailable saying what is missing and what to do, NotInstalled where none is named and none found.
    """
    named = (
        (setting, "the plugin's setting"),
        (os.environ.get(VARIABLE, ""), f"the environment variable {VARIABLE}"),
    )
    for path, origin in named:
        if path:
            if not _is_program(Path(path)):
                raise RuntimeUnavailable(
                    f"{path}, named by {origin}, is not a Python that can be started: correct it or remove it."
                )
            return os.path.abspath(path)  # noqa: PTH100  (resolve() would leave the virtual environment)
    for path in (managed_python(), venv_python(package_root() / ".venv-runtime")):
        if _is_program(path):
            return str(path)
    raise NotInstalled(
        f"The engine (Python {LEAST_PYTHON[0]}.{LEAST_PYTHON[1]} or later with torch and rasterio) is not installed: "
        "install it in QGIS under Settings, Options, SGMA, or by Processing's sgma:environment with ACTION=install; or "
        f"name the python of one that you made yourself in the environment variable {VARIABLE}."
    )


def verify(python: str) -> Verification:
    """Start the interpreter once and return which needed packages it has. Raises RuntimeUnavailable if it cannot."""
    try:
        run = subprocess.run(
            [python, "-I", "-c", _PROBE, *PACKAGES],
            env=child_environment(python),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERIFY_TIMEOUT_S,
            creationflags=no_window(),
            check=False,
        )
        raw = json.loads(run.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
        version, versions = tuple(raw["python"]), dict(raw["packages"])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError, KeyError, TypeError) as error:
        raise RuntimeUnavailable(
            f"{python} does not work as a Python ({error!r}).", "Choose another interpreter."
        ) from None
    missing = tuple(name for name in PACKAGES if name not in versions)
    needs: List[str] = list(missing)
    if version < LEAST_PYTHON:
        needs.insert(0, "Python {}.{} or later (it is {}.{})".format(*LEAST_PYTHON, *version[:2]))
    versions["python"] = ".".join(str(part) for part in version)
    if needs:
        sentence = f"The runtime {python} lacks {', '.join(needs)}."
    else:
        sentence = f"The runtime {python} is complete (torch {versions['torch']})."
    return Verification(tuple(needs), versions, sentence)


def child_environment(python: str, environ: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """Return the environment for a runtime process: ours less SCRUBBED, the interpreter's folders first on PATH."""
    source = os.environ if environ is None else environ
    kept = {name: value for name, value in source.items() if not name.upper().startswith(SCRUBBED)}
    # Threads that spin while they wait starve each other once another program computes too (seen: 20 times slower).
    kept.setdefault("OMP_WAIT_POLICY", "passive")
    folder = Path(python).parent
    first = [str(folder)]
    if WINDOWS:  # conda keeps its libraries there and does not start without
        first += [str(folder / "Library" / "bin"), str(folder / "Scripts")]
    kept["PATH"] = os.pathsep.join([*first, kept["PATH"]] if kept.get("PATH") else first)
    return kept


def no_window() -> int:
    """Return the process creation flag that keeps a console window from opening on Windows; 0 elsewhere."""
    return getattr(subprocess, "CREATE_NO_WINDOW", 0)


def venv_python(folder: Path) -> Path:
    return folder / "Scripts" / "python.exe" if WINDOWS else folder / "bin" / "python"


def _is_program(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.X_OK)
    except OSError:
        return False
