"""Which builds of torch a Python can get, what each is locked by and how large it is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence, Tuple

from ..model.contract.errors import RuntimeUnavailable
from .environment import LEAST_PYTHON
from .interpreters import MOST_PYTHON, Interpreter, available, probe

HOW_TO_GET_ONE = (
    "Install a 64 bit Python 3.11 to 3.14 (Linux: your package manager; Windows, macOS: python.org) and choose it here."
)
LOCK = Path(__file__).with_name("lock")
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


@dataclass(frozen=True)
class Build:
    """key: cpu, cuda or mps. torch_lock: file in LOCK. own_index: whether torch comes from TORCH_INDEX, not from PyPI.

    Sizes in megabytes, of what is downloaded and of what stays on disk. A cuda build computes on the processor too.
    """

    key: str
    torch_lock: str
    own_index: bool
    download_mb: int
    disk_mb: int

    def locks(self) -> Tuple[Path, ...]:
        """Return the lock files in the order they are installed."""
        return LOCK / "pip.txt", LOCK / self.torch_lock, LOCK / "libraries.txt"

    def digest(self) -> str:
        """Return a short digest of the locks: an environment with another one is not up to date."""
        return hashlib.sha256(b"".join(path.read_bytes() for path in self.locks())).hexdigest()[:16]


# Downloads: sums of the wheels on the index. On disk: measured for cpu on Linux, the others estimated from it.
_CPU_LINUX = Build("cpu", "torch-cpu.txt", True, 400, 1600)
_CUDA_LINUX = Build("cuda", "torch.txt", False, 2950, 7500)
_CPU_WINDOWS = Build("cpu", "torch.txt", False, 320, 1300)
_MPS_MAC = Build("mps", "torch.txt", False, 240, 1000)
ALL = (_CPU_LINUX, _CUDA_LINUX, _CPU_WINDOWS, _MPS_MAC)


def builds(interpreter: Interpreter) -> Tuple[Build, ...]:
    """Return what this Python can get, the default first; empty for a platform without torch.

    On Linux a Python whose small processor build has no checksum in torch-cpu.txt gets the one with CUDA.
    """
    platform = interpreter.platform
    if platform == "linux-x86_64" and interpreter.version[:2] in checked_cpu_pythons():
        return _CPU_LINUX, _CUDA_LINUX
    if platform in ("linux-x86_64", "linux-aarch64"):
        return (_CUDA_LINUX,)
    if platform == "win-amd64":
        return (_CPU_WINDOWS,)
    if re.fullmatch(r"macosx-.*-(arm64|universal2)", platform):
        return (_MPS_MAC,)
    return ()


def choose(python: str = "", key: str = "") -> Tuple[Interpreter, Build]:
    """Return the Python named, else the best fit one, and its build of that key, else its default.

    Best: where the default is not a CUDA build, then the order of `available`. Raises RuntimeUnavailable.
    """
    if python:
        interpreter = probe(python)
        if interpreter.unfit:
            raise RuntimeUnavailable(f"{python} cannot be used: {interpreter.unfit}", HOW_TO_GET_ONE)
    else:
        interpreter = _best(tuple(available()))
    choices = builds(interpreter)
    for choice in choices:
        if key in ("", choice.key):
            return interpreter, choice
    what = f"Python {interpreter.short} on {interpreter.platform}"
    if not choices:
        raise RuntimeUnavailable(f"There is no torch of the version that is needed for {what}.", HOW_TO_GET_ONE)
    known = ", ".join(choice.key for choice in choices)
    raise RuntimeUnavailable(
        f"No checksum is known of a {key} build of torch for {what}; known: {known}.",
        "Choose one of these, or make an environment yourself and name its python in the settings.",
    )


def checked_cpu_pythons() -> Tuple[Tuple[int, int], ...]:
    """Return the Python versions of the x86_64 Linux wheels whose checksums torch-cpu.txt has."""
    text = (LOCK / "torch-cpu.txt").read_text(encoding="utf-8")
    found = re.findall(r"^# wheel: cp3(\d+)-cp3\d+-\w*x86_64", text, re.M)
    return tuple((3, int(minor)) for minor in found)


def _best(found: Sequence[Interpreter]) -> Interpreter:
    fit = [interpreter for interpreter in found if not interpreter.unfit]
    for interpreter in fit:
        if builds(interpreter)[:1] not in ((), (_CUDA_LINUX,)):
            return interpreter
    if fit:
        return fit[0]
    seen = "; ".join(f"{interpreter.path}: {interpreter.unfit.rstrip('.')}" for interpreter in found[:3])
    text = "No Python {}.{} to {}.{} was found".format(*LEAST_PYTHON, *MOST_PYTHON)
    raise RuntimeUnavailable(f"{text} ({seen})." if seen else f"{text}.", HOW_TO_GET_ONE)
