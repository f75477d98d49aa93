"""Gradient boosting beside the networks, with PYTHONPATH=.venv-bench/boosting:

python -m benchmarks.evidence_boosting [--sets town neon naip terramesh].

What many would try first: every pixel by itself, from its own values and the means over 5 x 5 and 11 x 11 pixels
around it, one model for each combination of sensors, which no network has. Results stand beside those of
benchmarks.evidence.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from torch.nn import functional as F

from benchmarks.evidence import RESULTS, circumstances, record
from benchmarks.evidence_sets import SETS, load
from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.training.chipset import Chips
from sgma_qgis.model.training.metrics import confusion, scores, subsets

WINDOWS = (5, 11)
TRAINED_ON, TESTED_ON = 100_000, 300_000  # pixels drawn of each role
ROW = "boosting"


def main() -> int:
    """Train and test what has no result yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=["town", "neon"], choices=tuple(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--results", type=Path, default=RESULTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in args.sets:
        for seed in args.seeds:
            path = args.results / f"{name}.{ROW}.{seed}.json"
            if not path.is_file():
                path.write_text(json.dumps(_run(name, seed), indent=1) + "\n", encoding="utf-8")
                print(path, flush=True)
    return 0


def _run(name: str, seed: int) -> dict:
    chips = load(name)
    keys = tuple(row.key for row in chips.modalities)
    parts = {}
    for role, count in (("train", TRAINED_ON), ("test", TESTED_ON)):
        parts[role] = _pixels(chips.roles[role], keys, count, np.random.default_rng((seed, count)))
    found = {}
    began = time.process_time()
    for sensors in subsets(keys):
        model = HistGradientBoostingClassifier(random_state=seed)
        model.fit(np.hstack([parts["train"][0][key] for key in sensors]), parts["train"][1])
        guess = model.predict(np.hstack([parts["test"][0][key] for key in sensors]))
        found[sensors] = scores(confusion(parts["test"][1], guess, len(chips.classes)))
    return {
        "set": name,
        "row": ROW,
        "seed": seed,
        "train_cpu_s": round(time.process_time() - began, 1),
        "pixels": [TRAINED_ON, TESTED_ON],
        **record(found, chips, f1=SETS[name].f1),
        **circumstances(),
    }


def _pixels(
    chips: Chips, keys: tuple[str, ...], count: int, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return features (n,3C) by sensor, NaN where it has no data, and class indices (n,) of drawn labelled pixels."""
    known = sum(int((chip != IGNORE).sum()) for chip in chips.labels)
    features: dict[str, list[np.ndarray]] = {key: [] for key in keys}
    truth = []
    for index in range(len(chips)):
        label = chips.labels[index]
        taken = (label != IGNORE) & (rng.random(label.shape) < count / known)
        truth.append(label[taken])
        for m, key in enumerate(keys):
            values = torch.from_numpy(chips.values[key][index].astype(np.float32))
            there = torch.from_numpy(chips.valid[index, m].astype(np.float32))
            columns = [values.where(there.bool(), torch.nan), *(_mean(values, there, size) for size in WINDOWS)]
            features[key].append(torch.cat(columns).numpy()[:, taken].T)
    return {key: np.concatenate(part) for key, part in features.items()}, np.concatenate(truth)


def _mean(values: torch.Tensor, there: torch.Tensor, size: int) -> torch.Tensor:
    """Return the mean of valid pixels (C,H,W) around each, NaN where there is none."""
    total = F.avg_pool2d((values * there)[None], size, 1, size // 2)[0]
    return total / F.avg_pool2d(there[None, None], size, 1, size // 2)[0]


if __name__ == "__main__":
    sys.exit(main())
