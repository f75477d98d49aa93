"""Train the models that come with the plugin: python -m benchmarks.starter_models town-demo|trees-aerial.

Writes resources/models/ID (or --output) and prints the accuracy on test data per combination of sensors. The real
data lies in the folder named by SGMA_SHARED_DATA, else ../shared/data; the towns are generated. The same epochs and
threads on the same machine give the same weights. With --calibrate the model that is there stays as it is: a
temperature a combination is fitted on the validation data, the accuracy measured again, and both go into its card.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from sgma_qgis.model.contract.card import ClassInfo, NetworkSpec
from sgma_qgis.model.contract.messages import Log
from sgma_qgis.model.contract.store import open_package
from sgma_qgis.model.data.chips import make_chips
from sgma_qgis.model.data.labels import of_classes
from sgma_qgis.model.data.town import CLASSES
from sgma_qgis.model.data.town_files import write_scenes
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn import build
from sgma_qgis.model.nn.fusion import defaults
from sgma_qgis.model.training.calibration import ece
from sgma_qgis.model.training.chipset import ChipSet, open_chips
from sgma_qgis.model.training.command import Naming, scales, train_package
from sgma_qgis.model.training.evaluate import calibrate, measure
from sgma_qgis.model.training.metrics import scores, subsets
from sgma_qgis.model.training.package import accuracy as card_accuracy
from sgma_qgis.model.training.package import write
from sgma_qgis.model.training.recipe import Recipe

ROOT = Path(__file__).resolve().parents[1]
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
    data="generated towns that were not trained on",
    description=(
        "For trying things out: trained on towns that the plugin's own generator draws, not on pictures of the world. "
        "Semantic-guided fusion and modality-aware sampling (SGMA, IEEE TGRS 2026, arXiv 2603.02505), from nothing."
    ),
    caution=(
        "Trained on generated towns, not on pictures of the world: try things out with it, do not trust its maps."
    ),
    licence="GPL-2.0-or-later",
)


@dataclass(frozen=True)
class Starter:
    """One model. gsd: least, typical, largest. write_manifest: puts manifest.json into a folder."""

    naming: Naming
    classes: tuple[ClassInfo, ...]
    gsd: tuple[float, float, float]
    spec: NetworkSpec
    recipe: Recipe
    write_manifest: Callable[[Path, JobFeedback], None]


def main() -> int:
    """Train or calibrate one model and print its scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=tuple(STARTERS))
    parser.add_argument("--output", type=Path, help="model folder (default: resources/models/ID)")
    lengths = ", ".join(f"{name}: {starter.recipe.epochs}" for name, starter in STARTERS.items())
    parser.add_argument("--epochs", type=int, help=f"passes over the chips (default {lengths})")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads (default 1)")
    parser.add_argument("--calibrate", action="store_true", help="do not train: add temperatures to the card")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    starter = STARTERS[args.model]
    feedback = JobFeedback(args.model, _tell)
    chips = _chips(starter, feedback)
    output = args.output or ROOT / "resources" / "models" / args.model
    if args.calibrate:
        calibrate_package(output, chips, f"python -m benchmarks.starter_models {args.model} --calibrate")
        return 0
    recipe = replace(starter.recipe, epochs=args.epochs or starter.recipe.epochs)
    command = f"python -m benchmarks.starter_models {args.model} --epochs {recipe.epochs} --threads {args.threads}"
    result = train_package(
        chips, output, naming=starter.naming, spec=starter.spec, tile=512, recipe=recipe, device=torch.device("cpu"),
        command=command, feedback=feedback,
    )  # fmt: skip
    print(f"{'sensors':<20} {'mIoU':>6}  IoU by class")
    for sensors, row in result["accuracy"].items():
        print(f"{sensors:<20} {row['miou']:6.3f}  " + ", ".join(f"{name} {v:.3f}" for name, v in row["iou"].items()))
    print(f"average {result['average']:.3f}, best {result['top1']:.3f}, worst {result['last1']:.3f}")
    print(f"{result['output']}, trained for {result['seconds']:.0f} s")
    return 0


def calibrate_package(folder: Path, chips: ChipSet, command: str) -> None:
    """Fit the card's temperatures on the validation chips and measure its accuracy on the test chips again.

    Weights stay as they are; prints the expected calibration error on the test chips before and after.
    """
    package = open_package(folder)
    network = build.load(package.card, package.weights(), str(folder))
    combinations = subsets(network.keys)
    rows = calibrate(network, chips.parts("validation"), combinations, chips.labelled("validation"))
    fitted = {row.sensors: row.temperature for row in rows}
    found = measure(network, chips.parts("test"), combinations, len(chips.roles["test"]), {"raw": {}, "card": fitted})
    scored = {sensors: scores(tally.matrix) for sensors, tally in found.combinations.items()}
    old = package.card.accuracy[0]
    accuracy = card_accuracy(scored, package.card, old.data, old.split)
    provenance = {**package.card.provenance, "calibrated_by": command}
    write(folder, replace(package.card, accuracy=accuracy, calibration=rows, provenance=provenance), network)
    print(f"{'sensors':<20} {'mIoU':>6} {'temperature':>11} {'ECE':>6} {'after':>6}")
    for sensors, tally in found.combinations.items():
        before, after = (ece(tally.reliability[name]) for name in ("raw", "card"))
        name = "+".join(sensors)
        print(f"{name:<20} {scored[sensors].miou:6.3f} {fitted[sensors]:11.2f} {before:6.3f} {after:6.3f}")


def _chips(starter: Starter, feedback: JobFeedback) -> ChipSet:
    """Cut the model's data into build/starter_models/ID."""
    work = ROOT / "build" / "starter_models" / starter.naming.id
    work.mkdir(parents=True, exist_ok=True)
    starter.write_manifest(work, feedback)
    make_chips(
        work / "manifest.json", work / "chips", gsd=starter.gsd, side=256, class_map=of_classes(starter.classes),
        feedback=feedback,
    )  # fmt: skip
    return open_chips(work / "chips")


def _write_naip(work: Path, feedback: JobFeedback) -> None:
    shared = Path(os.environ.get("SGMA_SHARED_DATA") or ROOT.parent / "shared" / "data")
    manifest = naip_manifest(shared / "naip_urban_trees")
    (work / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _write_towns(work: Path, feedback: JobFeedback) -> None:
    write_scenes(work, {role: list(seeds) for role, seeds in TOWN_SEEDS.items()}, TOWN_SIZE, TOWN_GSD, feedback)


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


def _tell(event: object) -> None:
    if isinstance(event, Log):
        print(event.text, file=sys.stderr, flush=True)


TOWN_RANGE, TREE_RANGE = (0.25, TOWN_GSD, 1.0), (0.3, 0.6, 1.0)
STARTERS = {
    "town-demo": Starter(
        TOWN, CLASSES, TOWN_RANGE, NetworkSpec("small", "semantic_guided", 64, defaults("semantic_guided")),
        Recipe(epochs=90, crop=128, batch=8, rate=2e-3, scales=scales(TOWN_RANGE), seed=1, check_chips=12),
        _write_towns,
    ),
    # Riverside is test data only; the sampled path counts double for the sake of single sensors' scores
    "trees-aerial": Starter(
        TREES, TREE_CLASSES, TREE_RANGE, NetworkSpec("small", "mean", 64),
        Recipe(
            epochs=100, crop=128, batch=16, rate=3e-3, scales=scales(TREE_RANGE), sampler="uniform",
            full_weight=1.0, sampled_weight=2.0, seed=2,
        ),
        _write_naip,
    ),
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
