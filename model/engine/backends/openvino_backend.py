"""The network in OpenVINO on a CPU: several times faster there than torch.

A graph is converted once per model, set of modalities, their dtypes and tile shape, and kept in the data folder.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import numpy as np
import openvino
import torch
from torch import Tensor

from ...contract.card import to_json
from ...contract.store import data_dir
from ...feedback import JobFeedback
from . import openvino_convert
from .openvino_convert import GRAPH
from .workload import BackendFailed, Batch, OutOfMemory, Workload, arguments

MOST_STREAMS = 4  # tiles computed side by side: each takes the memory of one
MOST_KEPT = 24  # converted graphs, the least recently used go first
CONVERT_TIMEOUT_S = 900
_CONVERT = "import sys; sys.path.append(sys.argv[1]); from {} import main; main()"


class _Started:
    """Tiles of one batch, each a request of its own, which goes back to `idle` when its result is taken."""

    def __init__(self, requests: list[openvino.InferRequest], idle: list[openvino.InferRequest]) -> None:
        self._requests = requests
        self._idle = idle

    def result(self) -> Tensor:
        try:
            for request in self._requests:
                request.wait()
            parts = [torch.from_numpy(request.get_output_tensor(0).data) for request in self._requests]
        except RuntimeError as error:
            raise _failure(error) from error
        self._idle += self._requests
        return parts[0] if len(parts) == 1 else torch.cat(parts)


class OpenVinoBackend:
    """Runs tiles on the CPU's cores, one tile a stream: streams never wait for one another."""

    name = "openvino"
    batch = 1

    def __init__(self, workload: Workload, precision: str, feedback: JobFeedback) -> None:
        """precision: auto, fp32 or bf16. Raises BackendFailed when the network cannot be converted or compiled."""
        self.device = torch.device("cpu")
        self._workload = workload
        self._feedback = feedback
        fast = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        if precision == "bf16" and not fast:
            raise BackendFailed("This processor does not compute in bf16.")
        self.precision = "bf16" if fast and precision != "fp32" else "fp32"
        self._streams = min(workload.threads, MOST_STREAMS)
        self.in_flight = self._streams + 2  # the next tiles wait in OpenVINO while a result is blended
        self._idle: dict[tuple[str, ...], list[openvino.InferRequest]] = {}
        self._compiled = {tuple(workload.affine): self._compile(tuple(workload.affine))}

    def submit(self, batch: Batch) -> _Started:
        """Start a batch, tile by tile. Raises OutOfMemory or BackendFailed."""
        keys = tuple(batch.inputs)
        if keys not in self._compiled:
            self._compiled[keys] = self._compile(keys)
        idle = self._idle.setdefault(keys, [])
        try:
            requests = [idle.pop() if idle else self._compiled[keys].create_infer_request() for _ in range(len(batch))]
            for place, request in enumerate(requests):
                self._start(request, batch.part(place, place + 1))
        except RuntimeError as error:
            raise _failure(error) from error
        return _Started(requests, idle)

    def _start(self, request: openvino.InferRequest, tile: Batch) -> None:
        for place, array in enumerate(arguments(self._workload, tile)):
            request.set_input_tensor(place, openvino.Tensor(np.ascontiguousarray(array), shared_memory=True))
        request.start_async()

    def _compile(self, keys: tuple[str, ...]) -> openvino.CompiledModel:
        folder = _kept(self._workload, keys)
        if not (folder / GRAPH).is_file():
            _convert(self._workload, keys, folder, self._feedback)
        (folder / GRAPH).touch()
        try:
            return _compiled(folder / GRAPH, self.precision, self._workload.threads, self._streams)
        except RuntimeError as error:
            raise _failure(error) from error


@lru_cache(maxsize=4)
def _compiled(graph: Path, precision: str, threads: int, streams: int) -> openvino.CompiledModel:
    """Return the compiled graph. A warm worker keeps the last few: a preview after a preview starts at once."""
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": streams,
        "ENABLE_CPU_PINNING": False,  # readers and other programs need the cores, too
    }
    return openvino.Core().compile_model(graph, "CPU", settings)


def _kept(workload: Workload, keys: tuple[str, ...]) -> Path:
    """Return the folder of a graph, named by all that decides it, the network's code included."""
    facts = {
        "card": to_json(workload.package.card),
        "dtypes": {key: workload.dtypes[key].name for key in keys},
        "tile_size": workload.tile_size,
        "trust": workload.trust,
        "versions": [metadata.version(name) for name in ("openvino", "torch")],
        "code": _code_digest(),
    }
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    return data_dir() / "cache" / "openvino" / digest[:32]


def _code_digest() -> str:
    here = Path(__file__).parent
    network = sorted((here.parents[1] / "nn").rglob("*.py"))
    sources = [*network, here / "workload.py", Path(openvino_convert.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _convert(workload: Workload, keys: tuple[str, ...], folder: Path, feedback: JobFeedback) -> None:
    """Make the graph in a process of its own and move it into place whole. Raises BackendFailed or Cancelled."""
    began = time.monotonic()
    feedback.info("Preparing the model for this machine's processor: once for these sensors, kept for later runs.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as place:
        asked = openvino_convert.request(workload, keys, Path(place) / "graph")
        (Path(place) / "graph").mkdir()
        _run(json.dumps(asked), openvino_convert.__name__, Path(place), feedback.check)
        try:
            (Path(place) / "graph").rename(folder)
        except OSError:  # another process was quicker; its graph is the same
            if not (folder / GRAPH).is_file():
                raise
    feedback.info(f"The model was prepared in {time.monotonic() - began:.0f} s.")
    _forget_oldest(folder.parent)


def _run(asked: str, module: str, place: Path, check: Callable[[], None]) -> None:
    root = Path(sys.modules[__name__.partition(".")[0]].__file__).parents[1]
    with (place / "stderr").open("w+", encoding="utf-8", errors="replace") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _CONVERT.format(module), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            process.stdin.write(asked)
            process.stdin.close()
            until = time.monotonic() + CONVERT_TIMEOUT_S
            while process.poll() is None:
                check()
                if time.monotonic() > until:
                    raise BackendFailed(f"Converting the network did not end within {CONVERT_TIMEOUT_S} s.")
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            stderr.seek(0)
            last = (stderr.read().strip().splitlines() or [""])[-1][:200]
            raise BackendFailed(f"The network cannot be converted (exit code {process.returncode}): {last}")


def _forget_oldest(cache: Path) -> None:
    graphs = sorted(cache.glob(f"*/{GRAPH}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in graphs[MOST_KEPT:]:
        shutil.rmtree(path.parent, ignore_errors=True)


def _failure(error: RuntimeError) -> BackendFailed:
    text = " ".join(str(error).split())[:200]
    if isinstance(error, MemoryError) or "bad_alloc" in text or "allocate" in text:
        return OutOfMemory(f"OpenVINO has too little memory: {text}")
    return BackendFailed(f"OpenVINO failed: {text}")
