"""Results as a person reads them on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .contract.card import Card
from .contract.modality import titles


def land_cover(result: dict[str, Any]) -> None:
    """Print what a map holds of each class, and its files."""
    from .engine import provenance

    total = sum(result["class_area_m2"].values()) or 1.0
    scale, unit = (1e4, "ha") if total >= 1e4 else (1.0, "m2")
    for name, area in result["class_area_m2"].items():
        print(f"{name:<24} {area / scale:12.2f} {unit} {100 * area / total:6.1f} %")
    for path in (*result["outputs"].values(), provenance.path(result["outputs"]["classes"])):
        print(path)


def model(card: Card, path: Path) -> None:
    """Print what a model knows and has been measured to do."""
    print(f"{card.title} ({card.id})\n{path}")
    if card.caution:
        print(f"Caution: {card.caution}")
    if card.description:
        print(card.description)
    print(f"Ground sampling distance: {card.gsd[0]:g} to {card.gsd[2]:g} m, typically {card.gsd[1]:g} m")
    print("Classes: " + ", ".join(f"{c.id} {c.name}" for c in card.classes))
    for stats in card.modalities:
        print(f"{stats.key:<4} bands {', '.join(stats.bands)}; unit {stats.unit}")
    print("Measured accuracy (mIoU):" if card.accuracy else "Accuracy: not measured.")
    for row in card.accuracy:
        per_class = ", ".join(f"{name} {value:.3f}" for name, value in row.iou.items())
        print(f"  {titles(row.sensors):<24} {row.miou:.3f}  ({row.data}, {row.split}; IoU {per_class})")
    print(f"Licence: {card.licence or 'not stated'}. {card.attribution}")


def training(result: dict[str, Any]) -> None:
    """Print how good a new model is, and which of its epochs it is."""
    for sensors, row in result["accuracy"].items():
        print(f"{sensors:<20} mIoU {row['miou']:.3f}")
    if result["accuracy"]:
        whole = max(result["accuracy"], key=lambda sensors: sensors.count("+"))
        print(f"IoU by class, {whole}:")
        for name, value in result["accuracy"][whole]["iou"].items():
            print(f"  {name:<24} {value:.3f}")
    why = "no validation data" if result["validation_miou"] is None else f"validation {result['validation_miou']:.3f}"
    print(f"Weights of epoch {result['epoch']} of {result['epochs']} ({why})")
    print(result["output"])


def needs(result: dict[str, Any]) -> None:
    """Print what a dry run found a training to need."""
    size = result["memory_bytes"] / 1e6
    print(f"Memory {size:.0f} MB; a batch of {result['batch']} in {result['pieces']} piece(s)")
    print(f"{result['step_s']:.2f} s a step, {result['epoch_steps']} steps an epoch")
    print(f"{result['epoch_s']:.1f} s an epoch, {result['total_s']:.0f} s for {result['epochs']} epochs at most")
    for role, pixels in result["roles"].items():
        print(f"{role:<10} " + ", ".join(f"{name} {count}" for name, count in pixels.items()))


def layers(result: dict[str, Any]) -> None:
    """Print what a check found that a run would read."""
    grid = result["grid"]
    print(f"Grid: {grid['width']} x {grid['height']} pixels of {grid['resolution']:g} map units")
    for layer in result["layers"]:
        key = layer["modality"]
        bands = ",".join(map(str, layer["bands"]))
        nodata = ", ".join(sorted({"none" if value is None else str(value) for value in layer["nodata"]}))
        print(
            f"{key:<4} {100 * result['coverage'][key]:5.1f} % covered, bands {bands}, unit {layer['unit']}, "
            f"nodata {nodata}, {layer['resolution']:g} m: {layer['path']}"
        )
    for key in result["absent"]:
        print(f"{key:<4} absent: no valid pixel")


def scores(report: dict[str, Any]) -> None:
    """Print the scores of every combination of sensors, and the largest mistakes."""
    for row in report["combinations"]:
        print(f"{titles(row['sensors']):<24} mIoU {row['miou']:.3f}  ECE {row['ece']:.3f}")
    worst = sorted(report["places"], key=lambda row: -row["pixels"])[:3]
    for row in worst:
        bounds = ",".join(f"{side:.10g}" for side in row["bounds"])
        print(f"{row['reference']} mapped as {row['mapped']}: {row['pixels']} pixels at {bounds}")
    print(f"Average {report['average']:.3f}, best {report['top1']:.3f}, worst {report['last1']:.3f}")


def places(result: dict[str, Any]) -> None:
    """Print the places to label next."""
    for row in result["places"]:
        bounds = ",".join(f"{side:.10g}" for side in row["bounds"])
        print(f"{row['rank']:>3}  {row['score']:.3f}  {row['reason']}  ({bounds})")
