"""Output files: checked before the work starts, written under temporary names, renamed when all are valid."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ..contract.errors import BadInput
from ..contract.job import RASTER_SUFFIXES, VECTOR_SUFFIXES, Outputs
from ..data.inputs import same
from ..data.output import replace_safely


def check(outputs: Outputs, inputs: Iterable[str]) -> None:
    """Check every output path. Raises BadInput: wrong suffix, an input or another output, folder missing or read-only.

    Whether a folder can be written is judged by trying: permission bits lie for root and on network shares.
    """
    taken = {same(path): "is also an input" for path in inputs if path}
    for role, name in outputs.paths().items():
        path = Path(name)
        try:
            _check_place(path, role)
        except OSError as error:
            raise BadInput(
                f"Output {path} ({role}): folder {path.parent} cannot be written ({error.strerror}).",
                "Choose a folder that you may write to.",
            ) from None
        suffixes = VECTOR_SUFFIXES if role == "polygons" else RASTER_SUFFIXES
        if path.suffix.lower() not in suffixes:
            raise BadInput(f"Output {name} ({role}) must end in {' or '.join(suffixes)}.", "Choose such a name.")
        if same(path) in taken:
            raise BadInput(f"Output {name} ({role}) {taken[same(path)]}.", "Choose another name.")
        taken[same(path)] = "is also another output"


def _check_place(path: Path, role: str) -> None:
    """Raise BadInput, or OSError when the folder cannot be written."""
    if path.is_dir():
        raise BadInput(f"Output {path} ({role}) is a folder.", "Give a file name in it.")
    if not path.parent.is_dir():
        raise BadInput(f"Output {path} ({role}): folder {path.parent} does not exist.", "Make the folder first.")
    with tempfile.TemporaryFile(dir=path.parent):
        pass


class Staging:
    """Temporary names beside the final ones; `publish` renames all, leaving the context without it deletes them.

    The temporary names are always the same: what a killed run left is deleted by the next on entering.
    """

    def __init__(self, paths: dict[str, str]) -> None:
        self._final = {role: Path(path) for role, path in paths.items()}
        self._temporary = {
            role: path.with_name(f".{path.stem}.unfinished{path.suffix}") for role, path in self._final.items()
        }

    def __enter__(self) -> Staging:
        self._clear()
        return self

    def __getitem__(self, role: str) -> Path:
        """Return the temporary path of a role."""
        return self._temporary[role]

    def publish(self) -> None:
        """Sync every file and give it its final name, the classes last. Raises OSError naming the file."""
        for role in sorted(self._final, key=lambda role: role == "classes"):
            replace_safely(self._temporary[role], self._final[role])

    def __exit__(self, *_: object) -> None:
        self._clear()

    def _clear(self) -> None:
        for path in self._temporary.values():
            with contextlib.suppress(OSError):
                path.unlink()
