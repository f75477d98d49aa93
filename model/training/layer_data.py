"""Training straight from a person's own layers: `dataset.TrainingData` over a `data.place.Place`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..contract.card import ClassInfo, ModalityStats
from ..contract.errors import BadInput
from ..data.labels import IGNORE, ROLES
from ..data.spread import spread
from ..feedback import JobFeedback
from . import augment
from .batches import collate, sample
from .dataset import Batch, Crops, Part, Tell
from .metrics import Sensors

if TYPE_CHECKING:  # training loads without GDAL
    from ..data.ground import Pixels, Reader
    from ..data.labelled import LabelledTiles, Sample
    from ..data.labelled import Place as Tile
    from ..data.place import Place

_LEAST = 128  # crops an epoch: fewer would leave an epoch with next to no steps
_THREADS = 2  # that read ahead
_TRIES = 8  # places drawn until one has a label with data
_WITHIN = 0.5  # of a crop: the labelled pixel that it is drawn around lies in this middle part of it


class LayerData:
    """Crops around labelled pixels, every class as often as any other, read in the background.

    Held-out ground is hidden: no pixel of it is in any batch.
    """

    def __init__(self, place: Place, feedback: JobFeedback) -> None:
        self._place, self._feedback = place, feedback
        self.classes: tuple[ClassInfo, ...] = place.class_map.classes
        self.modalities: tuple[ModalityStats, ...] = place.card.modalities
        self.gsd: tuple[float, float, float] = place.card.gsd
        self.summary: dict[str, Any] = place.summary()
        self._keys = tuple(row.key for row in place.card.modalities)
        self._affine = {
            layer.key: tuple(np.asarray(side, np.float64) for side in (layer.gain, layer.offset))
            for layer in place.scene.layers
        }
        self._centres = _Centres(place)
        #: scales of crops are relative to the typical resolution, pixels are the grid's
        self._typical = place.card.gsd[1] / place.resolution
        self._tiles: dict[str, LabelledTiles] = {}
        self._labelled: dict[str, dict[Tile, int]] = {}

    @cached_property
    def fingerprint(self) -> str:
        """Return a digest of files, classes, areas, grid and options."""
        return self._place.fingerprint()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the roles that have labels."""
        return tuple(self._place.roles)

    @property
    def proposed(self) -> bool:
        """Whether the areas were proposed, not given."""
        return not self._place.request.areas

    def keep_areas(self, path: Path) -> None:
        """Write the areas as a GeoPackage. Raises BadInput when that cannot be done."""
        from ..data.areas import write_areas

        write_areas(path, self._place.areas, self._place.scene.grid.crs)

    def steps(self, batch: int) -> int:
        """Return how many batches show about all labelled ground once, but 128 crops at least."""
        return -(-max(self._place.crops, _LEAST) // batch)

    def epoch(self, crops: Crops, number: int) -> Iterator[Batch]:
        """Yield batches of crops around labelled pixels, which come from all classes alike."""
        from ..data.ahead import ahead

        made = ahead(
            lambda reader, step: self._batch(reader, crops, number, step),
            self.steps(crops.batch),
            self._place.ground.reader,
            threads=_THREADS,
            check=self._feedback.check,
        )
        return (batch for batch in made if batch is not None)

    def complete(self, side: int, most: int) -> Iterator[Part]:
        """Yield squares in the middle of blocks with training labels, of those that have every modality there."""
        from ..data.grid import Window

        found = 0
        with self._place.ground.reader() as reader:
            for block in self._centres.middles():
                if found == most:
                    return
                window = Window(block[1] - side // 2, block[0] - side // 2, side, side)
                pixels = reader.read(window)
                if len(pixels.values) == len(self._keys):
                    yield self._part(pixels, found)
                    found += 1

    def parts(self, role: str, most: int | None = None, tell: Tell | None = None) -> Iterator[Part]:
        """Yield the tiles of a role, as `evaluate` lays them."""
        chosen, number = spread(tuple(self._of(role)), most), 0
        for found in self._tiles[role].samples(chosen):
            number += 1
            yield part(found)
            if tell is not None:
                tell(number, len(chosen))
        if not number:
            raise BadInput(f"The {role} labels lie only where no layer has data.", "Check areas and nodata.")

    def labelled(self, role: str) -> int:
        """Return how many pixels of a role have a label, data or not."""
        return int(self._place.roles[role].counts.sum())

    def available(self) -> set[Sensors]:
        """Return the combinations of sensors that blocks with training labels have."""
        return set(self._place.sensors)

    def class_counts(self) -> np.ndarray:
        """Return how many training pixels have each class, data or not, int64 (K,)."""
        return self._place.roles[ROLES[0]].counts.sum(0)

    def _of(self, role: str) -> dict[Tile, int]:
        if role not in self._tiles:
            self._tiles[role] = self._place.tiles(role, self._feedback)
            self._labelled[role] = self._tiles[role].labelled()
        return self._labelled[role]

    def _batch(self, reader: Reader, crops: Crops, number: int, step: int) -> Batch | None:
        """Return batch `step` of an epoch; None when none of its places has a label with data."""
        chances = np.random.SeedSequence((crops.seed, number, step)).spawn(crops.batch)
        made = [self._crop(reader, crops, np.random.default_rng(chance)) for chance in chances]
        made = [one for one in made if one is not None]
        return collate(made, self.modalities) if made else None

    def _crop(self, reader: Reader, crops: Crops, rng: np.random.Generator) -> tuple | None:
        for _ in range(_TRIES):
            window = self._centres.window(rng, reader, self._side(rng, crops))
            if window is None:
                continue
            pixels = reader.read(window)
            if (pixels.labels != IGNORE).any():
                geometry = augment.turned(rng, 0, 0, window.width)
                return sample(
                    pixels.values, pixels.valid, pixels.labels, self._affine, geometry, self.modalities, crops.side, rng
                )
        return None

    def _side(self, rng: np.random.Generator, crops: Crops) -> int:
        """Return how many pixels of the grid a crop's side spans; a small place is not made smaller still."""
        grid = self._place.scene.grid
        scales = tuple(scale * self._typical for scale in crops.scales)
        return min(augment.drawn_side(rng, crops.side, scales), max(crops.side, grid.width, grid.height))

    def _part(self, pixels: Pixels, block: int) -> Part:
        return Part(
            {key: torch.from_numpy(values)[None] for key, values in pixels.values.items()},
            torch.from_numpy(pixels.valid)[None],
            torch.from_numpy(pixels.labels)[None],
            {key: tuple(torch.from_numpy(side).float() for side in self._affine[key]) for key in pixels.values},
            torch.tensor([[[block]]]),
        )


class _Centres:
    """Draws the squares of crops: a class, all alike, then a labelled pixel of it, all alike."""

    def __init__(self, place: Place) -> None:
        found = place.roles[ROLES[0]]
        self._grid = place.scene.grid
        self._windows = found.windows
        self._sums = found.counts.cumsum(0)
        self._classes = np.flatnonzero(self._sums[-1])

    def window(self, rng: np.random.Generator, reader: Reader, side: int) -> Any:
        """Return a square of `side` pixels around a labelled pixel; None where that pixel has no data after all."""
        kind = int(rng.choice(self._classes))
        number = int(np.searchsorted(self._sums[:, kind], rng.integers(self._sums[-1, kind]), "right"))
        block = self._windows[number]
        which, down, across = rng.random(3)
        labels = reader.labels(_place(block))
        there = np.flatnonzero(labels == kind)
        if not there.size:
            return None
        row, col = divmod(int(there[int(which * there.size)]), labels.shape[1])
        first = (1 - _WITHIN) / 2  # of the crop that lies before the pixel, at least
        top = block.row + row - round(side * (first + _WITHIN * down))
        left = block.col + col - round(side * (first + _WITHIN * across))
        top, left = _inside(top, side, self._grid.height), _inside(left, side, self._grid.width)
        return type(block)(left, top, side, side)

    def middles(self) -> Iterator[tuple[int, int]]:
        """Yield (row, column) of the middle of every block with training labels, spread evenly from coarse to fine."""
        count, seen = len(self._windows), set()
        steps = 1
        while len(seen) < count:
            for number in np.linspace(0, count - 1, min(steps, count)).round().astype(int).tolist():
                if number not in seen:
                    seen.add(number)
                    window = self._windows[number]
                    yield window.row + window.height // 2, window.col + window.width // 2
            steps *= 2


def part(found: Sample) -> Part:
    """Return a tile of `data.labelled` for the network."""
    return Part(
        {key: torch.from_numpy(values)[None] for key, values in found.values.items()},
        torch.from_numpy(found.valid)[None],
        torch.from_numpy(found.labels)[None],
        {key: tuple(map(torch.from_numpy, pair)) for key, pair in found.affine.items()},
        torch.from_numpy(found.blocks)[None],
    )


def _place(block: Any) -> tuple[int, int]:
    """Return which row and column of blocks a block is."""
    from ..data.survey import BLOCK

    return block.row // BLOCK, block.col // BLOCK


def _inside(start: int, side: int, length: int) -> int:
    """Return a start from which `side` pixels lie inside of `length`, or the other way round; else the nearest."""
    low, high = sorted((0, length - side))
    return min(max(start, low), high)
