"""The work folder `NAME.tif.part/`: finished blocks, one journal line each, and a lock, so that a run can be continued.

Nothing here is trusted by its mere existence: a block counts only with its journal line, and a lock only while a living
process holds it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from ..contract.errors import BadInput

if os.name == "nt":
    import msvcrt
else:
    import fcntl


def fingerprint(facts: dict[str, Any]) -> str:
    """Return a digest of everything that decides a run's pixels."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


class WorkFolder:
    """The work folder of one output, locked while open. Use as a context manager.

    Raises BadInput when another run holds the lock or the folder cannot be made.
    """

    def __init__(self, classes_path: Path) -> None:
        self.path = classes_path.with_name(classes_path.name + ".part")
        self.blocks: dict[str, dict[str, Any]] = {}
        self._journal = self.path / "journal.jsonl"
        try:
            self.path.mkdir(exist_ok=True)
            self._lock = (self.path / "lock").open("a+b")
        except OSError as error:
            raise BadInput(
                f"Output {classes_path}: cannot write into {classes_path.parent} ({error.strerror}).",
                "Choose a folder that exists and that you may write to.",
            ) from None
        if not _try_lock(self._lock):
            self._lock.close()
            raise BadInput(
                f"Output {classes_path} is being written by another run.", "Wait for it, or choose another output."
            )

    def __enter__(self) -> WorkFolder:
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock; remove the folder unless it holds blocks worth continuing from."""
        self._lock.close()
        if not self.blocks:
            self.remove()

    def open_journal(self, digest: str, *, resume: bool) -> str:
        """Take over the blocks of a run with the same digest, else start afresh. Returns a sentence or ''."""
        lines = self._lines()
        if lines and resume and lines[0].get("digest") == digest:
            for line in lines[1:]:
                if all((self.path / name).is_file() for name in line["files"].values()):
                    self.blocks[line["key"]] = line
            if self.blocks:
                return f"Continuing an interrupted run: {len(self.blocks)} blocks are already there."
        said = ""
        if lines and resume and lines[0].get("digest") != digest:
            said = "An interrupted run of this output had other inputs, model or options: starting afresh."
        self.blocks = {}
        for entry in self.path.iterdir():
            if entry.name != "lock":
                entry.unlink()
        self._append({"digest": digest})
        return said

    def finish_block(self, key: str, files: dict[str, str], facts: dict[str, Any]) -> None:
        """Note that a block's files (role -> name in the folder, already synced) are complete."""
        line = {"key": key, "files": files, **facts}
        self._append(line)
        self.blocks[key] = line

    def remove(self) -> None:
        """Delete the folder; called when its blocks are in the final files, or when there are none."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _append(self, line: dict[str, Any]) -> None:
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> list[dict[str, Any]]:
        """Return the journal's lines up to the first that is torn: the last one, if power went while it was written."""
        lines = []
        if self._journal.is_file():
            for text in self._journal.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    lines.append(json.loads(text))
                except ValueError:
                    break
        return lines


def _try_lock(file: Any) -> bool:
    try:
        if os.name == "nt":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
