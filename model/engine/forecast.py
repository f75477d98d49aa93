"""What a run would compute and need: tiles, memory, disk, time. Nothing is opened for it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from ..contract.card import Card
from ..contract.job import Options
from ..data.geotiff import BLOCK
from ..data.grid import starts
from ..data.plan import Plan
from ..nn.device import pick
from . import pace
from .backends import BACKENDS
from .estimate import available_memory, disk_need, memory_need, size
from .layout import BLOCK_WIDTH, Layout
from .rasters import OutputRasters
from .segment import ALL_THREADS, layout_of

_AT_A_TIME = 100_000  # tiles looked at together


def forecast(scene: Plan, card: Card, options: Options, roles: tuple[str, ...]) -> dict[str, Any]:
    """Return {tiles: {run, total}, estimate: {...}, tiles_per_s, eta_s} for a run that writes these rasters.

    tiles: those that meet the area, and those of the whole layers. Times are those of earlier runs, None without.
    """
    rasters = OutputRasters(card, scene.grid, roles)
    layout = layout_of(scene, card, options, rasters)
    device = pick(options.device)
    threads = options.threads or ALL_THREADS
    backend = _backend(device, options.backend)
    height, width = layout.tile_size
    here = _at_a_time(backend, threads, options.batch) if device.type == "cpu" else 0
    pixel_bytes = {role: rasters.pixel_bytes(role) for role in roles}
    pixel = sum(pixel_bytes.values())
    memory = memory_need(
        card.network.backbone,
        backend,
        height * width,
        len(scene.layers),
        here,
        layout.held_bytes(4 * rasters.channels, pixel),
        BLOCK_WIDTH * BLOCK * pixel,
    )
    disk = disk_need(scene.grid.width * scene.grid.height, pixel_bytes)
    tiles = _tiles(scene, layout, options.tile or card.tile)
    name = pace.key(card, [layer.key for layer in scene.layers], str(device), backend, threads, layout.tile_size)
    speed = pace.recall(name)
    return {
        "tiles": tiles,
        "estimate": {
            "memory_bytes": memory,
            "memory_free_bytes": available_memory(),
            "disk_bytes": disk,
            "text": f"Needs about {size(memory)} of memory and {size(disk)} of disk.",
        },
        "tiles_per_s": speed,
        "eta_s": tiles["run"] / speed if speed else None,
    }


def _backend(device: torch.device, wanted: str) -> str:
    """Return the name of the backend that a run tries first."""
    names = [row.name for row in BACKENDS if device.type in row.devices and wanted in ("auto", row.name)]
    if find_spec("openvino") is None and len(names) > 1:
        names.remove("openvino")
    return names[0] if names else wanted


def _at_a_time(backend: str, threads: int, batch: int | None) -> int:
    """Return how many tiles a processor computes at a time."""
    if backend != "openvino":
        return batch or 1
    from .backends.openvino_backend import MOST_STREAMS

    return min(threads, MOST_STREAMS)


def _tiles(scene: Plan, layout: Layout, side: int) -> dict[str, int]:
    """Return how many tiles meet the area, each counted once, and how many the whole layers have. side: of a tile."""
    height, width = layout.tile_size
    frame, overlap = scene.frame, layout.overlap
    total = len(starts(frame.width, side, overlap)[0]) * len(starts(frame.height, side, overlap)[0])
    cols = np.unique([col for strip in layout.strips for col in strip.cols])
    rows = np.array(layout.strips[0].rows)
    if scene.area_mask is None:
        return {"run": len(cols) * len(rows), "total": total}
    a, _, c, _, e, f = scene.grid.transform
    run = 0
    for part in np.array_split(rows, max(len(rows) * len(cols) // _AT_A_TIME, 1)):
        top, left = (axis.ravel() for axis in np.meshgrid(part, cols, indexing="ij"))
        bounds = np.stack([c + a * left, f + e * (top + height), c + a * (left + width), f + e * top], 1)
        run += int(scene.area_mask.touched(bounds).sum())
    return {"run": run, "total": total}
