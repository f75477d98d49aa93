"""The model card: what a model knows, needs and has been measured to do. `card.json`, schema 1.

A card comes from strangers: `parse` checks every field and names the one that is wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from .colors import COLOR
from .errors import BadModel
from .modality import BY_KEY, UNITS, in_order

SCHEMA = 1
MAX_CARD_BYTES = 4_000_000
MOST_SENTENCE = 300  # characters of a text that stands in small places
_TEMPERATURES = (0.01, 100.0)  # beyond these, a softmax is flat or a step
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


@dataclass(frozen=True)
class ClassInfo:
    """One land cover class; id is its raster value."""

    id: int
    name: str
    color: str  # "#rrggbb"


@dataclass(frozen=True)
class ModalityStats:
    """What the network expects of one modality, per band: values in `unit`, clipped to [low, high], (x - mean) / std.

    low and high are the 2nd and 98th percentiles of the training data; mean and std are taken after clipping.
    """

    key: str
    bands: Tuple[str, ...]
    unit: str
    low: Tuple[float, ...]
    high: Tuple[float, ...]
    mean: Tuple[float, ...]
    std: Tuple[float, ...]


@dataclass(frozen=True)
class PixelHead:
    """A head that sees the pixels beside what a network makes of them, as strokes train one.

    hidden: units of its hidden layer. base_classes: of the network under it; 0 = there is none, the pixels are all.
    """

    hidden: int
    base_classes: int = 0


@dataclass(frozen=True)
class NetworkSpec:
    """How to build the network: names of registries in `model/nn`; `options` are keyword arguments of the fusion.

    pixels: a head on pixels, too; backbone and fusion are "none" where it stands alone.
    """

    backbone: str
    fusion: str
    head_channels: int = 128
    options: Dict[str, Any] = field(default_factory=dict)
    pixels: Optional[PixelHead] = None


@dataclass(frozen=True)
class Accuracy:
    """Scores of one combination of sensors on one data set; fractions 0..1."""

    data: str
    split: str
    sensors: Tuple[str, ...]
    miou: float
    iou: Dict[str, float] = field(default_factory=dict)
    f1: Dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Calibration:
    """Logits of one combination of sensors are divided by `temperature` before the softmax: classes stay, confidences
    become frequencies."""

    sensors: Tuple[str, ...]
    temperature: float


@dataclass(frozen=True)
class Card:
    """A validated model card. Modalities are in registry order; `gsd` is [min, typical, max] in ground metres.

    caution: a sentence that everyone who uses the model must read, '' for none.
    """

    id: str
    title: str
    classes: Tuple[ClassInfo, ...]
    modalities: Tuple[ModalityStats, ...]
    network: NetworkSpec
    gsd: Tuple[float, float, float]
    tile: int
    weights_file: str
    weights_sha256: str
    trained_on: Tuple[Tuple[str, ...], ...] = ()
    accuracy: Tuple[Accuracy, ...] = ()
    calibration: Tuple[Calibration, ...] = ()
    licence: str = ""
    attribution: str = ""
    description: str = ""
    caution: str = ""
    provenance: Dict[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> Tuple[str, ...]:
        """Modality keys in registry order: the order of every M axis."""
        return tuple(modality.key for modality in self.modalities)

    @property
    def nodata(self) -> int:
        """Raster value for 'no class': 255, or 65535 when an id needs 16 bits."""
        return 255 if max(c.id for c in self.classes) < 255 else 65535

    def stats(self, key: str) -> ModalityStats:
        """Return one modality's row. Raises KeyError."""
        for modality in self.modalities:
            if modality.key == key:
                return modality
        raise KeyError(key)

    def expected(self, sensors: Tuple[str, ...]) -> Optional[Accuracy]:
        """Return the measured accuracy of exactly these sensors, or None: never interpolated."""
        wanted = in_order(sensors)
        return next((row for row in self.accuracy if row.sensors == wanted), None)

    def temperature(self, sensors: Tuple[str, ...]) -> float:
        """Return the temperature of exactly these sensors; 1, which changes nothing, where none was fitted."""
        wanted = in_order(sensors)
        return next((row.temperature for row in self.calibration if row.sensors == wanted), 1.0)


