"""Writing a model package: card.json and weights.safetensors in a folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..contract.card import Accuracy, Card, to_json
from ..contract.errors import BadInput
from ..contract.store import CARD_FILE, PART, WEIGHTS_FILE, holds_other_files
from ..nn.build import dump
from ..nn.network import Network
from .metrics import Scores, Sensors

_DIGITS = 4


def areas_file(folder: Path) -> Path:
    """Return where the areas that a training proposed are kept, beside the model."""
    return folder.with_name(f"{folder.name}.areas.gpkg")


def accuracy(found: Mapping[Sensors, Scores], card: Card, data: str, split: str) -> tuple[Accuracy, ...]:
    """Return the card's rows for scores by combination; classes by name."""
    names = [info.name for info in card.classes]
    return tuple(
        Accuracy(
            data=data,
            split=split,
            sensors=sensors,
            miou=round(row.miou, _DIGITS),
            iou={names[k]: round(value, _DIGITS) for k, value in row.iou.items()},
            f1={names[k]: round(value, _DIGITS) for k, value in row.f1.items()},
        )
        for sensors, row in found.items()
    )


def check_place(folder: Path) -> None:
    """Try whether the package can be written; folders above it are made. Raises BadInput.

    Nor is it written among a person's own files: whoever deletes the model later would delete them, too.
    """
    if holds_other_files(folder):
        raise BadInput(f"Model folder {folder} holds other files and no model.", "Name a new folder for the model.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for place in (folder.parent, folder) if os.path.lexists(folder) else (folder.parent,):
            with tempfile.TemporaryFile(dir=place):
                pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def write(folder: Path, card: Card, network: Network) -> Card:
    """Write the package and return its card, which names the weights' hash. Raises BadInput when it cannot be written.

    Both files are written whole under temporary names before the first is renamed: a full disk leaves an older model
    in the folder as it was. The card comes last, so a package without one is not whole.
    """
    weights = dump(network, card)
    card = replace(card, weights_file=WEIGHTS_FILE, weights_sha256=hashlib.sha256(weights).hexdigest())
    data = {WEIGHTS_FILE: weights, CARD_FILE: to_json(card).encode("utf-8")}
    parts = {name: folder / f"{name}{PART}" for name in data}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, part in parts.items():
            _write(part, data[name])
        (folder / CARD_FILE).unlink(missing_ok=True)  # an older card would not fit the new weights
        for name, part in parts.items():
            part.replace(folder / name)
    except OSError as error:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        raise _unwritable(folder, error) from None
    return card


def _unwritable(folder: Path, error: OSError) -> BadInput:
    return BadInput(f"Model folder {folder} cannot be written ({error.strerror}).", "Choose another folder.")


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
