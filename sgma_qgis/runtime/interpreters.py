"""Finds a Python that a runtime can be made from: 3.11 to 3.14, 64 bit, able to make virtual environments."""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Iterator, List, Optional, Tuple

from ..model.contract.errors import RuntimeUnavailable
from .environment import LEAST_PYTHON, child_environment, no_window

MOST_PYTHON = (3, 14)  # wheels of all locked libraries exist up to it
PROBE_TIMEOUT_S = 20
_PROBE = """
import importlib.util, json, struct, sys, sysconfig
print(json.dumps({
    "executable": sys.executable,
    "version": list(sys.version_info[:3]),
    "implementation": sys.implementation.name,
    "platform": sysconfig.get_platform(),
    "bits": 8 * struct.calcsize("P"),
    "modules": [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name)],
}))
"""
#: Where Pythons lie that are not on PATH; QGIS started from a desktop has a short one.
_PLACES = (
    "/usr/bin/python3*",
    "/usr/local/bin/python3*",
    "/opt/homebrew/bin/python3*",
    "/Library/Frameworks/Python.framework/Versions/*/bin/python3",
    "{LOCALAPPDATA}\\Programs\\Python\\Python3*\\python.exe",
    "{PROGRAMFILES}\\Python3*\\python.exe",
    "C:\\Python3*\\python.exe",
)


@dataclass(frozen=True)
class Interpreter:
    """A Python that answered. platform: as sysconfig names it, 'linux-x86_64', 'win-amd64', 'macosx-11.0-arm64'.

    unfit: why no runtime can be made from it, '' when one can.
    """

    path: str
    version: Tuple[int, ...]
    platform: str
    unfit: str = ""

    @property
    def short(self) -> str:
        """'3.11'."""
        return "{}.{}".format(*self.version)


def probe(path: str) -> Interpreter:
    """Ask an interpreter what it is; its path is the one it gives itself. Raises RuntimeUnavailable."""
    try:
        run = subprocess.run(
            [path, "-I", "-c", _PROBE],
            env=child_environment(path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_TIMEOUT_S,
            creationflags=no_window(),
            check=False,
        )
        raw = json.loads(run.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
        version = tuple(int(part) for part in raw["version"])
        unfit = _unfit(version, str(raw["implementation"]), int(raw["bits"]), list(raw["modules"]))
        return Interpreter(str(raw["executable"]), version, str(raw["platform"]), unfit)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError, KeyError, TypeError) as error:
        raise RuntimeUnavailable(
            f"{path} does not work as a Python ({error!r}).", "Choose another interpreter."
        ) from None


def available() -> Iterator[Interpreter]:
    """Yield the Pythons of this machine that answer, QGIS's own first, then the oldest that is new enough first.

    Old ones first: more libraries have wheels for them.
    """
    answered: List[Interpreter] = []
    seen = set()
    mine = own()
    for path in _candidates():
        try:
            found = probe(path)
        except RuntimeUnavailable:
            continue
        real = os.path.realpath(found.path)  # a shim's or link's
        if real not in seen:
            seen.add(real)
            if path == mine:
                yield found
            else:
                answered.append(found)
    yield from sorted(answered, key=lambda found: (bool(found.unfit), found.version))


def own() -> Optional[str]:
    """Return the Python that QGIS runs, as a program: sys.executable may be QGIS itself."""
    if "python" in os.path.basename(sys.executable).lower():  # noqa: PTH119
        return sys.executable
    names = ("python.exe", "python3.exe") if os.name == "nt" else ("bin/python3",)
    for name in names:
        path = os.path.join(sys.exec_prefix, name)  # noqa: PTH118
        if os.access(path, os.X_OK):
            return path
    return None


def _candidates() -> Iterator[str]:
    mine = own()
    if mine:
        yield mine
    span = range(LEAST_PYTHON[1], MOST_PYTHON[1] + 1)
    for name in [f"python3.{minor}" for minor in span] + ["python3", "python"]:
        path = shutil.which(name)
        if path and "WindowsApps" not in path:  # there lies a door to a shop, not a Python
            yield path
    for pattern in _PLACES:
        for variable in ("LOCALAPPDATA", "PROGRAMFILES"):
            pattern = pattern.replace(f"{{{variable}}}", os.environ.get(variable, ""))
        for path in sorted(glob.glob(pattern)):  # noqa: PTH207  (patterns are absolute)
            if not path.endswith("-config"):
                yield path


def _unfit(version: Tuple[int, ...], implementation: str, bits: int, modules: List[str]) -> str:
    """Return why no runtime can be made from it, '' when one can."""
    if implementation != "cpython" or bits != 64:
        return f"it is {implementation} of {bits} bit; CPython of 64 bit is needed."
    if not LEAST_PYTHON <= version[:2] <= MOST_PYTHON:
        return "it is Python {}.{}; 3.{} to 3.{} is needed.".format(*version[:2], LEAST_PYTHON[1], MOST_PYTHON[1])
    if len(modules) < 2:
        missing = "ensurepip" if "venv" in modules else "venv"
        package = "python{}.{}-venv".format(*version[:2])
        return (
            f"it has no {missing}, which makes virtual environments; Debian and Ubuntu keep it in a package of its "
            f"own: sudo apt-get install {package}."
        )
    return ""
