"""A report as one HTML page: tables, figures, example pictures. No script, no other file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from ..contract.card import ClassInfo
from ..contract.modality import titles
from ..data.labels import IGNORE
from . import figures
from .figures import Bar
from .pictures import in_colours

_SIDE = 256  # pixels of an example picture at most
_NAMES = {"raw": "temperature 1", "card": "as the model gives it", "fitted": "fitted on validation"}
_COLORS = {"raw": "#b8552f", "card": "#4f81a5", "fitted": "#2f7d5b"}
_ABLATIONS = {
    "uniform": ("every sensor the same weight (1/M)", "what choosing between sensors is worth"),
    "shuffled": ("weights of another pixel", "what choosing by place is worth"),
}
_STYLE = """
:root { color-scheme: light }
body { font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1f2933; background: #fff;
  max-width: 1000px; margin: 2rem auto; padding: 0 1.5rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid #d9dee4 }
h3 { font-size: .95rem; margin: .8rem 0 .4rem }
p { margin: .4rem 0; max-width: 48rem } .faint { color: #616e7c }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0 }
th, td { padding: .22rem .6rem; text-align: right; border-bottom: 1px solid #e6eaee; white-space: nowrap }
th { font-weight: 600; font-size: .85rem; vertical-align: bottom } th.wrap { white-space: normal }
th:first-child, td:first-child, .words { text-align: left }
td.best { font-weight: 700 }
.key { display: inline-block; width: .75em; height: .75em; border-radius: 2px;
  margin-right: .35em; border: 1px solid #0003 }
thead .key { display: block; margin: 0 0 .25em auto }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0 }
.card { border: 1px solid #d9dee4; border-radius: 6px; padding: .6rem 1rem; min-width: 9.5rem; flex: 1 }
.card b { display: block; font-size: 1.6rem; line-height: 1.3 } .card span { color: #616e7c; font-size: .85rem }
.side { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start }
.scroll { overflow-x: auto }
.warn { background: #fdf3e1; border-left: 4px solid #d99a2b; padding: .5rem .9rem; margin: .4rem 0 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .6rem 0 }
.pictures { display: grid; grid-template-columns: repeat(4, 1fr); gap: .5rem; font-size: .85rem }
.pictures img { width: 100%; image-rendering: pixelated; border: 1px solid #d9dee4; display: block }
details summary { cursor: pointer; margin: .6rem 0; color: #35607f }
@media print { body { margin: 0; max-width: none } h2 { break-after: avoid } }
"""


@dataclass(frozen=True)
class Example:
    """A tile. picture: (h,w,3) uint8. reference: class indices (h,w) uint8. maps: (title, class indices) each."""

    picture: np.ndarray
    reference: np.ndarray
    maps: tuple[tuple[str, np.ndarray], ...]


def page(report: dict[str, Any], examples: Sequence[Example]) -> str:
    """Return the page of a report in its JSON form (docs/design.md)."""
    model, data = report["model"], report["data"]
    sections = [
        f"<h1>{escape(model['title'])}</h1>",
        f'<p class="faint">Accuracy by sensors. Model {escape(model["id"])}, {_count(data["scenes"], "scene")} of '
        f"{escape(data['source'])} at {data['resolution_m']:.3g} m, "
        f"{'within ' + escape(data['area']) + ', ' if data['area'] else ''}{_total(report):,} labelled pixels.</p>",
        *(f'<p class="warn">{escape(text)}</p>' for text in report["warnings"]),
        _cards(report),
        "<h2>Every combination of sensors</h2>",
        _overview(report),
        _table(report, "iou", "IoU by class"),
        f"<details><summary>F1 by class</summary>{_table(report, 'f1', 'F1 by class')}</details>",
        _expected(report),
        _confusions(report),
        _calibration(report),
        _ablation(report),
        _pictures(report, examples),
        _method(report),
    ]
    head = f'<meta charset="utf-8"><title>{escape(model["title"])}: accuracy</title><style>{_STYLE}</style>'
    viewport = '<meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{viewport}</head>\n<body>\n'
        + "\n".join(sections)
        + "\n</body></html>\n"
    )


def _cards(report: dict[str, Any]) -> str:
    rows, spread = report["combinations"], report["intervals"] or {}
    best, worst = max(rows, key=_miou), min(rows, key=_miou)
    every = max(range(len(rows)), key=lambda i: len(rows[i]["sensors"]))
    cards = [(_miou(rows[every]), _range(spread["miou"][every] if spread else None), titles(rows[every]["sensors"]))]
    if len(rows) > 1:
        number = f"average of {len(rows)} combinations"
        cards += [
            (report["average"], _range(spread.get("average")), number),
            (report["top1"], _range(spread.get("top1")), f"best: {titles(best['sensors'])}"),
            (report["last1"], _range(spread.get("last1")), f"worst: {titles(worst['sensors'])}"),
        ]
    boxes = (
        f'<div class="card"><b>{value:.3f}</b>{escape(title)}<br><span>mIoU {more}</span></div>'
        for value, more, title in cards
    )
    return f'<div class="cards">{"".join(boxes)}</div>'


def _overview(report: dict[str, Any]) -> str:
    rows, spread = report["combinations"], (report["intervals"] or {}).get("miou")
    best, worst = max(rows, key=_miou), min(rows, key=_miou)
    chart = []
    for number, row in enumerate(rows):
        color = figures.BEST if row is best else figures.WORST if row is worst and len(rows) > 1 else figures.BAR
        star = "" if row["trained_on"] else " *"
        chart.append(Bar(titles(row["sensors"]) + star, row["miou"], spread[number] if spread else None, color))
    untrained = (
        "" if all(row["trained_on"] for row in rows) else " * never practised in training as just this combination."
    )
    whiskers = " Whiskers: 95 % intervals." if spread else ""
    return f'<p class="faint">mIoU.{whiskers}{untrained}</p><div class="scroll">{figures.bars(chart)}</div>'


def _table(report: dict[str, Any], score: str, title: str) -> str:
    rows = report["combinations"]
    names = [info["name"] for info in report["classes"] if any(info["name"] in row[score] for row in rows)]
    best = {name: max(row[score].get(name, 0.0) for row in rows) for name in names}
    colors = {info["name"]: info["color"] for info in report["classes"]}
    keys = "".join(f'<th class="wrap">{_key(colors[name])}{escape(name)}</th>' for name in names)
    lines = [f"<thead><tr><th>Sensors</th><th>mIoU</th>{keys}<th>right</th></tr></thead>"]
    for row in rows:
        cells = "".join(_cell(row[score].get(name), best[name], len(rows)) for name in names)
        lines.append(
            f"<tr><td>{escape(titles(row['sensors']))}</td><td>{row['miou']:.3f}</td>{cells}"
            f"<td>{100 * row['accuracy']:.1f} %</td></tr>"
        )
    return f'<h3>{title}</h3><div class="scroll"><table>{"".join(lines)}</table></div>'


def _cell(value: float | None, best: float, rows: int) -> str:
    if value is None:
        return "<td>–</td>"
    marked = ' class="best"' if value == best > 0 and rows > 1 else ""
    return f'<td{marked} style="background:rgba(79,129,165,{0.45 * value:.2f})">{value:.3f}</td>'


def _expected(report: dict[str, Any]) -> str:
    if not report["expected"] or len(report["combinations"]) == 1:
        return ""
    spread = (report["intervals"] or {}).get("expected") or {}
    lines = ["<tr><th>Chance that a sensor is missing</th><th>expected mIoU</th><th>95 % interval</th></tr>"]
    for chance, value in report["expected"].items():
        shown = _range(spread.get(chance)) or "–"
        lines.append(f"<tr><td>{100 * float(chance):g} %</td><td>{value:.3f}</td><td>{shown}</td></tr>")
    told = "Each sensor is missing by itself with this chance; at least one is there."
    return f"<h2>When sensors fail</h2><p>{told}</p><table>{''.join(lines)}</table>"


def _confusions(report: dict[str, Any]) -> str:
    shown, rest = _two(report)
    blocks = "".join(f"<div><h3>{_heading(row)}</h3>{_confusion(report, row)}</div>" for row in shown)
    more = "".join(f"<div><h3>{_heading(row)}</h3>{_confusion(report, row)}</div>" for row in rest)
    if rest:
        title = _count(len(rest), "more combination")
        more = f'<details><summary>{title}</summary><div class="side">{more}</div></details>'
    return (
        "<h2>What is taken for what</h2>"
        "<p>Of the pixels that are the class at the left, percent mapped as the class above.</p>"
        f'<div class="side">{blocks}</div>{more}'
    )


def _confusion(report: dict[str, Any], row: dict[str, Any]) -> str:
    matrix = np.array(row["confusion"])
    seen = np.flatnonzero(matrix.sum(0) + matrix.sum(1))
    infos = [report["classes"][k] for k in seen]
    heads = "".join(f'<th class="wrap">{_key(info["color"])}{escape(info["name"])}</th>' for info in infos)
    lines = [f"<thead><tr><th></th>{heads}</tr></thead>"]
    for k, info in zip(seen, infos):
        total = matrix[k].sum()
        cells = []
        for other in seen:
            share = matrix[k, other] / total if total else 0.0
            tint = "47,125,91" if k == other else "184,85,47"
            text = f"{100 * share:.1f}" if total else "–"
            cells.append(f'<td style="background:rgba({tint},{0.75 * share:.2f})">{text}</td>')
        lines.append(f"<tr><th>{_key(info['color'])}{escape(info['name'])}</th>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _calibration(report: dict[str, Any]) -> str:
    kinds = _kinds(report)
    shown, _ = _two(report)
    charts = []
    for row in shown:
        tables = [(_NAMES[kind], _COLORS[kind], np.array(row["reliability"][kind])) for kind in kinds]
        charts.append(f"<div><h3>{_heading(row)}</h3>{figures.reliability(tables)}</div>")
    heads = "".join(f'<th class="wrap">ECE, {_NAMES[kind]}</th><th class="wrap">T</th>' for kind in kinds)
    lines = [f"<tr><th>Sensors</th>{heads}</tr>"]
    for row in report["combinations"]:
        found = [row["calibration"][kind] for kind in kinds]
        cells = "".join(f"<td>{part['ece']:.3f}</td><td>{part['temperature']:.2f}</td>" for part in found)
        lines.append(f"<tr><td>{escape(titles(row['sensors']))}</td>{cells}</tr>")
    return (
        "<h2>Does confidence mean what it says?</h2><p>A pixel of 80 % confidence should be right four times of five: "
        "on the dashed line. Below it, the model is too sure of itself. ECE, the expected calibration error, is the "
        "mean distance from that line; T is the temperature that logits are divided by.</p>"
        f'<div class="side">{"".join(charts)}</div>'
        f'<details><summary>Every combination</summary><div class="scroll"><table>{"".join(lines)}</table></div>'
        "</details>"
    )


def _kinds(report: dict[str, Any]) -> list[str]:
    """Return the calibrations worth showing: 'card' only where the model has one."""
    calibrations = [row["calibration"] for row in report["combinations"]]
    calibrated = any(row["card"]["temperature"] != 1 for row in calibrations)
    return [kind for kind in calibrations[0] if kind != "card" or calibrated]


def _ablation(report: dict[str, Any]) -> str:
    if not report["ablations"]:
        return ""
    lines = [
        "<tr><th>Weights replaced by</th><th>mIoU</th><th>lost</th><th>95 % interval of the loss</th>"
        '<th class="words">says</th></tr>'
    ]
    for row in report["ablations"]:
        title, says = _ABLATIONS[row["weights"]]
        lines.append(
            f"<tr><td>{title}</td><td>{row['miou']:.3f}</td><td>{row['loss']:.3f}</td>"
            f'<td>{_range(row["interval"]) or "–"}</td><td class="words">{says}</td></tr>'
        )
    return (
        f"<h2>Do the trust maps mean something?</h2><p>With {titles(report['ablations'][0]['sensors'])}, the fusion's "
        "weights, which the trust maps show, are replaced. Where nothing is lost, the maps say nothing about "
        "accuracy.</p>"
        f'<div class="scroll"><table>{"".join(lines)}</table></div>'
    )


def _pictures(report: dict[str, Any], examples: Sequence[Example]) -> str:
    if not examples:
        return ""
    classes = [ClassInfo(info["id"], info["name"], info["color"]) for info in report["classes"]]
    cells = []
    for example in examples:
        step = -(-max(example.reference.shape) // _SIDE)
        parts = [
            ("layer", _shrunk(example.picture, step)),
            ("reference", in_colours(classes, example.reference[::step, ::step])),
        ]
        parts += [(title, in_colours(classes, found[::step, ::step])) for title, found in example.maps]
        for title, image in parts:
            cells.append(f'<div><img src="{figures.png(image)}" alt="{escape(title)}">{escape(title)}</div>')
    used = np.unique(
        np.concatenate([part.ravel() for e in examples for part in (e.reference, *(m for _, m in e.maps))])
    )
    shown = [report["classes"][k] for k in used if k != IGNORE]
    legend = [f"<span>{_key(info['color'])}{escape(info['name'])}</span>" for info in shown]
    return (
        "<h2>Examples</h2><p>Places spread evenly over the data, not chosen by how they look.</p>"
        f'<div class="legend">{"".join(legend)}<span>{_key("#f5f5f5")}not known</span></div>'
        f'<div class="pictures">{"".join(cells)}</div>'
    )


def _method(report: dict[str, Any]) -> str:
    blocks, spread = report["data"]["blocks"], report["intervals"]
    how = (
        f"Intervals: {100 * spread['level']:.0f} % of {spread['resamples']:,} bootstraps over {blocks['count']} blocks "
        f"({blocks['kind']}), the same blocks for every combination."
        if spread
        else ""
    )
    model = report["model"]
    return (
        "<h2>How this was measured</h2><p>Tiles were read and scaled as for segmentation, encoded once, and fused once "
        "for every combination of sensors; absent sensors are left out, not filled with zeros. Tiles overlap, and "
        "their middle parts count. Scores come from one confusion matrix over all pixels; a class in neither reference "
        f"nor map is left out of the mean. {how}</p>"
        f'<p class="faint">{escape(model["path"])}, weights {model["sha256"][:12]}</p>'
    )


def _two(report: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of all sensors and of the worst combination, and the others."""
    rows = report["combinations"]
    every, worst = max(rows, key=lambda row: len(row["sensors"])), min(rows, key=_miou)
    shown = [every] if every is worst else [every, worst]
    return shown, [row for row in rows if not any(row is other for other in shown)]


def _shrunk(image: np.ndarray, step: int) -> np.ndarray:
    """Return means of step x step pixels of (h,w,3) uint8; what is left over at the edges goes."""
    height, width = (side // step * step for side in image.shape[:2])
    blocks = image[:height, :width].reshape(height // step, step, width // step, step, 3)
    return blocks.mean((1, 3)).astype(np.uint8)


def _heading(row: dict[str, Any]) -> str:
    return f"{escape(titles(row['sensors']))}, mIoU {row['miou']:.3f}"


def _key(color: str) -> str:
    return f'<span class="key" style="background:{color}"></span>'


def _range(interval: Sequence[float] | None) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _total(report: dict[str, Any]) -> int:
    return sum(info["pixels"] for info in report["classes"])


def _miou(row: dict[str, Any]) -> float:
    return row["miou"]
