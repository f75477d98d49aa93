"""Where labels would help a model most: squares of the layers ranked by doubt, disagreement and difference."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..contract.card import Card
from ..contract.errors import BadInput, InputLost, NothingLeft
from ..contract.job import VECTOR_SUFFIXES
from ..contract.learning import SuggestJob
from ..contract.store import find
from ..data.grid import Grid, Tile, Window
from ..data.inputs import check_no_input
from ..data.native import configure
from ..data.plan import Plan, plan
from ..data.request import crop_metres
from ..data.suggestions import Suggestion, write_suggestions
from ..data.vector import AreaMask, read_area
from ..feedback import JobFeedback
from ..nn.build import load
from ..nn.device import autocast_dtype
from ..nn.device import pick as pick_device
from ..nn.network import Network
from . import picking
from .options import check_options
from .reading import Gap, TileData, TileReader
from .scoring import Square, squares
from .telling import GDAL_CACHE_MB, tell_plan

MARGIN = 32  # pixels around the squares of a tile, for the network to see
_SIDE, _LEAST_SIDE = 64, 16  # pixels of a square where nobody says, and in a small scene
_ACROSS = 6  # squares a side that a small scene is to have
_KEPT = 100  # times as many squares as wanted are kept while the layers are read
_READERS = 2


def suggest(job: SuggestJob, feedback: JobFeedback) -> dict[str, Any]:
    """Write the squares. Returns {output, places: [{rank, reason, bounds, score, uncertainty, disagreement}], crs of
    the bounds, size_m, warnings}.

    Raises BadInput for what cannot be used, OutputFailed, InputLost, Cancelled; nothing is written then.
    """
    configure(GDAL_CACHE_MB)
    _check(job)
    package = find(job.model)
    card = package.card
    if len(card.classes) < 2:
        raise BadInput(f"--model {job.model} knows one class only: it is never in doubt.", "Choose another model.")
    if job.options.threads is not None:
        torch.set_num_threads(job.options.threads)
    scene = plan(job.sources, card, job.area, job.options, check=feedback.check)
    tell_plan(card, scene, feedback)
    side = _side(job, scene.grid, card)
    device = pick_device(job.options.device)
    network = load(card, package.weights(), str(package.path)).to(device).eval()
    found = _found(job, card, scene, side, Looker(network, card, scene, job.options.precision), feedback)
    if not found:
        raise _nothing_left(job, crop_metres(side, scene.grid))
    picked = picking.pick(found, job.count, side)
    names = [info.name for info in card.classes]
    rows = [
        Suggestion(
            scene.grid.window_bounds(Window(square.col, square.row, side, side)),
            rank,
            round(square.score, 4),
            reason,
            round(square.uncertainty, 4),
            round(square.disagreement, 4),
        )
        for rank, (square, reason) in enumerate(zip(picked, picking.reasons(picked, found, names), strict=True), 1)
    ]
    write_suggestions(Path(job.output), rows, scene.grid.crs)
    places = [{**asdict(row), "bounds": list(row.bounds)} for row in rows]
    size = crop_metres(side, scene.grid)
    return {
        "output": job.output,
        "places": places,
        "crs": scene.grid.crs,
        "size_m": size,
        "warnings": list(feedback.warnings),
    }


class Looker:
    """Runs a network on tiles: with all the sensors that a tile has, and with each alone."""

    def __init__(self, network: Network, card: Card, scene: Plan, precision: str) -> None:
        self._network, self._card = network, card
        self._device = next(network.parameters()).device
        self._autocast = autocast_dtype(self._device, precision)
        self._affine = {
            layer.key: tuple(torch.tensor(side, dtype=torch.float32, device=self._device) for side in pair)
            for layer in scene.layers
            for pair in [(layer.gain, layer.offset)]
        }

    @torch.inference_mode()
    def look(self, item: TileData) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """Return probabilities (K,h,w) by all sensors, by each alone, and where each has data, bool (h,w)."""
        keys, given = self._network.keys, list(item.values)
        shape = item.valid.shape[1:]
        valid = torch.zeros(1, len(keys), *shape, dtype=torch.bool, device=self._device)
        for number, key in enumerate(given):
            valid[0, keys.index(key)] = torch.from_numpy(item.valid[number]).to(self._device)
        values = {key: torch.from_numpy(pixels)[None].to(self._device) for key, pixels in item.values.items()}
        with torch.autocast(self._device.type, self._autocast, enabled=self._autocast is not None):
            features = self._network.encode(values, valid, {key: self._affine[key] for key in given})

            def probabilities(sensors: list[str]) -> Tensor:
                subset = torch.tensor([[key in sensors for key in keys]], device=self._device)
                fused, _ = self._network.fuse(features, subset)
                logits = self._network.decode(fused, features.size)[0].float()
                return (logits / self._card.temperature(tuple(sensors))).softmax(0)

            every = probabilities(given)
            alone = {key: probabilities([key]) for key in given} if len(given) > 1 else {}
        return every, alone, {key: valid[0, keys.index(key)] for key in given}


def _nothing_left(job: SuggestJob, size: float) -> NothingLeft:
    if job.exclude:
        return NothingLeft(
            f"No square of {size:.3g} m holds data and lies clear of the polygons to leave out (--exclude).",
            "Leave out less, choose a smaller --size, or a larger area.",
        )
    return NothingLeft(
        f"No square of {size:.3g} m holds data to look at.", "Choose a smaller --size, or a larger area."
    )


def _check(job: SuggestJob) -> None:
    check_options(job.options)
    output = Path(job.output)
    if output.suffix.lower() not in VECTOR_SUFFIXES:
        raise BadInput(f"Squares {output} (--output) must end in {VECTOR_SUFFIXES[0]}.", "Change its name.")
    if job.count < 1:
        raise BadInput(f"--count {job.count} must be 1 or more.", "Correct --count.")
    if job.size is not None and not 0 < job.size < float("inf"):
        raise BadInput(f"--size {job.size:g} must be above 0 metres.", "Correct --size.")
    files = (*(source.path for source in job.sources), job.area.polygons, job.exclude)
    check_no_input(output, f"Squares {output} (--output)", files)
    try:
        with tempfile.TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise BadInput(
            f"Squares {output} (--output): folder {output.parent} cannot be written ({error.strerror}).",
            "Choose a folder that you may write to.",
        ) from None


def _side(job: SuggestJob, grid: Grid, card: Card) -> int:
    """Return the side of a square in pixels. Raises BadInput for a size that is not for this grid and model."""
    if job.size is None:
        return max(min(min(grid.width, grid.height) // _ACROSS, _SIDE), _LEAST_SIDE)
    pixel, most = crop_metres(1, grid), max(card.tile - 2 * MARGIN, _SIDE)
    side = job.size / pixel
    if not _LEAST_SIDE // 2 - 0.5 <= side <= most + 0.5:
        raise BadInput(
            f"Squares of {job.size:g} m (--size) are {side:.6g} pixels wide here; the model looks at {most} at a time.",
            f"Choose {_LEAST_SIDE // 2 * pixel:.3g} to {most * pixel:.3g} m.",
        )
    return round(side)


def _found(job: SuggestJob, card: Card, scene: Plan, side: int, looker: Looker, feedback: JobFeedback) -> list[Square]:
    """Return the squares that score highest, many times as many as are wanted, read tile by tile."""
    exclude = read_area(job.exclude, scene.grid.crs, "--exclude").on(scene.grid) if job.exclude else None
    count = max((card.tile - 2 * MARGIN) // side, 1)
    tiles = [tile for tile in _tiles(scene.grid, count * side) if _wanted(tile, scene, exclude)]
    found: list[Square] = []
    gaps: list[str] = []
    with TileReader(scene, _READERS, feedback) as reader:
        for done, answer in enumerate(reader.read(tiles)):
            feedback.progress("suggest", done, len(tiles))
            if isinstance(answer, Gap):
                gaps.append(answer.why)
            elif answer is not None:
                found += [
                    one for one in _looked_at(answer, looker, side) if not _hidden(one, side, scene.grid, exclude)
                ]
                if len(found) > 2 * _KEPT * job.count:
                    found = _best(found, _KEPT * job.count)
    feedback.progress("suggest", len(tiles), len(tiles))
    if gaps and not found:
        raise InputLost(f"The layers cannot be read: {gaps[0]}", "Check the files and their drive.")
    if gaps:
        feedback.warn(f"{len(gaps)} of {len(tiles)} tiles could not be read and were not looked at: {gaps[0]}")
    return _best(found, _KEPT * job.count)


def _tiles(grid: Grid, core: int) -> Iterator[Tile]:
    """Yield tiles with whole squares in their middle, from the grid's upper left corner on."""
    for row in range(0, grid.height, core):
        for col in range(0, grid.width, core):
            whole = core + 2 * MARGIN
            yield Tile(row // core, col // core, Window(col - MARGIN, row - MARGIN, whole, whole))


def _core(tile: Tile) -> Window:
    window = tile.window
    sides = window.width - 2 * MARGIN, window.height - 2 * MARGIN
    return Window(window.col + MARGIN, window.row + MARGIN, *sides)


def _wanted(tile: Tile, scene: Plan, exclude: AreaMask | None) -> bool:
    """Tell whether a tile is worth reading."""
    core = _core(tile).intersection(scene.grid.window)
    if scene.area_mask is not None and not scene.area_mask.touches(core):
        return False
    return exclude is None or not exclude.window(core).all()


def _looked_at(item: TileData, looker: Looker, side: int) -> Iterator[Square]:
    core = _core(item.tile)
    cut = core.within(item.tile.window)
    every, alone, valid = looker.look(item)
    counted = torch.from_numpy(item.inside & item.valid.any(0)).to(every.device)
    return squares(
        every[(slice(None), *cut)],
        {key: part[(slice(None), *cut)] for key, part in alone.items()},
        {key: part[cut] for key, part in valid.items()},
        counted[cut],
        side,
        (core.row, core.col),
    )


def _hidden(square: Square, side: int, grid: Grid, exclude: AreaMask | None) -> bool:
    return exclude is not None and exclude.touches(Window(square.col, square.row, side, side))


def _best(found: list[Square], most: int) -> list[Square]:
    return sorted(found, key=lambda square: (-square.score, square.row, square.col))[:most]
