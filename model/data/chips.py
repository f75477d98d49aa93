"""Cutting scenes into a chip cache, read exactly as for segmentation. The cache's format: `training.chipset`.

A scenes manifest is a JSON list of {"rgb": F, "nir": F, "dsm": F, "sar": F, "rgb_bands": [1, 2, 3], ..., "labels": F,
"role": "train" | "validation" | "test"}; a scene may lack sensors. Relative files are relative to the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..contract.card import Card, ModalityStats, NetworkSpec
from ..contract.errors import BadInput
from ..contract.job import Area, Options, Source
from ..contract.modality import BY_KEY, IMAGE, RADAR, UNITS, in_order
from ..feedback import JobFeedback
from .grid import Window
from .labels import IGNORE, UNKNOWN, ClassMap, of_values
from .layer import inspect
from .native import Layer, configure
from .plan import Plan, plan
from .raster import LabelReader, LayerReader

VERSION = 1  # as in training.chipset
ROLES = ("train", "validation", "test")
_SAMPLES = 2_000_000  # pixels a band that the statistics are found from
_ADVICE = "See the user guide on scenes manifests."


@dataclass(frozen=True)
class _Scene:
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
) -> None:
    """Cut the manifest's scenes into chips of side x side pixels and write the cache into `folder`, which is made.

    class_map: None = every label value is a class of its own. Chips without labels or without data are left out.
    Raises BadInput for scenes that cannot be used.
    """
    configure()
    scenes = read_manifest(manifest)
    card = _provisional_card(scenes, gsd)
    planned = []
    for scene in scenes:
        feedback.progress("scenes", len(planned), len(scenes))
        planned.append(replace(scene, plan=plan(scene.sources, card, Area(), Options())))
    feedback.progress("scenes", len(planned), len(scenes))
    for text in sorted({warning for scene in planned for warning in scene.plan.warnings}):
        feedback.warn(text)
    if class_map is None:
        class_map = of_values(v for scene in planned for v in _label_values(scene, side))
    folder.mkdir(parents=True, exist_ok=True)
    cut = 0
    for role in ROLES:
        of_role = [scene for scene in planned if scene.role == role]
        for _ in _write_role(folder, role, of_role, card, side, class_map):
            cut += 1
            feedback.progress("chips", cut, len(planned))
    stats = [_statistics(folder, card, m) for m in range(len(card.modalities))]
    index = {
        "version": VERSION,
        "side": side,
        "gsd": gsd,
        "classes": [asdict(info) for info in class_map.classes],
        "modalities": [asdict(row) for row in stats],
        "summary": _summary(folder, planned, class_map),
    }
    (folder / "index.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def read_manifest(path: Path) -> list[_Scene]:
    """Return the scenes of a manifest. Raises BadInput naming the entry that is wrong."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"Scenes manifest {path} cannot be read ({error}).", _ADVICE) from None
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"Scenes manifest {path} must be a list of scenes.", _ADVICE)
    scenes = [_scene(row, f"{path}, scene {i}", path.parent) for i, row in enumerate(rows)]
    if not any(scene.role == "train" for scene in scenes):
        raise BadInput(f"Scenes manifest {path} has no scene of role 'train'.", _ADVICE)
    return scenes


def _scene(row: Any, where: str, base: Path) -> _Scene:
    if not isinstance(row, dict) or not isinstance(row.get("labels"), str) or row.get("role") not in ROLES:
        raise BadInput(f"{where} needs 'labels' and a 'role' out of {', '.join(ROLES)}.", _ADVICE)
    unknown = set(row) - {"labels", "role"} - set(BY_KEY) - {f"{key}_bands" for key in BY_KEY}
    if unknown:
        raise BadInput(f"{where} has unknown entries: {', '.join(sorted(unknown))}.", _ADVICE)
    sources = []
    for key in BY_KEY:
        if row.get(key) is not None:
            bands = row.get(f"{key}_bands", [])
            if not isinstance(row[key], str) or not isinstance(bands, list) or not all(type(b) is int for b in bands):
                raise BadInput(f"{where}: {key} must be a file and {key}_bands a list of numbers.", _ADVICE)
            sources.append(Source(key, str(base / row[key]), tuple(bands)))
    if not sources:
        raise BadInput(f"{where} names no sensor; sensors are {', '.join(BY_KEY)}.", _ADVICE)
    return _Scene(tuple(sources), str(base / row["labels"]), row["role"])


