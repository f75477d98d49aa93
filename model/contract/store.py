"""Where models lie and how a package is opened: folder or .sgma zip with card.json and safetensors weights.

Packages come from strangers: sizes are capped, member names checked, the hash compared before the weights are parsed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import List, Tuple

from .card import MAX_CARD_BYTES, Card, parse
from .errors import BadModel

CARD_FILE = "card.json"
WEIGHTS_FILE = "weights.safetensors"  #: of models that are written here; others may name theirs otherwise
PART = ".part"  #: ends the name of a file of a model that is not whole yet
SUFFIX = ".sgma"
MAX_WEIGHTS_BYTES = 1 << 30
MOST_KEPT = 200_000  # characters of a card that is kept in memory

_chosen = ""  # the data folder of the plugin's settings


@dataclass(frozen=True)
class Package:
    """A model package whose card is valid; the weights are read, and their hash checked, by `weights()`."""

    path: Path
    card: Card

    def weights(self) -> bytes:
        """Return the safetensors file. Raises BadModel when it is missing, too large, or not what the card names."""
        import hashlib  # here: QGIS starts sooner without

        name = self.card.weights_file
        data = _read(self.path, name, MAX_WEIGHTS_BYTES)
        digest = hashlib.sha256(data).hexdigest()
        if digest != self.card.weights_sha256:
            raise BadModel(
                f"{self.path}: {name} has SHA-256 {digest[:12]}..., the card says {self.card.weights_sha256[:12]}...",
                "The weights are damaged or belong to another model: install the model again.",
            )
        return data


def choose_data_dir(path: str) -> None:
    """Set the data folder of this process; '' takes that back. SGMA_DATA_DIR counts more."""
    global _chosen
    _chosen = path


def data_dir_is_fixed() -> bool:
    """Tell whether the environment names the data folder, so that it cannot be chosen."""
    return bool(os.environ.get("SGMA_DATA_DIR"))


def data_dir() -> Path:
    """Return the data folder: SGMA_DATA_DIR, else the one chosen, else the platform's user data folder + sgma."""
    override = os.environ.get("SGMA_DATA_DIR") or _chosen
    if override:
        return Path(override)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "sgma"


def model_folders() -> List[Path]:
    """Return the folders that hold installed models: the user's own first, then those that come with the plugin."""
    root = Path(__file__).resolve().parents[2]
    return [data_dir() / "models", root / "resources" / "models"]


def installed() -> List[Package]:
    """Return every readable installed package, the user's own first; an id appears once. Damaged ones are left out."""
    found = {}
    for folder in model_folders():
        try:
            candidates = sorted(folder.iterdir())
        except OSError:  # missing, or not ours to read
            continue
        for path in candidates:
            if (path / CARD_FILE).is_file() or path.suffix == SUFFIX:
                try:
                    package = open_package(path)
                except BadModel:
                    continue
                found.setdefault(package.card.id, package)
    return list(found.values())


def holds_other_files(folder: Path) -> bool:
    """Tell whether a folder holds files and no model: no place for one. What a broken writing left does not count."""
    ours = {name + end for name in (CARD_FILE, WEIGHTS_FILE) for end in ("", PART)}
    try:
        names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    except OSError:  # nor can a model be written there: told by who tries
        return False
    return CARD_FILE not in names and not names <= ours


def find(model: str) -> Package:
    """Return the package named by id or path. Raises BadModel.

    Only a text with a separator or ending in .sgma is a path: a folder that happens to lie in the working folder never
    takes the place of an installed model.
    """
    if is_path(model):
        return open_package(Path(model).expanduser())
    packages = installed()
    for package in packages:
        if package.card.id == model:
            return package
    for folder in model_folders():  # an installed package of that name that is damaged: say why
        if model and (folder / model / CARD_FILE).is_file():
            return open_package(folder / model)
    known = ", ".join(sorted(package.card.id for package in packages)) or "none"
    raise BadModel(
        f"Model {model!r} is not installed; installed are: {known}.", "Give one of these ids, or the path of a model."
    )


def is_path(model: str) -> bool:
    """Tell whether a model is named by path, not by id."""
    return "/" in model or os.sep in model or model.endswith(SUFFIX)


def open_package(path: Path) -> Package:
    """Return the package in a folder or .sgma file, its card validated. Raises BadModel."""
    if not path.exists():
        raise BadModel(f"Model {path} does not exist.", "Check the path, or give the id of an installed model.")
    raw = _read(path, CARD_FILE, MAX_CARD_BYTES)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadModel(f"{path}: {CARD_FILE} is not UTF-8 text.", "Install the model again.") from None
    return Package(path, _card(text, f"{path.name}/{CARD_FILE}"))


_kept = lru_cache(maxsize=32)(parse)  # every algorithm asks for the installed models, and so does the dock


def _card(text: str, where: str) -> Card:
    """Return the card in `text`; one that is far longer than any of ours is not kept, for the memory's sake."""
    return (_kept if len(text) <= MOST_KEPT else parse)(text, where)


def _read(package: Path, name: str, limit: int) -> bytes:
    """Return one member, at most `limit` bytes. Names cannot lead out of it: the card's pattern has no slash."""
    try:
        size, data = (_file if package.is_dir() else _member)(package, name, limit)
    except _Absent as error:
        raise BadModel(f"Model {package} has no {name}.", str(error)) from None
    except (OSError, EOFError, ValueError, RuntimeError) as error:
        raise BadModel(f"Model {package} cannot be read ({error}).", "Install the model again.") from None
    if size > limit:
        raise BadModel(f"Model {package}: {name} is larger than {limit} bytes.", "This is not a model of ours.")
    return data


class _Absent(Exception):
    """A package lacks a member; says what to do."""


def _file(folder: Path, name: str, limit: int) -> Tuple[int, bytes]:
    """Return size and content of a file, no content of one that is larger than the limit. Raises _Absent, OSError."""
    file = folder / name
    if not file.is_file():
        raise _Absent("A model is a folder or .sgma file with card.json and weights.")
    size = file.stat().st_size
    return size, b"" if size > limit else file.read_bytes()


def _member(package: Path, name: str, limit: int) -> Tuple[int, bytes]:
    """Return the same of a member of a .sgma file. Raises _Absent, and what `_read` turns into BadModel."""
    import zipfile  # here: models are folders most of the time, and QGIS starts sooner without
    import zlib

    try:
        with zipfile.ZipFile(package) as archive:
            if name not in archive.namelist():
                raise _Absent("Export the model again.")
            info = archive.getinfo(name)
            if info.file_size > limit:
                return info.file_size, b""
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others fail in ways of their own
                raise ValueError(f"{name} is compressed in a way that is not ours")
            with archive.open(info) as member:
                data = member.read(limit + 1)  # the header's size may lie
            return len(data), data
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(str(error)) from None
