"""Card -> network, and network <-> safetensors bytes. Cards and weights come from strangers: everything is checked."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ..contract.card import Card, ModalityStats
from ..contract.errors import BadModel
from . import backbones, fusion
from .adapters import Adapter
from .heads import MlpHead
from .network import Network
from .pixels import PixelNetwork

MAX_CLASSES = 1024
MAX_HEAD_CHANNELS = 1024
RED_GREEN_BLUE = ("red", "green", "blue")
AGAIN = "Install the model again or ask its author for a correct package."


def build(card: Card, *, pretrained: bool = False) -> Network | PixelNetwork:
    """Return the card's network with fresh weights, in training mode; a PixelNetwork where the card has such a head.

    pretrained: start the backbone from ImageNet weights (BadInput when they cannot be had).
    Raises BadModel when the card names a backbone, fusion or option that does not exist, or an absurd size.
    """
    _check_sizes(card)
    pixels, classes = card.network.pixels, len(card.classes)
    if pixels is None:
        return _network(card, classes, pretrained)
    base = _network(card, pixels.base_classes, pretrained) if pixels.base_classes else None
    return PixelNetwork(base, card.modalities, classes=classes, hidden=pixels.hidden, width=card.network.head_channels)


def _network(card: Card, classes: int, pretrained: bool) -> Network:
    spec = card.network
    encoder = _known("backbone", spec.backbone, backbones.BY_NAME)
    fuse = _known("fusion", spec.fusion, fusion.BY_NAME)
    _check_options(card, fuse.OPTIONS)
    backbone = encoder.build(pretrained=pretrained)
    channels = backbone.out_channels
    return Network(
        adapters=nn.ModuleDict({stats.key: Adapter(stats, _triplet(stats)) for stats in card.modalities}),
        backbone=backbone,
        fusion=fuse(channels, modalities=len(card.modalities), classes=classes, **spec.options),
        head=MlpHead(channels, classes=classes, width=spec.head_channels),
    )


def load(card: Card, weights: bytes, where: str) -> Network:
    """Return the card's network with `weights` (safetensors), in evaluation mode. `where` names the file in messages.

    Half precision tensors become float32. Raises BadModel, naming what is wrong, when the bytes are not safetensors,
    were made for other modalities, bands, scaling, classes or architecture, or do not fit tensor by tensor.
    """
    tensors, metadata = _read(weights, where)
    for part, expected in _identity(card).items():
        found = metadata.get(part)
        if found != expected:
            raise BadModel(f"{where}: {_difference(part, found, expected)}.", AGAIN)
    network = build(card)
    _check_tensors(tensors, network.state_dict(), where)
    network.load_state_dict(
        {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}
    )
    return network.eval()


def dump(network: Network, card: Card, *, half: bool = False) -> bytes:
    """Return the network's weights as safetensors that only load beside this card.

    Of the card, only modalities, classes and network are used: its hash of the weights need not be known yet.
    half: store float16, half the size. The same weights give the same bytes.
    """
    tensors = {}
    for name, value in network.state_dict().items():
        value = value.detach().cpu().contiguous()
        tensors[name] = value.half() if half and value.is_floating_point() else value
    return _in_order(safetensors.torch.save(tensors, metadata=_identity(card)))


def _in_order(data: bytes) -> bytes:
    """Return a safetensors file with its metadata sorted: the library writes them in random order."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors stay aligned
    return len(text).to_bytes(8, "little") + text + data[end:]


def _identity(card: Card) -> dict[str, str]:
    """Return what weights belong to: part -> canonical JSON. Colours and titles are free to change."""
    spec = card.network
    network = {
        "backbone": spec.backbone,
        "fusion": spec.fusion,
        "head_channels": spec.head_channels,
        "options": spec.options,
    }
    if spec.pixels is not None:
        network["pixels"] = asdict(spec.pixels)
    parts: dict[str, Any] = {"modalities": list(card.keys)}
    for stats in card.modalities:
        scaling = {name: [float(value) for value in getattr(stats, name)] for name in ("low", "high", "mean", "std")}
        parts[f"modality {stats.key}"] = {"bands": list(stats.bands), "unit": stats.unit, **scaling}
    parts["classes"] = [[c.id, c.name] for c in card.classes]
    parts["network"] = network
    return {name: json.dumps(value, sort_keys=True) for name, value in parts.items()}


