"""Fine-tuning on a small real scene: time, and mIoU before and after with all sensors and with each alone.

python -m benchmarks.bench_finetune [--bases town-demo trees-aerial] [--epochs N]

The IGN urban scene (50 x 50 m; RGB, NIR and surface model): polygons of four classes in its western part are learned
with adapters and the default recipe, those in its eastern part are tested on, 8 m lie between. There is no validation
ground in so small a scene: the last weights count. Before: the starter model, its classes taken for those they come
nearest to; not for trees-aerial, which knows trees alone. The data lies in SGMA_SHARED_DATA, else ../shared/data.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from benchmarks.evidence_sets import shared
from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import EvaluateJob, TrainJob
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.assess import assess
from sgma_qgis.model.training.command import fit

SCENE = "ign_rgbn_lidar/urban_77055_627760"
FIELD = "class_name"
NEAREST = {
    "town-demo": {
        "ground": "Street and paved",
        "low vegetation": "Grass and field",
        "medium/high vegetation": "Tree and hedge",
        "building": "Building",
    }
}
WEST, EAST, SOUTH, NORTH = 770549.8, 770600.2, 6277549.8, 6277600.2
GAP_M, CROP = 8.0, 32  # the ground of a crop at town-demo's finest 0.25 m


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--bases", nargs="+", default=["town-demo", "trees-aerial"])
    options.add_argument("--epochs", type=int)
    asked = options.parse_args()
    scene = shared() / SCENE
    sources = (
        Source("rgb", str(scene / "rgb.tif")),
        Source("nir", str(scene / "nir.tif"), (1,)),
        Source("dsm", str(scene / "dsm.tif"), unit="dsm"),
    )
    labels = str(scene / "label_polygons.gpkg")
    print("| base | | RGB | NIR | DSM | all three | average of 7 | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        areas = str(Path(folder) / "areas.gpkg")
        _write_areas(areas)
        for base in asked.bases:
            if base in NEAREST:
                known = {"class_map": json.dumps(NEAREST[base]), "class_field": FIELD, "areas": areas}
                _tell(base, "before", _measure(base, sources, labels, folder, **known), None)
            model = str(Path(folder) / base)
            recipe = {"crop": CROP, **({"epochs": asked.epochs} if asked.epochs else {})}
            began = time.monotonic()
            job = TrainJob(base, model, sources, labels, class_field=FIELD, areas=areas, recipe=recipe)
            fit(job, _feedback())
            spent = time.monotonic() - began
            _tell(base, "after", _measure(model, sources, labels, folder, class_field=FIELD, areas=areas), spent)


def _write_areas(path: str) -> None:
    middle = (WEST + EAST) / 2
    boxes = [
        shapely.box(WEST, SOUTH, middle - GAP_M / 2, NORTH),
        shapely.box(middle + GAP_M / 2, SOUTH, EAST, NORTH),
    ]
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(boxes)), [np.array(["train", "test"], object)], ["role"],
        geometry_type="Polygon", crs="EPSG:2154", driver="GPKG",
    )  # fmt: skip


def _measure(model: str, sources: tuple[Source, ...], labels: str, folder: str, **more: str) -> dict[str, float]:
    report = assess(
        EvaluateJob(model, str(Path(folder) / "report.json"), sources, reference=labels, **more), _feedback()
    )
    return {"+".join(row["sensors"]): row["miou"] for row in report["combinations"]}


def _tell(base: str, when: str, miou: dict[str, float], seconds: float | None) -> None:
    values = [miou[key] for key in ("rgb", "nir", "dsm", "rgb+nir+dsm")] + [float(np.mean(list(miou.values())))]
    time_text = "" if seconds is None else f"{seconds:.0f}"
    print(f"| {base} | {when} | {' | '.join(f'{value:.3f}' for value in values)} | {time_text} |", flush=True)


def _feedback() -> JobFeedback:
    return JobFeedback("bench", lambda event: None)


if __name__ == "__main__":
    main()
