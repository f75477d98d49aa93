"""The sets of benchmarks.evidence: chips cut once into build/evidence/SET, then read from there.

The real data lies in the folder named by SGMA_SHARED_DATA, else ../shared/data; towns and the scene are generated.
Nothing is validated on: budgets are fixed, the last averaged weights are tested.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.starter_models import TOWN_GSD, TOWN_SEEDS, TOWN_SIZE, TREE_CLASSES, naip_manifest
from sgma_qgis.model.data.chips import make_chips
from sgma_qgis.model.data.labels import ClassMap, of_classes
from sgma_qgis.model.data.labels import read as read_class_map
from sgma_qgis.model.data.town import CLASSES as TOWN_CLASSES
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.chipset import ChipSet, open_chips
from sgma_qgis.model.training.command import scales

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / "build" / "evidence"
GROUP_M = 300.0  # plots of NEON nearer than this, also by way of others, are one group
#: groups of NEON, by the first plot of each, that are tested on: 460 m to 4 km from all others
NEON_TEST = ("MLBS_1", "MLBS_9", "MLBS_11", "MLBS_15", "MLBS_16", "OSBS_9", "OSBS_16", "OSBS_22", "OSBS_23")
TERRAMESH_BLOCK = 56  # pixels: a sixteenth of a tile
TERRAMESH_NAMES = {
    1: "Water", 2: "Trees", 3: "Flooded vegetation", 4: "Crops", 5: "Built area", 6: "Bare ground", 9: "Rangeland",
}  # fmt: skip


@dataclass(frozen=True)
class Budget:
    """How long a row trains, the same for all rows of a set, and on what crops."""

    epochs: int
    batch: int
    crop: int
    rate: float


@dataclass(frozen=True)
class EvidenceSet:
    """gsd: least, typical, largest. side: of a chip. make: writes the scenes manifest into a folder.

    f1: the score that is told is macro F1, not mIoU.
    """

    gsd: tuple[float, float, float]
    side: int
    budget: Budget
    make: Callable[[Path], ClassMap]
    f1: bool = False


def load(name: str) -> ChipSet:
    """Return the set's chips, cut if they are not there yet."""
    wanted = SETS[name]
    chips = CACHE / name / "chips"
    if not (chips / "index.json").is_file():
        chips.parent.mkdir(parents=True, exist_ok=True)
        class_map = wanted.make(chips.parent)
        make_chips(
            chips.parent / "manifest.json", chips, gsd=wanted.gsd, side=wanted.side, class_map=class_map,
            feedback=_silent(),
        )  # fmt: skip
    found = open_chips(chips)
    return replace(found, roles={role: part for role, part in found.roles.items() if role != "validation"})


def crop_scales(name: str) -> tuple[float, float]:
    """Return the relative ground resolutions that training shows."""
    return scales(SETS[name].gsd)


def shared() -> Path:
    """Return the folder of the real data."""
    return Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data")


def _town(folder: Path) -> ClassMap:
    write_scenes(folder, {role: list(TOWN_SEEDS[role]) for role in ("train", "test")}, TOWN_SIZE, TOWN_GSD, _silent())
    return of_classes(TOWN_CLASSES)


def _neon(folder: Path) -> ClassMap:
    """RGB of 0.1 m, NIR and canopy height of 1 m; ground, pine, broadleaf; groups of plots are held out."""
    data = shared() / "neon_idtrees"
    manifest = []
    for plot, group in neon_groups(data / "plots.csv").items():
        files = {key: str(data / "plots" / f"{plot}_{end}.tif") for key, end in (("rgb", "rgb"), ("nir", "nir"))}
        files |= {"dsm": str(data / "plots" / f"{plot}_chm.tif"), "labels": str(data / "plots" / f"{plot}_label.tif")}
        units = {"rgb_unit": "dn8", "nir_unit": "reflectance10000", "dsm_unit": "ndsm"}
        manifest.append({**files, **units, "role": "test" if group in NEON_TEST else "train"})
    _write_manifest(folder, manifest)
    return _class_map(folder, {0: "new:Background", 1: "new:Pine", 2: "new:Broadleaf", 3: "ignore"})


def neon_groups(table: Path) -> dict[str, str]:
    """Return the group of each plot: the first of those that hang together by steps shorter than GROUP_M."""
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    corners = np.array([[float(row["xmin"]), float(row["ymin"])] for row in rows])
    near = np.hypot(*(corners[:, None] - corners[None]).transpose(2, 0, 1)) < GROUP_M
    group = np.arange(len(rows))
    while True:
        merged = np.where(near, group[None], len(rows)).min(1)
        if (merged == group).all():
            return {row["plot"]: rows[first]["plot"] for row, first in zip(rows, group)}
        group = merged


def _naip(folder: Path) -> ClassMap:
    manifest = naip_manifest(shared() / "naip_urban_trees")
    for scene in manifest:
        scene["role"] = "test" if scene["role"] == "test" else "train"
    _write_manifest(folder, manifest)
    return of_classes(TREE_CLASSES)


def _terramesh(folder: Path) -> ClassMap:
    """Blocks of 560 m: one of four in every row of a tile is tested on. The tile of snow alone has no labels left."""
    import rasterio

    manifest = []
    for tile in sorted(part for part in (shared() / "terramesh_4modal").iterdir() if part.is_dir()):
        with rasterio.open(tile / "LULC.tif") as file:
            labels, profile = file.read(1), file.profile
        rows, cols = (np.arange(side) // TERRAMESH_BLOCK for side in labels.shape)
        tested = (rows[:, None] * 2 + cols[None]) % 4 == 0
        for role, part in (("train", ~tested), ("test", tested)):
            path = folder / f"{tile.name}_{role}.tif"
            with rasterio.open(path, "w", **{**profile, "nodata": None, "driver": "GTiff"}) as file:
                file.write(np.where(part & (labels > 0), labels, 255).astype(np.uint8), 1)
            optical = str(tile / "S2L2A.tif")
            manifest.append(
                {
                    "rgb": optical, "rgb_bands": [4, 3, 2], "rgb_unit": "reflectance10000",
                    "nir": optical, "nir_bands": [8], "nir_unit": "reflectance10000",
                    "dsm": str(tile / "DEM.tif"), "dsm_unit": "dsm",
                    "sar": str(tile / "S1RTC.tif"), "sar_unit": "db", "labels": str(path), "role": role,
                }
            )  # fmt: skip
    _write_manifest(folder, manifest)
    meaning = {value: f"new:{name}" for value, name in TERRAMESH_NAMES.items()}
    return _class_map(folder, {**meaning, 7: "ignore", 8: "ignore", 255: "ignore"})  # snow lies on one tile only


def _class_map(folder: Path, meaning: dict[int, str]) -> ClassMap:
    path = folder / "classes.json"
    path.write_text(json.dumps({str(value): target for value, target in meaning.items()}), encoding="utf-8")
    return read_class_map(str(path))


def _write_manifest(folder: Path, manifest: list[dict]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _silent() -> JobFeedback:
    return JobFeedback("evidence", lambda event: None)


SETS = {
    "town": EvidenceSet((0.25, TOWN_GSD, 1.0), 256, Budget(9, 8, 128, 2e-3), _town),
    "neon": EvidenceSet((0.1, 0.1, 0.1), 200, Budget(36, 8, 128, 2e-3), _neon, f1=True),
    "naip": EvidenceSet((0.3, 0.6, 1.0), 256, Budget(6, 16, 128, 3e-3), _naip),
    "terramesh": EvidenceSet((10.0, 10.0, 10.0), 224, Budget(200, 4, 128, 2e-3), _terramesh),
}