def _difference(part: str, found: str | None, expected: str) -> str:
    if found is None:
        return f"the weights do not say which {part} they were made for"
    ours, theirs = json.loads(expected), json.loads(found)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        fields = [name for name in ours if theirs.get(name) != ours[name]]
        if fields:
            name = fields[0]
            return f"the weights were made for {part} with {name} {theirs.get(name)!s:.300}, the card says {ours[name]}"
    return f"the weights were made for {part} {theirs!s:.300}, the card says {ours}"


def _read(weights: bytes, where: str) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        tensors = safetensors.torch.load(weights)
        header = json.loads(weights[8 : 8 + int.from_bytes(weights[:8], "little")])
        metadata = header.get("__metadata__") or {}
        for value in metadata.values():
            json.loads(value)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadModel(f"{where} is not a safetensors file of ours ({error}).", AGAIN) from None
    return tensors, metadata


def _check_tensors(tensors: dict[str, Tensor], expected: dict[str, Tensor], where: str) -> None:
    missing, extra = sorted(expected.keys() - tensors.keys()), sorted(tensors.keys() - expected.keys())
    if missing:
        raise BadModel(f"{where} lacks tensor {missing[0]} ({len(missing)} missing in all).", AGAIN)
    if extra:
        raise BadModel(f"{where} has tensor {extra[0]}, which the card's network has not ({len(extra)} in all).", AGAIN)
    for name, value in tensors.items():
        wanted = expected[name]
        if value.shape != wanted.shape:
            raise BadModel(f"{where}: tensor {name} has shape {list(value.shape)}, not {list(wanted.shape)}.", AGAIN)
        if value.is_floating_point() != wanted.is_floating_point():
            raise BadModel(f"{where}: tensor {name} has type {value.dtype}, not {wanted.dtype}.", AGAIN)
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise BadModel(f"{where}: tensor {name} holds values that are not finite.", AGAIN)


def _check_sizes(card: Card) -> None:
    pixels = card.network.pixels
    if max(len(card.classes), pixels.base_classes if pixels else 0) > MAX_CLASSES:
        raise BadModel(f"Model {card.id} has {len(card.classes)} classes; at most {MAX_CLASSES} are possible.", AGAIN)
    if not 8 <= card.network.head_channels <= MAX_HEAD_CHANNELS:
        raise BadModel(
            f"Model {card.id}: network.head_channels is {card.network.head_channels}, not 8 to {MAX_HEAD_CHANNELS}.",
            AGAIN,
        )


def _check_options(card: Card, allowed: dict[str, tuple]) -> None:
    for name, value in card.network.options.items():
        if name not in allowed:
            valid = ", ".join(allowed) or "none"
            raise BadModel(
                f"Model {card.id}: network.options has {name!r}; {card.network.fusion} knows: {valid}.", AGAIN
            )
        # compare types too: 1 == True, and a list cannot be looked up in a set
        if not any(type(value) is type(choice) and value == choice for choice in allowed[name]):
            valid = ", ".join(map(repr, allowed[name]))
            raise BadModel(f"Model {card.id}: network.options.{name} is {value!r:.80}; possible are {valid}.", AGAIN)


def _known(kind: str, name: str, registry: dict[str, Any]) -> Any:
    if name not in registry:
        raise BadModel(
            f"There is no {kind} {name[:80]!r}; known are {', '.join(registry)}.",
            "Update the plugin or choose one of these.",
        )
    return registry[name]


def _triplet(stats: ModalityStats) -> tuple[int, int, int]:
    """Return the bands a many-band modality shows the encoder at first: red, green, blue if named, else 0, 1, 2."""
    bands = [band.lower() for band in stats.bands]
    if all(color in bands for color in RED_GREEN_BLUE):
        return tuple(bands.index(color) for color in RED_GREEN_BLUE)
    return (0, 1, 2)
