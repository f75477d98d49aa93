"""What a backend is given: a run's constants once, then batches of tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..contract.errors import SgmaError
from ..contract.store import Package
from ..nn.network import Network


class BackendFailed(SgmaError):
    """A backend cannot run this model here. `message` says why, for people."""

    code = "backend_failed"


class OutOfMemory(BackendFailed):
    """A batch did not fit into the device's memory."""

    code = "out_of_memory"


@dataclass(frozen=True)
class Workload:
    """What stays the same in a run. B tiles, m modalities of a batch, K classes, h x w = tile_size.

    dtypes: by modality key, how its pixels are stored. affine: by modality key, (gain, offset), each (C,) float32, from
    stored values to the card's unit. weight: (h,w) float32 blending weights. trust: whether shares of fusion weight are
    wanted, too.
    """

    package: Package
    tile_size: tuple[int, int]
    dtypes: dict[str, np.dtype]
    affine: dict[str, tuple[np.ndarray, np.ndarray]]
    weight: np.ndarray
    trust: bool
    threads: int


@dataclass(frozen=True)
class Batch:
    """Tiles that have the same modalities. inputs: key -> (B,C,h,w) as stored; valid: (B,m,h,w) bool in their order."""

    inputs: dict[str, np.ndarray]
    valid: np.ndarray

    def __len__(self) -> int:
        return len(self.valid)

    def part(self, start: int, stop: int) -> Batch:
        """Return some of its tiles."""
        return Batch({key: array[start:stop] for key, array in self.inputs.items()}, self.valid[start:stop])


class Pending(Protocol):
    """A batch under way."""

    def result(self) -> Tensor:
        """Wait and return (B, K [+ m], h, w) float32 on the backend's device, times the blending weight.

        Probabilities of the classes, then, if asked for, the modalities' shares of fusion weight. The next `submit`
        may overwrite it. Raises OutOfMemory, or BackendFailed when the device gives up.
        """
        ...


class Backend(Protocol):
    """Runs the network. Opening one raises BackendFailed when it cannot work on this machine.

    in_flight: batches worth submitting before the first result is asked for. batch: tiles a batch that suit the device.
    streams: tiles computed at a time, each by itself; 0 where a batch is computed as one.
    """

    name: str
    device: torch.device
    precision: str
    in_flight: int
    streams: int
    batch: int

    def submit(self, batch: Batch) -> Pending: ...


class TileNetwork(nn.Module):
    """The network with what surrounds it in a run: modalities chosen, probabilities, trust and blending weight.

    keys: the modalities of its inputs; the others count as absent. temperature: the card's for these modalities.
    """

    def __init__(self, network: Network, keys: tuple[str, ...], trust: bool, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.keys = keys
        self.trust = trust
        self.temperature = temperature

    def forward(self, valid: Tensor, weight: Tensor, *rest: Tensor) -> Tensor:
        """Arguments: valid (B,m,h,w) bool, weight (h,w), then per key its values, then per key gain and offset (C,)."""
        count = len(self.keys)
        inputs = dict(zip(self.keys, rest[:count], strict=True))
        affine = dict(zip(self.keys, zip(rest[count::2], rest[count + 1 :: 2], strict=True), strict=True))
        nowhere = torch.zeros_like(valid[:, 0])
        present = torch.stack(
            [valid[:, self.keys.index(key)] if key in self.keys else nowhere for key in self.network.keys], 1
        )
        prediction = self.network(inputs, present, affine)
        parts = [(prediction.logits.float() / self.temperature).softmax(1)]
        if self.trust and len(self.keys) == 1:
            parts.append(valid.float())  # a single sensor has all the weight
        elif self.trust:
            at = [self.network.keys.index(key) for key in self.keys]
            parts.append(self.network.trust([part[:, at] for part in prediction.robustness], valid).float())
        return torch.cat(parts, 1) * weight


def arguments(workload: Workload, batch: Batch) -> list[np.ndarray]:
    """Return the arguments of TileNetwork for a batch."""
    lines = [part for key in batch.inputs for part in workload.affine[key]]
    return [batch.valid, workload.weight, *batch.inputs.values(), *lines]


def example(workload: Workload, keys: tuple[str, ...]) -> Batch:
    """Return one tile of plausible values with every pixel valid, the same each time."""
    generator = np.random.default_rng(0)
    height, width = workload.tile_size
    inputs = {}
    for stats in workload.package.card.modalities:
        if stats.key in keys:
            gain, offset = workload.affine[stats.key]
            low, high = (np.reshape(side, (-1, 1, 1)) for side in (stats.low, stats.high))
            values = low + (high - low) * generator.random((len(stats.bands), height, width))
            stored = (values - offset[:, None, None]) / gain[:, None, None]
            dtype = workload.dtypes[stats.key]
            if dtype.kind in "iu":
                stored = np.clip(stored, np.iinfo(dtype).min, np.iinfo(dtype).max)
            inputs[stats.key] = stored.astype(dtype)[None]
    return Batch(inputs, np.ones((1, len(inputs), height, width), bool))
