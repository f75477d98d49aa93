"""What a training came to, in words, from the card of its model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from ...i18n import tr
from ...model.contract import store
from ...model.contract.card import Card
from ...model.contract.errors import BadModel


def model_in(folder: str) -> Optional[store.Package]:
    """Return the model that lies in a folder; None when there is none that can be opened."""
    try:
        return store.open_package(Path(folder)) if folder else None
    except BadModel:
        return None


def history(card: Card) -> List[Dict[str, Any]]:
    """Return the checks of the training that made a model, as its card tells them; [] where it tells none."""
    rows = card.provenance.get("history")
    good = isinstance(rows, list) and all(isinstance(row, dict) and isinstance(row.get("epoch"), int) for row in rows)
    return list(rows) if good else []


def ending(card: Card) -> str:
    """Return what a training came to in so few words that a message bar has room for them, and for a button."""
    found = _kept(card)
    if found is None:
        return tr("The training has come to its end.")
    last, best, miou = found
    if best == 0:
        return tr("Trained: none of {last} epochs was better.").format(last=last)
    return tr("Trained: mIoU {miou:.3f} (epoch {best} of {last}).").format(best=best, last=last, miou=miou)


def sentence(card: Card) -> str:
    """Return which epoch's weights were kept, and how good they are on the validation areas."""
    rows, found = history(card), _kept(card)
    if not rows:
        return tr("The model {title} is there.").format(title=card.title)
    if found is None:
        text = tr("{last} epochs; nothing was validated, so the last weights were kept.")
        return text.format(last=rows[-1]["epoch"])
    last, best, miou = found
    if best == 0:
        text = tr("None of {last} epochs was better than the model it started from (mIoU {miou:.3f}): that was kept.")
        return text.format(last=last, miou=miou)
    text = tr("Epoch {best} of {last} was best and was kept: mIoU {miou:.3f} on the validation areas.")
    before = next((row["miou"] for row in rows if row["epoch"] == 0 and "miou" in row), None)
    if before is not None:
        text += " " + tr("Before the training it was {before:.3f}.").format(before=before)
    return text.format(best=best, last=last, miou=miou)


def _kept(card: Card) -> Optional[Tuple[int, int, float]]:
    """Return (epochs, the one whose weights were kept, its mIoU); None where nothing was validated."""
    rows, told = history(card), card.provenance
    best, miou = told.get("validation_epoch"), told.get("validation_miou")
    good = isinstance(best, int) and isinstance(miou, (int, float)) and any("miou" in row for row in rows)
    return (rows[-1]["epoch"], best, float(miou)) if good else None
