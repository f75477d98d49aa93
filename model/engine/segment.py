"""A segment job from end to end: check, plan, load, compute, publish."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..contract.card import Card
from ..contract.errors import OutputFailed
from ..contract.job import Options, SegmentJob, SegmentResult
from ..contract.store import Package, find
from ..data import sidecar
from ..data.geotiff import BLOCK
from ..data.layer_facts import layer_facts
from ..data.native import configure
from ..data.plan import Plan, plan
from ..data.polygons import polygonize
from ..feedback import JobFeedback
from ..libraries import versions
from ..nn.device import pick
from . import pace, provenance, targets
from .assembly import Assembly
from .blend import ramp
from .estimate import Raster, check_room, memory_need
from .journal import WorkFolder, fingerprint
from .layout import BLOCK_WIDTH, Layout, plan_layout
from .options import check_options
from .rasters import OutputRasters
from .runner import Runner
from .telling import GDAL_CACHE_MB, tell_plan
from .tile_loop import TileLoop
from .workload import Workload

DEFAULT_OVERLAP_PERCENT = 9.375  # 48 of 512 pixels: docs/tiling.md
STRIP_BYTES = 64 << 20  # of what a column strip holds: 16384 pixels wide with a few classes, narrower with many
MOST_GAPS_TOLD = 50
ALL_THREADS = torch.get_num_threads()


def segment(
    job: SegmentJob, feedback: JobFeedback, make_plan: Callable[..., Plan] = plan, package: Package | None = None
) -> SegmentResult:
    """Make the land cover map that `job` asks for, on the plan that `make_plan` makes when called as `plan` is.

    package: takes the place of the job's model, as one adapted to the job's strokes does.

    Raises BadInput, Cancelled, InputLost or OutputFailed; nothing that is not whole stands under a final name then.

    A tile whose pixels cannot be read is left as a gap, counted in `tiles_failed` and told as a warning.
    """
    try:
        return _segment(job, feedback, make_plan, package)
    except OSError as error:
        raise OutputFailed(
            f"Output {error.filename or job.outputs.classes} could not be written: {error.strerror or error}",
            "Make room on the disk or close the file elsewhere; started again, the run continues where it stopped.",
        ) from error


def _segment(
    job: SegmentJob, feedback: JobFeedback, make_plan: Callable[..., Plan], package: Package | None
) -> SegmentResult:
    began = time.monotonic()
    configure(GDAL_CACHE_MB)
    feedback.progress("prepare", 0, 3)
    targets.check(job.outputs, [*(source.path for source in job.sources), job.area.polygons])
    check_options(job.options)
    package = package or find(job.model)
    with WorkFolder(Path(job.outputs.classes)) as work:
        scene = make_plan(job.sources, package.card, job.area, job.options, check=feedback.check)
        targets.check(job.outputs, [file for layer in scene.layers for file in layer.files])
        tell_plan(package.card, scene, feedback)
        feedback.progress("prepare", 1, 3)
        run = Run(job, package, scene, work, feedback)
        feedback.progress("prepare", 3, 3)
        return run.run(began)


def layout_of(scene: Plan, card: Card, options: Options, rasters: OutputRasters) -> Layout:
    """Return how a run cuts its grid."""
    overlap = DEFAULT_OVERLAP_PERCENT if options.overlap is None else options.overlap
    sums, pixel = 4 * rasters.channels, sum(map(rasters.pixel_bytes, rasters.roles))
    return plan_layout(scene.grid, scene.frame, options.tile or card.tile, overlap, sums, pixel, STRIP_BYTES)


class Run:
    """One run: what its steps share. work: None when only its layout and its runner are asked for, not the map."""

    def __init__(
        self, job: SegmentJob, package: Package, scene: Plan, work: WorkFolder | None, feedback: JobFeedback
    ) -> None:
        self.job, self.package, self.scene = job, package, scene
        self.card, self.grid = package.card, scene.grid
        self.work, self.feedback = work, feedback
        options = job.options
        self.threads = options.threads or ALL_THREADS
        roles = [role for role in job.outputs.paths() if role != "polygons"]
        if job.outputs.polygons and "confidence" not in roles:
            roles.append("confidence")  # the polygons carry its mean
        self.rasters = OutputRasters(self.card, self.grid, tuple(roles))
        self._pixel_bytes = sum(map(self.rasters.pixel_bytes, roles))
        self.layout = layout_of(scene, self.card, options, self.rasters)
        height, width = self.layout.tile_size
        weight = ramp(height, self.layout.overlap)[:, None] * ramp(width, self.layout.overlap)[None, :]
        self.runner = self._runner(weight)
        self.loop = TileLoop(
            card=self.card,
            scene=scene,
            layout=self.layout,
            rasters=self.rasters,
            runner=self.runner,
            batch=options.batch,
            work=work,
            feedback=feedback,
        )

    def _runner(self, weight: np.ndarray) -> Runner:
        options, layers = self.job.options, self.scene.layers
        torch.set_num_threads(self.threads)  # a warm worker may have had another job's number
        workload = Workload(
            package=self.package,
            tile_size=self.layout.tile_size,
            dtypes={layer.key: np.dtype(layer.read_dtype) for layer in layers},
            affine={
                layer.key: (np.asarray(layer.gain, np.float32), np.asarray(layer.offset, np.float32))
                for layer in layers
            },
            weight=weight,
            trust="trust" in self.rasters.roles,
            threads=self.threads,
        )
        return Runner(
            workload,
            pick(options.device),
            backend=options.backend,
            precision=options.precision,
            any_device=options.device == "auto",
            feedback=self.feedback,
        )

    def run(self, began: float) -> SegmentResult:
        """Compute the missing blocks, complete and rename the files, write run.json, remove the work folder."""
        with ExitStack() as stack:
            staging, places = self._stage(stack)
            self._check_room()
            total = sum(len(strip.blocks) for strip in self.layout.strips)
            said = self.work.open_journal(fingerprint(self._facts()), resume=self.job.options.resume, total=total)
            if said:
                self.feedback.info(said)
            self._tell_kept()
            check, progress = self.feedback.check, partial(self.feedback.progress, "assemble")
            with Assembly(self.layout, self.rasters, self.work, places, check) as assembly:
                since = time.monotonic()
                self.loop.run(assembly)
                pace.remember(self._pace_key(), self.loop.tiles_run, time.monotonic() - since)
                self._tell_gaps()
                assembly.finish(progress)
            result = self._result()
            self._publish(staging, places, result, began)
        self.work.remove()
        return result

    def _tell_kept(self) -> None:
        """Tell the blocks of an interrupted run, as those that will be computed are told."""
        for strip in self.layout.strips:
            for block in strip.blocks:
                kept = self.work.blocks.get(block.key)
                if kept is not None:
                    self.feedback.block(str(self.work.path / kept["files"]["classes"]), block.place)

    def _pace_key(self) -> str:
        keys = [layer.key for layer in self.scene.layers]
        backend = self.runner.backend
        return pace.key(self.card, keys, str(backend.device), backend.name, self.threads, self.layout.tile_size)

    def _stage(self, stack: ExitStack) -> tuple[targets.Staging, dict[str, Path]]:
        """Return the outputs' temporary names, and those of the rasters among them by role."""
        outputs = self.job.outputs
        sidecars = {f"names of {role}": path + sidecar.SUFFIX for role, path in self._named().items()}
        final = {**outputs.paths(), **sidecars, "run": str(provenance.path(outputs.classes))}
        staging = stack.enter_context(targets.Staging(final))
        places = {role: staging[role] for role in self.rasters.roles if role in outputs.paths()}
        if len(places) < len(self.rasters.roles):  # confidence that only the polygons need
            extra = stack.enter_context(targets.Staging({"confidence": str(self.work.path / "confidence.tif")}))
            places["confidence"] = extra["confidence"]
        return staging, places

    def _named(self) -> dict[str, str]:
        """Return {role: path} of the rasters whose values have names."""
        return {role: path for role, path in self.job.outputs.paths().items() if role in ("classes", "availability")}

    def _check_room(self) -> None:
        """Tell what the run needs of disk and memory. Raises BadInput when a disk is too small."""
        backend, (height, width) = self.runner.backend, self.layout.tile_size
        paths = self.job.outputs.paths()
        rasters = [
            Raster(role, Path(paths.get(role, paths["classes"])), self.rasters.pixel_bytes(role))
            for role in self.rasters.roles
        ]
        here = 0 if backend.device.type != "cpu" else backend.streams or self.runner.batch
        memory = memory_need(
            self.card.network.backbone,
            backend.name,
            height * width,
            len(self.scene.layers),
            here,
            self.layout.held_bytes(4 * self.rasters.channels, self._pixel_bytes),
            BLOCK_WIDTH * BLOCK * self._pixel_bytes,
        )
        kept = sum(file.stat().st_size for file in self.work.path.iterdir())
        said, warnings = check_room(self.grid.width * self.grid.height, rasters, self.work.path, kept, memory)
        self.feedback.info(said)
        for text in warnings:
            self.feedback.warn(text)

    def _tell_gaps(self) -> None:
        height, width = self.layout.tile_size
        failed = sorted(self.loop.failed.items())
        for (col, row), text in failed[:MOST_GAPS_TOLD]:
            self.feedback.warn(f"Gap: tile at column {col}, row {row} ({width} x {height}) could not be read: {text}")
        if len(failed) > MOST_GAPS_TOLD:
            self.feedback.warn(f"Gap: and {len(failed) - MOST_GAPS_TOLD} tiles more.")

    def _publish(self, staging: targets.Staging, places: dict[str, Path], result: SegmentResult, began: float) -> None:
        if self.job.outputs.polygons:
            polygonize(
                places["classes"],
                places["confidence"],
                staging["polygons"],
                {info.id: info.name for info in self.card.classes},
                min_area=self.job.options.min_area,
                simplify=self.job.options.simplify,
                check=self.feedback.check,
                progress=partial(self.feedback.progress, "polygons"),
            )
        for role in self._named():
            names = {value: name for value, (name, _) in self.rasters.legend(role).items()}
            sidecar.write_category_names(staging[f"names of {role}"], names)
        seconds = time.monotonic() - began
        how = {"precision": self.runner.backend.precision, "threads": self.threads, "batch": self.runner.batch}
        provenance.write(staging["run"], self.job, self.package, result, self._facts() | how, seconds)
        staging.publish()

    def _result(self) -> SegmentResult:
        areas = np.sum([self.work.blocks[key]["area_m2"] for key in sorted(self.work.blocks)], axis=0)
        return SegmentResult(
            outputs=self.job.outputs.paths(),
            grid={**asdict(self.grid), "resolution": self.grid.resolution},
            tiles_total=self.layout.tile_count,
            tiles_run=self.loop.tiles_run,
            tiles_resumed=self.loop.tiles_resumed,
            tiles_failed=len(self.loop.failed),
            device=str(self.runner.backend.device),
            backend=" then ".join(self.runner.used),
            warnings=tuple(self.feedback.warnings),
            class_area_m2={c.name: float(area) for c, area in zip(self.card.classes, areas, strict=True)},
        )

    def _facts(self) -> dict[str, Any]:
        """Everything that decides the pixels: the journal's fingerprint and the core of run.json."""
        mask = self.scene.area_mask
        return {
            "model_sha256": self.card.weights_sha256,
            "calibration": [asdict(row) for row in self.card.calibration],
            "layers": [layer_facts(layer) for layer in self.scene.layers],
            "absent": list(self.scene.absent),
            "coverage": self.scene.coverage,
            "area": {**asdict(self.job.area), "polygons": ""},
            "area_polygons_sha256": mask.digest() if mask else "",
            "grid": asdict(self.grid),
            "frame": asdict(self.scene.frame),
            "tile": list(self.layout.tile_size),
            "overlap": self.layout.overlap,
            "strips": [strip.width for strip in self.layout.strips],
            "rasters": sorted(self.rasters.roles),
            "asked": {name: getattr(self.job.options, name) for name in ("device", "backend", "precision")},
            "versions": versions(),
        }
