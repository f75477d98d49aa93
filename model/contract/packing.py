"""A model renamed, installed among the others, written as one .sgma file. Whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Dict, Iterator, Optional

from .card import Card, parse, to_json
from .errors import BadInput, BadModel, OutputFailed
from .store import CARD_FILE, PART, SUFFIX, Package, data_dir, installed, open_package

_DATE = (1980, 1, 1, 0, 0, 0)  # of members: the same model gives the same file


def renamed(card: Card, *, id: str, title: str, licence: str) -> Card:
    """Return the card with another id, title and licence. Raises BadInput when it would not be valid."""
    try:
        return parse(to_json(replace(card, id=id, title=title, licence=licence)), "The card")
    except BadModel as error:
        raise BadInput(error.message, "Correct the field.") from None


def rewrite(package: Package, card: Card) -> Package:
    """Write another card for the weights of a package that is a folder. Raises BadInput or OutputFailed."""
    if card.weights_sha256 != package.card.weights_sha256:
        raise BadInput(f"The card is not of the weights in {package.path}.", "Write the card of this model.")
    if card != package.card:
        with _writing(package.path / CARD_FILE) as part:
            part.write_text(to_json(card), encoding="utf-8")
    return open_package(package.path)


def export(package: Package, file: Path) -> Package:
    """Write a model as one file, which must end in .sgma; one of that name is replaced.

    Raises BadInput, BadModel when the weights are damaged, OutputFailed.
    """
    if file.suffix != SUFFIX:
        raise BadInput(f"{file} must end in {SUFFIX}.", "Change its name.")
    members = _members(package)
    with _writing(file) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return open_package(file)


def in_its_place(package: Package) -> Optional[Package]:
    """Return the installed model, another one, that has the id of this; None when the id is free."""
    found = next((other for other in installed() if other.card.id == package.card.id), None)
    return None if found is None or _same_place(found.path, package.path) else found


def install(package: Package, overwrite: bool = False) -> Package:
    """Copy a model into the user's own models, under its id, and return it there.

    overwrite: in place of another one of the user's own. Raises BadInput when the id is taken, BadModel when the
    weights are damaged, OutputFailed.
    """
    folder = data_dir() / "models"
    other, target = in_its_place(package), folder / package.card.id
    own = other is not None and _same_place(other.path.parent, folder)
    if other is not None and not (own and overwrite):
        where = f"is installed in {other.path}" if own else "comes with the plugin"
        raise BadInput(f"A model with the id {package.card.id!r} {where}.", "Choose another id.")
    if _same_place(package.path.parent, folder):
        return package
    if target.exists() and other is None:
        raise BadInput(f"{target} is there already and is no model of that id.", "Choose another id.")
    part, old = (data_dir() / f".{package.card.id}.{kind}" for kind in ("part", "old"))  # beside: never listed
    members = _members(package)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in (part, old):
            _remove(left)
        part.mkdir()
        for name, data in members.items():
            _write(part / name, data)
        if other is not None:
            other.path.replace(old)
        try:
            part.replace(target)
        except OSError:
            if other is not None:
                old.replace(other.path)
            raise
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise _failed(target, error) from None
    with contextlib.suppress(OSError):
        _remove(old)
    return open_package(target)


def _members(package: Package) -> Dict[str, bytes]:
    """Return the files of a package, the weights compared with the card's hash."""
    return {
        package.card.weights_file: package.weights(),
        CARD_FILE: to_json(package.card).encode("utf-8"),
    }


def _same_place(a: Path, b: Path) -> bool:
    return a.resolve() == b.resolve()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`, renamed to it when all went well. Raises OutputFailed."""
    part = path.with_name(path.name + PART)
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _failed(path: Path, error: OSError) -> OutputFailed:
    return OutputFailed(f"{path} cannot be written ({error.strerror or error}).", "Choose another place, or make room.")