def to_json(card: Card) -> str:
    """Return the text of `card.json`."""
    raw = asdict(card)
    raw["schema"] = SCHEMA
    raw["weights"] = {"file": raw.pop("weights_file"), "sha256": raw.pop("weights_sha256")}
    return json.dumps(raw, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def parse(text: str, where: str) -> Card:
    """Return the card in `text`. `where` names the file in messages. Raises BadModel naming the field that is wrong."""
    try:
        raw = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadModel(f"{where} is not valid JSON ({error}).", "Install the model again.") from None
    reader = _Reader(where)
    root = reader.table(raw, "card")
    schema = root.get("schema")
    if schema != SCHEMA:
        raise BadModel(
            f"{where} has schema {schema!r:.80}; this version reads schema {SCHEMA}.",
            "Update the plugin, or export the model again with a matching version.",
        )
    modalities = _modalities(reader, root)
    keys = [m.key for m in modalities]
    weights = reader.table(root.get("weights"), "weights")
    return Card(
        id=reader.text(root, "id", _ID),
        title=reader.text(root, "title"),
        classes=_classes(reader, root),
        modalities=modalities,
        network=_network(reader, root),
        gsd=_gsd(reader, root),
        tile=_tile(reader, root),
        weights_file=reader.text(weights, "file", _FILE),
        weights_sha256=reader.text(weights, "sha256", _SHA256),
        trained_on=tuple(
            reader.sensors(item, "trained_on", keys) for item in reader.rows(root, "trained_on", 0, 1 << len(keys))
        ),
        accuracy=tuple(_accuracy(reader, item, keys) for item in reader.rows(root, "accuracy", 0, 10_000)),
        calibration=tuple(
            _calibration(reader, item, keys) for item in reader.rows(root, "calibration", 0, 1 << len(keys))
        ),
        licence=reader.note(root, "licence"),
        attribution=reader.note(root, "attribution"),
        description=reader.note(root, "description"),
        caution=reader.sentence(root, "caution"),
        provenance=dict(reader.table(root.get("provenance", {}), "provenance")),
    )


def id_from(name: str) -> str:
    """Return the id of a model of this name; '' where nothing in it may stand in an id."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).lstrip("-._")[:64].rstrip("-._")


def printable(text: str) -> str:
    """Return a name as a card may hold it: what cannot be shown becomes a space."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number a card may hold")


class _Reader:
    """Typed look-ups that raise BadModel with the field's name."""

    def __init__(self, where: str) -> None:
        self.where = where

    def wrong(self, name: str, need: str) -> None:
        raise BadModel(
            f"{self.where}: field '{name}' {need}.", "Install the model again or ask its author for a correct card."
        )

    def table(self, value: Any, name: str) -> Dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(name, f"must be an object, not {type(value).__name__}")
        return value

    def rows(self, table: Dict[str, Any], name: str, least: int, most: int) -> List[Any]:
        value = table.get(name, [])
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.wrong(name, f"must be a list of {least} to {most} entries")
        return value

    def text(self, table: Dict[str, Any], name: str, pattern: Optional[re.Pattern] = None) -> str:
        value = table.get(name)
        if not isinstance(value, str) or not value or len(value) > 10_000:
            self.wrong(name, "must be a text that is not empty")
        if not all(letter.isprintable() or letter in "\n\t" for letter in value):
            self.wrong(name, "holds characters that cannot be shown")
        if pattern is not None and not pattern.match(value):
            self.wrong(name, f"is {value[:80]!r}, which does not have the form {pattern.pattern[:-2]}")
        return value

    def note(self, table: Dict[str, Any], name: str) -> str:
        """Return a text that may be empty or missing."""
        return self.text(table, name) if table.get(name, "") != "" else ""

    def sentence(self, table: Dict[str, Any], name: str) -> str:
        """Return a text of one line that may be empty or missing."""
        value = self.note(table, name)
        if len(value) > MOST_SENTENCE or not value.isprintable():
            self.wrong(name, f"must be one line of at most {MOST_SENTENCE} characters")
        return value

    def integer(self, table: Dict[str, Any], name: str, least: int, most: int, default: Optional[int] = None) -> int:
        value = table.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, f"must be a whole number from {least} to {most}, not {value!r:.80}")
        return value

    def number(self, value: Any, name: str) -> float:
        # the bound first: a whole number of hundreds of digits cannot become a float
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -1e300 < value < 1e300:
            self.wrong(name, f"must be a finite number, not {value!r:.80}")
        return float(value)

    def numbers(self, table: Dict[str, Any], name: str, count: int) -> Tuple[float, ...]:
        value = table.get(name)
        if not isinstance(value, list) or len(value) != count:
            self.wrong(name, f"must be a list of {count} numbers")
        return tuple(self.number(item, name) for item in value)

    def unique(self, values: List[Any], name: str) -> None:
        if len(set(values)) != len(values):
            self.wrong(name, "holds the same value twice")

    def sensors(self, value: Any, name: str, keys: List[str]) -> Tuple[str, ...]:
        if not isinstance(value, list) or not value or any(item not in keys for item in value):
            self.wrong(name, f"must list sensors out of {', '.join(keys)}")
        return in_order(value)


def _classes(reader: _Reader, root: Dict[str, Any]) -> Tuple[ClassInfo, ...]:
    classes = tuple(_class(reader, item, i) for i, item in enumerate(reader.rows(root, "classes", 1, 65535)))
    reader.unique([c.id for c in classes], "classes[].id")
    reader.unique([c.name for c in classes], "classes[].name")
    return classes


