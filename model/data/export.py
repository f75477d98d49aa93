"""Layers and labels cut into georeferenced chips: one GeoTIFF a sensor and one of labels, and a manifest of all."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

from ..contract.card import Card
from ..contract.errors import BadInput, OutputFailed
from ..contract.learning import ExportJob
from ..contract.modality import HEIGHT, IMAGE
from ..feedback import JobFeedback
from .areas import Areas, write_areas
from .drawn import BACKGROUND_NAME, LabelSource
from .grid import Grid, Window
from .labels import IGNORE, ROLES, ClassMap
from .native import Layer, rescale
from .output import refusals
from .place import areas_of
from .plan import Plan
from .raster import LayerReader
from .reference import Reference
from .request import Request, looked_through

MANIFEST, CLASS_MAP, AREAS = "manifest.json", "class_map.json", "areas.gpkg"
_SIDES = (32, 4096)  # of chips, pixels
_BLOCK = 256
_NODATA = {"uint8": 255, "uint16": 65535}  # of labels


@dataclass(frozen=True)
class _Chip:
    """layers: key -> values (C,h,w) and validity (h,w), of sensors with data. labels: class indices (h,w)."""

    window: Window
    role: str
    layers: dict[str, tuple[np.ndarray, np.ndarray]]
    labels: np.ndarray


def export(job: ExportJob, base: Card | None, feedback: JobFeedback) -> dict[str, Any]:
    """Write the chips. Returns {output, manifest, class_map: file, areas: file, chips: {role: count}, left_out:
    {crossing, unlabelled}, classes: names, warnings}.

    base: the card of the model whose classes labels may name. Raises BadInput for what cannot be used, OutputFailed,
    Cancelled; no folder is left then.
    """
    output = Path(job.output)
    _check(job, output)
    labels = LabelSource(
        job.labels,
        job.class_field,
        job.radius,
        job.labelled_area,
        job.background or BACKGROUND_NAME,
        role="Label layer",
    )
    size = job.tile_size
    request = Request(job.sources, labels, size, size, job.class_map, job.areas, base, job.gsd, job.options)
    card, scene, found, class_map = looked_through(request, feedback)
    pixels = f"{scene.grid.width} x {scene.grid.height} pixels"
    if min(scene.grid.width, scene.grid.height) < size:
        feedback.warn(f"The scene has {pixels}: chips of {size} reach beyond it and are empty there.")
    areas = areas_of(request, found.by_class(class_map, labels.name), found.cell, scene, feedback)
    left_out: Counter[str] = Counter()
    rows = []
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # a name of its own: OUTPUT.part may be the work folder of a training
        with tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent) as place:
            part = Path(place) / "chips"
            part.mkdir()
            for chip in _chips(job, card, scene, class_map, areas, labels, left_out, feedback):
                rows.append(_written(part, chip, card, scene, class_map))
            _check_count(job, rows, left_out, pixels, feedback)
            _describe(part, rows, class_map, base)
            if not job.areas:
                write_areas(part / AREAS, areas, scene.grid.crs)
            if output.exists():
                output.rmdir()  # empty, or else it would not have been begun
            part.rename(output)
    except OSError as error:
        raise OutputFailed(
            f"{error.filename or output} cannot be written ({error.strerror or error}).",
            "Make room, or choose another --output.",
        ) from None
    return {
        "output": str(output),
        "manifest": str(output / MANIFEST),
        "class_map": str(output / CLASS_MAP),
        "areas": job.areas or str(output / AREAS),
        "chips": dict(Counter(row["role"] for row in rows)),
        "left_out": {"crossing": left_out["crossing"], "unlabelled": left_out["unlabelled"]},
        "classes": [info.name for info in class_map.classes],
        "warnings": list(feedback.warnings),
    }


def _check(job: ExportJob, output: Path) -> None:
    if not job.labels:
        raise BadInput("Chips are cut where labels lie, and none are given.", "Give --labels F.")
    if not _SIDES[0] <= job.tile_size <= _SIDES[1]:
        raise BadInput(
            f"--tile-size {job.tile_size} must be {_SIDES[0]} to {_SIDES[1]} pixels.", "Correct --tile-size."
        )
    if job.stride is not None and job.stride < 1:
        raise BadInput(f"--stride {job.stride} must be 1 or more pixels.", "Correct --stride.")
    if output.is_file():
        raise BadInput(f"{output} (--output) is a file.", "Name a new folder.")
    if output.is_dir() and any(output.iterdir()):
        raise BadInput(f"{output} (--output) holds files already.", "Name a new folder.")


def _check_count(
    job: ExportJob, rows: list[dict[str, Any]], left_out: Counter[str], pixels: str, feedback: JobFeedback
) -> None:
    """Raise BadInput when there is no chip; tell which were left out. pixels: of the scene, in words."""
    crossing = left_out["crossing"]
    if not rows:
        why, hint = "none has labels where a layer has data", "Check areas and nodata."
        if crossing:
            why, hint = (
                "each lies in areas of two roles, or has no label",
                "Choose a smaller --tile-size, or other areas.",
            )
        raise BadInput(f"No chip of {job.tile_size} pixels can be cut from a scene of {pixels}: {why}.", hint)
    if crossing:
        feedback.info(f"Chips that lie in areas of two roles were left out: {crossing}.")
    if not any(row["role"] == ROLES[0] for row in rows):
        feedback.warn("No chip is for training: nothing can be learned from these alone.")


# --- cutting -----------------------------------------------------------------------------------------------------


def _chips(
    job: ExportJob,
    card: Card,
    scene: Plan,
    class_map: ClassMap,
    areas: Areas,
    labels: LabelSource,
    left_out: Counter[str],
    feedback: JobFeedback,
) -> Iterator[_Chip]:
    """Yield the chips that lie in the areas of one role and have labels there; `left_out` counts the others."""
    grid = scene.grid
    rows, cols = (_starts(side, job.tile_size, job.stride or job.tile_size) for side in (grid.height, grid.width))
    total = len(rows) * len(cols)  # with a small stride very many: never all in memory
    with ExitStack() as stack:
        readers = [stack.enter_context(LayerReader(layer, grid)) for layer in scene.layers]
        reference = stack.enter_context(Reference(labels, grid, class_map))
        for done, (row, col) in enumerate(product(rows, cols)):
            feedback.progress("export", done, total)
            window = Window(col, row, job.tile_size, job.tile_size)
            inside = {role: mask.window(window) for role, mask in areas.polygons.items() if mask.touches(window)}
            inside = {role: mask for role, mask in inside.items() if mask.any()}
            if len(inside) > 1:
                left_out["crossing"] += 1
            if len(inside) != 1:
                continue
            ((role, mask),) = inside.items()
            chip = _cut(window, role, mask, readers, reference)
            if chip is None:
                left_out["unlabelled"] += 1
            else:
                yield chip
        feedback.progress("export", total, total)


def _cut(
    window: Window, role: str, inside: np.ndarray, readers: list[LayerReader], reference: Reference
) -> _Chip | None:
    """Return the chip; None when it has no label where it has data."""
    if not reference.touches(window):
        return None
    labels = reference.read(window)
    labels[~inside] = IGNORE
    if (labels == IGNORE).all():
        return None
    layers, there = {}, np.zeros(labels.shape, bool)
    for reader in readers:
        values, valid = reader.read(window)
        if valid.any():
            layers[reader.layer.key] = (_in_unit(values, reader.layer), valid)
            there |= valid
    labels[~there] = IGNORE
    return None if (labels == IGNORE).all() else _Chip(window, role, layers, labels)


def _starts(length: int, size: int, stride: int) -> list[int]:
    """Return where chips begin along a side; the last one ends at the edge, in a small scene behind it."""
    last = max(length - size, 0)
    return sorted({*range(0, last + 1, stride), last})


def _in_unit(values: np.ndarray, layer: Layer) -> np.ndarray:
    """Return values that need no scale of their file's any more."""
    return rescale(values, layer.scales, layer.shifts) if layer.kind == IMAGE and layer.scales else values


