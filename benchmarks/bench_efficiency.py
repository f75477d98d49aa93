"""Efficiency of the engine: time of the bare network over the time of a whole run.

python -m benchmarks.bench_efficiency [--size 4096] [--backbone pvt_v2_b0] [--repeats 3] [--precisions fp32 auto]

Both run the same tiles in the same backend, one after the other in this process, several times; medians. The run reads
RGB, NIR and a DSM of twice the pixel size, warps it, and writes classes, confidence, availability and trust. The model
is converted and compiled before. The same ratio of processor time stands beside it: it leaves out what waits, but other
programs disturb it less.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from pathlib import Path

import numpy as np
import torch

from benchmarks.inputs import folder, write_layers, write_model
from sgma_qgis.model.contract.job import Options, Outputs, SegmentJob, Source
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.engine.runner import Runner
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.engine.workload import Workload, example
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn.device import pick

KEYS = ("rgb", "nir", "dsm")
THREADS = torch.get_num_threads()  # OpenVINO leaves torch one
DTYPES = {"rgb": "uint8", "nir": "uint8", "dsm": "float32"}


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, default=4096)
    options.add_argument("--backbone", default="pvt_v2_b0")
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--precisions", nargs="+", default=["fp32", "auto"])
    options.add_argument("--device", default="auto")
    asked = options.parse_args()
    print("Seconds, in brackets of all processors together.\n")
    print("| precision | backend | tiles | network alone | run | efficiency | of processor time |")
    print("|---|---|---|---|---|---|---|")
    with folder() as place:
        model = Path(place) / "model"
        write_model(model, asked.backbone, "semantic_guided", KEYS, 512)
        layers = write_layers(Path(place) / "in", KEYS, asked.size, asked.size)
        for precision in asked.precisions:
            _measure(asked, precision, model, layers, Path(place))


def _measure(asked: argparse.Namespace, precision: str, model: Path, layers: dict[str, Path], place: Path) -> None:
    feedback = JobFeedback("bench", lambda event: None)
    runner = Runner(
        _workload(model), pick(asked.device), backend="auto", precision=precision, any_device=False, feedback=feedback
    )
    bare, whole = [], []
    for repeat in range(asked.repeats + 1):
        times = [_now()]
        tiles = _run(model, layers, place, precision, asked.device)
        times.append(_now())
        _bare(runner, tiles)
        times.append(_now())
        if repeat:  # the first warms caches
            whole.append(times[1] - times[0])
            bare.append(times[2] - times[1])
    backend = runner.backend
    ratio, of_cpu = np.median(np.array(bare) / np.array(whole), axis=0)
    (bare_s, bare_cpu), (whole_s, whole_cpu) = np.median(bare, axis=0), np.median(whole, axis=0)
    print(
        f"| {backend.precision} | {backend.name} on {backend.device.type} | {tiles} | {bare_s:.1f} ({bare_cpu:.1f}) "
        f"| {whole_s:.1f} ({whole_cpu:.1f}) | {ratio:.3f} | {of_cpu:.3f} |",
        flush=True,
    )


def _workload(model: Path) -> Workload:
    package = find(str(model))
    tile = package.card.tile
    bands = {stats.key: len(stats.bands) for stats in package.card.modalities}
    return Workload(
        package=package,
        tile_size=(tile, tile),
        dtypes={key: np.dtype(name) for key, name in DTYPES.items()},
        affine={key: (np.ones(bands[key], np.float32), np.zeros(bands[key], np.float32)) for key in KEYS},
        weight=np.ones((tile, tile), np.float32),
        trust=True,
        threads=THREADS,
    )


def _now() -> np.ndarray:
    """Return seconds of the clock, and of this process on all processors."""
    return np.array([time.monotonic(), time.process_time()])


def _bare(runner: Runner, tiles: int) -> None:
    """Run that many tiles in the backend, fed without a pause."""
    backend = runner.backend
    one = example(runner.workload, KEYS)
    pending: deque = deque()
    for _ in range(tiles):
        if len(pending) >= backend.in_flight:
            pending.popleft().result()
        pending.append(backend.submit(one))
    while pending:
        out = pending.popleft().result()
    out[0, 0, 0, 0].item()  # a GPU has finished only then


def _run(model: Path, layers: dict[str, Path], place: Path, precision: str, device: str) -> int:
    """Make a whole run; return its tiles."""
    out = {role: str(place / f"{role}.tif") for role in ("classes", "confidence", "availability", "trust")}
    sources = tuple(Source(key, str(path), unit="ndsm" if key == "dsm" else "") for key, path in layers.items())
    job = SegmentJob(
        sources, str(model), Outputs(**out), options=Options(precision=precision, device=device, resume=False)
    )
    return segment(job, JobFeedback("bench", lambda event: None)).tiles_run


if __name__ == "__main__":
    main()
