"""Train the models that come with the plugin: python -m benchmarks.starter_models town-demo|trees-aerial.

Writes resources/models/ID (or --output) and prints the accuracy on test data per combination of sensors. The real
data lies in the folder named by SGMA_SHARED_DATA, else ../shared/data; the towns are generated. The same epochs and
threads on the same machine give the same weights.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections import defaultdict
from pathlib import Path

import torch

from sgma_qgis.model.contract.card import ClassInfo, NetworkSpec
from sgma_qgis.model.contract.messages import Log
from sgma_qgis.model.data.chips import make_chips
from sgma_qgis.model.data.labels import ClassMap, of_classes
from sgma_qgis.model.data.town import CLASSES
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.chipset import open_chips
from sgma_qgis.model.training.command import Naming, scales, train_package
from sgma_qgis.model.training.loop import Recipe

ROOT = Path(__file__).resolve().parents[1]
EPOCHS = {"town-demo": 44, "trees-aerial": 56}
TREE_CLASSES = (ClassInfo(0, "Not tree", "#d9d2c5"), ClassInfo(1, "Tree", "#00664b"))
HELD_OUT_CITY = "riverside"
VALIDATION_SHARE = 0.12  # of the places of each other city: its northernmost
TOWN_SEEDS = {"train": range(1000, 1056), "validation": range(2000, 2008), "test": range(3000, 3012)}
TOWN_SIZE, TOWN_GSD = 512, 0.5

TREES = Naming(
    id="trees-aerial",
    title="Tree cover from aerial RGB, NIR or both (0.6 m)",
    data="NAIP urban trees, California: all chips of Riverside, a city not trained on",
    description=(
        "Trees in towns from 0.6 m aerial pictures: RGB, near infrared or both. Trained from nothing on NAIP pictures "
        "of Chico, Claremont and Long Beach (2016, 2018, 2020) with weak labels: circles of 2.4 m around tree points, "
        "a ring of unknown around them, everything else not tree. The accuracy is that on such labels over all pixels, "
        "of which few are tree. Sensors are fused by their mean, with uniform sensor dropout: on this little data, at "
        "equal training time, better than the semantic-guided fusion. The threshold was set on validation data."
    ),
    licence="CC-BY-4.0",
    attribution=(
        "Tree points: J. Ventura et al. (2024), Individual Tree Detection in Large-Scale Urban Environments using "
        "High-Resolution Multispectral Imagery, Int. J. Applied Earth Observation and Geoinformation 130, 103848. "
        "Pictures: NAIP, USDA Farm Production and Conservation."
    ),
)
TOWN = Naming(
    id="town-demo",
    title="Town demo (trained on generated scenes): RGB, NIR, DSM, SAR in any combination",
    data="generated towns with seeds that were not trained on",
    description=(
        "For trying things out: trained on towns that the plugin's own generator draws, not on pictures of the world. "
        "Semantic-guided fusion and modality-aware sampling (SGMA, IEEE TGRS 2026, arXiv 2603.02505), from nothing."
    ),
    licence="GPL-2.0-or-later",
)


def main() -> int:
    """Train one model and print its scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=tuple(EPOCHS))
    parser.add_argument("--output", type=Path, help="model folder (default: resources/models/ID)")
    lengths = ", ".join(f"{model}: {epochs}" for model, epochs in EPOCHS.items())
    parser.add_argument("--epochs", type=int, help=f"passes over the chips (default {lengths})")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    work = ROOT / "build" / "starter_models" / args.model
    work.mkdir(parents=True, exist_ok=True)
    feedback = JobFeedback(args.model, _tell)
    train = town_demo if args.model == "town-demo" else trees_aerial
    output = args.output or ROOT / "resources" / "models" / args.model
    result = train(work, output, args.epochs or EPOCHS[args.model], feedback)
    print(f"{'sensors':<20} {'mIoU':>6}  IoU by class")
    for sensors, row in result["accuracy"].items():
        print(f"{sensors:<20} {row['miou']:6.3f}  " + ", ".join(f"{name} {v:.3f}" for name, v in row["iou"].items()))
    print(f"average {result['average']:.3f}, best {result['top1']:.3f}, worst {result['last1']:.3f}")
    print(f"{result['output']}, trained for {result['seconds']:.0f} s")
    return 0


