"""Why the map holds what it holds at a place: the tiles that cover it are run again, laid and blended as in the run."""

from __future__ import annotations

from typing import Any

import numpy as np

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
from .blend import Seams
from .options import check_options
from .reading import Gap, TileData, TileReader, availability
from .scenes import cut, planned
from .segment import Run
from .telling import GDAL_CACHE_MB
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
    (strip,) = run.layout.strips
    with TileReader(place, 1, feedback) as reader:
        answers = list(reader.read(strip.tiles()))
    for answer in answers:
        if isinstance(answer, Gap):
            raise InputLost(f"The layers cannot be read here: {answer.why}", "Check the files and their drive.")
    return [answer for answer in answers if answer is not None]


def _blended(run: Run, items: list[TileData], card: Card) -> dict[str, Any]:
    """Run the tiles and return class, confidence, probabilities and trust at the place, encoded as in the rasters."""
    (strip,) = run.layout.strips
    device = run.runner.backend.device
    there = {(item.tile.row, item.tile.col): item for item in items}
    seams, final = Seams(strip, run.rasters.channels, device), None
    for tile in strip.tiles():
        values = bits = None
        if item := there.get((tile.row, tile.col)):
            keys = list(item.values)
            out = run.runner.submit(Batch({key: item.values[key][None] for key in keys}, item.valid[None])).result()
            (values,), bits = run.rasters.spread(keys, out.to(device)), availability(item)
        piece = seams.add(tile.row, tile.col, values, bits)
        if piece is not None and piece[1].any():
            final = piece[0].clone(), piece[1].copy()
    if final is None:
        return _nothing()
    arrays = run.rasters.blank(strip.blocks[0].window)
    run.rasters.encode(*final, arrays)
    best = int(arrays["classes"][0, 0, 0])
    probabilities = final[0][: len(card.classes), 0, 0].cpu()
    shares = 100 * probabilities / probabilities.sum()
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


def _sensors(
    job: ExplainJob, scene: Plan, card: Card, items: list[TileData], trust: dict[str, int]
) -> list[dict[str, Any]]:
    """Return a row for each sensor that the model knows: given, present at the place, values there, trust.

    read: what becomes of the values before the network, in the card's unit.
    """
    layers = {layer.key: layer for layer in scene.layers}
    rows = []
    for stats in card.modalities:
        key, values, read = stats.key, None, []
        for item in items:
            row, col = _within(item)
            if key in item.values and item.valid[list(item.values).index(key), row, col]:
                values = item.values[key][:, row, col]
                read = values * np.asarray(layers[key].gain) + np.asarray(layers[key].offset)
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
                "read": [round(float(value), 4) for value in read],
                "read_unit": stats.unit,
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
