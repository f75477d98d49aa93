"""A small synthetic chip set: class = arg-max of smooth noise, each sensor a permuted level of the class plus noise."""

from __future__ import annotations

import numpy as np

from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec
from sgma_qgis.model.training.chipset import Chips, ChipSet

KEYS = ("rgb", "nir", "dsm")
BANDS = {"rgb": 3, "nir": 1, "dsm": 1}
UNITS = {"rgb": "dn8", "nir": "dn8", "dsm": "ndsm"}
CLASSES = 3


def _stats(key):
    n = BANDS[key]
    bands = tuple(f"b{i}" for i in range(n))
    return ModalityStats(key, bands, UNITS[key], (-4.0,) * n, (8.0,) * n, (1.0,) * n, (1.0,) * n)


def make_chips(rng, count, side, noise, cell=8):
    """noise: key -> standard deviation. cell: side of the squares of one class. Everything is valid and labelled."""
    coarse = rng.normal(size=(count, CLASSES, side // cell, side // cell))
    truth = coarse.repeat(cell, 2).repeat(cell, 3).argmax(1)
    values = {}
    for shift, key in enumerate(KEYS):
        clean = np.roll(np.arange(CLASSES), shift)[truth][:, None].repeat(BANDS[key], 1)
        values[key] = (clean + noise[key] * rng.normal(size=clean.shape)).astype(np.float32)
    return Chips(values, np.ones((count, len(KEYS), side, side), bool), truth.astype(np.uint8))


def make_set(seed=0, counts=(12, 4, 4), side=32, noise=0.3, cell=8):
    """counts: chips of train, validation, test; a role with 0 is left out."""
    rng = np.random.default_rng(seed)
    noise = noise if isinstance(noise, dict) else dict.fromkeys(KEYS, noise)
    named = zip(("train", "validation", "test"), counts, strict=True)
    roles = {role: make_chips(rng, count, side, noise, cell) for role, count in named if count}
    classes = tuple(ClassInfo(10 * k, f"class {k}", "#102030") for k in range(CLASSES))
    return ChipSet(classes, tuple(map(_stats, KEYS)), (0.5, 1.0, 2.0), roles, {"train": {"scenes": 1}})


def make_card(chips, fusion="semantic_guided"):
    spec = NetworkSpec("small", fusion, 16)
    return Card("t", "t", chips.classes, chips.modalities, spec, chips.gsd, 64, "weights.safetensors", "0" * 64)
