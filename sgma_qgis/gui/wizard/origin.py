"""How a model was made, from its card: the base, the data by area, chance, the outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

from ...htmlpage import table
from ...i18n import tr
from ...model.contract.card import Card
from ..texts import grouped
from . import outcome, recipe_words


def origin_html(card: Card) -> str:
    """Return the body of a page's last part; '' where the card tells nothing. All texts are escaped."""
    told = card.provenance
    facts: List[Tuple[str, str]] = []
    base = _dict(told.get("base"))
    if base:
        facts.append((tr("Started from"), f"{base.get('id')} ({str(base.get('weights_sha256'))[:12]})"))
        facts.append((tr("What could change"), recipe_words.strategy(base.get("strategy"))))
    facts += recipe_words.facts(_dict(told.get("recipe")))
    if outcome.history(card):
        facts.append((tr("Outcome"), outcome.sentence(card)))
    if told.get("data_fingerprint"):
        facts.append((tr("Digest of the data"), str(told["data_fingerprint"])))
    if told.get("command"):
        facts.append((tr("Command"), str(told["command"])))
    parts = [f"<h2>{tr('How it was made')}</h2>", table((), facts)] if facts else []
    rows = [_role(name, row) for name, row in _dict(told.get("data")).items() if isinstance(row, dict)]
    if rows:
        parts += [f"<h2>{tr('Data')}</h2>", table((tr("Areas"), tr("Labels"), tr("Pixels by class")), rows)]
    return "\n".join(parts)


def roles(card: Card) -> Tuple[str, ...]:
    """Return the roles that had labels when a model was made."""
    return tuple(_dict(card.provenance.get("data")))


def _role(name: str, row: Dict[str, Any]) -> Tuple[str, str, str]:
    titles = {"train": tr("training"), "validation": tr("validation"), "test": tr("test")}
    pixels = ", ".join(f"{label} {grouped(count)}" for label, count in _dict(row.get("pixels")).items())
    return titles.get(name, name), Path(str(row.get("labels", ""))).name, pixels


def _dict(value: Any) -> Dict[str, Any]:
    return value if isinstance(value, dict) else {}
