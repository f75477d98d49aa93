"""How quick earlier runs were on this machine, kept in the data folder, so that a run can be told how long it takes."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from ..contract.card import Card
from ..contract.store import data_dir

LEAST_TILES = 8  # of a run: fewer tell more of its start than of its pace
MOST_KEPT = 200


def key(card: Card, sensors: Sequence[str], device: str, backend: str, threads: int, tile_size: tuple[int, int]) -> str:
    """Return what a pace depends on, as text."""
    height, width = tile_size
    return f"{card.weights_sha256[:16]} {'+'.join(sensors)} {device} {backend} {threads} {height}x{width}"


def remember(name: str, tiles: int, seconds: float) -> None:
    """Keep a run's pace under its `key`. A data folder that cannot be written is no reason for a run to fail."""
    if tiles < LEAST_TILES or seconds <= 0:
        return
    kept = _read()
    kept.pop(name, None)
    kept[name] = round(tiles / seconds, 4)  # last: the oldest go first
    text = json.dumps(dict(list(kept.items())[-MOST_KEPT:]), indent=1)
    path = _path()
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)


def recall(name: str) -> float | None:
    """Return tiles a second of the last run of this `key`, None if there was none."""
    pace = _read().get(name)
    return pace if isinstance(pace, float) and pace > 0 else None


def _path() -> Path:
    return data_dir() / "cache" / "pace.json"


def _read() -> dict[str, float]:
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
