"""Work folders that one run has for itself, by an operating system lock: a kill releases it, a file's existence not."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from .contract.errors import BadInput

if os.name == "nt":
    import msvcrt
else:
    import fcntl

_BUSY = (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


def locked(folder: Path, output: str) -> Any:
    """Make the folder and return its open lock file; closing it gives the lock back. `output` is its name in messages.

    Raises BadInput when another run holds the lock, or when the folder cannot be made or locked.
    """
    while True:  # its last owner may remove the folder while we wait
        try:
            folder.mkdir(exist_ok=True)
            lock = (folder / "lock").open("a+b")
        except FileNotFoundError:
            if folder.parent.is_dir():
                continue
            raise _refused(folder, output, "its folder does not exist") from None
        except OSError as error:
            raise _refused(folder, output, error.strerror or str(error)) from None
        try:
            _lock(lock)
            if os.name == "nt" or os.path.samestat(os.fstat(lock.fileno()), (folder / "lock").stat()):
                return lock
            lock.close()
        except FileNotFoundError:
            lock.close()
        except OSError as error:
            lock.close()
            if error.errno in _BUSY:
                raise BadInput(
                    f"{output} is being written by another run.", "Wait for it, or choose another output."
                ) from None
            raise _refused(folder, output, f"files cannot be locked there: {error.strerror}") from None


def _refused(folder: Path, output: str, why: str) -> BadInput:
    return BadInput(
        f"{output}: cannot work in {folder.parent} ({why}).", "Choose a folder that exists and that you may write to."
    )


def _lock(file: Any) -> None:
    """Lock or raise OSError, its errno in _BUSY when another process has it."""
    if os.name == "nt":
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
