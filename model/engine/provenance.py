"""`NAME.run.json`: what was made, of what, by what, and the command that makes it again."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import __version__
from ..contract.card import Card
from ..contract.command import PROGRAM, absolute, segment_arguments
from ..contract.job import SegmentJob, SegmentResult
from ..contract.store import Package
from ..contract.wire import job_to_dict


def path(classes: str) -> Path:
    """Return where the run.json of a classes raster stands."""
    return Path(classes).with_suffix(".run.json")


def write(
    target: Path, job: SegmentJob, package: Package, result: SegmentResult, facts: dict[str, Any], seconds: float
) -> None:
    """Write run.json at `target`; the caller renames it."""
    card: Card = package.card
    whole = absolute(job)
    place = whole.save_model or str(package.path)  # a model adapted to strokes is written there after the run
    total = sum(result.class_area_m2.values())
    document = {
        "program": f"SGMA for QGIS {__version__}",
        "command": [*PROGRAM, *segment_arguments(job)],
        "job": job_to_dict(whole),
        "model": {"id": card.id, "title": card.title, "sha256": card.weights_sha256, "path": place},
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
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    target.write_text(text + "\n", encoding="utf-8")
