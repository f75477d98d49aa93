"""What helps when sensors are missing: python -m benchmarks.evidence run|table|step.

`run` trains one network a (set, row, seed), tests it with every combination of sensors and writes one JSON each into
benchmarks/evidence; those that are there are skipped, so the table grows over many sessions. `table` prints what is
there as Markdown. `step` measures what a step of each row costs. Beside them: benchmarks.evidence_boosting.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks import evidence_fusions, evidence_sets, evidence_step, evidence_table
from benchmarks import evidence_scene as scene
from sgma_qgis.model.contract.card import Card, NetworkSpec
from sgma_qgis.model.contract.store import find
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn import build, lora
from sgma_qgis.model.nn.inherit import carried, inherit
from sgma_qgis.model.nn.network import Network
from sgma_qgis.model.training import bias, strategies
from sgma_qgis.model.training.chipset import ChipSet
from sgma_qgis.model.training.evaluate import evaluate
from sgma_qgis.model.training.loop import train
from sgma_qgis.model.training.metrics import Scores, Sensors
from sgma_qgis.model.training.recipe import FROM_MODEL, Recipe

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "evidence"
HEAD = 64  # channels of the head


@dataclass(frozen=True)
class Row:
    """title: fusion / fused path / sampler, as in the table. length: times the set's budget of steps.

    strategy: of a training that goes on from the set's starter model (`BASES`), whose fusion it has; "" = from nothing.
    """

    title: str
    fusion: str = ""
    recipe: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    length: float = 1.0
    strategy: str = ""


_ALL = {"sampled_weight": 0.0}
_ALONE = {"sampler_options": ("alone=1",)}  # the published MAS
_DROPOUT = {"fused_path": "sampler", "sampler": "uniform", "full_weight": 1.0, "sampled_weight": 0.0}
_HALF = {"sampler": "uniform", "full_weight": 1.0, "sampled_weight": 2.0}
_EQUAL = {"full_weight": 1.0, "sampled_weight": 1.0}
_MIXED = {"sampler_options": ("alone=0.5",), **_EQUAL}
_MIXED_12 = {**_MIXED, "sampled_weight": 2.0}
_MOST = {"sampler_options": ("alone=0.7",)}
_BATCH = {"sampler_options": ("per_batch=yes",)}
_BATCH_12 = {**_BATCH, "full_weight": 1.0, "sampled_weight": 2.0}
_LGSS = {"sampler": "latent_scenario"}
_MEASURED = ("refresh=3", "chips=32")
_HIGH = {**_LGSS, "sampler_options": (*_MEASURED, "prefer=high")}
_PUBLISHED = {"even_share": 0.0}
SGF = "semantic_guided"
BASES = {"town": "trees-aerial", "neon": "town-demo"}  # the one that was not trained on such data
ROWS = {
    "mean-dropout": Row("mean / - / uniform", "mean", _DROPOUT),
    "mean-dropout-2x": Row("mean / - / uniform, twice the steps", "mean", _DROPOUT, length=2.0),
    "mean-all": Row("mean / available / none", "mean", _ALL),
    "mean-uniform": Row("mean / available / uniform", "mean", {"sampler": "uniform"}),
    "charm-softmin": Row("CHARM-lite / available / SoftMin", "charm_lite", _ALONE),
    "half-all": Row("SGF / available / none", SGF, _ALL),
    "half-mas": Row("SGF / available / MAS", SGF, _ALONE),
    "half-default": Row("SGF / available / MAS and larger sets (the default)", SGF),
    "half-lgss-high": Row("SGF / available / LGSS high", SGF, _HIGH),
    "half-lgss-low": Row("SGF / available / LGSS low", SGF, {**_LGSS, "sampler_options": (*_MEASURED, "prefer=low")}),
    "half-mas-contrastive": Row("SGF / available / MAS + contrastive", SGF, {**_ALONE, "contrastive_weight": 0.1}),
    "starter-adapters": Row("from a starter model, adapters", strategy="adapters"),
    "starter-all": Row("from a starter model, everything", strategy="all"),
    "sgf-all": Row("published SGF / available / none", SGF, _ALL, _PUBLISHED),
    "sgf-mas": Row("published SGF / available / MAS", SGF, _ALONE, _PUBLISHED),
    "sgf-default": Row("published SGF / available / MAS and larger sets", SGF, {}, _PUBLISHED),
    "sgf-lgss-high": Row("published SGF / available / LGSS high", SGF, _HIGH, _PUBLISHED),
}
#: what was tried beside them
TRIED = {
    "half-batch-12": Row(
        "SGF / available / MAS and larger sets, one draw a batch, 1 : 2", SGF, _BATCH_12, length=10 / 9
    ),
    "half-default-contrastive": Row(
        "SGF / available / MAS and larger sets + contrastive", SGF, {"contrastive_weight": 0.1}
    ),
    "half-default-4x": Row("SGF / available / MAS and larger sets, four times the steps", SGF, length=4.0),
    "mean-dropout-8x": Row("mean / - / uniform, eight times the steps", "mean", _DROPOUT, length=8.0),
    "mean-uniform-12": Row("mean / available / uniform, 1 : 2", "mean", _HALF),
    "sgf-dropout": Row("published SGF / - / uniform", SGF, _DROPOUT, _PUBLISHED),
    "sgf-uniform-12": Row("published SGF / available / uniform, 1 : 2", SGF, _HALF, _PUBLISHED),
    "sgf-mas-half": Row("published SGF / available / MAS and larger sets, 1 : 1", SGF, _MIXED, _PUBLISHED),
    "sgf-mas-half-12": Row("published SGF / available / MAS and larger sets, 1 : 2", SGF, _MIXED_12, _PUBLISHED),
    "sgf-mas-most": Row(
        "published SGF / available / MAS, a larger set in three of ten, 1 : 1", SGF, _MIXED | _MOST, _PUBLISHED
    ),
    "sgf-mas-most-12": Row(
        "published SGF / available / MAS, a larger set in three of ten, 1 : 2", SGF, _MIXED_12 | _MOST, _PUBLISHED
    ),
    "sgf-lgss-high-11": Row("published SGF / available / LGSS high, 1 : 1", SGF, _HIGH | _EQUAL, _PUBLISHED),
    "sgf-batch": Row("published SGF / available / MAS and larger sets, one draw a batch", SGF, _BATCH, _PUBLISHED),
    "charm8-softmin": Row("CHARM-lite, 8 heads / available / SoftMin", "charm_lite", _ALONE, {"heads": 8}),
    "charm8-uniform-12": Row("CHARM-lite, 8 heads / available / uniform, 1 : 2", "charm_lite", _HALF, {"heads": 8}),
    "skip-mas": Row("published SGF + weighted mean / available / MAS", "sgf_skip", _ALONE),
}
EVERY = {**ROWS, **TRIED}
BESIDE = {"boosting": "gradient boosting, a model a combination"}


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("run", "table", "step"))
    parser.add_argument("--sets", nargs="+", default=["town", "neon"], choices=(*evidence_sets.SETS, "scene"))
    parser.add_argument("--rows", nargs="+", choices=tuple(EVERY), help="default: those of ROWS; of table: all")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--repeats", type=int, default=15, help="timed steps of each row, for step (default 15)")
    parser.add_argument("--results", type=Path, default=RESULTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    evidence_fusions.register()
    if args.command == "table":
        print(evidence_table.text(args.results, {**{row: EVERY[row].title for row in args.rows or EVERY}, **BESIDE}))
    if args.command == "step":
        print("\n".join(_step(args.sets[0], args.rows or list(ROWS), args.repeats)))
    if args.command == "run":
        args.results.mkdir(parents=True, exist_ok=True)
        for seed in args.seeds:
            for row in args.rows or ROWS:
                for name in args.sets:
                    if name != "scene" or not (_measures(row) or EVERY[row].strategy):  # its steps see new data
                        run(name, row, seed, args.results)
    return 0


def run(name: str, row: str, seed: int, results: Path) -> None:
    """Train and test one network, unless its result is there."""
    path = results / f"{name}.{row}.{seed}.json"
    if path.is_file():
        return
    began, wall = time.process_time(), time.monotonic()
    outcome = scene_run(EVERY[row], seed) if name == "scene" else chips_run(name, EVERY[row], seed)
    result = {"set": name, "row": row, "seed": seed, **outcome, **circumstances(), "date": time.strftime("%Y-%m-%d")}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    scores = result["combinations"]
    print(
        f"{path.stem}: average {np.mean(list(scores.values())):.3f}, worst {min(scores.values()):.3f}, all "
        f"{list(scores.values())[-1]:.3f}; {outcome['steps']} steps, {outcome['train_cpu_s']:.0f} s CPU, in all "
        f"{time.process_time() - began:.0f} s CPU, {time.monotonic() - wall:.0f} s",
        flush=True,
    )


def chips_run(name: str, row: Row, seed: int) -> dict:
    """Train on a set's chips, test on those held out."""
    wanted = evidence_sets.SETS[name]
    chips = evidence_sets.load(name)
    recipe = _recipe(name, row, seed)
    network = started(chips, name, row, seed)
    training = replace(chips, roles={"train": chips.roles["train"]})
    began = time.process_time()
    outcome = train(network, training, recipe, JobFeedback("evidence", lambda event: None))
    spent = time.process_time() - began
    lora.merge(outcome.network)
    found = evaluate(outcome.network, chips.parts("test"))
    table = outcome.table
    return {
        "recipe": asdict(recipe),
        "network": asdict(find(BASES[name]).card.network if row.strategy else _spec(row)),
        **({"base": BASES[name], "strategy": row.strategy} if row.strategy else {}),
        "steps": outcome.steps,
        "train_cpu_s": round(spent, 1),
        "train_loss": outcome.history[-1]["loss"],  # weighted as the row's paths are
        "score": "macro F1" if wanted.f1 else "mIoU",
        **record(found, chips, f1=wanted.f1),
        **({"scenarios": asdict(table)} if table is not None else {}),
    }


