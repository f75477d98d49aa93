"""Which model the map of the strokes starts from: the one chosen, or what that was made from when strokes made it."""

from __future__ import annotations

from typing import Tuple

from ...adapted import NO_MODEL
from ...i18n import tr
from ...model.contract import store
from ..model_panel import ModelPanel


def of(model: ModelPanel) -> Tuple[str, str]:
    """Return (what a job names, what a person reads), ('', '') where no model is chosen.

    A model that strokes made is no start itself. Where the one under it is not installed it is named all the same: the
    engine says why it is refused.
    """
    card = model.card()
    if card is None:
        return "", ""
    if card.network.pixels is None:
        return model.value(), card.title
    if not card.network.pixels.base_classes:
        return NO_MODEL, tr("Pixels alone, as {model}").format(model=card.title)
    base = next((one.card for one in store.installed() if one.card.id == card.provenance.get("base")), None)
    return (model.value(), card.title) if base is None else (base.id, base.title)
