"""The table of measured scenarios: how far each set of sensors moves the latent, and how often it is drawn."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..contract.errors import BadInput
from .metrics import Sensors

TABLE_FILE = "scenarios.json"
_COLUMNS = ("distortion", "error", "utility", "smoothed", "score", "probability")


@dataclass(frozen=True)
class Distortion:
    """What was measured, by scenario: mean and its standard error, in squared units of the latent.

    mean_square: of the latent with all sensors. chips: how many were measured.
    """

    mean: tuple[float, ...]
    error: tuple[float, ...]
    mean_square: float
    chips: int


@dataclass(frozen=True)
class ScenarioTable:
    """One row a scenario; every column but `scenarios` holds one number a row.

    keys: all sensors of the network. distortion: mean squared change of the deepest fused latent against all sensors,
    in `form`; error: its standard error. utility, smoothed, score: the steps from there to `probability`.
    chips: how many were measured; sigma: the kernel's width that was used.
    """

    keys: Sensors
    scenarios: tuple[Sensors, ...]
    distortion: tuple[float, ...]
    error: tuple[float, ...]
    utility: tuple[float, ...]
    smoothed: tuple[float, ...]
    score: tuple[float, ...]
    probability: tuple[float, ...]
    chips: int
    form: str
    prefer: str
    sigma: float


def write_table(path: Path, table: ScenarioTable) -> None:
    """Write a table as JSON, one entry a column. Raises BadInput when it cannot be written."""
    try:
        path.write_text(json.dumps(asdict(table), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}).", "Choose another folder.") from None


def from_json(raw: dict[str, Any]) -> ScenarioTable:
    """Return the table that was turned into JSON. Raises KeyError or TypeError for what is none."""
    names = [field.name for field in fields(ScenarioTable)]
    values = {name: tuple(raw[name]) if isinstance(raw[name], list) else raw[name] for name in names}
    return ScenarioTable(**{**values, "scenarios": tuple(map(tuple, values["scenarios"]))})


def read_table(path: Path) -> ScenarioTable:
    """Return the table in a file. Raises BadInput when it is none, or its columns are not of one length."""
    hint = f"Give the {TABLE_FILE} of a model that was trained with latent_scenario."
    try:
        table = from_json(json.loads(path.read_text(encoding="utf-8")))
        lengths = {name: len(getattr(table, name)) for name in ("scenarios", *_COLUMNS)}
        proper = all(p >= 0 for p in table.probability) and sum(table.probability) > 0
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is not a table of scenarios ({error!r}).", hint) from None
    if len(set(lengths.values())) != 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise BadInput(f"{path}: columns of a table must be of one length; these have: {told}.", hint)
    if not proper:
        raise BadInput(f"{path}: probabilities must be 0 or more, and not all 0.", hint)
    return table