def trees_aerial(work: Path, output: Path, epochs: int, feedback: JobFeedback) -> dict:
    """Train trees-aerial; Riverside is test data only."""
    gsd = (0.3, 0.6, 1.0)
    shared = Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data")
    manifest = work / "manifest.json"
    manifest.write_text(json.dumps(naip_manifest(shared / "naip_urban_trees"), indent=1), encoding="utf-8")
    return _train(
        manifest,
        of_classes(TREE_CLASSES),
        gsd,
        naming=TREES,
        output=output,
        spec=NetworkSpec("small", "mean", 64),
        # the sampled path counts double for the sake of single sensors' scores
        recipe=Recipe(
            epochs=epochs, crop=128, batch=16, rate=3e-3, scales=scales(gsd), sampler="uniform",
            full_weight=1.0, sampled_weight=2.0, seed=2,
        ),
        feedback=feedback,
    )  # fmt: skip


def town_demo(work: Path, output: Path, epochs: int, feedback: JobFeedback) -> dict:
    """Generate towns and train town-demo with semantic-guided fusion and modality-aware sampling."""
    gsd = (0.25, TOWN_GSD, 1.0)
    write_scenes(work, {role: list(seeds) for role, seeds in TOWN_SEEDS.items()}, TOWN_SIZE, TOWN_GSD, feedback)
    return _train(
        work / "manifest.json",
        of_classes(CLASSES),
        gsd,
        naming=TOWN,
        output=output,
        spec=NetworkSpec("small", "semantic_guided", 64),
        recipe=Recipe(epochs=epochs, crop=128, batch=8, rate=2e-3, scales=scales(gsd), seed=1, check_chips=12),
        feedback=feedback,
    )


def naip_manifest(folder: Path) -> list[dict]:
    """Return the scenes manifest of the NAIP chips, split by place: all years of a place have one role."""
    import rasterio

    with (folder / "chips.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    norths = {}
    for row in rows:
        with rasterio.open(folder / "images" / f"{row['chip']}.tif") as image:
            norths[row["chip"]] = image.bounds.top
    by_city = defaultdict(set)
    for row in rows:
        by_city[row["city"]].add(norths[row["chip"]])
    limits = {city: sorted(places)[int((1 - VALIDATION_SHARE) * len(places))] for city, places in by_city.items()}
    manifest = []
    for row in rows:
        chip, city = row["chip"], row["city"]
        image = str((folder / "images" / f"{chip}.tif").resolve())
        north = norths[chip] >= limits[city]
        manifest.append(
            {
                "rgb": image,
                "nir": image,
                "rgb_bands": [1, 2, 3],
                "nir_bands": [4],
                "labels": str((folder / "labels_weak" / f"{chip}.tif").resolve()),
                "role": "test" if city == HELD_OUT_CITY else "validation" if north else "train",
            }
        )
    return manifest


def _train(
    manifest: Path,
    class_map: ClassMap,
    gsd: tuple[float, float, float],
    *,
    naming: Naming,
    output: Path,
    spec: NetworkSpec,
    recipe: Recipe,
    feedback: JobFeedback,
) -> dict:
    chips = manifest.parent / "chips"
    make_chips(manifest, chips, gsd=gsd, side=256, class_map=class_map, feedback=feedback)
    return train_package(
        open_chips(chips),
        output,
        naming=naming,
        spec=spec,
        tile=512,
        recipe=recipe,
        device=torch.device("cpu"),
        command=(
            f"python -m benchmarks.starter_models {naming.id} --epochs {recipe.epochs}"
            f" --threads {torch.get_num_threads()}"
        ),
        feedback=feedback,
    )


def _tell(event: object) -> None:
    if isinstance(event, Log):
        print(event.text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
