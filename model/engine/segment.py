"""The tile loop: read, run, blend, write block by block, assemble.

Memory: one ring of rows per column strip, one tile per modality read ahead, one batch on the device; none of it grows
with the raster's height.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import Options, SegmentJob, SegmentResult
from ..contract.modality import BY_KEY, titles
from ..contract.store import Package, find
from ..data import output, sidecar
from ..data.grid import Tile
from ..data.native import configure
from ..data.plan import Plan, plan
from ..data.raster import LayerReader
from ..data.vector import pixel_area_m2, polygonize
from ..feedback import JobFeedback
from ..nn.build import load
from . import provenance, targets
from .backends import BY_NAME
from .blend import RowRing, ramp
from .device import autocast_dtype, pick
from .journal import WorkFolder, fingerprint
from .layout import BlockPlan, Layout, Strip, plan_layout

DEFAULT_OVERLAP_PERCENT = 12.5
READ_AHEAD = 2
GDAL_CACHE_MB = 128
BYTE_NODATA = 255


def segment(job: SegmentJob, feedback: JobFeedback) -> SegmentResult:
    """Make the land cover map that `job` asks for. Raises BadInput, Cancelled; nothing stands under a final name then.

    A tile whose pixels cannot be read is left as a gap, counted in `tiles_failed` and told as a warning.
    """
    began = time.monotonic()
    configure(GDAL_CACHE_MB)
    feedback.progress("prepare", 0, 3)
    targets.check(job.outputs, [*(source.path for source in job.sources), job.area.polygons])
    check_options(job.options)
    package = find(job.model)
    with WorkFolder(Path(job.outputs.classes)) as work:
        scene = plan(job.sources, package.card, job.area, job.options)
        for text in scene.warnings:
            feedback.warn(text)
        for text in scene.notes:
            feedback.info(text)
        _tell_combination(package.card, scene, feedback)
        feedback.progress("prepare", 1, 3)
        device = pick(job.options.device)
        if job.options.threads:
            torch.set_num_threads(job.options.threads)
        network = load(package.card, package.weights(), str(package.path))
        name = "torch" if job.options.backend == "auto" else job.options.backend
        backend = BY_NAME[name](network, device, autocast_dtype(device, job.options.precision))
        feedback.progress("prepare", 3, 3)
        run = _Run(job, package, scene, backend, str(device), work, feedback)
        run.compute()
        return run.publish(began)


def check_options(options: Options) -> None:
    """Check numbers and names of the options. Raises BadInput naming the option."""
    rules = (
        ("tile", options.tile, lambda v: 64 <= v <= 4096 and v % 32 == 0, "a multiple of 32 from 64 to 4096"),
        ("overlap", options.overlap, lambda v: 0 <= v <= 50, "a percentage from 0 to 50"),
        ("batch", options.batch, lambda v: 1 <= v <= 256, "a number from 1 to 256"),
        ("threads", options.threads, lambda v: 1 <= v <= 1024, "a number from 1 to 1024"),
        ("resolution", options.resolution, lambda v: 0 < v < 1e6, "ground metres above 0"),
        (
            "backend",
            options.backend,
            lambda v: v == "auto" or v in BY_NAME,
            f"auto or {', '.join(BY_NAME)} in this version",
        ),
        ("precision", options.precision, lambda v: v in ("auto", "fp32", "bf16"), "auto, fp32 or bf16"),
    )
    for name, value, holds, need in rules:
        if value is not None and not holds(value):
            raise BadInput(f"Option {name} is {value}; it must be {need}.", "Leave it out for the default.")


def _tell_combination(card: Card, scene: Plan, feedback: JobFeedback) -> None:
    """Say which sensors are used, and warn of a combination that the model never practised."""
    used = tuple(layer.key for layer in scene.layers)
    feedback.info(f"Sensors used: {titles(used)} of {titles(card.keys)}.")
    if used not in card.trained_on:
        feedback.warn(f"{card.id} was never trained on {titles(used)} alone: expect a poorer map.")


@dataclass
class _TileData:
    """One tile as read: values per available modality, validity (M, h, w), and where it goes."""

    tile: Tile
    values: dict[str, np.ndarray]
    present: np.ndarray
    inside: np.ndarray  # (h, w) bool, False outside the area polygons


class _Run:
    """One run: the state that its steps share."""

    def __init__(
        self,
        job: SegmentJob,
        package: Package,
        scene: Plan,
        backend: Any,
        device: str,
        work: WorkFolder,
        feedback: JobFeedback,
    ) -> None:
        self.job, self.package, self.scene = job, package, scene
        self.card, self.grid = package.card, scene.grid
        self.backend, self.device, self.work, self.feedback = backend, device, work, feedback
        options = job.options
        overlap = DEFAULT_OVERLAP_PERCENT if options.overlap is None else options.overlap
        self.layout: Layout = plan_layout(scene.grid, options.tile or self.card.tile, overlap)
        self.batch = options.batch or (8 if device.startswith("cuda") else 1)
        self.affine = {
            layer.key: (np.asarray(layer.gain, np.float32), np.asarray(layer.offset, np.float32))
            for layer in scene.layers
        }
        self.rasters = [role for role in job.outputs.paths() if role != "polygons"]
        if job.outputs.polygons and "confidence" not in self.rasters:
            self.rasters.append("confidence")  # the polygons carry their mean
        self.tiles_run = self.tiles_resumed = self.tiles_done = 0
        self.failed: dict[tuple[int, int], str] = {}
        self.class_nodata = self.card.nodata
        self.class_dtype = np.uint8 if self.class_nodata == BYTE_NODATA else np.uint16
        self.class_ids = np.array([c.id for c in self.card.classes], self.class_dtype)

    # ---- compute ---------------------------------------------------------------------------------------------------

    def compute(self) -> None:
        """Run every block that the work folder does not hold yet."""
        said = self.work.open_journal(fingerprint(self._facts()), resume=self.job.options.resume)
        if said:
            self.feedback.info(said)
        with ExitStack() as stack:
            readers = [stack.enter_context(LayerReader(layer, self.grid)) for layer in self.scene.layers]
            pool = stack.enter_context(ThreadPoolExecutor(1, "sgma-read"))
            for strip in self.layout.strips:
                self._strip(strip, readers, pool)

    def _strip(self, strip: Strip, readers: list[LayerReader], pool: ThreadPoolExecutor) -> None:
        channels = len(self.card.classes) + (len(self.card.keys) if "trust" in self.rasters else 0)
        ring = RowRing(channels, self.layout.tile_size[0], strip.width)
        todo = [index for index, block in enumerate(strip.blocks) if block.key not in self.work.blocks]
        for index, block in enumerate(strip.blocks):
            if not self._needed(strip, index, todo):
                self._count_resumed(block)
                ring.reset(block.window.row + block.window.height)
                continue
            self._run_tiles(strip, block, readers, pool, ring)
            values, covered, bits = ring.take(block.window.height)
            if index in todo:
                self._write_block(block, values, covered, bits)
            else:
                self._recall(block)

    def _needed(self, strip: Strip, index: int, todo: list[int]) -> bool:
        """A block's tiles are run if it is to do, or if they reach into one that is."""
        tile_height = self.layout.tile_size[0]
        first = strip.blocks[index].window.row
        return any(index <= t and strip.blocks[t].window.row < first + tile_height for t in todo)

    def _run_tiles(
        self, strip: Strip, block: BlockPlan, readers: list[LayerReader], pool: ThreadPoolExecutor, ring: RowRing
    ) -> None:
        """Read, run and blend the tiles that begin in a block, batched by which modalities they have."""
        height, width = self.layout.tile_size
        weight = ramp(height, self.layout.overlap)[:, None] * ramp(width, self.layout.overlap)[None, :]
        waiting: dict[tuple[str, ...], list[_TileData]] = {}
        for item in _read_ahead(block.tiles, lambda tile: self._read(tile, readers), pool):
            self.feedback.check()
            if item is not None:
                group = waiting.setdefault(tuple(item.values), [])
                group.append(item)
                if len(group) == self.batch:
                    self._run_batch(group, weight, strip.col, ring)
                    group.clear()
            self.tiles_done += 1
            self.feedback.progress("segment", self.tiles_done, self.layout.tile_count)
        for group in waiting.values():
            if group:
                self.feedback.check()
                self._run_batch(group, weight, strip.col, ring)

    def _read(self, tile: Tile, readers: list[LayerReader]) -> _TileData | None:
        """Return the tile's pixels, or None when there is nothing to run: outside the area, no data, or unreadable."""
        window = tile.window
        mask = self.scene.area_mask
        if mask is not None and not mask.touches(window):
            return None
        inside = np.ones((window.height, window.width), bool) if mask is None else mask.window(window)
        present = np.zeros((len(self.card.keys), window.height, window.width), bool)
        values = {}
        try:
            for reader in readers:
                pixels, valid = reader.read(window)
                if valid.any():
                    key = reader.layer.key
                    values[key] = pixels
                    present[self.card.keys.index(key)] = valid
        except BadInput as error:  # every block that was probed could be read, this one cannot: a gap, not the end
            self.failed[(window.col, window.row)] = error.message
            return None
        if not values or not (present.any(0) & inside).any():
            return None
        return _TileData(tile, values, present, inside)

    def _run_batch(self, group: list[_TileData], weight: np.ndarray, strip_col: int, ring: RowRing) -> None:
        keys = tuple(group[0].values)
        out = self.backend.predict(
            {key: np.stack([item.values[key] for item in group]) for key in keys},
            np.stack([item.present for item in group]),
            {key: self.affine[key] for key in keys},
            trust="trust" in self.rasters,
        )
        bit = np.array([BY_KEY[key].bit for key in self.card.keys], np.uint8)[:, None, None]
        for item, values in zip(group, out, strict=True):
            bits = (item.present * bit * item.inside).sum(0, dtype=np.uint8)
            window = item.tile.window
            ring.add(window.row, window.col - strip_col, values, weight, bits)
            self.tiles_run += 1

    # ---- blocks ----------------------------------------------------------------------------------------------------

    def _write_block(self, block: BlockPlan, values: np.ndarray, covered: np.ndarray, bits: np.ndarray) -> None:
        """Turn blended sums into bytes and write one small file a raster, then the journal line."""
        classes_count = len(self.card.classes)
        known = covered & (bits > 0)
        probability = values[:classes_count]
        best = probability.argmax(0)
        arrays = {
            "classes": np.where(known, self.class_ids[best], self.class_dtype(self.class_nodata)),
            "confidence": _percent(np.take_along_axis(probability, best[None], 0)[0], known),
            "availability": np.where(known, bits, 0).astype(np.uint8),
        }
        if "trust" in self.rasters:
            share = values[classes_count:]
            total = share.sum(0)
            arrays["trust"] = _percent(share / np.where(total > 0, total, 1.0), known)
        files = {}
        for role in self.rasters:
            files[role] = f"{role}_{block.key}.tif"
            array = arrays[role]
            output.write_part(
                self.work.path / files[role],
                array[None] if array.ndim == 2 else array,
                self.grid,
                block.window,
                self._nodata(role),
            )
        counts = np.bincount(best[known], minlength=classes_count)
        area = pixel_area_m2(self.grid, block.window)
        failed = [[*at, text] for at, text in self.failed.items() if at in {_corner(t) for t in block.tiles}]
        self.work.finish_block(
            block.key,
            files,
            {"tiles": len(block.tiles), "area_m2": [float(n * area) for n in counts], "failed": failed},
        )
        window = block.window
        self.feedback.block(
            str(self.work.path / files["classes"]), (window.col, window.row, window.width, window.height)
        )

    def _count_resumed(self, block: BlockPlan) -> None:
        self.tiles_resumed += len(block.tiles)
        self.tiles_done += len(block.tiles)
        self._recall(block)

    def _recall(self, block: BlockPlan) -> None:
        """Take over the gaps that an earlier run noted in a finished block."""
        for col, row, text in self.work.blocks[block.key]["failed"]:
            self.failed.setdefault((col, row), text)

    def _nodata(self, role: str) -> int:
        return {"classes": self.class_nodata, "availability": 0}.get(role, BYTE_NODATA)

    # ---- publish ---------------------------------------------------------------------------------------------------

    def publish(self, began: float) -> SegmentResult:
        """Assemble the blocks into the final files, rename them, write run.json, remove the work folder."""
        self._tell_gaps()
        outputs = self.job.outputs
        final = {**outputs.paths(), "names": outputs.classes + sidecar.SUFFIX}
        with targets.Staging(final) as staging, ExitStack() as stack:
            places = {role: staging[role] for role in self.rasters if role in outputs.paths()}
            if "confidence" not in places and "confidence" in self.rasters:
                extra = stack.enter_context(targets.Staging({"confidence": str(self.work.path / "confidence.tif")}))
                places["confidence"] = extra["confidence"]
            for done, (role, path) in enumerate(places.items()):
                self.feedback.progress("assemble", done, len(places) + 1)
                self._assemble(role, path)
            if outputs.polygons:
                self.feedback.progress("polygons", 0, 1)
                polygonize(places["classes"], places["confidence"], staging["polygons"], self.card)
            sidecar.write_category_names(staging["names"], {c.id: c.name for c in self.card.classes})
            self.feedback.progress("assemble", len(places) + 1, len(places) + 1)
            staging.publish()
        result = self._result()
        run_json = provenance.path(outputs.classes)
        provenance.write(run_json, self.job, self.package, result, self._facts(), time.monotonic() - began)
        self.work.remove()
        return result

    def _assemble(self, role: str, path: Path) -> None:
        parts = [
            (self.work.path / self.work.blocks[block.key]["files"][role], block.window)
            for strip in self.layout.strips
            for block in strip.blocks
        ]
        classes = self.card.classes if role == "classes" else ()
        output.assemble(
            parts,
            path,
            self.grid,
            np.dtype(self.class_dtype if role == "classes" else np.uint8).name,
            len(self.card.keys) if role == "trust" else 1,
            self._nodata(role),
            colour_table={c.id: _rgba(c.color) for c in classes} or None,
            category_names={c.id: c.name for c in classes} or None,
            descriptions=[BY_KEY[key].title for key in self.card.keys] if role == "trust" else [role],
            tags={"MODEL": self.card.id, "MODEL_SHA256": self.card.weights_sha256},
            average=role in ("confidence", "trust"),
        )

    def _tell_gaps(self) -> None:
        for (col, row), text in sorted(self.failed.items()):
            height, width = self.layout.tile_size
            self.feedback.warn(
                f"Gap: the tile at column {col}, row {row} ({width} x {height}) could not be read: {text}"
            )

    def _result(self) -> SegmentResult:
        areas = np.sum([self.work.blocks[key]["area_m2"] for key in sorted(self.work.blocks)], axis=0)
        grid = self.grid
        return SegmentResult(
            outputs=self.job.outputs.paths(),
            grid={**asdict(grid), "resolution": grid.resolution},
            tiles_total=self.layout.tile_count,
            tiles_run=self.tiles_run,
            tiles_resumed=self.tiles_resumed,
            tiles_failed=len(self.failed),
            device=self.device,
            backend=self.backend.name,
            warnings=tuple(self.feedback.warnings),
            class_area_m2={c.name: float(area) for c, area in zip(self.card.classes, areas, strict=True)},
        )

    def _facts(self) -> dict[str, Any]:
        """Everything that decides the pixels: the journal's fingerprint and the core of run.json."""
        return {
            "model_sha256": self.card.weights_sha256,
            "files": provenance.inputs_facts(self.job),
            "layers": [provenance.layer_facts(layer) for layer in self.scene.layers],
            "absent": list(self.scene.absent),
            "coverage": self.scene.coverage,
            "area": asdict(self.job.area),
            "grid": asdict(self.grid),
            "tile": list(self.layout.tile_size),
            "overlap": self.layout.overlap,
            "batch": self.batch,
            "rasters": sorted(self.rasters),
            "device": self.device,
            "backend": self.backend.name,
            "precision": self.job.options.precision,
            "versions": {"torch": torch.__version__, "numpy": np.__version__},
        }


def _corner(tile: Tile) -> tuple[int, int]:
    return (tile.window.col, tile.window.row)


def _rgba(color: str) -> tuple[int, int, int, int]:
    """Return (red, green, blue, 255) of '#rrggbb'."""
    return (*bytes.fromhex(color[1:]), 255)


def _percent(share: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return shares 0..1 as whole percent uint8, 255 where not known."""
    return np.where(known, np.rint(share * 100), BYTE_NODATA).astype(np.uint8)


def _read_ahead(
    tiles: tuple[Tile, ...], read: Callable[[Tile], _TileData | None], pool: ThreadPoolExecutor
) -> Iterator[_TileData | None]:
    """Yield read(tile) in order while a thread reads the next ones."""
    pending = deque()
    for tile in tiles:
        pending.append(pool.submit(read, tile))
        if len(pending) > READ_AHEAD:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
