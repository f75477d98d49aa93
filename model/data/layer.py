"""Opening a sensor layer and checking it: bands, units, masks, and whether it can be read at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from rasterio.errors import CRSError, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RioWindow

from ..contract.card import ModalityStats
from ..contract.errors import BadInput
from ..contract.guessing import OTHERS, WORDS
from ..contract.job import Source
from ..contract.modality import BY_KEY, HEIGHT, IMAGE, RADAR, UNITS
from . import crs as crs_tools
from .bands import Choice, choose
from .native import (
    ALPHA,
    MASK,
    Layer,
    NativeReader,
    Seen,
    files_behind,
    layer_name,
    masked_bands,
    open_dataset,
    rescale,
    sample,
    sample_windows,
    unreadable,
    value_type,
)
from .scaling import check_unit, contradiction, empty_border, guess_unit, is_plain, scaling

_POLARISATIONS = {name: {name} for name in ("vv", "vh", "hh", "hv")}


def inspect(
    source: Source, stats: ModalityStats, named: frozenset[int] = frozenset(), ground_block: float = 0
) -> Layer:
    """Open a layer, check it, and fill in what the source leaves open, as `look` does."""
    with open_dataset(source.path, layer_name(source)) as dataset:
        return look(dataset, source, stats, named, ground_block, lambda: None)[0]


def look(
    dataset: DatasetReader,
    source: Source,
    stats: ModalityStats,
    named: frozenset[int],
    ground_block: float,
    check: Callable[[], None],
) -> tuple[Layer, Seen]:
    """Check a layer and fill in what the source leaves open; return it and the windows read for that.

    dataset: the layer's file. named: bands of it that any slot of the job names; they are data, never a mask.
    ground_block: metres; used when the layer is a surface model. check: called between the windows looked at; raises
    when the caller wants to stop. Raises BadInput for anything that cannot be used.
    """
    check_unit(source)
    layer, words = _described(dataset, source, stats, named, check)
    half = layer.always_valid and not layer.rescaled and is_plain(source, stats, layer.dtype)
    values, seen = sample(NativeReader(layer, dataset), half, check)
    return _with_units(layer, stats, words, values, ground_block), seen


def _described(
    dataset: DatasetReader, source: Source, stats: ModalityStats, named: frozenset[int], check: Callable[[], None]
) -> tuple[Layer, str]:
    """Return the layer as far as the file describes itself, and the words it has for its bands."""
    name = layer_name(source)
    choice = choose(dataset, source, stats.bands)
    crs, transform = _position(dataset, name)
    mask, alpha = _mask(dataset, choice.bands, named | set(choice.bands), name, check)
    dtype = value_type(dataset, choice.bands)
    _check_complex(source, dtype, name)
    nodata = tuple(_nodata(dataset, band, source.nodata) for band in choice.bands)
    _check_blocks(dataset, [*choice.bands, *([alpha] if alpha else [])], name, check)
    words = " ".join(
        str(text) for band in choice.bands for text in (dataset.descriptions[band - 1], dataset.units[band - 1]) if text
    )
    note = choice.note if len(choice.bands) > 1 else choice.note.replace("bands", "band", 1)
    picture = BY_KEY[source.modality].kind == HEIGHT and _is_picture(dataset, choice)
    notes = [note] if note and not picture else []
    title = BY_KEY[source.modality].title
    if picture:
        warnings = (f"{title}: {source.path} looks like a picture, not heights{f' ({note})' if note else ''}",)
    else:
        warnings = _misnamed(dataset, source.modality, stats.bands, choice.bands)
    scales, shifts = _own_scale(dataset, choice.bands)
    if scales:
        texts = dict.fromkeys(f"{scale:g} and {shift:g}" for scale, shift in zip(scales, shifts))
        notes.append(f"{title}: scale and offset of the file are applied: {', '.join(texts)}")
    layer = Layer(
        source=replace(source, bands=choice.bands),
        dtype=dtype,
        crs=crs,
        transform=transform,
        width=dataset.width,
        height=dataset.height,
        resolution=crs_tools.pixel_metres(crs, transform, dataset.width, dataset.height),
        nodata=nodata,
        mask=mask,
        alpha_band=alpha,
        scales=scales,
        shifts=shifts,
        files=files_behind(dataset),
        notes=tuple(notes),
        warnings=warnings,
    )
    return layer, words


def _with_units(layer: Layer, stats: ModalityStats, words: str, values: np.ndarray, ground_block: float) -> Layer:
    """Return the layer with unit, gain and offset from values (C,N) all over it, as a NativeReader returns them."""
    notes = layer.notes
    unmarked = layer.kind == IMAGE and not layer.mask and all(value is None for value in layer.nodata)
    border = empty_border(layer.source, values) if unmarked else ""
    dtype, folded = layer.dtype, layer.rescaled and layer.kind == IMAGE
    if folded:
        values = rescale(values, layer.scales, layer.shifts)
    if layer.rescaled:
        dtype = values.dtype.name  # what a camera or a radar stores tells nothing here
    unit = layer.source.unit
    if not unit:
        unit = guess_unit(layer.key, dtype, words, layer.source.path, values)
        notes += (f"{BY_KEY[layer.key].title}: unit guessed: {unit} ({UNITS[unit].title})",)
    source = replace(layer.source, unit=unit)
    scale = scaling(source, stats, values)
    gain, offset = scale.gain, scale.offset
    if folded:
        offset = tuple(g * shift + o for g, shift, o in zip(gain, layer.shifts, offset))
        gain = tuple(g * own for g, own in zip(gain, layer.scales))
    surface = BY_KEY[layer.key].kind == HEIGHT and UNITS[unit].base == "dsm"
    return replace(
        layer,
        source=source,
        gain=gain,
        offset=offset,
        ground_block=ground_block if surface else 0.0,
        notes=notes,
        warnings=tuple(
            text for text in (*layer.warnings, contradiction(source, values), border, scale.warning) if text
        ),
    )


def _is_picture(dataset: DatasetReader, choice: Choice) -> bool:
    """Tell whether a band for heights is called or coloured like one of a picture, or just the first of 8-bit ones."""
    if dataset.count >= 3 and choice.note and {dataset.dtypes[band - 1] for band in choice.bands} <= {"uint8", "int8"}:
        return True
    colours = {"red", "green", "blue"}
    for band in choice.bands:
        named = _called(dataset, band)
        if named & colours or (not named and dataset.colorinterp[band - 1].name in colours):
            return True
    return False


def _misnamed(dataset: DatasetReader, key: str, names: tuple[str, ...], bands: tuple[int, ...]) -> tuple[str, ...]:
    """Return a warning when the file calls bands by another standard name than the slot's `names`."""
    wrong = []
    for name, band in zip(names, bands):
        called = _called(dataset, band)
        if called and name.lower() not in called:
            wrong.append(f"band {band}, described '{dataset.descriptions[band - 1]}', is taken as {name}")
    return (f"{BY_KEY[key].title}: {'; '.join(wrong)}: check --{key}-bands",) if wrong else ()


