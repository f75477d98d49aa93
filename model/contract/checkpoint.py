"""What an interrupted training left in OUTPUT.part, as far as it can be told without reading its tensors."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

FOLDER = ".part"  #: ends the name of the work folder, beside the output
FILE = "checkpoint.safetensors"
EXAMPLE = "example.png"  #: how the training maps one window after the last epoch
METADATA = "training"  #: name of the text of JSON in the file's header
_MOST = 64_000_000  # bytes of a header


@dataclass(frozen=True)
class Kept:
    """A training that can be gone on with.

    epochs: whole ones done. of: how many it was to have. told: what it told after each, {epoch, step, values as in
    `messages.Metrics`}.
    """

    epochs: int
    of: int
    told: Tuple[Dict[str, Any], ...] = ()


def work_folder(output: str) -> Path:
    """Return the work folder of a training that writes to `output`."""
    path = Path(output)
    return path.with_name(path.name + FOLDER)


def kept(output: str) -> Optional[Kept]:
    """Return what is there to go on with; None when there is nothing, or nothing that can be read."""
    try:
        with (work_folder(output) / FILE).open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length)) if length <= _MOST else {}
        found = json.loads(header["__metadata__"][METADATA])
        state = found["state"]
        told = tuple(dict(row) for row in state["told"])
        return Kept(int(state["run"]["epochs_done"]), int(found["facts"]["recipe"]["epochs"]), told)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError, struct.error):
        # none, damaged, or of another version
        return None
