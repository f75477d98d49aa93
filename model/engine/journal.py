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

from ..locking import locked


def fingerprint(facts: dict[str, Any]) -> str:
    """Return a digest of JSON-ready facts."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


class WorkFolder:
    """The work folder of one output, locked while open. Use as a context manager.

    Raises BadInput when another run holds the lock, or when the folder cannot be made or locked.
    """

    def __init__(self, classes_path: Path) -> None:
        self.path = classes_path.with_name(classes_path.name + ".part")
        self.blocks: dict[str, dict[str, Any]] = {}
        self._journal = self.path / "journal.jsonl"
        self._lock = locked(self.path, f"Output {classes_path}")
        self._worth_keeping = self._journal.exists()  # until `open_journal` has looked at it

    def __enter__(self) -> WorkFolder:
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock; remove the folder unless it holds blocks, or a journal that was not looked at."""
        if self.blocks or self._worth_keeping:
            self._lock.close()
        else:
            self.remove()

    def open_journal(self, digest: str, *, resume: bool, total: int = 0) -> str:
        """Take over the blocks of a run with the same digest, else start afresh. Returns a sentence or ''.

        total: blocks of the whole run, noted for whoever looks at what is left of it. Blocks with gaps are not taken
        over: what could not be read then may be readable now.
        """
        found, lines = self._journal.exists(), self._lines()
        same = bool(lines) and lines[0].get("digest") == digest
        self.blocks = {}
        if resume and same:
            for line in filter(_is_block, lines[1:]):
                if not line["failed"] and all((self.path / name).is_file() for name in line["files"].values()):
                    self.blocks[line["key"]] = line
        self._worth_keeping = False
        # anew, as the last line of the old one may be torn; and in its place at once: a kill here loses no block
        fresh = self._journal.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        _append(fresh, {"digest": digest, "blocks": total}, *self.blocks.values())
        fresh.replace(self._journal)
        kept = {name for line in self.blocks.values() for name in line["files"].values()}
        for entry in self.path.iterdir():
            if entry.name not in ("lock", self._journal.name, *kept) and not entry.is_dir():
                entry.unlink()
        if self.blocks:
            count = len(self.blocks)
            return f"Continuing an interrupted run: {count} block{' is' if count == 1 else 's are'} already there."
        if resume and found and not same:
            return "An interrupted run of this output had other inputs, model, options or program: starting afresh."
        return ""

    def finish_block(self, key: str, files: dict[str, str], facts: dict[str, Any]) -> None:
        """Note that a block's files (role -> name in the folder, already synced) are complete."""
        line = {"key": key, "files": files, **facts}
        _append(self._journal, line)
        self.blocks[key] = line

    def remove(self) -> None:
        """Delete the folder; called when its blocks are in the final files, or when there are none."""
        if os.name == "nt":  # an open file cannot be deleted there
            self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()

    def _lines(self) -> list[dict[str, Any]]:
        """Return the journal's lines up to the first that is torn: the last one, if power went while it was written."""
        lines: list[dict[str, Any]] = []
        if self._journal.is_file():
            for text in self._journal.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    line = json.loads(text)
                except (ValueError, RecursionError):
                    break
                if not isinstance(line, dict):
                    break
                lines.append(line)
        return lines


def _is_block(line: dict[str, Any]) -> bool:
    """Tell whether a line is what `finish_block` writes, its files in the folder itself."""
    files = line.get("files")
    return (
        isinstance(line.get("key"), str)
        and isinstance(line.get("failed"), list)
        and isinstance(files, dict)
        and all(isinstance(name, str) and Path(name).name == name for name in files.values())
    )


def _append(journal: Path, *lines: dict[str, Any]) -> None:
    with journal.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