def _called(dataset: DatasetReader, band: int) -> set[str]:
    """Return the standard bands that a band's description names."""
    words = set(re.findall(r"[a-z]+\d*[a-z]*|\d+", (dataset.descriptions[band - 1] or "").lower()))
    if words & OTHERS:
        return set()
    return {name for name, known in (WORDS | _POLARISATIONS).items() if words & known}


def _position(dataset: DatasetReader, name: str) -> tuple[str, tuple[float, ...]]:
    """Return CRS and transform. Raises BadInput when the file does not say where on earth it lies."""
    try:
        wkt = dataset.crs.to_wkt() if dataset.crs else ""
        usable = bool(wkt) and crs_tools.is_usable(wkt)
    except (CRSError, BadInput):
        usable = False
    if not usable:
        raise BadInput(
            f"{name} has no coordinate reference system.", "Assign one, for example with gdal_edit or in QGIS."
        )
    transform = tuple(dataset.transform)[:6]
    if dataset.transform.is_identity or dataset.transform.is_degenerate:
        raise BadInput(f"{name} has no position on the ground.", "Georeference it first.")
    return wkt, transform


def _own_scale(dataset: DatasetReader, bands: tuple[int, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return scale and offset of each band as the file states them, ((), ()) where they change nothing."""
    pairs = [(float(dataset.scales[band - 1]), float(dataset.offsets[band - 1])) for band in bands]
    pairs = [pair if np.isfinite(pair).all() and pair[0] else (1.0, 0.0) for pair in pairs]  # a scale of 0 says nothing
    if all(pair == (1.0, 0.0) for pair in pairs):
        return (), ()
    return tuple(scale for scale, _ in pairs), tuple(shift for _, shift in pairs)


def _check_complex(source: Source, dtype: str, name: str) -> None:
    """Raise BadInput for complex numbers anywhere but in a radar slot whose unit is complex or open."""
    if not np.issubdtype(np.dtype(dtype), np.complexfloating):
        return
    if BY_KEY[source.modality].kind != RADAR:
        raise BadInput(
            f"{name} holds complex numbers; {BY_KEY[source.modality].title} takes real ones.",
            "Complex radar goes in the SAR slot (--sar).",
        )
    if source.unit not in ("", "complex"):
        raise BadInput(
            f"{name} holds complex numbers; unit '{source.unit}' is one of real numbers.",
            f"Give --units {source.modality}=complex, or no unit.",
        )


def _nodata(dataset: DatasetReader, band: int, override: float | None) -> float | None:
    value = dataset.nodatavals[band - 1] if override is None else override
    return None if value is None else float(value)


def _mask(
    dataset: DatasetReader,
    bands: tuple[int, ...],
    named: frozenset[int],
    name: str,
    check: Callable[[], None],
) -> tuple[str, int]:
    """Return which mask the file has: ('', 0), (MASK, 0) or (ALPHA, band)."""
    if masked_bands(dataset, bands):
        return MASK, 0
    alphas = [band for band, colour in enumerate(dataset.colorinterp, 1) if colour.name == "alpha"]
    for band in alphas:
        if band not in named and _is_mask(dataset, band, name, check):
            return ALPHA, band
    return "", 0


def _is_mask(dataset: DatasetReader, band: int, name: str, check: Callable[[], None]) -> bool:
    """Tell whether a band holds just 0 and its maximum, in windows spread over the file.

    Near infrared flagged alpha and the soft rims of drawn images do not.
    """
    top = None
    for window in sample_windows(dataset.width, dataset.height):
        check()
        rio = RioWindow(window.col, window.row, window.width, window.height)
        try:
            found = np.unique(dataset.read(band, window=rio))
        except RasterioError as error:
            raise unreadable(name, error) from None
        above = found[found != 0]
        if above.size > 1 or (above.size and top is not None and above[0] != top):
            return False
        top = above[0] if above.size else top
    return True


def _check_blocks(dataset: DatasetReader, bands: list[int], name: str, check: Callable[[], None]) -> None:
    """Read the first, middle and last block of each band: a truncated file opens and fails only here."""
    for band in bands:
        for window in _probe_windows(dataset, band):
            check()
            try:
                dataset.read(band, window=window)
            except RasterioError as error:
                raise unreadable(name, error) from None


def _probe_windows(dataset: DatasetReader, band: int) -> Iterator[RioWindow]:
    rows, columns = dataset.block_shapes[band - 1]
    last_row, last_column = (dataset.height - 1) // rows, (dataset.width - 1) // columns
    for i, j in {(0, 0), (last_row // 2, last_column // 2), (last_row, last_column)}:
        height, width = min(rows, dataset.height - i * rows), min(columns, dataset.width - j * columns)
        # A file may be one giant block: its last rows are enough to fail.
        yield RioWindow(j * columns, i * rows + max(height - 512, 0), width, min(height, 512))