def _recipe(name: str, row: Row, seed: int) -> Recipe:
    budget = evidence_sets.SETS[name].budget
    recipe = Recipe(
        epochs=round(budget.epochs * row.length), crop=budget.crop, batch=budget.batch, rate=budget.rate,
        scales=evidence_sets.crop_scales(name), checks=1, seed=seed,
    )  # fmt: skip
    if row.strategy == "all":
        recipe = replace(recipe, encoder_rate=FROM_MODEL["all"]["encoder_rate"])
    return replace(recipe, **row.recipe)


def _step(name: str, rows: list[str], repeats: int) -> Iterable[str]:
    """Yield the table of `step`; rows whose sampler measures first cost what a uniform draw costs, and are left out."""
    chips = evidence_sets.load(name)
    kept = [row for row in rows if not (_measures(row) or EVERY[row].strategy) and EVERY[row].length == 1]
    ways = {row: (fresh(chips, EVERY[row], 0), _recipe(name, EVERY[row], 0)) for row in kept}
    seconds = evidence_step.compare(chips, ways, repeats)
    return evidence_step.table(seconds, {row: EVERY[row].title for row in kept})


def _measures(row: str) -> bool:
    return EVERY[row].recipe.get("sampler") == "latent_scenario"


def scene_run(row: Row, seed: int) -> dict:
    """Train on the generated scene of many sensors, test on fresh ones."""
    recipe = Recipe(epochs=0, crop=scene.SIDE, batch=scene.BATCH, rate=scene.RATE, averaging=scene.AVERAGING, seed=seed)
    recipe = replace(recipe, **row.recipe)
    chips = scene.chips()
    steps = round(scene.STEPS * row.length)
    network, spent = scene.train(fresh(chips, row, seed), recipe, steps)
    return {
        "recipe": asdict(recipe),
        "network": asdict(_spec(row)),
        "steps": steps,
        "train_cpu_s": round(spent, 1),
        "score": "mIoU",
        **record(evaluate(network, chips.parts("test")), chips, f1=False),
    }


