"""Runs that were stopped or interrupted: remembered when they start, until they are done. No qgis import.

What they had finished lies in NAME.tif.part/; where that is gone, nothing can go on.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, Tuple

from .history import Input, Past, is_missing, is_model_missing, run_file
from .model.contract import store
from .model.contract.card import ClassInfo
from .model.contract.errors import SgmaError
from .model.contract.job import Outputs, SegmentJob
from .model.contract.wire import job_from_dict, job_to_dict

KEEP = 100
PART = ".part"  #: the engine keeps an unfinished run in NAME.tif.part
JOURNAL = "journal.jsonl"

_going: List[str] = []  # maps that this QGIS is making


@dataclass(frozen=True)
class Kept:
    """What is left of a run. done: its finished blocks. total: those of the whole run, 0 = not noted."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """How much of the run is done, 1..99; 0 = not known."""
        return min(99, max(1, 100 * self.done // self.total)) if self.total else 0


def kept(classes: str) -> Kept:
    """Return what an earlier run of this map left, stopped or interrupted; without finished blocks nothing goes on."""
    try:
        lines = (Path(classes + PART) / JOURNAL).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return Kept(0, 0)
    return Kept(sum('"key"' in line for line in lines), _total(lines[0]) if lines else 0)


def kept_blocks(classes: str) -> int:
    """Return how many finished blocks of this map an earlier run left; 0 = nothing goes on."""
    return kept(classes).done


def begin(job: SegmentJob, classes_of_map: Tuple[ClassInfo, ...]) -> None:
    """Remember a run that starts now. A list that cannot be written is no reason to fail."""
    classes = job.outputs.classes
    _going.append(classes)
    entry: Dict[str, Any] = {"job": job_to_dict(job), "begun": f"{datetime.now():%Y-%m-%dT%H:%M:%S}"}
    if job.strokes:  # no model names them, nor does the map before it is done
        entry["classes"] = [asdict(one) for one in classes_of_map]
    _write([entry, *(other for other in _read() if _classes(other) != classes)][:KEEP])


def classes_of(job: SegmentJob) -> Tuple[ClassInfo, ...]:
    """Return the classes of a run by strokes that was remembered; none where it was not."""
    for entry in _read():
        if _classes(entry) == job.outputs.classes:
            with contextlib.suppress(KeyError, TypeError, ValueError):  # of another version
                return tuple(ClassInfo(int(c["id"]), str(c["name"]), str(c["color"])) for c in entry["classes"])
    return ()


def goes_on_as(job: SegmentJob) -> bool:
    """Return whether this job would go on with what an earlier run of its map left; the engine deletes that else."""
    if not kept_blocks(job.outputs.classes):
        return False
    for entry in _read():
        if _classes(entry) == job.outputs.classes:
            with contextlib.suppress(SgmaError, TypeError):  # of another version
                left = job_from_dict(entry["job"])
                return _pixels(left) == _pixels(job) and _is_same(left.area.polygons, job.area.polygons)
    return False


def end(classes: str) -> None:
    """A run goes on no more: forget it unless it left something."""
    if classes in _going:
        _going.remove(classes)
    if not kept_blocks(classes):
        forget(classes)


def forget(classes: str) -> List[Dict[str, Any]]:
    """Take a run off the list; its files stay. Returns what `bring_back` takes."""
    entries = _read()
    _write([entry for entry in entries if _classes(entry) != classes])
    return [entry for entry in entries if _classes(entry) == classes]


def bring_back(entries: List[Dict[str, Any]]) -> None:
    """Put what was forgotten on the list again, unless it was begun anew."""
    there = _read()
    listed = [_classes(entry) for entry in there]
    _write([*(entry for entry in entries if _classes(entry) not in listed), *there][:KEEP])


def past() -> List[Past]:
    """Return the runs that can go on, the newest first. Looks for every file: a network drive may take its time."""
    found = []
    for entry in _read():
        classes = _classes(entry)
        left = kept(classes)
        if classes in _going or not left.done:
            continue
        with contextlib.suppress(SgmaError, TypeError):  # of another version
            found.append(_past(job_from_dict(entry["job"]), str(entry.get("begun", "")), left))
    return found


def _past(job: SegmentJob, begun: str, left: Kept) -> Past:
    inputs = [Input(source.modality, source.path, is_missing(source.path)) for source in job.sources]
    if job.area.polygons:
        inputs.append(Input("area", job.area.polygons, is_missing(job.area.polygons)))
    return Past(
        run_file(job.outputs.classes),
        model=Path(job.model).name,
        finished=begun,
        inputs=tuple(inputs),
        job=job,
        model_missing=is_model_missing(job.model),
        map_missing=True,
        blocks_done=left.done,
        percent=left.percent,
    )


def _pixels(job: SegmentJob) -> SegmentJob:
    """Return a job without what its pixels do not depend on, and without its area's file."""
    rasters = {role: "" if role == "polygons" else "wanted" for role in job.outputs.paths()}
    options = replace(job.options, batch=None, threads=None, min_area=None, simplify=None)
    return replace(job, outputs=Outputs(**rasters), options=options, area=replace(job.area, polygons=""))


def _is_same(first: str, second: str) -> bool:
    """Return whether two names are of one file, or of a file and its copy."""
    try:
        return first == second or (bool(first and second) and filecmp.cmp(first, second, shallow=False))
    except OSError:
        return False


def _total(line: str) -> int:
    with contextlib.suppress(ValueError, TypeError, KeyError):  # torn, or of another version
        return int(json.loads(line)["blocks"])
    return 0


def _classes(entry: Dict[str, Any]) -> str:
    try:
        return str(entry["job"]["outputs"]["classes"])
    except (KeyError, TypeError):
        return ""


def _file() -> Path:
    return store.data_dir() / "unfinished.json"


def _read() -> List[Dict[str, Any]]:
    try:
        raw = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet
        return []
    return [entry for entry in raw if isinstance(entry, dict) and _classes(entry)] if isinstance(raw, list) else []


def _write(entries: List[Dict[str, Any]]) -> None:
    file = _file()
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(file)
