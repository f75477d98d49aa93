"""Which layer is which sensor, as far as names, bands, data types and values tell. Main thread only."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

from qgis.core import Qgis, QgsMapLayer, QgsRasterLayer, QgsRectangle

from .history import run_file
from .i18n import tr, unit_title
from .model.contract.guessing import OTHERS, WORDS, Spread, guess_unit
from .model.contract.job import Outputs
from .model.contract.modality import BY_KEY, KEYS
from .styling import ROLE_PROPERTY

SAMPLE_PX, SAMPLES = 32, (0.5, 0.25, 0.75, 0.1, 0.9)  # small windows: a layer may be large and without overviews

_TYPES = {
    Qgis.DataType.Byte: "uint8",
    Qgis.DataType.UInt16: "uint16",
    Qgis.DataType.Int16: "int16",
    Qgis.DataType.UInt32: "uint32",
    Qgis.DataType.Int32: "int32",
    Qgis.DataType.Float32: "float32",
    Qgis.DataType.Float64: "float64",
    Qgis.DataType.CInt16: "complex64",
    Qgis.DataType.CInt32: "complex64",
    Qgis.DataType.CFloat32: "complex64",
    Qgis.DataType.CFloat64: "complex128",
}
#: Words of a layer's or file's name.
_HEIGHT = {"dsm", "ndsm", "dem", "dom", "ndom", "dhm", "chm", "mns", "mnh", "elevation", "height", "canopy"}
_RADAR = {"sar", "radar", "s1", "s1rtc", "s1grd", "sentinel1", "backscatter", "sigma0", "gamma0", "vv", "vh"}
_INFRARED = {"cir", "irc", "fcir"}  # infrared, red, green
_NOT_DATA = {"label", "labels", "lulc", "mask", "classes", "landcover", "confidence", "trust", "hillshade", "slope"}
#: Colour interpretations by number: their enum has moved between versions of QGIS.
_PALETTE, _ALPHA = 2, 6
_COLOURS = {3: "red", 4: "green", 5: "blue"}
_TOLD = "sgma_told"  # a property of the layer's object: it is in no file, and goes when the layer goes


@dataclass(frozen=True)
class LayerPick:
    """A layer put into a sensor's slot.

    bands: 1-based, empty = chosen by the engine. unit: a key of UNITS, empty = guessed by the engine. why: a sentence
    that says what a guess rests on.
    """

    layer: QgsRasterLayer
    modality: str
    bands: Tuple[int, ...] = ()
    unit: str = ""
    why: str = ""


@dataclass(frozen=True)
class _Found:
    """How well a layer fits a slot; the higher score wins."""

    score: float
    bands: Tuple[int, ...]
    why: str


def guess(layers: Iterable[QgsRasterLayer], keys: Iterable[str] = KEYS) -> Dict[str, LayerPick]:
    """Return the likeliest layer for each of these sensors; the first of equals. Sensors that none fits are left out.

    One file with four bands fills two slots. Layers that are no files are never guessed: a basemap is no sensor. A file
    is looked at once: many of them may lie on a slow drive.
    """
    layers = [layer for layer in layers if layer.isValid() and layer.providerType() == "gdal"]
    picks: Dict[str, LayerPick] = {}
    for key in keys:
        rows = [(layer, found) for layer in layers for found in [_fit(layer, key)] if found is not None]
        if rows:
            layer, found = max(rows, key=lambda row: row[1].score)
            unit = _unit(layer, key, found.bands)
            why = found.why + (" " + tr("Unit: {unit}.").format(unit=unit_title(unit)) if unit else "")
            picks[key] = LayerPick(layer, key, found.bands, unit, why)
    return picks


def is_result(layer: QgsMapLayer) -> bool:
    """Return whether a layer is no input but a result of ours: shown by us, or a file that the run.json beside names.

    A file is looked for by the names that a run in the dock gives: those of others lie anywhere.
    """
    if layer.customProperty(ROLE_PROPERTY):
        return True
    return _once(layer, "result", lambda: _is_named_by_a_run(layer))


@dataclass(frozen=True)
class _Told:
    """What a layer of this source and name was asked, and answered."""

    of: Tuple[str, str]
    answers: Dict[Any, Any] = field(default_factory=dict)


def _once(layer: QgsMapLayer, question: Any, ask: Callable[[], Any]) -> Any:
    """Return a layer's answer, asked for once until it has another source or name."""
    of = (layer.source(), layer.name())
    told = layer.property(_TOLD)
    if told is None or told.of != of:
        told = _Told(of)
        layer.setProperty(_TOLD, told)
    if question not in told.answers:
        told.answers[question] = ask()
    return told.answers[question]


