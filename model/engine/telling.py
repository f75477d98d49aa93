"""What a plan means, in words, told before a run and by a check."""

from __future__ import annotations

from ..contract.card import Card
from ..contract.modality import titles
from ..data.plan import Plan
from ..feedback import JobFeedback

GDAL_CACHE_MB = 64
SAME = 0.01  # shares of the area that differ by less count as the same


def tell_plan(card: Card, scene: Plan, feedback: JobFeedback) -> None:
    """Say what was assumed, what may harm the result, and what was measured for the sensors used."""
    grid = scene.grid
    feedback.info(f"Grid: {grid.width} x {grid.height} pixels of {grid.resolution:g} map units.")
    for text in scene.notes:
        feedback.info(text)
    for text in scene.warnings:
        feedback.warn(text)
    sensors = used(scene)
    feedback.info(f"Sensors used: {titles(sensors)} of {titles(card.keys)}. {_measured(card, scene)}")
    if sensors not in card.trained_on:
        row = card.expected(sensors)
        done = f"was measured (mIoU {row.miou:.2f}) but not trained" if row else "was neither trained nor measured"
        feedback.warn(f"{card.id} {done} with just {titles(sensors)}: look at the map with care.")
    if card.caution:
        feedback.warn(f"{card.id}: {card.caution}")


def used(scene: Plan) -> tuple[str, ...]:
    """Return the keys of the sensors that the plan reads."""
    return tuple(layer.key for layer in scene.layers)


def _measured(card: Card, scene: Plan) -> str:
    """Return the card's score for the sensors used and where it does not hold; never one that was not measured."""
    row = card.expected(used(scene))
    if row is None:
        return "Their accuracy was not measured."
    best = max(scene.coverage.values())
    partial = [layer.key for layer in scene.layers if scene.coverage[layer.key] < best - SAME]
    text = f"Measured with these: mIoU {row.miou:.2f} on {row.data}"
    if partial:
        text += f"; it does not hold where {titles(partial)} is missing"
    return f"{text}; the warnings above put it in doubt here." if scene.warnings else f"{text}."
