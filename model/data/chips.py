"""Cutting scenes into a chip cache, read as for segmentation. The cache's format: `training.chipset`.

A scenes manifest is a JSON list of {"rgb": F, "nir": F, "dsm": F, "sar": F, "rgb_bands": [1, 2, 3], ...,
"rgb_unit": "dn8", ..., "labels": F, "role": "train" | "validation" | "test"}; a scene may lack sensors. Bands and units
may be left out. Relative files are relative to the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..contract.card import Card, ModalityStats
from ..contract.errors import BadInput
from ..contract.job import Area, Options, Source
from ..contract.modality import BY_KEY, IMAGE, RADAR, UNITS
from ..feedback import JobFeedback
from .drawn import LabelSource
from .grid import Window
from .labels import CACHE_INDEX, CACHE_VERSION, IGNORE, ROLES, ClassMap, of_values
from .native import Layer, configure
from .plan import Plan, plan
from .raster import LayerReader
from .reference import Labels, Opener, opener
from .statistics import SAMPLES, is_new, measured, provisional

_LABELS = LabelSource("", role="Label layer")
_ADVICE = "See the user guide on scenes manifests."


@dataclass(frozen=True)
class Scene:
    """Layers of one place with the file of their labels; role: one of ROLES."""

    sources: tuple[Source, ...]
    labels: str
    role: str
    plan: Plan | None = None


def make_chips(
    manifest: Path,
    folder: Path,
    *,
    gsd: tuple[float, float, float],
    side: int,
    class_map: ClassMap | None,
    feedback: JobFeedback,
    labels: LabelSource = _LABELS,
    base: Card | None = None,
) -> None:
    """Cut the manifest's scenes into chips of side x side pixels and write the cache into `folder`, which is made.

    Chips have the typical resolution, gsd[1], whatever the scenes have: training draws other resolutions around it.
    class_map: None = every label value is a class of its own. labels: how the scenes' labels are read; its path does
    not count. base: the model that training starts from; chips come in its units, and its rows of sensors it knows are
    kept. Chips without labels or without data are left out. Raises BadInput for scenes that cannot be used.
    """
    configure()
    scenes = read_manifest(manifest)
    card = provisional(_firsts(scenes), gsd, base)
    new = {row.key for row in card.modalities if is_new(row, base)}
    planned = []
    for scene in scenes:
        feedback.progress("scenes", len(planned), len(scenes))
        found = plan(scene.sources, card, Area(), Options(resolution=gsd[1]))
        for layer in (layer for layer in found.layers if layer.key in new):
            _check_unit(layer, card.stats(layer.key), f"{manifest}, scene {len(planned)}")
        planned.append(replace(scene, plan=found))
    feedback.progress("scenes", len(planned), len(scenes))
    for text in sorted({warning for scene in planned for warning in scene.plan.warnings}):
        feedback.warn(text)
    coarse = sum(min(layer.resolution for layer in scene.plan.layers) > gsd[2] * 1.001 for scene in planned)
    if coarse:
        feedback.warn(
            f"{coarse} of {len(planned)} scenes have pixels larger than the {gsd[2]:g} m that the model is for: "
            "they show less detail than it will expect."
        )
    if class_map is None:
        class_map = of_values([value for scene in planned for value in _label_values(scene, labels, side)], base)
    if class_map.told:
        feedback.info(class_map.told)
    opened = opener(labels, class_map)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CACHE_INDEX).unlink(missing_ok=True)  # the index comes last: without it there is no cache
    counts = {}
    for role in ROLES:
        of_role = [scene for scene in planned if scene.role == role]
        if of_role:
            counts[role] = _write_role(folder, role, of_role, card, side, opened, feedback)
    index = {
        "version": CACHE_VERSION,
        "chips": counts,
        "gsd": gsd,
        "classes": [asdict(info) for info in class_map.classes],
        "modalities": [
            asdict(_statistics(folder, card, m, counts["train"]) if row.key in new else row)
            for m, row in enumerate(card.modalities)
        ],
        "summary": {role: _summary(folder, role, planned, counts[role], class_map) for role in counts},
    }
    (folder / CACHE_INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def read_manifest(path: Path, role: str = "train") -> list[Scene]:
    """Return the scenes of a manifest, one of `role` at least. Raises BadInput naming the entry that is wrong."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"Scenes manifest {path} cannot be read ({error}).", _ADVICE) from None
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"Scenes manifest {path} must be a list of scenes.", _ADVICE)
    scenes = [_scene(row, f"{path}, scene {i}", path.parent) for i, row in enumerate(rows)]
    if not any(scene.role == role for scene in scenes):
        raise BadInput(f"Scenes manifest {path} has no scene of role '{role}'.", _ADVICE)
    return scenes


