"""Layers with labels, made ready for training: grid, classes, areas, where which class lies, what the card will say."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..contract.card import Card, ModalityStats
from ..contract.errors import BadInput
from ..contract.job import Area
from ..contract.modality import in_order
from ..feedback import JobFeedback
from .areas import Areas, read_areas
from .chips import Scene
from .grid import Grid, Window
from .ground import Ground, Pixels
from .labelled import LabelledTiles
from .labels import IGNORE, PROPOSED, ROLES, ClassMap, listed
from .layer_facts import read_facts
from .plan import Plan
from .proposal import Proposal, propose
from .reference import Reference
from .request import Request, crop_metres, looked_through, tell
from .spread import spread
from .statistics import SAMPLES, is_new, measured
from .survey import blocks

_LOOKED_AT = 64  # blocks that statistics and sensors at hand are found from


@dataclass(frozen=True)
class RoleLabels:
    """Where the labels of a role are. windows: blocks with labels, (N,). counts: labelled pixels by class, (N,K).

    digest: of what the labels say there, pixel by pixel.
    """

    windows: tuple[Window, ...]
    counts: np.ndarray
    digest: str


@dataclass(frozen=True)
class Place:
    """Layers with labels. roles: in the order of ROLES. crops: squares of the crop's side that hold training labels."""

    request: Request
    card: Card  # what is known of the model to be: sensors with statistics, resolutions, tile
    scene: Plan
    class_map: ClassMap
    areas: Areas
    roles: dict[str, RoleLabels]
    crops: int
    ground: Ground
    sensors: frozenset[tuple[str, ...]]  # combinations that training blocks have

    @property
    def resolution(self) -> float:
        """Return the ground metres of a pixel of the grid."""
        return crop_metres(1, self.scene.grid)

    def tiles(self, role: str, feedback: JobFeedback) -> LabelledTiles:
        """Return the tiles of a role, as `evaluate` lays them."""
        source, mask = self.request.labels, self.areas.polygons[role]
        return LabelledTiles(
            [Scene(self.request.sources, source.path, role, self.scene)],
            self.card,
            area=Area(),
            options=self.request.options,
            opener=lambda _, grid: Reference(source, grid, self.class_map, mask),
            stage=role,
            feedback=feedback,
        )

    def fingerprint(self) -> str:
        """Return a digest of all that samples depend on: layers by size and time, labels by what they say, areas, grid.

        Files of labels do not count: QGIS touches them by opening them, and a VRT or a journal lies in others.
        """
        request = self.request
        facts = {
            "layers": [read_facts(layer) for layer in self.scene.layers],
            "labels": {role: found.digest for role, found in self.roles.items()},
            "classes": [[info.id, info.name] for info in self.class_map.classes],
            "areas": {role: mask.digest() for role, mask in self.areas.polygons.items()},
            "modalities": [asdict(row) for row in self.card.modalities],
            "grid": asdict(self.scene.grid),
            "crop": [request.crop, request.tile, self.card.gsd],
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def summary(self) -> dict[str, Any]:
        """Return what the card says of the data, by role."""
        names = [info.name for info in self.class_map.classes]
        return {
            role: {
                "labels": self.request.labels.path,
                "areas": self.request.areas or PROPOSED,
                "pixels": dict(zip(names, found.counts.sum(0).tolist())),
            }
            for role, found in self.roles.items()
        }


def open_place(request: Request, feedback: JobFeedback) -> Place:
    """Open and check layers, labels and areas. Raises BadInput for anything that training cannot use."""
    card, scene, found, class_map = looked_through(request, feedback)
    counts = found.by_class(class_map, request.labels.name)
    areas = areas_of(request, counts, found.cell, scene, feedback)
    roles, crops = _roles(request, scene.grid, class_map, areas, feedback)
    _check_roles(request, roles, class_map, feedback)
    held = [mask for role, mask in areas.polygons.items() if role != ROLES[0]]
    train = areas.polygons[ROLES[0]]
    ground = Ground(
        scene,
        card.keys,
        lambda: Reference(request.labels, scene.grid, class_map, train),
        held,
        len(roles[ROLES[0]].windows),
    )
    modalities, sensors = _looked_at(request, card, ground, roles[ROLES[0]], feedback)
    card = replace(card, modalities=modalities, tile=request.tile)
    return Place(request, card, scene, class_map, areas, roles, crops, ground, sensors)


def areas_of(request: Request, counts: np.ndarray, cell: int, scene: Plan, feedback: JobFeedback) -> Areas:
    """Return the areas in the file, or a proposal. What makes accuracy look better than it is is told."""
    grid = scene.grid
    metres = crop_metres(request.crop, grid)
    if request.areas:
        areas = read_areas(request.areas, grid)
        tell(areas.notes, feedback)
        for (one, other), gap in areas.gaps(grid).items():
            if gap < metres * (1 - 1e-6):
                feedback.warn(
                    f"The areas for {one} and {other} are {gap:.3g} m apart; a training crop is {metres:.3g} m wide "
                    f"({request.crop} pixels). Held-out ground is hidden from training, but accuracy may look better "
                    f"than it is elsewhere. Leave {metres:.3g} m between them."
                )
        return areas
    proposal = proposed(request, counts, cell, grid, feedback)
    return proposal.areas


def proposed(request: Request, counts: np.ndarray, cell: int, grid: Grid, feedback: JobFeedback) -> Proposal:
    """Return a proposal of areas for labels counted by cell and class, and tell it. Raises BadInput for one class."""
    if (counts.any((0, 1)).sum()) < 2:
        raise _one_class(request)
    proposal = propose(counts, cell, grid, request.crop)
    metres = crop_metres(request.crop, grid)
    told = ", ".join(f"{role} {100 * share[share > 0].mean():.0f} %" for role, share in proposal.shares.items())
    if len(proposal.shares) > 1:
        feedback.info(f"Areas are proposed, {metres:.3g} m apart; their share of a class's labels, on average: {told}.")
        if "test" not in proposal.shares:
            feedback.info("There is no test data in them: the card will not say how accurate the model is.")
    else:
        feedback.warn(
            f"The labels lie too close together for areas {metres:.3g} m apart ({request.crop} pixels), each with two "
            "classes: all of them train, and nothing tells how good the model is. Label more ground, lower --crop, or "
            "give --areas."
        )
    return proposal


def _roles(
    request: Request, grid: Grid, class_map: ClassMap, areas: Areas, feedback: JobFeedback
) -> tuple[dict[str, RoleLabels], int]:
    """Return where the labels of each role are, and how many squares of the crop's side hold training labels."""
    windows: dict[str, list[Window]] = {role: [] for role in areas.polygons}
    counts: dict[str, list[np.ndarray]] = {role: [] for role in areas.polygons}
    digests = {role: hashlib.sha256() for role in areas.polygons}
    squares: list[np.ndarray] = []
    every = list(blocks(grid))
    with Reference(request.labels, grid, class_map) as reference:
        for number, window in enumerate(every):
            feedback.progress("areas", number, len(every))
            if not reference.touches(window):
                continue
            labels = reference.read(window)
            for role, mask in areas.polygons.items():
                if not mask.touches(window):
                    continue
                inside = mask.window(window) & (labels != IGNORE)
                if inside.any():
                    windows[role].append(window)
                    counts[role].append(np.bincount(labels[inside], minlength=len(class_map.classes)))
                    digests[role].update(f"{window.row} {window.col}".encode())
                    digests[role].update(np.where(inside, labels, IGNORE).tobytes())
                    if role == ROLES[0]:
                        rows, cols = np.nonzero(inside)
                        across = (rows + window.row) // request.crop * grid.width + (cols + window.col) // request.crop
                        squares.append(across[np.append(True, np.diff(across) != 0)])  # runs: np.unique sorts them
    feedback.progress("areas", len(every), len(every))
    empty = np.zeros((0, len(class_map.classes)), np.int64)
    return {
        role: RoleLabels(
            tuple(windows[role]), np.array(counts[role]) if counts[role] else empty, digests[role].hexdigest()
        )
        for role in windows
    }, len(np.unique(np.concatenate(squares))) if squares else 0


def _check_roles(request: Request, roles: dict[str, RoleLabels], class_map: ClassMap, feedback: JobFeedback) -> None:
    """Raise BadInput for a role without labels and for training with one class; tell what is missing."""
    for role, found in roles.items():
        if not found.windows:
            raise BadInput(
                f"The areas for {role} in {request.areas} hold no label of {request.labels.path}.",
                "Move them to where labels are, or leave that role out.",
            )
    names = [info.name for info in class_map.classes]
    have = {role: found.counts.sum(0) for role, found in roles.items()}
    if (have[ROLES[0]] > 0).sum() < 2:
        raise _one_class(request, names[int(have[ROLES[0]].argmax())])
    used = {index for index in class_map.indices.values() if index != IGNORE}
    for role, counts in have.items():
        missing = [name for index, name in enumerate(names) if not counts[index] and index in used]
        if missing and role == ROLES[0]:
            feedback.warn(f"No training label is {listed(missing)}: the model cannot learn that.")
        elif missing:
            feedback.warn(f"No {role} label is {listed(missing)}: accuracy there says nothing about that.")
    unused = [name for index, name in enumerate(names) if index not in used]
    if unused:
        feedback.warn(f"Of the model's classes the labels hold no {listed(unused)}: it may unlearn them.")
    if request.areas and "validation" not in roles:
        feedback.warn(f"{request.areas} holds no validation area: the last weights are taken, not the best.")


def _looked_at(
    request: Request, card: Card, ground: Ground, train: RoleLabels, feedback: JobFeedback
) -> tuple[tuple[ModalityStats, ...], frozenset[tuple[str, ...]]]:
    """Return the card's rows, with statistics, and the combinations of sensors that training blocks have."""
    new = [row for row in card.modalities if is_new(row, request.base)]
    samples: dict[str, list[np.ndarray]] = {row.key: [] for row in new}
    layers = {layer.key: layer for layer in ground.scene.layers}
    chosen = spread(train.windows, _LOOKED_AT)
    most = SAMPLES // len(chosen)
    rng = np.random.default_rng(0)
    sensors, labelled = set(), False
    with ground.reader() as reader:
        for number, window in enumerate(chosen):
            feedback.progress("statistics", number, len(chosen))
            pixels = reader.read(window)
            sensors.add(in_order(pixels.values))
            labelled |= bool((pixels.labels != IGNORE).any())
            for key, parts in samples.items():
                parts.append(_sample(pixels, key, card, layers, most, rng))
        feedback.progress("statistics", len(chosen), len(chosen))
        if not labelled and not any((reader.read(window).labels != IGNORE).any() for window in train.windows):
            raise BadInput(
                f"{request.labels.name} has training labels only where no layer has data.", "Check areas and nodata."
            )
    rows = {
        row.key: measured(row, np.concatenate(samples[row.key], axis=1), "where the training labels are") for row in new
    }
    return tuple(rows.get(row.key, row) for row in card.modalities), frozenset(sensors - {()})


def _sample(
    pixels: Pixels, key: str, card: Card, layers: dict[str, Any], most: int, rng: np.random.Generator
) -> np.ndarray:
    """Return valid values (C,n) of a sensor in a block in the card's unit, at most `most` of them."""
    if key not in pixels.values:
        return np.zeros((len(card.stats(key).bands), 0), np.float32)
    found = pixels.values[key][:, pixels.valid[card.keys.index(key)]]
    if found.shape[1] > most:
        found = found[:, np.sort(rng.choice(found.shape[1], most, replace=False))]
    gain, offset = (np.array(side, np.float32)[:, None] for side in (layers[key].gain, layers[key].offset))
    return found.astype(np.float32) * gain + offset


def _one_class(request: Request, name: str = "") -> BadInput:
    return BadInput(
        f"{request.labels.name} holds one class only{f' for training, {name}' if name else ''}: there is nothing to "
        "tell it from.",
        "Label something else, too, or give a --labelled-area: the rest of it is then a class.",
    )
