"""What stays between strokes on the same layers with the same model: files, network, features of tiles."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..contract.card import Card, ModalityStats, NetworkSpec, PixelHead
from ..contract.errors import BadInput
from ..contract.job import Area, Options, Source
from ..contract.store import Package, find
from ..data.grid import Window
from ..data.labels import IGNORE
from ..data.native import configure
from ..data.plan import Plan, plan
from ..data.statistics import measured, provisional
from ..data.strokes import Strokes
from ..feedback import JobFeedback
from ..libraries import give_memory_back
from ..nn.build import load
from ..nn.network import STRIDES, Network
from ..nn.pixels import WINDOWS, PixelNetwork, grown
from .cache import ByteCache
from .fit import HIDDEN, MOST_ROWS, Rows, chosen, fit, joined
from .tiles import CORE, SIDE, Tile, TileMaker

NO_MODEL = "none"
MOST_TILES = 400  # with strokes that a fit looks at
FULL_TILES = 100  # of which MOST_ROWS pixels each are kept; of twice as many, half
GSD_M = 0.5  # typical pixel of a map without a model, where the layers' own are smaller: heights need a ground
_GDAL_CACHE_MB = 64
_KEPT_MB = 8  # arrays up to this size stay with the process between strokes: an update takes half the time
_EVERY = 4  # pixels between those that statistics look at
_NEVER = 1e30  # standard deviation of a feature that was never seen: in this unit, whatever comes is 0
_LEAST = 1e-6  # of one that hardly changes


@dataclass(frozen=True)
class Fitted:
    """A model adapted to strokes. network: in evaluation mode. pixels: labelled ones by class name."""

    card: Card
    network: PixelNetwork
    pixels: dict[str, int]


@dataclass(frozen=True)
class _Sample:
    """What a tile with strokes says, small enough to be kept for all of them.

    rows, chances (N,): `most` labelled pixels at most, as `chosen`. counts: of all, by class (256,). moments: its share
    of the statistics: count, sum and sum of squares of each feature.
    """

    rows: Rows
    chances: Tensor
    most: int
    counts: Tensor
    moments: tuple[Tensor, Tensor, Tensor]

    def thinned(self, most: int) -> _Sample:
        """Return it with so many pixels at most."""
        if len(self.rows) <= most:
            return replace(self, most=most)
        kept = chosen(self.rows.classes, self.chances, most)
        return replace(self, rows=self.rows.take(kept), chances=self.chances[kept], most=most)


class Session:
    """One set of layers and one model, None = the pixels alone. Not for several threads."""

    def __init__(
        self, sources: tuple[Source, ...], model: str, options: Options, cache_bytes: int, feedback: JobFeedback
    ) -> None:
        """Open layers and model. Raises BadInput."""
        configure(_GDAL_CACHE_MB)
        self.package: Package | None = None if model == NO_MODEL else find(model)
        self.base: Network | None = None
        if self.package is None:
            self.card, self.scene = _without_model(sources, options, feedback)
            feedback.info("No model: classes are told from the pixels and their surroundings alone.")
        else:
            self.card = self.package.card
            if self.card.network.pixels is not None:
                raise BadInput(
                    f"Model '{self.card.id}' was itself made from strokes.", "Start from the model it was made from."
                )
            self.scene = plan(sources, self.card, Area(), options, check=feedback.check)
            self.base = load(self.card, self.package.weights(), str(self.package.path))
        for text in self.scene.warnings:
            feedback.warn(text)
        self.bands = {stats.key: len(stats.bands) for stats in self.card.modalities}
        self.pixel_features = len(WINDOWS) * sum(self.bands.values())
        self.context_features = self.base.head.classify.in_channels if self.base is not None else 0
        self.maker = TileMaker(self.scene, self.bands, self.base)
        self._cache_bytes = cache_bytes
        self._tiles: ByteCache[Tile] = ByteCache(cache_bytes)
        self._samples: dict[tuple[int, int], tuple[bytes, _Sample]] = {}

    def close(self) -> None:
        """Close the files."""
        self.maker.close()

    def leave_room(self, taken: int) -> None:
        """Keep fewer tiles: so many of the bytes that are there for them are needed for the view."""
        self._tiles.bound(max(self._cache_bytes - taken, 0))

    def tile(self, row: int, col: int) -> Tile:
        """Return a tile, kept or made."""
        found = self._tiles.get((row, col))
        if found is None:
            give_memory_back()
            found = self.maker.make(row, col)
            give_memory_back(_KEPT_MB)
            self._tiles.put((row, col), found)
        return found

    def fitted(self, strokes: Strokes, feedback: JobFeedback) -> Fitted:
        """Return the model adapted to the strokes. Raises BadInput when they touch less than two classes of pixels."""
        samples = self._gathered(strokes, feedback)
        names = [info.name for info in strokes.classes]
        counts = sum(sample.counts[: len(names)].numpy() for sample in samples) + np.zeros(len(names), int)
        if not counts.any():
            raise BadInput(f"{strokes.name} lie where no layer has data.", "Paint where the layers have pixels.")
        if (counts > 0).sum() < 2:
            only = names[int(counts.argmax())]
            raise BadInput(
                f"{strokes.name} mark pixels of one class only, {only!r}; two are needed.",
                "Paint what is something else, too, where the layers have data.",
            )
        mean, std = _spread([sample.moments for sample in samples])
        head = self.base.head.classify if strokes.of_base else None
        prior = (head.weight.detach()[..., 0, 0], head.bias.detach()) if head is not None else None
        card = self._adapted(strokes)
        width = card.network.head_channels
        network = PixelNetwork(self.base, card.modalities, classes=len(names), hidden=HIDDEN, width=width).eval()
        network.take(fit(_drawn(samples), len(names), mean, std, prior))
        return Fitted(card, network, {name: int(n) for name, n in zip(names, counts, strict=True)})

    def _adapted(self, strokes: Strokes) -> Card:
        """Return the card of a model adapted to the strokes; its hash of the weights is not known yet."""
        base = self.card if self.package is not None else None
        spec = self.card.network if base else NetworkSpec("none", "none", 8)
        spec = replace(spec, pixels=PixelHead(HIDDEN, len(base.classes) if base else 0))
        used = tuple(layer.key for layer in self.scene.layers)
        named = f"strokes on {base.title}" if base else "strokes on pixels alone"
        return replace(
            self.card,
            id=f"{base.id[:50] if base else 'pixels'}-strokes",
            title=f"{', '.join(info.name for info in strokes.classes)[:80]} ({named})",
            classes=strokes.classes,
            network=spec,
            tile=SIDE if base else self.card.tile,  # the whole area is looked at as the views were
            weights_sha256="0" * 64,
            trained_on=(used,),
            accuracy=(),
            calibration=(),
            description="Adapted to a few strokes; its accuracy was not measured.",
            provenance={"base": base.id, "base_sha256": base.weights_sha256} if base else {},
        )

    def _gathered(self, strokes: Strokes, feedback: JobFeedback) -> list[_Sample]:
        """Return what the tiles with strokes hold."""
        places = self._places(strokes, feedback)
        most = MOST_ROWS
        while most * len(places) > MOST_ROWS * FULL_TILES:
            most //= 2
        samples = []
        for done, (row, col) in enumerate(places):
            feedback.progress("strokes", done, len(places))
            labels = strokes.read(self.maker.core(row, col))
            if (labels == IGNORE).all():
                continue
            painted = labels.tobytes()
            before, sample = self._samples.get((row, col), (b"", None))
            if before != painted or len(sample.rows) == sample.most < most:
                sample = _sample(self.tile(row, col), labels, _chances(row, col), most)
                if sample is None:
                    continue
            sample = sample.thinned(most)
            self._samples[(row, col)] = (painted, sample)
            samples.append(sample)
        self._samples = {place: self._samples[place] for place in places if place in self._samples}
        feedback.progress("strokes", len(places), len(places))
        return samples

    def _places(self, strokes: Strokes, feedback: JobFeedback) -> list[tuple[int, int]]:
        """Return (row, col) of tiles that strokes meet, MOST_TILES at most: those painted last, class by class."""
        frame, found = self.scene.frame, {int(code): {} for code in strokes.codes}
        met = strokes.squares((frame.col, frame.row), CORE)
        for squares, code in zip(met[::-1], strokes.codes[::-1].tolist(), strict=True):
            found[code].update(dict.fromkeys(squares))
        places = list(dict.fromkeys(place for turn in zip_longest(*found.values()) for place in turn if place))
        if len(places) > MOST_TILES:
            feedback.warn(
                f"{strokes.name} lie in {len(places)} squares of {CORE} x {CORE} pixels; the {MOST_TILES} of them that "
                "were painted last are looked at, of each class alike."
            )
        return sorted(places[:MOST_TILES])


def key(sources: tuple[Source, ...], model: str, options: Options, memory_mb: int) -> Hashable:
    """Return what a session is for; a file that has changed makes another one."""
    files = [source.path for source in sources]
    if model != NO_MODEL:
        package = find(model)
        files += [str(package.path), package.card.weights_sha256]
    return (sources, model, options, memory_mb, tuple(_changed(file) for file in files))


def _changed(path: str) -> tuple[str, int]:
    try:
        return path, Path(path).stat().st_mtime_ns
    except OSError:  # what is no file here, such as /vsizip/...
        return path, 0


def _without_model(sources: tuple[Source, ...], options: Options, feedback: JobFeedback) -> tuple[Card, Plan]:
    """Return a card for the layers as they are, and the plan."""
    if not sources:
        raise BadInput("No layer was given.", "Give at least one.")
    by_key = {source.modality: source for source in sources}
    if len(by_key) < len(sources):
        raise BadInput("A sensor was given twice.", "Join several files into one with gdalbuildvrt.")
    card = provisional(by_key, (1e-3, GSD_M, 1e6))
    scene = plan(sources, card, Area(), options, check=feedback.check)
    finest = min(layer.resolution for layer in scene.layers)
    gsd = (round(finest / 2, 6), round(max(finest, GSD_M), 6), round(4 * max(finest, GSD_M), 6))
    rows = tuple(_measured(card.stats(layer.key), scene, layer.key) for layer in scene.layers)
    card = replace(card, id="pixels", title="Pixels", modalities=rows, gsd=gsd, tile=512, classes=())
    return card, plan(sources, card, Area(), options, check=feedback.check)


def _measured(row: ModalityStats, scene: Plan, name: str) -> ModalityStats:
    """Return a sensor's row with the statistics of a sample of the layer."""
    grid = scene.grid
    one = replace(scene, layers=tuple(layer for layer in scene.layers if layer.key == name))
    maker = TileMaker(one, {name: len(row.bands)}, None)
    found = []
    for row_share, col_share in ((0.5, 0.5), (0.2, 0.2), (0.8, 0.8), (0.2, 0.8), (0.8, 0.2)):
        at = Window(int(grid.width * col_share), int(grid.height * row_share), 1, 1)
        tile = maker.make(*maker.touching(at)[0])
        if tile.values is not None:
            count = len(row.bands)
            found.append(tile.values[:count, tile.present[0]].numpy())
    maker.close()
    values = np.concatenate(found, 1) if found else np.zeros((len(row.bands), 0))
    if not values.shape[1]:  # data elsewhere: any scale will do, the head has its own
        values = np.tile(np.array([0.0, 1.0]), (len(row.bands), 1))
    return measured(row, values, "in the area")


