"""The network in OpenVINO on a CPU: several times faster there than torch."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import openvino
import torch
from torch import Tensor

from ...feedback import JobFeedback
from .. import graphs
from ..convert import GRAPH
from ..workload import BackendFailed, Batch, OutOfMemory, Workload, arguments

MOST_GRAPHS = 4  # compiled at a time, one a set of sensors: each keeps the memory of its streams
MOST_STREAMS = 4  # tiles computed side by side: each takes the memory of one


class _Started:
    """Tiles of one batch, each a request of its own, which goes back to `idle` when its result is taken.

    OpenVINO reads the inputs where they lie and keeps no hold on them: this does, until all tiles are computed.
    """

    def __init__(self, idle: list[openvino.InferRequest]) -> None:
        self._idle = idle
        self._requests: list[openvino.InferRequest] = []
        self._inputs: list[np.ndarray] = []

    def start(self, request: openvino.InferRequest, inputs: list[np.ndarray]) -> None:
        """Start one tile. inputs: as `arguments` gives them."""
        for place, array in enumerate(map(np.ascontiguousarray, inputs)):
            self._inputs.append(array)
            request.set_input_tensor(place, openvino.Tensor(array, shared_memory=True))
        request.start_async()
        self._requests.append(request)

    def result(self) -> Tensor:
        try:
            for request in self._requests:
                request.wait()
            parts = [torch.from_numpy(request.get_output_tensor(0).data) for request in self._requests]
        except (RuntimeError, MemoryError) as error:
            raise _failure(error) from error
        self._idle += self._requests
        self._requests = []
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def __del__(self) -> None:
        """A run that is cancelled must not take the inputs away from tiles that are being computed."""
        for request in self._requests:
            with contextlib.suppress(RuntimeError):
                request.wait()


@dataclass(frozen=True)
class _Graph:
    """A compiled graph and its requests that wait for work."""

    compiled: openvino.CompiledModel
    idle: list[openvino.InferRequest] = field(default_factory=list)


class OpenVinoBackend:
    """Runs tiles on the CPU's cores, one tile a stream: streams never wait for one another."""

    name = "openvino"
    batch = 1

    def __init__(self, workload: Workload, precision: str, feedback: JobFeedback) -> None:
        """precision: auto, fp32 or bf16. Raises BackendFailed when the network cannot be converted or compiled."""
        self.device = torch.device("cpu")
        self._workload = workload
        self._feedback = feedback
        try:
            fast = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        except RuntimeError as error:  # an installation without its CPU plugin
            raise _failure(error) from error
        if precision == "bf16" and not fast:
            raise BackendFailed("This processor does not compute in bf16.")
        self.precision = "bf16" if fast and precision != "fp32" else "fp32"
        self.streams = min(workload.threads, MOST_STREAMS)
        self.in_flight = self.streams + 2  # the next tiles wait in OpenVINO while a result is blended
        self._open: dict[tuple[str, ...], _Graph] = {}  # the least recently used first
        torch.set_num_threads(1)  # what torch still does must not take cores from OpenVINO
        self._graph(tuple(workload.affine))

    def submit(self, batch: Batch) -> _Started:
        """Start a batch, tile by tile. Raises OutOfMemory or BackendFailed."""
        graph = self._graph(tuple(batch.inputs))
        started = _Started(graph.idle)
        try:
            for place in range(len(batch)):
                request = graph.idle.pop() if graph.idle else graph.compiled.create_infer_request()
                started.start(request, arguments(self._workload, batch.part(place, place + 1)))
        except (RuntimeError, MemoryError) as error:
            raise _failure(error) from error
        return started

    def _graph(self, keys: tuple[str, ...]) -> _Graph:
        graph = self._open.pop(keys, None) or _Graph(self._compile(keys))
        self._open[keys] = graph
        if len(self._open) > MOST_GRAPHS:
            del self._open[next(iter(self._open))]
        return graph

    def _compile(self, keys: tuple[str, ...]) -> openvino.CompiledModel:
        folder = graphs.place(self._workload, keys)
        settings = (self.precision, self._workload.threads, self.streams)
        try:
            if (folder / GRAPH).is_file():
                with contextlib.suppress(OSError):  # of a cache that may only be read
                    os.utime(folder)  # the folder, not the graph: OpenVINO compiles a graph of another time anew
                with contextlib.suppress(RuntimeError):  # damaged since it was made
                    return _compiled(folder / GRAPH, *settings)
            graphs.discard(folder)
            graphs.make(self._workload, keys, folder, self._feedback)
            return _compiled(folder / GRAPH, *settings)
        except OSError as error:
            why = error.strerror or error
            raise BackendFailed(f"The converted network cannot be kept in {folder.parent}: {why}.") from error
        except (RuntimeError, MemoryError) as error:
            raise _failure(error) from error


@lru_cache(maxsize=MOST_GRAPHS)
def _compiled(graph: Path, precision: str, threads: int, streams: int) -> openvino.CompiledModel:
    """Return the compiled graph. A warm worker keeps the last few: a preview after a preview starts at once."""
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": streams,
        "ENABLE_CPU_PINNING": False,  # readers and other programs need the cores, too
        "CACHE_DIR": str(graph.parent),  # compiled code, too, is kept
    }
    return openvino.Core().compile_model(graph, "CPU", settings)


def _failure(error: RuntimeError | MemoryError) -> BackendFailed:
    text = " ".join(str(error).split())[:200]
    if isinstance(error, MemoryError) or "bad_alloc" in text or "allocate" in text:
        return OutOfMemory(f"OpenVINO has too little memory: {text}")
    return BackendFailed(f"OpenVINO failed: {text}")