def _provisional_card(scenes: list[_Scene], gsd: tuple[float, float, float]) -> Card:
    """Return a card that makes the readers hand on values in the unit the network will take; its statistics are void.

    Units and bands are those of the first training scene that has the sensor.
    """
    firsts = {}
    for scene in scenes:
        if scene.role == "train":
            for source in scene.sources:
                firsts.setdefault(source.modality, source)
    rows = [_void_stats(firsts[key], firsts) for key in in_order(firsts)]
    spec = NetworkSpec("small", "mean")
    return Card("chips", "chips", (), tuple(rows), spec, gsd, 64, "none", "")


def _void_stats(source: Source, firsts: dict[str, Source]) -> ModalityStats:
    kind, names = BY_KEY[source.modality].kind, BY_KEY[source.modality].bands
    if source.bands and len(source.bands) != len(names):
        names = tuple(f"band {band}" for band in source.bands)
    unit = {IMAGE: "dn8", RADAR: "db"}.get(kind, "ndsm")
    count = len(names)
    stats = ModalityStats(source.modality, names, unit, (0.0,) * count, (1.0,) * count, (0.0,) * count, (1.0,) * count)
    if kind != IMAGE:
        return stats
    named = frozenset(band for other in firsts.values() if other.path == source.path for band in other.bands)
    return replace(stats, unit=UNITS[inspect(source, stats, named).source.unit].base)


# --- cutting -----------------------------------------------------------------------------------------------------


def _windows(scene: _Scene, side: int) -> Iterator[Window]:
    grid = scene.plan.grid
    for row in range(0, grid.height, side):
        for col in range(0, grid.width, side):
            yield Window(col, row, side, side)


def _label_values(scene: _Scene, side: int) -> set[int]:
    with LabelReader(scene.labels, scene.plan.grid, nodata=UNKNOWN) as reader:
        return {value for window in _windows(scene, side) for value in np.unique(reader.read(window)).tolist()}


def _write_role(
    folder: Path, role: str, scenes: list[_Scene], card: Card, side: int, class_map: ClassMap
) -> Iterator[_Scene]:
    """Write the arrays of one role; yield each scene when it is cut. A role without scenes writes nothing."""
    if not scenes:
        return
    most = sum(1 for scene in scenes for _ in _windows(scene, side))
    writers = _Arrays(folder, role, most, side)
    types = {stats.key: _stored_type(scenes, stats.key) for stats in card.modalities}
    for scene in scenes:
        for values, valid, labels in _cut(scene, card, side, class_map):
            if (labels != IGNORE).any():
                for m, stats in enumerate(card.modalities):
                    chip = values.get(stats.key, np.zeros((len(stats.bands), side, side)))
                    writers.add(stats.key, np.where(valid[m], chip, 0).astype(types[stats.key]))
                writers.add("valid", valid)
                writers.add("labels", labels)
        yield scene
    writers.close()


def _cut(scene: _Scene, card: Card, side: int, class_map: ClassMap) -> Iterator[tuple[dict, np.ndarray, np.ndarray]]:
    """Yield values by key (C,S,S) in the card's unit, valid (M,S,S), labels (S,S); no label where there is no data."""
    grid = scene.plan.grid
    with ExitStack() as stack:
        readers = {layer.key: stack.enter_context(LayerReader(layer, grid)) for layer in scene.plan.layers}
        label_reader = stack.enter_context(LabelReader(scene.labels, grid, nodata=UNKNOWN))
        for window in _windows(scene, side):
            values, valid = {}, np.zeros((len(card.modalities), side, side), bool)
            for key, reader in readers.items():
                raw, valid[card.keys.index(key)] = reader.read(window)
                values[key] = _in_card_unit(raw, reader.layer)
            labels = class_map(label_reader.read(window), scene.labels)
            yield values, valid, np.where(valid.any(0), labels, IGNORE).astype(np.uint8)


def _in_card_unit(values: np.ndarray, layer: Layer) -> np.ndarray:
    if _as_stored(layer):
        return values
    gain, offset = (np.array(part, np.float32)[:, None, None] for part in (layer.gain, layer.offset))
    return values.astype(np.float32) * gain + offset


