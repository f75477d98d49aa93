"""The table of benchmarks.evidence, as Markdown, from what its results folder holds."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, stdev

LETTERS = {"rgb": "R", "nir": "N", "dsm": "D", "sar": "S"}
TITLES = {
    "town": "Generated town (RGB, NIR, DSM, SAR; 6 classes), mIoU",
    "neon": "NEON (RGB, NIR, canopy height; 3 classes), macro F1",
    "naip": "NAIP trees (RGB, NIR), tree IoU over all pixels of Riverside",
    "terramesh": "TerraMesh (RGB, NIR, DEM, SAR; 7 classes), mIoU, indicative",
    "scene": "Generated scene of six sensors, one noisy, mIoU",
}
SINGLE_CLASS = {"naip": "Tree"}  # the score is that of this class
MOST_COLUMNS = 20  # more combinations are told in sizes


def read(folder: Path) -> dict[str, dict[str, list[dict]]]:
    """Return results by set and row."""
    found: dict[str, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(folder.glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        found[result["set"]][result["row"]].append(result)
    return found


def text(folder: Path, titles: dict[str, str]) -> str:
    """Return the tables of all sets. titles: of rows, in the order wanted; rows without a title are left out."""
    found = read(folder)
    parts = []
    for name, title in TITLES.items():
        if name in found:
            rows = [(titles[row], found[name][row]) for row in titles if row in found[name]]
            parts.append("\n".join([f"### {title}", "", *_summary(name, rows), "", *_combinations(name, rows)]))
    return "\n\n".join(parts)


def _summary(name: str, rows: list[tuple[str, list[dict]]]) -> Iterable[str]:
    yield "| fusion / fused path / sampler | Average | Last-1 | all sensors | seeds | steps | CPU s |"
    yield "|---|---|---|---|---|---|---|"
    for title, results in rows:
        scores = [list(_scores(name, result).values()) for result in results]
        columns = [_spread([mean(s) for s in scores]), _spread([min(s) for s in scores])]
        columns += [_spread([s[-1] for s in scores]), str(len(results)), str(results[0].get("steps", "-"))]
        yield f"| {title} | {' | '.join(columns)} | {mean(r['train_cpu_s'] for r in results):.0f} |"


def _combinations(name: str, rows: list[tuple[str, list[dict]]]) -> Iterable[str]:
    combinations = list(rows[0][1][0]["combinations"])
    if len(combinations) > MOST_COLUMNS:
        groups = {f"{size} of {combinations[-1].count('+') + 1}": size for size in range(1, 99)}
        groups = {told: [c for c in combinations if c.count("+") + 1 == size] for told, size in groups.items()}
        groups = {told: members for told, members in groups.items() if members}
    else:
        groups = {_short(c): [c] for c in combinations}
    yield f"| fusion / fused path / sampler | {' | '.join(groups)} |"
    yield "|---" * (len(groups) + 1) + "|"
    for title, results in rows:
        columns = [
            f"{mean(mean(_scores(name, result)[c] for c in members) for result in results):.3f}".lstrip("0")
            for members in groups.values()
        ]
        yield f"| {title} | {' | '.join(columns)} |"


def _scores(name: str, result: dict) -> dict[str, float]:
    if name in SINGLE_CLASS:
        return {sensors: row[SINGLE_CLASS[name]] for sensors, row in result["classes"].items()}
    return result["combinations"]


def _spread(values: list[float]) -> str:
    told = f"{mean(values):.3f}".lstrip("0")
    return f"{told} ± {stdev(values):.3f}".replace("± 0", "± ") if len(values) > 1 else told


def _short(sensors: str) -> str:
    return "".join(LETTERS.get(key, key) for key in sensors.split("+"))
