"""The network in torch: the reference for every other backend, and what runs on GPUs."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ...contract.card import to_json
from ...contract.store import Package
from ...nn.build import load
from ...nn.device import autocast_dtype, memory_is_short
from ...nn.network import Network
from ..workload import BackendFailed, Batch, OutOfMemory, TileNetwork, Workload, arguments, example

MOST_NETWORKS = 2  # kept: of a what-if, or of two models that are compared
MOST_TILES = 16  # a batch; beyond, GPUs gain nothing
SHARE = 0.6  # of a GPU's free memory for a batch


_networks: OrderedDict[tuple[Path, str, torch.device], Network] = OrderedDict()  # the least recently used first


def _loaded(package: Package, device: torch.device) -> Network:
    """Return a model's network on a device, ready to run. A warm worker keeps the last: a preview starts at once."""
    key = (package.path, to_json(package.card), device)
    network = _networks.pop(key, None)
    if network is None:
        network = load(package.card, package.weights(), str(package.path)).to(device).eval()
    _networks[key] = network
    while len(_networks) > MOST_NETWORKS:
        _networks.popitem(last=False)
    return network


class _Started:
    """A batch under way: a GPU works on it after `submit` has returned, and may fail then."""

    def __init__(self, tensor: Tensor, backend: TorchBackend) -> None:
        self._tensor, self._backend = tensor, backend
        self._event = torch.cuda.Event() if tensor.device.type == "cuda" else None
        if self._event:
            self._event.record()

    def result(self) -> Tensor:
        try:
            if self._event:
                self._event.synchronize()
        except RuntimeError as error:
            raise self._backend.failure(error) from None
        return self._tensor


class TorchBackend:
    """Runs eagerly on one device. On a GPU, `submit` returns before the work is done."""

    name = "torch"
    streams = 0

    def __init__(self, workload: Workload, device: torch.device, precision: str) -> None:
        """precision: auto, fp32 or bf16. Raises BackendFailed when one tile does not run, BadModel for bad weights."""
        self.device = device
        self._workload = workload
        torch.set_num_threads(workload.threads)  # OpenVINO, when it was tried first, leaves torch a single one
        package = workload.package
        try:
            self._autocast = autocast_dtype(device, precision)
            self.precision = {None: "fp32", torch.bfloat16: "bf16", torch.float16: "fp16"}[self._autocast]
            self._network = _loaded(package, device)
            self._modules: dict[tuple[str, ...], TileNetwork] = {}
            self.in_flight, self.batch = (1, 1) if device.type == "cpu" else (2, self._measured_batch())
        except (RuntimeError, MemoryError) as error:
            raise self.failure(error) from error

    @torch.inference_mode()
    def submit(self, batch: Batch) -> _Started:
        """Run a batch. Raises OutOfMemory or BackendFailed."""
        keys = tuple(batch.inputs)
        if keys not in self._modules:
            temperature = self._workload.package.card.temperature(keys)
            self._modules[keys] = TileNetwork(self._network, keys, self._workload.trust, temperature)
        try:
            tensors = [self._carried(array) for array in arguments(self._workload, batch)]
            with torch.autocast(self.device.type, self._autocast) if self._autocast else contextlib.nullcontext():
                return _Started(self._modules[keys](*tensors), self)
        except (RuntimeError, MemoryError) as error:
            failure = self.failure(error)
        raise failure  # out here: torch's own error holds on to all that the network had in memory

    def _carried(self, array: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        if self.device.type == "cuda":  # a copy from pinned memory is not waited for here
            return tensor.pin_memory().to(self.device, non_blocking=True)
        return tensor.to(self.device)

    def _measured_batch(self) -> int:
        """Run one tile; return how many fit into the device's memory together. It also proves that the device works."""
        one = example(self._workload, tuple(self._workload.affine))
        if self.device.type != "cuda":
            self.submit(one).result().cpu()
            return 1
        torch.cuda.reset_peak_memory_stats(self.device)
        before = torch.cuda.memory_allocated(self.device)
        self.submit(one).result().cpu()
        needed = max(torch.cuda.max_memory_allocated(self.device) - before, 1)
        torch.cuda.empty_cache()  # what torch holds back, from a warm worker's last job too, does not count as free
        free, _ = torch.cuda.mem_get_info(self.device)
        return int(min(max(SHARE * free / needed, 1), MOST_TILES))

    def failure(self, error: RuntimeError | MemoryError) -> BackendFailed:
        """Return what to raise for an error of torch."""
        text = " ".join(str(error).split())[:200]
        if memory_is_short(error):
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            return OutOfMemory(f"{self.device} has too little memory: {text}")
        return BackendFailed(f"torch failed on {self.device}: {text}")
