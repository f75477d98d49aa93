"""What a tile takes from all of its pixels, norms and prototypes, pooled over other tiles: for bench_tiling."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from sgma_qgis.model.nn.network import Features, Network

Sensors = tuple[str, ...]
# per stage: log of the summed weights (K,), and the prototypes (K,C) they are the weights of
Pool = list[tuple[Tensor, Tensor]]


class Norms:
    """GroupNorm statistics of some runs, written down there, used instead of a tile's own.

    Encoder rows are sensors in a fixed order, so statistics (rows, groups) of one run fit another.
    """

    def __init__(self, network: Network) -> None:
        self.modules = [module for module in network.modules() if isinstance(module, nn.GroupNorm)]
        # by module and what was run: means and mean squares, each a list of (rows, groups)
        self.seen: dict[tuple[int, Sensors], tuple[list[Tensor], list[Tensor]]] = {}

    @contextlib.contextmanager
    def record(self, tag: Sensors = ()) -> Iterator[None]:
        """tag: () while encoding, the sensors while decoding."""

        def note(module: nn.GroupNorm, args: tuple[Tensor]) -> None:
            parts = args[0].unflatten(1, (module.num_groups, -1)).flatten(2)
            means, squares = self.seen.setdefault((self.modules.index(module), tag), ([], []))
            means.append(parts.mean(2))
            squares.append(parts.square().mean(2))

        hooks = [module.register_forward_pre_hook(note) for module in self.modules]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    @contextlib.contextmanager
    def use(self, tag: Sensors = ()) -> Iterator[None]:
        """Normalise with the recorded statistics of the same tag."""

        def normalised(module: nn.GroupNorm, args: tuple[Tensor], _: Tensor) -> Tensor:
            (x,) = args
            mean, square = (torch.stack(part).mean(0)[..., None] for part in self.seen[self.modules.index(module), tag])
            parts = x.unflatten(1, (module.num_groups, -1)).flatten(2)
            parts = (parts - mean) * (square - mean.square() + module.eps).rsqrt()
            return parts.view(x.shape) * module.weight[:, None, None] + module.bias[:, None, None]

        hooks = [module.register_forward_hook(normalised) for module in self.modules]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


class Fixed(nn.Module):
    """The fusion with given prototypes."""

    def __init__(self, fusion: nn.Module, prototypes: Sequence[Tensor]) -> None:
        super().__init__()
        self.fusion, self.prototypes = fusion, prototypes

    def forward(self, features, present, modalities):
        return self.fusion(features, present, modalities, self.prototypes)


def pool_tile(network: Network, features: Features, sensors: Sensors) -> Pool:
    """Return what the tile's tokens of these sensors give to the prototypes."""
    chosen = tuple(m for m, key in enumerate(network.keys) if key in sensors)
    found = []
    for stage, maps in zip(network.fusion.stages, features.maps):
        there = torch.ones(1, len(chosen), *maps.shape[-2:], dtype=torch.bool)
        tokens = stage.project(maps[[features.rows[0][m] for m in chosen]][None], there, chosen).flatten(1, 2)
        response = stage.csf(tokens)
        prototypes = response.softmax(1).transpose(1, 2) @ tokens
        found.append((response.logsumexp(1)[0], prototypes[0]))
    return found


def merge(pools: Sequence[Pool]) -> Pool:
    """Return the pool of all tokens of some pools: exactly what one pass over them would give."""
    merged = []
    for parts in zip(*pools):
        logs = torch.stack([log for log, _ in parts])
        share = logs.softmax(0)[..., None]
        merged.append((logs.logsumexp(0), (share * torch.stack([p for _, p in parts])).sum(0)))
    return merged
