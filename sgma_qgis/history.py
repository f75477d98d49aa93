"""Past runs: a list of run.json files in the data folder, and what they tell. No qgis import; reading may block.

Runs with temporary results are listed too, until QGIS is closed and deletes them.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from .model.contract import store
from .model.contract.errors import SgmaError
from .model.contract.job import SegmentJob
from .model.contract.modality import MODALITIES
from .model.contract.wire import job_from_dict

KEEP = 100
_MOST_BYTES = 32 << 20

_session: List[str] = []  # runs with temporary results: of no use to a later session


@dataclass(frozen=True)
class Input:
    """A file that a run read: a sensor's (its key) or the area's ('area')."""

    what: str
    path: str
    missing: bool


@dataclass(frozen=True)
class Past:
    """A run. run_file: its run.json; problem: why that cannot be read, then only the path is known.

    finished: ISO time. hectares: mapped. job: what repeats it, None for one of an older version. temporary: its files
    are gone when QGIS is closed. blocks_done: parts that a run had finished when it was stopped or interrupted, 0 = it
    is done; percent: how much of it that is, 0 = not known. Of such a run `finished` is when it began.
    """

    run_file: str
    problem: str = ""
    model: str = ""
    finished: str = ""
    hectares: float = 0.0
    inputs: Tuple[Input, ...] = ()
    job: Optional[SegmentJob] = None
    model_missing: bool = False
    map_missing: bool = False
    temporary: bool = False
    blocks_done: int = 0
    percent: int = 0

    @property
    def folder(self) -> str:
        """Where the map lies."""
        return str(Path(self.run_file).parent)

    @property
    def can_run_again(self) -> bool:
        """Whether everything is there that it needs."""
        return self.job is not None and not self.model_missing and not any(i.missing for i in self.inputs)


def run_file(classes: str) -> str:
    """Return where the engine writes the run.json of a map."""
    return str(Path(classes).with_suffix(".run.json"))


def remember(run_file: str, temporary: bool = False) -> None:
    """Put a run on top of the list; the oldest beyond KEEP go. A list that cannot be written is no reason to fail.

    temporary: only until QGIS is closed.
    """
    path = str(Path(run_file).absolute())
    if temporary:
        _session[:] = [path, *(other for other in _session if other != path)][:KEEP]
    else:
        _write([path, *(other for other in _read() if other != path)][:KEEP])


def forget(run_file: str) -> None:
    """Take a run off the list; its files stay."""
    if run_file in _session:
        _session.remove(run_file)
    else:
        _write([other for other in _read() if other != run_file])


def past() -> List[Past]:
    """Return the runs of the list, newest first. Looks for every file: a network drive may take its time."""
    runs = [*(replace(read(path), temporary=True) for path in list(_session)), *(read(path) for path in _read())]
    return sorted(runs, key=lambda run: run.finished, reverse=True)


def read(run_file: str) -> Past:
    """Return what a run.json tells."""
    try:
        if os.path.getsize(run_file) > _MOST_BYTES:  # noqa: PTH202
            raise ValueError("too large")
        raw = json.loads(Path(run_file).read_text(encoding="utf-8"))
        job = job_from_dict(raw["job"]) if "job" in raw else None
        return Past(
            run_file,
            model=str(raw["model"]["id"]),
            finished=str(raw.get("finished", "")),
            hectares=float(raw.get("total_area_ha", 0.0)),
            inputs=_inputs(raw, job),
            job=job if isinstance(job, SegmentJob) else None,
            model_missing=job is not None and is_model_missing(job.model),
            map_missing=not os.path.exists(raw["result"]["outputs"]["classes"]),  # noqa: PTH110
        )
    except OSError as error:
        return Past(run_file, problem=error.strerror or str(error))
    except (SgmaError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Past(run_file, problem=f"not a run.json of ours ({error})")


def _inputs(raw: Dict[str, Any], job: Optional[SegmentJob]) -> Tuple[Input, ...]:
    """Return the inputs in registry order, the area last."""
    order = [modality.key for modality in MODALITIES]
    layers = sorted(raw.get("layers", ()), key=lambda layer: order.index(layer["modality"]))
    paths = [(str(layer["modality"]), str(layer["path"])) for layer in layers]
    if job is not None and job.area.polygons:
        paths.append(("area", job.area.polygons))
    return tuple(Input(what, path, is_missing(path)) for what, path in paths)


def is_missing(path: str) -> bool:
    """Return whether a file is not there; those inside others, as /vsizip/, are taken to be."""
    return not path.startswith("/vsi") and not os.path.exists(path)  # noqa: PTH110


def is_model_missing(model: str) -> bool:
    """Return whether a model is not installed, nor a folder that holds one."""
    try:
        store.find(model)
    except SgmaError:
        return True
    return False


def _file() -> Path:
    return store.data_dir() / "history.json"


def _read() -> List[str]:
    try:
        raw = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet
        return []
    return [path for path in raw if isinstance(path, str)] if isinstance(raw, list) else []


def _write(paths: List[str]) -> None:
    file = _file()
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(paths, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(file)
