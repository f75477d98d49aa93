"""What the choices of a training are called: on the page where they are made, and where a model tells of them."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from ...i18n import tr
from ...model.contract.choices import SAMPLERS, STRATEGIES


def strategies() -> Tuple[Tuple[str, str], ...]:
    """Return (name, sentence) in the order of STRATEGIES."""
    return (
        (tr("Last step only"), tr("how it turns what it sees into classes: minutes, for few labels")),
        (tr("A little everywhere"), tr("small changes all through the model: right most of the time")),
        (tr("Everything"), tr("no limits: for many labels, or quite another landscape")),
    )


def samplers() -> Tuple[Tuple[str, str], ...]:
    """Return (name, sentence) in the order of SAMPLERS."""
    return (
        (tr("Practise weak sensors more"), tr("for most data")),
        (tr("Practise hard combinations more"), tr("for three sensors or more; slower")),
        (tr("Practise all alike"), tr("every combination as often: to compare with")),
    )


def strategy(key: Any) -> str:
    """Return the name of what could change; a key that this version does not know as it is."""
    return _name(key, STRATEGIES, strategies())


def facts(recipe: Dict[str, Any]) -> List[Tuple[str, str]]:
    """Return (title, value) of what a card tells of a recipe, without what only its maker needs."""
    titles = {
        "epochs": tr("Epochs at most"),
        "seed": tr("Seed"),
        "sampler": tr("Practice for missing sensors"),
        "crop": tr("Side of a training crop (pixels)"),
        "batch": tr("Crops in a step"),
        "rate": tr("Learning rate"),
    }
    shown = {**recipe, "sampler": _name(recipe.get("sampler"), SAMPLERS, samplers())}
    return [(title, str(shown[key])) for key, title in titles.items() if key in recipe]


def _name(key: Any, keys: Tuple[str, ...], rows: Tuple[Tuple[str, str], ...]) -> str:
    return rows[keys.index(key)][0] if key in keys else str(key)