def _unit(layer: Layer) -> str:
    """Return the unit that values come in from a LayerReader."""
    if layer.kind == IMAGE:
        return layer.source.unit
    return "ndsm" if layer.kind == HEIGHT else "db"


# --- writing -----------------------------------------------------------------------------------------------------


def _written(folder: Path, chip: _Chip, card: Card, scene: Plan, class_map: ClassMap) -> dict[str, Any]:
    """Write a chip's files and return its row of the manifest."""
    (folder / chip.role).mkdir(exist_ok=True)
    stem = f"{chip.role}/{chip.window.row:06d}_{chip.window.col:06d}"
    layers = {layer.key: layer for layer in scene.layers}
    row: dict[str, Any] = {}
    for key, (values, valid) in chip.layers.items():
        row[key] = f"{stem}.{key}.tif"
        row[f"{key}_bands"] = list(range(1, len(values) + 1))
        row[f"{key}_unit"] = _unit(layers[key])
        _write(folder / row[key], values, valid, scene.grid, chip.window, card.stats(key).bands)
    ids = [info.id for info in class_map.classes]
    dtype = "uint8" if max(ids) < _NODATA["uint8"] else "uint16"
    table = np.full(IGNORE + 1, _NODATA[dtype], dtype)
    table[: len(ids)] = ids
    row |= {"labels": f"{stem}.labels.tif", "role": chip.role}
    labels = table[chip.labels][None]
    _write(folder / row["labels"], labels, None, scene.grid, chip.window, ("class",), nodata=_NODATA[dtype])
    return row


def _write(
    path: Path,
    values: np.ndarray,
    valid: np.ndarray | None,
    grid: Grid,
    window: Window,
    bands: tuple[str, ...],
    nodata: float | None = None,
) -> None:
    """Write (C,h,w) as a GeoTIFF; what is not valid is masked. Raises OSError when the disk refuses."""
    count, height, width = values.shape
    blocks = {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK} if min(height, width) > _BLOCK else {}
    with refusals(path), rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=count, dtype=values.dtype, crs=grid.crs,
        transform=Affine(*grid.window_transform(window)), nodata=nodata, compress="deflate", **blocks,
    ) as file:  # fmt: skip
        file.write(values)
        file.descriptions = bands
        if valid is not None and not valid.all():
            file.write_mask(valid)


def _describe(folder: Path, rows: list[dict[str, Any]], class_map: ClassMap, base: Card | None) -> None:
    """Write the manifest, and the class map that tells what the numbers in the labels mean."""
    known = {(info.id, info.name) for info in base.classes} if base else set()
    meaning = {
        str(info.id): info.id if (info.id, info.name) in known else f"new:{info.name} {info.color}"
        for info in class_map.classes
    }
    (folder / CLASS_MAP).write_text(json.dumps(meaning, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / MANIFEST).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
