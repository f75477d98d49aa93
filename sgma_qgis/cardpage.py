"""A model card as text and as the body of an HTML page."""

from __future__ import annotations

from html import escape
from typing import Dict, Iterable, List, Tuple

from .htmlpage import TABLE, table
from .i18n import tr, unit_title
from .model.contract.card import Accuracy, Card, NetworkSpec
from .model.contract.modality import BY_KEY, titles

WIDE = 7  #: classes: the scores of more need a line of text, not a column each


def about_miou() -> str:
    """Say what the score of a model is."""
    return tr(
        "mIoU: of the area that the map or the truth gives a class, the share where both do (IoU), averaged over the "
        "classes. 1 is a map without a fault."
    )


def describe(card: Card) -> str:
    """Return the card in a few lines of text."""
    least, typical, most = card.gsd
    return "\n".join(
        (
            tr("Classes:") + " " + ", ".join(f"{c.id} {c.name}" for c in card.classes),
            tr("Sensors:") + " " + "; ".join(f"{BY_KEY[m.key].title} ({', '.join(m.bands)})" for m in card.modalities),
            tr("Resolution:") + f" {typical:g} m ({least:g} - {most:g} m)",
        )
    )


def card_html(card: Card) -> str:
    """Return the card as the body of a page. Every text in it is a stranger's: all are escaped."""
    least, typical, most = card.gsd
    parts = [
        f"<h1>{escape(card.title)}</h1>",
        f"<p><b>\u26a0 {escape(card.caution)}</b></p>" if card.caution else "",
        f"<p>{escape(card.description)}</p>" if card.description else "",
    ]
    facts = [
        (tr("Id"), card.id),
        (tr("Resolution"), f"{typical:g} m ({least:g} - {most:g} m)"),
        (tr("Network"), _network(card.network)),
        (tr("Licence"), card.licence),
        (tr("Attribution"), card.attribution),
        ("SHA-256", card.weights_sha256),
    ]
    parts.append(table((), [fact for fact in facts if fact[1]]))
    parts.append(f"<h2>{tr('Classes')}</h2>")
    rows = "".join(
        f'<tr><td>{c.id}</td><td style="background-color:{c.color}">&nbsp;&nbsp;</td><td>{escape(c.name)}</td></tr>'
        for c in card.classes
    )
    parts.append(f"{TABLE}{rows}</table>")
    parts.append(f"<h2>{tr('Sensors')}</h2>")
    parts.append(
        table(
            (tr("Sensor"), tr("Bands"), tr("Unit")),
            [(BY_KEY[m.key].title, ", ".join(m.bands), unit_title(m.unit)) for m in card.modalities],
        )
    )
    if card.accuracy:
        parts += [f"<h2>{tr('Measured accuracy')}</h2>", f"<p>{escape(about_miou())}</p>", *_measured(card)]
    return "\n".join(part for part in parts if part)


def _network(spec: NetworkSpec) -> str:
    """Return how a model works, in words; names that this version does not know as they are."""
    if spec.backbone == "none":
        return tr("pixels alone, no encoder")
    known = {"pvt_v2_b0": "PVT-v2-b0", "pvt_v2_b2": "PVT-v2-b2", "resnet50": "ResNet-50"}
    name = known.get(spec.backbone, spec.backbone)
    encoder = tr("small encoder") if spec.backbone == "small" else tr("encoder {name}").format(name=name)
    weighed = {"semantic_guided": tr("sensors weighed at every place"), "mean": tr("all sensors weigh the same")}
    return f"{encoder}, {weighed.get(spec.fusion, spec.fusion)}"


def _measured(card: Card) -> List[str]:
    """Return a table for each data set, below what it is: mIoU and each class's IoU by sensors."""
    sets: Dict[Tuple[str, str], List[Accuracy]] = {}
    for row in card.accuracy:
        sets.setdefault((row.data, row.split), []).append(row)
    parts = []
    for (data, split), rows in sets.items():
        names = list(dict.fromkeys(name for row in rows for name in row.iou))
        if len(names) <= WIDE:
            heads, cells = names, [[_two(row.iou, name) for name in names] for row in rows]
        else:
            heads = [tr("IoU by class")]
            cells = [[", ".join(f"{name} {_two(row.iou, name)}" for name in names)] for row in rows]
        parts.append("<p>" + escape(tr("Measured on: {data} ({split})").format(data=data, split=split)) + "</p>")
        body = [(titles(row.sensors), f"{row.miou:.2f}", *more) for row, more in zip(rows, cells)]
        parts.append(table((tr("Sensors"), "mIoU", *heads), body))
    return parts


def _two(scores: Dict[str, float], name: str) -> str:
    return f"{scores[name]:.2f}" if name in scores else "\u2013"


def list_html(cards: Iterable[Card]) -> str:
    """Return the installed models as the body of a page."""
    rows = [(card.id, card.title, titles(card.keys), f"{card.gsd[1]:g} m") for card in cards]
    heading = f"<h1>{tr('Installed models')}</h1>"
    return heading + (table((tr("Id"), tr("Title"), tr("Sensors"), tr("Resolution")), rows) if rows else tr("None."))