def _as_stored(layer: Layer) -> bool:
    return set(layer.gain) == {1.0} and set(layer.offset) == {0.0}


def _stored_type(scenes: list[_Scene], key: str) -> np.dtype:
    """Return the smallest dtype that holds the sensor's values of all scenes."""
    layers = [layer for scene in scenes for layer in scene.plan.layers if layer.key == key]
    types = [np.dtype(layer.read_dtype if _as_stored(layer) else np.float32) for layer in layers]
    return np.result_type(*types) if types else np.dtype(np.uint8)


class _Arrays:
    """The .npy files of one role, written chip by chip: never more than one chip in memory."""

    def __init__(self, folder: Path, role: str, most: int, side: int) -> None:
        self._folder, self._role, self._most, self._side = folder, role, most, side
        self._maps: dict[str, np.memmap] = {}
        self._count: dict[str, int] = {}

    def add(self, name: str, chip: np.ndarray) -> None:
        """Append one chip to ROLE.NAME.npy."""
        if name not in self._maps:
            path = self._folder / f"{self._role}.{name}.npy.part"
            shape = (self._most, *chip.shape)
            self._maps[name] = np.lib.format.open_memmap(path, "w+", chip.dtype, shape)
            self._count[name] = 0
        self._maps[name][self._count[name]] = chip
        self._count[name] += 1

    def close(self) -> None:
        """Cut the files to the chips that were added and give them their names. Raises BadInput when there are none."""
        if not self._maps:
            raise BadInput(f"No scene of role '{self._role}' has labels where it has data.", "Check the label rasters.")
        for name, array in self._maps.items():
            part = self._folder / f"{self._role}.{name}.npy.part"
            count = self._count[name]
            if count < len(array):
                final = np.lib.format.open_memmap(
                    part.with_suffix(".cut"), "w+", array.dtype, (count, *array.shape[1:])
                )
                for i in range(count):
                    final[i] = array[i]
                final.flush()
                part.with_suffix(".cut").replace(part)
            else:
                array.flush()
            part.replace(self._folder / f"{self._role}.{name}.npy")


# --- what the index says -----------------------------------------------------------------------------------------


def _statistics(folder: Path, card: Card, m: int) -> ModalityStats:
    """Return the statistics of modality m over the training chips: 2nd and 98th percentiles, then mean and std."""
    stats = card.modalities[m]
    values = np.load(folder / f"train.{stats.key}.npy", mmap_mode="r", allow_pickle=False)
    valid = np.load(folder / "train.valid.npy", mmap_mode="r", allow_pickle=False)
    step = max(1, int(np.ceil(values.shape[0] * values.shape[2] * values.shape[3] / _SAMPLES)))
    rows = np.random.default_rng(0).permutation(values.shape[2])[: max(1, values.shape[2] // step)]
    rows.sort()
    known = valid[:, m][:, rows]
    low, high, mean, std = [], [], [], []
    for band in range(values.shape[1]):
        sample = values[:, band][:, rows][known].astype(np.float64)
        if not sample.size:
            raise BadInput(f"{BY_KEY[stats.key].title} holds no valid pixel in the training scenes.", "Check nodata.")
        a, b = np.percentile(sample, (2, 98))
        b = b if b > a else a + 1.0  # a flat band: any width above 0 will do
        clipped = sample.clip(a, b)
        for part, value in zip((low, high, mean, std), (a, b, clipped.mean(), clipped.std() or 1.0)):
            part.append(round(float(value), 6))
    return replace(stats, low=tuple(low), high=tuple(high), mean=tuple(mean), std=tuple(std))


def _summary(folder: Path, scenes: list[_Scene], class_map: ClassMap) -> dict[str, Any]:
    """Return, per role, how many scenes, chips and labelled pixels of each class there are."""
    out = {}
    for role in ROLES:
        path = folder / f"{role}.labels.npy"
        if any(scene.role == role for scene in scenes):
            labels = np.load(path, mmap_mode="r", allow_pickle=False)
            counts = sum((np.bincount(chip.ravel(), minlength=256) for chip in labels), np.zeros(256, np.int64))
            out[role] = {
                "scenes": sum(scene.role == role for scene in scenes),
                "chips": len(labels),
                "pixels": {info.name: int(counts[i]) for i, info in enumerate(class_map.classes)},
            }
    return out
