"""How far each set of sensors moves the deepest fused latent, through `encode` and `fuse`: works with any fusion."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from ..contract.errors import BadInput
from ..nn.network import MOST, Network
from .chipset import Chips
from .drawing import masks
from .metrics import Sensors
from .scenarios import Distortion

_BATCH = 4


@torch.no_grad()
def measure(
    network: Network,
    chips: Chips,
    scenarios: tuple[Sensors, ...],
    *,
    side: int,
    most: int,
    check: Callable[[], None] = lambda: None,
) -> Distortion:
    """Return E |z(S) - z(all)|^2 of the scenarios, z = fused map of the last stage, over tokens that all sensors cover.

    Measured on the central `side` pixels of at most `most` chips, spread evenly over those with every sensor, in a
    fixed order, without augmentation. Leaves the network in evaluation mode. `check` is called once a batch and may
    raise. Raises BadInput when no chip has every sensor.
    """
    network.eval()
    device = next(network.parameters()).device
    sets = masks(network.keys, scenarios).to(device)
    rows, squares = [], []
    for inputs, valid in _complete(chips, network.keys, side, most):
        check()
        features = network.encode({key: x.to(device) for key, x in inputs.items()}, valid.to(device))
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
            f"No training chip has all of {', '.join(network.keys)} in its middle: distortions cannot be measured.",
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


def _complete(chips: Chips, keys: Sensors, side: int, most: int) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    """Yield values by key and validity of batches of crops that have every sensor."""
    start = max(chips.side - side, 0) // 2
    cut = (..., slice(start, start + side), slice(start, start + side))
    have = [i for i in range(len(chips)) if chips.valid[i][cut].any((1, 2)).all()]
    if len(have) > most:
        have = [have[i] for i in np.linspace(0, len(have) - 1, most).round().astype(int)]
    for place in range(0, len(have), _BATCH):
        index = have[place : place + _BATCH]
        inputs = {key: torch.from_numpy(np.stack([chips.values[key][i][cut] for i in index])) for key in keys}
        yield inputs, torch.from_numpy(np.stack([chips.valid[i][cut] for i in index]))


def _mean(x: Tensor, where: Tensor) -> Tensor:
    """Return the mean of x (B,h,w) over the tokens `where`, (B,); 0 where there is none."""
    return (x * where).flatten(1).sum(1) / where.flatten(1).sum(1).clamp(min=1)