def _class(reader: _Reader, item: Any, i: int) -> ClassInfo:
    table = reader.table(item, f"classes[{i}]")
    return ClassInfo(
        id=reader.integer(table, "id", 0, 65534),
        name=reader.text(table, "name"),
        color=reader.text(table, "color", COLOR),
    )


def _modalities(reader: _Reader, root: Dict[str, Any]) -> Tuple[ModalityStats, ...]:
    rows = reader.rows(root, "modalities", 1, len(BY_KEY))
    modalities = tuple(_stats(reader, item, i) for i, item in enumerate(rows))
    keys = [m.key for m in modalities]
    reader.unique(keys, "modalities[].key")
    if tuple(keys) != in_order(keys):
        reader.wrong("modalities", f"must stand in the order {', '.join(in_order(keys))}")
    return modalities


def _stats(reader: _Reader, item: Any, i: int) -> ModalityStats:
    table = reader.table(item, f"modalities[{i}]")
    key = reader.text(table, "key")
    if key not in BY_KEY:
        reader.wrong(f"modalities[{i}].key", f"is {key!r}; known are {', '.join(BY_KEY)}")
    bands = table.get("bands")
    if not isinstance(bands, list) or not 1 <= len(bands) <= 64 or not all(isinstance(b, str) and b for b in bands):
        reader.wrong(f"modalities[{i}].bands", "must list 1 to 64 band names")
    unit = reader.text(table, "unit")
    if unit not in BY_KEY[key].units or UNITS[unit].gain is None:
        reader.wrong(f"modalities[{i}].unit", f"is {unit!r}, which a network for {key} cannot take")
    count = len(bands)
    low, high = reader.numbers(table, "low", count), reader.numbers(table, "high", count)
    std = reader.numbers(table, "std", count)
    if any(a >= b for a, b in zip(low, high)):
        reader.wrong(f"modalities[{i}].low", "must be below 'high' in every band")
    if any(value <= 0 for value in std):
        reader.wrong(f"modalities[{i}].std", "must be above 0 in every band")
    return ModalityStats(key, tuple(bands), unit, low, high, reader.numbers(table, "mean", count), std)


def _gsd(reader: _Reader, root: Dict[str, Any]) -> Tuple[float, float, float]:
    least, typical, most = reader.numbers(root, "gsd", 3)
    if not 0 < least <= typical <= most:
        reader.wrong("gsd", "must be [min, typical, max] in metres, rising and above 0")
    return least, typical, most


def _tile(reader: _Reader, root: Dict[str, Any]) -> int:
    tile = reader.integer(root, "tile", 64, 4096)
    if tile % 32:
        reader.wrong("tile", "must be a multiple of 32")
    return tile


def _network(reader: _Reader, root: Dict[str, Any]) -> NetworkSpec:
    table = reader.table(root.get("network"), "network")
    return NetworkSpec(
        backbone=reader.text(table, "backbone"),
        fusion=reader.text(table, "fusion"),
        head_channels=reader.integer(table, "head_channels", 8, 4096, default=128),
        options=dict(reader.table(table.get("options", {}), "network.options")),
        pixels=_pixel_head(reader, table.get("pixels")),
    )


def _pixel_head(reader: _Reader, item: Any) -> Optional[PixelHead]:
    if item is None:
        return None
    table = reader.table(item, "network.pixels")
    return PixelHead(reader.integer(table, "hidden", 1, 1024), reader.integer(table, "base_classes", 0, 65535))


def _accuracy(reader: _Reader, item: Any, keys: List[str]) -> Accuracy:
    table = reader.table(item, "accuracy[]")
    scores = {}
    for name in ("iou", "f1"):
        pairs = reader.table(table.get(name, {}), f"accuracy[].{name}")
        scores[name] = {str(k): reader.number(v, f"accuracy[].{name}") for k, v in pairs.items()}
    return Accuracy(
        data=reader.text(table, "data"),
        split=reader.text(table, "split"),
        sensors=reader.sensors(table.get("sensors"), "accuracy[].sensors", keys),
        miou=reader.number(table.get("miou"), "accuracy[].miou"),
        iou=scores["iou"],
        f1=scores["f1"],
    )


def _calibration(reader: _Reader, item: Any, keys: List[str]) -> Calibration:
    table = reader.table(item, "calibration[]")
    temperature = reader.number(table.get("temperature"), "calibration[].temperature")
    if not _TEMPERATURES[0] <= temperature <= _TEMPERATURES[1]:
        reader.wrong("calibration[].temperature", f"must lie from {_TEMPERATURES[0]} to {_TEMPERATURES[1]}")
    return Calibration(reader.sensors(table.get("sensors"), "calibration[].sensors", keys), temperature)
