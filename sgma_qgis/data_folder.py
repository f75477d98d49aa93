"""The folder that holds models, caches and the runtime: how large it is, and moving it. No qgis import; blocks."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Dict, Iterator

from . import service
from .language import tr
from .model.contract.errors import BadInput, Cancelled, OutputFailed
from .model.contract.store import choose_data_dir, data_dir

PARTS = ("models", "cache", "runtime")


def sizes(folder: Path) -> Dict[str, int]:
    """Return bytes by part (PARTS, then 'other'); 0 for what is not there."""
    found = dict.fromkeys((*PARTS, "other"), 0)
    for path, size in _files(folder):
        first = path.relative_to(folder).parts[0]
        found[first if first in PARTS else "other"] += size
    return found


def size_text(size: float) -> str:
    """Return bytes in words: '1.6 GB'."""
    megabytes = size / 10**6
    if megabytes >= 1000:
        return tr("{value:.1f} GB").format(value=megabytes / 1000)
    return tr("{value:.0f} MB").format(value=megabytes)


def is_used(folder: Path) -> bool:
    """Tell whether a folder is a data folder already: another user's or an earlier one's, to be used as it is."""
    return any((folder / part).is_dir() for part in PARTS)


def move(target: Path, feedback: service.Feedback) -> None:
    """Move the data folder's content to `target`, an empty or missing folder, which is the data folder from then on.

    The old one goes when all is there. Waits for the jobs before.
    Raises BadInput, OutputFailed or Cancelled; then the old folder is as it was.
    """
    source, target = data_dir().absolute(), target.absolute()
    if target == source:
        return
    if source in target.parents or target in source.parents:
        raise BadInput(f"{target} lies in the data folder, or holds it.", "Choose a folder elsewhere.")
    try:
        if target.exists() and any(target.iterdir()):
            raise BadInput(f"{target} is not empty.", "Choose an empty folder or a new one.")
        with service.at_rest(feedback):
            _move(source, target, feedback)
            choose_data_dir(str(target))  # before the next job starts
    except OSError as error:
        raise OutputFailed(
            f"The data folder could not be moved to {target} ({error.strerror or error}).",
            "Everything stays where it was. Choose a folder that you may write, on a disk with room.",
        ) from None


def _move(source: Path, target: Path, feedback: service.Feedback) -> None:
    if not source.exists():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rmdir()
    with contextlib.suppress(OSError):  # on another disk
        source.rename(target)
        return
    copy = target.with_name(target.name + ".part")
    try:
        _copy(source, copy, feedback)
        copy.rename(target)
    except BaseException:
        shutil.rmtree(copy, ignore_errors=True)
        raise
    shutil.rmtree(source, ignore_errors=True)


def _copy(source: Path, copy: Path, feedback: service.Feedback) -> None:
    total = sum(size for _, size in _files(source)) or 1
    free = shutil.disk_usage(copy.parent).free
    if free < total:
        raise BadInput(
            f"The disk of {copy.parent} has {free // 10**6} MB free; {total // 10**6} MB are needed.",
            "Choose a folder on another disk.",
        )
    done = 0

    def copy_file(begin: str, end: str) -> str:
        nonlocal done
        feedback.wait()
        if feedback.is_cancelled():
            raise Cancelled()
        shutil.copy2(begin, end, follow_symlinks=False)
        done += os.lstat(begin).st_size  # noqa: PTH116
        text = tr("Copying: {done} of {total} MB").format(done=done // 10**6, total=total // 10**6)
        feedback.progress(min(1.0, done / total), text)
        return end

    shutil.copytree(source, copy, symlinks=True, copy_function=copy_file)


def _files(folder: Path) -> Iterator[tuple]:
    """Yield (path, bytes) of every file below a folder; links are not followed."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            with contextlib.suppress(OSError):
                yield path, path.lstat().st_size
