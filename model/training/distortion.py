"""How far each set of sensors moves the deepest fused latent, through `encode` and `fuse`: works with any fusion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from ..contract.errors import BadInput
from ..nn.network import MOST, Network
from .dataset import Part
from .drawing import masks
from .metrics import Sensors
from .scenarios import Distortion


@torch.no_grad()
def measure(
    network: Network,
    parts: Iterable[Part],
    scenarios: tuple[Sensors, ...],
    check: Callable[[], None] = lambda: None,
) -> Distortion:
    """Return E |z(S) - z(all)|^2 of the scenarios, z = fused map of the last stage, over tokens that all sensors cover.

    parts: samples that have every sensor, as `TrainingData.complete` gives them. Leaves the network in evaluation mode.
    `check` is called once a part and may raise. Raises BadInput when there is no sample.
    """
    network.eval()
    device = next(network.parameters()).device
    sets = masks(network.keys, scenarios).to(device)
    rows, squares = [], []
    for part in parts:
        check()
        part = part.to(device)
        features = network.encode(part.values, part.valid, part.affine)
        whole = network.fuse(features)[0][-1].double()
        covered = (features.coverage[-1] >= MOST).all(1)
        found = []
        for scenario in sets:
            part = network.fuse(features, scenario.expand(len(whole), -1))[0][-1].double()
            found.append(_mean((part - whole).square().mean(1), covered))
        keep = covered.flatten(1).any(1)
        rows += torch.stack(found, 1)[keep].tolist()
        squares += _mean(whole.square().mean(1), covered)[keep].tolist()
    if not rows:
        raise BadInput(
            f"No training sample has all of {', '.join(network.keys)} in its middle: distortions cannot be measured.",
            "Use another sampler, or add scenes with all sensors.",
        )
    # fsum: exact, so the order of chips makes no difference
    count, columns = len(rows), list(zip(*rows))
    mean = [math.fsum(column) / count for column in columns]
    spread = [math.fsum((x - m) ** 2 for x in column) / max(count - 1, 1) for column, m in zip(columns, mean)]
    return Distortion(
        mean=tuple(mean),
        error=tuple(math.sqrt(s / count) for s in spread),
        mean_square=math.fsum(squares) / count,
        chips=count,
    )


def _mean(x: Tensor, where: Tensor) -> Tensor:
    """Return the mean of x (B,h,w) over the tokens `where`, (B,); 0 where there is none."""
    return (x * where).flatten(1).sum(1) / where.flatten(1).sum(1).clamp(min=1)
