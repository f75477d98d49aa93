"""Scenes with a truth, and strokes drawn into it as a person would: for bench_strokes."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from scipy import ndimage

from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.data import town, town_files
from sgma_qgis.model.data.grid import Grid
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.data.raster import LabelReader
from sgma_qgis.model.data.town_sensors import Mat
from sgma_qgis.model.feedback import JobFeedback

SHARED = Path(os.environ.get("SGMA_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
SETS = ("town", "ign", "terramesh", "neon")
#: What the models that come with the plugin were not trained on: their classes, cut and put together anew.
TOWN_CLASSES = {
    "road": "ASPHALT PAVERS PAINT COURT_GREEN COURT_RED CAR CAR_RED CAR_BLUE",
    "tiled roof": "TILE_RED TILE_BROWN",
    "other roof": "SLATE BITUMEN GRAVEL_ROOF COPPER_ROOF PLANTED_ROOF",
    "broadleaf": "BROADLEAF BROADLEAF_PALE COPPER_BEECH",
    "conifer": "CONIFER",
    "grass": "LAWN MEADOW DRY_GRASS",
    "crop": "GREEN_CROP RAPE CEREAL",
    "soil": "PLOUGHED DARK_SOIL SAND TRACK",
    "water": "WATER POOL",
}
TOWN_SEEDS = (9001, 9002, 9003)  # of none of the models' scenes
TOWN_SIZE, TOWN_GSD = 512, 0.5
NEON_PLOTS = ("MLBS_29", "MLBS_2", "MLBS_44", "OSBS_13", "OSBS_15", "OSBS_1", "OSBS_21")  # with crowns of both kinds
STROKE_PX, LONGEST_PX, BEND = 3, 40, 0.15
LEAST_SHARE = 0.005  # of a scene, for a class to count


@dataclass(frozen=True)
class Scene:
    """One place. labels: a raster of whole numbers; those of `ignore` are not known."""

    name: str
    sources: tuple[Source, ...]
    labels: str
    ignore: tuple[int, ...] = ()


def scenes(name: str, shared: Path, work: Path) -> list[Scene]:
    """Return the scenes of the set town, ign, terramesh or neon; those of the town are written into `work`."""
    if name == "town":
        return [_town(seed, work) for seed in TOWN_SEEDS]
    if name == "ign":
        folder = shared / "ign_rgbn_lidar" / "urban_77055_627760"
        layers = _sources(folder, {"rgb": "rgb.tif", "nir": "nir.tif", "dsm": "dsm.tif"}, {"dsm": "dsm"})
        return [Scene("ign", layers, str(folder / "label.tif"), (0,))]
    if name == "terramesh":
        return list(_terramesh(shared / "terramesh_4modal"))
    plots = shared / "neon_idtrees" / "plots"
    return [
        Scene(
            plot,
            _sources(
                plots,
                {"rgb": f"{plot}_rgb.tif", "nir": f"{plot}_nir.tif", "dsm": f"{plot}_chm.tif"},
                {"nir": "reflectance10000", "dsm": "ndsm"},
            ),
            str(plots / f"{plot}_label.tif"),
            (3,),
        )
        for plot in NEON_PLOTS
    ]


def truth(scene: Scene, grid: Grid) -> tuple[np.ndarray, list[int]]:
    """Return class indices on a grid (h,w) uint8, IGNORE where unknown or rare, and the label value of each."""
    with LabelReader(scene.labels, grid, nodata=IGNORE) as reader:
        values = reader.read(grid.window)
    counts = {int(v): int((values == v).sum()) for v in np.unique(values) if v not in (IGNORE, *scene.ignore)}
    kept = sorted(value for value, pixels in counts.items() if pixels >= LEAST_SHARE * values.size)
    out = np.full(values.shape, IGNORE, np.uint8)
    for index, value in enumerate(kept):
        out[values == value] = index
    return out, kept


def draw(labels: np.ndarray, count: int, seed: int) -> list[tuple[int, list[tuple[float, float]]]]:
    """Return strokes as (class index, [(col, row), ...]), `count` of each class, in pixels of the labels (h,w).

    A stroke begins anywhere within an object, larger ones being hit more often, runs on in a bent line for LONGEST_PX
    at most, and stops at the object's rim, which it keeps clear of by two pixels where there is room.
    """
    rng = np.random.default_rng((seed, count))
    strokes = []
    for index in range(int(labels[labels != IGNORE].max()) + 1):
        inside = _inside(labels == index)
        objects, number = ndimage.label(inside)
        sizes = np.bincount(objects.ravel(), minlength=number + 1)[1:].astype(float)
        chance = np.sqrt(sizes) * (sizes >= min(20, sizes.max()))
        for _ in range(count):
            chosen = objects == rng.choice(number, p=chance / chance.sum()) + 1
            rows, cols = np.nonzero(chosen)
            at = rng.integers(len(rows))
            tries = [_line(chosen, float(cols[at]), float(rows[at]), turn, rng) for turn in rng.uniform(0, math.tau, 4)]
            strokes.append((index, max(tries, key=len)))
    return strokes


def _inside(mask: np.ndarray) -> np.ndarray:
    for steps in (2, 1):
        core = ndimage.binary_erosion(mask, iterations=steps)
        if core.sum() >= 20:
            return core
    return mask


def _line(mask: np.ndarray, col: float, row: float, turn: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the centres of the pixels that a bent line meets within the mask, from its start on."""
    points = [(col, row)]
    while len(points) < LONGEST_PX:
        turn += rng.normal(0, BEND)
        col, row = col + math.cos(turn), row + math.sin(turn)
        x, y = round(col), round(row)
        if not (0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x]):
            break
        points.append((col, row))
    return points


def _town(seed: int, work: Path) -> Scene:
    written = town_files.write_scenes(
        work / str(seed), {"test": [seed]}, TOWN_SIZE, TOWN_GSD, JobFeedback("town", lambda event: None)
    )[0]
    made = town.make_scene(seed, TOWN_SIZE, TOWN_SIZE, TOWN_GSD)
    table = np.full(len(Mat), IGNORE, np.uint8)
    for index, names in enumerate(TOWN_CLASSES.values()):
        table[[Mat[name] for name in names.split()]] = index
    labels = Path(written["labels"]).with_name("materials.tif")
    with rasterio.open(written["labels"]) as file:
        profile = file.profile
    with rasterio.open(labels, "w", **profile) as file:
        file.write(table[made.material], 1)
    sources = tuple(Source(key, written[key]) for key in ("rgb", "nir", "dsm", "sar"))
    return Scene(f"town {seed}", sources, str(labels))


def _terramesh(folder: Path) -> Iterator[Scene]:
    for tile in ("282D_485L_3_3", "433D_629L_3_1", "38D_378R_2_3"):  # the fourth has one class
        optical = str(folder / tile / "S2L2A.tif")
        yield Scene(
            tile,
            (
                Source("rgb", optical, (4, 3, 2), "reflectance10000"),
                Source("nir", optical, (8,), "reflectance10000"),
                Source("dsm", str(folder / tile / "DEM.tif"), unit="dsm"),
                Source("sar", str(folder / tile / "S1RTC.tif"), unit="db"),
            ),
            str(folder / tile / "LULC.tif"),
            (0,),
        )


def _sources(folder: Path, files: dict[str, str], units: dict[str, str]) -> tuple[Source, ...]:
    return tuple(Source(key, str(folder / file), unit=units.get(key, "")) for key, file in files.items())
