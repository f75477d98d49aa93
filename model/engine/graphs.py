"""Converted networks, kept in the data folder: converting one takes seconds, and is done once.

A graph belongs to a model, a set of modalities and their dtypes, a tile shape, the libraries' versions and our code.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ..contract.card import to_json
from ..contract.store import data_dir
from ..feedback import JobFeedback
from ..libraries import versions
from . import convert
from .workload import BackendFailed, Workload

MOST_KEPT = 24  # the least recently used go first: a folder's time is that of its last use
CONVERT_TIMEOUT_S = 900
STAGE = "convert"  # of progress: it may come up in the midst of any other
_TEMPORARY = "new-"
_CONVERT = "import sys; sys.path.append(sys.argv[1]); from {} import main; main()"


def place(workload: Workload, keys: tuple[str, ...]) -> Path:
    """Return the folder of a graph, named by all that decides it, the network's code included."""
    facts = {
        "card": to_json(workload.package.card),
        "dtypes": {key: workload.dtypes[key].name for key in keys},
        "tile_size": workload.tile_size,
        "trust": workload.trust,
        "versions": [versions()[name] for name in ("openvino", "torch")],
        "code": _code_digest(),
    }
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return data_dir() / "cache" / "openvino" / digest[:32]


def _code_digest() -> str:
    here = Path(__file__).parent
    network = sorted((here.parent / "nn").rglob("*.py"))
    sources = [*network, here / "workload.py", here / "convert.py"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def make(workload: Workload, keys: tuple[str, ...], folder: Path, feedback: JobFeedback) -> None:
    """Make the graph in a process of its own and move it into place whole. Raises BackendFailed or Cancelled."""
    began = time.monotonic()
    feedback.progress(STAGE, 0, 1)
    feedback.info(
        "Preparing the model for this processor: once for such sensors, outputs and tiles, kept for later runs."
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(folder.parent) as parent:
        fresh = Path(parent) / "graph"
        fresh.mkdir()
        _run(json.dumps(convert.request(workload, keys, fresh)), Path(parent), feedback.check)
        try:
            fresh.rename(folder)
        except OSError:  # another process was quicker; its graph is the same
            if not (folder / convert.GRAPH).is_file():
                raise
    feedback.info(f"The model was prepared in {time.monotonic() - began:.0f} s.")
    with contextlib.suppress(OSError):  # another process tidies, too
        _tidy(folder.parent)


def discard(folder: Path) -> None:
    """Remove a graph if it is there, never a half of it. Raises OSError, as on Windows while it is in use."""
    if folder.exists():
        with _temporary(folder.parent) as parent:
            folder.rename(Path(parent) / "graph")


def _temporary(cache: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=cache, prefix=_TEMPORARY, ignore_cleanup_errors=True)


def _run(asked: str, folder: Path, check: Callable[[], None]) -> None:
    root = Path(sys.modules[__name__.partition(".")[0]].__file__).parents[1]
    with (folder / "stderr").open("w+", encoding="utf-8", errors="replace") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _CONVERT.format(convert.__name__), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            with contextlib.suppress(OSError):  # it has ended already: its exit code tells more
                process.stdin.write(asked)
                process.stdin.close()
            until = time.monotonic() + CONVERT_TIMEOUT_S
            while process.poll() is None:
                check()
                if time.monotonic() > until:
                    raise BackendFailed(f"Converting the network did not end within {CONVERT_TIMEOUT_S} s.")
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            stderr.seek(0)
            last = (stderr.read().strip().splitlines() or [""])[-1][:200]
            raise BackendFailed(f"The network cannot be converted (exit code {process.returncode}): {last}")


def _tidy(cache: Path) -> None:
    """Remove what was not used for long, and what conversions that were killed left behind."""
    graphs = sorted(cache.glob(f"*/{convert.GRAPH}"), key=lambda path: path.parent.stat().st_mtime, reverse=True)
    for path in graphs[MOST_KEPT:]:
        with contextlib.suppress(OSError):  # in use
            discard(path.parent)
    for folder in cache.glob(f"{_TEMPORARY}*"):
        if time.time() - folder.stat().st_mtime > 2 * CONVERT_TIMEOUT_S:
            shutil.rmtree(folder, ignore_errors=True)
