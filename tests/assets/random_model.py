"""Make a model package with random weights: real code paths, meaningless maps.

Runs in the runtime environment: python tests/assets/random_model.py FOLDER [fusion] [backbone]
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

import torch

from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec, to_json
from sgma_qgis.model.nn.build import build, dump

CLASSES = ("street", "building", "tree", "grass", "water")
COLORS = ("#888888", "#cc3311", "#117733", "#99cc66", "#3377cc")


def stats() -> tuple[ModalityStats, ...]:
    """Plausible statistics of all four sensors."""
    return (
        ModalityStats("rgb", ("red", "green", "blue"), "dn8", (0.0,) * 3, (255.0,) * 3, (110.0,) * 3, (50.0,) * 3),
        ModalityStats("nir", ("nir",), "dn8", (0.0,), (255.0,), (110.0,), (50.0,)),
        ModalityStats("dsm", ("height",), "ndsm", (-1.0,), (30.0,), (3.0,), (5.0,)),
        ModalityStats("sar", ("VV", "VH"), "db", (-30.0, -35.0), (10.0, 5.0), (-10.0, -16.0), (6.0, 6.0)),
    )


def make(
    folder: Path,
    *,
    fusion: str = "semantic_guided",
    backbone: str = "small",
    keys: tuple[str, ...] = ("rgb", "nir", "dsm", "sar"),
    gsd: tuple[float, float, float] = (0.05, 0.5, 30.0),
    tile: int = 128,
    seed: int = 0,
) -> Card:
    """Write card.json and weights.safetensors into `folder` and return the card."""
    folder.mkdir(parents=True, exist_ok=True)
    card = Card(
        id=folder.name,
        title="Random weights",
        classes=tuple(ClassInfo(i, name, color) for i, (name, color) in enumerate(zip(CLASSES, COLORS, strict=True))),
        modalities=tuple(row for row in stats() if row.key in keys),
        network=NetworkSpec(backbone, fusion, head_channels=32),
        gsd=gsd,
        tile=tile,
        weights_file="weights.safetensors",
        weights_sha256="0" * 64,
        trained_on=(keys,),
    )
    torch.manual_seed(seed)
    network = build(card)
    with torch.no_grad():  # fresh weights give nearly one class everywhere: spread the scores
        for parameter in network.head.parameters():
            parameter.mul_(4.0)
    data = dump(network, card)
    (folder / card.weights_file).write_bytes(data)
    card = replace(card, weights_sha256=hashlib.sha256(data).hexdigest())
    (folder / "card.json").write_text(to_json(card), encoding="utf-8")
    return card


if __name__ == "__main__":
    make(Path(sys.argv[1]), **dict(zip(("fusion", "backbone"), sys.argv[2:], strict=False)))
