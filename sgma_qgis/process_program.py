"""What the program that runs Processing in a terminal is called on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from .model.contract.command import PROCESS


def program() -> str:
    """Return its name. On Debian and Ubuntu it is a shell script around another, which may fail: then the other's."""
    found = shutil.which(PROCESS)
    return f"{PROCESS}.bin" if found and Path(f"{found}.bin").is_file() else PROCESS
