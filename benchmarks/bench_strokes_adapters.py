"""Maps from a few simulated strokes against fine-tuning with adapters on the same strokes.

PYTHONPATH=.venv-bench/boosting python -m benchmarks.bench_strokes_adapters [--sets town ...] [--count 20]
[--model town-demo] [--crop 64] [--scenes 1]

One draw of strokes on the first scenes of each set. Both start from the same model, see the same layers and are asked
for the same unlabelled pixels. Adapters are trained by the default recipe with the strokes, as polygons, for labels;
all ground is for training, so that no stroke is kept from them: the last weights count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely

from benchmarks.stroke_sets import SETS, SHARED, Scene, scenes
from benchmarks.stroke_sites import QUIET, Site, class_name, layers, miou, opened
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.job import Outputs, SegmentJob, Source
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.data.strokes import Drawn, Strokes
from sgma_qgis.model.engine.segment import segment
from sgma_qgis.model.training.command import fit

FIELD = "class"
BEHIND = 0.05  # points of mIoU that strokes may lack


def main() -> int:
    """Print the table; returns 1 when strokes are too far behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--model", default="town-demo")
    parser.add_argument("--crop", type=int, default=64, help="pixels; the scenes are small")
    parser.add_argument("--scenes", type=int, default=1, help="of each set (default 1)")
    args = parser.parse_args()
    met = True
    print("| scene | strokes | adapters | difference | seconds, strokes | seconds, adapters |")
    print("|---|---|---|---|---|---|", flush=True)
    for name in args.sets:
        with tempfile.TemporaryDirectory() as work:
            for scene in scenes(name, SHARED, Path(work))[: args.scenes]:
                place = Path(work) / "trained" / scene.name
                place.mkdir(parents=True)
                met &= _compare(scene, args, place)
    return 0 if met else 1


def _compare(scene: Scene, args: argparse.Namespace, work: Path) -> bool:
    with opened(scene, args.model) as site:
        drawn = site.strokes(args.count, 0)
        strokes = Strokes(drawn, site.session.scene.grid, None)
        scored = site.scored(site.painted(strokes))
        began = time.monotonic()
        ours = miou(site.expected[scored], site.mapped(strokes)[scored])
        fitted = time.monotonic()
        model = _trained(site, drawn, layers(scene, args.model), args, work)
        theirs = miou(site.expected[scored], _mapped(site, model, layers(scene, args.model), work)[scored])
        ended = time.monotonic()
    row = f"| {scene.name} | {ours:.3f} | {theirs:.3f} | {ours - theirs:+.3f} | "
    print(f"{row}{fitted - began:.1f} | {ended - fitted:.0f} |", flush=True)
    return round(ours - theirs, 3) >= -BEHIND


def _trained(site: Site, drawn: Drawn, sources: tuple[Source, ...], args: argparse.Namespace, work: Path) -> str:
    """Return the folder of the model trained on the strokes."""
    grid, _ = site.drawn_on
    labels, areas, model = (str(work / name) for name in ("labels.gpkg", "areas.gpkg", "model"))
    shapes = shapely.buffer(drawn.shapes, drawn.widths / 2)
    _write(labels, shapes, FIELD, drawn.values, grid.crs)
    _write(areas, np.array([shapely.box(*grid.bounds)]), "role", np.array(["train"], object), grid.crs)
    job = TrainJob(args.model, model, sources, labels, class_field=FIELD, areas=areas, recipe={"crop": args.crop})
    fit(job, QUIET)
    return model


def _mapped(site: Site, model: str, sources: tuple[Source, ...], work: Path) -> np.ndarray:
    """Return class indices of the view's pixels on the map that `segment` makes; IGNORE beyond it."""
    place = str(work / "map.tif")
    segment(SegmentJob(sources, model, Outputs(place)), QUIET)
    with rasterio.open(place) as file:
        ids = file.read(1)
    window, grid = site.view.window, site.session.scene.grid
    if ids.shape != (grid.height, grid.width):
        raise ValueError(f"The map has {ids.shape} pixels, not {grid.height, grid.width}.")
    table = np.full(256, IGNORE, np.uint8)
    names = [class_name(index) for index in range(IGNORE)]
    for info in store.find(model).card.classes:
        table[info.id] = names.index(info.name)
    found = np.full(site.view.valid.shape, IGNORE, np.uint8)
    found[-window.row : grid.height - window.row, -window.col : grid.width - window.col] = table[ids]
    return found


def _write(path: str, shapes: np.ndarray, field: str, values: np.ndarray, crs: str) -> None:
    pyogrio.raw.write(path, shapely.to_wkb(shapes), [values], [field], geometry_type="Polygon", crs=crs, driver="GPKG")


if __name__ == "__main__":
    sys.exit(main())