def _chances(row: int, col: int) -> Tensor:
    """Return what decides which of too many pixels of a tile are looked at (CORE,CORE); always the same."""
    generator = torch.Generator().manual_seed((row & 0xFFFF) << 16 | col & 0xFFFF)
    return torch.rand(CORE, CORE, generator=generator)


def _drawn(samples: list[_Sample]) -> Rows:
    """Return the pixels that a fit looks at."""
    kept = chosen(torch.cat([s.rows.classes for s in samples]), torch.cat([s.chances for s in samples]))
    parts, start = [], 0
    for sample in samples:
        end = start + len(sample.rows)
        parts.append(sample.rows.take(kept[(kept >= start) & (kept < end)] - start))
        start = end
    return joined(parts)


def _sample(tile: Tile, labels: np.ndarray, chances: Tensor, most: int) -> _Sample | None:
    """Return what a tile says of its labelled pixels; None where they have no data."""
    if tile.values is None:
        return None
    there = tile.present.any(0)
    at = torch.from_numpy(labels != IGNORE) & there
    if not at.any():
        return None
    context = tile.context.new_zeros(0, CORE, CORE)
    if len(tile.context):
        beside = STRIDES[0]  # a token's pixels
        whole = CORE + 2 * beside
        context = grown(tile.context[None], (whole, whole))[0, :, beside:-beside, beside:-beside]
    classes = torch.from_numpy(labels)[at].long()
    counts = torch.bincount(classes, minlength=256)
    kept = chosen(classes, chances[at], most)
    y, x = torch.nonzero(at)[kept].T
    rows = Rows(tile.values[:, y, x].T, tile.known[:, y, x].T.float(), context[:, y, x].T, classes[kept])
    some = np.s_[:, ::_EVERY, ::_EVERY]
    both = torch.cat([tile.values[some], context[some]]).double()
    seen = torch.cat([tile.known[some], there[None][some].expand(len(context), -1, -1)]).double()
    moments = tuple((part * seen).flatten(1).sum(1) for part in (torch.ones_like(both), both, both * both))
    return _Sample(rows, chances[y, x], most, counts, moments)


def _spread(parts: list[tuple[Tensor, Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation of each feature (D+E,)."""
    count, total, squares = (torch.stack(side).sum(0) for side in zip(*parts))
    mean = total / count.clamp(min=1)
    std = (squares / count.clamp(min=1) - mean * mean).clamp(min=0).sqrt()
    std = torch.where(std > _LEAST, std, torch.ones_like(std))
    return mean.float(), torch.where(count > 0, std, torch.full_like(std, _NEVER)).float()