def look_anew(layers: Iterable[QgsMapLayer]) -> None:
    """Forget what was seen of these layers: their files, or what counts as no data in them, may have changed."""
    for layer in layers:
        layer.setProperty(_TOLD, None)


def _fit(layer: QgsRasterLayer, key: str) -> Optional[_Found]:
    return _once(layer, key, lambda: _FITS[key](_Seen(layer)))


def _unit(layer: QgsRasterLayer, key: str, bands: Tuple[int, ...]) -> str:
    return _once(layer, (key, bands), lambda: _Seen(layer).unit(key, bands))


def _is_named_by_a_run(layer: QgsMapLayer) -> bool:
    path = Path(layer.source().split("|")[0])
    if not path.is_absolute() or str(path).startswith("/vsi"):
        return False
    roles = [field.name for field in fields(Outputs)]
    stems = [path.stem, *(path.stem[: -len(role) - 1] for role in roles if path.stem.endswith(f"_{role}"))]
    return any(_names(Path(run_file(str(path.with_name(f"{stem}.tif")))), path.name) for stem in stems if stem)


def _names(run: Path, name: str) -> bool:
    """Return whether a run.json is there and names a file of this name among its outputs."""
    try:
        made = json.loads(run.read_text(encoding="utf-8"))["result"]["outputs"].values()
        return name in [Path(str(file)).name for file in made]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


class _Seen:
    """What a layer tells of itself; its pixels are read only when asked for."""

    def __init__(self, layer: QgsRasterLayer) -> None:
        self.provider = layer.dataProvider()
        self.count = layer.bandCount()
        self.path = self.provider.dataSourceUri().split("|")[0]
        stem = re.split(r"[\\/]", self.path)[-1].rpartition(".")[0]
        self.name = _words(f"{layer.name()} {stem}")
        self.described = [self._described(band) for band in range(1, self.count + 1)]
        colours = [_number(self.provider.colorInterpretation(band)) for band in range(1, self.count + 1)]
        self.colours = [_COLOURS.get(colour, "") for colour in colours]
        self.palette = self.count == 1 and colours[0] == _PALETTE
        self.alpha = [band for band, colour in enumerate(colours, 1) if colour == _ALPHA]
        self.unlikely = self.palette or bool(self.name & _NOT_DATA)

    def dtype(self, band: int) -> str:
        """Return numpy's name of a band's type, '' for one that is none of ours."""
        return _TYPES.get(self.provider.dataType(band), "")

    def band(self, name: str) -> int:
        """Return the band described as a standard one, 0 if none is."""
        wanted = WORDS.get(name, {name})
        for band, text in enumerate(self.described, 1):
            words = _words(text)
            if words & wanted and not words & OTHERS:
                return band
        return 0

    def values(self, band: int) -> List[float]:
        """Return sorted valid values of small windows spread over the layer."""
        extent, width, height = self.provider.extent(), self.provider.xSize(), self.provider.ySize()
        across, down = extent.width() / width, extent.height() / height
        wide, high = min(SAMPLE_PX, width), min(SAMPLE_PX, height)
        found: List[float] = []
        for share in SAMPLES:
            left = extent.xMinimum() + int(share * (width - wide)) * across
            top = extent.yMaximum() - int(share * (height - high)) * down
            window = QgsRectangle(left, top - high * down, left + wide * across, top)
            block = self.provider.block(band, window, wide, high)
            if block.isValid():
                found += [block.value(i) for i in range(wide * high) if not block.isNoData(i)]
        return sorted(found)

    def is_mask(self, band: int) -> bool:
        """Return whether a band holds just 0 and one other value, as far as samples tell."""
        return len({value for value in self.values(band) if value}) <= 1

    def unit(self, key: str, bands: Tuple[int, ...]) -> str:
        """Return the likeliest unit, '' for a type that is none of ours."""
        dtype = self.dtype(bands[0])
        if not dtype:
            return ""
        words = " ".join(self.described[band - 1] for band in bands)
        plain = dtype == "uint8" and BY_KEY[key].kind == "image"
        values = [] if plain or dtype.startswith("complex") else self.values(bands[0])
        spread = Spread(*(values[int(p * (len(values) - 1))] for p in (0.02, 0.5, 0.98, 1.0))) if values else None
        return guess_unit(key, dtype, words, self.path, spread)

    def _described(self, band: int) -> str:
        """Return a band's own description: QGIS puts its number, and a colour in brackets, around it."""
        return re.sub(r"^[^:]*\d+(\s*\(.*\))?\s*:?\s*", "", self.provider.generateBandName(band))


