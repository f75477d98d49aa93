"""What of a trained network starts another one with other classes, other sensors or other bands.

K classes, C bands, O outputs.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..contract.card import Card, ModalityStats
from ..contract.errors import BadInput
from ..contract.modality import BY_KEY, titles
from .network import Network


@torch.no_grad()
def inherit(network: Network, card: Card, base: Network, base_card: Card) -> list[str]:
    """Start `network`, built from `card`, from `base`, and say in sentences what came from where.

    Both have the same backbone, fusion and head width. Parts of a class go by its name, those of a sensor by its key.
    A new class starts from the mean of the base's in the classifier, and from a class that is not taken over in the
    prototypes; a new sensor from the nearest that the base knows. Raises BadInput when they share no sensor.
    """
    if not set(card.keys) & set(base_card.keys):
        raise BadInput(
            f"The model '{base_card.id}' takes {titles(base_card.keys)}; the data has {titles(card.keys)} only.",
            "Choose a model that knows one of these sensors, or start from an encoder.",
        )
    origin = {stats.key: _nearest(stats, base_card) for stats in card.modalities}
    rows = _class_rows(card, base_card)
    tensors = base.state_dict()
    fresh = network.state_dict()
    for name, value in fresh.items():
        parts = name.split(".")
        if parts[0] == "adapters":
            key, source = parts[1], origin[parts[1]]
            bands = (base_card.stats(source).bands, card.stats(key).bands)
            there = tensors[".".join(["adapters", source, *parts[2:]])]
            value.copy_(project(there, *bands, known=key == source))
        elif place := [i for i, part in enumerate(parts) if part in base.fusion.PER_SENSOR]:
            at = place[0] + 1
            parts[at] = str(base_card.keys.index(origin[card.keys[int(parts[at])]]))
            value.copy_(tensors[".".join(parts)])
        elif parts[0] == "fusion" and any(part in base.fusion.PER_CLASS for part in parts):
            spare = iter([k for k in range(len(base_card.classes)) if k not in rows])
            for k, row in enumerate(rows):
                row = next(spare, None) if row is None else row
                if row is not None:  # else it keeps its random start: equal prototypes would stay equal for ever
                    value[k] = tensors[name][row]
        elif name.startswith("head.classify."):
            mean = tensors[name].mean(0)
            value.copy_(torch.stack([mean if row is None else tensors[name][row] for row in rows]))
        else:
            value.copy_(tensors[name])
    return _told(card, base_card, origin, rows)


def project(weight: Tensor, old: tuple[str, ...], new: tuple[str, ...], *, known: bool = True) -> Tensor:
    """Return an input projection (O,C',1,1) for bands `new` from one (O,C,1,1) for bands `old`.

    Bands of a known sensor keep their column when their name, or all their number, stays. What the other old bands
    contributed is shared evenly by the other new ones, else by all: a picture whose bands are all alike looks the
    same to the encoder as before.
    """
    if known and len(old) == len(new):
        return weight.clone()
    lower = [band.lower() for band in old]
    found = [lower.index(band.lower()) if known and band.lower() in lower else None for band in new]
    rest = weight[:, [c for c in range(len(old)) if c not in found]].sum(1)
    out = torch.stack([torch.zeros_like(rest) if c is None else weight[:, c] for c in found], 1)
    takers = [i for i, c in enumerate(found) if c is None] or list(range(len(new)))
    out[:, takers] += rest[:, None] / len(takers)
    return out


def _nearest(stats: ModalityStats, base: Card) -> str:
    """Return the base's sensor of that key, else one of its kind, else of its number of bands, else the first."""
    if stats.key in base.keys:
        return stats.key
    kind, bands = BY_KEY[stats.key].kind, len(stats.bands)
    return min(base.modalities, key=lambda row: (BY_KEY[row.key].kind != kind, abs(len(row.bands) - bands))).key


def _class_rows(card: Card, base: Card) -> list[int | None]:
    """Return, for each class, its index among the base's; None for a new one."""
    names = [info.name.casefold() for info in base.classes]
    return [names.index(info.name.casefold()) if info.name.casefold() in names else None for info in card.classes]


def carried(card: Card, base: Card) -> list[tuple[int, int]]:
    """Return (index, index among the base's) of the classes that both have."""
    return [(k, row) for k, row in enumerate(_class_rows(card, base)) if row is not None]


def _told(card: Card, base: Card, origin: dict[str, str], rows: list[int | None]) -> list[str]:
    new = [info.name for info, row in zip(card.classes, rows) if row is None]
    gone = [info.name for k, info in enumerate(base.classes) if k not in rows]
    said = [f"Starting from {base.title} ({base.id})."]
    kept = len(rows) - len(new)
    if new or gone:
        said.append(
            f"{kept} of the new model's {len(rows)} classes start with what {base.title} knows "
            "of classes of the same name"
            + (f"; started from the mean of all: {', '.join(new)}" if new else "")
            + (f"; left out: {', '.join(gone)}" if gone else "")
            + "."
        )
    for key, source in origin.items():
        title, count = BY_KEY[key].title, len(card.stats(key).bands)
        if key != source:
            said.append(f"{title} is new to it and starts as a copy of {BY_KEY[source].title}.")
        elif count != len(base.stats(key).bands):
            said.append(
                f"{title} has {count} bands here, {len(base.stats(key).bands)} there: its input weights are shared out."
            )
    lost = [key for key in base.keys if key not in card.keys]
    if lost:
        said.append(f"The data has no {titles(lost)}: the new model does without.")
    return said
