"""What a job reads is never what it writes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..contract.errors import BadInput


def same(path: str | Path) -> str:
    """Return a text that is the same for all names of one file."""
    return os.path.normcase(Path(path).resolve())


def check_no_input(output: str | Path, name: str, inputs: Iterable[str]) -> None:
    """Raise BadInput when a file to write is one that is read.

    name: of the output in messages, with its option. inputs: "" and JSON in place of a file are left out.
    """
    if same(output) in {same(path) for path in inputs if path and not path.lstrip().startswith("{")}:
        raise BadInput(f"{name} is also an input.", "Choose another name.")