def _scene(row: Any, where: str, base: Path) -> Scene:
    if not isinstance(row, dict) or not isinstance(row.get("labels"), str) or row.get("role") not in ROLES:
        raise BadInput(f"{where} needs 'labels' and a 'role' out of {', '.join(ROLES)}.", _ADVICE)
    unknown = set(row) - {"labels", "role"} - {key + end for key in BY_KEY for end in ("", "_bands", "_unit")}
    if unknown:
        raise BadInput(f"{where} has unknown entries: {', '.join(sorted(unknown))}.", _ADVICE)
    sources = []
    for key in BY_KEY:
        if row.get(key) is not None:
            bands = row.get(f"{key}_bands", [])
            if not isinstance(row[key], str) or not isinstance(bands, list) or not all(type(b) is int for b in bands):
                raise BadInput(f"{where}: {key} must be a file and {key}_bands a list of numbers.", _ADVICE)
            unit = row.get(f"{key}_unit", "")
            if unit not in ("", *BY_KEY[key].units):
                raise BadInput(f"{where}: {key}_unit must be one of {', '.join(BY_KEY[key].units)}.", _ADVICE)
            sources.append(Source(key, str(base / row[key]), tuple(bands), unit))
    if not sources:
        raise BadInput(f"{where} names no sensor; sensors are {', '.join(BY_KEY)}.", _ADVICE)
    return Scene(tuple(sources), str(base / row["labels"]), row["role"])


def _firsts(scenes: list[Scene]) -> dict[str, Source]:
    """Return the first source of each sensor that a training scene has: its bands and unit are the model's."""
    found: dict[str, Source] = {}
    for scene in scenes:
        if scene.role == "train":
            for source in scene.sources:
                found.setdefault(source.modality, source)
    return found


def _check_unit(layer: Layer, stats: ModalityStats, where: str) -> None:
    """Raise BadInput when the layer's values have no fixed relation to the other scenes' unit.

    Segmentation maps the percentiles of such a layer onto the card's; here these are not known yet.
    """
    unit, title = UNITS[layer.source.unit], BY_KEY[layer.key].title
    if layer.kind == IMAGE and unit.base != UNITS[stats.unit].base:
        raise BadInput(
            f"{where}: {layer.name} holds {unit.title}, but {title} of the first training scene holds "
            f"{UNITS[stats.unit].title}, and these do not convert.",
            f"Use scenes of one unit; where it was guessed wrongly, state it as '{layer.key}_unit'.",
        )
    if layer.kind == RADAR and not _as_stored(layer):
        raise BadInput(
            f"{where}: {layer.name}, read as {unit.title}, is no calibrated backscatter.",
            f"Calibrate it; where the unit was guessed wrongly, state it as '{layer.key}_unit'.",
        )


# --- cutting -----------------------------------------------------------------------------------------------------


def _windows(scene: Scene, side: int) -> Iterator[Window]:
    grid = scene.plan.grid
    for row in range(0, grid.height, side):
        for col in range(0, grid.width, side):
            yield Window(col, row, side, side)


def _label_values(scene: Scene, source: LabelSource, side: int) -> list[object]:
    with Labels(replace(source, path=scene.labels), scene.plan.grid) as labels:
        return labels.values(_windows(scene, side))


