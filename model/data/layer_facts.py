"""How a layer is read, as facts: two reads with the same facts give the same pixels."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .native import Layer
from .sidecar import SUFFIX


def layer_facts(layer: Layer) -> dict[str, Any]:
    """Return how a layer is read, flat and JSON-ready: modality, path, bands, unit, nodata a band, gain, offset, ...

    files: size and time of every file behind it, for a VRT those that it names too; without sidecars: what those say
    about the layer is told here, and QGIS puts statistics into them while a run is stopped.
    """
    facts = asdict(layer)
    source = facts.pop("source")
    nodata = ["nan" if value is not None and math.isnan(value) else value for value in layer.nodata]
    files = [_file_facts(Path(file)) for file in layer.files if not file.endswith(SUFFIX)]
    return {**source, **facts, "nodata": nodata, "files": files}


def read_facts(layer: Layer) -> dict[str, Any]:
    """Return the same without notes and warnings: another version words them otherwise, and reads the same pixels."""
    return {name: value for name, value in layer_facts(layer).items() if name not in ("notes", "warnings")}


def _file_facts(path: Path) -> dict[str, Any]:
    try:
        stat = path.stat()
    except OSError:  # not on this file system: /vsizip/, /vsicurl/
        return {"path": str(path), "size": None, "mtime_ns": None}
    return {"path": str(path), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