def _rgb(seen: _Seen) -> Optional[_Found]:
    if seen.unlikely or seen.count < 3:
        return None
    bands = tuple(seen.band(name) for name in ("red", "green", "blue"))
    if all(bands) and len(set(bands)) == 3:
        return _Found(3.0, bands, tr("Its bands are described as red, green and blue."))
    if seen.name & _INFRARED or seen.band("nir") in (1, 2, 3):
        return None
    coloured = tuple(seen.colours.index(c) + 1 if c in seen.colours else 0 for c in ("red", "green", "blue"))
    if all(coloured):
        return _Found(2.0, coloured, tr("Its bands are coloured red, green and blue."))
    if seen.count <= 4 and not any(seen.described) and seen.dtype(1) in ("uint8", "uint16") and not _other(seen):
        return _Found(1.0, (1, 2, 3), tr("It has {count} bands without a name.").format(count=seen.count))
    return None


def _nir(seen: _Seen) -> Optional[_Found]:
    if seen.unlikely:
        return None
    band = seen.band("nir")
    if band:
        return _Found(3.0, (band,), tr("Band {band} is described as near infrared.").format(band=band))
    if seen.count == 1 and seen.name & WORDS["nir"]:
        return _Found(2.5, (1,), tr("Its name says near infrared."))
    if seen.count == 3 and seen.name & _INFRARED and not any(seen.described):
        return _Found(2.0, (1,), tr("Its name says infrared, red, green."))
    rgb = _rgb(seen)
    if seen.count == 4 and rgb is not None and 4 not in rgb.bands and not seen.described[3]:
        if 4 in seen.alpha and seen.is_mask(4):
            return None
        return _Found(1.0, (4,), tr("It is the fourth band of a picture."))
    return None


def _dsm(seen: _Seen) -> Optional[_Found]:
    dtype = seen.dtype(1)
    if seen.unlikely or not dtype or dtype.startswith("complex") or seen.name & _RADAR:
        return None
    band = seen.band("height")
    if band:
        above = bool(_words(seen.described[band - 1]) & {"ndsm", "chm"})
        return _Found(3.0 + 0.1 * above, (band,), tr("Band {band} is described as height.").format(band=band))
    if seen.count != 1:
        return None
    named = seen.name & _HEIGHT
    if named and dtype != "uint8":
        above = bool(named & {"ndsm", "ndom", "chm", "mnh", "canopy"})
        return _Found(2.0 + 0.1 * above, (1,), tr("Its name says heights."))
    if dtype.startswith("float") and not any(seen.described) and not seen.name & WORDS["nir"]:
        values = seen.values(1)
        if values and values[0] > -100 and 2 < values[-1] < 9000:
            return _Found(0.5, (1,), tr("It has one band of numbers that may be heights."))
    return None


def _sar(seen: _Seen) -> Optional[_Found]:
    if seen.unlikely or seen.count < 2:
        return None
    bands = (seen.band("vv"), seen.band("vh"))
    if all(bands):
        return _Found(3.0, bands, tr("Its bands are described as VV and VH."))
    if seen.name & _RADAR and not seen.dtype(1).startswith("uint8"):
        return _Found(2.0, (1, 2), tr("Its name says radar."))
    if seen.count == 2 and seen.dtype(1).startswith("float") and not any(seen.described):
        values = seen.values(1)
        if values and -60 < values[len(values) // 2] < 0:
            return _Found(0.5, (1, 2), tr("It has two bands of negative numbers, as decibels are."))
    return None


_FITS = {"rgb": _rgb, "nir": _nir, "dsm": _dsm, "sar": _sar}


def _other(seen: _Seen) -> bool:
    """Return whether the name speaks of another sensor than a camera."""
    return bool(seen.name & (_HEIGHT | _RADAR))


def _number(value: Any) -> int:
    """Return an enum's number, whether it is an int as under Qt 5 or not."""
    return int(getattr(value, "value", value))


def _words(text: str) -> Set[str]:
    return set(re.findall(r"[a-z]+\d*[a-z]*", text.lower()))