def started(chips: ChipSet, name: str, row: Row, seed: int) -> Network:
    """Return the row's network as the training of that set begins with it."""
    if not row.strategy:
        network = fresh(chips, row, seed)
        bias.start_at_shares(network, chips.class_counts())
        return network
    base = find(BASES[name])
    torch.manual_seed(seed)
    card = _card(chips, base.card.network)
    network = build.build(card)
    inherit(network, card, build.load(base.card, base.weights(), base.card.id), base.card)
    bias.start_new_at_shares(network, chips.class_counts(), [k for k, _ in carried(card, base.card)])
    strategies.apply(network, row.strategy)
    return network


def fresh(chips: ChipSet, row: Row, seed: int) -> Network:
    """Return the row's network, untrained."""
    torch.manual_seed(seed)
    return build.build(_card(chips, _spec(row)))


def _card(chips: ChipSet, spec: NetworkSpec) -> Card:
    return Card("evidence", "", chips.classes, chips.modalities, spec, chips.gsd, 512, "weights.safetensors", "")


def _spec(row: Row) -> NetworkSpec:
    return NetworkSpec("small", row.fusion, HEAD, dict(row.options))


def record(found: dict[Sensors, Scores], chips: ChipSet, *, f1: bool) -> dict:
    names = [info.name for info in chips.classes]
    combinations, classes = {}, {}
    for sensors, row in found.items():
        per_class = row.f1 if f1 else row.iou
        combinations["+".join(sensors)] = round(float(np.mean(list(per_class.values()))), 4)
        classes["+".join(sensors)] = {names[k]: round(value, 4) for k, value in per_class.items()}
    return {"combinations": combinations, "classes": classes}


def circumstances() -> dict:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {
        "commit": commit.stdout.strip(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


if __name__ == "__main__":
    sys.exit(main())
