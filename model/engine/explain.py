"""Why the map holds what it holds at a place: the tiles that cover it are run again, laid and blended as in the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..contract.card import Card
from ..contract.errors import BadInput, InputLost
from ..contract.job import ExplainJob, Outputs, SegmentJob
from ..contract.modality import BY_KEY, HEIGHT, RADAR, titles
from ..contract.store import find
from ..data import crs as crs_tools
from ..data.grid import Grid, Window
from ..data.native import Layer, configure
from ..data.plan import Plan
from ..feedback import JobFeedback
from .check import GDAL_CACHE_MB
from .options import check_options
from .reading import Gap, TileData, TileReader
from .scenes import cut, planned
from .segment import Run
from .workload import Batch

_EVERYTHING = Outputs("classes", "confidence", "availability", "trust")  # what is computed; nothing is written


def explain(job: ExplainJob, feedback: JobFeedback) -> dict[str, Any]:
    """Return what the run's rasters hold at the job's point, and what led there.

    {class, confidence, probabilities, sensors, pixel, crs, tiles, nodata, text}: see `docs/protocol.md`.
    Raises BadInput when the point lies outside the map, Cancelled, or InputLost when the layers cannot be read there.
    """
    configure(GDAL_CACHE_MB)
    check_options(job.options)
    feedback.progress("explain", 0, 2)
    package = find(job.model)
    card = package.card
    scene = planned(job.sources, package, job.area, job.options, feedback.check)
    pixel = _pixel(job, scene.grid)
    feedback.progress("explain", 1, 2)
    work = SegmentJob(job.sources, job.model, _EVERYTHING, job.area, job.options)
    place = cut(scene, pixel)
    run = Run(work, package, place, None, feedback)
    items = _read(run, place, feedback)
    answer = _blended(run, items, card) if items else _nothing()
    trust = answer.pop("trust")
    feedback.progress("explain", 2, 2)
    a, _, c, _, e, f = place.grid.transform
    return {
        **answer,
        "sensors": _sensors(job, scene, card, items, trust),
        "pixel": {"col": pixel.col, "row": pixel.row, "x": c + a / 2, "y": f + e / 2},
        "crs": scene.grid.crs,
        "tiles": len(items),
        "text": _sentence(answer, items),
    }


def _pixel(job: ExplainJob, grid: Grid) -> Window:
    """Return the pixel of the grid that holds the job's point. Raises BadInput when none does."""
    x, y = job.point
    if not crs_tools.is_usable(job.point_crs):
        raise BadInput(f"CRS {job.point_crs!r} of the point is not one for maps.", "Give it as EPSG:n.")
    if not crs_tools.same(job.point_crs, grid.crs):
        x, y = crs_tools.transformer(job.point_crs, grid.crs).transform(x, y)
    a, _, c, _, e, f = grid.transform
    col, row = np.floor((x - c) / a), np.floor((y - f) / e)
    if not (0 <= col < grid.width and 0 <= row < grid.height):
        raise BadInput("The place lies outside the map.", "Click on the map.")
    return Window(int(col), int(row), 1, 1)


def _read(run: Run, place: Plan, feedback: JobFeedback) -> list[TileData]:
    """Return the tiles that cover the place, in the order in which the run blends them, without those left out."""
    tiles = [tile for strip in run.layout.strips for block in strip.blocks for tile in block.tiles]
    with TileReader(place, 1, feedback) as reader:
        answers = list(reader.read(tiles))
    for answer in answers:
        if isinstance(answer, Gap):
            raise InputLost(f"The layers cannot be read here: {answer.why}", "Check the files and their drive.")
    return [answer for answer in answers if answer is not None]


def _blended(run: Run, items: list[TileData], card: Card) -> dict[str, Any]:
    """Run the tiles and return class, confidence, probabilities and trust at the place, encoded as in the rasters."""
    sums, weights = torch.zeros((run.rasters.channels, 1, 1)), torch.zeros((1, 1))
    bits = np.zeros((1, 1), np.uint8)
    for item in items:
        keys = list(item.values)
        out = run.runner.submit(Batch({key: item.values[key][None] for key in keys}, item.valid[None])).result()
        row, col = _within(item)
        values = out[0, :, row, col].float().cpu()
        start = 0
        for part in run.rasters.channels_of(keys):
            sums[part, 0, 0] += values[start : start + part.stop - part.start]
            start += part.stop - part.start
        weights += float(run.weight[row, col])
        bits |= _bits(item)
    arrays, _ = run.rasters.encode(sums, weights, bits)
    if not bits.any():
        return _nothing()
    best = int(arrays["classes"][0, 0, 0])
    shares = 100 * sums[: len(card.classes), 0, 0] / weights[0, 0]
    rows = [
        {"id": c.id, "name": c.name, "color": c.color, "percent": round(float(share), 2)}
        for c, share in zip(card.classes, shares, strict=True)
    ]
    chosen = next(c for c in card.classes if c.id == best)
    return {
        "class": {"id": chosen.id, "name": chosen.name, "color": chosen.color},
        "confidence": int(arrays["confidence"][0, 0, 0]),
        "probabilities": sorted(rows, key=lambda row: -row["percent"]),
        "nodata": False,
        "trust": {key: int(arrays["trust"][band, 0, 0]) for band, key in enumerate(card.keys)},
    }


def _nothing() -> dict[str, Any]:
    return {"class": None, "confidence": None, "probabilities": [], "nodata": True, "trust": {}}


def _within(item: TileData) -> tuple[int, int]:
    """Return (row, column) of the place in a tile: the place is the one pixel of its grid."""
    return -item.tile.window.row, -item.tile.window.col


def _bits(item: TileData) -> np.uint8:
    """Return the availability bits of the place, as a tile gives them."""
    row, col = _within(item)
    there = [BY_KEY[key].bit for key, valid in zip(item.values, item.valid[:, row, col], strict=True) if valid]
    return np.uint8(sum(there) * bool(item.inside[row, col]))


def _sensors(
    job: ExplainJob, scene: Plan, card: Card, items: list[TileData], trust: dict[str, int]
) -> list[dict[str, Any]]:
    """Return a row for each sensor that the model knows: given, present at the place, values there, trust."""
    layers = {layer.key: layer for layer in scene.layers}
    rows = []
    for stats in card.modalities:
        key, values = stats.key, None
        for item in items:
            row, col = _within(item)
            if key in item.values and item.valid[list(item.values).index(key), row, col]:
                values = item.values[key][:, row, col]
        rows.append(
            {
                "key": key,
                "title": BY_KEY[key].title,
                "given": any(source.modality == key for source in job.sources),
                "present": values is not None,
                "trust": trust.get(key) if values is not None else None,
                "bands": list(stats.bands),
                "values": [] if values is None else [round(float(value), 4) for value in values],
                "unit": _unit(layers[key]) if values is not None else "",
            }
        )
    return rows


def _unit(layer: Layer) -> str:
    """Return the unit of values as they are read: radar in dB, heights in metres, above ground where it was found."""
    if layer.kind == RADAR:
        return "db"
    if layer.kind == HEIGHT:
        return "ndsm" if layer.ground_block or layer.source.unit.startswith("ndsm") else "dsm"
    return layer.source.unit


def _sentence(answer: dict[str, Any], items: list[TileData]) -> str:
    if answer["nodata"]:
        return "No sensor has data here, or the place lies outside the area: the map has none."
    keys = [key for item in items for key in item.values]
    best = answer["probabilities"][0]
    return f"{best['name']}, {answer['confidence']} % sure, from {titles(keys)}."
