"""Generated town scenes as GeoTIFFs with a scenes manifest: the demo's layers and town-demo's training data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from ..feedback import JobFeedback
from .labels import ROLES
from .town import make_scene

CRS = "EPSG:32632"  # the place is invented; scenes stand in a row so that they never overlap
ORIGIN = (500_000.0, 5_300_000.0)


def write_scenes(
    folder: Path, seeds: dict[str, list[int]], size: int, gsd: float, feedback: JobFeedback
) -> list[dict[str, str]]:
    """Write folder/scene_SEED/{rgb,nir,dsm,sar,truth}.tif and folder/manifest.json.

    seeds: role ('train', 'validation', 'test') -> scene seeds. size: side in pixels; gsd: metres a pixel.
    Returns the manifest: one entry a scene with its files, `labels` and `role`.
    """
    manifest = []
    total = sum(map(len, seeds.values()))
    for role in ROLES:
        for seed in seeds.get(role, []):
            feedback.progress("town", len(manifest), total)
            manifest.append({**_write_scene(folder, seed, size, gsd, len(manifest)), "role": role})
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    feedback.progress("town", total, total)
    return manifest


def _write_scene(folder: Path, seed: int, size: int, gsd: float, place: int) -> dict[str, str]:
    scene = make_scene(seed, size, size, gsd)
    target = folder / f"scene_{seed}"
    target.mkdir(parents=True, exist_ok=True)
    transform = from_origin(ORIGIN[0] + place * size * gsd * 1.25, ORIGIN[1], gsd, gsd)
    bands = {"rgb": ("red", "green", "blue"), "nir": ("nir",), "dsm": ("dsm",), "sar": ("VV dB", "VH dB")}
    files = {}
    for name, array in [*((key, getattr(scene, key)) for key in bands), ("truth", scene.truth[None])]:
        path = target / f"{name}.tif"
        profile = {
            "driver": "GTiff",
            "width": array.shape[2],
            "height": array.shape[1],
            "count": array.shape[0],
            "dtype": array.dtype,
            "crs": CRS,
            "transform": transform,
            "compress": "deflate",
            "tiled": True,
            "blockxsize": 256,
            "blockysize": 256,
        }
        if np.issubdtype(array.dtype, np.floating):
            profile["predictor"] = 3
        with rasterio.open(path, "w", **profile) as file:
            file.write(array)
            for index, text in enumerate(bands.get(name, ()), start=1):
                file.set_band_description(index, text)
        files["labels" if name == "truth" else name] = str(path)
    return files