def _write_role(
    folder: Path, role: str, scenes: list[Scene], card: Card, side: int, opened: Opener, feedback: JobFeedback
) -> int:
    """Write the arrays of one role and return how many of their chips count: those that have labels.

    The arrays have room for all windows of all scenes; never more than one chip is in memory.
    """
    room = sum(1 for scene in scenes for _ in _windows(scene, side))
    shapes = {row.key: (_stored_type(scenes, row.key), (len(row.bands), side, side)) for row in card.modalities}
    shapes |= {
        "valid": (np.dtype(bool), (len(card.modalities), side, side)),
        "labels": (np.dtype(np.uint8), (side, side)),
    }
    arrays = {
        name: np.lib.format.open_memmap(folder / f"{role}.{name}.npy", "w+", dtype, (room, *shape))
        for name, (dtype, shape) in shapes.items()
    }
    count = 0
    for done, scene in enumerate(scenes):
        feedback.progress(f"chips, {role}", done, len(scenes))
        for chip in _cut(scene, card, side, opened):
            if (chip["labels"] != IGNORE).any():
                for name, values in chip.items():
                    arrays[name][count] = values
                count += 1
    feedback.progress(f"chips, {role}", len(scenes), len(scenes))
    for array in arrays.values():
        array.flush()
    if not count:
        raise BadInput(f"No scene of role '{role}' has labels where it has data.", "Check the label rasters.")
    return count


def _cut(scene: Scene, card: Card, side: int, opened: Opener) -> Iterator[dict[str, np.ndarray]]:
    """Yield chips: values by key (C,S,S) in the card's unit, valid (M,S,S), labels (S,S).

    Values are 0 where not valid; there is no label where there is no data.
    """
    grid = scene.plan.grid
    with ExitStack() as stack:
        readers = {layer.key: stack.enter_context(LayerReader(layer, grid)) for layer in scene.plan.layers}
        reference = stack.enter_context(opened(scene.labels, grid))
        for window in _windows(scene, side):
            chip: dict[str, Any] = {row.key: 0 for row in card.modalities}
            valid = np.zeros((len(card.modalities), side, side), bool)
            for m, key in enumerate(card.keys):
                if key in readers:
                    values, valid[m] = readers[key].read(window)
                    chip[key] = np.where(valid[m], _in_card_unit(values, readers[key].layer), 0)
            yield {**chip, "valid": valid, "labels": np.where(valid.any(0), reference.read(window), IGNORE)}


def _in_card_unit(values: np.ndarray, layer: Layer) -> np.ndarray:
    if _as_stored(layer):
        return values
    gain, offset = (np.array(part, np.float32)[:, None, None] for part in (layer.gain, layer.offset))
    return values.astype(np.float32) * gain + offset


def _as_stored(layer: Layer) -> bool:
    return set(layer.gain) == {1.0} and set(layer.offset) == {0.0}


def _stored_type(scenes: list[Scene], key: str) -> np.dtype:
    """Return the smallest dtype that holds the sensor's values of all scenes."""
    layers = [layer for scene in scenes for layer in scene.plan.layers if layer.key == key]
    types = [np.dtype(layer.read_dtype if _as_stored(layer) else np.float32) for layer in layers]
    return np.result_type(*types) if types else np.dtype(np.uint8)


# --- what the index says -----------------------------------------------------------------------------------------


def _statistics(folder: Path, card: Card, m: int, count: int) -> ModalityStats:
    """Return the card's row of modality m, with the statistics of the training chips."""
    stats = card.modalities[m]
    values = np.load(folder / f"train.{stats.key}.npy", mmap_mode="r", allow_pickle=False)[:count]
    valid = np.load(folder / "train.valid.npy", mmap_mode="r", allow_pickle=False)[:count]
    step = max(1, int(np.ceil(values.shape[0] * values.shape[2] * values.shape[3] / SAMPLES)))
    rows = np.random.default_rng(0).permutation(values.shape[2])[: max(1, values.shape[2] // step)]
    rows.sort()
    known = valid[:, m][:, rows]
    sample = np.stack([values[:, band][:, rows][known] for band in range(values.shape[1])])
    return measured(stats, sample, "in the training scenes")


def _summary(folder: Path, role: str, scenes: list[Scene], count: int, class_map: ClassMap) -> dict[str, Any]:
    """Return how many scenes, chips and labelled pixels of each class a role has."""
    labels = np.load(folder / f"{role}.labels.npy", mmap_mode="r", allow_pickle=False)[:count]
    pixels = sum((np.bincount(chip.ravel(), minlength=IGNORE + 1) for chip in labels), np.zeros(IGNORE + 1, np.int64))
    return {
        "scenes": sum(scene.role == role for scene in scenes),
        "chips": count,
        "pixels": {info.name: int(pixels[i]) for i, info in enumerate(class_map.classes)},
    }
