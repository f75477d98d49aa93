"""The work folder `OUTPUT.part/` of a training: a lock, caches, and after each epoch a checkpoint and a picture.

checkpoint.safetensors holds the tensors, its metadata a JSON text with everything else: one file, renamed when it is
whole, so that a kill at any moment leaves the last one or the new one.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from ..contract.checkpoint import EXAMPLE, FILE, METADATA, work_folder
from ..contract.errors import BadInput, OutputFailed
from ..locking import locked

_VERSION = 1


class WorkFolder:
    """The work folder of one output, locked while open. Use as a context manager.

    On leaving it goes, unless it holds a checkpoint (see `forget`); caches go anyway.
    Raises BadInput when another run holds the lock, or when the folder cannot be made or locked.
    """

    def __init__(self, output: Path) -> None:
        self.path = work_folder(str(output))
        self.caches = self.path / "data"
        self.example = self.path / EXAMPLE  #: how the training maps one window now
        self._output = output
        self._checkpoint = self.path / FILE
        self._lock = locked(self.path, f"Model folder {output}")

    def __enter__(self) -> WorkFolder:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.caches, ignore_errors=True)
        if self.kept:
            self._lock.close()
        else:
            self._remove()

    @property
    def kept(self) -> bool:
        """Whether there is a checkpoint to go on from."""
        return self._checkpoint.is_file()

    def forget(self) -> None:
        """Delete the checkpoint: the training is over, or is to start afresh."""
        self._checkpoint.unlink(missing_ok=True)

    def save(self, facts: dict[str, Any], state: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Write the checkpoint of a training; facts: JSON, what makes it this training and no other.

        Raises OutputFailed when it cannot be written; the one before stays.
        """
        part = self._checkpoint.with_suffix(".new")
        text = json.dumps({"version": _VERSION, "facts": facts, "state": state})
        try:
            whole = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
            safetensors.torch.save_file(whole, part, metadata={METADATA: text})
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(self._checkpoint)
        except (OSError, safetensors.SafetensorError) as error:
            raise OutputFailed(
                f"The checkpoint in {self.path} cannot be written ({error}).",
                "Make room; the same command goes on from the checkpoint before.",
            ) from None

    def load(self, facts: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
        """Return (state, tensors) of the checkpoint, None when there is none.

        Raises BadInput when it is damaged, or of a training with other facts; it is left as it is.
        """
        if not self.kept:
            return None
        try:
            with safetensors.safe_open(self._checkpoint, "pt") as file:
                found = json.loads(file.metadata()[METADATA])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no mapping
            version, theirs, state = found["version"], found["facts"], found["state"]
        except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
            raise self._refused(f"is damaged ({error})") from None
        if version != _VERSION:
            raise self._refused("was written by another version of this software")
        ours = json.loads(json.dumps(facts))
        if theirs != ours:
            other = ", ".join(_differences(theirs, ours))
            raise self._refused(f"is of another training: what differs is {other}")
        return state, tensors

    def _remove(self) -> None:
        if os.name == "nt":  # an open file cannot be deleted there
            self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()

    def _refused(self, why: str) -> BadInput:
        return BadInput(
            f"The checkpoint in {self.path} {why}.",
            "Repeat that training's command to go on with it, add --no-resume to start afresh, "
            "or choose another --output.",
        )


def _differences(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """Return what differs, in words: 'the data', 'recipe.rate (0.002, now 0.001)'."""
    found = []
    for name in sorted({*theirs, *ours}):
        a, b = theirs.get(name), ours.get(name)
        if isinstance(a, dict) and isinstance(b, dict):
            found += [f"{name}.{part}" for part in _differences(a, b)]
        elif a != b:
            short = all(isinstance(value, (int, float, str)) and len(str(value)) <= 24 for value in (a, b))
            found.append(f"{name} ({a}, now {b})" if short else name)
    return found
