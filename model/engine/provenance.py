"""`NAME.run.json`: what was made, of what, by what, and the command that makes it again."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..contract.card import Card
from ..contract.job import SegmentJob, SegmentResult
from ..contract.modality import MODALITIES
from ..contract.store import Package
from ..data.native import Layer


def inputs_facts(job: SegmentJob) -> list[dict[str, Any]]:
    """Return path, size and mtime of every input file."""
    facts = []
    for source in job.sources:
        stat = Path(source.path).stat() if Path(source.path).exists() else None
        facts.append(
            {
                **asdict(source),
                "size": stat.st_size if stat else None,
                "mtime_ns": stat.st_mtime_ns if stat else None,
            }
        )
    return facts


def layer_facts(layer: Layer) -> dict[str, Any]:
    """Return how a layer is read, flat: modality, path, bands, unit, dtype, resolution in metres, gain, offset, ..."""
    facts = asdict(layer)
    source = facts.pop("source")
    return {**source, **facts, "nodata": facts["nodata"]}


def arguments(job: SegmentJob) -> list[str]:
    """Return the `segment` command line that repeats the job (without the interpreter)."""
    argv = ["segment", "--model", job.model]
    units, nodata = [], []
    for modality in MODALITIES:
        for source in (s for s in job.sources if s.modality == modality.key):
            argv += [f"--{modality.key}", source.path]
            if source.bands:
                argv += [f"--{modality.key}-bands", ",".join(map(str, source.bands))]
            if source.unit:
                units.append(f"{modality.key}={source.unit}")
            if source.nodata is not None:
                nodata.append(f"{modality.key}={source.nodata!r}")
    if units:
        argv += ["--units", ",".join(units)]
    if nodata:
        argv += ["--nodata", ",".join(nodata)]
    if job.area.polygons:
        argv += ["--area", job.area.polygons]
    if job.area.extent:
        argv += [f"--extent={','.join(map(repr, job.area.extent))}"]
        if job.area.extent_crs and job.area.extent_crs != job.options.crs:
            argv += ["--extent-crs", job.area.extent_crs]
    if job.options.crs:
        argv += ["--crs", job.options.crs]
    for name in ("resolution", "tile", "overlap", "batch", "threads"):
        value = getattr(job.options, name)
        if value is not None:
            argv += [f"--{name}", repr(value)]
    for name in ("device", "backend", "precision"):
        if getattr(job.options, name) != "auto":
            argv += [f"--{name}", getattr(job.options, name)]
    if not job.options.resume:
        argv.append("--no-resume")
    for role, path in job.outputs.paths().items():
        argv += ["--output" if role == "classes" else f"--{role}", path]
    return argv


def path(classes: str) -> Path:
    """Return where the run.json of a classes raster stands."""
    return Path(classes).with_suffix(".run.json")


def write(
    target: Path, job: SegmentJob, package: Package, result: SegmentResult, facts: dict[str, Any], seconds: float
) -> None:
    """Write run.json under a temporary name and rename it."""
    card: Card = package.card
    total = sum(result.class_area_m2.values())
    document = {
        "program": "SGMA for QGIS",
        "command": ["python", "-m", "sgma_qgis.model", *arguments(job)],
        "model": {"id": card.id, "title": card.title, "sha256": card.weights_sha256, "path": str(package.path)},
        "inputs": inputs_facts(job),
        **facts,
        "result": asdict(result),
        "class_area_ha": {name: round(area / 1e4, 4) for name, area in result.class_area_m2.items()},
        "total_area_ha": round(total / 1e4, 4),
        "licence": card.licence,
        "attribution": card.attribution,
        "machine": {"platform": platform.platform(), "processor_threads": os.cpu_count()},
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "seconds": round(seconds, 2),
    }
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(target)
